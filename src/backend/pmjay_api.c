/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_api.c - the requests about PM-JAY: estimate, look-up, hospitals. Rules: pmjay.h. */
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

static bool read_state(struct api_call *c, const char *text, const char **out)
{
	*out = text && *text ? places_state(text) : NULL;
	if (!text || !*text || *out)
		return true;
	api_bad_field(c, "state", "It must be a state of India, by name or by its two letters.");
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
	    !read_state(c, state_text, &q.state) || (verified_at = api_verified_at(c)) < 0)
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

/* ---- hospitals ---- */

static bool read_number(struct api_call *c, const char *key, int64_t def, int64_t min, int64_t max,
    int64_t *out)
{
	char text[16], *end;

	*out = def;
	if (!sapi_query(c, key, text, sizeof text))
		return true;
	*out = strtoll(text, &end, 10);
	if (!*end && *out >= min && *out <= max)
		return true;
	api_bad_field(c, key, "It must be a whole number within its limits.");
	return false;
}

/* `place` is what a person wrote: a PIN code, or a district, or "district, state" either way. */
static bool read_place(struct api_call *c, struct pmjay_place *p)
{
	char place[200], *comma;
	const char *state_of_place;

	if (!sapi_query(c, "place", place, sizeof place))
		return true;
	if (strlen(place) == 6 && strspn(place, "0123456789") == 6 && place[0] != '0') {
		p->pin = strtoll(place, NULL, 10);
		return true;
	}
	comma = strchr(place, ',');
	if (comma) {
		*comma = '\0';
		state_of_place = places_state(comma + 1);
		if (state_of_place) {
			p->state = state_of_place;
			p->district_id = pmjay_district(c->a->q.db, place, p->state);
		} else if ((state_of_place = places_state(place)) != NULL) {
			p->state = state_of_place;
			p->district_id = pmjay_district(c->a->q.db, comma + 1, p->state);
		}
	} else {
		p->district_id = pmjay_district(c->a->q.db, place, p->state);
		if (p->district_id == 0 && !p->state)
			p->state = places_state(place);
		else if (p->district_id == 0)
			p->state = NULL;
	}
	return p->district_id > 0 || p->state != NULL;
}

#define LABEL_NAME_CHARS 23 /* with a space and a PIN code, the 30 that a message's variable may have */

/* "District Hospital 800001": what fits into one variable of a message. */
static char *hospital_label(const char *name, int64_t pin)
{
	size_t n = 0, chars = 0, cut;

	while (name[n] && chars < LABEL_NAME_CHARS) {
		do
			n++;
		while (((unsigned char)name[n] & 0xc0) == 0x80);
		chars++;
	}
	/* A name that is too long ends at a word, so that no letter loses its vowel sign. */
	for (cut = n; name[n] && cut > 0 && name[cut] != ' ';)
		cut--;
	return xasprintf("%.*s %lld", (int)(cut > 0 ? cut : n), name, (long long)pin);
}

static json_t *hospital_json(const struct pmjay_hospital *h, const char *lang)
{
	bool is_hi = !strcmp(lang, "hi");
	const char *name = is_hi ? h->name_hi : h->name_en;
	char *label = hospital_label(name, h->pin);
	json_t *o =
	    json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "hospital_id", (json_int_t)h->hospital_id,
		"name", name, "kind", h->kind, "district", is_hi ? h->district_hi : h->district_en,
		"state", h->state, "pin", (json_int_t)h->pin, "status", "ACTIVE");

	json_object_set_new(o, "label", json_string(label));
	free(label);
	return o;
}

static bool read_where(struct api_call *c, const struct scheme *s, struct pmjay_place *p,
    char speciality[32])
{
	char state[64], district[200] = "";

	if (sapi_query(c, "state", state, sizeof state) && !read_state(c, state, &p->state))
		return false;
	if (!read_number(c, "pin", 0, 100000, 999999, &p->pin))
		return false;
	if (sapi_query(c, "district", district, sizeof district))
		p->district_id = pmjay_district(c->a->q.db, district, p->state);
	if ((district[0] && p->district_id == 0) || !read_place(c, p)) {
		api_problem(c, "unknown-place",
		    "There is no such district, or several; name the state or the PIN code.");
		return false;
	}
	if (!p->pin && !p->district_id && !p->state) {
		api_bad_field(c, "place", "Name a PIN code, a district or a state.");
		return false;
	}
	if (sapi_query(c, "speciality", speciality, 32) && strcmp(speciality, "ANY")) {
		if (!ynode_get(scheme_value(s, "specialities"), speciality)) {
			api_bad_field(c, "speciality", "It must be a code of GET /v1/schemes/pmjay.");
			return false;
		}
		p->speciality = speciality;
	}
	return true;
}

void api_pmjay_hospitals(struct api_call *c)
{
	struct pmjay_hospital h[PMJAY_PAGE_MAX];
	struct pmjay_place p = {0};
	char speciality[32], lang[FIELD_LANG_CAP];
	int64_t limit, page, total;
	struct scheme s;
	size_t n;
	json_t *o, *list;

	if (!sapi_scheme(c, "pmjay", &s) || !read_where(c, &s, &p, speciality) ||
	    !read_number(c, "limit", 2, 1, PMJAY_PAGE_MAX, &limit) ||
	    !read_number(c, "page", 1, 1, 100000, &page))
		return;
	if (!sapi_query(c, "lang", lang, sizeof lang))
		memcpy(lang, "hi", 3);
	n = pmjay_hospitals(c->a->q.db, &p, (page - 1) * limit, h, (size_t)limit, &total);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, hospital_json(&h[i], lang));
	o = json_pack("{s:I, s:I, s:i, s:b, s:I, s:o}", "total", (json_int_t)total, "page",
	    (json_int_t)page, "count", (int)n, "more", page * limit < total, "next_page",
	    (json_int_t)(page * limit < total ? page + 1 : 1), "hospitals", list);
	api_answer(c, 200, o);
}
