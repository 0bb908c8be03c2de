/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.c - the token state machine and the line; see queue.h. `go` is the only place that
 * changes a token's state. */
#include "backend/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "backend/events.h"
#include "backend/ist.h"
#include "backend/person.h"

/* Room between neighbours in the line, so that a missed token fits in without moving others. */
#define ORD_GAP 1024

static const char *const state_names[] = {
    [TOKEN_WAITING] = "WAITING",
    [TOKEN_CALLED] = "CALLED",
    [TOKEN_IN_CONSULT] = "IN_CONSULT",
    [TOKEN_USED] = "USED",
    [TOKEN_MISSED] = "MISSED",
    [TOKEN_EXPIRED] = "EXPIRED",
    [TOKEN_CANCELLED] = "CANCELLED",
};
#define N_STATES (sizeof state_names / sizeof state_names[0])

#define TO(s) (1u << TOKEN_##s)
static const unsigned allowed[N_STATES] = {
    [TOKEN_WAITING] = TO(CALLED) | TO(CANCELLED) | TO(EXPIRED),
    [TOKEN_CALLED] = TO(IN_CONSULT) | TO(MISSED) | TO(CANCELLED) | TO(EXPIRED),
    [TOKEN_IN_CONSULT] = TO(USED) | TO(CALLED),
    [TOKEN_USED] = 0,
    [TOKEN_MISSED] = TO(WAITING) | TO(EXPIRED),
    [TOKEN_EXPIRED] = 0,
    [TOKEN_CANCELLED] = 0,
};

const char *token_state_name(enum token_state s)
{
	return state_names[s];
}

static enum token_state state_parse(const char *name)
{
	size_t i = 0;

	while (i < N_STATES - 1 && strcmp(name, state_names[i]))
		i++;
	return (enum token_state)i;
}

static void bind_time(sqlite3_stmt *st, int at, int64_t ms)
{
	if (ms > 0)
		db_bind_int(st, at, ms);
}

static void go(struct queue *q, struct token *t, enum token_state to, int64_t now_ms)
{
	enum token_state from = t->state;
	sqlite3_stmt *st;

	if (!(allowed[from] & 1u << to)) {
		db_fail(q->db, "a token was to go where its state does not lead");
		return;
	}
	switch (to) {
	case TOKEN_WAITING:
		t->called_at = 0;
		break;
	case TOKEN_CALLED:
		if (from == TOKEN_WAITING)
			t->called_at = now_ms;
		t->consult_at = 0;
		break;
	case TOKEN_IN_CONSULT:
		t->consult_at = now_ms;
		break;
	case TOKEN_MISSED:
		t->missed++;
		break;
	case TOKEN_USED:
	case TOKEN_EXPIRED:
	case TOKEN_CANCELLED:
		t->ended_at = now_ms;
		break;
	}
	t->state = to;
	st = db_use(q->db, SQL_TOKEN_GO);
	db_bind_int(st, 1, t->token_id);
	db_bind_text(st, 2, state_names[from]);
	db_bind_text(st, 3, state_names[to]);
	bind_time(st, 4, t->called_at);
	bind_time(st, 5, t->consult_at);
	bind_time(st, 6, t->ended_at);
	db_bind_int(st, 7, t->missed);
	db_run(q->db, st);
	if (!db_failed(q->db) && db_changes(q->db) != 1)
		db_fail(q->db, "a token was not in the state it was read in");
	st = db_use(q->db, SQL_TOKEN_LOG);
	db_bind_int(st, 1, t->token_id);
	db_bind_int(st, 2, now_ms);
	db_bind_text(st, 3, state_names[from]);
	db_bind_text(st, 4, state_names[to]);
	db_run(q->db, st);
}

/* ---- reading ---- */

static void token_read(sqlite3_stmt *st, struct token *t)
{
	char state[16];

	t->token_id = sqlite3_column_int64(st, 0);
	db_col_text(st, 1, t->service, sizeof t->service);
	t->day = sqlite3_column_int64(st, 2);
	t->number = sqlite3_column_int64(st, 3);
	t->patient_id = sqlite3_column_int64(st, 4);
	db_col_text(st, 5, t->msisdn, sizeof t->msisdn);
	db_col_text(st, 6, t->mode, sizeof t->mode);
	db_col_text(st, 7, state, sizeof state);
	t->state = state_parse(state);
	t->ord = sqlite3_column_int64(st, 8);
	t->told = sqlite3_column_int64(st, 9);
	t->missed = sqlite3_column_int64(st, 10);
	t->issued_at = sqlite3_column_int64(st, 11);
	t->valid_until = sqlite3_column_int64(st, 12);
	t->called_at = sqlite3_column_int64(st, 13);
	t->consult_at = sqlite3_column_int64(st, 14);
	t->ended_at = sqlite3_column_int64(st, 15);
	t->closing_at = sqlite3_column_type(st, 16) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, 16);
}

static bool token_one(struct queue *q, sqlite3_stmt *st, struct token *t)
{
	if (!db_row(q->db, st))
		return false;
	token_read(st, t);
	db_done(st);
	return true;
}

/* The waiting token with n others before it. */
static bool line_nth(struct queue *q, const char *service, int64_t n, struct token *t)
{
	sqlite3_stmt *st = db_use(q->db, SQL_QUEUE_NTH);

	db_bind_text(st, 1, service);
	db_bind_int(st, 2, n);
	return token_one(q, st, t);
}

static int64_t line_ahead(struct queue *q, const struct token *t, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(q->db, SQL_QUEUE_AHEAD);
	int64_t ahead;

	db_bind_text(st, 1, t->service);
	db_bind_int(st, 2, t->ord);
	ahead = db_int(q->db, st, 0);
	if (t->day <= ist_day(now_ms))
		return ahead;
	/* For a later day: today's leftovers will have gone by then. */
	st = db_use(q->db, SQL_QUEUE_EARLIER);
	db_bind_text(st, 1, t->service);
	db_bind_int(st, 2, t->day);
	db_bind_int(st, 3, t->ord);
	return ahead - db_int(q->db, st, 0);
}

static struct queue_place place_at(struct queue *q, const char *service, int64_t ahead, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, service, now_ms);

	return (struct queue_place){ahead, ahead + 1, ahead * (rules ? rules->minutes_per_patient : 0)};
}

struct queue_place queue_place(struct queue *q, const struct token *t, int64_t now_ms)
{
	return place_at(q, t->service, line_ahead(q, t, now_ms), now_ms);
}

enum queue_rc queue_get(struct queue *q, int64_t token_id, struct token *out)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_GET);

	db_bind_int(st, 1, token_id);
	return token_one(q, st, out) ? QUEUE_OK : QUEUE_NO_TOKEN;
}

enum queue_rc queue_current(struct queue *q, const char *service, const char *msisdn,
    int64_t patient_id, int days_back, int64_t now_ms, struct token *out)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_CURRENT);

	db_bind_text(st, 1, msisdn);
	db_bind_text(st, 2, service);
	db_bind_int(st, 3, ist_day(now_ms) - days_back);
	db_bind_int(st, 4, patient_id);
	return token_one(q, st, out) ? QUEUE_OK : QUEUE_NO_TOKEN;
}

enum queue_rc queue_other(struct queue *q, const char *service, const char *msisdn, struct token *out)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_OTHERS);

	db_bind_text(st, 1, msisdn);
	db_bind_text(st, 2, service);
	return token_one(q, st, out) ? QUEUE_OK : QUEUE_NO_TOKEN;
}

int queue_live(struct queue *q, const char *msisdn, struct token *out, int max)
{
	sqlite3_stmt *st = db_use(q->db, SQL_PERSON_LIVE);
	int n = 0;

	db_bind_text(st, 1, msisdn);
	db_bind_int(st, 2, max);
	while (n < max && db_row(q->db, st))
		token_read(st, &out[n++]);
	db_done(st);
	return n;
}

/* ---- events ---- */

/* Somebody asked for a patient who has a number of his own: it hears that the turn came and that the
 * prescription is there. No name: the number may be a stranger's. */
static void tell_own_number(struct queue *q, const struct token *t, const char *type, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);
	bool is_called = !strcmp(type, "token.called");
	sqlite3_stmt *st;
	char phone[FIELD_MSISDN_CAP] = "";

	if (!is_called && strcmp(type, "prescription.ready"))
		return;
	st = db_use(q->db, SQL_PERSON_PHONE);
	db_bind_int(st, 1, t->patient_id);
	if (db_row(q->db, st))
		db_col_text(st, 0, phone, sizeof phone);
	db_done(st);
	if (*phone)
		events_add(q->db, is_called ? "proxy.called" : "proxy.prescription",
		    rules ? rules->parent : t->service, phone, now_ms,
		    json_pack("{s:I, s:s}", "token", (json_int_t)t->number, "tail",
			t->msisdn + strlen(t->msisdn) - 4));
}

static void tell(struct queue *q, const struct token *t, const char *type, int64_t now_ms, json_t *more)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);
	json_t *data = json_pack("{s:I, s:I}", "token", (json_int_t)t->number, "patient_id",
	    (json_int_t)t->patient_id);

	if (rules && rules->speciality)
		json_object_set_new(data, "speciality", json_string(rules->speciality));
	json_object_update(data, more);
	json_decref(more);
	tell_own_number(q, t, type, now_ms);
	if (person_is_wrong(q->db, t->patient_id, t->msisdn))
		json_decref(data);
	else
		events_add(q->db, type, rules ? rules->parent : t->service, t->msisdn, now_ms, data);
}

static json_t *place_json(struct queue_place p)
{
	return json_pack("{s:I, s:I, s:I}", "ahead", (json_int_t)p.ahead, "position",
	    (json_int_t)p.position, "wait_minutes", (json_int_t)p.wait_minutes);
}

static void set_told(struct queue *q, const struct token *t, int64_t ahead)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_TOLD);

	db_bind_int(st, 1, t->token_id);
	db_bind_int(st, 2, ahead);
	db_run(q->db, st);
}

/* The line has moved: tell those who now stand at a threshold and were not told so last. */
static void line_moved(struct queue *q, const char *service, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, service, now_ms);
	struct token t;

	/* Outside the hours nobody is called, and the line moves only because tokens end. */
	if (!rules || (!rules_is_open(rules, now_ms) && !rules->is_called_outside))
		return;
	for (size_t i = 0; i < rules->n_thresholds; i++) {
		int64_t ahead = rules->thresholds[i];

		if (!line_nth(q, service, ahead, &t) || t.told == ahead)
			continue;
		set_told(q, &t, ahead);
		tell(q, &t, "queue.position", now_ms, place_json(place_at(q, service, ahead, now_ms)));
	}
}

/* ---- issue ---- */

static int64_t number_next(struct queue *q, const char *service, int64_t day)
{
	sqlite3_stmt *st = db_use(q->db, SQL_NUMBER_NEXT);

	db_bind_text(st, 1, service);
	db_bind_int(st, 2, day);
	return db_int(q->db, st, 0);
}

static int64_t line_end_ord(struct queue *q, const char *service)
{
	sqlite3_stmt *st = db_use(q->db, SQL_QUEUE_LAST_ORD);

	db_bind_text(st, 1, service);
	return db_int(q->db, st, 0) + ORD_GAP;
}

static void token_insert(struct queue *q, struct token *t)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_NEW);

	db_bind_text(st, 1, t->service);
	db_bind_int(st, 2, t->day);
	db_bind_int(st, 3, t->number);
	db_bind_int(st, 4, t->patient_id);
	db_bind_text(st, 5, t->msisdn);
	db_bind_text(st, 6, t->mode);
	db_bind_text(st, 7, state_names[t->state]);
	db_bind_int(st, 8, t->ord);
	db_bind_int(st, 9, t->told);
	db_bind_int(st, 10, t->issued_at);
	db_bind_int(st, 11, t->valid_until);
	bind_time(st, 12, t->closing_at);
	db_run(q->db, st);
	t->token_id = db_last_id(q->db);
}

enum queue_rc queue_issue(struct queue *q, const struct service_rules *rules, int64_t patient_id,
    const char *msisdn, const char *mode, int64_t now_ms, struct token *out)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_LIVE_OF_PATIENT);
	struct token t = {.patient_id = patient_id, .state = TOKEN_WAITING, .issued_at = now_ms};

	db_bind_int(st, 1, patient_id);
	db_bind_text(st, 2, rules->service);
	if (token_one(q, st, out))
		return QUEUE_EXISTING;
	t.day = rules_issue_day(rules, now_ms);
	if (t.day < 0 || queue_is_closed(q, rules->service, t.day))
		return QUEUE_CLOSED;
	snprintf(t.service, sizeof t.service, "%s", rules->service);
	snprintf(t.msisdn, sizeof t.msisdn, "%s", msisdn);
	snprintf(t.mode, sizeof t.mode, "%s", mode);
	t.number = number_next(q, t.service, t.day);
	t.valid_until = rules_valid_until_ms(rules, rules_valid_from_ms(rules, t.day, now_ms));
	t.closing_at = rules_closing_ms(rules, t.day, t.valid_until);
	t.ord = line_end_ord(q, t.service);
	t.told = line_ahead(q, &t, now_ms); /* the answer to the request says it */
	token_insert(q, &t);
	*out = t;
	return QUEUE_OK;
}

/* ---- the person's acts ---- */

enum queue_rc queue_cancel(struct queue *q, struct token *t, int64_t now_ms)
{
	bool was_waiting = t->state == TOKEN_WAITING;

	if (!was_waiting && t->state != TOKEN_CALLED)
		return QUEUE_WRONG_STATE;
	go(q, t, TOKEN_CANCELLED, now_ms);
	if (was_waiting)
		line_moved(q, t->service, now_ms);
	return QUEUE_OK;
}

static bool is_within_grace(struct queue *q, const struct token *t, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);

	return rules && now_ms < t->consult_at + rules->reconnect_grace_s * 1000;
}

enum queue_rc queue_patient_call(struct queue *q, struct token *t, int64_t now_ms)
{
	switch (t->state) {
	case TOKEN_CALLED:
		go(q, t, TOKEN_IN_CONSULT, now_ms);
		return QUEUE_OK;
	case TOKEN_WAITING:
		return QUEUE_NOT_TURN;
	case TOKEN_IN_CONSULT:
		/* The line dropped and the person tries again: the token is not consumed yet. */
		return is_within_grace(q, t, now_ms) ? QUEUE_OK : QUEUE_USED;
	case TOKEN_USED:
		return QUEUE_USED;
	case TOKEN_EXPIRED:
		return QUEUE_GONE;
	case TOKEN_CANCELLED:
	case TOKEN_MISSED:
		break;
	}
	return QUEUE_NO_TOKEN;
}

/* ---- the desk's acts ---- */

enum queue_rc queue_call_next(struct queue *q, const char *service, int64_t now_ms, struct token *out)
{
	const struct service_rules *rules = rules_find(q->rules, service, now_ms);
	char until[IST_TEXT_CAP];

	if ((rules && !rules->is_called_outside && !rules_is_open(rules, now_ms)) ||
	    queue_is_closed(q, service, ist_day(now_ms)))
		return QUEUE_CLOSED;
	if (!line_nth(q, service, 0, out) || out->day > ist_day(now_ms))
		return QUEUE_EMPTY;
	go(q, out, TOKEN_CALLED, now_ms);
	tell(q, out, "token.called", now_ms,
	    json_pack("{s:s, s:s}", "mode", out->mode, "valid_until",
		ist_text(out->valid_until - 1, until, sizeof until)));
	line_moved(q, service, now_ms);
	return QUEUE_OK;
}

/* Behind the current head: between it and the one after it. */
static int64_t ord_behind_head(struct queue *q, const char *service)
{
	struct token head, second;
	sqlite3_stmt *st;

	if (!line_nth(q, service, 0, &head))
		return ORD_GAP;
	if (!line_nth(q, service, 1, &second))
		return head.ord + ORD_GAP;
	if (second.ord - head.ord < 2) {
		st = db_use(q->db, SQL_QUEUE_MAKE_ROOM);
		db_bind_text(st, 1, service);
		db_bind_int(st, 2, head.ord);
		db_bind_int(st, 3, ORD_GAP);
		db_run(q->db, st);
		second.ord += ORD_GAP;
	}
	return head.ord + (second.ord - head.ord) / 2;
}

static void set_ord(struct queue *q, struct token *t, int64_t ord)
{
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_ORD);

	t->ord = ord;
	db_bind_int(st, 1, t->token_id);
	db_bind_int(st, 2, ord);
	db_run(q->db, st);
}

static void expire(struct queue *q, struct token *t, const char *reason, int64_t now_ms)
{
	go(q, t, TOKEN_EXPIRED, now_ms);
	tell(q, t, "token.expired", now_ms, json_pack("{s:s}", "reason", reason));
}

enum queue_rc queue_missed(struct queue *q, struct token *t, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);
	int64_t max = rules ? rules->missed_turn_max : 0;
	struct queue_place p;
	json_t *more;

	if (t->state != TOKEN_CALLED)
		return QUEUE_WRONG_STATE;
	go(q, t, TOKEN_MISSED, now_ms);
	if (t->missed > max) {
		expire(q, t, "missed-too-often", now_ms);
		return QUEUE_OK;
	}
	set_ord(q, t, ord_behind_head(q, t->service));
	go(q, t, TOKEN_WAITING, now_ms);
	p = queue_place(q, t, now_ms);
	t->told = p.ahead;
	set_told(q, t, p.ahead);
	more = place_json(p);
	json_object_set_new(more, "chances_left", json_integer(max - t->missed));
	tell(q, t, "token.missed", now_ms, more);
	line_moved(q, t->service, now_ms);
	return QUEUE_OK;
}

enum queue_rc queue_reconnect(struct queue *q, struct token *t, int64_t now_ms)
{
	if (t->state == TOKEN_CALLED)
		return QUEUE_OK; /* pressed twice */
	if (t->state != TOKEN_IN_CONSULT)
		return QUEUE_WRONG_STATE;
	if (!is_within_grace(q, t, now_ms))
		return QUEUE_TOO_LATE;
	go(q, t, TOKEN_CALLED, now_ms);
	return QUEUE_OK;
}

int64_t queue_rx_ref(struct queue *q, int64_t token_id)
{
	sqlite3_stmt *st = db_use(q->db, SQL_RX_GET);

	db_bind_int(st, 1, token_id);
	return db_int(q->db, st, 0);
}

/* A member collects his medicine at his own wellness centre. */
static void add_centre(struct queue *q, const struct token *t, int64_t now_ms, json_t *data)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);
	sqlite3_stmt *st = db_use(q->db, SQL_MEMBER_CENTRE);

	db_bind_int(st, 1, t->patient_id);
	db_bind_text(st, 2, rules ? rules->parent : t->service);
	if (!db_row(q->db, st))
		return;
	json_object_set_new(data, "centre",
	    json_pack("{s:s, s:s}", "hi", sqlite3_column_text(st, 0), "en",
		sqlite3_column_text(st, 1)));
	db_done(st);
}

static int64_t prescribe(struct queue *q, const struct token *t, int64_t now_ms)
{
	sqlite3_stmt *st;
	json_t *more;
	int64_t ref;
	char text[24];

	st = db_use(q->db, SQL_RX_NEW);
	db_bind_int(st, 1, t->token_id);
	db_bind_int(st, 2, now_ms);
	db_run(q->db, st);
	ref = db_last_id(q->db);
	snprintf(text, sizeof text, "%lld", (long long)ref);
	more = json_pack("{s:s}", "ref", text);
	add_centre(q, t, now_ms, more);
	tell(q, t, "prescription.ready", now_ms, more);
	return ref;
}

enum queue_rc queue_used(struct queue *q, struct token *t, bool is_prescribed, int64_t now_ms,
    int64_t *rx_ref)
{
	int64_t ref;

	/* The doctor may have rung the person himself: then there was no patient_call. */
	if (t->state == TOKEN_CALLED)
		go(q, t, TOKEN_IN_CONSULT, now_ms);
	if (t->state == TOKEN_IN_CONSULT)
		go(q, t, TOKEN_USED, now_ms);
	if (t->state != TOKEN_USED)
		return QUEUE_WRONG_STATE;
	ref = queue_rx_ref(q, t->token_id);
	if (is_prescribed && ref == 0)
		ref = prescribe(q, t, now_ms);
	if (rx_ref)
		*rx_ref = ref;
	return QUEUE_OK;
}

/* ---- time ---- */

int64_t queue_next_due_ms(struct queue *q)
{
	return db_int(q->db, db_use(q->db, SQL_QUEUE_NEXT_DUE), -1);
}

static void tick_one(struct queue *q, struct token *t, int64_t now_ms)
{
	bool was_waiting = t->state == TOKEN_WAITING;

	if (t->state == TOKEN_IN_CONSULT) {
		go(q, t, TOKEN_USED, now_ms);
		return;
	}
	/* Who heard at closing that the day is over need not hear it again at midnight. */
	expire(q, t, t->closing_at == 0 ? "told-at-closing" : "validity-over", now_ms);
	if (was_waiting)
		line_moved(q, t->service, now_ms);
}

/* The token stays till the end of its day, but nobody will be called any more. */
/* from_ms: from when on the next opening is looked for. */
static void tell_closing(struct queue *q, const struct token *t, int64_t from_ms, int64_t now_ms)
{
	const struct service_rules *rules = rules_find(q->rules, t->service, now_ms);
	sqlite3_stmt *st = db_use(q->db, SQL_TOKEN_TOLD_CLOSING);
	int64_t next = rules ? rules_next_open_ms(rules, from_ms) : -1;
	char text[IST_TEXT_CAP];
	json_t *more = json_object();

	db_bind_int(st, 1, t->token_id);
	db_run(q->db, st);
	if (next >= 0)
		json_object_set_new(more, "next_open", json_string(ist_text(next, text, sizeof text)));
	tell(q, t, "consultation.closing", now_ms, more);
}

static int read_due(struct queue *q, enum sql_id id, int64_t now_ms, struct token *due, int max)
{
	sqlite3_stmt *st = db_use(q->db, id);
	int n = 0;

	db_bind_int(st, 1, now_ms);
	db_bind_int(st, 2, max);
	while (n < max && db_row(q->db, st))
		token_read(st, &due[n++]);
	db_done(st);
	return n;
}

/* The line ends from its tail, so that nobody is told of a better place he is about to lose. */
int queue_tick(struct queue *q, int64_t now_ms, int max)
{
	struct token *due = xcalloc((size_t)max, sizeof *due);
	int n = read_due(q, SQL_QUEUE_CLOSING, now_ms, due, max), told = n;

	for (int i = 0; i < n; i++)
		tell_closing(q, &due[i], now_ms, now_ms);
	n = n < max ? read_due(q, SQL_QUEUE_DUE, now_ms, due, max - told) : 0;
	for (int i = 0; i < n; i++)
		tick_one(q, &due[i], now_ms);
	free(due);
	return db_failed(q->db) ? 0 : n + told;
}

static sqlite3_stmt *use_day(struct queue *q, enum sql_id id, const char *service, int64_t day)
{
	sqlite3_stmt *st = db_use(q->db, id);

	db_bind_text(st, 1, service);
	db_bind_int(st, 2, day);
	return st;
}

bool queue_is_closed(struct queue *q, const char *service, int64_t day)
{
	return db_int(q->db, use_day(q, SQL_DESK_IS_CLOSED, service, day), 0) == 1;
}

int queue_close(struct queue *q, const char *service, int64_t now_ms)
{
	int64_t today = ist_day(now_ms);
	sqlite3_stmt *st = use_day(q, SQL_DESK_CLOSE, service, today);
	struct token t;
	int n = 0;

	db_bind_int(st, 3, now_ms);
	db_run(q->db, st);
	for (; token_one(q, use_day(q, SQL_QUEUE_TAIL, service, today), &t); n++) {
		tell_closing(q, &t, ist_day_start_ms(today + 1), now_ms);
		expire(q, &t, "told-at-closing", now_ms);
	}
	return n;
}

void queue_reopen(struct queue *q, const char *service, int64_t now_ms)
{
	db_run(q->db, use_day(q, SQL_DESK_REOPEN, service, ist_day(now_ms)));
}

/* ---- lists ---- */

struct queue_counts queue_counts(struct queue *q, const char *service)
{
	struct queue_counts c = {0};
	sqlite3_stmt *st = db_use(q->db, SQL_QUEUE_COUNTS);

	db_bind_text(st, 1, service);
	if (db_row(q->db, st)) {
		c.waiting = sqlite3_column_int64(st, 0);
		c.called = sqlite3_column_int64(st, 1);
		c.in_consult = sqlite3_column_int64(st, 2);
	}
	db_done(st);
	return c;
}

void queue_list(struct queue *q, const char *service, int max, queue_list_fn *fn, void *arg)
{
	sqlite3_stmt *st = db_use(q->db, SQL_QUEUE_LIST);
	struct token t;

	db_bind_text(st, 1, service);
	db_bind_int(st, 2, max);
	while (db_row(q->db, st)) {
		token_read(st, &t);
		fn(&t, arg);
	}
}
