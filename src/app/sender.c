/* SPDX-License-Identifier: BSD-2-Clause */
/* sender.c - the outbox on its way: from the lanes through a link's window, segment by segment, to
 * `sent`, a later try, or the dead letters. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/bind.h"
#include "app/routes.h"
#include "app/sms.h"
#include "app/ussd.h"
#include "base/clock.h"
#include "codec/receipt.h"
#include "engine/status_words.h"

#define REFUSED_MS 100u /* pause after a submit that a link did not take */
/* Work begun and not ended, with the message centre or with Redis, above which info waits. Enough to
 * keep both busy; more would only be a queue in which replies stand behind notices. */
#define INFO_OPEN_MAX 64u
#define SUBMIT_SEGMENT_BITS 3u

_Static_assert(TEXT_MAX_SEGMENTS <= 1u << SUBMIT_SEGMENT_BITS, "a submit id holds the segment");
_Static_assert(RETRY_NO_ANSWER == SMPP_LINK_NO_ANSWER && RETRY_LOST == SMPP_LINK_LOST,
    "engine and link speak of the same outcomes");

static struct out_msg *find(const struct app *a, uint64_t id)
{
	struct out_msg *m;

	HASH_FIND(hh, a->outs, &id, sizeof(id), m);
	return m;
}

static void forget(struct app *a, struct out_msg *m)
{
	HASH_DEL(a->outs, m);
	buf_clear(&m->rec);
	free(m->parts);
	free(m->said);
	free(m);
}

void sender_commit(struct app *a, uint64_t id, enum msg_class c, struct sv record, uint64_t began_us)
{
	struct out_record r;

	/* Older ones of this class wait in the store: a newer one must not pass them there. */
	if (!routes_waits(a, a->route_count > 1 && out_record_decode(record, &r) ? routes_of(a, &r) : 0,
		c))
		sender_add(a, id, record, began_us);
}

void sender_add(struct app *a, uint64_t id, struct sv record, uint64_t began_us)
{
	struct out_msg *m;
	struct out_record r;

	if (find(a, id) || recover_is_done(a, id))
		return;
	if (!out_record_decode(record, &r) || r.msisdn.n >= sizeof(m->msisdn)) {
		LOG(NULL, LOG_ERR, "outbox entry not readable", "id=%016llx", (unsigned long long)id);
		return;
	}
	m = xcalloc(1, sizeof(*m));
	m->id = id;
	m->began_us = began_us;
	memcpy(m->msisdn, r.msisdn.p, r.msisdn.n);
	m->route = routes_of(a, &r);
	switch (lanes_push(routes_lanes(a, m->route), id, r.class, m->msisdn)) {
	case LANES_OK:
		break;
	case LANES_FULL: /* the store keeps it; recover.c fetches it when there is room */
		routes_set_waits(a, m->route, r.class);
		free(m);
		return;
	case LANES_KNOWN:
	case LANES_EMPTY:
		free(m);
		return;
	}
	buf_init(&m->rec, record.n);
	buf_addsv(&m->rec, record);
	if (!out_record_decode(buf_sv(&m->rec), &m->r))
		abort(); /* the same octets were decoded above */
	HASH_ADD(hh, a->outs, id, sizeof(m->id), m);
}

void sender_drop(struct app *a, uint64_t id)
{
	struct out_msg *m = find(a, id);

	if (m && m->push != 0) { /* what pops up next is newer */
		ussd_push_forget(a, m->push);
		lanes_retry(routes_lanes(a, m->route), id, 0);
	}
	if (m && lanes_drop(routes_lanes(a, m->route), id)) {
		metrics_add(a->metrics, M_MT, 1, msg_class_name(m->r.class), "replaced", NULL);
		forget(a, m);
	}
}

/* ---- the end of a message ---- */

static void end_sent(struct app *a, struct out_msg *m)
{
	struct log_ctx ctx = {.link = m->via->opt->name, .trace = m->r.trace};

	metrics_add(a->metrics, M_MT, 1, msg_class_name(m->r.class), "sent", NULL);
	LOG(&ctx, LOG_INFO, "sent", "class=%s text_id=" SV_FMT " segments=%zu attempts=%u",
	    msg_class_name(m->r.class), SV_ARG(m->r.text_id), m->parts->count, m->attempts);
	acks_told(a, m->msisdn);
	recover_done_id(a, m->id, true);
	lanes_done(routes_lanes(a, m->route), m->id);
	mark_sent(m);
	forget(a, m);
}

/* Done by another way than a message of its own: no receipt will come. */
static void end_bare(struct app_link *al, uint64_t id, const struct out_record *r, const char *msisdn,
    const char *how)
{
	struct log_ctx ctx = {.link = al->opt->name, .trace = r->trace};

	metrics_add(al->a->metrics, M_MT, 1, msg_class_name(r->class), "sent", NULL);
	LOG(&ctx, LOG_INFO, how, "class=%s text_id=" SV_FMT, msg_class_name(r->class),
	    SV_ARG(r->text_id));
	recover_done_id(al->a, id, true);
	mark_bare(al, id, r->class, msisdn);
}

void sender_replied(struct app_link *al, uint64_t id, const struct out_record *r)
{
	char *msisdn = xstrndup(r->msisdn.p, r->msisdn.n);

	end_bare(al, id, r, msisdn, "sent in the response");
	free(msisdn);
}

void sender_pushed(struct app *a, struct app_link *al, uint64_t id, bool is_done)
{
	struct out_msg *m = find(a, id);

	if (!m || m->push == 0)
		return;
	m->push = 0;
	m->began_us = 0; /* what it took from here on is the person's time */
	if (!is_done) {
		lanes_retry(routes_lanes(a, m->route), id, 0);
	} else {
		end_bare(al, m->id, &m->r, m->msisdn, "shown on a screen");
		lanes_done(routes_lanes(a, m->route), id);
		forget(a, m);
	}
	sender_pump(a);
}

static void on_dead(const struct store_done *d, void *arg)
{
	struct await *w = arg;

	if (d->rc != STORE_OK)
		LOG(NULL, LOG_ERR, "dead letter not stored", "id=%016llx", (unsigned long long)w->id);
	await_free(w);
}

static void end_dead(struct app *a, struct out_msg *m, const char *reason)
{
	struct buf b;
	const char *words = m->said ? m->said_words : status_words(m->status);
	/* What a provider said begins with its code; the rest may hold number or text. */
	const char *code = m->said ? m->said : smpp_status_name(m->status);

	buf_init(&b, STORE_RECORD_MAX);
	if (m->said)
		buf_addf(&b, "%s %s\n", reason, m->said);
	else
		buf_addf(&b, "%s 0x%x %s\n", reason, m->status, words);
	buf_addsv(&b, buf_sv(&m->rec));
	metrics_add(a->metrics, M_DEAD, 1, msg_class_name(m->r.class), reason, NULL);
	LOG(&(struct log_ctx){.trace = m->r.trace}, m->r.class == CLASS_OTP ? LOG_ERR : LOG_WARN,
	    "message dead", "class=%s reason=%s status=%.*s code=0x%x why=%s attempts=%u",
	    msg_class_name(m->r.class), reason, (int)strcspn(code, " "), code, m->status, LOGQ(words),
	    m->attempts);
	a->store->ops->dead(a->store,
	    &(struct store_dead){
		.msisdn = m->msisdn, .id = m->id, .class = m->r.class, .record = buf_sv(&b)},
	    on_dead, await_new(a, m->id, 0));
	buf_clear(&b);
	recover_done_id(a, m->id, false);
	lanes_done(routes_lanes(a, m->route), m->id);
	forget(a, m);
}

/* ---- on its way ---- */

/* Relative time, YYMMDDhhmmss000R (SMPP 3.4 s.7.1.1.2): the centre drops it when its life is over. */
static void validity(uint64_t life_ms, char out[17])
{
	uint64_t s = (life_ms + 999) / 1000, days = s / 86400;

	if (days > 30)
		days = 30;
	snprintf(out, 17, "0000%02u%02u%02u%02u000R", (unsigned)days, (unsigned)(s / 3600 % 24),
	    (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

static bool all_digits(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* TON and NPI of what stands as sender: a header is alphanumeric (5/0), a short code network
 * specific (3/0), a long number international (1/1), if the link does not say otherwise. */
static void set_source(struct smpp_pdu *p, const struct opt_link *o, struct sv address)
{
	p->source_addr = address;
	if (address.n == 0)
		return; /* the centre puts its own (SMPP 3.4 s.4.4.1) */
	if (!all_digits(address)) {
		p->source_addr_ton = 5;
	} else if (address.n <= 8) {
		p->source_addr_ton = 3;
	} else {
		p->source_addr_ton = 1;
		p->source_addr_npi = 1;
	}
	if (o->source_ton >= 0)
		p->source_addr_ton = (uint8_t)o->source_ton;
	if (o->source_npi >= 0)
		p->source_addr_npi = (uint8_t)o->source_npi;
}

/* sar: room for what its TLVs say, until the PDU is encoded. */
static void set_text(struct smpp_pdu *p, const struct text_parts *t, unsigned seg, uint8_t sar[4])
{
	const struct text_segment *s = &t->seg[seg];

	if (t->is_payload) {
		(void)smpp_tlv_add(p, SMPP_TLV_MESSAGE_PAYLOAD,
		    (struct sv){(const char *)t->payload, t->payload_n});
		return;
	}
	p->esm_class = s->has_udh ? SMPP_ESM_UDHI : 0;
	p->short_message = (struct sv){(const char *)s->octets, s->n};
	if (t->split != TEXT_SAR || t->count == 1)
		return;
	sar[0] = (uint8_t)(t->ref >> 8);
	sar[1] = (uint8_t)t->ref;
	sar[2] = (uint8_t)t->count;
	sar[3] = (uint8_t)(seg + 1);
	(void)smpp_tlv_add(p, SMPP_TLV_SAR_MSG_REF_NUM, (struct sv){(const char *)sar, 2});
	(void)smpp_tlv_add(p, SMPP_TLV_SAR_TOTAL_SEGMENTS, (struct sv){(const char *)sar + 2, 1});
	(void)smpp_tlv_add(p, SMPP_TLV_SAR_SEGMENT_SEQNUM, (struct sv){(const char *)sar + 3, 1});
}

static enum smpp_submit_rc submit_segment(struct app_link *al, struct out_msg *m, unsigned seg,
    uint64_t now_ms)
{
	struct smpp_pdu p = {.h = {.id = SMPP_SUBMIT_SM}};
	uint8_t sar[4];
	char until[17], template_id[DLT_ID_CAP];

	if (al->sms)
		return sms_submit(al, m, m->id << SUBMIT_SEGMENT_BITS);
	validity(m->r.expires_ms - now_ms, until);
	set_source(&p, al->opt,
	    al->opt->source_addr && al->opt->source_addr[0] ? sv_from(al->opt->source_addr)
							    : m->r.address);
	p.dest_addr_ton = (uint8_t)al->opt->dest_ton;
	p.dest_addr_npi = (uint8_t)al->opt->dest_npi;
	p.destination_addr = sv_from(m->msisdn);
	p.validity_period = sv_from(until);
	p.registered_delivery = (al->opt->receipt_classes >> m->r.class) & 1;
	p.data_coding = m->parts->data_coding;
	set_text(&p, m->parts, seg, sar);
	dlt_gate_tlvs(al, m, &p, template_id);
	return smpp_link_submit(al->link, &p, m->id << SUBMIT_SEGMENT_BITS | seg);
}

/* The try is over when no submit is without an answer. */
static void settle(struct app *a, struct out_msg *m)
{
	uint64_t now = clock_wall_ms();
	struct retry r;

	if (m->outstanding > 0 || m->next < m->parts->count)
		return;
	if (m->acked == (1u << m->parts->count) - 1) {
		end_sent(a, m);
		return;
	}
	r = retry_decide(&m->via->opt->rules, m->r.class, m->status, m->attempts, now, m->r.expires_ms,
	    (uint32_t)random_u64());
	metrics_add(a->metrics, M_RETRY, 1, msg_class_name(m->r.class), r.reason, NULL);
	switch (r.action) {
	case RETRY_NEVER:
		end_dead(a, m, r.reason);
		return;
	case RETRY_SLOWER:
		bind_slower(m->via);
		bind_hold(m->via, r.hold_ms);
		break;
	case RETRY_AGAIN:
		break;
	}
	/* The link refused what it said it had room for: not again in this very turn of the loop. */
	if (m->is_refused && r.delay_ms == 0)
		r.delay_ms = REFUSED_MS;
	if (r.action == RETRY_SLOWER && routes_link(a, m->route))
		r.delay_ms = 0; /* another bind takes it */
	lanes_retry(routes_lanes(a, m->route), m->id, r.delay_ms ? clock_mono_ms() + r.delay_ms : 0);
}

/* What is not out of a message goes with its next try, if there is one. */
static void leave_rest(struct app_link *al, struct out_msg *m)
{
	al->partial = NULL;
	m->status = SMPP_LINK_LOST;
	m->next = (unsigned)m->parts->count;
	settle(al->a, m);
}

/* Submit what is left of a message; true: all of it is out. */
static bool push_segments(struct app *a, struct app_link *al, struct out_msg *m, uint64_t now_ms)
{
	for (; m->next < m->parts->count; m->next++) {
		enum smpp_submit_rc rc;

		if (m->acked & 1u << m->next)
			continue;
		rc = submit_segment(al, m, m->next, now_ms);
		if (rc == SMPP_SUBMIT_FULL) {
			al->partial = m;
			return false;
		}
		if (rc != SMPP_SUBMIT_OK) {
			m->status = rc == SMPP_SUBMIT_BAD ? ESME_RINVMSGLEN : SMPP_LINK_LOST;
			m->is_refused = true;
			m->next = (unsigned)m->parts->count;
			break;
		}
		m->outstanding++;
	}
	settle(a, m);
	return true;
}

bool sender_text(const struct app_link *al, const struct out_msg *m, struct buf *out)
{
	if (m->r.seal.n > 0) /* the code stands in the message only from here on */
		return otp_reveal(al->a, m->msisdn, m->r.seal, m->r.text, out);
	if (al->opt->smart_text)
		(void)text_smart(m->r.text, &al->text, out);
	else
		buf_addsv(out, m->r.text);
	return true;
}

/* A provider cuts a text itself: to us it is one part. */
static bool encode_whole(const struct app_link *al, struct sv text, struct text_parts *out)
{
	struct text_size size;

	text_size_for(text, &al->text, &size);
	out->count = 1;
	out->is_payload = true;
	out->payload_n = 0;
	return size.segments <= TEXT_MAX_SEGMENTS;
}

static bool encode(struct app_link *al, struct out_msg *m)
{
	struct text_parts parts;
	struct buf text;
	bool fits;

	buf_init(&text, 4 * TEXT_MAX_UTF8);
	fits = sender_text(al, m, &text);
	if (fits && al->sms)
		fits = encode_whole(al, buf_sv(&text), &parts);
	else if (fits)
		fits = text_encode_for(buf_sv(&text), &al->text, al->first->concat_ref++, &parts);
	buf_clear(&text);
	if (fits) {
		m->parts = xrealloc(m->parts, text_parts_octets(&parts));
		memcpy(m->parts, &parts, text_parts_octets(&parts));
	}
	return fits;
}

static void begin(struct app *a, struct app_link *al, struct out_msg *m)
{
	uint64_t now = clock_wall_ms();

	if (m->r.expires_ms <= now) {
		end_dead(a, m, "expired");
		return;
	}
	if (!m->was_pushed && ussd_push_try(a, al, m))
		return;
	/* What another link took part of goes on as it began; else each link has its own way. A provider
	 * takes no parts: it is given the whole text, and the part that is out is one too many. */
	if (!m->parts || (m->via != al && (m->acked == 0 || al->sms))) {
		bool is_first = !m->parts;

		m->status = dlt_gate_check(a, al, m);
		if (m->status != 0) {
			end_dead(a, m, "dlt");
			return;
		}
		if (!encode(al, m)) {
			m->status = ESME_RINVMSGLEN;
			end_dead(a, m, "too_long");
			return;
		}
		m->acked = 0;
		memset(m->ids, 0, sizeof(m->ids));
		if (m->began_us && is_first)
			metrics_observe(a->metrics, M_TURN_SECONDS,
			    (double)(clock_mono_us() - m->began_us) / 1e6, NULL);
	}
	m->via = al;
	m->next = 0;
	m->status = 0;
	m->is_refused = false;
	free(m->said);
	m->said = NULL;
	m->attempts++;
	push_segments(a, al, m, now);
}

/* One message of a route. false: it has none that may go, or no bind for it. */
static bool pump_one(struct app *a, unsigned route)
{
	struct lanes *lanes = routes_lanes(a, route);
	struct app_link *al = routes_link(a, route);
	struct out_msg *m;
	uint64_t id;

	if (!al) {
		routes_want_room(a, route);
		return false;
	}
	if (lanes_depth(lanes, CLASS_INFO) > 0)
		lanes_pause_info(lanes, sender_in_flight(a) + a->mark_count >= INFO_OPEN_MAX);
	/* The slots kept for one-time codes are slots of the window: a rate has none to keep. */
	if (lanes_next(lanes, bind_slots(al), &id) != LANES_OK)
		return false;
	m = find(a, id);
	if (m && m->acked != 0 && m->via && bind_room(m->via) > 0 && !m->via->partial)
		begin(a, m->via, m); /* who took a part of it takes the rest */
	else if (m)
		begin(a, routes_own_link(a, route, m->r.link, al), m);
	else
		lanes_done(lanes, id);
	return true;
}

void sender_pump(struct app *a)
{
	bool goes_on = true;

	if (peers_in_doubt(a))
		return;
	if (a->pumping) /* a message that dies at once must not start a second pump inside this one */
		return;
	a->pumping = true;
	while (goes_on) { /* in turn, so that no route starves another on a link they share */
		goes_on = false;
		for (unsigned i = 0; i < a->route_count; i++)
			goes_on |= pump_one(a, i);
	}
	a->pumping = false;
}

void sender_link_room(struct app_link *al)
{
	struct out_msg *m = al->partial;

	if (m && !peers_in_doubt(al->a)) {
		uint64_t now = clock_wall_ms();

		al->partial = NULL;
		if (m->r.expires_ms <= now) /* its life ended while it waited */
			leave_rest(al, m);
		else if (!push_segments(al->a, al, m, now))
			return;
	}
	sender_pump(al->a);
}

/* One submit has its answer. said: taken; NULL: status says it. */
static void answered(struct app_link *al, uint64_t submit_id, uint32_t status, struct sv message_id,
    char *said, const char *said_words)
{
	struct app *a = al->a;
	struct out_msg *m = find(a, submit_id >> SUBMIT_SEGMENT_BITS);
	unsigned seg = submit_id & ((1u << SUBMIT_SEGMENT_BITS) - 1);

	if (!m || !m->parts || m->outstanding == 0) {
		free(said);
		return;
	}
	free(m->said);
	m->said = said;
	m->said_words = said_words;
	m->outstanding--;
	if (status == ESME_ROK) {
		m->acked |= (uint8_t)(1u << seg);
		receipt_id_normal(message_id, m->ids[seg]);
		m->by[seg] = al;
	} else if (m->status == 0 || m->status >= SMPP_LINK_NO_ANSWER) {
		m->status = status;
	}
	if (status == SMPP_LINK_LOST && al->partial == m) {
		al->partial = NULL;
		m->next = (unsigned)m->parts->count; /* the rest goes with the next try */
	}
	settle(a, m);
	sender_pump(a);
}

void sender_submitted(struct app_link *al, uint64_t submit_id, uint32_t status, struct sv message_id)
{
	metrics_add(al->a->metrics, M_SUBMIT, 1, al->opt->name,
	    status == SMPP_LINK_NO_ANSWER ? "no_answer"
	    : status == SMPP_LINK_LOST    ? "lost"
					  : smpp_status_name(status),
	    NULL);
	answered(al, submit_id, status, message_id, NULL, NULL);
}

void sender_answered(struct app_link *al, uint64_t submit_id, const struct sms_verdict *v)
{
	char own[17];
	bool is_taken = v->status == ESME_ROK;

	metrics_add(al->a->metrics, M_SUBMIT, 1, al->opt->name, v->label, NULL);
	/* A provider that gives no id is told ours. */
	snprintf(own, sizeof(own), "%016llx", (unsigned long long)(submit_id >> SUBMIT_SEGMENT_BITS));
	answered(al, submit_id, v->status, sv_from(v->id[0] ? v->id : own),
	    is_taken ? NULL
		     : xasprintf("%s %s%s%s", v->code, v->words, v->said[0] ? ": " : "", v->said),
	    v->words);
}

void sender_tick(struct app *a)
{
	for (unsigned i = 0; i < a->route_count; i++)
		lanes_tick(routes_lanes(a, i), clock_mono_ms());
	for (size_t i = 0; i < a->link_count; i++) {
		struct app_link *al = &a->links[i];

		/* The link went while a message was half out and none of it was outstanding. */
		if (al->partial && al->partial->outstanding == 0 && bind_state(al) != SMPP_LINK_BOUND)
			leave_rest(al, al->partial);
	}
	sender_pump(a);
}

size_t sender_in_flight(const struct app *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->link_count; i++) {
		struct smpp_link_stats s;

		bind_stats(&a->links[i], &s);
		n += s.window_used;
	}
	return n;
}

void sender_forget_all(struct app *a)
{
	struct out_msg *m, *tmp;

	HASH_ITER(hh, a->outs, m, tmp)
	forget(a, m);
}

void sender_free(struct app *a)
{
	sender_forget_all(a);
	marks_free(a);
}
