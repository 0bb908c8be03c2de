/* SPDX-License-Identifier: BSD-2-Clause */
/* ist.c - Indian Standard Time; see ist.h. gmtime_r and timegm do the calendar, so the
 * machine's own time zone never matters. */
#include "backend/ist.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t ist_day(int64_t wall_ms)
{
	return floor_div(wall_ms + IST_OFFSET_MS, IST_DAY_MS);
}

int64_t ist_day_start_ms(int64_t day)
{
	return day * IST_DAY_MS - IST_OFFSET_MS;
}

int ist_second_of_day(int64_t wall_ms)
{
	return (int)((wall_ms - ist_day_start_ms(ist_day(wall_ms))) / 1000);
}

int ist_weekday(int64_t day)
{
	/* Day 0, 1970-01-01, was a Thursday. */
	int64_t w = (day + 3) % 7;

	return (int)(w < 0 ? w + 7 : w) + 1;
}

const char *ist_text(int64_t wall_ms, char *out, size_t cap)
{
	time_t t = (time_t)floor_div(wall_ms + IST_OFFSET_MS, 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(out, cap, "%Y-%m-%dT%H:%M:%S+05:30", &tm) == 0)
		snprintf(out, cap, "?");
	return out;
}

/* Exactly n digits. */
static bool digits(const char **p, int n, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		v = v * 10 + (**p - '0');
	}
	*out = v;
	return true;
}

static bool one(const char **p, const char *of)
{
	if (**p == '\0' || !strchr(of, **p))
		return false;
	(*p)++;
	return true;
}

/* Reads "YYYY-MM-DD" and refuses days that the calendar does not have. */
static bool date(const char **p, struct tm *tm)
{
	int y, m, d;
	struct tm back;
	time_t t;

	if (!digits(p, 4, &y) || !one(p, "-") || !digits(p, 2, &m) || !one(p, "-") || !digits(p, 2, &d))
		return false;
	*tm = (struct tm){.tm_year = y - 1900, .tm_mon = m - 1, .tm_mday = d};
	back = *tm;
	t = timegm(&back);
	if (!gmtime_r(&t, &back) || back.tm_mon != m - 1 || back.tm_mday != d)
		return false;
	return y >= 1850; /* days of birth are older than the epoch */
}

bool ist_parse_date(const char *text, int64_t *day)
{
	struct tm tm;

	if (!date(&text, &tm) || *text != '\0')
		return false;
	*day = (int64_t)timegm(&tm) / 86400;
	return true;
}

bool ist_parse(const char *text, int64_t *wall_ms)
{
	struct tm tm;
	int h, m, s, oh = 0, om = 0, sign = 0, ms = 0, scale = 100;

	if (!date(&text, &tm) || !one(&text, "Tt") || !digits(&text, 2, &h) || !one(&text, ":") ||
	    !digits(&text, 2, &m) || !one(&text, ":") || !digits(&text, 2, &s) || h > 23 || m > 59 ||
	    s > 59)
		return false;
	if (one(&text, ".")) {
		int d;

		if (!digits(&text, 1, &d))
			return false;
		do {
			ms += d * scale;
			scale /= 10;
		} while (digits(&text, 1, &d));
	}
	if (!one(&text, "Zz")) {
		sign = *text == '-' ? -1 : 1;
		if (!one(&text, "+-") || !digits(&text, 2, &oh) || !one(&text, ":") ||
		    !digits(&text, 2, &om) || oh > 23 || om > 59)
			return false;
	}
	if (*text != '\0')
		return false;
	*wall_ms =
	    ((int64_t)timegm(&tm) + h * 3600 + m * 60 + s - sign * (oh * 3600 + om * 60)) * 1000 + ms;
	return true;
}
