/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc_mt.c - what comes for phones: submit_sm to a text in a phone, its answer, its receipt. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "sim/smsc_int.h"

#define REGISTERED_MASK 0x03 /* SMPP 3.4 s.5.2.17: 1 always, 2 on failure only */

void later_free(struct later *l)
{
	TAILQ_REMOVE(&l->s->laters, l, link);
	event_free(l->ev);
	mo_free(l->receipt);
	free(l);
}

static struct esme *esme_by_id(struct smsc *s, uint64_t id)
{
	struct session *se;

	TAILQ_FOREACH(se, &s->sessions, link)
	if (esme_id(se->esme) == id)
		return se->esme;
	return NULL;
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	struct later *l = arg;
	struct esme *e;

	(void)fd;
	(void)what;
	if (l->receipt) {
		lane_put(&l->phone->receipts, l->receipt);
		l->receipt = NULL;
	} else if ((e = esme_by_id(l->s, l->esme_id))) {
		esme_submit_resp(e, l->cmd, l->seq, l->status, l->message_id);
	}
	later_free(l);
}

static void later_add(struct smsc *s, const struct later *what, uint64_t ms)
{
	struct later *l = xmemdup(what, sizeof(*what));
	struct timeval tv = smsc_tv(ms);

	l->s = s;
	l->ev = event_new(conns_base(s->cs), -1, 0, on_later, l);
	if (!l->ev)
		abort();
	event_add(l->ev, &tv);
	TAILQ_INSERT_TAIL(&s->laters, l, link);
}

void smsc_respond(struct smsc *s, struct esme *e, const struct smpp_pdu *p, uint32_t status,
    const char *message_id)
{
	struct later l = {.esme_id = esme_id(e), .cmd = p->h.id, .seq = p->h.seq, .status = status};

	if (s->faults.delay_ms == 0) {
		esme_submit_resp(e, p->h.id, p->h.seq, status, message_id);
		return;
	}
	memcpy(l.message_id, message_id, strlen(message_id));
	later_add(s, &l, s->faults.delay_ms);
}

/* YYMMDDhhmm in UTC */
static void receipt_date(uint64_t wall_ms, char out[16])
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	snprintf(out, 16, "%02u%02u%02u%02u%02u", (unsigned)tm.tm_year % 100u,
	    (unsigned)tm.tm_mon % 12u + 1, (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u,
	    (unsigned)tm.tm_min % 100u);
}

static void plan_receipt(struct smsc *s, struct phone *ph, const struct smpp_pdu *p,
    const char *message_id)
{
	bool failed = fault_take(&s->faults.undelivered);
	enum receipt_state state = failed ? RECEIPT_UNDELIVERABLE : RECEIPT_DELIVERED;
	uint64_t now = clock_wall_ms();
	char submitted[16], done[16];

	receipt_date(now, submitted);
	receipt_date(now + s->cf.receipt_ms, done);
	for (size_t i = 0; i < (s->faults.duplicate_receipt ? 2u : 1u); i++) {
		struct mo *m = xcalloc(1, sizeof(*m));
		struct later l = {.phone = ph, .receipt = m};

		m->is_receipt = true;
		m->esm_class = SMPP_ESM_RECEIPT;
		m->state = (uint8_t)state;
		memcpy(m->from, ph->number, sizeof(ph->number));
		memcpy(m->to, p->source_addr.p,
		    p->source_addr.n < ADDR_CAP ? p->source_addr.n : ADDR_CAP - 1);
		memcpy(m->receipted, message_id, strlen(message_id));
		m->octets =
		    xasprintf("id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:",
			message_id, failed ? "000" : "001", submitted, done, receipt_state_name(state),
			failed ? "001" : "000");
		m->n = strlen(m->octets);
		later_add(s, &l, s->cf.receipt_ms);
	}
}

static bool wants_receipt(const struct smsc *s, const struct smpp_pdu *p)
{
	unsigned asked = p->registered_delivery & REGISTERED_MASK;

	switch (s->cf.receipts) {
	case SMSC_RECEIPTS_ALWAYS:
		return true;
	case SMSC_RECEIPTS_NEVER:
		return false;
	case SMSC_RECEIPTS_ASKED:
		return asked == 1 || (asked == 2 && s->faults.undelivered > 0);
	}
	return false;
}

static void hand_over(struct smsc *s, struct phone *p, struct sv from, struct sv text)
{
	char from_s[ADDR_CAP] = {0};
	struct smsc_holder *h;
	struct inbox_text *t;

	s->n.mt_texts++;
	memcpy(from_s, from.p, from.n < ADDR_CAP ? from.n : ADDR_CAP - 1);
	for (h = p->holders; h; h = h->next)
		h->on_sms(from_s, text, h->arg);
	if (p->holders)
		return;
	t = xcalloc(1, sizeof(*t));
	memcpy(t->from, from_s, sizeof(t->from));
	t->text = xstrndup(text.p, text.n);
	t->n = text.n;
	STAILQ_INSERT_TAIL(&p->inbox, t, link);
	if (++p->inbox_count <= SMSC_INBOX_MAX)
		return;
	t = STAILQ_FIRST(&p->inbox);
	STAILQ_REMOVE_HEAD(&p->inbox, link);
	p->inbox_count--;
	free(t->text);
	free(t);
}

/* The status a fault gives this message; ESME_ROK: none. */
static uint32_t fault_status(struct smsc *s)
{
	if (fault_take(&s->faults.throttle))
		return ESME_RTHROTTLED;
	if (fault_take(&s->faults.full))
		return ESME_RMSGQFUL;
	return fault_take(&s->faults.reject) ? ESME_RSUBMITFAIL : ESME_ROK;
}

void on_submitted(struct esme *e, const struct smpp_pdu *p, void *arg)
{
	struct smsc *s = arg;
	char number[MSISDN_CAP], message_id[24], masked[24];
	uint32_t status = fault_status(s);
	struct phone *ph;
	struct buf text;
	enum join_rc rc;

	s->n.mt++;
	if (status != ESME_ROK) {
		s->n.mt_faulted++;
		smsc_respond(s, e, p, status, "");
		return;
	}
	if (!msisdn_normalise(p->destination_addr, p->dest_addr_ton, number) ||
	    !(ph = smsc_phone(s, sv_from(number)))) {
		s->n.mt_bad++;
		smsc_respond(s, e, p, ESME_RINVDSTADR, "");
		return;
	}
	if (ussd_is(p)) {
		status = ussd_screen(ph, p);
		snprintf(message_id, sizeof(message_id), "%08" PRIx64, ++s->last_mt);
		if (fault_take(&s->faults.lose))
			s->n.mt_faulted++;
		else
			smsc_respond(s, e, p, status, message_id);
		return;
	}
	buf_init(&text, 64u << 10);
	rc = join_add(ph->join, p, &text);
	if (rc == JOIN_BAD) {
		s->n.mt_bad++;
		LOG(NULL, LOG_WARN, "unreadable message", "phone=%s octets=%zu",
		    log_mask(number, masked, sizeof(masked)), p->short_message.n);
		smsc_respond(s, e, p, ESME_RINVMSGLEN, "");
		buf_clear(&text);
		return;
	}
	snprintf(message_id, sizeof(message_id), "%08" PRIx64, ++s->last_mt);
	if (fault_take(&s->faults.lose))
		s->n.mt_faulted++;
	else
		smsc_respond(s, e, p, ESME_ROK, message_id);
	if (wants_receipt(s, p))
		plan_receipt(s, ph, p, message_id);
	if (rc == JOIN_WHOLE)
		hand_over(s, ph, p->source_addr, buf_sv(&text));
	buf_clear(&text);
}
