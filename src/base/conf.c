/* SPDX-License-Identifier: BSD-2-Clause */
/* conf.c - read a YAML text into the struct that a table of rows describes. Every value goes through
 * read_value, defaults too, so a default is checked like anything else. */
#include "base/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_int.h"

#define WHERE_MAX 256u
#define SECRET_MAX_OCTETS 4096u
#define FILE_SUFFIX "_file"

const struct conf_unit conf_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};

struct read {
	const char *name; /* of the file, for messages */
	struct buf *err;
	bool ok;
};

static void mistake(struct read *r, const struct ynode *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void mistake(struct read *r, const struct ynode *at, const char *fmt, ...)
{
	struct buf sentence;
	va_list ap;

	buf_init(&sentence, 4096);
	va_start(ap, fmt);
	buf_vaddf(&sentence, fmt, ap);
	va_end(ap);
	ydoc_error(r->err, r->name, at, "%s", buf_str(&sentence));
	buf_clear(&sentence);
	r->ok = false;
}

/* How many letters must be put in, taken out or changed to make b of a. Long words are cut: this is for hints. */
static size_t word_distance(const char *a, const char *b)
{
	enum { CUT = 40 };
	size_t row[CUT + 1], la = strnlen(a, CUT), lb = strnlen(b, CUT);

	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = change < other ? change : other;
		}
	}
	return row[lb];
}

static bool is_file_key(const struct conf_row *row, const char *key)
{
	size_t n = strlen(row->name);

	return (row->flags & CONF_SECRET) && strncmp(key, row->name, n) == 0 &&
	       strcmp(key + n, FILE_SUFFIX) == 0;
}

static void check_keys(struct read *r, const struct conf_row *rows, const struct ynode *map,
    const char *where)
{
	for (size_t i = 0; i < map->count; i++) {
		const char *key = map->keys[i]->scalar, *nearest = "";
		size_t least = SIZE_MAX;
		bool is_known = false;

		for (const struct conf_row *row = rows; row->name && !is_known; row++) {
			size_t d = word_distance(key, row->name);

			is_known = strcmp(key, row->name) == 0 || is_file_key(row, key);
			if (d < least) {
				least = d;
				nearest = row->name;
			}
		}
		if (!is_known)
			mistake(r, map->keys[i],
			    "unknown key \"%s\"%s%s; the nearest known key is \"%s\"", key,
			    *where ? " in " : "", where, nearest);
	}
}

static bool parse_int(const char *s, int64_t *out)
{
	struct ynode n = {.kind = YNODE_SCALAR, .scalar = (char *)(uintptr_t)s};
	long long v;
	char *end;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		errno = 0;
		v = strtoll(s, &end, 16);
		if (errno != 0 || *end)
			return false;
	} else if (!ynode_int(&n, &v)) {
		return false;
	}
	*out = v;
	return true;
}

static bool parse_ms(const char *s, int64_t *out)
{
	size_t digits = strspn(s, "0123456789");
	int64_t v = 0, unit = 1;

	if (digits == 0)
		return false;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v))
			return false;
	if (s[digits]) {
		const struct conf_unit *u = conf_units;

		while (u->name && strcmp(u->name, s + digits) != 0)
			u++;
		if (!u->name)
			return false;
		unit = u->ms;
	}
	return !__builtin_mul_overflow(v, unit, out);
}

static bool parse_choice(const char *choices, const char *s, int *out)
{
	size_t n = strlen(s);

	for (int i = 0; *choices && n > 0; i++) {
		size_t len = strcspn(choices, "|");

		if (len == n && memcmp(choices, s, n) == 0) {
			*out = i;
			return true;
		}
		choices += len + (choices[len] == '|');
	}
	return false;
}

static void read_number(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where, int64_t *out)
{
	bool is_ms = row->type == CONF_MS;
	int64_t v;

	if (is_ms ? !parse_ms(n->scalar, &v) : !parse_int(n->scalar, &v)) {
		mistake(r, n, "%s must be %s, not \"%s\"", where,
		    is_ms ? "a duration such as 500ms, 10s, 5m, 2h or 1d" : "a whole number",
		    n->scalar);
		return;
	}
	if ((row->min || row->max) && (v < row->min || v > row->max)) {
		mistake(r, n, "%s must be from %lld to %lld%s, not %s", where, (long long)row->min,
		    (long long)row->max, is_ms ? " ms" : "", n->scalar);
		return;
	}
	*out = v;
}

static void read_scalar(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where, void *to)
{
	if (row->type == CONF_INT || row->type == CONF_MS) {
		read_number(r, row, n, where, to);
	} else if (row->type == CONF_BOOL) {
		if (!ynode_bool(n, to))
			mistake(r, n, "%s must be true or false, not \"%s\"", where, n->scalar);
	} else if (row->type == CONF_ENUM) {
		if (!parse_choice(row->choices, n->scalar, to))
			mistake(r, n, "%s must be one of %s, not \"%s\"", where, row->choices,
			    n->scalar);
	} else if (row->max > 0 && n->scalar_octets > (size_t)row->max) {
		mistake(r, n, "%s is longer than %lld octets", where, (long long)row->max);
	} else {
		*(char **)to = xstrdup(n->scalar);
	}
}

static void read_list(struct read *r, const struct ynode *n, const char *where, struct conf_list *list)
{
	const struct ynode *const one[] = {n};
	const struct ynode *const *items =
	    n->kind == YNODE_LIST ? (const struct ynode *const *)n->vals : one;
	size_t count = n->kind == YNODE_LIST ? n->count : 1;

	if (n->kind == YNODE_MAP) {
		mistake(r, n, "%s must be a list such as [a, b]", where);
		return;
	}
	list->v = xcalloc(count, sizeof *list->v);
	for (size_t i = 0; i < count; i++) {
		if (items[i]->kind != YNODE_SCALAR || items[i]->scalar_octets == 0)
			mistake(r, items[i], "%s[%zu] must be a word", where, i);
		else
			list->v[list->n++] = xstrdup(items[i]->scalar);
	}
}

static void read_pairs(struct read *r, const struct ynode *n, const char *where, struct conf_list *list)
{
	if (n->kind != YNODE_MAP) {
		mistake(r, n, "%s must be a map such as {key: value}", where);
		return;
	}
	list->v = xcalloc(2 * n->count, sizeof *list->v);
	for (size_t i = 0; i < n->count; i++) {
		if (n->vals[i]->kind != YNODE_SCALAR) {
			mistake(r, n->vals[i], "%s.%s must be one value", where, n->keys[i]->scalar);
			continue;
		}
		list->v[list->n++] = xstrdup(n->keys[i]->scalar);
		list->v[list->n++] = xstrdup(n->vals[i]->scalar);
	}
}

static void read_map(struct read *r, const struct conf_row *rows, const struct ynode *n,
    const char *where, void *out);

static void *read_element(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where)
{
	void *element = xcalloc(1, row->sub_size);

	read_map(r, row->sub, n, where, element);
	return element;
}

static void read_section(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where, void *to)
{
	struct conf_list *list = to;

	if (row->flags & CONF_SINGLE) {
		*(void **)to = read_element(r, row, n, where);
		return;
	}
	if (n->kind != YNODE_LIST) {
		mistake(r, n, "%s must be a list of sections, each beginning with \"-\"", where);
		return;
	}
	list->v = xcalloc(n->count, sizeof *list->v);
	for (size_t i = 0; i < n->count; i++) {
		char at[WHERE_MAX];

		(void)snprintf(at, sizeof at, "%s[%zu]", where, i);
		list->v[list->n++] = read_element(r, row, n->vals[i], at);
	}
}

static void read_value(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where, void *to)
{
	if (row->type == CONF_SECTION)
		read_section(r, row, n, where, to);
	else if (row->type == CONF_LIST)
		read_list(r, n, where, to);
	else if (row->type == CONF_MAP)
		read_pairs(r, n, where, to);
	else if (n->kind != YNODE_SCALAR)
		mistake(r, n, "%s must be one value, not a %s", where,
		    n->kind == YNODE_LIST ? "list" : "map");
	else
		read_scalar(r, row, n, where, to);
}

static void read_default(struct read *r, const struct conf_row *row, const char *where, void *to)
{
	struct read own = {.name = "built-in default", .err = r->err, .ok = true};
	struct ynode word = {.kind = YNODE_SCALAR, .scalar = (char *)(uintptr_t)row->def};
	struct ydoc *d = NULL;

	word.scalar_octets = strlen(row->def);
	if (row->type == CONF_SECTION || row->type == CONF_LIST || row->type == CONF_MAP) {
		d = ydoc_parse(own.name, sv_from(row->def), r->err);
		if (!d)
			own.ok = false;
		else
			read_value(&own, row, ydoc_root(d), where, to);
		ydoc_free(d);
	} else {
		read_value(&own, row, &word, where, to);
	}
	r->ok = r->ok && own.ok;
}

static void read_secret_file(struct read *r, const struct conf_row *row, const struct ynode *n,
    const char *where, char **to)
{
	char line[SECRET_MAX_OCTETS];
	FILE *f;

	if (n->kind != YNODE_SCALAR || n->scalar_octets == 0) {
		mistake(r, n, "%s" FILE_SUFFIX " must be the path of a file", where);
		return;
	}
	f = fopen(n->scalar, "re");
	if (!f) {
		mistake(r, n, "cannot read %s for %s: %s", n->scalar, where, strerror(errno));
		return;
	}
	if (!fgets(line, sizeof line, f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (!line[0])
		mistake(r, n, "the first line of %s, which %s is read from, is empty", n->scalar,
		    where);
	else if (row->max > 0 && strlen(line) > (size_t)row->max)
		mistake(r, n, "%s, read from %s, is longer than %lld octets", where, n->scalar,
		    (long long)row->max);
	else
		*to = xstrdup(line);
	explicit_bzero(line, sizeof line);
}

/* A key with nothing after it is as good as absent. */
static bool is_blank(const struct ynode *n)
{
	return n && n->kind == YNODE_SCALAR && n->is_plain && n->scalar_octets == 0;
}

static void read_row(struct read *r, const struct conf_row *row, const struct ynode *map,
    const char *where, void *out)
{
	const struct ynode *n = ynode_get(map, row->name), *file = NULL;
	void *to = conf_at(out, row);
	char at[WHERE_MAX], file_key[WHERE_MAX];

	(void)snprintf(at, sizeof at, "%s%s%s", where, *where ? "." : "", row->name);
	if (row->flags & CONF_SECRET) {
		(void)snprintf(file_key, sizeof file_key, "%s" FILE_SUFFIX, row->name);
		file = ynode_get(map, file_key);
	}
	if (is_blank(n))
		n = NULL;
	if (is_blank(file))
		file = NULL;
	if (n && file)
		mistake(r, file, "%s and %s" FILE_SUFFIX " are both given; keep one", at, at);
	else if (file)
		read_secret_file(r, row, file, at, to);
	else if (n)
		read_value(r, row, n, at, to);
	else if (row->flags & CONF_REQUIRED)
		mistake(r, map, "%s is missing", at);
	else if (row->def)
		read_default(r, row, at, to);
}

static void read_map(struct read *r, const struct conf_row *rows, const struct ynode *n,
    const char *where, void *out)
{
	static const struct ynode empty = {.kind = YNODE_MAP, .line = 1, .col = 1};

	if (is_blank(n))
		n = &empty;
	if (n->kind != YNODE_MAP) {
		mistake(r, n, "%s must be a map of \"key: value\"",
		    *where ? where : "the configuration");
		return;
	}
	check_keys(r, rows, n, where);
	for (const struct conf_row *row = rows; row->name; row++)
		read_row(r, row, n, where, out);
}

bool conf_read(const struct conf_row *rows, const char *name, struct sv text, void *out,
    struct buf *err)
{
	struct read r = {.name = name, .err = err, .ok = true};
	struct ydoc *d = ydoc_parse(name, text, err);

	if (!d)
		return false;
	read_map(&r, rows, ydoc_root(d), "", out);
	ydoc_free(d);
	return r.ok;
}

static void clear_str(const struct conf_row *row, char **s)
{
	if (*s && (row->flags & CONF_SECRET))
		explicit_bzero(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

static bool same_str(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(const struct conf_row *row, const struct conf_list *a, const struct conf_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = row->type == CONF_SECTION ? conf_same(row->sub, a->v[i], b->v[i])
						 : same_str(a->v[i], b->v[i]);
	return same;
}

static bool same_value(const struct conf_row *row, const void *a, const void *b)
{
	switch (row->type) {
	case CONF_STR:
		return same_str(*(char *const *)a, *(char *const *)b);
	case CONF_INT:
	case CONF_MS:
		return *(const int64_t *)a == *(const int64_t *)b;
	case CONF_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case CONF_ENUM:
		return *(const int *)a == *(const int *)b;
	case CONF_SECTION:
		if (row->flags & CONF_SINGLE) {
			const void *x = *(void *const *)a, *y = *(void *const *)b;

			return x && y ? conf_same(row->sub, x, y) : x == y;
		}
		return same_list(row, a, b);
	case CONF_LIST:
	case CONF_MAP:
		return same_list(row, a, b);
	}
	return false;
}

bool conf_same(const struct conf_row *rows, const void *a, const void *b)
{
	bool same = true;

	for (const struct conf_row *row = rows; same && row->name; row++)
		same = (row->flags & CONF_LIVE) ||
		       same_value(row, conf_at_const(a, row), conf_at_const(b, row));
	return same;
}

void conf_clear(const struct conf_row *rows, void *conf)
{
	for (const struct conf_row *row = rows; row->name; row++) {
		void *at = conf_at(conf, row);
		struct conf_list *list = at;

		if (row->type == CONF_STR) {
			clear_str(row, at);
		} else if (row->type == CONF_SECTION && (row->flags & CONF_SINGLE)) {
			if (*(void **)at)
				conf_clear(row->sub, *(void **)at);
			free(*(void **)at);
			*(void **)at = NULL;
		} else if (row->type == CONF_LIST || row->type == CONF_MAP ||
			   row->type == CONF_SECTION) {
			for (size_t i = 0; i < list->n; i++) {
				if (row->type == CONF_SECTION)
					conf_clear(row->sub, list->v[i]);
				free(list->v[i]);
			}
			free(list->v);
			*list = (struct conf_list){0};
		}
	}
}
