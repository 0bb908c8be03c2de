/* SPDX-License-Identifier: BSD-2-Clause */
/* look.h - for commands that only read: dakiyad's configuration, and questions to its Redis, one at a
 * time. dakiyad itself is not asked, so they answer when it is down, too. */
#ifndef DK_LOOK_H
#define DK_LOOK_H

#include "net/redis_conn.h"
#include "options.h"

struct look {
	struct options o;
	struct event_base *base;
	struct rconn *redis;
	bool is_up, failed; /* failed: a question had no answer; said why */
	char why[200]; /* not up, as the connection says */
};

/* Reads the configuration and connects. false: said why, and nothing is open. */
bool look_open(struct look *l, const char *conf) MUSTUSE;
void look_close(struct look *l);

typedef void look_fn(const struct rval *v, void *arg);
/* One command; fn gets its answer, unless there is none or it is an error. */
void look_ask(struct look *l, const struct sv *argv, size_t n, look_fn *fn, void *arg);
/* The same with a cursor in argv[at], as SCAN, HSCAN and ZSCAN have it, until it is at its end; fn
 * gets the list of elements of each answer. */
void look_scan(struct look *l, struct sv *argv, size_t n, size_t at, look_fn *fn, void *arg);

#endif
