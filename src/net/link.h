/* SPDX-License-Identifier: BSD-2-Clause */
/* link.h - a stream of octets to one host, opened again and again. TCP, or TLS behind the
 * same face. Rules:
 *  1. the callback is never called from inside a call you make;
 *  2. after link_open: LINK_UP once or not at all, then DATA and DRAINED, and LINK_DOWN exactly
 *     once and last; link_close ends it too, with no event after it;
 *  3. link_write takes all octets or none;
 *  4. what is written in one turn of the loop leaves in one write at the end of the turn.
 * The program ignores SIGPIPE: libevent writes with writev, which cannot be told to. */
#ifndef DK_LINK_H
#define DK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

enum link_event {
	LINK_UP,
	LINK_DATA, /* look with link_peek, take with link_take */
	LINK_DRAINED, /* little is waiting to be sent, after link_is_full was true */
	LINK_DOWN,
};
struct link;
/* reason: why DOWN, one plain sentence part, borrowed for the call. */
typedef void link_fn(struct link *k, enum link_event ev, const char *reason, void *arg);

struct event_base;
struct link *link_new(struct event_base *base, link_fn *fn, void *arg) MUSTUSE;
/* From the next link_open on; NULL: plain TCP. t is borrowed for the life of k. LINK_UP then means that
 * the peer is who it should be. */
struct link_tls;
void link_set_tls(struct link *k, const struct link_tls *t);
/* host: a number, or a name looked up without blocking. Only when closed. host is copied. */
void link_open(struct link *k, const char *host, unsigned port, uint64_t timeout_ms);
/* Sends what it can without waiting, then closes. Closing what is closed does nothing. */
void link_close(struct link *k);
/* Closes first. May be called from inside the callback: nothing of k is touched after it. */
void link_free(struct link *k);

size_t link_octets(const struct link *k); /* received and not yet taken */
/* The first n octets in one piece, n <= link_octets(); borrowed until the next link_ call. */
const uint8_t *link_peek(struct link *k, size_t n);
void link_take(struct link *k, size_t n);

enum link_write_rc {
	LINK_WRITE_OK,
	LINK_WRITE_FULL, /* the hard limit: the peer has not read for long */
};
enum link_write_rc link_write(struct link *k, const void *p, size_t n) MUSTUSE;
bool link_is_full(const struct link *k); /* above the soft mark; link_write still works */

#endif
