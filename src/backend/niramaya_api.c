/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_api.c - questions about Niramaya that need no record: who may join, what it costs and
 * which papers, what is payable of a bill, until when a card is valid. Rules: niramaya.h. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/niramaya.h"
#include "backend/places.h"

#define AMOUNT_MAX 100000000

/* ---- who may join ---- */

struct disabilities {
	const struct scheme *s;
	json_t *known;
	bool has_unknown;
};

static void add_disability(const char *word, void *arg)
{
	struct disabilities *d = arg;

	if (ynode_get(scheme_value(d->s, "disabilities"), word))
		json_array_append_new(d->known, json_string(word));
	else
		d->has_unknown = true;
}

void api_nir_eligibility(struct api_call *c)
{
	struct scheme s;
	struct disabilities d = {&s, NULL, false};
	const char *state_text, *state, *reason = NULL;
	bool has_certificate;
	json_t *o;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_text(c, "state", &state_text) ||
	    !sapi_bool(c, c->in, "certificate", false, &has_certificate))
		return;
	state = state_text ? places_state(state_text) : NULL;
	if (state_text && *state_text && !state) {
		api_bad_field(c, "state",
		    "It must be a state of India, by name or by its two letters.");
		return;
	}
	d.known = json_array();
	if (sapi_words(c, "disabilities", add_disability, &d)) {
		if (state && scheme_lists(&s, "excluded_states", state))
			reason = "EXCLUDED_STATE";
		else if (json_array_size(d.known) == 0)
			reason = "NO_DISABILITY";
		else if (!has_certificate && scheme_bool(&s, "certificate_needed"))
			reason = "NO_CERTIFICATE";
		o = json_pack("{s:b, s:s?, s:O, s:I, s:b, s:s}", "eligible", !reason, "reason", reason,
		    "disabilities", d.known, "cover_rs",
		    (json_int_t)(reason ? 0 : scheme_int(&s, "cover_rs")), "medical_exam",
		    scheme_bool(&s, "medical_exam"), "as_of", s.from);
		sapi_set_rule(o, "site", &s, "site");
		api_answer(c, 200, o);
	}
	json_decref(d.known);
}

/* ---- fee and papers ---- */

static bool read_kind(struct api_call *c, char out[8])
{
	const char *kind;

	if (!sapi_text(c, "kind", &kind))
		return false;
	if (!kind || (strcmp(kind, "ENROL") && strcmp(kind, "RENEW"))) {
		api_bad_field(c, "kind", "It must be ENROL or RENEW.");
		return false;
	}
	memcpy(out, kind, 6);
	return true;
}

static json_t *documents_json(const struct scheme *s, const char *category, bool by_challan)
{
	const char *codes[16];
	size_t n = nir_documents(s, category, by_challan, codes, 16);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(codes[i]));
	return list;
}

void api_nir_fee(struct api_call *c)
{
	struct scheme s;
	char kind[8];
	bool is_bpl, has_guardian, by_challan;
	const char *category;
	const int64_t today = ist_day(c->now_ms), end = nir_fy_end(today), days = end - today + 1;

	if (!sapi_scheme(c, "niramaya", &s) || !read_kind(c, kind) ||
	    !sapi_bool(c, c->in, "bpl", false, &is_bpl) ||
	    !sapi_bool(c, c->in, "guardian", false, &has_guardian) ||
	    !sapi_bool(c, c->in, "challan", true, &by_challan))
		return;
	category = nir_category(&s, is_bpl, has_guardian);
	api_answer(c, 200,
	    json_pack("{s:s, s:s, s:I, s:o, s:I, s:o, s:I, s:b, s:s}", "kind", kind, "category",
		category, "fee_rs", (json_int_t)nir_fee(&s, kind, category), "documents",
		documents_json(&s, category, by_challan), "ro_share_rs",
		(json_int_t)scheme_int(&s, "ro_share_rs"), "valid_to", sapi_day_json(end), "valid_days",
		(json_int_t)days, "short",
		!strcmp(kind, "ENROL") && days <= scheme_int(&s, "short_cover_days"), "as_of", s.from));
}

/* ---- what is payable ---- */

void api_nir_payable(struct api_call *c)
{
	struct scheme s;
	const char *section, *sub, *kind, *limited_by;
	char of_kind[16];
	struct nir_used used;
	const json_t *u = json_object_get(c->in, "used");
	int64_t amount, limit, pay;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_text(c, "kind", &kind) ||
	    !sapi_text(c, "section", &section) || !sapi_text(c, "sub", &sub) ||
	    !sapi_int(c, c->in, "amount_rs", -1, 0, AMOUNT_MAX, &amount) ||
	    !sapi_int(c, u, "sub_rs", 0, 0, AMOUNT_MAX, &used.sub) ||
	    !sapi_int(c, u, "section_rs", 0, 0, AMOUNT_MAX, &used.section) ||
	    !sapi_int(c, u, "overall_rs", 0, 0, AMOUNT_MAX, &used.overall))
		return;
	if (kind && strlen(kind) < sizeof of_kind) { /* "II-a": both in one word, as packs send it */
		char *dash;

		memcpy(of_kind, kind, strlen(kind) + 1);
		dash = strchr(of_kind, '-');
		if (dash)
			*dash = '\0';
		section = of_kind;
		sub = dash ? dash + 1 : NULL;
	}
	if (amount < 0) {
		api_bad_field(c, "amount_rs", "Say how much the bill is, in whole rupees.");
		return;
	}
	pay = nir_payable(&s, section ? section : "", sub, amount, &used, &limited_by, &limit);
	if (pay < 0) {
		api_bad_field(c, "section", "It must be a section of the benefit table, with its sub.");
		return;
	}
	api_answer(c, 200,
	    json_pack("{s:I, s:I, s:I, s:s, s:b, s:s, s:s}", "amount_rs", (json_int_t)amount,
		"payable_rs", (json_int_t)pay, "limit_rs", (json_int_t)limit, "limited_by", limited_by,
		"reimbursement", !scheme_bool(&s, "cashless"), "table",
		scheme_text(&s, "benefit_table_version"), "as_of", s.from));
}

/* ---- the calendar ---- */

void api_nir_validity(struct api_call *c)
{
	struct scheme s;
	int64_t enrolled, day, reminders[NIR_REMINDERS_MAX], new_valid_to, end;
	const int64_t today = ist_day(c->now_ms);
	const char *next;
	size_t n;
	json_t *list;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_day(c, c->in, "enrolled_on", today, &enrolled) ||
	    !sapi_day(c, c->in, "on", today, &day))
		return;
	end = nir_fy_end(enrolled);
	n = nir_reminders(&s, enrolled, end, reminders);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, sapi_day_json(reminders[i]));
	next = nir_renewal(&s, end, day, &new_valid_to);
	api_answer(c, 200,
	    json_pack("{s:o, s:o, s:I, s:b, s:b, s:o, s:s, s:o}", "enrolled_on",
		sapi_day_json(enrolled), "valid_to", sapi_day_json(end), "valid_days",
		(json_int_t)(end - enrolled + 1), "short",
		end - enrolled + 1 <= scheme_int(&s, "short_cover_days"), "valid",
		nir_is_valid(enrolled, end, day), "reminders", list, "next_kind", next, "next_valid_to",
		sapi_day_json(new_valid_to)));
}
