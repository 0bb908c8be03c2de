/* SPDX-License-Identifier: BSD-2-Clause */
/* esme.c - an SMPP session, message centre's side; see esme.h. */
#include "sim/esme.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum esme_state { ESME_OPEN, ESME_BOUND, ESME_UNBINDING };

struct slot {
	uint32_t seq; /* 0: free */
	uint64_t id;
};

struct esme {
	struct conn *conn;
	struct esme_conf cf;
	const struct esme_ops *ops;
	void *arg;
	enum esme_state state;
	uint32_t bind_cmd;
	uint64_t id;
	uint32_t seq; /* last one used */
	struct slot *slot; /* by seq & mask; more slots than the window, so that a free one is near */
	size_t mask, used;
	struct event *quiet;
	bool heard, asked; /* since the last quiet tick: anything; an enquire_link of ours is open */
	bool silent;
};

static void send_pdu(struct esme *e, const struct smpp_pdu *p, bool *ok)
{
	uint8_t out[SMPP_PDU_MAX];
	struct wr w = wr_make(out, sizeof(out));

	smpp_pdu_encode(p, &w);
	if (ok)
		*ok = !w.err;
	if (w.err)
		return;
	conn_write(e->conn, out, w.n);
	if (e->ops->on_wire)
		e->ops->on_wire(e, true, (struct sv){(const char *)out, w.n}, p, e->arg);
}

static void answer(struct esme *e, uint32_t cmd, uint32_t seq, uint32_t status)
{
	struct smpp_pdu p = {.h = {.id = cmd, .status = status, .seq = seq}};

	if (!e->silent)
		send_pdu(e, &p, NULL);
}

static uint32_t next_seq(struct esme *e)
{
	e->seq = e->seq >= 0x7FFFFFFF ? 1 : e->seq + 1;
	return e->seq;
}

static void request(struct esme *e, uint32_t cmd)
{
	struct smpp_pdu p = {.h = {.id = cmd, .seq = next_seq(e)}};

	send_pdu(e, &p, NULL);
}

static void do_bind(struct esme *e, const struct smpp_pdu *p)
{
	static const uint8_t version = 0x34;
	struct smpp_pdu r = {.h = {.id = p->h.id | SMPP_RESP, .seq = p->h.seq}};

	if (e->state != ESME_OPEN) {
		answer(e, r.h.id, r.h.seq, ESME_RALYBND);
		return;
	}
	r.h.status = e->ops->on_bind(e, p, e->arg);
	r.system_id = sv_from(e->cf.system_id);
	(void)smpp_tlv_add(&r, SMPP_TLV_SC_INTERFACE_VERSION, (struct sv){(const char *)&version, 1});
	if (e->silent)
		return;
	send_pdu(e, &r, NULL);
	if (r.h.status != ESME_ROK)
		return;
	e->state = ESME_BOUND;
	e->bind_cmd = p->h.id;
	e->ops->on_bound(e, e->arg);
}

static void do_submit(struct esme *e, const struct smpp_pdu *p)
{
	if (e->state != ESME_BOUND || e->bind_cmd == SMPP_BIND_RECEIVER)
		answer(e, p->h.id | SMPP_RESP, p->h.seq, ESME_RINVBNDSTS);
	else
		e->ops->on_submit(e, p, e->arg);
}

static void do_delivered(struct esme *e, const struct smpp_pdu *p)
{
	struct slot *s = &e->slot[p->h.seq & e->mask];
	uint64_t id = s->id;

	if (p->h.seq == 0 || s->seq != p->h.seq)
		return; /* late, or never ours */
	s->seq = 0;
	e->used--;
	e->ops->on_delivered(e, id, p->h.status, e->arg);
}

static void on_pdu(struct esme *e, const struct smpp_pdu *p)
{
	switch (p->h.id) {
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
	case SMPP_BIND_TRANSCEIVER:
		do_bind(e, p);
		break;
	case SMPP_SUBMIT_SM:
	case SMPP_DATA_SM:
		do_submit(e, p);
		break;
	case SMPP_DELIVER_SM | SMPP_RESP:
	case SMPP_DATA_SM | SMPP_RESP:
	case (uint32_t)SMPP_GENERIC_NACK:
		do_delivered(e, p);
		break;
	case SMPP_ENQUIRE_LINK:
		answer(e, SMPP_ENQUIRE_LINK | SMPP_RESP, p->h.seq, ESME_ROK);
		break;
	case SMPP_ENQUIRE_LINK | SMPP_RESP:
		e->asked = false;
		break;
	case SMPP_UNBIND:
		answer(e, SMPP_UNBIND | SMPP_RESP, p->h.seq, ESME_ROK);
		if (!e->silent)
			conn_close(e->conn, "unbind");
		break;
	case SMPP_UNBIND | SMPP_RESP:
		conn_close(e->conn, "unbound by us");
		break;
	default:
		if (!(p->h.id & SMPP_RESP))
			answer(e, (uint32_t)SMPP_GENERIC_NACK, p->h.seq, ESME_RINVCMDID);
		break;
	}
}

static void on_bad(struct esme *e, const struct smpp_hdr *h, enum smpp_pdu_rc rc)
{
	if (h->id & SMPP_RESP)
		return;
	answer(e, (uint32_t)SMPP_GENERIC_NACK, h->seq,
	    rc == SMPP_PDU_UNKNOWN ? ESME_RINVCMDID : ESME_RINVCMDLEN);
}

static size_t on_data(struct conn *c, const uint8_t *in, size_t n, void *arg)
{
	struct esme *e = arg;
	struct smpp_hdr h;
	struct smpp_pdu p;
	size_t off = 0;
	enum smpp_frame_rc frame;
	enum smpp_pdu_rc rc;

	e->heard = true;
	while ((frame = smpp_frame_peek(in + off, n - off, &h)) == SMPP_FRAME_OK && conn_is_open(c)) {
		rc = smpp_pdu_decode(in + off, h.len, &p);
		off += h.len;
		if (rc == SMPP_PDU_OK || rc == SMPP_PDU_BAD_TLV) {
			if (e->ops->on_wire)
				e->ops->on_wire(e, false,
				    (struct sv){(const char *)in + off - h.len, h.len}, &p, e->arg);
			on_pdu(e, &p);
		} else {
			on_bad(e, &h, rc);
		}
	}
	if (frame == SMPP_FRAME_BAD)
		conn_close(c, "impossible command_length");
	return conn_is_open(c) ? off : n;
}

static void on_closed(struct conn *c, const char *reason, void *arg)
{
	struct esme *e = arg;

	(void)c;
	e->state = ESME_UNBINDING;
	for (size_t i = 0; i <= e->mask; i++) {
		if (e->slot[i].seq == 0)
			continue;
		e->slot[i].seq = 0;
		e->used--;
		e->ops->on_delivered(e, e->slot[i].id, ESME_LINK_LOST, e->arg);
	}
	e->ops->on_down(e, reason, e->arg);
	event_free(e->quiet);
	free(e->slot);
	free(e);
}

static void on_quiet(evutil_socket_t fd, short what, void *arg)
{
	struct esme *e = arg;

	(void)fd;
	(void)what;
	if (e->state == ESME_UNBINDING || (e->asked && !e->heard)) {
		conn_close(e->conn,
		    e->asked ? "enquire_link without an answer" : "unbind without an answer");
		return;
	}
	if (e->heard)
		e->asked = false;
	else if (!e->silent) {
		if (e->state == ESME_OPEN) {
			conn_close(e->conn, "no bind");
			return;
		}
		e->asked = true;
		request(e, SMPP_ENQUIRE_LINK);
	}
	e->heard = false;
}

struct esme *esme_new(struct conns *cs, int fd, const struct esme_conf *cf, const struct esme_ops *ops,
    void *arg)
{
	static const struct conn_ops conn_ops = {.on_data = on_data, .on_closed = on_closed};
	static uint64_t last_id;
	struct esme *e = xcalloc(1, sizeof(*e));
	struct timeval tv = {
	    (time_t)(cf->enquire_ms / 1000), (suseconds_t)(cf->enquire_ms % 1000) * 1000};
	size_t slots = 16;

	while (slots < cf->window * 4)
		slots *= 2;
	e->cf = *cf;
	e->ops = ops;
	e->arg = arg;
	e->id = ++last_id;
	e->slot = xcalloc(slots, sizeof(*e->slot));
	e->mask = slots - 1;
	e->quiet = event_new(conns_base(cs), -1, EV_PERSIST, on_quiet, e);
	if (!e->quiet)
		abort();
	event_add(e->quiet, &tv);
	e->conn = conn_new(cs, fd, &conn_ops, e);
	return e;
}

uint64_t esme_id(const struct esme *e)
{
	return e->id;
}

bool esme_can_deliver(const struct esme *e)
{
	return e->state == ESME_BOUND && e->bind_cmd != SMPP_BIND_TRANSMITTER &&
	       conn_is_open(e->conn) && e->used < e->cf.window && !e->silent;
}

uint32_t esme_deliver(struct esme *e, struct smpp_pdu *p, uint64_t id)
{
	struct slot *s;
	bool ok;

	do {
		s = &e->slot[next_seq(e) & e->mask];
	} while (s->seq != 0);
	p->h = (struct smpp_hdr){.id = SMPP_DELIVER_SM, .seq = e->seq};
	send_pdu(e, p, &ok);
	if (!ok)
		return 0;
	s->seq = e->seq;
	s->id = id;
	e->used++;
	return s->seq;
}

void esme_forget(struct esme *e, uint32_t seq)
{
	struct slot *s = &e->slot[seq & e->mask];

	if (seq != 0 && s->seq == seq) {
		s->seq = 0;
		e->used--;
	}
}

void esme_submit_resp(struct esme *e, uint32_t cmd, uint32_t seq, uint32_t status,
    const char *message_id)
{
	struct smpp_pdu r = {.h = {.id = cmd | SMPP_RESP, .status = status, .seq = seq}};

	if (e->silent)
		return;
	r.message_id = status == ESME_ROK ? sv_from(message_id) : SV("");
	send_pdu(e, &r, NULL);
}

void esme_set_silent(struct esme *e, bool silent)
{
	e->silent = silent;
}

void esme_unbind(struct esme *e)
{
	if (e->state == ESME_UNBINDING)
		return;
	e->state = ESME_UNBINDING;
	request(e, SMPP_UNBIND);
}

void esme_drop(struct esme *e, const char *reason)
{
	conn_close(e->conn, reason);
}

const char *esme_bind_name(const struct esme *e)
{
	switch (e->bind_cmd) {
	case SMPP_BIND_RECEIVER:
		return "receiver";
	case SMPP_BIND_TRANSMITTER:
		return "transmitter";
	case SMPP_BIND_TRANSCEIVER:
		return "transceiver";
	default:
		return "open";
	}
}

bool esme_is_bound(const struct esme *e)
{
	return e->state == ESME_BOUND && conn_is_open(e->conn);
}

size_t esme_outstanding(const struct esme *e)
{
	return e->used;
}
