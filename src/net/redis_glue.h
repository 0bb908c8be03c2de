/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_glue.h - hiredis on libevent, for redis_conn.c only.
 *
 * Like the adapter that hiredis ships, but for three things that cost a system call each:
 * the read event stays registered, writing starts at the end of the loop turn without asking the
 * kernel first whether it may, and an answer is one block of memory instead of two. */
#ifndef DK_REDIS_GLUE_H
#define DK_REDIS_GLUE_H

#include <hiredis/async.h>

#include "net/redis_conn.h"

struct redis_glue {
	struct event_base *base; /* borrowed */
	redisAsyncContext *ac; /* NULL: nothing attached */
	struct event *rev, *wev, *flush;
	bool is_writing; /* inside redisAsyncHandleWrite */
	bool can_wait; /* what is being put in now need not leave with this turn */
	bool is_connected;
};

/* Ties ac to the loop and gives it our answers. g lives longer than ac. */
void redis_glue_attach(struct redis_glue *g, struct event_base *base, redisAsyncContext *ac);

#endif
