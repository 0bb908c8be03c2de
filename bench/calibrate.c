/* SPDX-License-Identifier: BSD-2-Clause */
/* calibrate.c - the measure of bench/guard: what a fixed piece of work costs on this machine while
 * something else runs on it. A unit is what a program like ours does all day: memory taken and
 * given back, a line formatted, octets through the kernel, octets looked at.
 * usage: bench/calibrate SECONDS; prints the processor time of a unit in nanoseconds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS 64u
#define UNITS_AT_ONCE 1000u

static double seconds(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned long unit(int fd[2], unsigned long n)
{
	static char *blocks[BLOCKS];
	char text[256], back[256];
	uint64_t h = n;

	for (unsigned i = 0; i < 8; i++) {
		char **b = &blocks[(n * 7 + i * 13) % BLOCKS];

		free(*b);
		*b = malloc(64 + (n * 31 + i * 97) % 1500);
		if (!*b)
			abort();
		memset(*b, (int)i, 64);
	}
	n = (unsigned long)snprintf(text, sizeof(text), "phone=%012lu service=%s took_us=%u ref=%08lx",
	    n, "calibrate", (unsigned)(n % 1000), n);
	if (write(fd[0], text, n) != (ssize_t)n || read(fd[1], back, sizeof(back)) != (ssize_t)n)
		abort();
	for (unsigned long i = 0; i < n; i++)
		h = (h ^ (uint8_t)back[i]) * 0x100000001b3ull;
	return (unsigned long)h;
}

int main(int argc, char **argv)
{
	double for_s = argc == 2 ? strtod(argv[1], NULL) : 0, end, cpu;
	unsigned long units = 0, sum = 0;
	int fd[2];

	if (for_s <= 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0) {
		fputs("usage: calibrate SECONDS\n", stderr);
		return 2;
	}
	end = seconds(CLOCK_MONOTONIC) + for_s;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	while (seconds(CLOCK_MONOTONIC) < end)
		for (unsigned i = 0; i < UNITS_AT_ONCE; i++)
			sum += unit(fd, units++);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%.1f\n", cpu * 1e9 / (double)units);
	return sum == 1; /* it is used, so the work cannot be left out */
}
