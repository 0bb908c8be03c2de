/* SPDX-License-Identifier: BSD-2-Clause */
/* places.h - names of states and union territories as people write them, and the districts that
 * the synthetic population lives in. Pure. */
#ifndef DK_BACKEND_PLACES_H
#define DK_BACKEND_PLACES_H

#include <stddef.h>
#include <stdint.h>

/* The form that spellings of one place share: folded, without spaces, dots, hyphens and "&" or
 * "and". Owned by the caller; NULL when nothing is left. */
char *places_fold(const char *text);
/* A state's code by code or name ("BR", "Bihar", "बिहार"); NULL: unknown. Borrowed, static. */
const char *places_state(const char *text);
/* The name of a code of these, in English or ("hi") Hindi; "" if it is none. Owned by the caller. */
char *places_state_name(const char *code, const char *lang);

/* The state whose name is meant but for slips; NULL: none, or it is a name. Borrowed, static. */
const char *places_state_near(const char *text);

/* What a person wrote for a place: "800001", "पटना", "Bilaspur, HP", "Bihar Patna". */
struct places_words {
	int64_t pin; /* a PIN code; -1: nothing but digits, and no PIN code; 0: words */
	char *whole, *district; /* owned; the text, and what of it is not the state's name */
	const char *state; /* that stands beside the district; NULL: none. Borrowed, static. */
};
void places_read(const char *text, struct places_words *out);
void places_words_clear(struct places_words *w);
/* The official name, folded, of a district by a name that people use (folded): "banaras". NULL: none.
 * Owned by the caller. */
char *places_usual(const char *folded);

struct places_district {
	const char *state, *name_en, *name_hi;
	int pin_area; /* first three digits of its PIN codes */
};
extern const struct places_district places_districts[];
extern const size_t places_n_districts;

#endif
