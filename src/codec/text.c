/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - text out: choose the alphabet, measure, cut, and write segments with their user data header
 * (3GPP TS 23.040 s.9.2.3.24). */
#include "codec/text.h"

#include <string.h>
#include <unigbrk.h>
#include <unistr.h>

#include "codec/text_int.h"

enum {
	UDH_CONCAT_8 = 5, /* octets of an element: its identifier, its length, what it says */
	UDH_CONCAT_16 = 6,
	UDH_SHIFTS = 6, /* both shift elements */
};

uint32_t text_next(struct sv s, size_t *at)
{
	ucs4_t cp;
	int n = u8_mbtouc(&cp, (const uint8_t *)s.p + *at, s.n - *at);

	*at += n > 0 ? (size_t)n : 1;
	return cp;
}

unsigned text_cost(enum text_alphabet a, unsigned national, uint32_t cp)
{
	uint8_t out[2];

	switch (a) {
	case TEXT_GSM7:
		return national ? national_from_code_point(national, cp, out)
				: gsm7_from_code_point(cp, out);
	case TEXT_LATIN1: /* the centre makes GSM 03.38 of it: what that lacks would be lost */
		return cp > 0xFF ? 0 : gsm7_from_code_point(cp, out);
	case TEXT_ASCII:
		return cp > 0x7F ? 0 : gsm7_from_code_point(cp, out);
	case TEXT_UCS2:
		return cp > 0xFFFF ? 2 : 1;
	case TEXT_BINARY:
		break;
	}
	return 0;
}

/* Octets of the header, its length octet included, in each of several segments or in the only one. */
static size_t header_octets(unsigned national, enum text_split split, bool is_part)
{
	size_t n = national ? UDH_SHIFTS : 0;

	if (is_part)
		n += split == TEXT_UDH8 || split == TEXT_PAYLOAD ? UDH_CONCAT_8 : UDH_CONCAT_16;
	return n ? 1 + n : 0;
}

static size_t capacity(enum text_alphabet a, size_t header)
{
	size_t octets = TEXT_SEGMENT_OCTETS - header;

	return a == TEXT_UCS2 ? octets / 2 : octets * 8 / 7;
}

/* utf8 of at most TEXT_MAX_UTF8 octets. */
static void to_units(struct sv utf8, enum text_alphabet a, unsigned national, struct text_units *t)
{
	t->alphabet = a;
	t->national = national;
	t->n = 0;
	for (size_t at = 0; at < utf8.n;) {
		uint32_t cp = text_next(utf8, &at);

		if (cp > 0xFFFF) {
			t->u[t->n++] = (uint16_t)(0xD800 + ((cp - 0x10000) >> 10));
			t->u[t->n++] = (uint16_t)(0xDC00 + (cp & 0x3FF));
		} else {
			t->u[t->n++] = (uint16_t)cp;
		}
	}
}

static size_t count_segments(struct sv utf8, const struct text_size *s)
{
	struct text_units t;
	char starts[TEXT_MAX_UTF8];
	size_t n = 0;

	if (s->units <= s->single)
		return 1;
	if (utf8.n > TEXT_MAX_UTF8) /* too long for text_encode, and that by far */
		return (s->units + s->part - 1) / s->part;
	to_units(utf8, s->alphabet, s->national, &t);
	u16_grapheme_breaks(t.u, t.n, starts);
	for (size_t at = 0; at < t.n; n++)
		at = split_end(&t, starts, at, s->part);
	return n;
}

bool text_size_in(struct sv utf8, enum text_alphabet a, unsigned national, const struct text_opts *o,
    struct text_size *out, uint32_t *lacks)
{
	*out = (struct text_size){.alphabet = a, .national = (uint8_t)national};
	for (size_t at = 0; at < utf8.n;) {
		uint32_t cp = text_next(utf8, &at);
		unsigned n = text_cost(a, national, cp);

		if (n == 0) {
			if (lacks)
				*lacks = cp;
			return false;
		}
		out->units += n;
	}
	out->single = capacity(a, header_octets(national, o->split, false));
	out->part = capacity(a, header_octets(national, o->split, true));
	out->segments = count_segments(utf8, out);
	return true;
}

void text_size_for(struct sv utf8, const struct text_opts *o, struct text_size *out)
{
	struct text_size s;
	uint32_t lacks;

	if (o->coding_0 != TEXT_UCS2 && text_size_in(utf8, o->coding_0, 0, o, out, &lacks))
		return;
	(void)!text_size_in(utf8, TEXT_UCS2, 0, o, out, &lacks);
	if (o->coding_0 != TEXT_GSM7 || o->split == TEXT_SAR || o->split == TEXT_PAYLOAD)
		return;
	for (unsigned id = 1; id <= TEXT_NATIONAL_MAX; id++)
		if (o->national & 1u << id && out->segments > 1 &&
		    text_size_in(utf8, TEXT_GSM7, id, o, &s, &lacks) && s.segments < out->segments)
			*out = s;
}

/* ---- writing ---- */

static size_t put_units(uint8_t *out, const struct text_units *t, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++) {
		uint16_t u = t->u[from];

		switch (t->alphabet) {
		case TEXT_GSM7:
			n += t->national ? national_from_code_point(t->national, u, out + n)
					 : gsm7_from_code_point(u, out + n);
			break;
		case TEXT_UCS2:
			out[n++] = (uint8_t)(u >> 8);
			out[n++] = (uint8_t)u;
			break;
		case TEXT_LATIN1:
		case TEXT_ASCII:
		case TEXT_BINARY:
			out[n++] = (uint8_t)u;
			break;
		}
	}
	return n;
}

/* The text from..to behind `header` octets, which are the caller's; gives all octets. */
static size_t put_text(uint8_t *out, size_t header, const struct text_units *t, size_t from, size_t to,
    bool is_packed)
{
	uint8_t septets[TEXT_PAYLOAD_OCTETS];
	size_t n;

	if (t->alphabet != TEXT_GSM7 || !is_packed)
		return header + put_units(out + header, t, from, to);
	n = put_units(septets, t, from, to);
	/* Septets begin at a multiple of seven bits of the whole (TS 23.040 s.9.2.3.24). */
	return header + gsm7_pack(septets, n, (7 - header * 8 % 7) % 7, out + header);
}

static size_t put_header(uint8_t *out, const struct text_parts *p, size_t seq)
{
	bool is_part = p->count > 1 && (p->split == TEXT_UDH8 || p->split == TEXT_UDH16);
	size_t n = 1;

	if (is_part && p->split == TEXT_UDH8) {
		memcpy(out + n,
		    (const uint8_t[]){0x00, 3, (uint8_t)p->ref, (uint8_t)p->count, (uint8_t)seq},
		    UDH_CONCAT_8);
		n += UDH_CONCAT_8;
	} else if (is_part) {
		memcpy(out + n,
		    (const uint8_t[]){0x08, 4, (uint8_t)(p->ref >> 8), (uint8_t)p->ref,
			(uint8_t)p->count, (uint8_t)seq},
		    UDH_CONCAT_16);
		n += UDH_CONCAT_16;
	}
	if (p->national) {
		memcpy(out + n, (const uint8_t[]){0x24, 1, p->national, 0x25, 1, p->national},
		    UDH_SHIFTS);
		n += UDH_SHIFTS;
	}
	if (n == 1)
		return 0;
	out[0] = (uint8_t)(n - 1);
	return n;
}

static void put_segment(struct text_parts *p, size_t i, const struct text_units *t, size_t from,
    size_t to, bool is_packed)
{
	struct text_segment *seg = &p->seg[i];
	size_t header = put_header(seg->octets, p, i + 1);

	seg->has_udh = header > 0;
	seg->n = put_text(seg->octets, header, t, from, to, is_packed);
}

bool text_encode_for(struct sv utf8, const struct text_opts *o, uint16_t ref, struct text_parts *out)
{
	struct text_units t;
	struct text_size s;
	char starts[TEXT_MAX_UTF8];
	size_t at = 0;

	if (utf8.n > TEXT_MAX_UTF8)
		return false;
	text_size_for(utf8, o, &s);
	if (s.segments > TEXT_MAX_SEGMENTS)
		return false;
	to_units(utf8, s.alphabet, s.national, &t);
	out->alphabet = s.alphabet;
	out->national = s.national;
	out->data_coding = s.alphabet == TEXT_UCS2 ? 8 : 0;
	out->units = s.units;
	out->count = s.segments;
	out->split = o->split;
	out->ref = o->split == TEXT_UDH8 ? ref & 0xFF : ref;
	out->is_payload = o->split == TEXT_PAYLOAD && s.segments > 1;
	if (out->is_payload) {
		out->count = 1;
		out->payload_n = put_text(out->payload, 0, &t, 0, t.n, o->is_packed);
		return true;
	}
	if (out->count == 1) {
		put_segment(out, 0, &t, 0, t.n, o->is_packed);
		return true;
	}
	u16_grapheme_breaks(t.u, t.n, starts);
	for (size_t i = 0; i < out->count; i++) {
		size_t end = split_end(&t, starts, at, s.part);

		put_segment(out, i, &t, at, end, o->is_packed);
		at = end;
	}
	return true;
}

bool text_encode(struct sv utf8, uint8_t ref, struct text_parts *out)
{
	return text_encode_for(utf8, &(struct text_opts){0}, ref, out);
}

void text_measure(struct sv utf8, enum text_alphabet *alphabet, size_t *units, size_t *segments)
{
	struct text_size s;

	text_size_for(utf8, &(struct text_opts){0}, &s);
	*alphabet = s.alphabet;
	*units = s.units;
	*segments = s.segments;
}

size_t text_utf8_chars(struct sv utf8)
{
	size_t n = 0;

	for (size_t at = 0; at < utf8.n; n++)
		text_next(utf8, &at);
	return n;
}
