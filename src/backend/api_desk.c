/* SPDX-License-Identifier: BSD-2-Clause */
/* api_desk.c - the clinic's desk: the lines, calling the next one, what became of a turn; and
 * the lists of services. Desk answers carry name and number of the person. */
#include "backend/api_int.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"

#define LIST_DEFAULT 40 /* what a desk looks at */
#define LIST_MAX 1000
#define SENT_MAX 12

json_t *api_hours_json(const struct service_rules *r)
{
	json_t *days;
	char open[8], close[8];

	if (!r->has_hours)
		return json_null();
	days = json_array();
	for (int d = 1; d <= 7; d++)
		if (r->weekdays & 1u << d)
			json_array_append_new(days, json_integer(d));
	snprintf(open, sizeof open, "%02d:%02d", (r->open_s / 3600) % 100, r->open_s / 60 % 60);
	snprintf(close, sizeof close, "%02d:%02d", (r->close_s / 3600) % 100, r->close_s / 60 % 60);
	return json_pack("{s:o, s:s, s:s}", "weekdays", days, "open", open, "close", close);
}

static bool is_closed(struct api_call *c, const struct service_rules *r)
{
	return queue_is_closed(&c->a->q, r->service, ist_day(c->now_ms));
}

static bool is_open(struct api_call *c, const struct service_rules *r)
{
	return rules_is_open(r, c->now_ms) && !is_closed(c, r);
}

static json_t *service_json(struct api_call *c, size_t i, const struct service_rules *r)
{
	const struct rules *rules = c->a->q.rules;
	int64_t next = rules_next_open_ms(r, c->now_ms);
	json_t *o = json_pack("{s:s, s:{s:s, s:s}, s:b}", "service", r->service, "name", "hi",
	    rules_title(rules, i, "hi"), "en", rules_title(rules, i, "en"), "open", is_open(c, r));

	if (next > c->now_ms)
		json_object_set_new(o, "next_open", api_time_json(next));
	return o;
}

static json_t *speciality_json(struct api_call *c, size_t i, const struct service_rules *r)
{
	const struct rules *rules = c->a->q.rules;

	return json_pack("{s:s, s:s, s:{s:s, s:s}}", "speciality", r->speciality, "queue", r->service,
	    "name", "hi", rules_title(rules, i, "hi"), "en", rules_title(rules, i, "en"));
}

void api_services_get(struct api_call *c)
{
	const struct rules *rules = c->a->q.rules;
	json_t *list = json_array(), *specialities = NULL; /* of the service before */

	for (size_t i = 0; i < rules_services(rules); i++) {
		const struct service_rules *r = rules_find(rules, rules_service(rules, i), c->now_ms);
		json_t *o;

		if (r && r->speciality) {
			json_array_append_new(specialities, speciality_json(c, i, r));
			continue;
		}
		specialities = NULL;
		if (!r)
			continue;
		o = service_json(c, i, r);
		if (r->has_specialities)
			json_object_set_new(o, "specialities", specialities = json_array());
		json_object_set_new(o, "hours", api_hours_json(r));
		json_object_set_new(o, "minutes_per_patient", json_integer(r->minutes_per_patient));
		json_object_set_new(o, "token_validity",
		    json_string(r->validity == VALID_ROLLING_24H ? "rolling_24h" : "calendar_day"));
		json_object_set_new(o, "auto_token_on_registration", json_boolean(r->auto_token));
		json_array_append_new(list, o);
	}
	api_answer(c, 200, json_pack("{s:o}", "services", list));
}

static void add_counts(struct api_call *c, json_t *o, const char *service)
{
	struct queue_counts n = queue_counts(&c->a->q, service);

	json_object_set_new(o, "waiting", json_integer(n.waiting));
	json_object_set_new(o, "called", json_integer(n.called));
	json_object_set_new(o, "in_consult", json_integer(n.in_consult));
}

void api_queues_get(struct api_call *c)
{
	const struct rules *rules = c->a->q.rules;
	json_t *list = json_array();

	for (size_t i = 0; i < rules_services(rules); i++) {
		const struct service_rules *r = rules_find(rules, rules_service(rules, i), c->now_ms);
		json_t *o;

		if (!r || r->has_specialities)
			continue;
		o = service_json(c, i, r);
		add_counts(c, o, r->service);
		json_array_append_new(list, o);
	}
	api_answer(c, 200, json_pack("{s:o}", "queues", list));
}

/* What the line's people were told: kinds of notices, not their texts, which the bridge writes. */
void api_queue_sent(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);
	json_t *list = json_array();
	sqlite3_stmt *st;

	if (!rules) {
		json_decref(list);
		return;
	}
	st = db_use(c->a->q.db, SQL_EVENT_OF_LINE);
	db_bind_text(st, 1, rules->service);
	db_bind_int(st, 2, SENT_MAX);
	while (db_row(c->a->q.db, st)) {
		json_t *o = json_pack("{s:s, s:s, s:o, s:s, s:I}", "type", sqlite3_column_text(st, 0),
		    "msisdn", sqlite3_column_text(st, 1), "at",
		    api_time_json(sqlite3_column_int64(st, 2)), "state", sqlite3_column_text(st, 3),
		    "token", (json_int_t)sqlite3_column_int64(st, 4));

		if (sqlite3_column_type(st, 5) != SQLITE_NULL)
			json_object_set_new(o, "ahead", json_integer(sqlite3_column_int64(st, 5)));
		json_array_append_new(list, o);
	}
	db_done(st);
	api_answer(c, 200, json_pack("{s:s, s:o}", "service", rules->service, "sent", list));
}

void api_queue_close(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);

	if (rules)
		api_answer(c, 200,
		    json_pack("{s:i}", "told", queue_close(&c->a->q, rules->service, c->now_ms)));
}

void api_queue_reopen(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);

	if (!rules)
		return;
	queue_reopen(&c->a->q, rules->service, c->now_ms);
	api_answer(c, 200, json_object());
}

struct lister {
	struct api_call *c;
	const struct service_rules *rules;
	json_t *list;
	int64_t ahead;
};

static void list_one(const struct token *t, void *arg)
{
	struct lister *l = arg;
	struct queue_place p = {l->ahead, l->ahead + 1, l->ahead * l->rules->minutes_per_patient};
	bool is_waiting = t->state == TOKEN_WAITING;

	json_array_append_new(l->list,
	    api_desk_token_json_at(l->c->a, t, is_waiting ? &p : NULL, l->c->now_ms));
	l->ahead += is_waiting;
}

void api_queue_get(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);
	struct lister l = {c, rules, NULL, 0};
	char text[8];
	long limit = LIST_DEFAULT;
	json_t *o;

	if (!rules)
		return;
	if (http_in_query(c->req, "limit", text, sizeof text)) {
		char *end;

		limit = strtol(text, &end, 10);
		if (*end || limit < 1 || limit > LIST_MAX) {
			api_bad_field(c, "limit", "It must be a number from 1 to 1000.");
			return;
		}
	}
	l.list = json_array();
	queue_list(&c->a->q, rules->service, (int)limit, list_one, &l);
	o = json_pack("{s:s, s:o, s:b, s:b, s:o}", "service", rules->service, "at",
	    api_time_json(c->now_ms), "open", is_open(c, rules), "closed", is_closed(c, rules),
	    "tokens", l.list);
	add_counts(c, o, rules->service);
	api_answer(c, 200, o);
}

void api_call_next(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);
	struct token t;
	enum queue_rc rc;

	if (!rules)
		return;
	rc = queue_call_next(&c->a->q, rules->service, c->now_ms, &t);
	if (rc == QUEUE_OK)
		api_answer(c, 200, api_desk_token_json(c->a, &t, c->now_ms));
	else if (rc == QUEUE_CLOSED)
		api_closed(c, rules);
	else
		api_problem(c, "queue-empty", "Nobody is waiting in this queue.");
}

/* The token that the path names, or 404. */
bool api_token_of_path(struct api_call *c, struct token *t)
{
	char *end;
	long long id = strtoll(c->param, &end, 10);

	if (!*end && c->param[0] >= '1' && c->param[0] <= '9' && queue_get(&c->a->q, id, t) == QUEUE_OK)
		return true;
	api_problem(c, "no-token", "There is no token with this id.");
	return false;
}

static void wrong_state(struct api_call *c, const struct token *t, const char *detail)
{
	json_object_set_new(api_problem(c, "wrong-state", detail), "state",
	    json_string(token_state_name(t->state)));
}

void api_token_get(struct api_call *c)
{
	struct token t;

	if (api_token_of_path(c, &t))
		api_answer(c, 200, api_desk_token_json(c->a, &t, c->now_ms));
}

void api_token_missed(struct api_call *c)
{
	struct token t;

	if (!api_token_of_path(c, &t))
		return;
	if (queue_missed(&c->a->q, &t, c->now_ms) == QUEUE_OK)
		api_answer(c, 200, api_desk_token_json(c->a, &t, c->now_ms));
	else
		wrong_state(c, &t, "Only a called token can be missed.");
}

void api_token_used(struct api_call *c)
{
	const json_t *rx = json_object_get(c->in, "prescription");
	struct token t;
	int64_t ref = 0;
	json_t *o;
	char text[24];

	if (rx && !json_is_boolean(rx)) {
		api_bad_field(c, "prescription", "It must be true or false.");
		return;
	}
	if (!api_token_of_path(c, &t))
		return;
	if (queue_used(&c->a->q, &t, json_is_true(rx), c->now_ms, &ref) != QUEUE_OK) {
		wrong_state(c, &t, "Only a called or talking token can be done.");
		return;
	}
	o = api_desk_token_json(c->a, &t, c->now_ms);
	if (ref > 0) {
		snprintf(text, sizeof text, "%lld", (long long)ref);
		json_object_set_new(o, "prescription_ref", json_string(text));
	}
	api_answer(c, 200, o);
}

void api_token_reconnect(struct api_call *c)
{
	struct token t;
	enum queue_rc rc;

	if (!api_token_of_path(c, &t))
		return;
	rc = queue_reconnect(&c->a->q, &t, c->now_ms);
	if (rc == QUEUE_OK)
		api_answer(c, 200, api_desk_token_json(c->a, &t, c->now_ms));
	else if (rc == QUEUE_TOO_LATE)
		api_problem(c, "grace-over", "The call dropped too late: the token is consumed.");
	else
		wrong_state(c, &t, "Only a token in consultation can be reconnected.");
}
