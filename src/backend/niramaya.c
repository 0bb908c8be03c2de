/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya.c - the rules of Niramaya that need nothing but numbers; see niramaya.h. Pure. */
#include "backend/niramaya.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "backend/ist.h"

const char *nir_category(const struct scheme *s, bool is_bpl, bool has_guardian)
{
	if (has_guardian && (!is_bpl || scheme_bool(s, "guardian_precedence")))
		return "GUARDIAN";
	return is_bpl ? "BPL" : "NON_BPL";
}

static int64_t number(const struct ynode *n)
{
	long long v = 0;
	bool ok = ynode_int(n, &v);

	assert(ok); /* checked with the file: check_inside in scheme.c */
	(void)ok;
	return v;
}

int64_t nir_fee(const struct scheme *s, const char *kind, const char *category)
{
	return number(ynode_get(ynode_get(scheme_value(s, "fees_rs"), kind), category));
}

size_t nir_documents(const struct scheme *s, const char *category, bool by_challan, const char **out,
    size_t max)
{
	const struct ynode *list = ynode_get(scheme_value(s, "documents"), category);
	const char *challan = scheme_text(s, "challan_document");
	size_t n = 0;

	for (size_t i = 0; list && i < list->count && n < max; i++) {
		const char *code = ynode_str(list->vals[i]);

		if (by_challan || strcmp(code, challan))
			out[n++] = code;
	}
	return n;
}

/* ---- benefits ---- */

static int64_t less(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t nir_payable(const struct scheme *s, const char *section, const char *sub, int64_t amount,
    const struct nir_used *used, const char **limited_by, int64_t *limit)
{
	const struct ynode *sec = ynode_get(scheme_value(s, "benefits"), section);
	const struct ynode *subs = ynode_get(sec, "subs");
	const struct ynode *of_sub = sub && *sub ? ynode_get(subs, sub) : NULL;
	const int64_t overall = scheme_int(s, "cover_rs");
	const struct {
		const char *name;
		int64_t left;
	} limits[] = {
	    {"SUB", of_sub ? number(of_sub) - used->sub : INT64_MAX},
	    {"SECTION", sec ? number(ynode_get(sec, "limit")) - used->section : 0},
	    {"OVERALL", overall - used->overall},
	};
	int64_t pay = amount;

	*limited_by = "";
	*limit = 0;
	if (!sec || (subs != NULL) != (sub && *sub) || (subs && !of_sub))
		return -1;
	*limit = less(overall, number(of_sub ? of_sub : ynode_get(sec, "limit")));
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (limits[i].left < pay) {
			pay = limits[i].left;
			*limited_by = limits[i].name;
		}
	return pay > 0 ? pay : 0;
}

/* ---- the calendar ---- */

static int64_t day_of(int year, int month, int mday)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = mday};

	return (int64_t)timegm(&tm) / 86400;
}

static void civil(int64_t day, int *year, int *month)
{
	time_t t = (time_t)day * 86400;
	struct tm tm = {0};

	gmtime_r(&t, &tm);
	*year = tm.tm_year + 1900;
	*month = tm.tm_mon + 1;
}

int64_t nir_fy_end(int64_t day)
{
	int year, month;

	civil(day, &year, &month);
	return day_of(month <= 3 ? year : year + 1, 3, 31);
}

bool nir_is_valid(int64_t start, int64_t valid_to, int64_t day)
{
	return start <= day && day <= valid_to;
}

/* "12-31" in the year that ends with valid_to. */
static int64_t reminder_day(const char *month_day, int64_t valid_to)
{
	int year, month, m = (month_day[0] - '0') * 10 + month_day[1] - '0';

	civil(valid_to, &year, &month);
	return day_of(m > month ? year - 1 : year, m, (month_day[3] - '0') * 10 + month_day[4] - '0');
}

size_t nir_reminders(const struct scheme *s, int64_t from, int64_t valid_to,
    int64_t out[NIR_REMINDERS_MAX])
{
	const struct ynode *list = scheme_value(s, "renew_reminders");
	bool has_begun = false;
	size_t n = 0;

	for (size_t i = 0; i < list->count && n < NIR_REMINDERS_MAX; i++) {
		int64_t day = reminder_day(ynode_str(list->vals[i]), valid_to);

		if (day < from) {
			has_begun = true;
			continue;
		}
		if (has_begun && day > from)
			out[n++] = from;
		has_begun = false;
		if (n < NIR_REMINDERS_MAX)
			out[n++] = day;
	}
	if (has_begun && from <= valid_to)
		out[n++] = from;
	return n;
}

const char *nir_renewal(const struct scheme *s, int64_t valid_to, int64_t day, int64_t *new_valid_to)
{
	if (day > valid_to + scheme_int(s, "late_renewal_grace_days")) {
		*new_valid_to = nir_fy_end(day);
		return "ENROL";
	}
	/* One more year; in the grace that is the year which has begun. */
	*new_valid_to = nir_fy_end(valid_to + 1);
	return "RENEW";
}

int64_t nir_claim_due(const struct scheme *s, int64_t treated, int64_t discharged)
{
	return (discharged > 0 ? discharged : treated) + scheme_int(s, "claim_window_days");
}
