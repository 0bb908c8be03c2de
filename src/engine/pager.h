/* SPDX-License-Identifier: BSD-2-Clause */
/* pager.h - one USSD screen out of a text that may be longer: where it breaks, and the keys below
 * it. Used by the dialogue for what it shows, and by the compiler for what it allows. Pure. */
#ifndef DK_PAGER_H
#define DK_PAGER_H

#include "engine/dialogue.h"

struct page_body {
	struct buf text;
	size_t solid_from; /* from here on no break but before an option; SIZE_MAX: nowhere solid */
	bool has_options; /* the solid part is lines, each of which may begin a page */
	size_t whole_from; /* from here on it stands on one page where it fits one; SIZE_MAX: nowhere */
};
/* Lines such as "9 more". NULL: there is no such key. */
struct page_keys {
	const char *more; /* on every page but the last */
	const char *back;
	const char *menu; /* shown where there is room */
	bool is_end; /* the last page has no keys: nothing follows it */
};
struct page {
	size_t next; /* where the next page begins; 0: this is the last */
	bool is_forced; /* a word, an option or a question had to be cut */
};

void page_body_init(struct page_body *b);
void page_body_clear(struct page_body *b);
/* The page that begins at `at`, appended to out. lead: one line above it, or NULL. A page never
 * holds more than the limits, and never nothing when the text goes on. */
struct page page_make(const struct page_body *b, size_t at, const char *lead, const struct page_keys *k,
    struct screen_limits limits, struct buf *out);
/* Where the page before the one at `at` begins; 0 for the first, whose keys are those of first. */
size_t page_before(const struct page_body *b, size_t at, const struct page_keys *first,
    const struct page_keys *k, struct screen_limits limits);
/* What a text takes of a screen, and what that screen holds of its alphabet. */
unsigned screen_units(struct sv text, struct screen_limits limits, unsigned *holds);

#endif
