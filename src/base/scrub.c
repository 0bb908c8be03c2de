/* SPDX-License-Identifier: BSD-2-Clause */
/* scrub.c - long numbers are cut; see scrub.h. What replaces a number is shorter than any that is cut. */
#include "base/scrub.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The digit at s, 0 to 9, and how many octets it takes; -1: none. */
static int digit_at(const char *s, size_t *n)
{
	const unsigned char *u = (const unsigned char *)s;

	*n = 1;
	if (u[0] >= '0' && u[0] <= '9')
		return u[0] - '0';
	*n = 3; /* Devanagari, U+0966 to U+096F */
	if (u[0] == 0xe0 && u[1] == 0xa5 && u[2] >= 0xa6 && u[2] <= 0xaf)
		return u[2] - 0xa6;
	return -1;
}

struct number {
	size_t octets, digits;
	char last4[4];
};

/* The number at s, with single spaces or hyphens between its digits. */
static struct number number_at(const char *s)
{
	struct number x = {0};
	size_t at = 0, n;

	for (;;) {
		int v = digit_at(s + at, &n);

		if (v >= 0) {
			if (x.digits >= 4)
				memmove(x.last4, x.last4 + 1, 3);
			x.last4[x.digits < 4 ? x.digits : 3] = (char)('0' + v);
			x.digits++;
			x.octets = at += n;
		} else if (x.octets == at && at > 0 && (s[at] == ' ' || s[at] == '-')) {
			at++;
		} else {
			return x;
		}
	}
}

void scrub_numbers(char *text, bool is_bare)
{
	char *out = text;

	while (*text) {
		struct number x = number_at(text);
		size_t n = x.octets ? x.octets : 1;

		if (is_bare ? x.digits == 12 : x.digits == 9 || x.digits > 10) {
			memcpy(out, "XXXX", 4);
			memcpy(out + 4, x.last4, 4);
			out += 8;
		} else {
			memmove(out, text, n);
			out += n;
		}
		text += n;
	}
	*out = '\0';
}
