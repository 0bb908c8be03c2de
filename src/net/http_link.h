/* SPDX-License-Identifier: BSD-2-Clause */
/* http_link.h - requests to one HTTP provider within a window and a rate, as smpp_link.h has them for
 * submits. There is no session: it counts as BOUND but for the pause after a request that found nobody.
 *
 *   BOUND ──nobody answers at the address──▶ WAIT (doubles from pause_min_ms to pause_max_ms) ──▶ BOUND
 *
 * Rules: a callback is never called from inside a call you make; every accepted request gets exactly one
 * on_answer, but for http_link_free, after which there is none. */
#ifndef DK_HTTP_LINK_H
#define DK_HTTP_LINK_H

#include "net/http_out.h"
#include "net/smpp_link.h"

struct http_link_conf {
	const char *name;
	size_t window; /* requests without an answer */
	double rate; /* requests a second; 0: no limit */
	uint64_t pause_min_ms, pause_max_ms;
};
struct http_link;
struct http_link_ops {
	void (*on_answer)(struct http_link *l, uint64_t id, const struct http_out_answer *a, void *arg);
	void (*on_room)(struct http_link *l, void *arg); /* there is some again */
};

/* cf's name is copied. */
struct http_link *http_link_new(struct event_base *base, const struct http_link_conf *cf,
    const struct http_link_ops *ops, void *arg) MUSTUSE;
/* As smpp_link_submit; never BAD. */
MUSTUSE enum smpp_submit_rc http_link_submit(struct http_link *l, const struct http_out_req *r,
    uint64_t id);
/* The following are as those of smpp_link.h. */
size_t http_link_room(const struct http_link *l);
size_t http_link_slots(const struct http_link *l);
void http_link_want_room(struct http_link *l);
void http_link_hold(struct http_link *l, uint64_t ms);
void http_link_slower(struct http_link *l);
bool http_link_is_held(const struct http_link *l);
enum smpp_link_state http_link_state(const struct http_link *l);
void http_link_stats(const struct http_link *l, struct smpp_link_stats *out);
void http_link_stop(struct http_link *l); /* takes no more */
void http_link_free(struct http_link *l);

#endif
