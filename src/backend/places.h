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

struct places_district {
	const char *state, *name_en, *name_hi;
	int pin_area; /* first three digits of its PIN codes */
};
extern const struct places_district places_districts[];
extern const size_t places_n_districts;

#endif
