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
#define TEXT_PAYLOAD_OCTETS (TEXT_MAX_SEGMENTS * 160u)

/* How the parts of a long message are told apart. */
enum text_split {
	TEXT_UDH8, /* concatenation UDH, 8-bit reference */
	TEXT_UDH16, /* the same, 16-bit reference */
	TEXT_SAR, /* sar_* TLVs (SMPP 3.4 s.5.3.2.22); the centre makes the UDH */
	TEXT_PAYLOAD, /* not cut: message_payload; the centre cuts */
};

/* How a link takes texts. All zero: GSM 03.38 unpacked, UDH with an 8-bit reference. */
struct text_opts {
	enum text_alphabet coding_0; /* what data_coding 0 means; UCS2: always write UCS-2 */
	enum text_split split;
	uint16_t
	    national; /* bit 1u << language id: its shift tables may be used; only with a UDH split */
	bool is_packed; /* eight septets in seven octets */
};

/* What a text takes. */
struct text_size {
	enum text_alphabet alphabet;
	uint8_t national; /* language id of both shift tables (with GSM7), or 0 */
	size_t units; /* septets or UTF-16 units of the whole text */
	size_t single, part; /* units that the only segment, or one of several, holds */
	size_t segments; /* that the radio network carries, also with TEXT_PAYLOAD */
};

struct text_segment {
	uint8_t octets[160]; /* UDH first when has_udh, ready for short_message */
	size_t n;
	bool has_udh; /* set esm_class UDHI */
};

struct text_parts {
	enum text_alphabet
	    alphabet; /* with LATIN1 and ASCII, units are what the radio carries: septets */
	uint8_t national;
	uint8_t data_coding; /* 0 or 8 */
	size_t units; /* septets or UTF-16 units of the whole text */
	size_t count;
	enum text_split split; /* SAR: count > 1, tell ref, count and place in TLVs */
	uint16_t ref;
	bool is_payload; /* count is 1: the whole text stands in payload */
	size_t payload_n;
	union {
		struct text_segment seg[TEXT_MAX_SEGMENTS];
		uint8_t payload[TEXT_PAYLOAD_OCTETS];
	};
};
/* Octets at the beginning of *p that hold all of it: so much is worth keeping. */
static inline size_t text_parts_octets(const struct text_parts *p)
{
	return offsetof(struct text_parts, seg) +
	       (p->is_payload ? p->payload_n : p->count * sizeof(p->seg[0]));
}

/* Choose the alphabet that takes the fewest segments (of equals: data_coding 0, UCS-2, shift tables) and
 * cut: never inside an escape pair, a surrogate pair or a grapheme cluster (libunistring). Capacities,
 * single and part: 160 and 153 septets, 70 and 67 UTF-16 units; 152 and 66 with a 16-bit reference and with
 * SAR, where the centre may use one; with shift tables (both elements in each header) 152 and 146, or 145.
 * false: over TEXT_MAX_SEGMENTS; *out is then undefined. */
bool text_encode_for(struct sv utf8, const struct text_opts *o, uint16_t ref,
    struct text_parts *out) MUSTUSE;
/* What text_encode_for would give, without building it; for a text of any length. */
void text_size_for(struct sv utf8, const struct text_opts *o, struct text_size *out);
/* The size in one alphabet (o->coding_0 is not looked at). false: it lacks a character, which is then in
 * *lacks (may be NULL). */
bool text_size_in(struct sv utf8, enum text_alphabet a, unsigned national, const struct text_opts *o,
    struct text_size *out, uint32_t *lacks) MUSTUSE;
/* text_encode_for with all options zero. */
bool text_encode(struct sv utf8, uint8_t ref, struct text_parts *out) MUSTUSE;
/* Units and segments that text_encode would give, without building them. */
void text_measure(struct sv utf8, enum text_alphabet *alphabet, size_t *units, size_t *segments);

/* National language ids (3GPP TS 23.038 s.6.2.1.2.4) by lower-case English name; 0: no table of ours. */
unsigned text_national_id(struct sv name);
const char *text_national_name(unsigned id); /* NULL: no table of ours */
#define TEXT_NATIONAL_MAX 13u

/* What stands for a character that costs an alphabet: plain quotes, dashes, three points, a space; the
 * rupee sign by the script of the text. Joiners stay, they change what is read. */
/* Write utf8 with all of them replaced; gives how many there were. */
size_t text_plain(struct sv utf8, struct buf *out);
size_t text_plain_one(struct sv utf8, uint32_t only, struct buf *out); /* only this character; 0: all */
/* The code point of s at *at, which moves behind it; U+FFFD for what is broken. */
uint32_t text_next(struct sv s, size_t *at);
/* The same when that saves a segment or leaves UCS-2; else utf8 as it is. Gives whether it was replaced. */
bool text_smart(struct sv utf8, const struct text_opts *o, struct buf *out);

/* What a data_coding means: 0 is the link's default alphabet (SMPP 3.4 s.5.2.19), 1 ASCII,
 * 3 Latin-1, 8 UCS-2, 2 and 4 binary, 0xF0-0xFF by its class bits; others: default alphabet. */
enum text_alphabet text_alphabet_of(uint8_t data_coding, enum text_alphabet link_default);

/* Octets of one (part of a) message, UDH already removed, to UTF-8, appended to out. Odd-length
 * UCS-2 loses its last octet; unpaired surrogates and undefined codes become U+FFFD; U+0000 is left
 * out. false: BINARY. */
bool text_decode(enum text_alphabet a, struct sv octets, struct buf *out) MUSTUSE;
/* Unpacked septets behind a locking and a single shift (ids of text_udh_read; 0: the default alphabet, the
 * default extension). An unknown single shift table leaves its characters U+FFFD. false: the locking
 * shift's table is not ours, the text cannot be read. */
bool text_decode_national(struct sv septets, unsigned lock, unsigned shift, struct buf *out) MUSTUSE;
/* Packed septets, UDH already removed but its length known for the fill bits, appended to out one an octet.
 * Seven bits at the end are no character when they are CR, or 0 in a segment that is not full
 * (s.6.1.2.1.1, s.6.1.2.3.1): an '@' there is lost, as nothing tells it from padding. */
void text_unpack(struct sv octets, size_t udh_octets, struct buf *out);

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
bool text_has_word(struct sv
	utf8); /* a letter or a digit somewhere: not only emoji, punctuation or nothing */

size_t text_utf8_chars(struct sv utf8); /* code points */

#endif
