/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc_mo.c - what phones send, and receipts: kept until deliver_sm_resp OK.
 *
 * A lane has one message in flight at most, so a phone's messages arrive in order whatever
 * happens to links:
 *
 *   idle ──put──▶ ready ──sent──▶ in flight ──OK──▶ idle or ready
 *                   ▲                │ temporary error, time-out: paused for retry_ms
 *                   └────────────────┘ link lost: ready at once, for another bind */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/smsc_int.h"

void mo_free(struct mo *m)
{
	if (!m)
		return;
	free(m->octets);
	free(m);
}

static void make_ready(struct lane *l)
{
	if (l->is_ready || l->is_paused || l->via || STAILQ_EMPTY(&l->queue))
		return;
	l->is_ready = true;
	TAILQ_INSERT_TAIL(&l->s->ready, l, ready);
}

static void unready(struct lane *l)
{
	if (l->is_ready)
		TAILQ_REMOVE(&l->s->ready, l, ready);
	l->is_ready = false;
}

void lane_put(struct lane *l, struct mo *m)
{
	STAILQ_INSERT_TAIL(&l->queue, m, link);
	l->count++;
	l->s->mo_queued++;
	make_ready(l);
	lanes_pump(l->s);
}

static void fate(struct lane *l, const struct mo *m, const char *what, const char *detail)
{
	struct smsc_holder *h;

	for (h = l->phone->holders; h && m->id; h = h->next)
		h->on_fate(m->id, what, detail, h->arg);
}

static void drop_head(struct lane *l)
{
	struct mo *m = STAILQ_FIRST(&l->queue);

	STAILQ_REMOVE_HEAD(&l->queue, link);
	l->count--;
	l->s->mo_queued--;
	mo_free(m);
}

/* The whole message is given up, not only this segment. */
static void give_up(struct lane *l, const char *why)
{
	struct mo *m = STAILQ_FIRST(&l->queue);
	uint64_t id = m->id;
	char masked[24];

	LOG(NULL, LOG_WARN, "message refused", "phone=%s reason=%s",
	    log_mask(l->phone->number, masked, sizeof(masked)), why);
	l->s->n.mo_refused++;
	fate(l, m, "refused", why);
	if (m->is_ussd)
		ussd_undelivered(l->phone, m->ussd_op);
	do {
		drop_head(l);
		m = STAILQ_FIRST(&l->queue);
	} while (id && m && m->id == id);
	make_ready(l);
}

static void pause_lane(struct lane *l, const char *why)
{
	struct mo *m = STAILQ_FIRST(&l->queue);
	struct timeval tv = smsc_tv(l->s->cf.retry_ms);

	if (m->is_ussd ||
	    m->tries >= l->s->cf.retry_max) { /* nobody waits for a USSD step that is late */
		give_up(l, why);
		return;
	}
	l->s->n.mo_retried++;
	l->is_paused = true;
	event_add(l->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct lane *l = arg;

	(void)fd;
	(void)what;
	if (l->via) {
		esme_forget(l->via, l->seq);
		l->via = NULL;
		l->s->n.mo_timeout++;
		pause_lane(l, "no answer");
	} else {
		l->is_paused = false;
		make_ready(l);
	}
	lanes_pump(l->s);
}

void lane_init(struct lane *l, struct smsc *s, struct phone *p)
{
	l->s = s;
	l->phone = p;
	STAILQ_INIT(&l->queue);
	l->timer = event_new(conns_base(s->cs), -1, 0, on_timer, l);
	if (!l->timer)
		abort();
}

void lane_clear(struct lane *l)
{
	unready(l);
	while (!STAILQ_EMPTY(&l->queue))
		drop_head(l);
	event_free(l->timer);
}

struct session *smsc_receiver(struct smsc *s)
{
	struct session *se;

	TAILQ_FOREACH(se, &s->sessions, link)
	if (esme_can_deliver(se->esme))
		return se;
	return NULL;
}

static bool send_head(struct lane *l, struct esme *e)
{
	struct mo *m = STAILQ_FIRST(&l->queue);
	struct timeval tv = smsc_tv(l->s->cf.resp_ms);
	char session[2] = {(char)(m->ussd_session >> 8), (char)m->ussd_session};
	struct smpp_pdu p = {
	    .source_addr_ton = 1,
	    .source_addr_npi = 1,
	    .source_addr = sv_from(m->from),
	    .dest_addr_npi = 1,
	    .destination_addr = sv_from(m->to),
	    .esm_class = m->esm_class,
	    .data_coding = m->data_coding,
	    .short_message = {m->octets, m->n},
	};

	if (m->is_ussd) {
		p.service_type = SV("USSD");
		p.dest_addr_npi = 0;
		(void)smpp_tlv_add(&p, SMPP_TLV_USSD_SERVICE_OP,
		    (struct sv){(const char *)&m->ussd_op, 1});
		(void)smpp_tlv_add(&p, TLV_ITS_SESSION_INFO, (struct sv){session, sizeof(session)});
	}
	if (m->is_receipt) {
		(void)smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID,
		    (struct sv){m->receipted, strlen(m->receipted) + 1});
		(void)smpp_tlv_add(&p, SMPP_TLV_MESSAGE_STATE, (struct sv){(const char *)&m->state, 1});
		l->s->n.receipts_sent++;
	} else {
		l->s->n.mo_sent++;
	}
	l->seq = esme_deliver(e, &p, (uint64_t)(uintptr_t)l);
	if (l->seq == 0)
		return false;
	m->tries++;
	l->via = e;
	event_add(l->timer, &tv);
	return true;
}

void lanes_pump(struct smsc *s)
{
	struct session *se;
	struct lane *l;

	while ((l = TAILQ_FIRST(&s->ready)) && (se = smsc_receiver(s))) {
		unready(l);
		TAILQ_REMOVE(&s->sessions, se, link);
		TAILQ_INSERT_TAIL(&s->sessions, se, link);
		if (!send_head(l, se->esme))
			give_up(l, "cannot be encoded");
	}
}

void lanes_wake(struct smsc *s)
{
	for (struct phone *p = s->phones; p; p = p->hh.next) {
		struct lane *two[2] = {&p->mo, &p->receipts};

		for (size_t i = 0; i < 2; i++) {
			if (!two[i]->is_paused)
				continue;
			two[i]->is_paused = false;
			event_del(two[i]->timer);
			make_ready(two[i]);
		}
	}
	lanes_pump(s);
}

static bool is_temporary(uint32_t status)
{
	return status == ESME_RX_T_APPN || status == ESME_RTHROTTLED || status == ESME_RMSGQFUL ||
	       status == ESME_RSYSERR;
}

/* id is the lane: phones live as long as the smsc, so it cannot dangle. */
void on_lane_delivered(struct esme *e, uint64_t id, uint32_t status, void *arg)
{
	struct lane *l = (struct lane *)(uintptr_t)id;
	struct smsc *s = arg;
	struct mo *m = STAILQ_FIRST(&l->queue);

	(void)e;
	l->via = NULL;
	event_del(l->timer);
	if (status == ESME_LINK_LOST) {
		s->n.mo_lost++;
		m->tries--;
		if (m->is_ussd)
			give_up(l, "the link was lost");
		else
			make_ready(l);
		return; /* on_down pumps */
	}
	if (status == ESME_ROK) {
		if (m->is_receipt)
			s->n.receipts_taken++;
		else
			s->n.mo_taken++;
		if (m->is_last)
			fate(l, m, "taken", "");
		drop_head(l);
		make_ready(l);
	} else if (is_temporary(status)) {
		pause_lane(l, smpp_status_name(status));
	} else {
		give_up(l, smpp_status_name(status));
	}
	lanes_pump(s);
}
