/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_sync.h - once a second the append-only file of the embedded redis-server goes to the disk. Redis
 * could do that itself (appendfsync everysec), but then it answers writes while it holds them back from
 * the kernel, for up to two seconds, because a sync is slow: a server killed then has forgotten them. With
 * appendfsync no every answer follows its write(2), and this here does the rest. */
#ifndef DK_REDIS_SYNC_H
#define DK_REDIS_SYNC_H

#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

struct redis_sync;
/* dir: the server's. Begins a thread that does nothing else, as a sync may take seconds. NULL: it could not
 * be begun. */
struct redis_sync *redis_sync_new(const char *dir) MUSTUSE;
void redis_sync_free(struct redis_sync *s); /* waits for a sync that runs */
uint64_t redis_sync_rounds(struct redis_sync *s);

/* One round: the files that were synced, each to its end. */
size_t redis_sync_once(const char *dir);

#endif
