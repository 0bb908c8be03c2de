/* SPDX-License-Identifier: BSD-2-Clause */
/* form.c - form values; see form.h. */
#include "codec/form.h"

#include "codec/escape.h"

/* The octet that begins at s[*at]; *at is moved behind it. */
static unsigned char octet(struct sv s, size_t *at)
{
	char c = s.p[(*at)++];

	if (c == '+')
		return ' ';
	if (c == '%' && s.n - *at >= 2 && hex_digit(s.p[*at]) >= 0 && hex_digit(s.p[*at + 1]) >= 0) {
		int v = hex_digit(s.p[*at]) << 4 | hex_digit(s.p[*at + 1]);

		*at += 2;
		return (unsigned char)v;
	}
	return (unsigned char)c;
}

static bool is_name(struct sv s, const char *name)
{
	size_t at = 0;

	while (at < s.n && *name)
		if (octet(s, &at) != (unsigned char)*name++)
			return false;
	return at == s.n && *name == '\0';
}

/* The first pair, raw, and what follows it. */
static void take_pair(struct sv *form, struct sv *key, struct sv *value)
{
	const char *amp = memchr(form->p, '&', form->n);
	struct sv pair = {form->p, amp ? (size_t)(amp - form->p) : form->n};
	const char *eq = pair.n > 0 ? memchr(pair.p, '=', pair.n) : NULL;

	*key = pair;
	*value = (struct sv){0};
	if (eq) {
		key->n = (size_t)(eq - pair.p);
		*value = (struct sv){eq + 1, pair.n - key->n - 1};
	}
	pair.n += amp != NULL;
	*form = (struct sv){form->p + pair.n, form->n - pair.n};
}

static void add_decoded(struct sv raw, struct buf *out)
{
	for (size_t at = 0; at < raw.n;) {
		unsigned char c = octet(raw, &at);

		if (c != 0)
			buf_addc(out, (char)c);
	}
}

bool form_get(struct sv form, const char *name, struct buf *out)
{
	struct sv key, value;

	while (form.n > 0) {
		take_pair(&form, &key, &value);
		if ((key.n > 0 || value.p) && is_name(key, name)) {
			add_decoded(value, out);
			return true;
		}
	}
	return false;
}

bool form_next(struct sv *form, struct buf *name, struct buf *value)
{
	struct sv k = {0}, v = {0};

	while (form->n > 0 && k.n == 0)
		take_pair(form, &k, &v);
	add_decoded(k, name);
	add_decoded(v, value);
	return k.n > 0;
}
