/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_text.c - the first octet chooses: a text to send, octets to decode, a user data header, a text to
 * fold, a text to send over a link with options, septets of national tables. Segments joined give the
 * text back and never divide what reads as one character; what is decoded is well-formed; folding twice
 * folds no further; plain characters are no more expensive. */
#include <unigbrk.h>
#include <unistr.h>

#include "codec/text.h"
#include "fuzz.h"

/* The text as text_encode takes it: broken sequences replaced. */
static size_t well_formed(struct sv utf8, uint32_t *out)
{
	size_t n = 0;

	for (size_t at = 0; at < utf8.n;) {
		int len = u8_mbtouc(&out[n++], (const uint8_t *)utf8.p + at, utf8.n - at);

		at += len > 0 ? (size_t)len : 1;
	}
	return n;
}

/* at: code points before a cut. Unless the cluster around it is longer than a segment, one begins there. */
static void check_cut(const uint32_t *cp, size_t n, const char *starts, size_t at, size_t room)
{
	size_t from = at, to = at, units = 0;

	MUST(at > 0 && at < n);
	if (starts[at])
		return;
	while (from > 0 && !starts[from])
		from--;
	while (to < n && !starts[to])
		to++;
	for (size_t i = from; i < to; i++)
		units += cp[i] > 0xFFFF ? 2 : 1;
	MUST(units > room);
}

static void check_segments(const struct text_parts *p, const uint32_t *cp, size_t n)
{
	size_t at = 0, room = p->alphabet == TEXT_GSM7 ? 153 : 67;
	char *starts = xmalloc(n + 1);

	u32_grapheme_breaks(cp, n, starts);
	for (size_t i = 0; i < p->count; i++) {
		struct sv ud = {(const char *)p->seg[i].octets, p->seg[i].n};
		struct text_concat c = {0};
		uint32_t *back;
		struct buf b;
		size_t chars;

		MUST(ud.n <= (p->alphabet == TEXT_GSM7 ? 160u : TEXT_SEGMENT_OCTETS));
		MUST(p->seg[i].has_udh == (p->count > 1));
		if (p->seg[i].has_udh)
			MUST(text_udh_read(ud, &c) && c.present && c.ref == 7 && c.total == p->count &&
			     c.seq == i + 1);
		buf_init(&b, 10000);
		ud.p += c.udh_octets;
		ud.n -= c.udh_octets;
		MUST(text_decode(p->alphabet, ud, &b));
		back = xmalloc((b.n + 1) * sizeof *back);
		chars = well_formed(buf_sv(&b), back);
		for (size_t k = 0; k < chars; k++, at++) {
			while (at < n && cp[at] == 0) /* dropped by whoever reads it */
				at++;
			MUST(at < n && back[k] == cp[at]);
		}
		while (at < n && cp[at] == 0 && i + 1 == p->count)
			at++;
		if (i + 1 < p->count && cp[at] != 0 && cp[at - 1] != 0)
			check_cut(cp, n, starts, at, room);
		free(back);
		buf_clear(&b);
	}
	MUST(at == n);
	free(starts);
}

static void check_encode(struct sv s)
{
	uint32_t *cp = xmalloc((s.n + 1) * sizeof *cp);
	size_t n = well_formed(s, cp), units, segments;
	enum text_alphabet a;
	struct text_parts p;

	text_measure(s, &a, &units, &segments);
	MUST(segments > 0 && text_utf8_chars(s) == n && units >= n);
	if (text_encode(s, 7, &p)) {
		MUST(p.alphabet == a && p.units == units && p.count == segments);
		check_segments(&p, cp, n);
	} else {
		MUST(segments > TEXT_MAX_SEGMENTS);
	}
	free(cp);
}

static void check_decode(struct sv octets)
{
	static const enum text_alphabet all[] = {TEXT_GSM7, TEXT_LATIN1, TEXT_ASCII, TEXT_UCS2};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct buf b;

		buf_init(&b, 3 * octets.n);
		MUST(text_decode(all[i], octets, &b));
		MUST(!b.full); /* three octets for one is the most */
		MUST(u8_check((const uint8_t *)buf_str(&b), b.n) == NULL);
		MUST(!memchr(buf_str(&b), '\0', b.n));
		if (b.n <= TEXT_MAX_UTF8)
			check_encode(buf_sv(&b));
		buf_clear(&b);
	}
}

static void check_udh(struct sv ud)
{
	struct text_concat c;

	if (!text_udh_read(ud, &c))
		return;
	MUST(c.udh_octets >= 1 && c.udh_octets <= ud.n);
	if (c.present)
		MUST(c.seq >= 1 && c.seq <= c.total);
}

/* What a phone makes of all parts; packed, an '@' or CR in the last seven bits may be lost. */
static void read_parts(const struct text_parts *p, bool is_packed, struct buf *out)
{
	for (size_t i = 0; i < p->count; i++) {
		struct sv ud = p->is_payload ? (struct sv){(const char *)p->payload, p->payload_n}
					     : (struct sv){(const char *)p->seg[i].octets, p->seg[i].n};
		struct text_concat c = {0};
		struct buf septets;

		MUST(p->is_payload ||
		     ud.n <= (p->alphabet == TEXT_UCS2 || (is_packed && p->alphabet == TEXT_GSM7)
				     ? 140u
				     : 160u));
		if (!p->is_payload && p->seg[i].has_udh)
			MUST(text_udh_read(ud, &c) && c.shift_lang == p->national &&
			     c.lock_lang == p->national);
		ud.p += c.udh_octets;
		ud.n -= c.udh_octets;
		buf_init(&septets, 10000);
		if (p->alphabet == TEXT_GSM7 && is_packed)
			text_unpack(ud, c.udh_octets, &septets);
		else
			buf_addsv(&septets, ud);
		if (p->alphabet == TEXT_GSM7)
			MUST(text_decode_national(buf_sv(&septets), c.lock_lang, c.shift_lang, out));
		else
			MUST(text_decode(p->alphabet, buf_sv(&septets), out));
		buf_clear(&septets);
	}
}

static void check_link(struct sv s)
{
	struct text_opts o = {0};
	struct text_size size, plain_size;
	struct text_parts p;
	struct buf back, plain;

	if (s.n < 3 || s.n > TEXT_MAX_UTF8)
		return;
	o.coding_0 = (enum text_alphabet)(s.p[0] & 3);
	o.split = (enum text_split)(s.p[0] >> 2 & 3);
	o.is_packed = s.p[0] & 0x10;
	o.national = (uint16_t)((uint8_t)s.p[1] << 8 | (uint8_t)s.p[2]);
	s.p += 3;
	s.n -= 3;
	buf_init(&back, 20000);
	buf_init(&plain, 20000);
	text_size_for(s, &o, &size);
	if (text_encode_for(s, &o, 0x1234, &p)) {
		MUST(p.units == size.units && p.alphabet == size.alphabet &&
		     p.national == size.national);
		MUST(p.count == (p.is_payload ? 1 : size.segments));
		MUST(!(o.coding_0 == TEXT_UCS2) || p.alphabet == TEXT_UCS2);
		MUST(p.national == 0 || o.national & 1u << p.national);
		read_parts(&p, o.is_packed, &back);
		if (u8_check((const uint8_t *)s.p, s.n) == NULL && !memchr(s.p, '\0', s.n) &&
		    !o.is_packed)
			MUST(sv_eq(buf_sv(&back), s));
	} else {
		MUST(size.segments > TEXT_MAX_SEGMENTS);
	}
	(void)text_smart(s, &o, &plain);
	text_size_for(buf_sv(&plain), &o, &plain_size);
	MUST(plain_size.segments <= size.segments);
	buf_clear(&back);
	buf_clear(&plain);
}

static void check_national(struct sv s)
{
	struct buf septets, b;

	if (s.n < 3)
		return;
	buf_init(&septets, 2 * s.n);
	buf_init(&b, 8 * s.n);
	text_unpack((struct sv){s.p + 3, s.n - 3}, (uint8_t)s.p[2], &septets);
	MUST(!septets.full && septets.n <= (s.n - 3) * 8 / 7);
	(void)!text_decode_national(buf_sv(&septets), (uint8_t)s.p[0], (uint8_t)s.p[1], &b);
	(void)!text_decode_national((struct sv){s.p + 3, s.n - 3}, (uint8_t)s.p[0], (uint8_t)s.p[1],
	    &b);
	MUST(!b.full && u8_check((const uint8_t *)buf_str(&b), b.n) == NULL);
	buf_clear(&septets);
	buf_clear(&b);
}

static void check_fold(struct sv s)
{
	struct buf once, twice;

	buf_init(&once, 1u << 20);
	buf_init(&twice, 1u << 20);
	text_fold(s, &once);
	MUST(u8_check((const uint8_t *)buf_str(&once), once.n) == NULL);
	MUST(!strstr(buf_str(&once), "  ") && buf_str(&once)[0] != ' ');
	MUST(once.n == 0 || !strchr(" .,!?", buf_str(&once)[once.n - 1]));
	if (once.n <= TEXT_MAX_UTF8) {
		text_fold(buf_sv(&once), &twice);
		MUST(sv_eq(buf_sv(&once), buf_sv(&twice)));
	}
	buf_clear(&once);
	buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sv rest;
	void *copy;

	if (n < 1 || n > 2 * TEXT_MAX_UTF8)
		return 0;
	copy = xmemdup(data + 1, n - 1);
	rest = (struct sv){copy, n - 1};
	switch (data[0] == 4 || data[0] == 5 ? data[0] : data[0] % 4) {
	case 4:
		check_link(rest);
		break;
	case 5:
		check_national(rest);
		break;
	case 0:
		check_encode(rest);
		break;
	case 1:
		check_decode(rest);
		break;
	case 2:
		check_udh(rest);
		break;
	default:
		check_fold(rest);
		break;
	}
	free(copy);
	return 0;
}
