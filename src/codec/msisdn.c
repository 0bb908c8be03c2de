/* SPDX-License-Identifier: BSD-2-Clause */
/* msisdn.c - one form for every number: E.164 digits. A number without a country code is Indian; an
 * Indian number has to be a mobile one, ten digits beginning 6 to 9. */
#include "codec/msisdn.h"

#include <string.h>

enum { TON_INTERNATIONAL = 1, TON_ALPHANUMERIC = 5 };
enum { NATIONAL_DIGITS = 10, E164_MIN = 7, E164_MAX = 15 };

static bool is_indian_mobile(const char *d)
{
	return d[0] >= '6' && d[0] <= '9';
}

/* d: n digits with a country code. */
static bool is_international(const char *d, size_t n)
{
	if (n < E164_MIN || n > E164_MAX || d[0] == '0')
		return false;
	return strncmp(d, "91", 2) != 0 || (n == 2 + NATIONAL_DIGITS && is_indian_mobile(d + 2));
}

/* The digits of in, without what people put between them; false on anything else. */
static bool only_digits(struct sv in, char *d, size_t cap, size_t *count)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')')
			continue;
		if (c < '0' || c > '9' || n + 1 >= cap)
			return false;
		d[n++] = c;
	}
	d[n] = '\0';
	*count = n;
	return true;
}

bool msisdn_normalise(struct sv in, unsigned ton, char out[MSISDN_CAP])
{
	char digits[MSISDN_CAP + 2]; /* "00" may stand before the longest number */
	const char *d = digits;
	bool has_code = ton == TON_INTERNATIONAL;
	size_t n;

	out[0] = '\0';
	if (ton == TON_ALPHANUMERIC)
		return false;
	while (in.n > 0 && in.p[0] == ' ') {
		in.p++;
		in.n--;
	}
	if (in.n > 0 && in.p[0] == '+') {
		has_code = true;
		in.p++;
		in.n--;
	}
	if (!only_digits(in, digits, sizeof digits, &n))
		return false;
	if (n >= 2 && d[0] == '0' && d[1] == '0') {
		has_code = true;
		d += 2;
		n -= 2;
	}
	/* Links mark national numbers as international, too: "09812345678" has no country code 0. */
	if (n == 1 + NATIONAL_DIGITS && d[0] == '0' && is_indian_mobile(d + 1)) {
		d++;
		n--;
		has_code = false;
	}
	if (!has_code && n == NATIONAL_DIGITS && is_indian_mobile(d)) {
		memcpy(out, "91", 2);
		memcpy(out + 2, d, NATIONAL_DIGITS + 1);
		return true;
	}
	if (!has_code && (n != 2 + NATIONAL_DIGITS || strncmp(d, "91", 2) != 0))
		return false;
	if (!is_international(d, n))
		return false;
	memcpy(out, d, n + 1);
	return true;
}
