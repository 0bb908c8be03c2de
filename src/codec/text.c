/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - text out: choose the alphabet, measure, cut, and write segments with their concatenation
 * header (3GPP TS 23.040 s.9.2.3.24.1). */
#include "codec/text.h"

#include <string.h>
#include <unigbrk.h>
#include <unistr.h>

#include "codec/text_int.h"

enum {
	GSM7_SINGLE = 160,
	GSM7_PART = 153, /* the header of 6 octets takes the room of 7 septets */
	UCS2_SINGLE = 70,
	UCS2_PART = 67,
	CONCAT_UDH_OCTETS = 6,
};

struct room {
	size_t single, part;
};

static struct room room_of(enum text_alphabet a)
{
	return a == TEXT_GSM7 ? (struct room){GSM7_SINGLE, GSM7_PART}
			      : (struct room){UCS2_SINGLE, UCS2_PART};
}

static size_t next_code_point(struct sv s, size_t at, uint32_t *cp)
{
	int n =
	    u8_mbtouc(cp, (const uint8_t *)s.p + at, s.n - at); /* gives U+FFFD for what is broken */

	return n > 0 ? (size_t)n : 1;
}

/* Both counts in one pass over a text of any length. */
static void count_units(struct sv utf8, enum text_alphabet *alphabet, size_t *units)
{
	size_t septets = 0, utf16 = 0;
	bool is_gsm7 = true;
	uint8_t unused[2];
	uint32_t cp;

	for (size_t at = 0; at < utf8.n;) {
		unsigned n;

		at += next_code_point(utf8, at, &cp);
		utf16 += cp > 0xFFFF ? 2 : 1;
		n = is_gsm7 ? gsm7_from_code_point(cp, unused) : 0;
		septets += n;
		is_gsm7 = n > 0;
	}
	*alphabet = is_gsm7 ? TEXT_GSM7 : TEXT_UCS2;
	*units = is_gsm7 ? septets : utf16;
}

/* utf8 of at most TEXT_MAX_UTF8 octets. */
static void to_units(struct sv utf8, struct text_units *t)
{
	uint32_t cp;

	count_units(utf8, &t->alphabet, &t->units);
	t->n = 0;
	for (size_t at = 0; at < utf8.n;) {
		at += next_code_point(utf8, at, &cp);
		if (cp > 0xFFFF) {
			t->u[t->n++] = (uint16_t)(0xD800 + ((cp - 0x10000) >> 10));
			t->u[t->n++] = (uint16_t)(0xDC00 + (cp & 0x3FF));
		} else {
			t->u[t->n++] = (uint16_t)cp;
		}
	}
}

static void put_units(struct text_segment *seg, const struct text_units *t, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (t->alphabet == TEXT_GSM7) {
			seg->n += gsm7_from_code_point(t->u[from], seg->octets + seg->n);
		} else {
			seg->octets[seg->n++] = (uint8_t)(t->u[from] >> 8);
			seg->octets[seg->n++] = (uint8_t)t->u[from];
		}
	}
}

bool text_encode(struct sv utf8, uint8_t ref, struct text_parts *out)
{
	struct text_units t;
	struct room room;
	char starts[TEXT_MAX_UTF8];
	size_t at = 0;

	if (utf8.n > TEXT_MAX_UTF8)
		return false;
	to_units(utf8, &t);
	room = room_of(t.alphabet);
	out->alphabet = t.alphabet;
	out->data_coding = t.alphabet == TEXT_GSM7 ? 0 : 8;
	out->units = t.units;
	out->count = 0;
	if (t.units <= room.single) {
		out->count = 1;
		out->seg[0].n = 0;
		out->seg[0].has_udh = false;
		put_units(&out->seg[0], &t, 0, t.n);
		return true;
	}
	u16_grapheme_breaks(t.u, t.n, starts);
	while (at < t.n) {
		size_t end = split_end(&t, starts, at, room.part);
		struct text_segment *seg;

		if (out->count == TEXT_MAX_SEGMENTS)
			return false;
		seg = &out->seg[out->count++];
		memcpy(seg->octets, (const uint8_t[]){0x05, 0x00, 0x03, ref, 0, (uint8_t)out->count},
		    CONCAT_UDH_OCTETS);
		seg->n = CONCAT_UDH_OCTETS;
		seg->has_udh = true;
		put_units(seg, &t, at, end);
		at = end;
	}
	for (size_t i = 0; i < out->count; i++)
		out->seg[i].octets[4] = (uint8_t)out->count;
	return true;
}

void text_measure(struct sv utf8, enum text_alphabet *alphabet, size_t *units, size_t *segments)
{
	struct text_units t;
	struct room room;
	char starts[TEXT_MAX_UTF8];

	count_units(utf8, alphabet, units);
	room = room_of(*alphabet);
	if (*units <= room.single) {
		*segments = 1;
		return;
	}
	if (utf8.n > TEXT_MAX_UTF8) { /* too long for text_encode, and that by far */
		*segments = (*units + room.part - 1) / room.part;
		return;
	}
	to_units(utf8, &t);
	u16_grapheme_breaks(t.u, t.n, starts);
	*segments = 0;
	for (size_t at = 0; at < t.n; ++*segments)
		at = split_end(&t, starts, at, room.part);
}

size_t text_utf8_chars(struct sv utf8)
{
	size_t n = 0;
	uint32_t cp;

	for (size_t at = 0; at < utf8.n; n++)
		at += next_code_point(utf8, at, &cp);
	return n;
}
