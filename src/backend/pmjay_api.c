/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_api.c - the requests about PM-JAY: estimate, look-up. Rules: pmjay.h. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/places.h"
#include "backend/pmjay.h"

#define RS_MAX 10000000000LL

/* ---- estimate ---- */

struct words { /* a list being read: codes, and "?" for a question left open */
	struct pmjay_codes *codes;
	bool *is_unanswered;
};

static void add_word(const char *word, void *arg)
{
	struct words *w = arg;

	if (!strcmp(word, "?"))
		*w->is_unanswered = true;
	else
		pmjay_codes_add(w->codes, word);
}

static bool read_member(struct api_call *c, const json_t *o, struct pmjay_member *m)
{
	const char *sex = json_string_value(json_object_get(o, "sex"));
	int64_t age, born, today = ist_day(c->now_ms);

	if (!sapi_int(c, o, "age", -1, 0, FIELD_AGE_MAX, &age) ||
	    !sapi_day(c, o, "born", INT64_MAX, &born) ||
	    !sapi_bool(c, o, "disabled", false, &m->is_disabled) ||
	    !sapi_bool(c, o, "able_bodied", !m->is_disabled, &m->is_able))
		return false;
	if (born != INT64_MAX && born <= today)
		age = pmjay_age(born, today);
	if (age < 0) {
		api_bad_field(c, "members", "A member has an age, or a day of birth that has come.");
		return false;
	}
	m->age = (int)age;
	m->sex = sex && strlen(sex) == 1 && strchr("FMO", *sex) ? *sex : 0;
	return true;
}

static bool read_members(struct api_call *c, struct pmjay_facts *f)
{
	const json_t *list = json_object_get(c->in, "members"), *o;
	size_t i;

	if (!list || json_is_null(list))
		return true;
	if (!json_is_array(list) || json_array_size(list) > PMJAY_MEMBERS_MAX) {
		api_bad_field(c, "members", "It must be a list of at most 40 members.");
		return false;
	}
	json_array_foreach(list, i, o)
	{
		if (!read_member(c, o, &f->member[f->n_members]))
			return false;
		f->n_members++;
	}
	return true;
}

static bool read_area(struct api_call *c, struct pmjay_facts *f)
{
	const char *area;

	if (!sapi_text(c, "area", &area))
		return false;
	if (!area || !strcmp(area, "?")) {
		f->is_unanswered = true;
	} else if (!strcmp(area, "RURAL")) {
		f->area = PMJAY_RURAL;
	} else if (!strcmp(area, "URBAN")) {
		f->area = PMJAY_URBAN;
	} else {
		api_bad_field(c, "area", "It must be RURAL or URBAN.");
		return false;
	}
	return true;
}

static bool read_facts(struct api_call *c, struct pmjay_facts *f)
{
	bool unanswered;
	struct words cat = {&f->categories, &f->is_unanswered},
		     ex = {&f->exclusions, &f->is_unanswered};

	if (!read_area(c, f) || !sapi_words(c, "categories", add_word, &cat) ||
	    !sapi_words(c, "exclusions", add_word, &ex) || !read_members(c, f) ||
	    !sapi_bool(c, c->in, "has_70plus", false, &f->has_70plus) ||
	    !sapi_bool(c, c->in, "unanswered", false, &unanswered) ||
	    !sapi_bool(c, c->in, "led_by_woman", false, &f->is_led_by_woman) ||
	    !sapi_int(c, c->in, "income_rs", -1, 0, RS_MAX, &f->income_rs) ||
	    !sapi_int(c, c->in, "scooter_cc", -1, 0, 10000, &f->scooter_cc) ||
	    !sapi_int(c, c->in, "properties", -1, 0, 100000, &f->properties) ||
	    !sapi_bool(c, c->in, "car", false, &f->has_car) ||
	    !sapi_bool(c, c->in, "government_employee", false, &f->is_government) ||
	    !sapi_bool(c, c->in, "other_medical_cover", false, &f->has_other_cover) ||
	    !sapi_bool(c, c->in, "pays_tax", false, &f->pays_tax) ||
	    !sapi_bool(c, c->in, "formal_job", false, &f->has_formal_job))
		return false;
	f->is_unanswered = f->is_unanswered || unanswered;
	return true;
}

static json_t *codes_json(const struct pmjay_codes *c)
{
	json_t *a = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(a, json_string(c->code[i]));
	return a;
}

/* What no result may be without. */
static void add_disclaimer(json_t *o, const struct scheme *s)
{
	json_object_set_new(o, "estimate_only", json_true());
	sapi_set_rule(o, "disclaimer", s, "disclaimer");
	sapi_set_rule(o, "verify_url", s, "verify_url");
	sapi_set_rule(o, "helplines", s, "helplines");
	sapi_set_rule(o, "rules_version", s, "rules_version");
	json_object_set_new(o, "rules_from", json_string(s->from));
}

void api_pmjay_estimate(struct api_call *c)
{
	struct pmjay_facts f = {0};
	struct pmjay_estimate e;
	struct scheme s;
	bool is_family;
	json_t *o;

	if (!sapi_scheme(c, "pmjay", &s) || !read_facts(c, &f))
		return;
	pmjay_estimate(&s, &f, &e);
	is_family = e.result == PMJAY_FAMILY || e.result == PMJAY_FAMILY_PLUS_TOPUP;
	o = json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:I, s:I}", "result", pmjay_result_name(e.result),
	    "family", is_family, "senior", e.is_senior, "matched", codes_json(&e.matched),
	    "excluded_by", codes_json(&e.excluded_by), "ignored", codes_json(&e.ignored), "cover_rs",
	    (json_int_t)(is_family || e.is_senior ? scheme_int(&s, "cover_rs") : 0), "senior_topup_rs",
	    (json_int_t)(e.result == PMJAY_FAMILY_PLUS_TOPUP ? scheme_int(&s, "senior_topup_rs") : 0));
	if (e.result == PMJAY_NOT_MATCHED || e.result == PMJAY_NOT_ELIGIBLE)
		sapi_set_rule(o, "advice", &s, "not_listed_advice");
	add_disclaimer(o, &s);
	api_answer(c, 200, o);
}

/* ---- look-up ---- */

/* As people copy it from a card: spaces and hyphens dropped, capital letters. */
static bool read_id(struct api_call *c, char out[24])
{
	const char *s;
	size_t n = 0;

	out[0] = '\0';
	if (!sapi_text(c, "id", &s))
		return false;
	for (; s && *s; s++) {
		if (*s == ' ' || *s == '-')
			continue;
		if (n == 20 || !((*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') ||
				   (*s >= 'a' && *s <= 'z'))) {
			n = 0;
			break;
		}
		out[n++] = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s;
	}
	out[n] = '\0';
	/* Nobody needs an Aadhaar number here, and none is looked at; the bridge has cut what it saw. */
	if (!s ||
	    (n >= 4 && strncmp(out, "XXXX", 4) != 0 && !(n == 12 && strspn(out, "0123456789") == 12)))
		return true;
	api_bad_field(c, "id",
	    "A PM-JAY id or ration card number: 4 to 20 letters and digits, not Aadhaar.");
	return false;
}

/* Only what the person needs: a name as far as to know whose record it is, the state, the card. */
static json_t *record_json(const struct scheme *s, const struct pmjay_record *r, const char *lang)
{
	bool is_made = r->is_member ? r->has_card : r->cards == r->members,
	     is_none = r->is_member ? !r->has_card : r->cards == 0;
	char *name = field_mask(r->name), *state = places_state_name(r->state, lang ? lang : "hi"),
	     *made = xasprintf("%lld/%lld", (long long)r->cards, (long long)r->members);
	json_t *o = json_pack("{s:b, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "listed", 1, "name",
	    name, "state", r->state, "state_name", state, "card",
	    is_made   ? "MADE"
	    : is_none ? "NOT_MADE"
		      : "SOME",
	    "cards_made", made, "members", (json_int_t)r->members, "cards", (json_int_t)r->cards,
	    "seniors", (json_int_t)r->seniors, "cover_rs", (json_int_t)scheme_int(s, "cover_rs"));

	free(name);
	free(state);
	free(made);
	sapi_set_rule(o, "helplines", s, "helplines");
	return o;
}

void api_pmjay_lookup(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP], id[24];
	const char *state_text, *lang;
	struct pmjay_query q = {.msisdn = msisdn};
	struct pmjay_record r;
	struct scheme s;
	int64_t today = ist_day(c->now_ms), senior_born = today, verified_at;
	int n;

	if (!sapi_scheme(c, "pmjay", &s) || !sapi_msisdn(c, msisdn) || !read_id(c, id) ||
	    !sapi_text(c, "lang", &lang) || !sapi_text(c, "state", &state_text) ||
	    !sapi_state(c, state_text, &q.state) || (verified_at = api_verified_at(c)) < 0)
		return;
	if (c->now_ms >= verified_at + scheme_int(&s, "record_verified_hours") * 3600 * 1000) {
		api_not_verified(c);
		return;
	}
	q.id = id[0] ? id : NULL;
	/* The last day of birth of somebody who has reached the age. */
	senior_born -= scheme_int(&s, "senior_age") * 365;
	while (pmjay_age(senior_born, today) >= scheme_int(&s, "senior_age"))
		senior_born++;
	while (pmjay_age(senior_born, today) < scheme_int(&s, "senior_age"))
		senior_born--;
	n = pmjay_find(c->a->q.db, &q, senior_born, &r);
	if (n == 0) {
		/* The same whether there is no such record or it is another number's. */
		api_problem(c, "no-record", "Nothing is registered with this mobile number.");
	} else if (n > 1) {
		api_problem(c, "several-records", "Name the state, the PM-JAY id or the ration card.");
	} else {
		api_answer(c, 200, record_json(&s, &r, lang));
	}
}
