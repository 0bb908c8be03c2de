/* SPDX-License-Identifier: BSD-2-Clause */
/* near.c - see near.h. */
#include "base/near.h"

#include <limits.h>
#include <unistr.h>

void near_read(struct sv s, struct near_word *out)
{
	out->n = 0;
	while (s.n > 0) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)s.p, s.n);

		if (out->n == NEAR_CHARS_MAX) {
			out->n = NEAR_CHARS_MAX + 1;
			return;
		}
		out->cp[out->n++] = c;
		s.p += k;
		s.n -= (size_t)k;
	}
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

unsigned near_distance(const struct near_word *x, const struct near_word *y, unsigned most)
{
	unsigned row[3][NEAR_CHARS_MAX + 1];
	unsigned *before = row[0], *last = row[1], *cur = row[2];
	const uint32_t *a = x->cp, *b = y->cp;

	/* Most words of a list are ruled out by their length. */
	if (x->n > NEAR_CHARS_MAX || y->n > NEAR_CHARS_MAX || x->n > y->n + most || y->n > x->n + most)
		return UINT_MAX;
	for (unsigned j = 0; j <= y->n; j++)
		last[j] = j;
	for (size_t i = 1; i <= x->n; i++) {
		unsigned *spare = before;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= y->n; j++) {
			cur[j] =
			    min3(last[j] + 1, cur[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < cur[j])
				cur[j] = before[j - 2] + 1;
		}
		before = last;
		last = cur;
		cur = spare;
	}
	return last[y->n] <= most ? last[y->n] : UINT_MAX;
}

unsigned near_meant(const struct near_word *a, const struct near_word *b)
{
	unsigned most = near_slips(a->n < b->n ? a->n : b->n);

	return most > 0 ? near_distance(a, b, most) : UINT_MAX;
}

unsigned near_slips(size_t chars)
{
	return chars < 3 ? 0 : chars <= 4 ? 1 : chars <= 8 ? 2 : 3;
}
