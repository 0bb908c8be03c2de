/* SPDX-License-Identifier: BSD-2-Clause */
/* ev_in.c - what a link hands us, turned into turns: messages, receipts, states. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/otp_code.h"
#include "app/ussd.h"
#include "base/clock.h"
#include "codec/msisdn.h"
#include "codec/receipt.h"

/* A centre repeats a message when our answer got lost; by then it does so within its own answer
 * time-out. The mark is dropped earlier when the answer surely arrived (acks.c). */
#define MO_DEDUP_MS 60000u

struct live_turn *app_turn_add(struct app *a, uint64_t id, const struct in_record *in)
{
	struct live_turn *lt = xcalloc(1, sizeof(*lt));

	lt->a = a;
	lt->id = id;
	lt->packs = packs_enter(a);
	lt->t = turn_new(id, a->packs, in);
	lt->t->owner = a->owner;
	buf_init(&lt->session, STORE_SESSION_MAX);
	HASH_ADD(hh, a->turns, id, sizeof(lt->id), lt);
	a->turn_count++;
	return lt;
}

void app_begin(struct app *a, const struct in_record *in, const struct upstream *up,
    const struct dedup *d)
{
	struct in_record ours = *in;
	struct live_turn *lt;

	ours.owner = sv_from(a->owner);
	lt = app_turn_add(a, app_new_id(a), &ours);
	lt->up = *up;
	lt->t->began_us = clock_mono_us();
	lt->dedup_key = xstrdup(d->key);
	if (d->value)
		snprintf(lt->dedup_value, sizeof(lt->dedup_value), "%s", d->value);
	else
		snprintf(lt->dedup_value, sizeof(lt->dedup_value), "%016llx",
		    (unsigned long long)lt->id);
	lt->dedup_ms = d->ms;
	lt->dedup_is_sure = d->is_sure;
	lt->parts_key = d->parts_key ? xstrdup(d->parts_key) : NULL;
	app_feed(a, lt, &(struct turn_ev){.kind = TURN_EV_START});
}

void app_begin_stored(struct app *a, uint64_t id, const struct in_record *in)
{
	struct live_turn *lt = app_turn_add(a, id, in);

	app_feed(a, lt, &(struct turn_ev){.kind = TURN_EV_START_STORED});
}

/* FNV-1a over what makes a repeated PDU the same. */
static uint64_t fnv(uint64_t h, struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3ull;
	return (h ^ 0xFF) * 0x100000001b3ull;
}

static void answer(struct app_link *al, uint64_t token, uint32_t status, const char *outcome)
{
	smpp_link_deliver_resp(al->link, token, status);
	metrics_add(al->a->metrics, M_MO, 1, al->opt->name, outcome, NULL);
}

/* Taken before: the centre hears so again, and nothing else happens. */
static void acknowledge_echo(const struct mo *mo, uint64_t key)
{
	answer(mo->up.link, mo->up.token, ESME_ROK, "duplicate");
	acks_note(mo->up.link, mo->up.link->bind_no, key, mo->msisdn);
}

/* ---- messages ---- */

void mo_begin(const struct mo *mo)
{
	struct app_link *al = mo->up.link;
	bool is_smpp = mo->up.kind == UPSTREAM_SMPP;
	struct buf text;
	struct in_record in = {
	    .kind = INPUT_TEXT,
	    .msisdn = sv_from(mo->msisdn),
	    .channel = SV("sms"),
	    .link = sv_from(al->opt->name),
	    .address = mo->address,
	    .at_ms = clock_wall_ms(),
	};
	struct upstream up = mo->up;
	uint64_t h = fnv(0xcbf29ce484222325ull, mo->address);
	enum acks_same same;
	char value[ACKS_VALUE_CAP];

	buf_init(&text, TEXT_MAX_UTF8);
	for (size_t i = 0; i < mo->pieces; i++)
		h = fnv(fnv(h, mo->piece[i].octets),
		    (struct sv){(const char *)&mo->piece[i].data_coding, 1});
	up.key = fnv(h, in.msisdn);
	same = is_smpp ? acks_same(al->a, up.key) : ACKS_UNKNOWN;
	/* Parts that come again are known by their own mark: a whole of new parts is no echo. */
	if (same == ACKS_ECHO && !mo->parts_key) {
		acknowledge_echo(mo, up.key);
		buf_clear(&text);
		return;
	}
	if (!link_text_read(al, mo->piece, mo->pieces, &text))
		in.kind = INPUT_UNREADABLE;
	else if (same == ACKS_UNSURE || same == ACKS_ECHO)
		in.kind = INPUT_REPEATED;
	if (same == ACKS_NEW)
		acks_again(al->a, up.key);
	in.text = buf_sv(&text);
	acks_value(up.key, value);
	/* By HTTP it has parts, and they tell whether it was there: the text does not. */
	app_begin(al->a, &in, &up,
	    &(struct dedup){is_smpp ? ACKS_MARK : "r", is_smpp ? value : NULL, MO_DEDUP_MS,
		mo->parts_key, !is_smpp});
	buf_clear(&text);
}

/* Where a part stands in its message: the UDH, or else the SAR TLVs (SMPP 3.4 s.5.3.2.22). */
static bool is_part(const struct smpp_pdu *pdu, const struct text_concat *udh, unsigned *ref,
    struct mo_place *at)
{
	const struct smpp_tlv *r = smpp_tlv_find(pdu, SMPP_TLV_SAR_MSG_REF_NUM);
	const struct smpp_tlv *t = smpp_tlv_find(pdu, SMPP_TLV_SAR_TOTAL_SEGMENTS);
	const struct smpp_tlv *s = smpp_tlv_find(pdu, SMPP_TLV_SAR_SEGMENT_SEQNUM);

	if (udh->present) {
		*ref = udh->ref;
		at->total = udh->total;
		at->seq = udh->seq;
	} else if (r && t && s && r->val.n == 2 && t->val.n == 1 && s->val.n == 1) {
		*ref = (unsigned)(uint8_t)r->val.p[0] << 8 | (uint8_t)r->val.p[1];
		at->total = (uint8_t)t->val.p[0];
		at->seq = (uint8_t)s->val.p[0];
	} else {
		return false;
	}
	return at->total > 1 && at->seq >= 1 && at->seq <= at->total;
}

static void on_deliver(struct smpp_link *l, const struct smpp_pdu *pdu, uint64_t token, void *arg)
{
	struct app_link *al = arg;
	struct app *a = al->a;
	struct sv octets = smpp_pdu_message(pdu);
	struct text_concat udh = {0};
	unsigned ref;
	char msisdn[MSISDN_CAP], name[12];

	(void)l;
	if (receipt_is(pdu)) {
		receipt_take(al, pdu, token);
	} else if (ussd_smpp_deliver(al, pdu, token)) {
		/* answered there */
	} else if (!msisdn_normalise(pdu->source_addr, pdu->source_addr_ton, msisdn)) {
		answer(al, token, ESME_RINVSRCADR, "no_number");
	} else if (a->stopping || !app_takes_text(a, sv_from(msisdn), pdu->destination_addr)) {
		answer(al, token, a->stopping ? ESME_RX_T_APPN : ESME_RTHROTTLED,
		    a->stopping ? "stopping" : "full");
	} else if (!a->store_up || peers_in_doubt(a)) {
		/* Not even tried: a step that is queued for a store that is away would come too late. */
		answer(al, token, ESME_RX_T_APPN, "store_away");
	} else if ((pdu->esm_class & SMPP_ESM_UDHI) && !text_udh_read(octets, &udh)) {
		answer(al, token, ESME_RINVMSGLEN, "bad_udh");
	} else {
		struct mo_piece piece = {
		    .data_coding = pdu->data_coding,
		    .lock_lang = udh.lock_lang,
		    .shift_lang = udh.shift_lang,
		    .udh_octets = (uint8_t)(udh.udh_octets < 255 ? udh.udh_octets : 255),
		    .octets = {octets.p + udh.udh_octets, octets.n - udh.udh_octets},
		};
		struct mo mo = {
		    .up = {.kind = UPSTREAM_SMPP, .link = al, .token = token, .bind_no = al->bind_no},
		    .msisdn = msisdn,
		    .address = pdu->destination_addr,
		    .piece = &piece,
		    .pieces = 1,
		};
		struct mo_place at = {.ref = name};

		if (is_part(pdu, &udh, &ref, &at)) {
			snprintf(name, sizeof(name), "%u", ref);
			join_part(&mo, &at);
		} else {
			mo_begin(&mo);
		}
	}
}

static void on_state(struct smpp_link *l, enum smpp_link_state s, const char *reason, void *arg)
{
	struct app_link *al = arg;

	(void)l;
	(void)reason;
	if (s == SMPP_LINK_BOUND)
		al->bind_no++;
	else
		acks_bind_lost(al);
}

static void on_submitted(struct smpp_link *l, uint64_t id, uint32_t status, struct sv message_id,
    void *arg)
{
	(void)l;
	if (ussd_smpp_submitted(arg, id, status))
		return;
	ussd_smpp_room(arg); /* the slot that is free now: before every SMS */
	sender_submitted(arg, id, status, message_id);
}

static void on_room(struct smpp_link *l, void *arg)
{
	(void)l;
	ussd_smpp_room(arg);
	sender_link_room(arg);
}

/* A text with six digits in a row may be a one-time code, on its way or typed: never in a log. */
static bool hides_code(const struct app_link *al, const struct smpp_pdu *pdu)
{
	enum text_alphabet alphabet =
	    text_alphabet_of(pdu->data_coding, (enum text_alphabet)al->opt->default_alphabet);
	struct sv octets = smpp_pdu_message(pdu);
	struct text_concat udh = {0};
	struct buf text;
	bool is_hidden;

	if (pdu->h.id != SMPP_SUBMIT_SM && pdu->h.id != SMPP_DELIVER_SM)
		return false;
	if ((pdu->esm_class & SMPP_ESM_UDHI) && !text_udh_read(octets, &udh))
		return true;
	octets = (struct sv){octets.p + udh.udh_octets, octets.n - udh.udh_octets};
	buf_init(&text, TEXT_MAX_UTF8);
	is_hidden = !text_decode(alphabet, octets, &text) || otp_maybe_in(buf_sv(&text));
	buf_clear(&text);
	return is_hidden;
}

static void on_wire(struct smpp_link *l, bool out, const struct smpp_pdu *pdu, void *arg)
{
	struct app_link *al = arg;
	struct smpp_pdu bare;
	struct buf b;

	(void)l;
	if (!log_on(LOG_WIRE))
		return;
	if (hides_code(al, pdu)) {
		bare = *pdu;
		bare.short_message = SV("");
		bare.tlv_count = 0;
		pdu = &bare;
	}
	buf_init(&b, 8192);
	smpp_pdu_print(pdu, &b);
	LOG(&(struct log_ctx){.link = al->opt->name}, LOG_WIRE, out ? "pdu out" : "pdu in", "%s",
	    buf_str(&b));
	buf_clear(&b);
}

const struct smpp_link_ops app_link_ops = {
    .on_state = on_state,
    .on_deliver = on_deliver,
    .on_submitted = on_submitted,
    .on_room = on_room,
    .on_wire = on_wire,
};
