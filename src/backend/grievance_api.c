/* SPDX-License-Identifier: BSD-2-Clause */
/* grievance_api.c - a person complains, asks what became of it, takes it higher; the desk answers. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/grievance.h"
#include "backend/ist.h"

static json_t *grievance_json(const struct grievance *g)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o}", "ticket", (json_int_t)g->ticket,
	    "service", g->service, "topic", g->topic, "state", g->state, "level", g->level, "due",
	    sapi_day_json(g->due), "created_at", api_time_json(g->created_at));
}

static bool read_word(struct api_call *c, const char *key, const char *def, char *out, size_t cap)
{
	const char *s;

	if (!sapi_text(c, key, &s))
		return false;
	if (!s)
		s = def;
	if (!s || !field_is_word(sv_from(s)) || strlen(s) >= cap) {
		api_bad_field(c, key, "It must be a word of printable ASCII.");
		return false;
	}
	memcpy(out, s, strlen(s) + 1);
	return true;
}

static void no_grievance(struct api_call *c)
{
	api_problem(c, "no-grievance", "There is none with this number for this phone.");
}

static const char *first_level(const struct scheme *s)
{
	return ynode_str(scheme_value(s, "grievance_levels")->vals[0]);
}

void api_grievance_post(struct api_call *c)
{
	struct grievance g = {.state = "OPEN"};
	char lang[FIELD_LANG_CAP];
	const char *raw;
	char *text;
	struct scheme s;

	if (!read_word(c, "service", NULL, g.service, sizeof g.service) ||
	    !sapi_scheme(c, g.service, &s) || !sapi_msisdn(c, g.msisdn) ||
	    !read_word(c, "topic", "OTHER", g.topic, sizeof g.topic) ||
	    !read_word(c, "lang", "hi", lang, sizeof lang) || !sapi_text(c, "text", &raw))
		return;
	text = raw ? field_text(sv_from(raw), GRIEVANCE_TEXT_CHARS) : NULL;
	if (!text) {
		api_bad_field(c, "text", "Say in 1 to 300 characters, with a letter, what is wrong.");
		return;
	}
	snprintf(g.level, sizeof g.level, "%s", first_level(&s));
	g.created_at = c->now_ms;
	g.due = ist_day(c->now_ms) + scheme_int(&s, "grievance_days");
	g.ticket = grievance_new(c->a->q.db, &g, text, lang, c->now_ms);
	free(text);
	api_answer(c, 201, grievance_json(&g));
}

/* By number, or "current": the newest of the service. Only for the phone that complained. */
static bool find(struct api_call *c, const char *msisdn, const char *service, struct grievance *g)
{
	char *end;
	int64_t ticket = strtoll(c->param, &end, 10);
	bool found;

	if (!strcmp(c->param, "current"))
		found = grievance_latest(c->a->q.db, msisdn, service, g);
	else
		found = !*end && grievance_get(c->a->q.db, ticket, g) &&
			(!msisdn || !strcmp(g->msisdn, msisdn));
	if (!found)
		no_grievance(c);
	return found;
}

void api_grievance_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP], service[FIELD_SERVICE_CAP];
	struct grievance g;

	sapi_query(c, "service", service, sizeof service);
	if (!sapi_query(c, "msisdn", msisdn, sizeof msisdn) || !field_is_msisdn(sv_from(msisdn)))
		api_bad_field(c, "msisdn", "A grievance is told only to the phone that complained.");
	else if (find(c, msisdn, service, &g))
		api_answer(c, 200, grievance_json(&g));
}

/* The next level, once the day has passed by which this one was to answer. */
void api_grievance_escalate(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP];
	const char *service;
	struct grievance g;
	struct scheme s;
	const struct ynode *levels;
	size_t i = 0;

	if (!sapi_msisdn(c, msisdn) || !sapi_text(c, "service", &service) ||
	    !find(c, msisdn, service ? service : "", &g) || !sapi_scheme(c, g.service, &s))
		return;
	levels = scheme_value(&s, "grievance_levels");
	while (i < levels->count && strcmp(ynode_str(levels->vals[i]), g.level))
		i++;
	if (strcmp(g.state, "OPEN")) {
		json_object_set_new(api_problem(c, "wrong-state", "It was answered."), "state",
		    json_string(g.state));
	} else if (i + 1 >= levels->count) {
		json_object_set_new(api_problem(c, "last-level", "This is the highest level."), "level",
		    json_string(g.level));
	} else if (ist_day(c->now_ms) <= g.due) {
		json_object_set_new(api_problem(c, "not-due", "Wait for the answer until this day."),
		    "due", sapi_day_json(g.due));
	} else {
		snprintf(g.level, sizeof g.level, "%s", ynode_str(levels->vals[i + 1]));
		g.due = ist_day(c->now_ms) + scheme_int(&s, "grievance_days");
		grievance_level(c->a->q.db, g.ticket, g.level, g.due, c->now_ms);
		api_answer(c, 200, grievance_json(&g));
	}
}

void api_grievance_resolve(struct api_call *c)
{
	const char *answer;
	struct grievance g;

	if (!sapi_text(c, "answer", &answer) || !find(c, NULL, "", &g))
		return;
	grievance_resolve(c->a->q.db, g.ticket, answer ? answer : "", c->now_ms);
	snprintf(g.state, sizeof g.state, "RESOLVED");
	api_answer(c, 200, grievance_json(&g));
}
