/* SPDX-License-Identifier: BSD-2-Clause */
/* seed.h - chance for property tests: the same from run to run, another with DK_SEED=number. The seed
 * is printed, so that a failure can be had again. */
#ifndef DK_TEST_SEED_H
#define DK_TEST_SEED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct chance {
	uint64_t state;
};

static inline struct chance chance_new(const char *what, uint64_t seed)
{
	const char *s = getenv("DK_SEED");

	if (s)
		seed = strtoull(s, NULL, 10);
	print_message("%s: DK_SEED=%llu\n", what, (unsigned long long)seed);
	return (struct chance){seed};
}

/* splitmix64: small, and every seed is as good as another. */
static inline uint64_t chance_u64(struct chance *c)
{
	uint64_t z = c->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline unsigned chance_below(struct chance *c, unsigned n)
{
	return (unsigned)(chance_u64(c) % n);
}

#endif
