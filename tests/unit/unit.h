/* SPDX-License-Identifier: BSD-2-Clause */
/* unit.h - what every cmocka test of ours begins with: the includes in the order cmocka wants, octets
 * in a heap block of their exact size (so that a sanitizer sees one octet too many), and numbers by
 * chance that are the same in every run. */
#ifndef DK_UNIT_H
#define DK_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

#define UNIT_SEED 20260301u /* print it with the failure: same seed, same run */

/* n octets of p on the heap, nothing behind them; free() it. */
static inline void *exact(const void *p, size_t n)
{
	void *q = malloc(n ? n : 1);

	if (!q)
		abort();
	if (n > 0)
		memcpy(q, p, n);
	return q;
}

static inline uint32_t chance(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static inline uint32_t chance_below(uint64_t *seed, uint32_t n)
{
	return chance(seed) % n;
}

#endif
