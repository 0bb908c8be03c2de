/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_hospital_api.c - the requests about hospitals of PM-JAY: is this a place, which hospitals are
 * there, what are they paid for which treatment. Rules: pmjay.h. */
#include "backend/scheme_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "backend/places.h"
#include "backend/pmjay.h"

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

/* Where a person may mean: a PIN code, a district, a state. False: nothing is known by it. */
static bool find_place(struct api_call *c, const char *text, struct pmjay_place *p)
{
	struct places_words w;
	const char *state;
	bool is_known;

	places_read(text, &w);
	if (w.pin > 0)
		p->pin = w.pin;
	else if (w.pin == 0)
		p->district_id = pmjay_district(c->a->q.db, w.whole, p->state);
	is_known = p->pin > 0 || p->district_id > 0;
	if (!is_known && w.pin == 0 && (state = places_state(text)) != NULL) {
		p->state = state;
		is_known = true;
	} else if (!is_known && w.state) {
		p->district_id = pmjay_district(c->a->q.db, w.district, w.state);
		is_known = p->district_id > 0;
	}
	places_words_clear(&w);
	return is_known;
}

#define LABEL_CHARS 30u /* what a variable of a message may have */
#define SUGGESTIONS 2

static size_t chars_in(const char *utf8)
{
	return u8_mbsnlen((const uint8_t *)utf8, strlen(utf8));
}

/* "District Hospital 800001", "Dialysis Rs 1800": what fits into one variable of a message. A name that
 * is too long ends at a word, so that no letter loses its vowel sign. */
static char *label_of(const char *name, const char *more)
{
	size_t n = 0, chars = 0, cut, room = LABEL_CHARS - 1 - chars_in(more);

	while (name[n] && chars < room) {
		do
			n++;
		while (((unsigned char)name[n] & 0xc0) == 0x80);
		chars++;
	}
	for (cut = n; name[n] && cut > 0 && name[cut] != ' ';)
		cut--;
	return xasprintf("%.*s %s", (int)(cut > 0 ? cut : n), name, more);
}

static char *hospital_label(const struct pmjay_hospital *h, const char *lang)
{
	char pin[24];

	snprintf(pin, sizeof pin, "%lld", (long long)h->pin);
	return label_of(!strcmp(lang, "hi") ? h->name_hi : h->name_en, pin);
}

static json_t *hospital_json(const struct pmjay_hospital *h, const char *lang)
{
	bool is_hi = !strcmp(lang, "hi");
	const char *name = is_hi ? h->name_hi : h->name_en;
	char *label = hospital_label(h, lang);
	json_t *o =
	    json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "hospital_id", (json_int_t)h->hospital_id,
		"name", name, "kind", h->kind, "district", is_hi ? h->district_hi : h->district_en,
		"state", h->state, "pin", (json_int_t)h->pin, "status", "ACTIVE");

	json_object_set_new(o, "label", json_string(label));
	free(label);
	return o;
}

/* ANY when it is absent. */
static bool read_speciality(struct api_call *c, const struct scheme *s, char out[32])
{
	if (!sapi_query(c, "speciality", out, 32))
		memcpy(out, "ANY", 4);
	if (!strcmp(out, "ANY") || ynode_get(scheme_value(s, "specialities"), out))
		return true;
	api_bad_field(c, "speciality", "It must be a code of GET /v1/schemes/pmjay.");
	return false;
}

static bool read_where(struct api_call *c, const struct scheme *s, struct pmjay_place *p,
    char speciality[32])
{
	char state[64], district[200] = "", place[200];

	if (sapi_query(c, "state", state, sizeof state) && !sapi_state(c, state, &p->state))
		return false;
	if (!read_number(c, "pin", 0, 100000, 999999, &p->pin))
		return false;
	if (sapi_query(c, "district", district, sizeof district))
		p->district_id = pmjay_district(c->a->q.db, district, p->state);
	if ((district[0] && p->district_id == 0) ||
	    (sapi_query(c, "place", place, sizeof place) && !find_place(c, place, p))) {
		api_problem(c, "unknown-place",
		    "There is no such district, or several; name the state or the PIN code.");
		return false;
	}
	if (!p->pin && !p->district_id && !p->state) {
		api_bad_field(c, "place", "Name a PIN code, a district or a state.");
		return false;
	}
	if (!read_speciality(c, s, speciality))
		return false;
	p->speciality = speciality;
	return true;
}

struct page {
	int64_t number, limit;
	char lang[FIELD_LANG_CAP];
};

static bool read_page(struct api_call *c, struct page *p)
{
	if (!read_number(c, "limit", 2, 1, PMJAY_PAGE_MAX, &p->limit) ||
	    !read_number(c, "page", 1, 1, 100000, &p->number))
		return false;
	if (!sapi_query(c, "lang", p->lang, sizeof p->lang))
		memcpy(p->lang, "hi", 3);
	return true;
}

static json_t *page_json(const struct page *p, int64_t total, const char *name, json_t *list)
{
	bool is_more = p->number * p->limit < total;

	return json_pack("{s:I, s:I, s:I, s:b, s:I, s:o}", "total", (json_int_t)total, "page",
	    (json_int_t)p->number, "count", (json_int_t)json_array_size(list), "more", is_more,
	    "next_page", (json_int_t)(is_more ? p->number + 1 : 1), name, list);
}

void api_pmjay_hospitals(struct api_call *c)
{
	struct pmjay_hospital h[PMJAY_PAGE_MAX];
	struct pmjay_place p = {0};
	char speciality[32];
	struct page page;
	int64_t total;
	struct scheme s;
	size_t n;
	json_t *list;

	if (!sapi_scheme(c, "pmjay", &s) || !read_where(c, &s, &p, speciality) || !read_page(c, &page))
		return;
	n = pmjay_hospitals(c->a->q.db, &p, (page.number - 1) * page.limit, h, (size_t)page.limit,
	    &total);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, hospital_json(&h[i], page.lang));
	api_answer(c, 200, page_json(&page, total, "hospitals", list));
}

static json_t *rate_json(const struct pmjay_rate *r, const char *lang)
{
	bool is_hi = !strcmp(lang, "hi");
	const char *name = is_hi ? r->name_hi : r->name_en;
	char *sum = xasprintf("%s %lld", is_hi ? "रु." : "Rs", (long long)r->rate_rs),
	     *label = label_of(name, sum);
	json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:s}", "code", r->code, "speciality", r->speciality,
	    "name", name, "rate_rs", (json_int_t)r->rate_rs, "label", label);

	free(sum);
	free(label);
	return o;
}

void api_pmjay_packages(struct api_call *c)
{
	struct pmjay_rate r[PMJAY_PAGE_MAX];
	struct pmjay_hospital h;
	char speciality[32], *end, *label;
	struct page page;
	int64_t total;
	struct scheme s;
	size_t n;
	json_t *o, *list;

	if (!sapi_scheme(c, "pmjay", &s) || !read_speciality(c, &s, speciality) || !read_page(c, &page))
		return;
	if (!pmjay_hospital(c->a->q.db, strtoll(c->param, &end, 10), &h) || *end) {
		api_problem(c, "unknown-hospital", "There is no active hospital of this id.");
		return;
	}
	n = pmjay_rates(c->a->q.db, h.hospital_id, speciality, (page.number - 1) * page.limit, r,
	    (size_t)page.limit, &total);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, rate_json(&r[i], page.lang));
	o = page_json(&page, total, "packages", list);
	label = hospital_label(&h, page.lang);
	json_object_set_new(o, "hospital_id", json_integer((json_int_t)h.hospital_id));
	json_object_set_new(o, "label", json_string(label));
	sapi_set_rule(o, "cashless", &s, "cashless");
	free(label);
	api_answer(c, 200, o);
}

/* ---- is this a place? ---- */

/* "Bilaspur, Himachal Pradesh", or the district alone where both are more than a message's variable. */
static char *district_label(const struct pmjay_near *n, const char *lang)
{
	const char *name = !strcmp(lang, "hi") ? n->name_hi : n->name_en;
	char *state = places_state_name(n->state, lang), *label = xasprintf("%s, %s", name, state);

	free(state);
	if (chars_in(label) <= LABEL_CHARS)
		return label;
	free(label);
	return xstrdup(name);
}

static json_t *suggestions_json(struct api_call *c, const char *text, const char *lang)
{
	struct pmjay_near near[SUGGESTIONS];
	struct places_words w;
	const char *state;
	json_t *list = json_array();
	size_t n = 0;

	places_read(text, &w);
	if (w.district)
		n = pmjay_near(c->a->q.db, w.district, w.state, near, SUGGESTIONS);
	for (size_t i = 0; i < n; i++) {
		char *label = district_label(&near[i], lang);

		json_array_append_new(list, json_pack("{s:s, s:s++}", "label", label, "place",
						near[i].name_en, ", ", near[i].state));
		free(label);
	}
	state = n == 0 ? places_state_near(text) : NULL;
	if (state) {
		char *name = places_state_name(state, lang);

		json_array_append_new(list, json_pack("{s:s, s:s}", "label", name, "place", state));
		free(name);
	}
	places_words_clear(&w);
	return list;
}

void api_pmjay_places(struct api_call *c)
{
	char place[200], lang[FIELD_LANG_CAP];
	struct pmjay_place p = {0};
	struct places_words w;
	int64_t pin;

	if (!sapi_query(c, "place", place, sizeof place)) {
		api_bad_field(c, "place", "Name a PIN code, a district or a state.");
		return;
	}
	if (!sapi_query(c, "lang", lang, sizeof lang))
		memcpy(lang, "hi", 3);
	places_read(place, &w);
	pin = w.pin;
	places_words_clear(&w);
	if (pin > 0 && pmjay_any_hospital(c->a->q.db, pin))
		api_answer(c, 200, json_pack("{s:s, s:I}", "kind", "PIN", "pin", (json_int_t)pin));
	else if (pin != 0)
		api_problem(c, "unknown-pin", "No hospital is listed near this PIN code.");
	else if (find_place(c, place, &p))
		api_answer(c, 200,
		    json_pack("{s:s}", "kind", p.district_id > 0 ? "DISTRICT" : "STATE"));
	else
		json_object_set_new(api_problem(c, "unknown-place",
					"There is no such district, or several; name the state or the "
					"PIN code."),
		    "suggestions", suggestions_json(c, place, lang));
}
