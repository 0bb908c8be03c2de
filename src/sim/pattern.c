/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern.c - patterns of stories; see pattern.h. */
#include "sim/pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <uninorm.h>

#define TEXT_MAX (64u << 10)

void vars_clear(struct vars *vs)
{
	for (size_t i = 0; i < vs->n; i++) {
		free(vs->v[i].name);
		free(vs->v[i].value);
	}
	free(vs->v);
	*vs = (struct vars){0};
}

static struct pattern_var *find(const struct vars *vs, struct sv name)
{
	for (size_t i = 0; i < vs->n; i++)
		if (sv_is(name, vs->v[i].name))
			return &vs->v[i];
	return NULL;
}

const char *vars_get(const struct vars *vs, struct sv name)
{
	const struct pattern_var *v = find(vs, name);

	return v ? v->value : NULL;
}

void vars_set(struct vars *vs, struct sv name, struct sv value)
{
	struct pattern_var *v = find(vs, name);

	if (!v) {
		vs->v = xrealloc(vs->v, (vs->n + 1) * sizeof(*vs->v));
		v = &vs->v[vs->n++];
		v->name = xstrndup(name.p, name.n);
	} else {
		free(v->value);
	}
	v->value = xstrndup(value.p, value.n);
}

static void vars_shrink(struct vars *vs, size_t n)
{
	while (vs->n > n) {
		vs->n--;
		free(vs->v[vs->n].name);
		free(vs->v[vs->n].value);
	}
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* {name} or {#name} at p: octets it takes with its braces; 0: not one. */
static size_t brace(struct sv p, struct sv *name, bool *is_number)
{
	size_t begin, i;

	*is_number = p.n > 1 && p.p[1] == '#';
	begin = *is_number ? 2 : 1;
	i = begin;
	if (p.n < 3 || p.p[0] != '{')
		return 0;
	while (i < p.n && is_name(p.p[i]))
		i++;
	*name = (struct sv){p.p + begin, i - begin};
	return i > begin && i < p.n && p.p[i] == '}' ? i + 1 : 0;
}

bool pattern_ok(struct sv p)
{
	struct sv name;
	bool is_number;

	for (size_t i = 0; i < p.n; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '{' && brace((struct sv){p.p + i, p.n - i}, &name, &is_number) == 0)
			return false;
	}
	return true;
}

bool vars_expand(const struct vars *vs, struct sv text, struct buf *out)
{
	const char *value;
	struct sv name;
	bool is_number;
	size_t n;

	for (size_t i = 0; i < text.n;) {
		n = brace((struct sv){text.p + i, text.n - i}, &name, &is_number);
		if (n == 0) {
			buf_addc(out, text.p[i++]);
			continue;
		}
		value = vars_get(vs, name);
		if (!value)
			return false;
		buf_adds(out, value);
		i += n;
	}
	return true;
}

/* Can the first octet of t stand in a name's value? */
static bool is_word(struct sv t, bool is_number)
{
	unsigned char c = (unsigned char)t.p[0];

	if (is_number)
		return c >= '0' && c <= '9';
	if (t.n >= 3 && c == 0xE0 && (unsigned char)t.p[1] == 0xA5 && (unsigned char)t.p[2] == 0xA4)
		return false; /* danda */
	return c >= 0x80 || isalnum(c) || c == '-' || c == '_';
}

static bool match(struct sv p, struct sv t, struct vars *vs);

static struct sv after(struct sv s, size_t n)
{
	return (struct sv){s.p + n, s.n - n};
}

static bool match_name(struct sv p, size_t taken, struct sv name, bool is_number, struct sv t,
    struct vars *vs)
{
	const char *known = vars_get(vs, name);
	size_t n = 0, before = vs->n;

	if (known) {
		n = strlen(known);
		return t.n >= n && memcmp(t.p, known, n) == 0 &&
		       match(after(p, taken), after(t, n), vs);
	}
	while (n < t.n && is_word(after(t, n), is_number))
		n++;
	for (; n > 0; n--) {
		vars_set(vs, name, (struct sv){t.p, n});
		if (match(after(p, taken), after(t, n), vs))
			return true;
		vars_shrink(vs, before);
	}
	return false;
}

static bool match(struct sv p, struct sv t, struct vars *vs)
{
	struct sv name;
	bool is_number;
	char want;
	size_t n;

	while (p.n > 0) {
		if (p.p[0] == '*') {
			while (p.n > 0 && p.p[0] == '*')
				p = after(p, 1);
			for (size_t i = 0; i <= t.n; i++)
				if (match(p, after(t, i), vs))
					return true;
			return false;
		}
		n = brace(p, &name, &is_number);
		if (n > 0)
			return match_name(p, n, name, is_number, t, vs);
		want = p.p[0];
		if (want == '\\' && p.n > 1) {
			p = after(p, 1);
			want = p.p[0] == 'n' ? '\n' : p.p[0];
		}
		if (t.n == 0 || want != t.p[0])
			return false;
		p = after(p, 1);
		t = after(t, 1);
	}
	return t.n == 0;
}

/* NFC; white space is one line's end, or else one space; none at the ends. */
static void tidy(struct sv in, struct buf *out)
{
	size_t n = 0;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)in.p, in.n, NULL, &n);
	struct sv s = nfc ? (struct sv){(const char *)nfc, n} : in;
	char gap = '\0';

	buf_init(out, TEXT_MAX);
	for (size_t i = 0; i < s.n; i++) {
		if (isspace((unsigned char)s.p[i])) {
			gap = s.p[i] == '\n' || gap == '\n' ? '\n' : ' ';
			continue;
		}
		if (gap && out->n > 0)
			buf_addc(out, gap);
		gap = '\0';
		buf_addc(out, s.p[i]);
	}
	free(nfc);
}

bool pattern_match(struct sv pattern, struct sv text, struct vars *vs)
{
	struct buf p, t;
	size_t before = vs->n;
	bool ok;

	tidy(pattern, &p);
	tidy(text, &t);
	ok = match((struct sv){buf_str(&p), p.n}, (struct sv){buf_str(&t), t.n}, vs);
	if (!ok)
		vars_shrink(vs, before);
	buf_clear(&p);
	buf_clear(&t);
	return ok;
}
