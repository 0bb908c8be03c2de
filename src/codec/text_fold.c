/* SPDX-License-Identifier: BSD-2-Clause */
/* text_fold.c - one form for the many ways in which people type the same word. For comparing only;
 * never shown to anybody. */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "codec/text.h"

enum { /* Devanagari */
	CHANDRABINDU = 0x0901,
	ANUSVARA = 0x0902,
	NUKTA = 0x093C,
	VIRAMA = 0x094D,
	DANDA = 0x0964,
	DOUBLE_DANDA = 0x0965,
	FIRST_STOP = 0x0915, /* five rows of five consonants, the last of each row its nasal */
	LAST_STOP = 0x092E,
};

enum { ROUNDS_MAX = 8 };

/* The row of five (0 to 4) of a Devanagari consonant that has one, or -1. NNNA stands between the rows. */
static int stop_row(uint32_t cp)
{
	if (cp < FIRST_STOP || cp > LAST_STOP || cp == 0x0929)
		return -1;
	return (int)(cp - FIRST_STOP - (cp > 0x0929 ? 1 : 0)) / 5;
}

static bool is_nasal(uint32_t cp)
{
	return cp == 0x0919 || cp == 0x091E || cp == 0x0923 || cp == 0x0928 || cp == LAST_STOP;
}

static uint32_t without_nukta(uint32_t cp)
{
	/* the three letters that normalisation composes again */
	return cp == 0x0929 || cp == 0x0931 || cp == 0x0934 ? cp - 1 : cp;
}

static bool is_space(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || uc_is_property_white_space(cp);
}

static bool is_end_mark(uint32_t cp)
{
	return cp == ' ' || cp == '.' || cp == ',' || cp == '!' || cp == '?' || cp == DANDA ||
	       cp == DOUBLE_DANDA;
}

/* Filter s in place; returns what is left of n. */
static size_t filter(uint32_t *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t cp = without_nukta(s[i]);
		int digit;

		if (is_space(cp)) {
			if (to > 0 && s[to - 1] != ' ')
				s[to++] = ' ';
			continue;
		}
		if (cp == NUKTA || uc_is_property_default_ignorable_code_point(cp))
			continue;
		digit = uc_decimal_value(cp);
		if (digit >= 0)
			cp = '0' + (uint32_t)digit;
		if (cp == CHANDRABINDU)
			cp = ANUSVARA;
		/* A nasal joined to a consonant of its own row is written as anusvara as often:
		 * hin-di with either is one word. */
		if (to >= 2 && s[to - 1] == VIRAMA && is_nasal(s[to - 2]) && stop_row(cp) >= 0 &&
		    stop_row(cp) == stop_row(s[to - 2]) && !is_nasal(cp)) {
			to--;
			s[to - 1] = ANUSVARA;
		}
		s[to++] = cp;
	}
	while (to > 0 && is_end_mark(s[to - 1]))
		to--;
	return to;
}

/* Normalised, case folded and filtered; heap, or NULL when libunistring had no memory. */
static uint32_t *fold_round(const uint32_t *s, size_t *n)
{
	uint32_t *folded = u32_casefold(s, *n, NULL, UNINORM_NFKC, NULL, n);

	if (folded)
		*n = filter(folded, *n);
	return folded;
}

/* Most of what is typed on a keypad. Says the same as the rounds below (test_text_fold.c), at a
 * fiftieth of their cost; false: there is more than ASCII in it. */
static bool fold_ascii(const char *p, size_t n, struct buf *out)
{
	char s[TEXT_MAX_UTF8];
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= 0x80)
			return false;
		if (c > ' ' && c < 0x7F)
			s[to++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		else if (to > 0 && s[to - 1] != ' ')
			s[to++] = ' ';
	}
	while (to > 0 && is_end_mark((unsigned char)s[to - 1]))
		to--;
	buf_add(out, s, to);
	return true;
}

void text_fold(struct sv utf8, struct buf *out)
{
	uint32_t typed[TEXT_MAX_UTF8], *s;
	size_t n = 0, octets = utf8.n < TEXT_MAX_UTF8 ? utf8.n : TEXT_MAX_UTF8;

	if (fold_ascii(utf8.p, octets, out))
		return;
	for (size_t at = 0; at < octets;) {
		int len = u8_mbtouc(&typed[n++], (const uint8_t *)utf8.p + at, octets - at);

		at += len > 0 ? (size_t)len : 1;
	}
	s = fold_round(typed, &n);
	/* What was left out can bring together what normalisation joins: again, until nothing changes. */
	for (int round = 0; s && round < ROUNDS_MAX; round++) {
		size_t before = n;
		uint32_t *again = fold_round(s, &n);
		bool is_same = again && n == before && memcmp(s, again, n * sizeof *s) == 0;

		free(s);
		s = again;
		if (is_same)
			break;
	}
	for (size_t i = 0; s && i < n; i++) {
		uint8_t enc[6];
		int len = u8_uctomb(enc, s[i], sizeof enc);

		if (len > 0)
			buf_add(out, enc, (size_t)len);
	}
	free(s);
}

bool text_has_word(struct sv utf8)
{
	while (utf8.n > 0) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)utf8.p, utf8.n);

		if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N))
			return true;
		utf8.p += k;
		utf8.n -= (size_t)k;
	}
	return false;
}
