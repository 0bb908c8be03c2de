/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_hospital_api.c - the requests about hospitals of PM-JAY: is this a place, which hospitals are
 * there. Rules: pmjay.h. */
#include "backend/scheme_api.h"

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

#define LABEL_CHARS 30 /* what a variable of a message may have */
#define SUGGESTIONS 2
#define LABEL_NAME_CHARS (LABEL_CHARS - 7) /* with a space and a PIN code */

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

/* ---- is this a place? ---- */

/* "Bilaspur, Himachal Pradesh", or the district alone where both are more than a message's variable. */
static char *district_label(const struct pmjay_near *n, const char *lang)
{
	const char *name = !strcmp(lang, "hi") ? n->name_hi : n->name_en;
	char *state = places_state_name(n->state, lang), *label = xasprintf("%s, %s", name, state);

	free(state);
	if (u8_mbsnlen((const uint8_t *)label, strlen(label)) <= LABEL_CHARS)
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
