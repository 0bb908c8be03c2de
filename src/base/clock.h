/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the only place that reads clocks and random octets. Layers below app get
 * time and chance as arguments. */
#ifndef DK_CLOCK_H
#define DK_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

uint64_t clock_mono_ms(void); /* never steps back; for time-outs inside one process */
uint64_t clock_mono_us(void);
uint64_t clock_wall_ms(void); /* ms since 1970 UTC; for what is stored or shown */
uint64_t random_u64(void); /* from the kernel */
void random_octets(void *p, size_t n);
/* Wall ms as "2026-03-01T12:00:00.123Z" into out (>= 25 octets); returns out. */
const char *clock_iso(uint64_t wall_ms, char *out, size_t cap);
/* RFC 3339, with any offset from UTC. false: it is none, or before 1970. */
bool clock_read_iso(const char *text, uint64_t *wall_ms) MUSTUSE;

#endif
