/* SPDX-License-Identifier: BSD-2-Clause */
/* api_patient.c - what a person may do through the bridge: register, take a token, ask where
 * it stands, give it back, call when the turn has come. */
#include "backend/api_int.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/person.h"

/* ---- reading fields; each answers 400 and returns false when the field is wrong ---- */

bool api_text_field(struct api_call *c, const json_t *obj, const char *key, const char *as,
    struct sv *out)
{
	const json_t *v = json_object_get(obj, key);

	*out = (struct sv){0};
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v)) {
		api_bad_field(c, as, "It must be text.");
		return false;
	}
	*out = (struct sv){json_string_value(v), json_string_length(v)};
	return true;
}

bool api_msisdn(struct api_call *c, struct sv s, char out[FIELD_MSISDN_CAP])
{
	if (!field_is_msisdn(s)) {
		api_bad_field(c, "msisdn",
		    "A phone number is 10 to 15 digits with the country code, without +.");
		return false;
	}
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static bool int_field(struct api_call *c, const char *key, int64_t min, int64_t max, int64_t *out)
{
	const json_t *v = json_object_get(c->in, key);

	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
		api_bad_field(c, key, "It must be a whole number within its limits.");
		return false;
	}
	*out = json_integer_value(v);
	return true;
}

const struct service_rules *api_service(struct api_call *c, struct sv name, bool is_path)
{
	const struct service_rules *rules = NULL;
	char text[FIELD_SERVICE_CAP];

	if (field_is_service(name)) {
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		rules = rules_find(c->a->q.rules, text, c->now_ms);
	}
	if (rules && is_path && strstr(c->req->path, "/queues/") && rules->has_specialities)
		rules = NULL; /* nobody waits there */
	if (!rules && is_path)
		api_problem(c, "unknown-service", "No service of this name is run here.");
	else if (!rules)
		api_bad_field(c, "service", "No service of this name is run here.");
	return rules;
}

/* ---- token objects ---- */

json_t *api_time_json(int64_t wall_ms)
{
	char text[IST_TEXT_CAP];

	return json_string(ist_text(wall_ms, text, sizeof text));
}

static json_t *token_json_at(struct api *a, const struct token *t, const struct queue_place *place,
    int64_t now_ms)
{
	const struct service_rules *rules = rules_find(a->q.rules, t->service, now_ms);
	char day[IST_TEXT_CAP];
	json_t *o = json_pack("{s:I, s:I, s:s, s:I, s:s, s:s}", "token_id", (json_int_t)t->token_id,
	    "token", (json_int_t)t->number, "service", rules ? rules->parent : t->service, "patient_id",
	    (json_int_t)t->patient_id, "mode", t->mode, "state", token_state_name(t->state));

	if (rules && rules->speciality) {
		json_object_set_new(o, "queue", json_string(t->service));
		json_object_set_new(o, "speciality", json_string(rules->speciality));
	}
	if (rules && rules->needs_beneficiary)
		json_object_set_new(o, "ack_layout", json_string(ack_layout_name(rules->ack_layout)));
	if (place) {
		json_object_set_new(o, "position", json_integer(place->position));
		json_object_set_new(o, "ahead", json_integer(place->ahead));
		json_object_set_new(o, "wait_minutes", json_integer(place->wait_minutes));
	} else if (t->state == TOKEN_CALLED) {
		json_object_set_new(o, "position", json_integer(0));
		json_object_set_new(o, "called_at", api_time_json(t->called_at));
	}
	if (t->day > ist_day(now_ms)) { /* given for a later day of service */
		ist_text(ist_day_start_ms(t->day), day, sizeof day);
		json_object_set_new(o, "service_day", json_stringn(day, 10));
	}
	/* The last second in which it is valid; inside, the end is excluded. */
	json_object_set_new(o, "valid_until", api_time_json(t->valid_until - 1));
	json_object_set_new(o, "issued_at", api_time_json(t->issued_at));
	return o;
}

json_t *api_token_json(struct api *a, const struct token *t, int64_t now_ms)
{
	struct queue_place p;

	if (t->state != TOKEN_WAITING)
		return token_json_at(a, t, NULL, now_ms);
	p = queue_place(&a->q, t, now_ms);
	return token_json_at(a, t, &p, now_ms);
}

json_t *api_desk_token_json_at(struct api *a, const struct token *t, const struct queue_place *place,
    int64_t now_ms)
{
	json_t *o = token_json_at(a, t, place, now_ms);
	struct patient p;

	json_object_set_new(o, "msisdn", json_string(t->msisdn));
	json_object_set_new(o, "missed", json_integer(t->missed));
	json_object_set_new(o, "wrong_number", json_boolean(person_is_marked(a->q.db, t->patient_id)));
	if (registry_get(a->q.db, t->patient_id, &p)) {
		json_object_set_new(o, "name", json_string(p.name));
		json_object_set_new(o, "age", json_integer(p.age));
		json_object_set_new(o, "sex", json_string(p.sex));
		json_object_set_new(o, "lang", json_string(p.lang));
		registry_clear(&p);
	}
	return o;
}

json_t *api_desk_token_json(struct api *a, const struct token *t, int64_t now_ms)
{
	struct queue_place p;

	if (t->state != TOKEN_WAITING)
		return api_desk_token_json_at(a, t, NULL, now_ms);
	p = queue_place(&a->q, t, now_ms);
	return api_desk_token_json_at(a, t, &p, now_ms);
}

void api_closed(struct api_call *c, const struct service_rules *rules)
{
	int64_t today = ist_day(c->now_ms);
	bool is_desk = queue_is_closed(&c->a->q, rules->service, today);
	int64_t next = rules_next_open_ms(rules, is_desk ? ist_day_start_ms(today + 1) : c->now_ms);
	json_t *o =
	    api_problem(c, "service-closed", "Tokens are given within the hours of the service.");

	json_object_set_new(o, "hours", api_hours_json(rules));
	if (next >= 0)
		json_object_set_new(o, "next_open", api_time_json(next));
}

/* ---- registration ---- */

bool api_word(struct api_call *c, const json_t *obj, const char *key, const char *as,
    char out[FIELD_WORD_CAP])
{
	struct sv v;

	if (!api_text_field(c, obj, key, as, &v))
		return false;
	if (!field_is_word(v)) {
		api_bad_field(c, as,
		    "Say which text the person read, and by which way: sms, ussd, ...");
		return false;
	}
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return true;
}

static bool consent_ok(struct api_call *c, char version[FIELD_WORD_CAP], char channel[FIELD_WORD_CAP])
{
	const json_t *consent = json_object_get(c->in, "consent");

	if (!json_is_true(json_object_get(consent, "given"))) {
		api_problem(c, "consent-missing", "Nobody is registered without consent.");
		return false;
	}
	return api_word(c, consent, "text_version", "consent.text_version", version) &&
	       api_word(c, consent, "channel", "consent.channel", channel);
}

static bool sex_ok(struct api_call *c, struct sv s, char out[2])
{
	if (s.n != 1 || !strchr("FMO", s.p[0])) {
		api_bad_field(c, "sex", "It must be F, M or O.");
		return false;
	}
	out[0] = s.p[0];
	out[1] = '\0';
	return true;
}

/* Everything of a registration but the name and place, which own memory. */
struct reg_fields {
	char msisdn[FIELD_MSISDN_CAP], sex[2], lang[FIELD_LANG_CAP], version[FIELD_WORD_CAP],
	    channel[FIELD_WORD_CAP], other[FIELD_MSISDN_CAP];
	struct sv name, place;
	int64_t age;
};

static bool reg_fields(struct api_call *c, struct reg_fields *f)
{
	struct sv msisdn, sex, lang;

	if (!api_text_field(c, c->in, "msisdn", "msisdn", &msisdn) ||
	    !api_msisdn(c, msisdn, f->msisdn) || !api_text_field(c, c->in, "name", "name", &f->name) ||
	    !int_field(c, "age", 0, FIELD_AGE_MAX, &f->age) ||
	    !api_text_field(c, c->in, "sex", "sex", &sex) || !sex_ok(c, sex, f->sex) ||
	    !api_text_field(c, c->in, "place", "place", &f->place) ||
	    !api_text_field(c, c->in, "lang", "lang", &lang))
		return false;
	if (!lang.p)
		lang = SV("hi");
	if (!field_is_lang(lang)) {
		api_bad_field(c, "lang", "It must be a language code such as hi or en.");
		return false;
	}
	if (!consent_ok(c, f->version, f->channel))
		return false;
	memcpy(f->lang, lang.p, lang.n);
	return true;
}

/* Services whose token comes with the registration: the answer carries it, or says why not. */
static void add_auto_token(struct api_call *c, const struct service_rules *rules, int64_t patient_id,
    const char *msisdn, json_t *out)
{
	struct token t;
	enum queue_rc rc = queue_issue(&c->a->q, rules, patient_id, msisdn, "AUDIO", c->now_ms, &t);

	if (rc == QUEUE_OK || rc == QUEUE_EXISTING) {
		json_object_set_new(out, "token", api_token_json(c->a, &t, c->now_ms));
		return;
	}
	json_object_set_new(out, "token_problem", json_string("service-closed"));
	if (rules_next_open_ms(rules, c->now_ms) >= 0)
		json_object_set_new(out, "next_open",
		    api_time_json(rules_next_open_ms(rules, c->now_ms)));
}

static void do_register(struct api_call *c, const struct service_rules *rules,
    const struct registration *r)
{
	bool is_new = false;
	int64_t id = registry_put(c->a->q.db, r, c->now_ms, &is_new);
	json_t *out = json_pack("{s:I, s:s, s:s}", "patient_id", (json_int_t)id, "name", r->name,
	    "service", rules->service);

	if (!api_member_register(c, rules, id)) {
		json_decref(out);
		return;
	}
	api_member_json(c->a, rules, id, out);
	if (r->phone)
		api_other_told(c, rules, r->msisdn, r->phone);
	if (rules->auto_token)
		add_auto_token(c, rules, id, r->msisdn, out);
	api_answer(c, is_new ? 201 : 200, out);
}

void api_registrations_post(struct api_call *c)
{
	struct reg_fields f = {0};
	struct sv service;
	const struct service_rules *rules;
	char *name, *place = NULL;

	if (!api_text_field(c, c->in, "service", "service", &service))
		return;
	rules = api_service(c, service, false);
	if (!rules || !reg_fields(c, &f))
		return;
	if (json_object_get(c->in, "other_number") && !api_other_number(c, rules, f.msisdn, f.other))
		return;
	name = field_text(f.name, FIELD_NAME_CHARS);
	if (f.place.n > 0)
		place = field_text(f.place, FIELD_PLACE_CHARS);
	if (!name) {
		api_bad_field(c, "name", "A name is 1 to 100 characters of any script, with a letter.");
	} else if (f.place.n > 0 && !place) {
		api_bad_field(c, "place",
		    "A place is at most 160 characters of any script, with a letter.");
	} else {
		struct registration r = {f.msisdn, rules->service, name, (int)f.age, f.sex, place,
		    f.lang, f.version, f.channel, *f.other ? f.other : NULL};

		do_register(c, rules, &r);
	}
	free(name);
	free(place);
}

/* ---- tokens ---- */

struct who {
	const struct service_rules *rules;
	char msisdn[FIELD_MSISDN_CAP];
	int64_t patient_id; /* 0: not said */
};

static bool who_from_body(struct api_call *c, struct who *w)
{
	struct sv service, msisdn;

	*w = (struct who){0};
	if (!api_text_field(c, c->in, "service", "service", &service))
		return false;
	w->rules = api_service(c, service, false);
	return w->rules && api_text_field(c, c->in, "msisdn", "msisdn", &msisdn) &&
	       api_msisdn(c, msisdn, w->msisdn) &&
	       (!json_object_get(c->in, "patient_id") ||
		   int_field(c, "patient_id", 1, INT64_MAX, &w->patient_id));
}

static bool who_from_query(struct api_call *c, struct who *w)
{
	char service[FIELD_SERVICE_CAP], msisdn[FIELD_MSISDN_CAP], id[24];

	*w = (struct who){0};
	if (!http_in_query(c->req, "service", service, sizeof service))
		service[0] = '\0';
	w->rules = api_service(c, sv_from(service), false);
	if (!w->rules)
		return false;
	if (!http_in_query(c->req, "msisdn", msisdn, sizeof msisdn))
		msisdn[0] = '\0';
	if (http_in_query(c->req, "patient_id", id, sizeof id)) {
		char *end;

		w->patient_id = strtoll(id, &end, 10);
		if (*end || w->patient_id <= 0) {
			api_bad_field(c, "patient_id", "It must be a number.");
			return false;
		}
	}
	return api_msisdn(c, sv_from(msisdn), w->msisdn);
}

static bool mode_ok(struct api_call *c, char out[8])
{
	struct sv mode;

	if (!api_text_field(c, c->in, "mode", "mode", &mode))
		return false;
	if (!mode.p || sv_is(mode, "AUDIO")) {
		memcpy(out, "AUDIO", 6);
		return true;
	}
	if (sv_is(mode, "VIDEO")) {
		memcpy(out, "VIDEO", 6);
		return true;
	}
	api_bad_field(c, "mode", "It must be AUDIO or VIDEO.");
	return false;
}

static bool registered(struct api_call *c, const struct who *w, int64_t *patient_id)
{
	*patient_id = registry_find(c->a->q.db, w->msisdn, w->rules->service, w->patient_id);
	if (*patient_id > 0)
		return true;
	api_problem(c, "not-registered", "Register first.");
	/* So that nobody answers five questions to learn that there is no token now. */
	json_object_set_new(c->out, "open", json_boolean(rules_issue_day(w->rules, c->now_ms) >= 0));
	return false;
}

/* A family shares the phone: who is asked by a program that can ask people says so. */
static bool one_is_meant(struct api_call *c, const struct who *w)
{
	json_t *page;

	if (w->patient_id > 0 || !json_is_true(json_object_get(c->in, "choose")))
		return true;
	page = json_object();
	if (api_people_json(c->a, w->msisdn, w->rules->service, 0, page) > 1)
		json_object_update(api_problem(c, "several-people", "Say for whom: patient_id."), page);
	json_decref(page);
	return c->status == 0;
}

void api_tokens_post(struct api_call *c)
{
	struct who w;
	struct token t;
	int64_t patient_id;
	struct sv lang;
	char mode[8];
	enum queue_rc rc;

	if (!who_from_body(c, &w) || !mode_ok(c, mode) ||
	    !api_text_field(c, c->in, "lang", "lang", &lang) || !registered(c, &w, &patient_id) ||
	    !one_is_meant(c, &w))
		return;
	w.rules = api_member_line(c, w.rules, patient_id);
	if (!w.rules)
		return;
	rc = queue_issue(&c->a->q, w.rules, patient_id, w.msisdn, mode, c->now_ms, &t);
	if (rc == QUEUE_CLOSED) {
		api_closed(c, w.rules);
		return;
	}
	api_answer(c, rc == QUEUE_OK ? 201 : 200, api_token_json(c->a, &t, c->now_ms));
	if (lang.p)
		api_token_label(c, &t, sv_is(lang, "hi") ? "hi" : "en", c->out);
}

/* Who has a token in another service too, and asks without naming one, is told of it. */
static void add_other(struct api_call *c, const struct who *w, json_t *o)
{
	const struct service_rules *rules;
	struct token t;

	if (queue_other(&c->a->q, w->rules->service, w->msisdn, &t) != QUEUE_OK)
		return;
	rules = rules_find(c->a->q.rules, t.service, c->now_ms);
	json_object_set_new(o, "other_service", json_string(rules ? rules->parent : t.service));
	json_object_set_new(o, "other_token", json_integer(t.number));
}

/* The person's token, or the answer that there is none. */
static bool current(struct api_call *c, const struct who *w, int days_back, struct token *t)
{
	int64_t patient_id;

	if (queue_current(&c->a->q, w->rules->service, w->msisdn, w->patient_id, days_back, c->now_ms,
		t) == QUEUE_OK)
		return true;
	if (registered(c, w, &patient_id))
		api_problem(c, "no-token", "There is no token of today.");
	add_other(c, w, c->out);
	return false;
}

void api_current_get(struct api_call *c)
{
	struct who w;
	struct token t;
	char lang[FIELD_LANG_CAP];
	int held;

	if (!who_from_query(c, &w) || !current(c, &w, 0, &t))
		return;
	api_answer(c, 200, api_token_json(c->a, &t, c->now_ms));
	if (http_in_query(c->req, "lang", lang, sizeof lang))
		api_token_label(c, &t, lang, c->out);
	held = api_held_besides(c, &t);
	if (held > 0 && !w.patient_id)
		json_object_set_new(c->out, "held", json_integer(held));
	add_other(c, &w, c->out);
}

void api_current_cancel(struct api_call *c)
{
	struct who w;
	struct token t;

	if (!who_from_body(c, &w) || !current(c, &w, 0, &t))
		return;
	if (!w.patient_id && api_has_several(c, w.rules, w.msisdn)) {
		api_problem(c, "several-tokens", "Say whose: patient_id, or the token's id.");
		return;
	}
	if (queue_cancel(&c->a->q, &t, c->now_ms) == QUEUE_OK)
		api_answer(c, 200, api_token_json(c->a, &t, c->now_ms));
	else
		json_object_set_new(api_problem(c, "not-cancellable",
					"It was used, given back or has expired."),
		    "state", json_string(token_state_name(t.state)));
}

static void turn_not_come(struct api_call *c, const struct token *t)
{
	struct queue_place p = queue_place(&c->a->q, t, c->now_ms);
	json_t *o = api_problem(c, "turn-not-come", "A message comes when it is the token's turn.");

	json_object_set_new(o, "token", json_integer(t->number));
	json_object_set_new(o, "position", json_integer(p.position));
	json_object_set_new(o, "ahead", json_integer(p.ahead));
	json_object_set_new(o, "wait_minutes", json_integer(p.wait_minutes));
}

void api_current_call(struct api_call *c)
{
	struct who w;
	struct token t;
	char mode[8];

	/* A day back, so that yesterday's token is answered with "expired", not with "no token". */
	if (!who_from_body(c, &w) || !mode_ok(c, mode) || !current(c, &w, 1, &t))
		return;
	switch (queue_patient_call(&c->a->q, &t, c->now_ms)) {
	case QUEUE_OK:
		api_answer(c, 200, api_token_json(c->a, &t, c->now_ms));
		break;
	case QUEUE_NOT_TURN:
		turn_not_come(c, &t);
		break;
	case QUEUE_USED:
		api_problem(c, "already-used", "A token serves one consultation.");
		break;
	case QUEUE_GONE:
		api_problem(c, "expired", "Take a new token.");
		break;
	case QUEUE_EXISTING:
	case QUEUE_CLOSED:
	case QUEUE_NO_TOKEN:
	case QUEUE_EMPTY:
	case QUEUE_WRONG_STATE:
	case QUEUE_TOO_LATE:
		api_problem(c, "no-token", "There is no token of today.");
		break;
	}
}
