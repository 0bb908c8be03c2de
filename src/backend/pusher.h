/* SPDX-License-Identifier: BSD-2-Clause */
/* pusher.h - sends the events of the outbox to the bridge until it has stored them.
 *
 * Answers: 200 and 202: settled. 400, 413, 415, 422: the bridge will never take this event; it
 * is kept as REFUSED and an operator is told. Anything else, also 401 (our secret or clock is
 * wrong, not the event) and silence: again later, for ever.
 *
 * Waiting grows from PUSHER_WAIT_MIN_MS to PUSHER_WAIT_MAX_MS. An event that failed waits by
 * itself; a bridge that failed is left alone as a whole and then probed with one event. Events
 * of one phone number are never on the way at the same time, so their order holds. */
#ifndef DK_BACKEND_PUSHER_H
#define DK_BACKEND_PUSHER_H

#include <stdint.h>

#include "backend/db.h"
#include "base/sv.h"

#define PUSHER_WAIT_MIN_MS 200
#define PUSHER_WAIT_MAX_MS 15000
#define PUSHER_MAX_FLIGHT 16

struct event_base;
struct http_out;
struct pusher;
/* db, http: borrowed; bridge ("http://host:port") and secret are copied. */
struct pusher *pusher_new(struct event_base *base, struct db *db, struct http_out *http,
    const char *bridge, struct sv secret);
/* There may be new events: looked for on the next turn of the loop. */
void pusher_kick(struct pusher *p);
/* After it completions only free; call before http_out_free, then pusher_free. */
void pusher_stop(struct pusher *p);
void pusher_free(struct pusher *p);

/* How long to wait after the n-th failure in a row, n from 1. Pure. */
int64_t pusher_wait_ms(int64_t n);

#endif
