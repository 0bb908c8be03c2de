/* SPDX-License-Identifier: BSD-2-Clause */
/* near.h - how far two words are apart, by the slips of who types. Over text that was folded before;
 * of any script. Pure. */
#ifndef DK_NEAR_H
#define DK_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

enum { NEAR_CHARS_MAX = 32 };
struct near_word {
	uint32_t cp[NEAR_CHARS_MAX];
	size_t n; /* code points; NEAR_CHARS_MAX + 1: too long to be compared */
};

void near_read(struct sv utf8, struct near_word *out);
/* Insertions, deletions, replacements and swaps of neighbours; UINT_MAX when there are more than most, or
 * one word is too long. */
unsigned near_distance(const struct near_word *a, const struct near_word *b, unsigned most);
/* The same when one may be meant by the other, so many as a word of its length may hold; else UINT_MAX. */
unsigned near_meant(const struct near_word *a, const struct near_word *b);
/* How many slips a word of so many letters may hold and still be meant. */
unsigned near_slips(size_t chars);

#endif
