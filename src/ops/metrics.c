/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics.c - the figures behind /metrics. A series is found in its family's table by its label
 * values, joined by an octet that the printer never sees. */
#include "ops/metrics.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define LABEL_MAX 96u /* octets kept of one value */
#define KEY_MAX (METRICS_LABELS_MAX * (LABEL_MAX + 1))
#define KEY_END '\0'
#define WHOLE_MAX 9007199254740992.0 /* 2^53: every whole number up to it is exact */

struct series {
	char *key; /* label values, each with KEY_END behind it */
	size_t key_octets;
	double value; /* HISTOGRAM: sum */
	uint64_t *counts; /* HISTOGRAM: one a bound, not cumulative, and one for the rest */
	UT_hash_handle hh;
};

struct family {
	const struct metric_family *def;
	size_t label_count;
	struct series *series; /* in the order in which they came */
};

struct metrics {
	struct family *f;
	size_t count;
	uint64_t dropped;
};

static size_t count_labels(const char *labels)
{
	size_t n = *labels ? 1 : 0;

	for (; *labels; labels++)
		n += *labels == ',';
	return n;
}

struct metrics *metrics_new(const struct metric_family *f, size_t count)
{
	struct metrics *m = xcalloc(1, sizeof(*m));
	size_t i;

	m->f = xcalloc(count ? count : 1, sizeof(*m->f));
	m->count = count;
	for (i = 0; i < count; i++) {
		m->f[i].def = &f[i];
		m->f[i].label_count = count_labels(f[i].labels);
		if (m->f[i].label_count > METRICS_LABELS_MAX)
			abort(); /* our table is wrong */
	}
	return m;
}

void metrics_free(struct metrics *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->count; i++) {
		struct series *s, *tmp;

		HASH_ITER(hh, m->f[i].series, s, tmp)
		{
			HASH_DEL(m->f[i].series, s);
			free(s->key);
			free(s->counts);
			free(s);
		}
	}
	free(m->f);
	free(m);
}

/* ---- finding a series ---- */

static size_t key_make(const struct family *f, char key[KEY_MAX], va_list ap)
{
	size_t n = 0, i;
	bool more = true;

	for (i = 0; i < f->label_count; i++) {
		const char *v = more ? va_arg(ap, const char *) : NULL;
		size_t octets;

		more = v != NULL;
		octets = v ? strnlen(v, LABEL_MAX) : 0;
		if (octets > 0)
			memcpy(key + n, v, octets);
		n += octets;
		key[n++] = KEY_END;
	}
	return n;
}

static struct series *series_find(const struct family *f, va_list ap, char key[KEY_MAX], size_t *octets)
{
	struct series *s;

	*octets = key_make(f, key, ap);
	HASH_FIND(hh, f->series, key, *octets, s);
	return s;
}

static struct series *series_get(struct metrics *m, size_t family, va_list ap)
{
	struct family *f = &m->f[family];
	char key[KEY_MAX];
	size_t octets;
	struct series *s = series_find(f, ap, key, &octets);

	if (s)
		return s;
	if (HASH_COUNT(f->series) >= METRICS_SERIES_MAX) {
		m->dropped++;
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->key = xmemdup(key, octets ? octets : 1);
	s->key_octets = octets;
	if (f->def->type == METRIC_HISTOGRAM)
		s->counts = xcalloc(f->def->bound_count + 1, sizeof(*s->counts));
	HASH_ADD_KEYPTR(hh, f->series, s->key, s->key_octets, s);
	return s;
}

void metrics_add(struct metrics *m, size_t family, double v, ...)
{
	struct series *s;
	va_list ap;

	va_start(ap, v);
	s = series_get(m, family, ap);
	va_end(ap);
	if (s)
		s->value += v;
}

void metrics_set(struct metrics *m, size_t family, double v, ...)
{
	struct series *s;
	va_list ap;

	va_start(ap, v);
	s = series_get(m, family, ap);
	va_end(ap);
	if (s)
		s->value = v;
}

void metrics_observe(struct metrics *m, size_t family, double seconds, ...)
{
	const struct metric_family *def = m->f[family].def;
	struct series *s;
	va_list ap;
	size_t i;

	va_start(ap, seconds);
	s = series_get(m, family, ap);
	va_end(ap);
	if (!s || !s->counts)
		return;
	for (i = 0; i < def->bound_count && seconds > def->bounds[i]; i++)
		;
	s->counts[i]++;
	s->value += seconds;
}

static uint64_t count_all(const struct metric_family *def, const struct series *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i <= def->bound_count; i++)
		n += s->counts[i];
	return n;
}

double metrics_get(const struct metrics *m, size_t family, ...)
{
	const struct family *f = &m->f[family];
	const struct series *s;
	char key[KEY_MAX];
	size_t octets;
	va_list ap;

	va_start(ap, family);
	s = series_find(f, ap, key, &octets);
	va_end(ap);
	if (!s)
		return 0;
	return s->counts ? (double)count_all(f->def, s) : s->value;
}

double metrics_quantile(const struct metrics *m, size_t family, double q)
{
	const struct family *f = &m->f[family];
	const struct metric_family *def = f->def;
	const struct series *s;
	uint64_t all = 0, below = 0;
	double want;
	size_t i;

	if (def->type != METRIC_HISTOGRAM || def->bound_count == 0)
		return 0;
	for (s = f->series; s; s = s->hh.next)
		all += count_all(def, s);
	if (all == 0)
		return 0;
	want = q * (double)all;
	for (i = 0; i < def->bound_count; i++) {
		double low = i > 0 ? def->bounds[i - 1] : 0;
		uint64_t in = 0;

		for (s = f->series; s; s = s->hh.next)
			in += s->counts[i];
		if (in > 0 && (double)(below + in) >= want)
			return low + (def->bounds[i] - low) * (want - (double)below) / (double)in;
		below += in;
	}
	return def->bounds[def->bound_count - 1]; /* beyond the last bound nothing is known */
}

/* ---- printing ---- */

static void print_number(struct buf *out, double v)
{
	if (isnan(v))
		buf_adds(out, "NaN");
	else if (isinf(v))
		buf_adds(out, v > 0 ? "+Inf" : "-Inf");
	else if (v > -WHOLE_MAX && v < WHOLE_MAX && v == (double)(long long)v)
		buf_addf(out, "%.0f", v);
	else
		buf_addf(out, "%.9g", v);
}

static void print_escaped(struct buf *out, const char *s, bool in_quotes)
{
	for (; *s; s++) {
		if (*s == '\n')
			buf_adds(out, "\\n");
		else if (*s == '\\' || (*s == '"' && in_quotes))
			buf_addf(out, "\\%c", *s);
		else
			buf_addc(out, *s);
	}
}

/* {a="x",b="y"}, with le="..." at the end when it is given; nothing when there is no label. */
static void print_labels(struct buf *out, const struct family *f, const struct series *s,
    const double *le)
{
	const char *name = f->def->labels, *value = s->key;
	size_t i;

	if (f->label_count == 0 && !le)
		return;
	buf_addc(out, '{');
	for (i = 0; i < f->label_count; i++) {
		size_t n = strcspn(name, ",");

		if (i > 0)
			buf_addc(out, ',');
		buf_add(out, name, n);
		buf_adds(out, "=\"");
		print_escaped(out, value, true);
		buf_addc(out, '"');
		name += n + (name[n] == ',');
		value += strlen(value) + 1;
	}
	if (le) {
		buf_adds(out, f->label_count > 0 ? ",le=\"" : "le=\"");
		print_number(out, *le);
		buf_addc(out, '"');
	}
	buf_addc(out, '}');
}

static void print_line(struct buf *out, const struct family *f, const char *suffix,
    const struct series *s, const double *le, double v)
{
	buf_adds(out, f->def->name);
	buf_adds(out, suffix);
	print_labels(out, f, s, le);
	buf_addc(out, ' ');
	print_number(out, v);
	buf_addc(out, '\n');
}

static void print_series(struct buf *out, const struct family *f, const struct series *s)
{
	const double inf = INFINITY;
	uint64_t n = 0;
	size_t i;

	if (!s->counts) {
		print_line(out, f, "", s, NULL, s->value);
		return;
	}
	for (i = 0; i <= f->def->bound_count; i++) {
		n += s->counts[i];
		print_line(out, f, "_bucket", s, i < f->def->bound_count ? &f->def->bounds[i] : &inf,
		    (double)n);
	}
	print_line(out, f, "_sum", s, NULL, s->value);
	print_line(out, f, "_count", s, NULL, (double)n);
}

static void print_head(struct buf *out, const char *name, const char *help, const char *type)
{
	buf_addf(out, "# HELP %s ", name);
	print_escaped(out, help, false);
	buf_addf(out, "\n# TYPE %s %s\n", name, type);
}

void metrics_print(const struct metrics *m, struct buf *out)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct family *f = &m->f[i];
		const struct series *s;

		print_head(out, f->def->name, f->def->help, types[f->def->type]);
		for (s = f->series; s; s = s->hh.next)
			print_series(out, f, s);
		if (!f->series && f->label_count == 0 && f->def->type != METRIC_HISTOGRAM) {
			buf_adds(out, f->def->name);
			buf_adds(out, " 0\n");
		}
	}
	print_head(out, "dakiya_metrics_dropped_total",
	    "Observations without a series because their family was full.", "counter");
	buf_addf(out, "dakiya_metrics_dropped_total %llu\n", (unsigned long long)m->dropped);
}
