/* SPDX-License-Identifier: BSD-2-Clause */
/* pager.c - pages of a screen. A page is filled word by word; when not even a word fits, grapheme
 * by grapheme. Whether it fits is asked of the whole page, since one letter decides the alphabet. */
#include "engine/pager.h"

#include "codec/text.h"

#include <unigbrk.h>

enum { BODY_OCTETS_MAX = 16384, PAGE_OCTETS_MAX = 4096 };

void page_body_init(struct page_body *b)
{
	buf_init(&b->text, BODY_OCTETS_MAX);
	b->solid_from = b->whole_from = SIZE_MAX;
	b->has_options = false;
}

void page_body_clear(struct page_body *b)
{
	buf_clear(&b->text);
}

unsigned screen_units(struct sv text, struct screen_limits limits, unsigned *holds)
{
	enum text_alphabet a;
	size_t units, segments;

	text_measure(text, &a, &units, &segments);
	if (a == TEXT_GSM7)
		*holds = limits.gsm7_septets ? limits.gsm7_septets : SCREEN_GSM7_MAX;
	else
		*holds = limits.ucs2_units ? limits.ucs2_units : SCREEN_UCS2_MAX;
	return (unsigned)units;
}

static void add_line(struct buf *out, const char *line)
{
	if (!line)
		return;
	if (out->n > 0)
		buf_addc(out, '\n');
	buf_adds(out, line);
}

static bool write_page(struct buf *out, const char *lead, struct sv part, const char *more,
    const char *back, const char *menu, struct screen_limits limits)
{
	unsigned holds;

	buf_reset(out);
	add_line(out, lead);
	if (part.n > 0) {
		if (out->n > 0)
			buf_addc(out, '\n');
		buf_addsv(out, part);
	}
	add_line(out, more);
	add_line(out, back);
	add_line(out, menu);
	return screen_units(buf_sv(out), limits, &holds) <= holds;
}

/* The next place after i where a page may end; the text's length when there is none. */
static size_t next_break(const struct page_body *b, size_t i, bool by_word)
{
	const uint8_t *p = (const uint8_t *)b->text.p, *next;

	if (!by_word) {
		next = u8_grapheme_next(p + i, p + b->text.n);
		return next ? (size_t)(next - p) : b->text.n;
	}
	for (i++; i < b->text.n; i++) {
		char c = b->text.p[i];

		if (c == '\n' ? i < b->solid_from || b->has_options : c == ' ' && i < b->solid_from)
			break;
	}
	return i;
}

/* The end of the longest part of the body that makes a page; at: none. */
static size_t fill(const struct page_body *b, size_t at, bool by_word, const char *lead,
    const char *more, const char *back, struct screen_limits limits, struct buf *tmp)
{
	size_t best = at;

	for (size_t i = at; i < b->text.n; best = i) {
		i = next_break(b, i, by_word);
		if (!write_page(tmp, lead, (struct sv){b->text.p + at, i - at}, more, back, NULL,
			limits))
			break;
	}
	return best;
}

/* A page that would end within a question that fits one of its own ends before it. */
static size_t before_whole(const struct page_body *b, size_t at, size_t end, const char *back,
    struct screen_limits limits, struct buf *tmp)
{
	size_t from = b->whole_from;

	if (from <= at || from >= end ||
	    !write_page(tmp, NULL, (struct sv){b->text.p + from, b->text.n - from}, NULL, back, NULL,
		limits))
		return end;
	while (from > at && b->text.p[from - 1] == '\n')
		from--;
	return from > at ? from : end;
}

static size_t skip_space(const struct page_body *b, size_t at)
{
	while (at < b->text.n && (b->text.p[at] == ' ' || b->text.p[at] == '\n'))
		at++;
	return at;
}

struct page page_make(const struct page_body *b, size_t at, const char *lead, const struct page_keys *k,
    struct screen_limits limits, struct buf *out)
{
	struct page page = {.next = 0};
	struct sv rest;
	struct buf tmp;
	size_t end;

	buf_init(&tmp, BODY_OCTETS_MAX + PAGE_OCTETS_MAX);
	at = at > b->text.n ? b->text.n : at;
	rest = (struct sv){b->text.p + at, b->text.n - at};
	if (k->is_end ? write_page(&tmp, lead, rest, NULL, NULL, NULL, limits)
		      : write_page(&tmp, lead, rest, NULL, k->back, k->menu, limits) ||
			    write_page(&tmp, lead, rest, NULL, k->back, NULL, limits))
		goto done;
	end = fill(b, at, true, lead, k->more, k->back, limits, &tmp);
	if (end == at && lead) {
		lead = NULL;
		end = fill(b, at, true, lead, k->more, k->back, limits, &tmp);
	}
	if (end == at) {
		page.is_forced = true;
		end = fill(b, at, false, lead, k->more, k->back, limits, &tmp);
	}
	if (end == at) { /* a screen too small for its own keys */
		end = fill(b, at, false, NULL, NULL, NULL, limits, &tmp);
		end = end == at ? next_break(b, at, false) : end;
		(void)write_page(&tmp, NULL, (struct sv){b->text.p + at, end - at}, NULL, NULL, NULL,
		    limits);
		page.next = skip_space(b, end);
		goto done;
	}
	end = before_whole(b, at, end, k->back, limits, &tmp);
	rest.n = end - at;
	page.next = skip_space(b, end);
	if (!write_page(&tmp, lead, rest, k->more, k->back, k->menu, limits))
		(void)write_page(&tmp, lead, rest, k->more, k->back, NULL, limits);
done:
	if (page.next >= b->text.n)
		page.next = 0;
	buf_addsv(out, buf_sv(&tmp));
	buf_clear(&tmp);
	return page;
}

size_t page_before(const struct page_body *b, size_t at, const struct page_keys *first,
    const struct page_keys *k, struct screen_limits limits)
{
	size_t from = 0;
	struct buf tmp;

	buf_init(&tmp, BODY_OCTETS_MAX);
	for (;;) {
		struct page page;

		buf_reset(&tmp);
		page = page_make(b, from, NULL, from == 0 ? first : k, limits, &tmp);
		if (page.next == 0 || page.next >= at)
			break;
		from = page.next;
	}
	buf_clear(&tmp);
	return from;
}
