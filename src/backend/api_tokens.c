/* SPDX-License-Identifier: BSD-2-Clause */
/* api_tokens.c - the live tokens of one phone, whatever the service and whoever the patient: to name them,
 * and to give one of them back. */
#include "backend/api_int.h"

#include <stdlib.h>
#include <string.h>

#include "backend/registry.h"

enum { LIVE_MAX = 64, PAGE_MAX = 2, LABEL_CAP = 256 }; /* a page: as many as one short message names */

static bool msisdn_from_query(struct api_call *c, char out[FIELD_MSISDN_CAP])
{
	char text[64];

	if (!http_in_query(c->req, "msisdn", text, sizeof text))
		text[0] = '\0';
	return api_msisdn(c, sv_from(text), out);
}

static const char *title(const struct rules *rules, const char *service, const char *lang)
{
	for (size_t i = 0; i < rules_services(rules); i++)
		if (!strcmp(rules_service(rules, i), service))
			return rules_title(rules, i, lang);
	return service;
}

static json_t *label_json(struct api *a, const struct token *t, const char *lang)
{
	const char *service = title(a->q.rules, t->service, strcmp(lang, "hi") ? "en" : "hi");
	char label[LABEL_CAP];
	struct patient p;

	(void)snprintf(label, sizeof label, "%lld, %s", (long long)t->number, service);
	if (registry_get(a->q.db, t->patient_id, &p)) {
		(void)snprintf(label, sizeof label, "%lld %.*s, %s", (long long)t->number,
		    (int)strcspn(p.name, " "), p.name, service);
		registry_clear(&p);
	}
	return json_string(label);
}

/* Who is called, or speaks with the doctor already, has nobody before him. */
static json_t *live_json(struct api_call *c, const struct token *t, const char *lang)
{
	json_t *o = api_token_json(c->a, t, c->now_ms);

	if (t->state != TOKEN_WAITING) {
		json_object_set_new(o, "position", json_integer(0));
		json_object_set_new(o, "wait_minutes", json_integer(0));
	}
	json_object_set_new(o, "label", label_json(c->a, t, lang));
	return o;
}

void api_tokens_get(struct api_call *c)
{
	struct token live[LIVE_MAX];
	char msisdn[FIELD_MSISDN_CAP], lang[8], after[16];
	json_t *page, *out;
	int n, from = 0;

	if (!msisdn_from_query(c, msisdn))
		return;
	if (!http_in_query(c->req, "lang", lang, sizeof lang))
		lang[0] = '\0';
	if (http_in_query(c->req, "after", after, sizeof after))
		from = (int)strtol(after, NULL, 10);
	n = queue_live(&c->a->q, msisdn, live, LIVE_MAX);
	if (from < 0 || from >= n) {
		api_problem(c, "no-token", "There is no live token of this phone.");
		return;
	}
	page = json_array();
	for (int i = from; i < n && i < from + PAGE_MAX; i++)
		json_array_append_new(page, live_json(c, &live[i], lang));
	out = json_pack("{s:i, s:i, s:o}", "count", n, "left", n - from - 1, "tokens", page);
	if (from + PAGE_MAX < n)
		json_object_set_new(out, "after", json_integer(from + PAGE_MAX));
	api_answer(c, 200, out);
}

/* Live tokens of the phone in the service, those of its specialities too. */
static int live_of(struct api_call *c, const struct service_rules *rules, const char *msisdn,
    struct token live[LIVE_MAX])
{
	int n = queue_live(&c->a->q, msisdn, live, LIVE_MAX), of_service = 0;

	for (int i = 0; i < n; i++) {
		const struct service_rules *r = rules_find(c->a->q.rules, live[i].service, c->now_ms);

		if (r && !strcmp(r->parent, rules->parent))
			live[of_service++] = live[i];
	}
	return of_service;
}

bool api_has_several(struct api_call *c, const struct service_rules *rules, const char *msisdn)
{
	struct token live[LIVE_MAX];

	return live_of(c, rules, msisdn, live) > 1;
}

void api_token_label(struct api_call *c, const struct token *t, const char *lang, json_t *o)
{
	json_object_set_new(o, "label", label_json(c->a, t, lang));
}

int api_held_besides(struct api_call *c, const struct token *t)
{
	struct token live[LIVE_MAX];
	int n = queue_live(&c->a->q, t->msisdn, live, LIVE_MAX), held = n;

	for (int i = 0; i < n; i++)
		held -= live[i].token_id == t->token_id;
	return held;
}

void api_token_cancel(struct api_call *c)
{
	char own[FIELD_MSISDN_CAP];
	struct sv msisdn;
	struct token t;

	if (!api_text_field(c, c->in, "msisdn", "msisdn", &msisdn) || !api_msisdn(c, msisdn, own) ||
	    !api_token_of_path(c, &t))
		return;
	if (strcmp(t.msisdn, own) != 0)
		api_problem(c, "no-token", "This phone has no such token.");
	else if (queue_cancel(&c->a->q, &t, c->now_ms) == QUEUE_OK)
		api_answer(c, 200, api_token_json(c->a, &t, c->now_ms));
	else
		json_object_set_new(api_problem(c, "not-cancellable",
					"It was used, given back or has expired."),
		    "state", json_string(token_state_name(t.state)));
}
