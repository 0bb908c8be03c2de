/* SPDX-License-Identifier: BSD-2-Clause */
/* hist.h - latencies in microseconds counted in buckets that grow with the value: exact below 128,
 * within 1/128 above, so that a percentile is never off by more than 0.8 %. */
#ifndef DK_LOAD_HIST_H
#define DK_LOAD_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 7u
#define HIST_MAX_US ((1ull << 40) - 1) /* larger values count as this */
#define HIST_BUCKETS ((40u - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	uint64_t count, sum, max;
	uint32_t bucket[HIST_BUCKETS];
};
void hist_reset(struct hist *h);
void hist_add(struct hist *h, uint64_t us);
/* The smallest value that a share q (0 to 1) of all values does not exceed, rounded up to the end
 * of its bucket, never above the largest value. 0 when nothing was counted. */
uint64_t hist_quantile(const struct hist *h, double q);

#endif
