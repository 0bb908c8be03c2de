/* SPDX-License-Identifier: BSD-2-Clause */
/* text_int.h - what the files behind text.h share. */
#ifndef DK_TEXT_INT_H
#define DK_TEXT_INT_H

#include "codec/text.h"

#define GSM7_ESC 0x1Bu
#define TEXT_REPLACEMENT 0xFFFDu

/* gsm7.c: the default alphabet and its extension table, 3GPP TS 23.038 s.6.2.1. */
/* The code point of septet c after an escape (or not); 0 when there is none. */
uint32_t gsm7_to_code_point(uint8_t c, bool is_escaped);
/* Septets for a code point into out: 1, or 2 with the escape; 0 when it is not in the alphabet. */
unsigned gsm7_from_code_point(uint32_t cp, uint8_t out[2]);

/* One message as UTF-16 with what cutting needs to know. */
struct text_units {
	uint16_t u[TEXT_MAX_UTF8]; /* an octet of UTF-8 never gives more than one unit */
	size_t n;
	enum text_alphabet alphabet;
	size_t units; /* of the alphabet: septets or UTF-16 units */
};

/* split.c: where a segment that begins at unit `from` of t and holds at most `room` units of its alphabet
 * ends (an index into t->u). starts[i] is true where a grapheme cluster begins. */
size_t split_end(const struct text_units *t, const char *starts, size_t from, size_t room);
/* Units of the alphabet that one UTF-16 unit takes. */
unsigned split_cost(const struct text_units *t, size_t at);

#endif
