/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.c - reads the services' rules from YAML; see rules.h and etc/backend-rules.yaml.
 * One table of rows says which values a version has; all are required, each with a source. */
#include "backend/rules.h"

#include <stdlib.h>
#include <string.h>

#include "backend/field.h"
#include "backend/ist.h"
#include "backend/scheme.h"
#include "base/ydoc.h"

struct rules_entry {
	const char *service; /* borrowed from the document, or line */
	char line[FIELD_SERVICE_CAP]; /* of a speciality: cghs-eye */
	const struct ynode *name; /* titles by language */
	struct service_rules *v; /* by from_day, ascending */
	size_t n;
};

struct rules {
	struct ydoc *doc; /* owned */
	struct rules_entry *v;
	size_t n;
};

enum row_kind { ROW_INT, ROW_BOOL, ROW_CHOICE, ROW_THRESHOLDS, ROW_REGIONS, ROW_HOURS };
#define AT(member) offsetof(struct service_rules, member)
/* The words of the enums in rules.h, in their order. */
static const char *const validities[] = {"calendar_day", "rolling_24h", NULL};
static const char *const outsides[] = {"reject", "next_service_day", NULL};
static const char *const layouts[] = {"one", "split", "token_only", NULL};
static const struct row {
	const char *name;
	enum row_kind kind;
	size_t offset;
	int64_t min, max;
	const char *const *choices;
	bool is_optional; /* absent: 0, false, the first choice, none */
} rows[] = {
    {"token_validity", ROW_CHOICE, AT(validity), 0, 0, validities, false},
    {"missed_turn_max", ROW_INT, AT(missed_turn_max), 0, 20, NULL, false},
    {"reconnect_grace_s", ROW_INT, AT(reconnect_grace_s), 0, 7200, NULL, false},
    {"minutes_per_patient", ROW_INT, AT(minutes_per_patient), 1, 240, NULL, false},
    {"thresholds", ROW_THRESHOLDS, 0, 0, 100000, NULL, false},
    {"auto_token_on_registration", ROW_BOOL, AT(auto_token), 0, 0, NULL, false},
    {"hours", ROW_HOURS, 0, 0, 0, NULL, false},
    {"issue_outside_hours", ROW_CHOICE, AT(outside), 0, 0, outsides, true},
    {"issue_before_open", ROW_BOOL, AT(is_issued_before_open), 0, 0, NULL, true},
    {"closing_notice", ROW_BOOL, AT(has_closing_notice), 0, 0, NULL, true},
    {"call_outside_hours", ROW_BOOL, AT(is_called_outside), 0, 0, NULL, true},
    {"mobile_verified", ROW_BOOL, AT(needs_mobile), 0, 0, NULL, true},
    {"mobile_valid_days", ROW_INT, AT(mobile_valid_days), 0, 3660, NULL, true},
    {"beneficiary_id", ROW_BOOL, AT(needs_beneficiary), 0, 0, NULL, true},
    {"referral_required_for_teleconsult", ROW_BOOL, AT(needs_referral), 0, 0, NULL, true},
    {"senior_age", ROW_INT, AT(senior_age), 1, 125, NULL, true},
    {"regions", ROW_REGIONS, 0, 0, 0, NULL, true},
    {"enforce_region", ROW_BOOL, AT(is_region_enforced), 0, 0, NULL, true},
    {"ack_layout", ROW_CHOICE, AT(ack_layout), 0, 0, layouts, true},
    {"proxy_askers_max", ROW_INT, AT(proxy_askers_max), 0, 100, NULL, true},
    {"proxy_day_max", ROW_INT, AT(proxy_day_max), 0, 1000, NULL, true},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

const char *ack_layout_name(int layout)
{
	return layouts[layout];
}

struct reader {
	const char *name;
	struct buf *err;
};

static bool is_null(const struct ynode *n)
{
	const char *s = ynode_str(n);

	return s && n->is_plain && (!strcmp(s, "null") || !strcmp(s, "~") || !*s);
}

/* "HH:MM" or "24:00" as seconds of the day; -1: neither. */
static int clock_text(const char *s)
{
	int h, m;

	if (!s || strlen(s) != 5 || s[2] != ':' || strspn(s, "0123456789") != 2 ||
	    strspn(s + 3, "0123456789") != 2)
		return -1;
	h = (s[0] - '0') * 10 + s[1] - '0';
	m = (s[3] - '0') * 10 + s[4] - '0';
	if (m > 59 || h > 24 || (h == 24 && m > 0))
		return -1;
	return h * 3600 + m * 60;
}

static void read_int(const struct reader *rd, const struct row *row, const struct ynode *val,
    int64_t *out)
{
	long long v;

	if (!ynode_int(val, &v) || v < row->min || v > row->max)
		ydoc_error(rd->err, rd->name, val, "%s must be a whole number from %lld to %lld",
		    row->name, (long long)row->min, (long long)row->max);
	else
		*out = v;
}

static void read_thresholds(const struct reader *rd, const struct row *row, const struct ynode *val,
    struct service_rules *s)
{
	if (val->kind != YNODE_LIST || val->count > RULES_MAX_THRESHOLDS) {
		ydoc_error(rd->err, rd->name, val, "thresholds must be a list of at most %d numbers",
		    RULES_MAX_THRESHOLDS);
		return;
	}
	for (size_t i = 0; i < val->count; i++)
		read_int(rd, row, val->vals[i], &s->thresholds[s->n_thresholds++]);
}

static void read_choice(const struct reader *rd, const struct row *row, const struct ynode *val,
    int *out)
{
	const char *text = ynode_str(val);
	struct buf words;
	int i = 0;

	while (text && row->choices[i] && strcmp(text, row->choices[i]))
		i++;
	if (text && row->choices[i]) {
		*out = i;
		return;
	}
	buf_init(&words, 256);
	for (i = 0; row->choices[i]; i++)
		buf_addf(&words, "%s%s",
		    i == 0                ? ""
		    : row->choices[i + 1] ? ", "
					  : " or ",
		    row->choices[i]);
	ydoc_error(rd->err, rd->name, val, "%s must be %s", row->name, buf_str(&words));
	buf_clear(&words);
}

static void read_regions(const struct reader *rd, const struct ynode *list, struct service_rules *s)
{
	if (list->kind != YNODE_LIST || list->count > RULES_MAX_REGIONS) {
		ydoc_error(rd->err, rd->name, list, "regions must be a list of at most %d codes",
		    RULES_MAX_REGIONS);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const char *code = ynode_str(list->vals[i]);

		if (!code || !field_is_word(sv_from(code)) || strlen(code) >= RULES_REGION_CAP)
			ydoc_error(rd->err, rd->name, list->vals[i], "a region is a code such as DL");
		else
			memcpy(s->regions[s->n_regions++], code, strlen(code) + 1);
	}
}

static void read_holidays(const struct reader *rd, const struct ynode *list, struct service_rules *s)
{
	if (!list)
		return;
	if (list->kind != YNODE_LIST || list->count > RULES_MAX_HOLIDAYS) {
		ydoc_error(rd->err, rd->name, list, "holidays must be a list of at most %d dates",
		    RULES_MAX_HOLIDAYS);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const char *d = ynode_str(list->vals[i]);

		if (!d || !ist_parse_date(d, &s->holidays[s->n_holidays++]))
			ydoc_error(rd->err, rd->name, list->vals[i],
			    "a holiday must be a date such as 2026-01-26");
	}
}

static void read_hours(const struct reader *rd, const struct ynode *val, struct service_rules *s)
{
	const struct ynode *days = ynode_get(val, "weekdays");

	if (is_null(val))
		return;
	if (val->kind != YNODE_MAP) {
		ydoc_error(rd->err, rd->name, val, "hours must be null (always open) or a map");
		return;
	}
	s->has_hours = true;
	for (size_t i = 0; i < val->count; i++) {
		const char *k = ynode_str(val->keys[i]);

		if (strcmp(k, "weekdays") && strcmp(k, "open") && strcmp(k, "close") &&
		    strcmp(k, "holidays"))
			ydoc_error(rd->err, rd->name, val->keys[i], "hours have no key %s", k);
	}
	s->open_s = clock_text(ynode_str(ynode_get(val, "open")));
	s->close_s = clock_text(ynode_str(ynode_get(val, "close")));
	if (s->open_s < 0 || s->close_s <= s->open_s)
		ydoc_error(rd->err, rd->name, val,
		    "open and close must be times such as \"09:00\", open first");
	for (size_t i = 0; days && i < days->count; i++) {
		long long d;

		if (!ynode_int(days->vals[i], &d) || d < 1 || d > 7)
			ydoc_error(rd->err, rd->name, days->vals[i],
			    "a weekday is 1 (Monday) to 7 (Sunday)");
		else
			s->weekdays |= 1u << d;
	}
	if (!s->weekdays)
		ydoc_error(rd->err, rd->name, val,
		    "hours need weekdays, a list of 1 (Monday) to 7 (Sunday)");
	read_holidays(rd, ynode_get(val, "holidays"), s);
}

static void read_value(const struct reader *rd, const struct row *row, const struct ynode *val,
    struct service_rules *s)
{
	void *at = (char *)s + row->offset;

	switch (row->kind) {
	case ROW_INT:
		read_int(rd, row, val, at);
		break;
	case ROW_BOOL:
		if (!ynode_bool(val, at))
			ydoc_error(rd->err, rd->name, val, "%s must be true or false", row->name);
		break;
	case ROW_CHOICE:
		read_choice(rd, row, val, at);
		break;
	case ROW_THRESHOLDS:
		read_thresholds(rd, row, val, s);
		break;
	case ROW_REGIONS:
		read_regions(rd, val, s);
		break;
	case ROW_HOURS:
		read_hours(rd, val, s);
		break;
	}
}

static void read_version(const struct reader *rd, const struct ynode *map, struct service_rules *s)
{
	const char *from = ynode_str(ynode_get(map, "from"));

	if (map->kind != YNODE_MAP) {
		ydoc_error(rd->err, rd->name, map, "a version of the rules must be a map");
		return;
	}
	if (!from || !ist_parse_date(from, &s->from_day))
		ydoc_error(rd->err, rd->name, map,
		    "a version needs `from`, the day it comes into force (2026-01-31)");
	for (size_t i = 0; i < map->count; i++) {
		const char *k = ynode_str(map->keys[i]);
		size_t j = 0;

		while (j < N_ROWS && strcmp(k, rows[j].name))
			j++;
		if (j == N_ROWS && strcmp(k, "from"))
			ydoc_error(rd->err, rd->name, map->keys[i], "there is no rule %s", k);
	}
	for (size_t j = 0; j < N_ROWS; j++) {
		const struct ynode *rule = ynode_get(map, rows[j].name);
		const struct ynode *val = ynode_get(rule, "value");
		const char *source = ynode_str(ynode_get(rule, "source"));

		if (!rule && rows[j].is_optional)
			continue;
		if (!rule || !val)
			ydoc_error(rd->err, rd->name, rule ? rule : map,
			    "%s is missing: {value: ..., source: ...}", rows[j].name);
		else
			read_value(rd, &rows[j], val, s);
		if (rule && (!source || !*source))
			ydoc_error(rd->err, rd->name, rule, "%s needs a source", rows[j].name);
	}
	if (s->needs_referral && s->senior_age == 0)
		ydoc_error(rd->err, rd->name, map, "a referral rule needs senior_age");
}

static void read_service(const struct reader *rd, const struct ynode *key, const struct ynode *val,
    struct rules_entry *e)
{
	const struct ynode *list = ynode_get(val, "rules");

	e->service = ynode_str(key);
	e->name = ynode_get(val, "name");
	if (!field_is_service(sv_from(e->service)))
		ydoc_error(rd->err, rd->name, key, "a service's name is made of a-z, 0-9 and -");
	if (!list || list->kind != YNODE_LIST || list->count == 0) {
		ydoc_error(rd->err, rd->name, val, "a service needs rules, a list of dated versions");
		return;
	}
	e->v = xcalloc(list->count, sizeof *e->v);
	e->n = list->count;
	for (size_t i = 0; i < e->n; i++) {
		e->v[i].service = e->v[i].parent = e->service;
		read_version(rd, list->vals[i], &e->v[i]);
		if (i > 0 && e->v[i].from_day <= e->v[i - 1].from_day)
			ydoc_error(rd->err, rd->name, list->vals[i],
			    "versions must be in the order of their dates");
	}
}

/* cghs and EYE are cghs-eye. False: too long, or not of letters and digits. */
static bool line_name(const char *service, struct sv code, char out[FIELD_SERVICE_CAP])
{
	size_t n = strlen(service);

	if (code.n == 0 || n + 1 + code.n >= FIELD_SERVICE_CAP)
		return false;
	memcpy(out, service, n);
	out[n++] = '-';
	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/* Each speciality of a service is an entry of its own, behind that of the service. */
static void read_specialities(const struct reader *rd, const struct ynode *map, struct rules *r)
{
	struct rules_entry *parent = &r->v[r->n - 1];

	if (!map)
		return;
	if (map->kind != YNODE_MAP || map->count == 0) {
		ydoc_error(rd->err, rd->name, map, "specialities must be a map of codes and names");
		return;
	}
	for (size_t k = 0; k < parent->n; k++)
		parent->v[k].has_specialities = true;
	for (size_t i = 0; i < map->count; i++) {
		const char *code = ynode_str(map->keys[i]);
		struct rules_entry *e = &r->v[r->n++];

		*e = (struct rules_entry){.name = map->vals[i], .n = parent->n};
		e->v = xcalloc(e->n + 1, sizeof *e->v);
		e->service = e->line;
		if (!line_name(parent->service, sv_from(code), e->line))
			ydoc_error(rd->err, rd->name, map->keys[i],
			    "a speciality's code is made of A-Z and 0-9, and short");
		for (size_t k = 0; k < e->n; k++) {
			e->v[k] = parent->v[k];
			e->v[k].service = e->service;
			e->v[k].speciality = code;
			e->v[k].has_specialities = false;
		}
	}
}

static void read_services(const struct reader *rd, const struct ynode *services, struct rules *r)
{
	size_t n = services->count;

	for (size_t i = 0; i < services->count; i++) {
		const struct ynode *s = ynode_get(services->vals[i], "specialities");

		n += s ? s->count : 0;
	}
	r->v = xcalloc(n, sizeof *r->v);
	for (size_t i = 0; i < services->count; i++) {
		read_service(rd, services->keys[i], services->vals[i], &r->v[r->n++]);
		read_specialities(rd, ynode_get(services->vals[i], "specialities"), r);
	}
}

struct rules *rules_read(const char *name, struct sv text, struct buf *err)
{
	struct ydoc *doc = ydoc_parse(name, text, err);
	const struct ynode *services;
	struct reader rd = {name, err};
	size_t err_before = err->n;
	struct rules *r;

	if (!doc)
		return NULL;
	r = xcalloc(1, sizeof *r);
	r->doc = doc;
	services = ynode_get(ydoc_root(doc), "services");
	if (!services || services->kind != YNODE_MAP || services->count == 0) {
		ydoc_error(err, name, ydoc_root(doc), "there must be a map `services`");
	} else {
		read_services(&rd, services, r);
	}
	scheme_check(name, ynode_get(ydoc_root(doc), "schemes"), err);
	if (err->n > err_before || err->full) {
		rules_free(r);
		return NULL;
	}
	return r;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].v);
	free(r->v);
	ydoc_free(r->doc);
	free(r);
}

const struct ynode *rules_schemes(const struct rules *r)
{
	return ynode_get(ydoc_root(r->doc), "schemes");
}

size_t rules_services(const struct rules *r)
{
	return r->n;
}

const char *rules_service(const struct rules *r, size_t i)
{
	return r->v[i].service;
}

const char *rules_title(const struct rules *r, size_t i, const char *lang)
{
	const char *t = ynode_str(ynode_get(r->v[i].name, lang));

	return t ? t : "";
}

const struct service_rules *rules_find(const struct rules *r, const char *service, int64_t now_ms)
{
	int64_t day = ist_day(now_ms);

	for (size_t i = 0; i < r->n; i++) {
		const struct rules_entry *e = &r->v[i];

		if (strcmp(e->service, service))
			continue;
		for (size_t k = e->n; k-- > 0;)
			if (e->v[k].from_day <= day)
				return &e->v[k];
	}
	return NULL;
}

const struct service_rules *rules_line(const struct rules *r, const struct service_rules *s,
    struct sv code, int64_t now_ms)
{
	char line[FIELD_SERVICE_CAP];

	return line_name(s->service, code, line) ? rules_find(r, line, now_ms) : NULL;
}

static bool is_service_day(const struct service_rules *s, int64_t day)
{
	if (!(s->weekdays & 1u << ist_weekday(day)))
		return false;
	for (size_t i = 0; i < s->n_holidays; i++)
		if (s->holidays[i] == day)
			return false;
	return true;
}

bool rules_is_open(const struct service_rules *s, int64_t now_ms)
{
	int sec = ist_second_of_day(now_ms);

	return !s->has_hours ||
	       (is_service_day(s, ist_day(now_ms)) && sec >= s->open_s && sec < s->close_s);
}

int64_t rules_next_open_ms(const struct service_rules *s, int64_t now_ms)
{
	if (rules_is_open(s, now_ms))
		return now_ms;
	for (int64_t day = ist_day(now_ms), end = day + 366; day <= end; day++) {
		int64_t open_ms = ist_day_start_ms(day) + s->open_s * 1000LL;

		if (open_ms >= now_ms && is_service_day(s, day))
			return open_ms;
	}
	return -1;
}

int64_t rules_issue_day(const struct service_rules *s, int64_t now_ms)
{
	int64_t today = ist_day(now_ms), next;

	if (rules_is_open(s, now_ms))
		return today;
	if (s->is_issued_before_open && is_service_day(s, today) &&
	    ist_second_of_day(now_ms) < s->open_s)
		return today;
	next = s->outside == OUTSIDE_NEXT_SERVICE_DAY ? rules_next_open_ms(s, now_ms) : -1;
	return next < 0 ? -1 : ist_day(next);
}

int64_t rules_valid_from_ms(const struct service_rules *s, int64_t day, int64_t now_ms)
{
	return day == ist_day(now_ms) ? now_ms : ist_day_start_ms(day) + s->open_s * 1000LL;
}

int64_t rules_valid_until_ms(const struct service_rules *s, int64_t from_ms)
{
	if (s->validity == VALID_ROLLING_24H)
		return from_ms + IST_DAY_MS;
	return ist_day_start_ms(ist_day(from_ms) + 1);
}

int64_t rules_closing_ms(const struct service_rules *s, int64_t day, int64_t valid_until_ms)
{
	int64_t closing = ist_day_start_ms(day) + s->close_s * 1000LL, again;

	if (!s->has_hours || !s->has_closing_notice || closing >= valid_until_ms)
		return -1;
	again = rules_next_open_ms(s, closing);
	return again >= 0 && again < valid_until_ms ? -1 : closing;
}
