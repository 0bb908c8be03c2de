/* SPDX-License-Identifier: BSD-2-Clause */
/* quiet.c - see quiet.h. */
#include "engine/quiet.h"

#define MIN_MS 60000u
#define DAY_MIN 1440u
#define DAY_MS (24u * 60 * MIN_MS)

/* "hh:mm", at most 23:59. */
static bool read_clock(struct sv s, unsigned *min)
{
	unsigned d[4] = {0};

	if (s.n != 5 || s.p[2] != ':')
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = s.p[i + i / 2];

		if (c < '0' || c > '9')
			return false;
		d[i] = (unsigned)(c - '0');
	}
	*min = (d[0] * 10 + d[1]) * 60 + d[2] * 10 + d[3];
	return d[2] < 6 && *min < DAY_MIN;
}

bool quiet_read(struct sv hours, struct sv zone, struct quiet *q)
{
	unsigned off;

	*q = (struct quiet){0};
	if (zone.n != 6 || (zone.p[0] != '+' && zone.p[0] != '-') ||
	    !read_clock((struct sv){zone.p + 1, 5}, &off) || off > 14 * 60)
		return false;
	q->zone_min = zone.p[0] == '-' ? -(int)off : (int)off;
	if (sv_is(hours, "off"))
		return true;
	return hours.n == 11 && hours.p[5] == '-' &&
	       read_clock((struct sv){hours.p, 5}, &q->from_min) &&
	       read_clock((struct sv){hours.p + 6, 5}, &q->to_min) && q->from_min != q->to_min;
}

/* The zone's own clock. 1970 is far enough for the offset never to go below it. */
static uint64_t local(const struct quiet *q, uint64_t at_ms)
{
	return (uint64_t)((int64_t)at_ms + q->zone_min * (int64_t)MIN_MS);
}

uint64_t quiet_ends_ms(const struct quiet *q, uint64_t at_ms)
{
	uint64_t of_day = local(q, at_ms) % DAY_MS;
	uint64_t from = (uint64_t)q->from_min * MIN_MS, to = (uint64_t)q->to_min * MIN_MS;

	if (from < to ? of_day >= from && of_day < to : from > to && of_day < to)
		return at_ms + (to - of_day);
	if (from > to && of_day >= from)
		return at_ms + (DAY_MS - of_day) + to;
	return at_ms;
}

uint64_t quiet_day(const struct quiet *q, uint64_t at_ms)
{
	return local(q, at_ms) / DAY_MS;
}

uint64_t quiet_tomorrow_ms(const struct quiet *q, uint64_t at_ms)
{
	return quiet_ends_ms(q, at_ms + (DAY_MS - local(q, at_ms) % DAY_MS));
}
