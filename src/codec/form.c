/* SPDX-License-Identifier: BSD-2-Clause */
/* form.c - form values; see form.h. */
#include "codec/form.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that begins at s[*at]; *at is moved behind it. */
static unsigned char octet(struct sv s, size_t *at)
{
	char c = s.p[(*at)++];

	if (c == '+')
		return ' ';
	if (c == '%' && s.n - *at >= 2 && digit(s.p[*at]) >= 0 && digit(s.p[*at + 1]) >= 0) {
		int v = digit(s.p[*at]) << 4 | digit(s.p[*at + 1]);

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

bool form_get(struct sv form, const char *name, struct buf *out)
{
	while (form.n > 0) {
		const char *amp = memchr(form.p, '&', form.n);
		struct sv pair = {form.p, amp ? (size_t)(amp - form.p) : form.n}, key = pair,
			  value = {0};
		const char *eq = memchr(pair.p, '=', pair.n);

		if (eq) {
			key.n = (size_t)(eq - pair.p);
			value = (struct sv){eq + 1, pair.n - key.n - 1};
		}
		if (pair.n > 0 && is_name(key, name)) {
			for (size_t at = 0; at < value.n;) {
				unsigned char c = octet(value, &at);

				if (c != 0)
					buf_addc(out, (char)c);
			}
			return true;
		}
		pair.n += amp != NULL;
		form = (struct sv){form.p + pair.n, form.n - pair.n};
	}
	return false;
}
