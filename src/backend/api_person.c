/* SPDX-License-Identifier: BSD-2-Clause */
/* api_person.c - what a person may ask about the own data: what is held, withdrawal of consent,
 * erasure, "this is not me"; and asking for somebody who has another number. */
#include "backend/api_int.h"

#include <stdlib.h>
#include <string.h>

#include "backend/events.h"
#include "backend/ist.h"
#include "backend/person.h"

int64_t api_people_json(struct api *a, const char *msisdn, const char *service, int64_t after,
    json_t *out)
{
	struct db *d = a->q.db;
	sqlite3_stmt *st = db_use(d, SQL_PERSON_LIST);
	json_t *page = json_array();
	int64_t last = 0, n = 0;
	bool is_more = false;

	db_bind_text(st, 1, msisdn);
	db_bind_text(st, 2, service);
	db_bind_int(st, 3, after);
	db_bind_int(st, 4, PERSON_PAGE + 1);
	while (db_row(d, st)) {
		is_more = json_array_size(page) == PERSON_PAGE;
		if (is_more)
			break;
		last = sqlite3_column_int64(st, 0);
		json_array_append_new(page, json_pack("{s:I, s:s}", "patient_id", (json_int_t)last,
						"name", sqlite3_column_text(st, 1)));
	}
	db_done(st);
	n = (int64_t)json_array_size(page) + is_more;
	json_object_set_new(out, "page", page);
	if (is_more)
		json_object_set_new(out, "after", json_integer(last));
	return n;
}

static bool number_from_query(struct api_call *c, const char *key, char out[FIELD_MSISDN_CAP])
{
	char text[64];

	if (!http_in_query(c->req, key, text, sizeof text))
		text[0] = '\0';
	return api_msisdn(c, sv_from(text), out);
}

/* The newest row of the history that begins with this act, under a name of its own. */
static void add_newest(json_t *o, const char *key, const char *act)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(o, "consents"), i,
	    row) if (!strncmp(json_string_value(json_object_get(row, "act")), act, strlen(act)))
	{
		json_object_set(o, key, row);
		return;
	}
}

/* A day as people write it in India. */
static json_t *day_json(int64_t ms)
{
	char at[IST_TEXT_CAP], day[12];

	ist_text(ms, at, sizeof at);
	snprintf(day, sizeof day, "%.2s-%.2s-%.4s", at + 8, at + 5, at);
	return json_string(day);
}

static json_t *history_json(struct api *a, const char *msisdn)
{
	struct db *d = a->q.db;
	sqlite3_stmt *st = db_use(d, SQL_CONSENT_LIST);
	json_t *list = json_array();

	db_bind_text(st, 1, msisdn);
	db_bind_int(st, 2, PERSON_HISTORY_MAX);
	while (db_row(d, st))
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "act", sqlite3_column_text(st, 0),
			"service", sqlite3_column_text(st, 1), "text_version",
			sqlite3_column_text(st, 2), "channel", sqlite3_column_text(st, 3), "lang",
			sqlite3_column_text(st, 4), "at", api_time_json(sqlite3_column_int64(st, 5)),
			"day", day_json(sqlite3_column_int64(st, 5))));
	return list;
}

static bool is_nothing(const struct person_counts *n)
{
	return n->people + n->by_others + n->complaints + n->scheme == 0;
}

void api_person_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP], service[FIELD_SERVICE_CAP] = "", after[24] = "0", *end;
	struct person_counts n;
	struct token live;
	json_t *o;
	int64_t from;

	if (!number_from_query(c, "msisdn", msisdn))
		return;
	(void)http_in_query(c->req, "service", service, sizeof service);
	(void)http_in_query(c->req, "after", after, sizeof after);
	from = strtoll(after, &end, 10);
	if (*end || from < 0) {
		api_bad_field(c, "after", "It must be a number.");
		return;
	}
	n = person_counts(c->a->q.db, msisdn);
	if (is_nothing(&n)) {
		api_problem(c, "no-record", "Nothing is held about this number.");
		return;
	}
	o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "people", (json_int_t)n.people, "others",
	    (json_int_t)n.others, "by_others", (json_int_t)n.by_others, "complaints",
	    (json_int_t)n.complaints, "scheme_records", (json_int_t)n.scheme, "withdrawn",
	    person_is_withdrawn(c->a->q.db, msisdn), "consents", history_json(c->a, msisdn));
	add_newest(o, "consent", "GIVEN");
	add_newest(o, "withdrawal", "WITHDRAWN");
	(void)api_people_json(c->a, msisdn, *service ? service : NULL, from, o);
	if (queue_live(&c->a->q, msisdn, &live, 1) == 1)
		json_object_set_new(o, "token", json_integer(live.number));
	api_answer(c, 200, o);
}

/* ---- decisions; each is a row of the history too ---- */

struct decision {
	char msisdn[FIELD_MSISDN_CAP], version[FIELD_WORD_CAP], channel[FIELD_WORD_CAP],
	    lang[FIELD_LANG_CAP];
};

static bool decision_read(struct api_call *c, struct decision *x)
{
	struct sv msisdn, lang;

	if (!api_text_field(c, c->in, "msisdn", "msisdn", &msisdn) ||
	    !api_msisdn(c, msisdn, x->msisdn) ||
	    !api_word(c, c->in, "text_version", "text_version", x->version) ||
	    !api_word(c, c->in, "channel", "channel", x->channel) ||
	    !api_text_field(c, c->in, "lang", "lang", &lang))
		return false;
	if (!field_is_lang(lang)) {
		api_bad_field(c, "lang", "It must be a language code such as hi or en.");
		return false;
	}
	memcpy(x->lang, lang.p, lang.n);
	x->lang[lang.n] = '\0';
	return true;
}

static void decision_note(struct api_call *c, const struct decision *x, const char *act)
{
	const struct consent_act row = {x->msisdn, 0, "*", act, x->version, x->channel, x->lang};

	person_consent_add(c->a->q.db, &row, c->now_ms);
}

void api_person_withdraw(struct api_call *c)
{
	struct decision x = {0};
	struct person_counts n;
	int tokens;

	if (!decision_read(c, &x))
		return;
	n = person_counts(c->a->q.db, x.msisdn);
	if (is_nothing(&n)) {
		api_problem(c, "no-record", "Nothing is held about this number.");
		return;
	}
	tokens = person_withdraw(&c->a->q, x.msisdn, c->now_ms);
	decision_note(c, &x, "WITHDRAWN");
	api_answer(c, 200, json_pack("{s:b, s:i}", "withdrawn", 1, "tokens_cancelled", tokens));
}

void api_person_erase(struct api_call *c)
{
	struct decision x = {0};
	struct person_counts n;
	int tokens = 0, people;

	if (!decision_read(c, &x))
		return;
	n = person_counts(c->a->q.db, x.msisdn);
	if (n.people + n.by_others + n.complaints > 0)
		decision_note(c, &x, "ERASED");
	people = person_erase(&c->a->q, x.msisdn, c->now_ms, &tokens);
	if (people < 0)
		api_problem(c, "in-consultation", "Erase once the call is over.");
	else
		api_answer(c, 200,
		    json_pack("{s:i, s:i, s:I}", "erased", people, "tokens_cancelled", tokens,
			"scheme_records", (json_int_t)n.scheme));
}

void api_person_wrong_number(struct api_call *c)
{
	struct decision x = {0};
	int n;

	if (!decision_read(c, &x))
		return;
	n = person_wrong_number(&c->a->q, x.msisdn, c->now_ms);
	if (n == 0) {
		api_problem(c, "no-record", "No patient is known by this number.");
		return;
	}
	decision_note(c, &x, "WRONG_NUMBER");
	api_answer(c, 200, json_pack("{s:i}", "stopped", n));
}

/* ---- asking for somebody else ---- */

/* 9812345678, 09812345678, 919812345678, 00919812345678: a mobile number of India. */
static bool mobile_number(const char *typed, char out[FIELD_MSISDN_CAP])
{
	const char *ten;
	size_t n = strlen(typed);

	if (n < 10 || strspn(typed, "0123456789") != n)
		return false;
	ten = typed + n - 10;
	if (*ten < '6' ||
	    !(n == 10 || (n == 11 && *typed == '0') || (n == 12 && !strncmp(typed, "91", 2)) ||
		(n == 14 && !strncmp(typed, "0091", 4))))
		return false;
	snprintf(out, FIELD_MSISDN_CAP, "91%s", ten);
	return true;
}

static bool may_ask(struct api_call *c, const struct service_rules *rules, const char *asker,
    const char *typed, char out[FIELD_MSISDN_CAP])
{
	if (!mobile_number(typed, out)) {
		api_bad_field(c, "other_number", "It must be a mobile number of ten digits.");
		return false;
	}
	if (!strcmp(out, asker)) {
		api_problem(c, "own-number", "Register people of the own phone without it.");
		return false;
	}
	switch (person_may_ask(c->a->q.db, rules, asker, out, c->now_ms)) {
	case PROXY_OK:
		return true;
	case PROXY_OBJECTED:
		api_problem(c, "number-objected", "Its owner does not want to be asked for.");
		break;
	case PROXY_TOO_MANY:
		api_problem(c, "too-many-askers", "Other phones ask for people of this number.");
		break;
	case PROXY_DAY_FULL:
		api_problem(c, "too-many-today", "Try again tomorrow.");
		break;
	}
	return false;
}

bool api_other_number(struct api_call *c, const struct service_rules *rules, const char *asker,
    char out[FIELD_MSISDN_CAP])
{
	struct sv typed;
	char text[20] = "";

	if (!api_text_field(c, c->in, "other_number", "other_number", &typed))
		return false;
	if (typed.n < sizeof text)
		memcpy(text, typed.p, typed.n);
	return may_ask(c, rules, asker, text, out);
}

void api_other_told(struct api_call *c, const struct service_rules *rules, const char *asker,
    const char *other)
{
	events_add(c->a->q.db, "proxy.registered", rules->service, other, c->now_ms,
	    json_pack("{s:s}", "tail", asker + strlen(asker) - 4));
}

void api_proxy_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP], service[FIELD_SERVICE_CAP], typed[20], other[FIELD_MSISDN_CAP];
	const struct service_rules *rules;

	if (!number_from_query(c, "msisdn", msisdn))
		return;
	if (!http_in_query(c->req, "service", service, sizeof service))
		service[0] = '\0';
	rules = api_service(c, sv_from(service), false);
	if (!rules)
		return;
	if (!http_in_query(c->req, "other_number", typed, sizeof typed))
		typed[0] = '\0';
	if (may_ask(c, rules, msisdn, typed, other))
		api_answer(c, 200,
		    json_pack("{s:s, s:b}", "other_number", other, "open",
			rules_issue_day(rules, c->now_ms) >= 0));
}
