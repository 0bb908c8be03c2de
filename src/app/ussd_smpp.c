/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_smpp.c - USSD by a link: operations in, screens out; see ussd.h. What an unknown vendor sends is
 * learnt from the log: each new shape of a PDU is printed once, without numbers and text. */
#include <stdio.h>
#include <stdlib.h>

#include "app/bind.h"
#include "app/ussd.h"
#include "base/clock.h"
#include "codec/msisdn.h"

#define SUBMIT_IS_SCREEN (UINT64_C(1) << 63) /* ids of messages are below it (sender.c) */
#define WAITING_MAX 2000u /* screens that wait for room */
#define SHAPES_MAX 64u /* of PDUs that are printed */

struct screen { /* on its way out, or waiting for room */
	uint64_t id;
	char msisdn[16], number[USSD_ADDRESS_CAP], code[USSD_ADDRESS_CAP];
	struct ussd_back back;
	uint64_t net, until_ms; /* mono */
	char *text; /* owned; NULL: submitted */
	enum ussd_out what;
	bool is_push;
	TAILQ_ENTRY(screen) wait;
	UT_hash_handle hh;
};

struct ussd_link {
	struct app_link *al;
	const struct ussd_conf *conf; /* owned */
	struct ussd_source src;
	struct screen *out; /* submitted, by id */
	TAILQ_HEAD(, screen) waiting;
	size_t waiting_count;
	uint64_t last_id, shape[SHAPES_MAX];
	size_t shapes;
};

bool ussd_link_start(struct app_link *al, struct buf *err)
{
	struct ussd_link *ul;
	struct ussd_conf *c = ussd_conf_read(al->a->opt->ussd_profiles, al->opt->ussd, err);

	if (!c)
		return false;
	c->pdu.is_packed = al->opt->gsm7_packed;
	al->ussd = ul = xcalloc(1, sizeof(*ul));
	ul->al = al;
	ul->conf = c;
	ul->src = (struct ussd_source){.name = al->opt->name,
	    .conf = c,
	    .code = al->opt->ussd_code,
	    .sms_link = al->opt->name,
	    .sms_from = al->opt->ussd_from};
	TAILQ_INIT(&ul->waiting);
	return true;
}

const struct ussd_source *ussd_smpp_source(const struct app_link *al)
{
	return &al->ussd->src;
}

static void screen_free(struct screen *s)
{
	free(s->text);
	free(s);
}

void ussd_link_free(struct ussd_link *ul)
{
	struct screen *s, *tmp;

	if (!ul)
		return;
	HASH_ITER(hh, ul->out, s, tmp)
	{
		HASH_DEL(ul->out, s);
		screen_free(s);
	}
	while ((s = TAILQ_FIRST(&ul->waiting)) != NULL) {
		TAILQ_REMOVE(&ul->waiting, s, wait);
		screen_free(s);
	}
	ussd_conf_free((struct ussd_conf *)ul->conf);
	free(ul);
}

/* ---- in, in order of a step's life ---- */

static uint64_t shape_of(const struct smpp_pdu *pdu)
{
	uint8_t fixed[] = {(uint8_t)pdu->h.id, pdu->esm_class, pdu->data_coding, pdu->protocol_id,
	    pdu->source_addr_ton, pdu->dest_addr_ton, pdu->short_message.n > 0};
	uint64_t h = ussd_hash(1, (struct sv){(const char *)fixed, sizeof(fixed)});

	h = ussd_hash(h, pdu->service_type);
	for (size_t i = 0; i < pdu->tlv_count; i++) {
		uint16_t t[2] = {pdu->tlv[i].tag,
		    pdu->tlv[i].tag == SMPP_TLV_MESSAGE_PAYLOAD ? 0 : (uint16_t)pdu->tlv[i].val.n};

		h = ussd_hash(h, (struct sv){(const char *)t, sizeof(t)});
		if (pdu->tlv[i].tag == SMPP_TLV_USSD_SERVICE_OP)
			h = ussd_hash(h, pdu->tlv[i].val);
	}
	return h;
}

/* Values of session names and operations only: any other TLV may hold a number or a text. */
static bool is_harmless(uint16_t tag)
{
	return tag == SMPP_TLV_USSD_SERVICE_OP || tag == SMPP_TLV_USER_MESSAGE_REFERENCE ||
	       tag == 0x1383 || tag == 0x1501;
}

static void learn(struct ussd_link *ul, const struct smpp_pdu *pdu, const char *msisdn)
{
	uint64_t h = shape_of(pdu);
	char masked[24];
	struct buf b;

	for (size_t i = 0; i < ul->shapes; i++)
		if (ul->shape[i] == h)
			return;
	if (ul->shapes == SHAPES_MAX)
		return;
	ul->shape[ul->shapes++] = h;
	buf_init(&b, 2000);
	for (size_t i = 0; i < pdu->tlv_count; i++) {
		const struct smpp_tlv *t = &pdu->tlv[i];

		buf_addf(&b, "%s0x%04x:%zu", i ? "," : "", t->tag, t->val.n);
		for (size_t k = 0; is_harmless(t->tag) && k < t->val.n && k < 8; k++)
			buf_addf(&b, "%s%02x", k ? "" : "=", (uint8_t)t->val.p[k]);
	}
	LOG(&(struct log_ctx){.link = ul->al->opt->name}, LOG_INFO, "ussd shape",
	    "from=%s command=%s service_type=\"" SV_FMT
	    "\" esm_class=0x%02x data_coding=0x%02x source_ton=%u "
	    "dest_ton=%u source_octets=%zu dest_octets=%zu text_octets=%zu tlvs=%s",
	    log_mask(msisdn, masked, sizeof(masked)), smpp_cmd_name(pdu->h.id),
	    SV_ARG(pdu->service_type), pdu->esm_class, pdu->data_coding, pdu->source_addr_ton,
	    pdu->dest_addr_ton, pdu->source_addr.n, pdu->destination_addr.n, pdu->short_message.n,
	    buf_str(&b));
	buf_clear(&b);
}

uint64_t ussd_smpp_net(const struct ussd_source *src, const char *msisdn, const uint8_t *id,
    size_t id_octets)
{
	uint64_t h = ussd_hash(ussd_hash(2, sv_from(src->name)), sv_from(msisdn));

	/* Where the network names no session, its number is all there is: a person has one screen. */
	return ussd_hash(h, (struct sv){(const char *)id, id_octets});
}

/* The network ended it. */
static void gone(struct ussd_link *ul, struct ussd_ask *ask, enum ussd_op op)
{
	static const char *const outcome[] = {[USSD_OP_END] = INPUT_NETWORK_ENDED,
	    [USSD_OP_NOTICED] = INPUT_NETWORK_ENDED,
	    [USSD_OP_ABORT] = "aborted",
	    [USSD_OP_TIMEOUT] = INPUT_TIMED_OUT};

	metrics_add(ul->al->a->metrics, M_USSD_SESSION, 1, ul->conf->name, outcome[op], NULL);
	ask->step.how = USSD_GONE;
	ask->text = sv_from(outcome[op]);
	ussd_begin(ul->al->a, ask);
}

static void take(struct ussd_link *ul, const struct ussd_mo *mo, struct ussd_ask *ask)
{
	struct app *a = ul->al->a;
	bool is_reply = false;
	struct sv octets = mo->op == USSD_OP_BEGIN ? mo->dialled : mo->octets;
	struct buf text, septets;

	buf_init(&text, TEXT_MAX_UTF8);
	buf_init(&septets, TEXT_MAX_UTF8);
	/* An address is ASCII whatever the text is. */
	if (octets.p == mo->octets.p && mo->alphabet == TEXT_GSM7 && ul->conf->pdu.is_packed) {
		text_unpack(octets, 0, &septets);
		octets = buf_sv(&septets);
	}
	ask->is_unreadable = !text_decode(mo->alphabet, octets, &text);
	buf_clear(&septets);
	ask->text = buf_sv(&text);
	if (ussd_push_heard(a, ask, mo->op, &is_reply)) {
		if (is_reply)
			ussd_begin(a, ask);
		buf_clear(&text);
		return;
	}
	switch (mo->op) {
	case USSD_OP_BEGIN:
		ask->step.how = USSD_BEGIN;
		if (mo->dialled.p != mo->octets.p)
			ask->text = mo->dialled;
		if (!ussd_dialled(ask->text, sv_from(ul->src.code), &ask->text))
			ask->text = SV("");
		ussd_begin(a, ask);
		break;
	case USSD_OP_UNKNOWN:
	case USSD_OP_NEXT:
		/* Without any operation the session itself says what it is. */
		ask->step.how = mo->has_op ? USSD_NEXT : USSD_EITHER;
		ask->step.begin_at = ask->text.n;
		ussd_begin(a, ask);
		break;
	case USSD_OP_END:
	case USSD_OP_ABORT:
	case USSD_OP_TIMEOUT:
	case USSD_OP_NOTICED:
		gone(ul, ask, mo->op);
		break;
	}
	buf_clear(&text);
}

bool ussd_smpp_deliver(struct app_link *al, const struct smpp_pdu *pdu, uint64_t token)
{
	struct ussd_link *ul = al->ussd;
	struct ussd_mo mo;
	char msisdn[MSISDN_CAP];
	uint64_t key;
	struct ussd_ask ask = {.link = al, .msisdn = msisdn};

	if (!ul || !ussd_pdu_is(&ul->conf->pdu, pdu))
		return false;
	if (!msisdn_normalise(pdu->source_addr, pdu->source_addr_ton, msisdn)) {
		smpp_link_deliver_resp(al->link, token, ESME_RINVSRCADR);
		ussd_count(al->a, &ul->src, "no_number");
		return true;
	}
	learn(ul, pdu, msisdn);
	ussd_pdu_read(&ul->conf->pdu, pdu, (enum text_alphabet)al->opt->default_alphabet, &mo);
	ussd_count(al->a, &ul->src,
	    mo.has_op || mo.op != USSD_OP_UNKNOWN ? ussd_op_name(mo.op) : "no_op");
	ask.src = &ul->src;
	ask.step.net = ussd_smpp_net(&ul->src, msisdn, mo.id_name, mo.id_octets);
	ask.step.step = ussd_hash(ussd_hash((uint64_t)mo.op, mo.octets), mo.dialled);
	key = ask.step.net ^ ask.step.step;
	if (acks_same(al->a, key) == ACKS_ECHO) /* the same key press: it gets the same screen */
		ask.step.repeat_ms = (uint64_t)ul->conf->session_ms;
	/* At once: it is the screen that the person waits for, and a repeated PDU would come too late. */
	smpp_link_deliver_resp(al->link, token, ESME_ROK);
	acks_note(al, al->bind_no, key, "");
	memcpy(ask.back.id, mo.id, sizeof(mo.id));
	ask.back.id_octets = mo.id_octets;
	ask.back.number = pdu->source_addr;
	ask.back.number_ton = pdu->source_addr_ton;
	ask.back.number_npi = pdu->source_addr_npi;
	ask.back.code = pdu->destination_addr;
	ask.back.code_ton = pdu->dest_addr_ton;
	ask.back.code_npi = pdu->dest_addr_npi;
	take(ul, &mo, &ask);
	return true;
}

/* ---- out ---- */

/* may_be_seen: nobody knows. Then the session goes on: who sees nothing dials again, but who sees the
 * screen must not hear that the conversation is over. */
static void lost(struct ussd_link *ul, struct screen *s, const char *outcome, bool may_be_seen)
{
	struct app *a = ul->al->a;

	metrics_add(a->metrics, M_USSD_SCREEN, 1, ul->conf->name, outcome, NULL);
	LOG(&(struct log_ctx){.link = ul->al->opt->name}, LOG_WARN, "screen not shown",
	    "outcome=%s ends=%d", outcome, s->what == USSD_OUT_END);
	if (s->is_push)
		ussd_push_lost(a, s->net, outcome);
	else if (s->what == USSD_OUT_MORE && !may_be_seen)
		ussd_begin(a, &(struct ussd_ask){.src = &ul->src,
				  .link = ul->al,
				  .msisdn = s->msisdn,
				  .step = {.how = USSD_GONE, .net = s->net}});
	screen_free(s);
}

static enum smpp_submit_rc submit(struct ussd_link *ul, struct screen *s)
{
	struct ussd_reply r;

	if (!ussd_pdu_reply(&ul->conf->pdu, &s->back, sv_from(s->text), s->what, &r))
		return SMPP_SUBMIT_BAD;
	return smpp_link_submit(ul->al->link, &r.pdu, s->id);
}

static void submitted(struct ussd_link *ul, struct screen *s)
{
	free(s->text);
	s->text = NULL;
	HASH_ADD(hh, ul->out, id, sizeof(s->id), s);
}

struct app_link *ussd_smpp_sender(struct app_link *al)
{
	struct app *a = al->a;

	if (bind_sends(al) && bind_state(al) == SMPP_LINK_BOUND)
		return al;
	for (size_t i = 0; i < a->link_count; i++) {
		struct app_link *other = &a->links[i];

		if (other->first == al->first && other->ussd && bind_sends(other) &&
		    bind_state(other) == SMPP_LINK_BOUND)
			return other;
	}
	return NULL;
}

static void send_screen(struct app_link *al, const struct ussd_ask *ask, const char *text,
    enum ussd_out what, bool is_push)
{
	struct app_link *by = ussd_smpp_sender(al);
	struct ussd_link *ul = (by ? by : al)->ussd;
	struct screen *s = xcalloc(1, sizeof(*s));

	s->id = SUBMIT_IS_SCREEN | ++ul->last_id;
	snprintf(s->msisdn, sizeof(s->msisdn), "%s", ask->msisdn);
	snprintf(s->number, sizeof(s->number), SV_FMT, SV_ARG(ask->back.number));
	snprintf(s->code, sizeof(s->code), SV_FMT, SV_ARG(ask->back.code));
	s->back = ask->back;
	s->back.number = sv_from(s->number);
	s->back.code = sv_from(s->code);
	s->net = ask->step.net;
	s->text = xstrdup(text);
	s->what = what;
	s->is_push = is_push;
	s->until_ms = clock_mono_ms() + (uint64_t)ul->conf->answer_ms;
	switch (TAILQ_EMPTY(&ul->waiting) ? submit(ul, s) : SMPP_SUBMIT_FULL) {
	case SMPP_SUBMIT_OK:
		submitted(ul, s);
		break;
	case SMPP_SUBMIT_FULL:
		if (ul->waiting_count == WAITING_MAX) {
			lost(ul, s, "no_room", false);
			break;
		}
		TAILQ_INSERT_TAIL(&ul->waiting, s, wait);
		ul->waiting_count++;
		break;
	case SMPP_SUBMIT_NOT_BOUND:
		lost(ul, s, "undelivered", false);
		break;
	case SMPP_SUBMIT_BAD:
		lost(ul, s, "unfit", false);
		break;
	}
}

void ussd_smpp_answer(struct app *a, const struct ussd_ask *ask, const char *text, bool ends)
{
	(void)a;
	send_screen(ask->link, ask, text, ends ? USSD_OUT_END : USSD_OUT_MORE, false);
}

void ussd_smpp_push(struct app_link *al, const struct ussd_ask *ask, const char *text,
    enum ussd_out what)
{
	send_screen(al, ask, text, what, true);
}

void ussd_smpp_room(struct app_link *al)
{
	struct ussd_link *ul = al->ussd;
	struct screen *s;

	while (ul && (s = TAILQ_FIRST(&ul->waiting)) != NULL) {
		enum smpp_submit_rc rc =
		    clock_mono_ms() > s->until_ms ? SMPP_SUBMIT_NOT_BOUND : submit(ul, s);

		if (rc == SMPP_SUBMIT_FULL)
			return;
		TAILQ_REMOVE(&ul->waiting, s, wait);
		ul->waiting_count--;
		if (rc == SMPP_SUBMIT_OK)
			submitted(ul, s);
		else
			lost(ul, s, rc == SMPP_SUBMIT_BAD ? "unfit" : "undelivered", false);
	}
}

bool ussd_smpp_submitted(struct app_link *al, uint64_t id, uint32_t status)
{
	struct ussd_link *ul = al->ussd;
	struct screen *s = NULL;

	if (!(id & SUBMIT_IS_SCREEN))
		return false;
	if (ul)
		HASH_FIND(hh, ul->out, &id, sizeof(id), s);
	if (!s)
		return true;
	HASH_DEL(ul->out, s);
	if (status == ESME_ROK)
		screen_free(s);
	else if (status >= SMPP_LINK_NO_ANSWER)
		lost(ul, s, "unanswered", true);
	else
		lost(ul, s, "refused", false);
	return true;
}
