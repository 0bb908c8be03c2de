/* SPDX-License-Identifier: BSD-2-Clause */
/* ist.h - Indian Standard Time: fixed +05:30, no daylight saving. Days are numbered from
 * 1970-01-01 IST; instants are milliseconds since 1970 UTC. Pure. */
#ifndef DK_BACKEND_IST_H
#define DK_BACKEND_IST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IST_OFFSET_MS 19800000LL
#define IST_DAY_MS 86400000LL
#define IST_TEXT_CAP 32 /* octets that hold any text made here */

int64_t ist_day(int64_t wall_ms); /* the IST day an instant lies in */
int64_t ist_day_start_ms(int64_t day); /* its first instant */
int ist_second_of_day(int64_t wall_ms); /* 0 .. 86399 */
int ist_weekday(int64_t day); /* 1 Monday .. 7 Sunday */
/* "2026-11-22T23:59:59+05:30" into out (>= IST_TEXT_CAP); fractions are cut. Returns out. */
const char *ist_text(int64_t wall_ms, char *out, size_t cap);
/* "2026-11-22T18:31:00Z", "...00.250+05:30": RFC 3339 with any offset. */
bool ist_parse(const char *text, int64_t *wall_ms);
bool ist_parse_date(const char *text, int64_t *day); /* "2026-11-22"; from 1850 on */

#endif
