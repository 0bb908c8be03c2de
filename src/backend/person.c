/* SPDX-License-Identifier: BSD-2-Clause */
/* person.c - consent, withdrawal, erasure, wrong numbers and asking for others; see person.h. */
#include "backend/person.h"

#include <string.h>

#include "backend/events.h"
#include "backend/ist.h"
#include "backend/niramaya.h"

/* More live tokens than the services of one phone ever hold; a second round finds what is left. */
#define LIVE_MAX 32
#define PEOPLE_MAX 64

void person_consent_add(struct db *d, const struct consent_act *a, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_CONSENT_NEW);

	db_bind_text(st, 1, a->msisdn);
	db_bind_int(st, 2, a->patient_id);
	db_bind_text(st, 3, a->service);
	db_bind_text(st, 4, a->act);
	db_bind_text(st, 5, a->version);
	db_bind_text(st, 6, a->channel);
	db_bind_text(st, 7, a->lang);
	db_bind_int(st, 8, now_ms);
	db_run(d, st);
}

static int64_t ask_number(struct db *d, enum sql_id id, const char *msisdn, int64_t more)
{
	sqlite3_stmt *st = db_use(d, id);

	db_bind_text(st, 1, msisdn);
	if (more > 0)
		db_bind_int(st, 2, more);
	return db_int(d, st, 0);
}

static void run_number(struct db *d, enum sql_id id, const char *msisdn)
{
	sqlite3_stmt *st = db_use(d, id);

	db_bind_text(st, 1, msisdn);
	db_run(d, st);
}

static void run_patient(struct db *d, enum sql_id id, int64_t patient_id)
{
	sqlite3_stmt *st = db_use(d, id);

	db_bind_int(st, 1, patient_id);
	db_run(d, st);
}

bool person_is_withdrawn(struct db *d, const char *msisdn)
{
	return ask_number(d, SQL_WITHDRAWN_GET, msisdn, 0) > 0;
}

bool person_is_wrong(struct db *d, int64_t patient_id, const char *msisdn)
{
	return ask_number(d, SQL_WRONG_GET, msisdn, patient_id) > 0;
}

bool person_is_marked(struct db *d, int64_t patient_id)
{
	sqlite3_stmt *st = db_use(d, SQL_WRONG_OF_PATIENT);

	db_bind_int(st, 1, patient_id);
	return db_int(d, st, 0) > 0;
}

void person_back(struct db *d, int64_t patient_id, const char *msisdn)
{
	sqlite3_stmt *st = db_use(d, SQL_WRONG_END);

	db_bind_text(st, 1, msisdn);
	db_bind_int(st, 2, patient_id);
	db_run(d, st);
	run_number(d, SQL_WITHDRAWN_END, msisdn);
}

struct person_counts person_counts(struct db *d, const char *msisdn)
{
	sqlite3_stmt *st = db_use(d, SQL_PERSON_COUNTS);
	struct person_counts c = {0};

	db_bind_text(st, 1, msisdn);
	if (db_row(d, st)) {
		c.people = sqlite3_column_int64(st, 0);
		c.others = sqlite3_column_int64(st, 1);
		c.by_others = sqlite3_column_int64(st, 2);
		c.complaints = sqlite3_column_int64(st, 3);
		c.scheme = sqlite3_column_int64(st, 4);
	}
	db_done(st);
	return c;
}

static int give_back(struct queue *q, const char *msisdn, int64_t now_ms)
{
	struct token live[LIVE_MAX];
	int n = queue_live(q, msisdn, live, LIVE_MAX), given = 0;

	for (int i = 0; i < n; i++)
		given += queue_cancel(q, &live[i], now_ms) == QUEUE_OK;
	return given;
}

/* What the bridge keeps for its time was told to it before the person decided. */
static void drop_reminders(struct queue *q, const char *msisdn, int64_t now_ms)
{
	static const char *const keys[] = {"application", "renewal", "claim"};
	struct nir_application a;

	for (size_t i = 0; i < 3 && nir_latest(q->db, msisdn, false, &a); i++)
		events_cancel(q->db, "niramaya", msisdn, keys[i], now_ms);
}

int person_withdraw(struct queue *q, const char *msisdn, int64_t now_ms)
{
	sqlite3_stmt *st;
	int given = give_back(q, msisdn, now_ms);

	run_number(q->db, SQL_PERSON_DROP_EVENTS, msisdn);
	drop_reminders(q, msisdn, now_ms);
	st = db_use(q->db, SQL_WITHDRAWN_NEW);
	db_bind_text(st, 1, msisdn);
	db_bind_int(st, 2, now_ms);
	db_run(q->db, st);
	return given;
}

static int patients_of(struct db *d, enum sql_id id, const char *msisdn, int64_t *out)
{
	sqlite3_stmt *st = db_use(d, id);
	int n = 0;

	db_bind_text(st, 1, msisdn);
	while (n < PEOPLE_MAX && db_row(d, st))
		out[n++] = sqlite3_column_int64(st, 0);
	db_done(st);
	return n;
}

/* Who had a token stays as a row without name and number, so that the queue's numbers of the day and
 * the clinic's counts stay right; who had none goes whole. */
static void erase_patient(struct db *d, int64_t patient_id)
{
	run_patient(d, SQL_ERASE_REGISTRATIONS, patient_id);
	run_patient(d, SQL_ERASE_MEMBER, patient_id);
	run_patient(d, SQL_ERASE_WRONG, patient_id);
	run_patient(d, SQL_ERASE_ANSWERS, patient_id);
	run_patient(d, SQL_ERASE_TOKENS, patient_id);
	run_patient(d, SQL_ERASE_PATIENT_BARE, patient_id);
	run_patient(d, SQL_ERASE_PATIENT_NAME, patient_id);
}

int person_erase(struct queue *q, const char *msisdn, int64_t now_ms, int *tokens)
{
	int64_t id[PEOPLE_MAX];
	struct token live[LIVE_MAX];
	int n = queue_live(q, msisdn, live, LIVE_MAX), people = 0;

	for (int i = 0; i < n; i++)
		if (live[i].state == TOKEN_IN_CONSULT)
			return -1;
	*tokens = give_back(q, msisdn, now_ms);
	do {
		n = patients_of(q->db, SQL_PERSON_PATIENTS, msisdn, id);
		for (int i = 0; i < n; i++)
			erase_patient(q->db, id[i]);
		people += n;
	} while (n == PEOPLE_MAX && !db_failed(q->db));
	run_number(q->db, SQL_ERASE_DESK_ANSWERS, msisdn);
	run_number(q->db, SQL_ERASE_PHONE, msisdn);
	run_number(q->db, SQL_ERASE_WRONG_NUMBER, msisdn);
	run_number(q->db, SQL_ERASE_CONSENT, msisdn);
	run_number(q->db, SQL_ERASE_EVENTS, msisdn);
	run_number(q->db, SQL_ERASE_GRIEVANCES, msisdn);
	run_number(q->db, SQL_WITHDRAWN_END, msisdn);
	drop_reminders(q, msisdn, now_ms);
	return people;
}

/* The asker hears of it: his messages come as before, but the number he typed is another's. */
static void tell_asker(struct queue *q, int64_t patient_id, const char *msisdn, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(q->db, SQL_PERSON_ASKER);
	char asker[FIELD_MSISDN_CAP] = "", service[FIELD_SERVICE_CAP];

	db_bind_int(st, 1, patient_id);
	if (db_row(q->db, st)) {
		db_col_text(st, 0, asker, sizeof asker);
		db_col_text(st, 1, service, sizeof service);
	}
	db_done(st);
	if (*asker)
		events_add(q->db, "proxy.wrong-number", service, asker, now_ms,
		    json_pack("{s:s}", "tail", msisdn + strlen(msisdn) - 4));
}

int person_wrong_number(struct queue *q, const char *msisdn, int64_t now_ms)
{
	int64_t id[PEOPLE_MAX];
	int n = patients_of(q->db, SQL_PERSON_BY_OTHERS, msisdn, id);
	bool is_by_others = n > 0;
	sqlite3_stmt *st;

	/* Registered by another phone first: that is what a stranger is told of. */
	if (!is_by_others)
		n = patients_of(q->db, SQL_PERSON_NOT_WRONG, msisdn, id);
	for (int i = 0; i < n; i++) {
		st = db_use(q->db, SQL_WRONG_NEW);
		db_bind_text(st, 1, msisdn);
		db_bind_int(st, 2, id[i]);
		db_bind_int(st, 3, now_ms);
		db_run(q->db, st);
		if (is_by_others)
			tell_asker(q, id[i], msisdn, now_ms);
	}
	if (n > 0 && !is_by_others)
		run_number(q->db, SQL_PERSON_DROP_EVENTS, msisdn);
	return n;
}

enum proxy_rc person_may_ask(struct db *d, const struct service_rules *rules, const char *asker,
    const char *other, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_PROXY_COUNTS);
	int64_t objections = 0, askers = 0, today = 0;

	db_bind_text(st, 1, asker);
	db_bind_text(st, 2, other);
	db_bind_int(st, 3, ist_day_start_ms(ist_day(now_ms)));
	if (db_row(d, st)) {
		objections = sqlite3_column_int64(st, 0);
		askers = sqlite3_column_int64(st, 1);
		today = sqlite3_column_int64(st, 2);
	}
	db_done(st);
	if (objections > 0 || person_is_withdrawn(d, other))
		return PROXY_OBJECTED;
	if (askers >= rules->proxy_askers_max)
		return PROXY_TOO_MANY;
	return today >= rules->proxy_day_max ? PROXY_DAY_FULL : PROXY_OK;
}
