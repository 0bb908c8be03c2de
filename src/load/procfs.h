/* SPDX-License-Identifier: BSD-2-Clause */
/* procfs.h - what a process costs, from /proc: processor time of all its threads, memory. */
#ifndef DK_LOAD_PROCFS_H
#define DK_LOAD_PROCFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/xmalloc.h"

struct proc_use {
	double cpu_s; /* user and system */
	uint64_t rss_kib, peak_kib;
};
bool proc_read(long pid, struct proc_use *out) MUSTUSE; /* false: no such process */

#endif
