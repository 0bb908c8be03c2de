/* SPDX-License-Identifier: BSD-2-Clause */
/* sv.h - a view of octets that somebody else owns; not terminated.
 * Valid as long as the owner says (usually: until the call returns). */
#ifndef DK_SV_H
#define DK_SV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sv {
	const char *p;
	size_t n; /* octets */
};

#define SV(lit) ((struct sv){(lit), sizeof(lit) - 1})
#define SV_FMT "%.*s"
#define SV_ARG(s) (int)(s).n, (s).p

static inline struct sv sv_from(const char *cstr)
{
	return (struct sv){cstr, cstr ? strlen(cstr) : 0};
}
static inline bool sv_eq(struct sv a, struct sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool sv_is(struct sv a, const char *cstr)
{
	/* In a list of names the first octet tells nearly all of them apart. */
	if (a.n > 0 && cstr && *a.p != *cstr)
		return false;
	return sv_eq(a, sv_from(cstr));
}

#endif
