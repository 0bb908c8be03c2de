/* SPDX-License-Identifier: BSD-2-Clause */
/* quiet.h - when an information may be told: not in the quiet hours of the person's time zone, and
 * so many a day. Pure; instants are wall ms since 1970 UTC. A zone is a fixed offset, as India's is. */
#ifndef DK_QUIET_H
#define DK_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

struct quiet {
	unsigned from_min,
	    to_min; /* of the day, [from, to); over midnight when from > to; equal: never */
	int zone_min; /* east of UTC */
};

/* hours: "21:00-08:00" or "off"; zone: "+05:30". */
bool quiet_read(struct sv hours, struct sv zone, struct quiet *q) MUSTUSE;
/* The first instant from at_ms on that is not quiet: at_ms itself, or the end of the quiet hours. */
uint64_t quiet_ends_ms(const struct quiet *q, uint64_t at_ms);
uint64_t quiet_day(const struct quiet *q, uint64_t at_ms); /* number of the zone's day */
/* The first instant of the next day that is not quiet. */
uint64_t quiet_tomorrow_ms(const struct quiet *q, uint64_t at_ms);

#endif
