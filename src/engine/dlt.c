/* SPDX-License-Identifier: BSD-2-Clause */
/* dlt.c - a rendered text against its template: the fixed words octet for octet, the variables by length
 * and kind. The portals' own matching is not published in full; this is its strict reading. */
#include "engine/dlt.h"

#include <string.h>

#include "codec/text.h"
#include "engine/pack_int.h"

enum { PHONE_DIGITS = 10, CBN_DIGITS = 3 };

static const struct {
	const char *name;
	enum dlt_kind kind;
} tags[] = {{"numeric", DLT_NUMERIC}, {"number", DLT_NUMERIC}, {"alphanumeric", DLT_ALPHANUMERIC},
    {"url", DLT_URL}, {"urlott", DLT_URLOTT}, {"cbn", DLT_CBN}, {"email", DLT_EMAIL}};

enum dlt_kind dlt_kind_of(struct sv name)
{
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (sv_is(name, tags[i].name))
			return tags[i].kind;
	return DLT_DERIVED;
}

/* ---- values ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word_octet(char c)
{
	c = lower(c);
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
}

/* s from at on begins with the lower-case word. */
static bool begins(struct sv s, size_t at, const char *word)
{
	for (; *word; word++, at++)
		if (at >= s.n || lower(s.p[at]) != *word)
			return false;
	return true;
}

static bool has_link(struct sv s)
{
	/* A dot between letters alone is no link: names have initials (S.Kumar). */
	static const char *const ends[] = {"com", "in", "org", "net", "co", "io", "info", "app", "xyz",
	    "ly", "link", "apk", "edu", "me"};

	for (size_t at = 0; at < s.n; at++) {
		if (begins(s, at, "://") || begins(s, at, "www."))
			return true;
		if (s.p[at] != '.' || at == 0 || !is_word_octet(s.p[at - 1]))
			continue;
		for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
			size_t end = at + 1 + strlen(ends[i]);

			if (begins(s, at + 1, ends[i]) && (end == s.n || !is_word_octet(s.p[end])))
				return true;
		}
	}
	return false;
}

/* Ten digits running; or fewer in a run, but ten or more in groups, when it begins as numbers to call do
 * or has the shape 98123 45678. */
static bool has_phone(struct sv s)
{
	for (size_t at = 0; at < s.n; at++) {
		size_t digits = 0, run = 0, first = 0, end = at;
		bool is_call = s.p[at] == '+' || begins(s, at, "1800") || begins(s, at, "1860");

		if (at > 0 && (is_digit(s.p[at - 1]) || s.p[at - 1] == '+'))
			continue;
		end += s.p[at] == '+';
		for (; end < s.n; end++) {
			if (is_digit(s.p[end])) {
				digits++;
				if (++run >= PHONE_DIGITS)
					return true;
			} else if ((s.p[end] == ' ' || s.p[end] == '-') && run > 0) {
				first = first ? first : run;
				run = 0;
			} else {
				break;
			}
		}
		if (digits >= PHONE_DIGITS && is_call)
			return true;
		if (digits == PHONE_DIGITS && first == 5 && run == 5)
			return true;
	}
	return false;
}

static bool has_email(struct sv s)
{
	const char *at = s.n > 0 ? memchr(s.p, '@', s.n) : NULL;

	return at && at > s.p && is_word_octet(at[-1]) && at + 1 < s.p + s.n && is_word_octet(at[1]);
}

static bool is_digits(struct sv s, bool is_number_to_call)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i]))
			digits++;
		else if (!is_number_to_call || !strchr("+- ", s.p[i]))
			return false;
	}
	return digits >= (is_number_to_call ? CBN_DIGITS : 1);
}

unsigned dlt_value_check(enum dlt_kind kind, struct sv value, unsigned max_chars)
{
	bool is_good = false;

	if (text_utf8_chars(value) > max_chars)
		return DLT_VARIABLE_TOO_LONG;
	switch (kind) {
	case DLT_NUMERIC:
		is_good = is_digits(value, false);
		break;
	case DLT_CBN:
		is_good = is_digits(value, true);
		break;
	case DLT_URL:
	case DLT_URLOTT:
		is_good = has_link(value);
		break;
	case DLT_EMAIL:
		is_good = has_email(value);
		break;
	case DLT_DERIVED:
	case DLT_ALPHANUMERIC:
		if (has_link(value) || has_phone(value) || has_email(value))
			return DLT_NOT_WHITELISTED;
		is_good = true;
		break;
	}
	return is_good ? DLT_GOOD : DLT_NOT_MATCHED;
}

/* ---- templates ---- */

struct match_try {
	const struct pack *k;
	const struct text_lang *l;
	struct sv text, tail; /* tail: the options of a question */
	unsigned var_max;
	struct dlt_result first; /* what is wrong where the words fit */
	bool fits; /* the words fit somehow */
	struct sv value[DLT_VALUES_MAX]; /* where they fit well */
	size_t values;
};

static enum dlt_kind kind_of(const struct match_try *m, const struct ref *r)
{
	unsigned char tag = r->kind == REF_VAR ? m->l->dlt_var[r->index] : m->l->dlt_builtin[r->index];

	if (tag != DLT_DERIVED)
		return (enum dlt_kind)tag;
	if (r->kind == REF_VAR ? m->k->var[r->index].is_number
			       : r->index == BUILTIN_OTP || r->index == BUILTIN_COUNT)
		return DLT_NUMERIC;
	return DLT_ALPHANUMERIC;
}

/* A one-time code is not in the text yet; what takes its place will be digits. */
static unsigned value_code(const struct match_try *m, const struct ref *r, struct sv value)
{
	if (r->kind == REF_BUILTIN && r->index == BUILTIN_OTP && sv_is(value, OTP_PLACE))
		value = SV("000000");
	return dlt_value_check(kind_of(m, r), value, m->var_max);
}

static void blame(struct match_try *m, const struct dlt_result *why)
{
	if (!m->fits)
		m->first = *why;
	m->fits = true;
}

/* The words from part i on fit the text from at on, and every variable its rules. var: variables before. */
static bool match_from(struct match_try *m, size_t i, size_t at, unsigned var, struct dlt_result why)
{
	const struct ref *r = &m->l->t.part[i];
	struct sv rest = {m->text.p + at, m->text.n - at};
	size_t n;

	if (i == m->l->t.count) {
		if (!sv_eq(rest, m->tail))
			return false;
		blame(m, &why);
		return why.code == DLT_GOOD;
	}
	if (r->kind == REF_LITERAL) {
		n = strlen(r->literal);
		return rest.n >= n && memcmp(rest.p, r->literal, n) == 0 &&
		       match_from(m, i + 1, at + n, var, why);
	}
	for (n = 0; n <= rest.n; n++) {
		struct dlt_result here = why;
		unsigned code;

		/* Only where the next words stand, or the text ends: most places are passed at once. */
		if (i + 1 < m->l->t.count && m->l->t.part[i + 1].kind == REF_LITERAL &&
		    (n == rest.n || rest.p[n] != m->l->t.part[i + 1].literal[0]))
			continue;
		if (i + 1 == m->l->t.count && rest.n - n != m->tail.n)
			continue;
		code = value_code(m, r, (struct sv){rest.p, n});
		if (here.code == DLT_GOOD && code != DLT_GOOD)
			here = (struct dlt_result){.code = code, .variable = var + 1};
		if (match_from(m, i + 1, at + n, var + 1, here)) {
			if (var < DLT_VALUES_MAX)
				m->value[var] = (struct sv){rest.p, n};
			m->values = var + 1 > m->values ? var + 1 : m->values;
			return true;
		}
	}
	return false;
}

/* menu: the question whose options stand below, or NULL. true: nothing is wrong. */
static bool match_text(struct match_try *m, const struct text *t, size_t lang, const struct step *menu)
{
	static const struct text nothing = {.id = NULL};
	bool is_good;
	struct buf tail;

	buf_init(&tail, TEXT_MAX_UTF8);
	if (menu) {
		/* The options alone: those of the language, below a text without a word. */
		struct text only = nothing;

		only.lang[lang].t = (struct tmpl){NULL, 0};
		question_render(menu, &only, lang, NULL, NULL, &tail);
	}
	m->l = &t->lang[lang];
	m->tail = buf_sv(&tail);
	is_good = match_from(m, 0, 0, 0, (struct dlt_result){0});
	buf_clear(&tail);
	return is_good;
}

static const struct text *find_text(const struct packs *p, struct sv text_id, const struct pack **k)
{
	const char *slash = text_id.n > 0 ? memchr(text_id.p, '/', text_id.n) : NULL;
	size_t n = slash ? (size_t)(slash - text_id.p) : 0;

	*k = slash ? pack_find(p, (struct sv){text_id.p, n}) : NULL;
	return *k ? pack_text(*k, (struct sv){slash + 1, text_id.n - n - 1}) : NULL;
}

static struct dlt_result check(const struct packs *p, const struct dlt_message *m,
    struct match_try *try)
{
	const struct dlt_result unknown = {.is_unknown = true};
	const struct text *t;
	int lang = packs_lang(p, m->lang);

	*try = (struct match_try){.text = m->text, .var_max = m->var_max};
	if (m->template_id.n == 0)
		return (struct dlt_result){.code = DLT_NO_TEMPLATE};
	t = find_text(p, m->text_id, &try->k);
	if (!t || lang < 0 || !t->lang[lang].dlt || !sv_is(m->template_id, t->lang[lang].dlt))
		return unknown;
	if (match_text(try, t, (size_t)lang, NULL))
		return (struct dlt_result){0};
	for (size_t i = 0; i < try->k->step_count; i++) {
		const struct step *s = &try->k->step[i];

		if (s->option_count > 0 && (s->text == t || s->hint == t) &&
		    match_text(try, t, (size_t)lang, s))
			return (struct dlt_result){0};
	}
	return try->fits ? try->first : (struct dlt_result){.code = DLT_NOT_MATCHED};
}

struct dlt_result dlt_check(const struct packs *p, const struct dlt_message *m)
{
	struct match_try try;

	return check(p, m, &try);
}

size_t dlt_values(const struct packs *p, const struct dlt_message *m, struct sv out[DLT_VALUES_MAX])
{
	struct match_try try;
	size_t n;

	if (check(p, m, &try).code != DLT_GOOD)
		return 0;
	n = try.values < DLT_VALUES_MAX ? try.values : DLT_VALUES_MAX;
	memcpy(out, try.value, n * sizeof(out[0]));
	return n;
}
