/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_apps.c - applications: the registered organisation files them and says how they go on,
 * the person asks where they stand and until when the card is valid. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/niramaya.h"
#include "backend/places.h"

static json_t *words_json(const char *codes)
{
	json_t *list = json_array();

	for (const char *at = codes; *at;) {
		size_t n = strcspn(at, ",");

		json_array_append_new(list, json_stringn(at, n));
		at += n + (at[n] == ',');
	}
	return list;
}

/* The same in words that a message can hold; a paper without such a name keeps its code. */
static json_t *names_json(const struct scheme *s, const char *codes, const char *lang)
{
	json_t *list = words_json(codes), *code;
	size_t i;

	json_array_foreach(list, i, code)
	{
		const struct ynode *names =
		    ynode_get(scheme_value(s, "document_short_names"), json_string_value(code));
		const char *name = names ? ynode_str(ynode_get(names, lang)) : NULL;

		if (name)
			json_array_set_new(list, i, json_string(name));
	}
	return list;
}

/* The clocks: what people are promised, and what the report counts; only while they run. */
static void add_clocks(json_t *o, const struct scheme *s, const struct nir_application *a,
    int64_t today)
{
	const bool is_decided = a->decided > 0 || !strcmp(a->status, "LAPSED");
	const int64_t decision = a->docs + scheme_int(s, "decision_days"),
		      card = a->received + scheme_int(s, "card_days");
	bool is_late = false;

	if (!is_decided && a->docs > 0) {
		json_object_set_new(o, "decision_due", sapi_day_json(decision));
		is_late = today > decision;
	}
	if (a->card == 0 && strcmp(a->status, "REJECTED") && strcmp(a->status, "LAPSED")) {
		json_object_set_new(o, "card_due", sapi_day_json(card));
		is_late = is_late || (!strcmp(a->status, "APPROVED") && today > card);
	}
	if (!strcmp(a->status, "INCOMPLETE"))
		json_object_set_new(o, "resubmit_due",
		    sapi_day_json(a->asked + scheme_int(s, "resubmit_days")));
	json_object_set_new(o, "late", json_boolean(is_late));
}

static json_t *application_json(const struct scheme *s, const struct nir_application *a, int64_t today)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o}", "ref", (json_int_t)a->ref, "kind",
	    a->kind, "category", a->category, "disability", a->disability, "status", a->status,
	    "received", sapi_day_json(a->received), "missing", words_json(a->missing));

	if (a->reason[0])
		json_object_set_new(o, "reason", json_string(a->reason));
	if (a->valid_to > 0) {
		json_object_set_new(o, "valid_from", sapi_day_json(a->start));
		json_object_set_new(o, "valid_to", sapi_day_json(a->valid_to));
		json_object_set_new(o, "valid",
		    json_boolean(nir_is_valid(a->start, a->valid_to, today)));
	}
	add_clocks(o, s, a, today);
	return o;
}

static bool read_choice(struct api_call *c, const char *key, const char *choices, char *out, size_t cap)
{
	const char *v, *at;
	size_t n;

	if (!sapi_text(c, key, &v))
		return false;
	n = v ? strlen(v) : 0;
	at = n > 0 && n < cap && !strchr(v, ' ') ? strstr(choices, v) : NULL;
	while (at && !((at == choices || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')))
		at = strstr(at + 1, v);
	if (!at) {
		api_bad_field(c, key, "It must be one of the words of docs/backend-api.yaml.");
		return false;
	}
	memcpy(out, v, n + 1);
	return true;
}

static bool read_place(struct api_call *c, const struct scheme *s, struct nir_application *a)
{
	const char *text, *state;

	if (!sapi_text(c, "state", &text))
		return false;
	state = text ? places_state(text) : NULL;
	if (!state) {
		api_bad_field(c, "state",
		    "It must be a state of India, by name or by its two letters.");
		return false;
	}
	if (scheme_lists(s, "excluded_states", state)) {
		api_problem(c, "state-excluded",
		    "According to the guideline on record the scheme is not offered there.");
		return false;
	}
	memcpy(a->state, state, 3);
	return true;
}

void api_nir_apply(struct api_call *c)
{
	struct nir_application a = {.status = "SUBMITTED_AT_RO", .lang = "hi"};
	const char *disability, *lang;
	bool is_bpl, has_guardian;
	struct scheme s;
	int64_t days;
	json_t *o;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_msisdn(c, a.msisdn) ||
	    !read_choice(c, "kind", "ENROL RENEW", a.kind, sizeof a.kind) ||
	    !sapi_bool(c, c->in, "bpl", false, &is_bpl) ||
	    !sapi_bool(c, c->in, "guardian", false, &has_guardian) ||
	    !sapi_text(c, "disability", &disability) || !sapi_text(c, "lang", &lang) ||
	    !read_place(c, &s, &a))
		return;
	if (!disability || strlen(disability) >= sizeof a.disability ||
	    !ynode_get(scheme_value(&s, "disabilities"), disability)) {
		api_bad_field(c, "disability", "It must be a disability of GET /v1/schemes/niramaya.");
		return;
	}
	if (lang && field_is_lang(sv_from(lang)))
		memcpy(a.lang, lang, strlen(lang) + 1);
	memcpy(a.disability, disability, strlen(disability) + 1);
	snprintf(a.category, sizeof a.category, "%s", nir_category(&s, is_bpl, has_guardian));
	a.received = ist_day(c->now_ms);
	a.ref = nir_add(c->a->q.db, &a, c->now_ms);
	o = application_json(&s, &a, a.received);
	json_object_set_new(o, "fee_rs", json_integer(nir_fee(&s, a.kind, a.category)));
	days = nir_fy_end(a.received) - a.received + 1;
	json_object_set_new(o, "short",
	    json_boolean(!strcmp(a.kind, "ENROL") && days <= scheme_int(&s, "short_cover_days")));
	api_answer(c, 201, o);
}

/* By reference, or "current": the newest of the phone; only for the phone that it is of. */
static bool find(struct api_call *c, const char *msisdn, bool with_card, struct nir_application *a)
{
	char *end;
	int64_t ref = strtoll(c->param, &end, 10);
	bool found;

	if (msisdn && !strcmp(c->param, "current"))
		found = nir_latest(c->a->q.db, msisdn, with_card, a);
	else
		found = !*end && nir_get(c->a->q.db, ref, a) && (!msisdn || !strcmp(a->msisdn, msisdn));
	if (!found)
		api_problem(c, "no-application", "There is none with this number for this phone.");
	return found;
}

static bool query_msisdn(struct api_call *c, char out[FIELD_MSISDN_CAP])
{
	if (sapi_query(c, "msisdn", out, FIELD_MSISDN_CAP) && field_is_msisdn(sv_from(out)))
		return true;
	api_bad_field(c, "msisdn", "Records are told only to the phone that they are of.");
	return false;
}

void api_nir_application_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP], lang[FIELD_LANG_CAP];
	struct nir_application a;
	struct scheme s;
	json_t *o;

	if (!sapi_scheme(c, "niramaya", &s) || !query_msisdn(c, msisdn) || !find(c, msisdn, false, &a))
		return;
	o = application_json(&s, &a, ist_day(c->now_ms));
	if (a.missing[0])
		json_object_set_new(o, "papers",
		    names_json(&s, a.missing,
			sapi_query(c, "lang", lang, sizeof lang) && !strcmp(lang, "en") ? "en" : "hi"));
	api_answer(c, 200, o);
}

/* The card of a phone, and what renewing it today would be. */
void api_nir_card_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP];
	const int64_t today = ist_day(c->now_ms);
	struct nir_application a;
	struct scheme s;
	int64_t next_to;
	const char *kind;
	json_t *o;

	if (!sapi_scheme(c, "niramaya", &s) || !query_msisdn(c, msisdn))
		return;
	if (!nir_latest(c->a->q.db, msisdn, true, &a)) {
		api_problem(c, "no-card", "No card is recorded for this phone.");
		return;
	}
	kind = nir_renewal(&s, a.valid_to, today, &next_to);
	o = json_pack("{s:I, s:o, s:b, s:s, s:I, s:o}", "ref", (json_int_t)a.ref, "valid_to",
	    sapi_day_json(a.valid_to), "valid", nir_is_valid(a.start, a.valid_to, today), "next_kind",
	    kind, "fee_rs", (json_int_t)nir_fee(&s, kind, a.category), "next_valid_to",
	    sapi_day_json(next_to));
	json_object_set_new(o, "year",
	    json_sprintf("%.4s", json_string_value(json_object_get(o, "valid_to"))));
	api_answer(c, 200, o);
}

/* ---- how it goes on ---- */

struct missing {
	const struct scheme *s;
	char codes[NIR_CODES_CAP];
	bool has_unknown;
};

static void add_missing(const char *word, void *arg)
{
	struct missing *m = arg;
	size_t n = strlen(m->codes);

	if (!ynode_get(scheme_value(m->s, "document_names"), word) ||
	    n + strlen(word) + 2 > sizeof m->codes)
		m->has_unknown = true;
	else
		snprintf(m->codes + n, sizeof m->codes - n, "%s%s", n > 0 ? "," : "", word);
}

void api_nir_application_status(struct api_call *c)
{
	char status[20], *reason = NULL;
	const char *raw;
	struct nir_application a;
	struct scheme s;
	struct missing m = {.s = &s};
	bool is_incomplete;

	if (!sapi_scheme(c, "niramaya", &s) ||
	    !read_choice(c, "status",
		"SENT_TO_NT INCOMPLETE RESUBMITTED APPROVED REJECTED CARD_UPLOADED", status,
		sizeof status) ||
	    !sapi_text(c, "reason", &raw) || !sapi_words(c, "missing", add_missing, &m) ||
	    !find(c, NULL, false, &a))
		return;
	/* Papers that are missing are no end: they are named, and there are days to bring them. */
	if (!strcmp(status, "REJECTED") && m.codes[0])
		memcpy(status, "INCOMPLETE", 11);
	is_incomplete = !strcmp(status, "INCOMPLETE");
	if (raw)
		reason = field_text(sv_from(raw), 40);
	if (m.has_unknown || (is_incomplete && !m.codes[0]))
		api_bad_field(c, "missing", "Name the missing papers: D1 to D5.");
	else if (!strcmp(status, "REJECTED") && !reason)
		api_bad_field(c, "reason", "The applicant must be told why, in at most 40 letters.");
	else if (!nir_move(c->a->q.db, &s, &a, status, is_incomplete ? m.codes : "",
		     reason ? reason : "", c->now_ms))
		json_object_set_new(api_problem(c, "wrong-state", "It cannot go on so."), "state",
		    json_string(a.status));
	else
		api_answer(c, 200, application_json(&s, &a, ist_day(c->now_ms)));
	free(reason);
}
