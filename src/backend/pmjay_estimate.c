/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_estimate.c - who is likely covered by PM-JAY, from what people say. Pure. An estimate
 * only: the real list decides, so every answer that is made of it says so. */
#include "backend/pmjay.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *pmjay_result_name(enum pmjay_result r)
{
	switch (r) {
	case PMJAY_FAMILY_PLUS_TOPUP:
		return "LIKELY_ELIGIBLE_FAMILY_PLUS_TOPUP";
	case PMJAY_FAMILY:
		return "LIKELY_ELIGIBLE_FAMILY";
	case PMJAY_SENIOR_ONLY:
		return "SENIOR_ONLY";
	case PMJAY_NOT_ELIGIBLE:
		return "LIKELY_NOT_ELIGIBLE";
	case PMJAY_NOT_MATCHED:
		return "NOT_MATCHED";
	case PMJAY_INSUFFICIENT:
		return "INSUFFICIENT";
	}
	return "?";
}

bool pmjay_codes_has(const struct pmjay_codes *c, const char *code)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->code[i], code))
			return true;
	return false;
}

void pmjay_codes_add(struct pmjay_codes *c, const char *code)
{
	if (c->n == PMJAY_CODES_MAX || strlen(code) >= PMJAY_CODE_CAP || pmjay_codes_has(c, code))
		return;
	snprintf(c->code[c->n++], PMJAY_CODE_CAP, "%s", code);
}

int pmjay_age(int64_t born_day, int64_t today)
{
	time_t b = (time_t)born_day * 86400, t = (time_t)today * 86400;
	struct tm born, now;

	if (!gmtime_r(&b, &born) || !gmtime_r(&t, &now))
		return 0;
	return now.tm_year - born.tm_year -
	       (now.tm_mon < born.tm_mon || (now.tm_mon == born.tm_mon && now.tm_mday < born.tm_mday));
}

/* What the ages say about the three categories that are made of them. */
struct household {
	bool has_70plus;
	bool r1, r2, r3;
};

static struct household household(const struct scheme *s, const struct pmjay_facts *f)
{
	const int64_t from = scheme_int_at(s, "working_age", 0),
		      to = scheme_int_at(s, "working_age", 1), adult = scheme_int(s, "r3_adult_min"),
		      senior = scheme_int(s, "senior_age");
	struct household h = {false, true, true, false};
	bool has_able_adult = false;

	for (size_t i = 0; i < f->n_members; i++) {
		const struct pmjay_member *m = &f->member[i];
		bool is_working_age = m->age >= from && m->age <= to;

		h.has_70plus = h.has_70plus || m->age >= senior;
		h.r1 = h.r1 && !(is_working_age && m->sex == 'M');
		h.r2 = h.r2 && !is_working_age;
		h.r3 = h.r3 || m->is_disabled;
		has_able_adult = has_able_adult || (m->is_able && m->age >= adult);
	}
	h.r3 = h.r3 && !has_able_adult;
	return h;
}

/* Is the code on the list of the area, in the version that is in force? */
static bool is_listed(const struct scheme *s, const struct pmjay_facts *f, const char *code)
{
	bool is_official = !strcmp(scheme_text(s, "rules_version"), "official2018");

	if (f->area == PMJAY_AREA_UNKNOWN)
		return false;
	if (scheme_lists(s, f->area == PMJAY_RURAL ? "rural" : "urban", code))
		return !(is_official && !strcmp(code, "R1") && !f->is_led_by_woman);
	return is_official && code[0] == (f->area == PMJAY_RURAL ? 'R' : 'U') &&
	       scheme_lists(s, "official2018_more", code);
}

static void match_categories(const struct scheme *s, const struct pmjay_facts *f,
    const struct household *h, struct pmjay_estimate *out)
{
	const struct {
		const char *code;
		bool is_true;
	} by_age[] = {{"R1", h->r1}, {"R2", h->r2}, {"R3", h->r3}};
	struct pmjay_codes claimed = f->categories;

	/* Ages that were said decide over a claim about ages. */
	for (size_t i = 0; f->n_members > 0 && i < sizeof by_age / sizeof by_age[0]; i++) {
		if (by_age[i].is_true && f->area == PMJAY_RURAL)
			pmjay_codes_add(&claimed, by_age[i].code);
		else if (!by_age[i].is_true && pmjay_codes_has(&claimed, by_age[i].code))
			pmjay_codes_add(&out->ignored, by_age[i].code);
	}
	for (size_t i = 0; i < claimed.n; i++) {
		const char *code = claimed.code[i];

		if (pmjay_codes_has(&out->ignored, code))
			continue;
		pmjay_codes_add(is_listed(s, f, code) ? &out->matched : &out->ignored, code);
	}
}

static void match_exclusions(const struct scheme *s, const struct pmjay_facts *f,
    struct pmjay_estimate *out)
{
	const struct {
		const char *code;
		bool is_true;
	} facts[] = {
	    {"X1", f->is_government && f->has_other_cover},
	    {"X2", f->income_rs > scheme_int(s, "income_limit_rs")},
	    {"X3", f->pays_tax},
	    {"X4", f->has_car || f->scooter_cc > scheme_int(s, "scooter_cc_limit")},
	    {"X5", f->properties > scheme_int(s, "property_limit")},
	    {"X6", f->has_formal_job},
	};

	for (size_t i = 0; i < f->exclusions.n; i++) {
		const char *code = f->exclusions.code[i];

		pmjay_codes_add(scheme_lists(s, "exclusions", code) ? &out->excluded_by : &out->ignored,
		    code);
	}
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].is_true && scheme_lists(s, "exclusions", facts[i].code))
			pmjay_codes_add(&out->excluded_by, facts[i].code);
}

void pmjay_estimate(const struct scheme *s, const struct pmjay_facts *f, struct pmjay_estimate *out)
{
	const struct household h = household(s, f);
	bool is_match, is_excluded;

	*out = (struct pmjay_estimate){.is_senior = f->has_70plus || h.has_70plus};
	match_categories(s, f, &h, out);
	match_exclusions(s, f, out);
	is_match = out->matched.n > 0;
	is_excluded = out->excluded_by.n > 0;
	/* The heading of the exclusions is "who cannot apply", so they win over a category; nothing
	 * wins over being 70. */
	if (f->is_unanswered && !is_excluded && !is_match)
		out->result = PMJAY_INSUFFICIENT;
	else if (is_match && !is_excluded)
		out->result = out->is_senior ? PMJAY_FAMILY_PLUS_TOPUP : PMJAY_FAMILY;
	else if (out->is_senior)
		out->result = PMJAY_SENIOR_ONLY;
	else
		out->result = is_excluded ? PMJAY_NOT_ELIGIBLE : PMJAY_NOT_MATCHED;
}
