/* SPDX-License-Identifier: BSD-2-Clause */
/* hist.c - logarithmic buckets; see hist.h. */
#include "load/hist.h"

#include <string.h>

#define SUB (1u << HIST_SUB_BITS)

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

/* Group g > 0 holds values of g + HIST_SUB_BITS bits, in steps of 2^(g - 1) ... the top bit is
 * implied, so each group takes SUB buckets of which v >> shift, less SUB, is the index. */
static unsigned bucket_of(uint64_t v)
{
	unsigned bits, shift;

	if (v < SUB)
		return (unsigned)v;
	bits = 64u - (unsigned)__builtin_clzll(v);
	shift = bits - HIST_SUB_BITS - 1;
	return ((shift + 1) << HIST_SUB_BITS) + (unsigned)(v >> shift) - SUB;
}

static uint64_t bucket_end(unsigned b)
{
	unsigned group = b >> HIST_SUB_BITS;

	if (group == 0)
		return b;
	return (((uint64_t)(b & (SUB - 1)) + SUB + 1) << (group - 1)) - 1;
}

void hist_add(struct hist *h, uint64_t us)
{
	if (us > HIST_MAX_US)
		us = HIST_MAX_US;
	h->count++;
	h->sum += us;
	if (us > h->max)
		h->max = us;
	h->bucket[bucket_of(us)]++;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t want = (uint64_t)(q * (double)h->count), seen = 0, end;

	if (h->count == 0)
		return 0;
	if ((double)want < q * (double)h->count)
		want++; /* rounded up: the share must be reached */
	if (want == 0)
		want = 1;
	for (unsigned b = 0; b < HIST_BUCKETS; b++) {
		seen += h->bucket[b];
		if (seen >= want) {
			end = bucket_end(b);
			return end < h->max ? end : h->max;
		}
	}
	return h->max;
}
