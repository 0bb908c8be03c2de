/* SPDX-License-Identifier: BSD-2-Clause */
/* scheme.c - see scheme.h. */
#include "backend/scheme.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "backend/field.h"
#include "backend/ist.h"

enum rule_kind { RULE_INT, RULE_BOOL, RULE_TEXT, RULE_DATE, RULE_WORDS, RULE_INTS, RULE_MAP };
static const struct rule {
	const char *scheme, *name;
	enum rule_kind kind;
	int64_t min, max; /* of a number; of the count of a list */
	const char *one_of; /* TEXT: words between spaces; NULL: any */
} rules[] = {
    {"pmjay", "rules_version", RULE_TEXT, 0, 0, "seed official2018"},
    {"pmjay", "launched", RULE_DATE, 0, 0, NULL},
    {"pmjay", "cover_rs", RULE_INT, 1, 100000000, NULL},
    {"pmjay", "cover_basis", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "cashless", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "senior_age", RULE_INT, 1, 120, NULL},
    {"pmjay", "senior_topup_rs", RULE_INT, 1, 100000000, NULL},
    {"pmjay", "senior_counts", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "income_limit_rs", RULE_INT, 0, 100000000, NULL},
    {"pmjay", "scooter_cc_limit", RULE_INT, 0, 5000, NULL},
    {"pmjay", "property_limit", RULE_INT, 0, 100, NULL},
    {"pmjay", "working_age", RULE_INTS, 2, 2, NULL},
    {"pmjay", "r3_adult_min", RULE_INT, 0, 120, NULL},
    {"pmjay", "rural", RULE_WORDS, 1, 16, NULL},
    {"pmjay", "urban", RULE_WORDS, 1, 16, NULL},
    {"pmjay", "official2018_more", RULE_WORDS, 0, 16, NULL},
    {"pmjay", "exclusions", RULE_WORDS, 0, 16, NULL},
    {"pmjay", "category_names", RULE_MAP, 1, 64, NULL},
    {"pmjay", "verification_priority", RULE_WORDS, 0, 16, NULL},
    {"pmjay", "pre_days", RULE_INT, 0, 366, NULL},
    {"pmjay", "post_days", RULE_INT, 0, 366, NULL},
    {"pmjay", "min_admission_hours", RULE_INT, 0, 240, NULL},
    {"pmjay", "opd_covered", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "waiting_days", RULE_INT, 0, 3660, NULL},
    {"pmjay", "family_limit", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "portable", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "procedures", RULE_INT, 1, 100000, NULL},
    {"pmjay", "specialities", RULE_MAP, 1, 64, NULL},
    {"pmjay", "packages", RULE_MAP, 0, 4096, NULL},
    {"pmjay", "hospitals_more_than", RULE_INT, 1, 10000000, NULL},
    {"pmjay", "families", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "cover_items", RULE_WORDS, 1, 32, NULL},
    {"pmjay", "documents_mandatory", RULE_WORDS, 1, 16, NULL},
    {"pmjay", "documents_optional", RULE_WORDS, 0, 16, NULL},
    {"pmjay", "ration_card_blocks", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "mobile_rule", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "card_fee_rs", RULE_INT, 0, 1000, NULL},
    {"pmjay", "print_fee_note", RULE_BOOL, 0, 0, NULL},
    {"pmjay", "print_fee_rs", RULE_INT, 0, 1000, NULL},
    {"pmjay", "verify_url", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "check_url", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "helplines", RULE_WORDS, 1, 8, NULL},
    {"pmjay", "helpline_hours", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "whatsapp", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "email", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "grievance_site", RULE_TEXT, 0, 0, NULL},
    {"pmjay", "disclaimer", RULE_MAP, 2, 4, NULL},
    {"pmjay", "record_verified_hours", RULE_INT, 1, 240, NULL},
    {"pmjay", "not_listed_advice", RULE_WORDS, 1, 8, NULL},
    {"pmjay", "grievance_days", RULE_INT, 1, 366, NULL},
    {"pmjay", "grievance_levels", RULE_WORDS, 1, 8, NULL},
    {"niramaya", "cover_rs", RULE_INT, 1, 100000000, NULL},
    {"niramaya", "disabilities", RULE_MAP, 1, 16, NULL},
    {"niramaya", "certificate_needed", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "medical_exam", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "excluded_states", RULE_WORDS, 0, 36, NULL},
    {"niramaya", "open_all_year", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "fees_rs", RULE_MAP, 2, 2, NULL},
    {"niramaya", "guardian_precedence", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "documents", RULE_MAP, 3, 3, NULL},
    {"niramaya", "challan_document", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "document_names", RULE_MAP, 1, 16, NULL},
    {"niramaya", "document_short_names", RULE_MAP, 1, 16, NULL},
    {"niramaya", "ro_share_rs", RULE_INT, 0, 10000, NULL},
    {"niramaya", "benefit_table_version", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "benefits", RULE_MAP, 1, 16, NULL},
    {"niramaya", "cashless", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "benefit_changes", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "resubmit_days", RULE_INT, 1, 366, NULL},
    {"niramaya", "resubmit_reminders", RULE_INTS, 0, 8, NULL},
    {"niramaya", "decision_days", RULE_INT, 1, 366, NULL},
    {"niramaya", "card_days", RULE_INT, 1, 366, NULL},
    {"niramaya", "completeness_days", RULE_INT, 1, 366, NULL},
    {"niramaya", "renew_lead_months", RULE_INT, 0, 12, NULL},
    {"niramaya", "renew_reminders", RULE_WORDS, 0, 12, NULL},
    {"niramaya", "reminder_hour", RULE_INT, 0, 23, NULL},
    {"niramaya", "late_renewal_grace_days", RULE_INT, 0, 366, NULL},
    {"niramaya", "short_cover_days", RULE_INT, 0, 366, NULL},
    {"niramaya", "claim_window_days", RULE_INT, 1, 366, NULL},
    {"niramaya", "claim_window_hard", RULE_BOOL, 0, 0, NULL},
    {"niramaya", "claim_documents", RULE_MAP, 1, 16, NULL},
    {"niramaya", "site", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "claim_form", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "helpline", RULE_TEXT, 0, 0, NULL},
    {"niramaya", "reports", RULE_WORDS, 1, 4, NULL},
    {"niramaya", "kpi_card", RULE_MAP, 2, 4, NULL},
    {"niramaya", "kpi_report", RULE_MAP, 2, 4, NULL},
    {"niramaya", "report_words", RULE_INT, 1, 10000, NULL},
    {"niramaya", "grievance_levels", RULE_WORDS, 1, 8, NULL},
    {"niramaya", "grievance_days", RULE_INT, 1, 366, NULL},
};
#define N_RULES (sizeof rules / sizeof rules[0])

struct checker {
	const char *file;
	struct buf *err;
};

static void check_list(const struct checker *k, const struct rule *r, const struct ynode *v)
{
	if (v->kind != YNODE_LIST || (int64_t)v->count < r->min || (int64_t)v->count > r->max) {
		ydoc_error(k->err, k->file, v, "%s must be a list of %lld to %lld values", r->name,
		    (long long)r->min, (long long)r->max);
		return;
	}
	for (size_t i = 0; i < v->count; i++) {
		long long n;
		const char *s = ynode_str(v->vals[i]);

		if (r->kind == RULE_INTS ? !ynode_int(v->vals[i], &n) : !s || !*s)
			ydoc_error(k->err, k->file, v->vals[i], "%s is a list of %s", r->name,
			    r->kind == RULE_INTS ? "whole numbers" : "words");
	}
}

static bool is_one_of(const char *words, const char *s)
{
	size_t n = strlen(s);

	for (const char *at = words; (at = strstr(at, s)) != NULL; at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' '))
			return true;
	return false;
}

static void check_value(const struct checker *k, const struct rule *r, const struct ynode *v)
{
	const char *s = ynode_str(v);
	long long n;
	int64_t day;
	bool flag;

	switch (r->kind) {
	case RULE_INT:
		if (!ynode_int(v, &n) || n < r->min || n > r->max)
			ydoc_error(k->err, k->file, v, "%s must be a whole number from %lld to %lld",
			    r->name, (long long)r->min, (long long)r->max);
		break;
	case RULE_BOOL:
		if (!ynode_bool(v, &flag))
			ydoc_error(k->err, k->file, v, "%s must be true or false", r->name);
		break;
	case RULE_TEXT:
		if (!s || (r->one_of && (!*s || !is_one_of(r->one_of, s))))
			ydoc_error(k->err, k->file, v, "%s must be %s%s", r->name,
			    r->one_of ? "one of " : "text", r->one_of ? r->one_of : "");
		break;
	case RULE_DATE:
		if (!s || !ist_parse_date(s, &day))
			ydoc_error(k->err, k->file, v, "%s must be a date such as 2026-01-31", r->name);
		break;
	case RULE_WORDS:
	case RULE_INTS:
		check_list(k, r, v);
		break;
	case RULE_MAP:
		if (v->kind != YNODE_MAP || (int64_t)v->count < r->min || (int64_t)v->count > r->max)
			ydoc_error(k->err, k->file, v, "%s must be a map of %lld to %lld entries",
			    r->name, (long long)r->min, (long long)r->max);
		break;
	}
}

/* Maps that the code looks into: every number that it will ask for must be there. */
static void check_fees(const struct checker *k, const struct ynode *v)
{
	static const char *const kinds[] = {"ENROL", "RENEW"}, *const categories[] = {
								   "BPL", "NON_BPL", "GUARDIAN"};
	long long n;

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 3; j++)
			if (!ynode_int(ynode_get(ynode_get(v, kinds[i]), categories[j]), &n) || n < 0)
				ydoc_error(k->err, k->file, v, "fees_rs needs a number for %s of %s",
				    kinds[i], categories[j]);
}

static void check_benefits(const struct checker *k, const struct ynode *v)
{
	long long n;

	for (size_t i = 0; i < v->count; i++) {
		const struct ynode *subs = ynode_get(v->vals[i], "subs");

		if (!ynode_int(ynode_get(v->vals[i], "limit"), &n) || n < 0)
			ydoc_error(k->err, k->file, v->vals[i], "a section of benefits needs a limit");
		for (size_t j = 0; subs && j < subs->count; j++)
			if (!ynode_int(subs->vals[j], &n) || n < 0)
				ydoc_error(k->err, k->file, subs->vals[j], "a limit is a number");
	}
}

static void check_documents(const struct checker *k, const struct ynode *v)
{
	static const char *const categories[] = {"BPL", "NON_BPL", "GUARDIAN"};

	for (size_t i = 0; i < 3; i++) {
		const struct ynode *list = ynode_get(v, categories[i]);

		if (!list || list->kind != YNODE_LIST || list->count == 0)
			ydoc_error(k->err, k->file, v, "documents needs a list for %s", categories[i]);
	}
}

static void check_month_days(const struct checker *k, const struct ynode *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const char *s = ynode_str(v->vals[i]);
		char date[16];
		int64_t day;

		snprintf(date, sizeof date, "2023-%.8s", s ? s : "");
		if (!ist_parse_date(date, &day))
			ydoc_error(k->err, k->file, v->vals[i],
			    "a reminder is a day such as \"12-31\"");
	}
}

static void check_packages(const struct checker *k, const struct ynode *v)
{
	for (size_t i = 0; i < v->count; i++) {
		static const char *const texts[] = {"speciality", "hi", "en"};
		const struct ynode *p = v->vals[i];
		long long n;

		for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
			if (!ynode_str(ynode_get(p, texts[j])))
				ydoc_error(k->err, k->file, p, "a package needs %s", texts[j]);
		if (!ynode_int(ynode_get(p, "rate_rs"), &n) || n < 1 || n > 10000000)
			ydoc_error(k->err, k->file, p, "a package needs rate_rs, in rupees");
	}
}

static void check_inside(const struct checker *k, const char *rule, const struct ynode *v)
{
	if (!strcmp(rule, "fees_rs"))
		check_fees(k, v);
	else if (!strcmp(rule, "benefits"))
		check_benefits(k, v);
	else if (!strcmp(rule, "documents"))
		check_documents(k, v);
	else if (!strcmp(rule, "renew_reminders"))
		check_month_days(k, v);
	else if (!strcmp(rule, "packages"))
		check_packages(k, v);
}

static void check_version(const struct checker *k, const char *scheme, const struct ynode *map,
    int64_t *from_day)
{
	const char *from = ynode_str(ynode_get(map, "from"));

	if (map->kind != YNODE_MAP || !from || !ist_parse_date(from, from_day)) {
		ydoc_error(k->err, k->file, map,
		    "a version needs `from`, the day it comes into force (2026-01-31)");
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		const char *key = ynode_str(map->keys[i]);
		size_t j = 0;

		while (j < N_RULES && (strcmp(scheme, rules[j].scheme) || strcmp(key, rules[j].name)))
			j++;
		if (j == N_RULES && strcmp(key, "from"))
			ydoc_error(k->err, k->file, map->keys[i], "there is no rule %s", key);
	}
	for (size_t j = 0; j < N_RULES; j++) {
		const struct ynode *rule, *value;
		const char *source;

		if (strcmp(scheme, rules[j].scheme))
			continue;
		rule = ynode_get(map, rules[j].name);
		value = ynode_get(rule, "value");
		source = ynode_str(ynode_get(rule, "source"));
		if (!value) {
			ydoc_error(k->err, k->file, rule ? rule : map,
			    "%s is missing: {value: ..., source: ...}", rules[j].name);
		} else {
			check_value(k, &rules[j], value);
			check_inside(k, rules[j].name, value);
		}
		if (rule && (!source || !*source))
			ydoc_error(k->err, k->file, rule, "%s needs a source", rules[j].name);
	}
}

static bool is_known(const char *scheme)
{
	for (size_t j = 0; j < N_RULES; j++)
		if (!strcmp(rules[j].scheme, scheme))
			return true;
	return false;
}

void scheme_check(const char *name, const struct ynode *schemes, struct buf *err)
{
	const struct checker k = {name, err};

	if (schemes && schemes->kind != YNODE_MAP) {
		ydoc_error(err, name, schemes, "`schemes` must be a map");
		return;
	}
	for (size_t i = 0; schemes && i < schemes->count; i++) {
		const char *scheme = ynode_str(schemes->keys[i]);
		const struct ynode *list = ynode_get(schemes->vals[i], "rules");
		int64_t last = INT64_MIN;

		if (!is_known(scheme)) {
			ydoc_error(err, name, schemes->keys[i], "there is no scheme %s", scheme);
			continue;
		}
		if (!list || list->kind != YNODE_LIST || list->count == 0) {
			ydoc_error(err, name, schemes->vals[i],
			    "a scheme needs rules, a list of dated versions");
			continue;
		}
		for (size_t v = 0; v < list->count; v++) {
			int64_t day = INT64_MAX;

			check_version(&k, scheme, list->vals[v], &day);
			if (day <= last)
				ydoc_error(err, name, list->vals[v],
				    "versions must be in the order of their dates");
			last = day;
		}
	}
}

bool scheme_now(const struct rules *r, const char *name, int64_t now_ms, struct scheme *out)
{
	const struct ynode *schemes = rules_schemes(r);
	const struct ynode *list = ynode_get(ynode_get(schemes, name), "rules");

	for (size_t v = list ? list->count : 0; v-- > 0;) {
		const char *from = ynode_str(ynode_get(list->vals[v], "from"));
		int64_t day;

		if (!ist_parse_date(from, &day) || day > ist_day(now_ms))
			continue;
		*out = (struct scheme){name, from, list->vals[v]};
		for (size_t i = 0; i < schemes->count; i++)
			if (!strcmp(ynode_str(schemes->keys[i]), name))
				out->name = ynode_str(schemes->keys[i]);
		return true;
	}
	return false;
}

const char *scheme_title(const struct rules *r, const char *name, const char *lang)
{
	const char *t =
	    ynode_str(ynode_get(ynode_get(ynode_get(rules_schemes(r), name), "name"), lang));

	return t ? t : "";
}

const struct ynode *scheme_value(const struct scheme *s, const char *rule)
{
	const struct ynode *v = ynode_get(ynode_get(s->map, rule), "value");

	assert(v); /* the file was checked: a rule that is missing in the table above */
	return v;
}

int64_t scheme_int(const struct scheme *s, const char *rule)
{
	long long v = 0;
	bool ok = ynode_int(scheme_value(s, rule), &v);

	assert(ok);
	(void)ok;
	return v;
}

bool scheme_bool(const struct scheme *s, const char *rule)
{
	bool v = false, ok = ynode_bool(scheme_value(s, rule), &v);

	assert(ok);
	(void)ok;
	return v;
}

const char *scheme_text(const struct scheme *s, const char *rule)
{
	return ynode_str(scheme_value(s, rule));
}

int64_t scheme_int_at(const struct scheme *s, const char *rule, size_t i)
{
	const struct ynode *list = scheme_value(s, rule);
	long long v = 0;
	bool ok = i < list->count && ynode_int(list->vals[i], &v);

	assert(ok);
	(void)ok;
	return v;
}

bool scheme_lists(const struct scheme *s, const char *rule, const char *word)
{
	const struct ynode *list = scheme_value(s, rule);

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(ynode_str(list->vals[i]), word))
			return true;
	return false;
}

/* ---- as JSON ---- */

json_t *scheme_value_json(const struct ynode *v)
{
	json_t *o;
	long long n;

	switch (v->kind) {
	case YNODE_LIST:
		o = json_array();
		for (size_t i = 0; i < v->count; i++)
			json_array_append_new(o, scheme_value_json(v->vals[i]));
		return o;
	case YNODE_MAP:
		o = json_object();
		for (size_t i = 0; i < v->count; i++)
			json_object_set_new(o, ynode_str(v->keys[i]), scheme_value_json(v->vals[i]));
		return o;
	case YNODE_SCALAR:
		break;
	}
	if (v->is_plain && ynode_int(v, &n))
		return json_integer(n);
	if (v->is_plain && (!strcmp(v->scalar, "true") || !strcmp(v->scalar, "false")))
		return json_boolean(!strcmp(v->scalar, "true"));
	if (v->is_plain && !strcmp(v->scalar, "null"))
		return json_null();
	return json_string(v->scalar);
}

json_t *scheme_json(const struct scheme *s)
{
	json_t *out = json_object();

	for (size_t i = 0; i < s->map->count; i++)
		if (strcmp(ynode_str(s->map->keys[i]), "from"))
			json_object_set_new(out, ynode_str(s->map->keys[i]),
			    scheme_value_json(s->map->vals[i]));
	return out;
}
