/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - clocks and random octets of the kernel; nothing else in the program asks it. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
