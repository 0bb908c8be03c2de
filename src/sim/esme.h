/* SPDX-License-Identifier: BSD-2-Clause */
/* esme.h - one SMPP 3.4 session seen from the message centre's side: binds, framing, sequence
 * numbers, the window of unanswered deliver_sm, enquire_link both ways, unbind. What messages
 * mean is its owner's business: smsc.c, and the load generator.
 *
 *   OPEN ──bind_* OK──▶ BOUND ──esme_unbind──▶ UNBINDING ──▶ down (on_down, once, last)
 *     └────────── close, bad length, silence, unbind ─────────▲ */
#ifndef DK_SIM_ESME_H
#define DK_SIM_ESME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/smpp_pdu.h"
#include "sim/conn.h"

#define ESME_LINK_LOST 0xFFFF0002u /* on_delivered: the session ended before an answer */

struct esme;
struct esme_ops {
	/* Returns the status of the bind_resp; ESME_ROK makes the session bound. */
	uint32_t (*on_bind)(struct esme *e, const struct smpp_pdu *p, void *arg);
	/* bind_resp OK is on its way: messages may be delivered from here on. */
	void (*on_bound)(struct esme *e, void *arg);
	/* submit_sm or data_sm, p borrowed; answer with esme_submit_resp, now or later, or never. */
	void (*on_submit)(struct esme *e, const struct smpp_pdu *p, void *arg);
	/* deliver_sm_resp for the id given to esme_deliver. */
	void (*on_delivered)(struct esme *e, uint64_t id, uint32_t status, void *arg);
	/* May be NULL: every PDU as it stood on the wire, after it was sent or before it is acted on. */
	void (*on_wire)(struct esme *e, bool sent, struct sv octets, const struct smpp_pdu *p,
	    void *arg);
	/* Freed after this returns. Every id outstanding was given to on_delivered before. */
	void (*on_down)(struct esme *e, const char *reason, void *arg);
};
struct esme_conf {
	const char *system_id; /* ours, in bind_resp; borrowed for the life of the session */
	size_t window; /* unanswered deliver_sm */
	uint64_t enquire_ms; /* quiet time before an enquire_link; twice without answer: close */
};

struct esme *esme_new(struct conns *cs, int fd, const struct esme_conf *cf, const struct esme_ops *ops,
    void *arg) MUSTUSE;
uint64_t esme_id(const struct esme *e); /* never reused */
bool esme_can_deliver(const struct esme *e); /* bound to receive, and room in the window */
/* Sets p's sequence number, sends it, and returns the number; 0: p cannot be encoded.
 * Only when esme_can_deliver. */
uint32_t esme_deliver(struct esme *e, struct smpp_pdu *p, uint64_t id) MUSTUSE;
/* Stop waiting for an answer: no on_delivered follows, a late answer is dropped. */
void esme_forget(struct esme *e, uint32_t seq);
/* cmd: the request's command_id. message_id is left out when status is not OK. */
void esme_submit_resp(struct esme *e, uint32_t cmd, uint32_t seq, uint32_t status,
    const char *message_id);
void esme_set_silent(struct esme *e, bool silent); /* take everything, answer nothing */
void esme_unbind(struct esme *e); /* unbind; the answer, or the next enquire time, ends it */
void esme_drop(struct esme *e, const char *reason); /* close without a word */
const char *esme_bind_name(const struct esme *e); /* "transceiver", ...; "open" before a bind */
bool esme_is_bound(const struct esme *e);
size_t esme_outstanding(const struct esme *e);

#endif
