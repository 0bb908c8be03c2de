/* SPDX-License-Identifier: BSD-2-Clause */
/* field.c - checks and cleaning of request fields; see field.h. Unicode properties and
 * normal forms come from libunistring. */
#include "backend/field.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/buf.h"
#include "base/scrub.h"
#include "base/xmalloc.h"

#define ZWNJ 0x200Cu
#define ZWJ 0x200Du

static bool is_space(ucs4_t c)
{
	return uc_is_property_white_space(c);
}

/* Control, format, surrogate, private and unassigned characters can hide or reorder text. */
static bool is_hidden(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C) && c != ZWJ && c != ZWNJ;
}

static bool is_letter(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
}

/* Walk the text: joins runs of space, drops those at the ends. False: something is refused. */
static bool squeeze(const uint8_t *in, size_t n, size_t max_chars, uint8_t *out, size_t *out_n)
{
	size_t chars = 0, o = 0;
	bool pending_space = false, has_letter = false;

	for (size_t i = 0; i < n;) {
		ucs4_t c;
		int used = u8_mbtouc(&c, in + i, n - i);

		if (is_space(c)) {
			pending_space = o > 0;
		} else {
			if (is_hidden(c))
				return false;
			if (pending_space)
				out[o++] = ' ';
			chars += 1 + (pending_space ? 1 : 0);
			pending_space = false;
			has_letter = has_letter || is_letter(c);
			memcpy(out + o, in + i, (size_t)used);
			o += (size_t)used;
		}
		i += (size_t)used;
	}
	*out_n = o;
	return has_letter && chars <= max_chars;
}

char *field_text(struct sv in, size_t max_chars)
{
	uint8_t *nfc, *out;
	size_t nfc_n = 0, n;

	/* 4 octets a code point, and white space that will be dropped: bounded before any work. */
	if (in.n == 0 || in.n > max_chars * 8 || u8_check((const uint8_t *)in.p, in.n))
		return NULL;
	nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)in.p, in.n, NULL, &nfc_n);
	if (!nfc)
		return NULL;
	out = xmalloc(nfc_n + 1);
	if (!squeeze(nfc, nfc_n, max_chars, out, &n)) {
		free(nfc);
		free(out);
		return NULL;
	}
	free(nfc);
	out[n] = '\0';
	scrub_numbers((char *)out, false);
	return (char *)out;
}

char *field_fold(const char *text)
{
	size_t n = 0, o = 0;
	uint8_t *f = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFKC, NULL, &n);

	if (!f)
		return NULL;
	for (size_t i = 0; i < n;) {
		ucs4_t c;
		int used = u8_mbtouc(&c, f + i, n - i);

		if (!is_space(c) && c != ZWJ && c != ZWNJ && c != '.') {
			memmove(f + o, f + i, (size_t)used);
			o += (size_t)used;
		}
		i += (size_t)used;
	}
	if (o == 0) {
		free(f);
		return NULL;
	}
	char *out = xstrndup((const char *)f, o);
	free(f);
	return out;
}

char *field_mask(const char *name)
{
	const uint8_t *p = (const uint8_t *)name, *end = p + strlen(name);
	struct buf out;

	buf_init(&out, strlen(name) + 16);
	for (int words = 0; words < 2 && p < end; words++) {
		const uint8_t *word = p, *next = u8_grapheme_next(p, end);

		while (u8_mbsnlen(word, (size_t)(next - word)) > (FIELD_MASK_CHARS - 5) / 2)
			next = u8_prev(&(ucs4_t){0}, next, word);
		while (p < end && *p != ' ')
			p++;
		buf_addf(&out, "%s%.*s**", words ? " " : "", (int)(next - word), (const char *)word);
		while (p < end && *p == ' ')
			p++;
	}
	return buf_take(&out);
}

bool field_is_msisdn(struct sv s)
{
	if (s.n < 10 || s.n >= FIELD_MSISDN_CAP || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

bool field_is_service(struct sv s)
{
	if (s.n == 0 || s.n >= FIELD_SERVICE_CAP || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

bool field_is_lang(struct sv s)
{
	if (s.n < 2 || s.n >= FIELD_LANG_CAP)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return true;
}

bool field_is_word(struct sv s)
{
	if (s.n == 0 || s.n >= FIELD_WORD_CAP)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return true;
}
