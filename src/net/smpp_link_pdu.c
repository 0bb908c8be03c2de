/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_link_pdu.c - from octets to PDUs and back, and the answers that need no thought: enquire_link,
 * generic_nack, what cannot be decoded, and deliver_sm beyond what may be open. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/smpp_link_int.h"

#define OUT_MAX (SMPP_PDU_MAX + 1024u) /* octets of the scratch buffer */
#define TOKEN_DATA_SM (UINT64_C(1) << 32) /* below it: seq; above: gen */
#define TOKEN_GEN 33
#define WARN_EVERY_US UINT64_C(1000000)

/* ---- out ---- */

uint32_t smpp_link_next_seq(struct smpp_link *l)
{
	do
		l->seq = l->seq >= SMPP_SEQ_MAX ? 1 : l->seq + 1;
	while (smpp_window_has(&l->window, l->seq));
	return l->seq;
}

enum smpp_submit_rc smpp_link_write(struct smpp_link *l, const struct smpp_pdu *pdu)
{
	struct wr w;

	if (!l->out)
		l->out = xmalloc(OUT_MAX);
	w = wr_make(l->out, OUT_MAX);
	smpp_pdu_encode(pdu, &w);
	if (w.err || w.n > SMPP_PDU_MAX)
		return SMPP_SUBMIT_BAD;
	if (link_write(l->tcp, l->out, w.n) != LINK_WRITE_OK)
		return SMPP_SUBMIT_FULL;
	l->st.pdu_out++;
	l->st.octets_out += w.n;
	if (l->ops.on_wire && log_on(LOG_WIRE))
		l->ops.on_wire(l, true, pdu, l->arg);
	return SMPP_SUBMIT_OK;
}

static void write_or_drop(struct smpp_link *l, const struct smpp_pdu *pdu)
{
	if (smpp_link_write(l, pdu) == SMPP_SUBMIT_OK)
		return;
	l->must_drop = "the peer does not read";
	smpp_link_arm(l, 0, 0);
}

void smpp_link_send(struct smpp_link *l, uint32_t id, uint32_t status, uint32_t seq)
{
	struct smpp_pdu pdu;

	memset(&pdu, 0, sizeof(pdu));
	pdu.h.id = id;
	pdu.h.status = status;
	pdu.h.seq = seq;
	write_or_drop(l, &pdu);
}

void smpp_link_send_bind(struct smpp_link *l)
{
	struct smpp_pdu pdu;

	memset(&pdu, 0, sizeof(pdu));
	pdu.h.id = (uint32_t)l->cf.bind;
	pdu.h.seq = l->bind_seq = smpp_link_next_seq(l);
	pdu.system_id = sv_from(l->cf.system_id);
	pdu.password = sv_from(l->cf.password);
	pdu.system_type = sv_from(l->cf.system_type);
	pdu.interface_version = l->cf.interface_version;
	pdu.addr_ton = l->cf.addr_ton;
	pdu.addr_npi = l->cf.addr_npi;
	pdu.address_range = sv_from(l->cf.address_range);
	if (smpp_link_write(l, &pdu) != SMPP_SUBMIT_OK) {
		l->must_drop = "system_id, password, system_type or address_range is too long for SMPP";
		smpp_link_arm(l, 0, 0);
	}
}

/* ---- deliver_sm ---- */

static uint64_t token_of(const struct smpp_link *l, const struct smpp_pdu *pdu)
{
	return (uint64_t)l->gen << TOKEN_GEN | (pdu->h.id == SMPP_DATA_SM ? TOKEN_DATA_SM : 0) |
	       pdu->h.seq;
}

static void deliver(struct smpp_link *l, const struct smpp_pdu *pdu)
{
	uint32_t resp = pdu->h.id | SMPP_RESP;

	if (l->state == SMPP_LINK_BINDING) {
		smpp_link_send(l, resp, ESME_RINVBNDSTS, pdu->h.seq);
	} else if (l->state != SMPP_LINK_BOUND || l->stop_asked) {
		smpp_link_send(l, resp, ESME_RX_T_APPN, pdu->h.seq); /* the centre keeps it */
	} else if (l->st.deliver_open >= l->cf.deliver_max) {
		l->st.deliver_refused++;
		smpp_link_send(l, resp, l->cf.deliver_full_status, pdu->h.seq);
	} else {
		l->st.deliver_open++;
		l->ops.on_deliver(l, pdu, token_of(l, pdu), l->arg);
	}
}

uint64_t smpp_link_show_at(const struct smpp_link *l)
{
	/* What left since the acknowledgement will be answered anyway. */
	return l->acked_us == 0 || l->seq >= l->ack_seq ? NEVER : l->acked_us + SHOW_US;
}

static void acked(struct smpp_link *l)
{
	uint64_t now = clock_mono_us();

	l->ack_seq = l->seq + 1;
	if (l->acked_us == 0)
		l->acked_us = now;
	if (l->cf.enquire_ms != 0 && l->enquired_us == 0)
		smpp_link_arm(l, smpp_link_show_at(l), now);
}

static void heard(struct smpp_link *l, const struct smpp_pdu *pdu)
{
	const struct smpp_tlv *load = smpp_tlv_find(pdu, SMPP_TLV_CONGESTION_STATE);
	uint32_t seq = pdu->h.seq;

	if (load && load->val.n == 1)
		smpp_link_congestion(l, (uint8_t)load->val.p[0]);
	if (seq > l->seq || seq <= l->heard_seq)
		return;
	l->heard_seq = seq;
	l->acked_us = seq >= l->ack_seq ? 0 : clock_mono_us();
}

void smpp_link_deliver_resp(struct smpp_link *l, uint64_t token, uint32_t status)
{
	uint32_t id = (token & TOKEN_DATA_SM) ? SMPP_DATA_SM : SMPP_DELIVER_SM;

	if (l->is_dead || token >> TOKEN_GEN != l->gen || l->st.deliver_open == 0 ||
	    (l->state != SMPP_LINK_BOUND && l->state != SMPP_LINK_UNBINDING)) {
		l->st.deliver_dropped++;
		return;
	}
	l->st.deliver_open--;
	smpp_link_send(l, id | SMPP_RESP, status, (uint32_t)token);
	if (status == ESME_ROK)
		acked(l);
	if (l->stop_asked && l->st.deliver_open == 0)
		smpp_link_arm(l, 0, 0); /* it may have been what stopping waited for */
}

/* ---- in ---- */

/* A peer cannot say what only we can know. */
static uint32_t status_of(const struct smpp_pdu *pdu)
{
	return pdu->h.status < SMPP_LINK_NO_ANSWER ? pdu->h.status : ESME_RUNKNOWNERR;
}

bool smpp_link_common(struct smpp_link *l, const struct smpp_pdu *pdu)
{
	if (pdu->h.id & SMPP_RESP)
		heard(l, pdu);
	switch (pdu->h.id) {
	case SMPP_ENQUIRE_LINK:
		smpp_link_send(l, SMPP_ENQUIRE_LINK | SMPP_RESP, ESME_ROK, pdu->h.seq);
		return true;
	case SMPP_UNBIND:
		smpp_link_send(l, SMPP_UNBIND | SMPP_RESP, ESME_ROK, pdu->h.seq);
		return false;
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		deliver(l, pdu);
		return true;
	case SMPP_SUBMIT_SM | SMPP_RESP:
	case SMPP_DATA_SM | SMPP_RESP:
		smpp_link_complete(l, pdu->h.seq, status_of(pdu), pdu->message_id);
		return true;
	case (uint32_t)SMPP_GENERIC_NACK:
		/* It can only mean one of ours; without a status it still is no consent. */
		smpp_link_complete(l, pdu->h.seq, pdu->h.status ? pdu->h.status : ESME_RUNKNOWNERR,
		    SV(""));
		return true;
	case SMPP_ENQUIRE_LINK | SMPP_RESP: /* any PDU has ended the enquiry */
		return true;
	case SMPP_ALERT_NOTIFICATION: /* has no response; nothing of ours waits for a phone to appear */
		l->st.alerts++;
		return true;
	case SMPP_OUTBIND: /* likewise; we bind anyway */
		l->st.outbinds++;
		return true;
	case SMPP_QUERY_SM: /* what a centre may ask of us by the letter, and we hold no message for it */
		smpp_link_send(l, pdu->h.id | SMPP_RESP, ESME_RQUERYFAIL, pdu->h.seq);
		return true;
	case SMPP_CANCEL_SM:
		smpp_link_send(l, pdu->h.id | SMPP_RESP, ESME_RCANCELFAIL, pdu->h.seq);
		return true;
	case SMPP_REPLACE_SM:
		smpp_link_send(l, pdu->h.id | SMPP_RESP, ESME_RREPLACEFAIL, pdu->h.seq);
		return true;
	default:
		break;
	}
	if (pdu->h.id & SMPP_RESP)
		l->st.late_resp++;
	else /* known, but nothing that a message centre asks */
		smpp_link_send(l, (uint32_t)SMPP_GENERIC_NACK, ESME_RINVCMDID, pdu->h.seq);
	return true;
}

/* A field runs past the PDU. A response still says its status; a request is refused. */
static void bad_fields(struct smpp_link *l, struct smpp_pdu *pdu, uint64_t now_us)
{
	struct lev ev = {LEV_PDU, pdu, NULL, now_us};

	if (pdu->h.id & SMPP_RESP) {
		pdu->message_id = SV("");
		smpp_link_feed(l, &ev);
	} else if (pdu->h.id == SMPP_DELIVER_SM || pdu->h.id == SMPP_DATA_SM) {
		smpp_link_send(l, pdu->h.id | SMPP_RESP, ESME_RINVMSGLEN, pdu->h.seq);
	} else {
		smpp_link_send(l, (uint32_t)SMPP_GENERIC_NACK, ESME_RINVCMDLEN, pdu->h.seq);
	}
}

static void warn_bad(struct smpp_link *l, const struct smpp_hdr *h, uint64_t now_us)
{
	bool is_time = now_us - l->warned_us >= WARN_EVERY_US;

	if (is_time)
		l->warned_us = now_us;
	LOG(&l->lc, is_time ? LOG_WARN : LOG_DEBUG, "malformed PDU",
	    "command=%s id=0x%08x seq=%u octets=%u bad_pdu=%llu", smpp_cmd_name(h->id), h->id, h->seq,
	    h->len, (unsigned long long)l->st.bad_pdu);
}

static void one_pdu(struct smpp_link *l, const uint8_t *p, size_t n, uint64_t now_us)
{
	struct smpp_pdu pdu;
	struct lev ev = {LEV_PDU, &pdu, NULL, now_us};
	enum smpp_pdu_rc rc = smpp_pdu_decode(p, n, &pdu);

	l->st.pdu_in++;
	l->st.octets_in += n;
	l->last_in_us = now_us;
	l->enquired_us = 0;
	l->enquire_missed = 0;
	if (l->ops.on_wire && log_on(LOG_WIRE))
		l->ops.on_wire(l, false, &pdu, l->arg);
	if (rc != SMPP_PDU_OK) {
		l->st.bad_pdu++;
		warn_bad(l, &pdu.h, now_us);
	}
	switch (rc) {
	case SMPP_PDU_OK:
	case SMPP_PDU_BAD_TLV:
		smpp_link_feed(l, &ev);
		break;
	case SMPP_PDU_UNKNOWN:
		if (!(pdu.h.id & SMPP_RESP))
			smpp_link_send(l, (uint32_t)SMPP_GENERIC_NACK, ESME_RINVCMDID, pdu.h.seq);
		break;
	case SMPP_PDU_BAD_LEN:
		bad_fields(l, &pdu, now_us);
		break;
	}
}

static void framing_lost(struct smpp_link *l, const uint8_t *p, size_t n, uint64_t now_us)
{
	struct lev ev = {LEV_DOWN, NULL, "impossible command_length", now_us};
	struct rd r = rd_make(p, n < SMPP_HDR_LEN ? n : SMPP_HDR_LEN);

	l->st.bad_pdu++;
	(void)rd_octets(&r, 12);
	smpp_link_send(l, (uint32_t)SMPP_GENERIC_NACK, ESME_RINVCMDLEN,
	    rd_u32(&r)); /* 0 when it is cut */
	smpp_link_feed(l, &ev);
}

static bool is_connected(const struct smpp_link *l)
{
	return !l->is_dead && (l->state == SMPP_LINK_BINDING || l->state == SMPP_LINK_BOUND ||
				  l->state == SMPP_LINK_UNBINDING);
}

void smpp_link_read(struct smpp_link *l, uint64_t now_us)
{
	size_t n = link_octets(l->tcp), at = 0;
	const uint8_t *p = n > 0 ? link_peek(l->tcp, n) : NULL;
	enum smpp_frame_rc rc = SMPP_FRAME_MORE;
	struct smpp_hdr h;

	/* Taken together at the end: the views given to callbacks are in p. Leaving a connected state
	 * closes the link, and p is gone then. */
	while (is_connected(l) && at < n &&
	       (rc = smpp_frame_peek(p + at, n - at, &h)) == SMPP_FRAME_OK) {
		one_pdu(l, p + at, h.len, now_us);
		at += h.len;
	}
	if (!is_connected(l))
		return;
	if (rc == SMPP_FRAME_BAD)
		framing_lost(l, p + at, n - at, now_us);
	else
		link_take(l->tcp, at);
}
