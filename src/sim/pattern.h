/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern.h - what a story expects of a text, and the names it learns from it.
 *
 *	*	anything, also nothing
 *	{name}	a word (no white space, no ASCII punctuation but - and _, no danda). The first time
 *		it is learnt, afterwards it must be the same
 *	{#name}	the same, of digits 0 to 9 only
 *	\n	a line's end
 *	\x	the character x itself
 *
 * Other characters stand for themselves. Both sides are compared in NFC, with every run of white space as
 * one line's end if there is one in it, else as one space, and none at the ends. */
#ifndef DK_SIM_PATTERN_H
#define DK_SIM_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/sv.h"

struct pattern_var {
	char *name, *value; /* owned */
};
struct vars {
	struct pattern_var *v; /* owned */
	size_t n;
};
void vars_clear(struct vars *vs);
const char *vars_get(const struct vars *vs, struct sv name); /* NULL: not known; borrowed */
void vars_set(struct vars *vs, struct sv name, struct sv value);
/* Appends text with every {name} that is known replaced; false: one is not known. */
bool vars_expand(const struct vars *vs, struct sv text, struct buf *out);

/* On a match the names that were new are set in vs; else vs is unchanged. */
bool pattern_match(struct sv pattern, struct sv text, struct vars *vs);
/* Is it one: every { closed around a name of letters, digits and _? */
bool pattern_ok(struct sv pattern);

#endif
