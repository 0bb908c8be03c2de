/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics.h - counters, gauges and histograms in Prometheus text format 0.0.4.
 * Families are declared once from a table; a series is found by its label values and kept
 * (bounded: METRICS_SERIES_MAX a family, later ones are counted in dakiya_metrics_dropped_total). */
#ifndef DK_METRICS_H
#define DK_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define METRICS_SERIES_MAX 256u
#define METRICS_LABELS_MAX 4u

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
struct metric_family {
	const char *name; /* dakiya_messages_total */
	enum metric_type type;
	const char *labels; /* "direction,class,outcome" or "" */
	const char *help;
	const double *bounds; /* HISTOGRAM: rising, seconds */
	size_t bound_count;
};

struct metrics;
struct metrics *metrics_new(const struct metric_family *f, size_t count) MUSTUSE; /* f outlives it */
void metrics_free(struct metrics *m);
/* family: index in the table. Label values in the order of the family's labels, NULL-terminated. */
void metrics_add(struct metrics *m, size_t family, double v, ...) __attribute__((sentinel));
void metrics_set(struct metrics *m, size_t family, double v, ...) __attribute__((sentinel));
void metrics_observe(struct metrics *m, size_t family, double seconds, ...) __attribute__((sentinel));
double metrics_get(const struct metrics *m, size_t family, ...) __attribute__((sentinel));
/* HISTOGRAM: an estimate of a quantile over all series of a family, in seconds. */
double metrics_quantile(const struct metrics *m, size_t family, double q);
void metrics_print(const struct metrics *m, struct buf *out);

#endif
