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

/* Septets (n of them, one an octet) into out from bit `bit` on, the first in the lowest bits; gives the octets
 * written. The 7 bits that a full number of septets may leave hold CR, not what would read as '@'. */
size_t gsm7_pack(const uint8_t *septets, size_t n, unsigned bit, uint8_t *out);

/* national.c: 0 where nothing stands. */
uint32_t national_locking(unsigned id, uint8_t c);
uint32_t national_single(unsigned id, uint8_t c);
/* As gsm7_from_code_point, with both tables of the language. */
unsigned national_from_code_point(unsigned id, uint32_t cp, uint8_t out[2]);

/* Units of the alphabet that a code point takes; 0: it is not in it. */
unsigned text_cost(enum text_alphabet a, unsigned national, uint32_t cp);

/* One message as UTF-16 with what cutting needs to know. */
struct text_units {
	uint16_t u[TEXT_MAX_UTF8]; /* an octet of UTF-8 never gives more than one unit */
	size_t n;
	enum text_alphabet alphabet;
	unsigned national;
};

/* split.c: where a segment that begins at unit `from` of t and holds at most `room` units of its alphabet
 * ends (an index into t->u). starts[i] is true where a grapheme cluster begins. */
size_t split_end(const struct text_units *t, const char *starts, size_t from, size_t room);

#endif
