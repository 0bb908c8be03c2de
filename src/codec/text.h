/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - message text: UTF-8 inside, GSM 03.38 / UCS-2 on the wire (3GPP TS 23.038, 23.040).
 * Pure. UTF-8 in is taken as valid; invalid sequences become U+FFFD. */
#ifndef DK_TEXT_H
#define DK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"

enum text_alphabet {
	TEXT_GSM7, /* GSM 03.38 default + extension, unpacked: one septet an octet */
	TEXT_LATIN1,
	TEXT_ASCII, /* IA5 */
	TEXT_UCS2, /* UTF-16BE, surrogate pairs kept */
	TEXT_BINARY, /* 8-bit data: no text */
};

#define TEXT_MAX_SEGMENTS 8u /* of one MT message */
#define TEXT_SEGMENT_OCTETS 140u /* user data of one segment with its UDH; unpacked GSM-7: 160 */
#define TEXT_MAX_UTF8 4096u /* longest message text in, octets */

struct text_segment {
	uint8_t octets[160]; /* UDH first when has_udh, ready for short_message */
	size_t n;
	bool has_udh; /* set esm_class UDHI */
};

struct text_parts {
	enum text_alphabet alphabet; /* GSM7 or UCS2 */
	uint8_t data_coding; /* 0 or 8 */
	size_t units; /* septets or UTF-16 units of the whole text */
	size_t count;
	struct text_segment seg[TEXT_MAX_SEGMENTS];
};

/* Choose the cheapest alphabet and cut into segments, joined by an 8-bit concatenation UDH
 * `05 00 03 ref total seq`: 160 or 7 x 153 septets, 70 or 67 UTF-16 units each.
 * Never inside an escape pair, a surrogate pair or a grapheme cluster (libunistring).
 * false: over TEXT_MAX_SEGMENTS; *out is then undefined. */
bool text_encode(struct sv utf8, uint8_t ref, struct text_parts *out) MUSTUSE;
/* Units and segments that text_encode would give, without building them. */
void text_measure(struct sv utf8, enum text_alphabet *alphabet, size_t *units, size_t *segments);

/* What a data_coding means: 0 is the link's default alphabet (SMPP 3.4 s.5.2.19), 1 ASCII,
 * 3 Latin-1, 8 UCS-2, 2 and 4 binary, 0xF0-0xFF by its class bits; others: default alphabet. */
enum text_alphabet text_alphabet_of(uint8_t data_coding, enum text_alphabet link_default);

/* Octets of one (part of a) message, UDH already removed, to UTF-8, appended to out. Odd-length
 * UCS-2 loses its last octet; unpaired surrogates and undefined codes become U+FFFD; U+0000 is left
 * out. false: BINARY. */
bool text_decode(enum text_alphabet a, struct sv octets, struct buf *out) MUSTUSE;

struct text_concat {
	bool present; /* a concatenation element was found */
	uint16_t ref;
	uint8_t total, seq; /* seq from 1; 1 <= seq <= total, else present is false */
	uint8_t lock_lang, shift_lang; /* national language ids of IEI 0x25, 0x24; 0: none */
	size_t udh_octets; /* header with its length octet */
};
/* Read the UDH at the start of user data. false: the header runs past the end. */
bool text_udh_read(struct sv user_data, struct text_concat *out) MUSTUSE;

/* Fold for matching what people type: NFKC, case folded, Devanagari and other decimal digits to
 * ASCII, zero-width characters removed, chandrabindu/anusvara and nukta variants folded alike,
 * a nasal joined to a consonant of its row like anusvara, runs of white space to one space, trimmed,
 * trailing punctuation (. , ! ? danda) removed. Folding twice gives the same. At most TEXT_MAX_UTF8
 * octets are read. */
void text_fold(struct sv utf8, struct buf *out);

size_t text_utf8_chars(struct sv utf8); /* code points */

#endif
