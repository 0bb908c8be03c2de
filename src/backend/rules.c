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
	const char *service; /* borrowed from the document */
	const struct ynode *name; /* titles by language */
	struct service_rules *v; /* by from_day, ascending */
	size_t n;
};

struct rules {
	struct ydoc *doc; /* owned */
	struct rules_entry *v;
	size_t n;
};

enum row_kind { ROW_INT, ROW_BOOL, ROW_VALIDITY, ROW_THRESHOLDS, ROW_HOURS };
static const struct row {
	const char *name;
	enum row_kind kind;
	size_t offset;
	int64_t min, max;
} rows[] = {
    {"token_validity", ROW_VALIDITY, offsetof(struct service_rules, validity), 0, 0},
    {"missed_turn_max", ROW_INT, offsetof(struct service_rules, missed_turn_max), 0, 20},
    {"reconnect_grace_s", ROW_INT, offsetof(struct service_rules, reconnect_grace_s), 0, 7200},
    {"minutes_per_patient", ROW_INT, offsetof(struct service_rules, minutes_per_patient), 1, 240},
    {"thresholds", ROW_THRESHOLDS, 0, 0, 100000},
    {"auto_token_on_registration", ROW_BOOL, offsetof(struct service_rules, auto_token), 0, 0},
    {"hours", ROW_HOURS, 0, 0, 0},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

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
	const char *text = ynode_str(val);

	switch (row->kind) {
	case ROW_INT:
		read_int(rd, row, val, at);
		break;
	case ROW_BOOL:
		if (!ynode_bool(val, at))
			ydoc_error(rd->err, rd->name, val, "%s must be true or false", row->name);
		break;
	case ROW_VALIDITY:
		if (text && !strcmp(text, "rolling_24h"))
			s->validity = VALID_ROLLING_24H;
		else if (!text || strcmp(text, "calendar_day"))
			ydoc_error(rd->err, rd->name, val,
			    "token_validity must be calendar_day or rolling_24h");
		break;
	case ROW_THRESHOLDS:
		read_thresholds(rd, row, val, s);
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

		if (!rule || !val)
			ydoc_error(rd->err, rd->name, rule ? rule : map,
			    "%s is missing: {value: ..., source: ...}", rows[j].name);
		else
			read_value(rd, &rows[j], val, s);
		if (rule && (!source || !*source))
			ydoc_error(rd->err, rd->name, rule, "%s needs a source", rows[j].name);
	}
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
		e->v[i].service = e->service;
		read_version(rd, list->vals[i], &e->v[i]);
		if (i > 0 && e->v[i].from_day <= e->v[i - 1].from_day)
			ydoc_error(rd->err, rd->name, list->vals[i],
			    "versions must be in the order of their dates");
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
		r->v = xcalloc(services->count, sizeof *r->v);
		r->n = services->count;
		for (size_t i = 0; i < r->n; i++)
			read_service(&rd, services->keys[i], services->vals[i], &r->v[i]);
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

int64_t rules_valid_until_ms(const struct service_rules *s, int64_t now_ms)
{
	if (s->validity == VALID_ROLLING_24H)
		return now_ms + IST_DAY_MS;
	return ist_day_start_ms(ist_day(now_ms) + 1);
}
