/* SPDX-License-Identifier: BSD-2-Clause */
/* conn.h - many byte streams on one loop, for programs that play the other side of a link.
 *
 * What is written in one turn of the loop leaves in one write at its end, so a generator of a
 * hundred thousand messages a second spends its time on messages. Rules:
 *  1. a callback is never called from inside a call you make;
 *  2. on_closed comes exactly once and last; the conn is freed after it returns;
 *  3. conn_write takes everything; a peer that does not read is closed at CONN_OUT_MAX. */
#ifndef DK_SIM_CONN_H
#define DK_SIM_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

#define CONN_OUT_MAX (64u << 20) /* octets waiting for a peer */
#define CONN_IN_MAX (256u << 10) /* octets of one unfinished unit */

struct event_base;
struct conns; /* owns the loop, its listeners and its connections */
struct conn;

struct conn_ops {
	/* p[0..n) has come and is not yet consumed; returns how many octets to drop. */
	size_t (*on_data)(struct conn *c, const uint8_t *p, size_t n, void *arg);
	void (*on_closed)(struct conn *c, const char *reason, void *arg);
};
/* fd: a new peer, to be given to conn_new. */
typedef void conn_accept_fn(int fd, void *arg);

struct conns *conns_new(void) MUSTUSE;
/* Closes every connection, with its on_closed; the loop stays, so that owners can free timers. */
void conns_close_all(struct conns *cs);
void conns_free(struct conns *cs); /* after conns_close_all, or does it */
struct event_base *conns_base(struct conns *cs);
/* Port (0 for a Unix socket), or -1 with a sentence in err. */
int conns_listen(struct conns *cs, const char *addr, conn_accept_fn *fn, void *arg, char *err,
    size_t err_cap) MUSTUSE;
void conns_catch_signals(struct conns *cs); /* SIGINT and SIGTERM stop the loop */
void conns_run(struct conns *cs); /* until conns_stop */
void conns_stop(struct conns *cs);

/* fd is taken. Nothing is read before the next turn. */
struct conn *conn_new(struct conns *cs, int fd, const struct conn_ops *ops, void *arg) MUSTUSE;
void conn_write(struct conn *c, const void *p, size_t n);
/* Send what was written, as far as the peer takes it at once, and close. */
void conn_close(struct conn *c, const char *reason);
bool conn_is_open(const struct conn *c);
void conn_pause(struct conn *c, bool paused); /* stop or go on reading */

#endif
