/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_link.h - one SMPP 3.4 session as an ESME, on one TCP connection, kept alive for ever.
 *
 *            connect            bind_*_resp OK
 *   WAIT ───────────▶ CONNECTING ─────▶ BINDING ─────▶ BOUND ──unbind──▶ UNBINDING ──▶ DOWN
 *     ▲                   │                │             │ time-out, close, bad length │ (only after
 *     └── back-off with jitter ◀───────────┴─────────────┴─────────────────────────────┘  smpp_link_stop)
 *
 * BINDING goes to UNBINDING too, on ESME_RALYBND. Wrong credentials are tried again no sooner than
 * half of reconnect_max_ms, and logged as errors.
 *
 * Five rules:
 *  1. a callback is never called from inside a call you make;
 *  2. every accepted submit gets exactly one on_submitted, on shutdown too;
 *  3. smpp_link_submit takes the PDU whole or says FULL;
 *  4. deliver_sm is answered by you, by smpp_link_deliver_resp, at any later time; the token names
 *     the bind, so that an answer for a bind that is gone is dropped;
 *  5. reading never stops: above deliver_max unanswered deliver_sm, further ones are refused at once
 *     with deliver_full_status, so that the centre keeps them while responses, enquire_link and
 *     unbind behind them are still read. Only a peer that lets 4 MiB of ours lie is dropped.
 * enquire_link (both ways), unbind, generic_nack, unknown commands and alert_notification are
 * handled inside. */
#ifndef DK_SMPP_LINK_H
#define DK_SMPP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"
#include "codec/smpp_pdu.h"

enum smpp_link_state {
	SMPP_LINK_WAIT, /* between attempts */
	SMPP_LINK_CONNECTING,
	SMPP_LINK_BINDING,
	SMPP_LINK_BOUND, /* the only state in which submits are taken */
	SMPP_LINK_UNBINDING,
	SMPP_LINK_DOWN, /* stopped by us: last state */
};
const char *smpp_link_state_name(enum smpp_link_state s);

/* submit status values beside the SMPP ones */
#define SMPP_LINK_NO_ANSWER 0xFFFF0001u /* response time-out: may or may not have been taken */
#define SMPP_LINK_LOST 0xFFFF0002u /* link went down with the submit outstanding */

struct link_tls;
struct smpp_link_conf {
	const char *name, *host;
	unsigned port;
	const char *system_id, *password, *system_type, *address_range;
	const struct link_tls *tls; /* borrowed for the life of the link; NULL: plain TCP */
	enum smpp_cmd bind; /* SMPP_BIND_TRANSCEIVER, ... */
	uint8_t interface_version, addr_ton, addr_npi;
	size_t window; /* outstanding submits */
	double rate; /* submits a second; 0: no limit */
	uint64_t response_ms, enquire_ms, connect_ms, reconnect_min_ms, reconnect_max_ms;
	size_t deliver_max; /* unanswered deliver_sm; further ones are refused */
	uint32_t deliver_full_status; /* with this; 0: ESME_RTHROTTLED */
};

struct smpp_link_stats {
	uint64_t pdu_in, pdu_out, octets_in, octets_out, binds, bad_pdu, late_resp, enquire_timeouts;
	uint64_t alerts, outbinds; /* alert_notification, outbind: taken, and nothing done */
	uint64_t no_answer, lost; /* submits that ended so */
	uint64_t deliver_refused; /* because too many were unanswered */
	uint64_t deliver_dropped; /* our answers that came too late: the bind was gone */
	size_t window_used, deliver_open;
	double rate; /* submits a second that may leave now; 0: no limit */
};

struct smpp_link;
struct smpp_link_ops {
	/* reason: one plain sentence part, for a log line; borrowed. */
	void (*on_state)(struct smpp_link *l, enum smpp_link_state s, const char *reason, void *arg);
	/* A deliver_sm or data_sm (pdu borrowed for the call). token is for smpp_link_deliver_resp. */
	void (*on_deliver)(struct smpp_link *l, const struct smpp_pdu *pdu, uint64_t token, void *arg);
	/* status: ESME_*, or SMPP_LINK_NO_ANSWER / LOST. message_id borrowed, may be empty. */
	void (*on_submitted)(struct smpp_link *l, uint64_t id, uint32_t status, struct sv message_id,
	    void *arg);
	/* Room again after FULL: window slot, rate token or socket buffer; or just bound. */
	void (*on_room)(struct smpp_link *l, void *arg);
	/* May it connect now? false: it asks again soon. May be NULL: always. */
	bool (*may_connect)(struct smpp_link *l, void *arg);
	/* Every PDU, in and out, when WIRE logging is on. May be NULL. */
	void (*on_wire)(struct smpp_link *l, bool out, const struct smpp_pdu *pdu, void *arg);
};

struct event_base;
/* Starts connecting at once. cf's strings are copied. */
struct smpp_link *smpp_link_new(struct event_base *base, const struct smpp_link_conf *cf,
    const struct smpp_link_ops *ops, void *arg) MUSTUSE;

enum smpp_submit_rc { SMPP_SUBMIT_OK, SMPP_SUBMIT_FULL, SMPP_SUBMIT_NOT_BOUND, SMPP_SUBMIT_BAD };
/* Send a submit_sm, or a data_sm where h.id says so; its sequence number is set here. id comes back in on_submitted.
 * BAD: the PDU cannot be encoded (a field is too long); no completion follows. */
MUSTUSE enum smpp_submit_rc smpp_link_submit(struct smpp_link *l, struct smpp_pdu *pdu, uint64_t id);
/* Free slots now: window and rate together. */
size_t smpp_link_room(const struct smpp_link *l);
/* Free slots of the window alone. */
size_t smpp_link_slots(const struct smpp_link *l);
/* There is something to send: on_room shall come when there is room, as after FULL. */
void smpp_link_want_room(struct smpp_link *l);
void smpp_link_deliver_resp(struct smpp_link *l, uint64_t token, uint32_t status);
/* The sequence number of the request of ours whose answer, or a later one's, will show that the centre
 * has read the last deliver_sm_resp OK of this bind; and the last that was answered. Where nothing else
 * asks, an enquire_link does, a second later. */
uint32_t smpp_link_acked(const struct smpp_link *l);
uint32_t smpp_link_heard(const struct smpp_link *l);
/* A status ESME_RTHROTTLED or ESME_RMSGQFUL: hold submits for ms; on_room comes after it. */
void smpp_link_hold(struct smpp_link *l, uint64_t ms);
/* The centre asks for less: half of the rate from now on, recovering step by step. Done by itself on
 * ESME_RTHROTTLED and ESME_RMSGQFUL, and where an answer says congestion_state 90 or more; with 80 or more
 * it goes a little down each second, to half of the rate. */
void smpp_link_slower(struct smpp_link *l);
bool smpp_link_is_held(const struct smpp_link *l);
bool smpp_link_sends(const struct smpp_link *l); /* it is no receiver */
enum smpp_link_state smpp_link_state(const struct smpp_link *l);
/* Why it is not bound, in words; empty when it is, or nothing was tried yet. Borrowed. */
const char *smpp_link_why(const struct smpp_link *l);
const char *smpp_link_name(const struct smpp_link *l);
void smpp_link_stats(const struct smpp_link *l, struct smpp_link_stats *out);
/* No more submits are taken; those outstanding complete and the open deliver_sm are answered (for up
 * to response_ms), then unbind, wait for its answer (bounded), close, on_state(DOWN). */
void smpp_link_stop(struct smpp_link *l);
/* Frees after DOWN, or at once by force. Allowed inside a callback. When submits are outstanding they
 * complete with LOST in the next turn of the loop, which must therefore turn once more. */
void smpp_link_free(struct smpp_link *l);

#endif
