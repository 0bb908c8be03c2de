/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_text.c - the first octet chooses: a text to send, octets to decode, a user data header, a text to
 * fold. Segments joined give the text back and never divide what reads as one character; what is
 * decoded is well-formed; folding twice folds no further. */
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
	switch (data[0] % 4) {
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
