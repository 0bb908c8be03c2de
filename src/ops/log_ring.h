/* SPDX-License-Identifier: BSD-2-Clause */
/* log_ring.h - the last log lines, kept in a fixed ring of octets, for GET /logs. */
#ifndef DK_LOG_RING_H
#define DK_LOG_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

struct log_ring;
struct log_ring *log_ring_new(size_t max_lines, size_t max_octets) MUSTUSE;
void log_ring_free(struct log_ring *r);
log_sink_fn log_ring_put; /* arg: the ring */
/* Newest last: lines at or above a level (as urgent or more), of one trace (0: all), at most limit. */
void log_ring_print(const struct log_ring *r, enum log_level lvl, uint64_t trace, size_t limit,
    struct buf *out);

#endif
