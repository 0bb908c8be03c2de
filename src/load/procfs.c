/* SPDX-License-Identifier: BSD-2-Clause */
/* procfs.c - reads /proc/PID/stat and status; see procfs.h. */
#include "load/procfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool slurp(long pid, const char *file, char *out, size_t cap)
{
	char path[64];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(out, 1, cap - 1, f);
	fclose(f);
	out[n] = '\0';
	return n > 0;
}

static uint64_t status_kib(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

bool proc_read(long pid, struct proc_use *out)
{
	char text[4096], *p;
	unsigned long long user = 0, sys = 0;

	if (!slurp(pid, "stat", text, sizeof(text)))
		return false;
	p = strrchr(text, ')'); /* a process may have spaces in its name */
	if (!p ||
	    sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &sys) != 2)
		return false;
	out->cpu_s = (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
	if (!slurp(pid, "status", text, sizeof(text)))
		return false;
	out->rss_kib = status_kib(text, "\nVmRSS:");
	out->peak_kib = status_kib(text, "\nVmHWM:");
	return true;
}
