/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.h - in what order messages leave: the outbox's index in memory. Pure.
 *
 *            push                next                 done
 *   ─────▶ WAITING ──▶ READY ──────────▶ FLIGHT ──────────────▶ gone
 *          (behind an   (in its  ▲          │ retry at once
 *           earlier one  lane)   ├──────────┤
 *           of the same          │          ▼ retry later
 *           person and class)    └─────── DELAYED
 *
 * One lane a class: otp first and with slots of its own, alert and reply in turn, info last.
 * Messages of one class to one person leave one at a time, by their ids: an older one that is pushed
 * later, as when it is fetched from the store again, still goes first unless one is on its way.
 * Bounded: a lane that is full refuses, and the store keeps what was refused. */
#ifndef DK_LANES_H
#define DK_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/dialogue.h"

struct lanes_conf {
	size_t max[MSG_CLASSES]; /* messages a lane holds */
	size_t otp_slots; /* window slots that only otp may use */
};

enum lanes_rc {
	LANES_OK,
	LANES_FULL, /* push */
	LANES_KNOWN, /* push: the id is there already */
	LANES_EMPTY, /* next: nothing may go now */
};

struct lanes;
struct lanes *lanes_new(const struct lanes_conf *cf) MUSTUSE;
void lanes_free(struct lanes *l);
enum lanes_rc lanes_push(struct lanes *l, uint64_t id, enum msg_class c, const char *msisdn) MUSTUSE;
/* Take the next message for sending into FLIGHT; room: free window slots, at least 1. */
enum lanes_rc lanes_next(struct lanes *l, size_t room, uint64_t *id) MUSTUSE;
/* While paused, next gives no info message. */
void lanes_pause_info(struct lanes *l, bool paused);
/* FLIGHT -> gone: sent, dead or expired. Lets the person's next one go. */
void lanes_done(struct lanes *l, uint64_t id);
/* FLIGHT -> first of its lane again, now or at a time (mono ms; 0: now). */
void lanes_retry(struct lanes *l, uint64_t id, uint64_t at_ms);
/* Forget a message that is not in FLIGHT: a newer one replaces it. false: in flight, or not known. */
bool lanes_drop(struct lanes *l, uint64_t id);
/* Move delayed ones whose time has come to their lanes. Returns when to call again (mono ms); 0: no need. */
uint64_t lanes_tick(struct lanes *l, uint64_t now_ms);
size_t lanes_depth(const struct lanes *l, enum msg_class c); /* all states but gone */
bool lanes_has(const struct lanes *l, uint64_t id);

#endif
