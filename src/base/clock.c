/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - clocks and random octets of the kernel; nothing else in the program asks it. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t read_us(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		abort(); /* both clocks always exist on Linux */
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000u;
}

uint64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000u;
}

void random_octets(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			/* Going on without randomness would make codes and ids guessable. */
			fprintf(stderr, "no random octets from the kernel\n");
			abort();
		}
		at += got;
		n -= (size_t)got;
	}
}

uint64_t random_u64(void)
{
	uint64_t v;

	random_octets(&v, sizeof v);
	return v;
}

const char *clock_iso(uint64_t wall_ms, char *out, size_t cap)
{
	time_t sec = (time_t)(wall_ms / 1000u);
	struct tm tm;

	if (!gmtime_r(&sec, &tm)) {
		(void)snprintf(out, cap, "?");
		return out;
	}
	(void)snprintf(out, cap, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(wall_ms % 1000u));
	return out;
}

bool clock_read_iso(const char *text, uint64_t *wall_ms)
{
	struct tm tm = {0};
	unsigned hours = 0, minutes = 0, ms = 0;
	char sign[2] = "";
	int n = 0;
	time_t sec;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		&tm.tm_min, &tm.tm_sec, &n) != 6)
		return false;
	text += n;
	if (*text == '.') {
		unsigned unit = 100;

		for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
			ms += unit * (unsigned)(*text - '0');
	}
	if (strcmp(text, "Z") != 0 && strcmp(text, "z") != 0) {
		n = 0;
		if (sscanf(text, "%1[+-]%2u:%2u%n", sign, &hours, &minutes, &n) != 3 ||
		    text[n] != '\0' || hours > 23 || minutes > 59)
			return false;
	}
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 ||
	    tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
		return false;
	sec = timegm(&tm);
	sec += (sign[0] == '-' ? 1 : -1) * (time_t)(hours * 3600 + minutes * 60);
	if (sec < 0)
		return false;
	*wall_ms = (uint64_t)sec * 1000 + ms;
	return true;
}
