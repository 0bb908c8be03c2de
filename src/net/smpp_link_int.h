/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_link_int.h - shared by smpp_link.c (public face, doors, time), smpp_link_state.c (the state
 * machine) and smpp_link_pdu.c (octets and PDUs, both ways). */
#ifndef DK_SMPP_LINK_INT_H
#define DK_SMPP_LINK_INT_H

#include "base/log.h"
#include "net/link.h"
#include "net/smpp_link.h"
#include "net/smpp_pace.h"
#include "net/smpp_window.h"

#define NEVER UINT64_MAX
#define SHOW_US \
	UINT64_C(1000000) /* so long an acknowledgement may stand without a sign that it was read */

struct smpp_link {
	struct smpp_link_conf cf; /* strings owned */
	struct smpp_link_ops ops;
	void *arg;
	struct log_ctx lc;
	struct link *tcp;

	enum smpp_link_state state; /* only go() in smpp_link_state.c sets it */
	uint64_t deadline_us; /* of the state, or NEVER */
	uint64_t bound_at_us;
	unsigned attempts; /* without a bind that lasted */
	char why[96]; /* it waits or is down; empty: it was bound since */

	struct smpp_window window;
	struct smpp_pace pace;
	uint64_t hold_us; /* no submits before it */
	bool wants_room; /* on_room is owed */

	uint32_t seq, bind_seq; /* last used; of the bind or unbind */
	uint32_t gen; /* of the connection; in tokens */
	uint64_t last_in_us, enquired_us; /* 0: no enquire_link is open */
	unsigned enquire_missed;
	uint64_t vain_us; /* when the last submit left that had no answer in time; 0: none */
	uint32_t ack_seq, heard_seq; /* see smpp_link_acked */
	uint64_t acked_us; /* when the oldest was written that is not shown to be read; 0: none */
	uint64_t warned_us; /* of a malformed PDU, last */

	struct event *timer;
	uint64_t armed_us; /* 0: not */

	bool stop_asked, is_stopping;
	bool is_dead; /* smpp_link_free was called */
	const char *must_drop; /* a reason found where the state must not change */
	unsigned depth; /* of doors entered */
	struct smpp_link_stats st;
	uint8_t *out; /* one PDU being encoded */
};

enum lev_kind { LEV_TIMER, LEV_UP, LEV_PDU, LEV_DOWN, LEV_STOP };
struct lev {
	enum lev_kind kind;
	const struct smpp_pdu *pdu; /* PDU */
	const char *reason; /* DOWN */
	uint64_t now_us;
};

/* smpp_link_state.c */
void smpp_link_feed(struct smpp_link *l, const struct lev *ev);
/* The one way to on_submitted; a sequence number that is not outstanding is counted as late. */
void smpp_link_complete(struct smpp_link *l, uint32_t seq, uint32_t status, struct sv message_id);
void smpp_link_lose(struct smpp_link *l); /* completes all that is outstanding with LOST */

/* Nothing came since a submit left that had no answer in time: is anybody there? Until then what is said
 * again would only lie in the connection, and be delivered as often as it was said. */
static inline bool smpp_link_is_silent(const struct smpp_link *l)
{
	return l->cf.enquire_ms != 0 && l->vain_us != 0 && l->last_in_us <= l->vain_us;
}

/* smpp_link.c: what the centre says of its load */
void smpp_link_congestion(struct smpp_link *l, unsigned percent);
/* smpp_link.c: wake the timer at that time, or earlier if it is armed so; 0, 0: at once */
void smpp_link_arm(struct smpp_link *l, uint64_t at_us, uint64_t now_us);

/* smpp_link_pdu.c */
void smpp_link_read(struct smpp_link *l, uint64_t now_us);
uint32_t smpp_link_next_seq(struct smpp_link *l);
enum smpp_submit_rc smpp_link_write(struct smpp_link *l, const struct smpp_pdu *pdu);
void smpp_link_send(struct smpp_link *l, uint32_t id, uint32_t status,
    uint32_t seq); /* header alone, or a resp */
void smpp_link_send_bind(struct smpp_link *l);
/* When to ask for such a sign, or NEVER. */
uint64_t smpp_link_show_at(const struct smpp_link *l);
/* What every connected state does with a PDU that it does not know better. false: the peer unbinds. */
bool smpp_link_common(struct smpp_link *l, const struct smpp_pdu *pdu);

#endif
