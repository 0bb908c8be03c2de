/* SPDX-License-Identifier: BSD-2-Clause */
/* text_decode.c - text in: what a data_coding means, octets to UTF-8, and the user data header. */
#include <unistr.h>

#include "base/rd.h"
#include "codec/text.h"
#include "codec/text_int.h"

enum { /* 3GPP TS 23.040 s.9.2.3.24, information elements */
	IEI_CONCAT_8 = 0x00,
	IEI_CONCAT_16 = 0x08,
	IEI_SINGLE_SHIFT = 0x24,
	IEI_LOCKING_SHIFT = 0x25,
};

enum text_alphabet text_alphabet_of(uint8_t data_coding, enum text_alphabet link_default)
{
	if (data_coding >= 0xF0) /* 3GPP TS 23.038 s.4: bit 2 says 8-bit data */
		return data_coding & 0x04 ? TEXT_BINARY : link_default;
	switch (data_coding) { /* SMPP 3.4 s.5.2.19 */
	case 1:
		return TEXT_ASCII;
	case 2:
	case 4:
		return TEXT_BINARY;
	case 3:
		return TEXT_LATIN1;
	case 8:
		return TEXT_UCS2;
	default:
		return link_default;
	}
}

/* U+0000 is padding on the wire and poison in a text; it is left out. */
static void add_code_point(struct buf *out, uint32_t cp)
{
	uint8_t utf8[6];
	int n;

	if (cp == 0)
		return;
	n = u8_uctomb(utf8, cp, sizeof utf8);
	if (n > 0)
		buf_add(out, utf8, (size_t)n);
}

bool text_decode_national(struct sv septets, unsigned lock, unsigned shift, struct buf *out)
{
	struct rd r = rd_make(septets.p, septets.n);

	if (lock != 0 && !text_national_name(lock))
		return false;
	while (rd_left(&r) > 0) {
		uint8_t c = rd_u8(&r);
		bool is_escaped = c == GSM7_ESC && rd_left(&r) > 0;
		uint32_t cp = 0;

		if (is_escaped) {
			c = rd_u8(&r);
			cp = shift ? national_single(shift, c) : gsm7_to_code_point(c, true);
			if (shift && !text_national_name(shift))
				cp = TEXT_REPLACEMENT;
		}
		/* s.6.2.1.1: after an escape, what the extension lacks is shown as the character of the
		 * main table. A second escape is kept for further tables and shown as a space, as is a code
		 * of a national table at which nothing stands. */
		if (cp == 0)
			cp = lock ? national_locking(lock, c) : gsm7_to_code_point(c, false);
		if (cp == 0 && c < 0x80 && (lock || shift) && !(c == GSM7_ESC && !is_escaped))
			cp = ' ';
		add_code_point(out, cp ? cp : TEXT_REPLACEMENT);
	}
	return true;
}

void text_unpack(struct sv octets, size_t udh_octets, struct buf *out)
{
	size_t fill = (7 - udh_octets * 8 % 7) % 7, bits = octets.n * 8;

	for (size_t at = fill; at + 7 <= bits; at += 7) {
		unsigned v = (uint8_t)octets.p[at / 8] >> at % 8;

		if (at % 8 > 1)
			v |= (unsigned)(uint8_t)octets.p[at / 8 + 1] << (8 - at % 8);
		v &= 0x7F;
		/* In a segment that is full the last septet is one: who could write more did. */
		if (at + 7 == bits && at % 8 == 1 &&
		    (v == '\r' || (v == 0 && udh_octets + octets.n < TEXT_SEGMENT_OCTETS)))
			break;
		buf_addc(out, (char)v);
	}
}

static void decode_ucs2(struct rd *r, struct buf *out)
{
	while (rd_left(r) >= 2) {
		uint32_t u = rd_u16(r);

		if (u >= 0xD800 && u < 0xDC00 && rd_left(r) >= 2) {
			struct rd ahead = *r;
			uint32_t low = rd_u16(&ahead);

			if (low >= 0xDC00 && low < 0xE000) {
				u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
				*r = ahead;
			}
		}
		add_code_point(out, u >= 0xD800 && u < 0xE000 ? TEXT_REPLACEMENT : u);
	}
}

bool text_decode(enum text_alphabet a, struct sv octets, struct buf *out)
{
	struct rd r = rd_make(octets.p, octets.n);

	switch (a) {
	case TEXT_GSM7:
		return text_decode_national(octets, 0, 0, out);
	case TEXT_LATIN1:
		while (rd_left(&r) > 0)
			add_code_point(out, rd_u8(&r));
		return true;
	case TEXT_ASCII:
		while (rd_left(&r) > 0) {
			uint8_t c = rd_u8(&r);

			add_code_point(out, c < 0x80 ? c : TEXT_REPLACEMENT);
		}
		return true;
	case TEXT_UCS2:
		decode_ucs2(&r, out);
		return true;
	case TEXT_BINARY:
		break;
	}
	return false;
}

static void read_concat(struct text_concat *out, uint16_t ref, struct rd *r)
{
	uint8_t total = rd_u8(r), seq = rd_u8(r);

	if (r->err || seq == 0 || seq > total)
		return;
	out->present = true;
	out->ref = ref;
	out->total = total;
	out->seq = seq;
}

/* An element of another length than its own says nothing. The last one of a kind counts (s.9.2.3.24). */
static void read_element(struct text_concat *out, uint8_t iei, struct sv val)
{
	struct rd r = rd_make(val.p, val.n);

	if (iei == IEI_CONCAT_8 && val.n == 3)
		read_concat(out, rd_u8(&r), &r);
	else if (iei == IEI_CONCAT_16 && val.n == 4)
		read_concat(out, rd_u16(&r), &r);
	else if (iei == IEI_SINGLE_SHIFT && val.n == 1)
		out->shift_lang = rd_u8(&r);
	else if (iei == IEI_LOCKING_SHIFT && val.n == 1)
		out->lock_lang = rd_u8(&r);
}

bool text_udh_read(struct sv user_data, struct text_concat *out)
{
	struct rd outer = rd_make(user_data.p, user_data.n);
	struct sv header = rd_octets(&outer, rd_u8(&outer));
	struct rd r = rd_make(header.p, header.n);

	*out = (struct text_concat){0};
	if (outer.err)
		return false;
	out->udh_octets = outer.off;
	while (rd_left(&r) >= 2) {
		uint8_t iei = rd_u8(&r);
		struct sv val = rd_octets(&r, rd_u8(&r));

		if (r.err) /* the element runs past the header: what was read before it stands */
			break;
		read_element(out, iei, val);
	}
	return true;
}
