/* SPDX-License-Identifier: BSD-2-Clause */
/* handsets.c - the model behind the web page; see handsets.h. */
#include "sim/handsets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "base/clock.h"
#include "codec/msisdn.h"
#include "codec/smpp_pdu.h"
#include "codec/text.h"

#define PEER_CAP 21u

struct message {
	uint64_t id, version, at_ms, sent_id; /* sent_id: of smsc_send; 0: it came */
	char peer[PEER_CAP];
	char *text; /* owned */
	const char *fate; /* "sending", "taken", "refused" */
	char *detail; /* owned; why it was refused */
	TAILQ_ENTRY(message) link;
};

struct handset {
	struct handsets *hs;
	struct phone *phone;
	struct smsc_holder holder;
	TAILQ_HEAD(, message) messages;
	size_t message_count;
	uint64_t ussd_version, ussd_at_ms;
	enum smsc_ussd ussd;
	char *ussd_text; /* owned */
	TAILQ_ENTRY(handset) link;
};

struct trace {
	uint64_t id, at_ms, session;
	bool to_bridge;
	char number[MSISDN_CAP]; /* whose step it is */
	char http[24]; /* "HTTP POST", "HTTP 200"; empty: a PDU */
	char *text; /* owned; of HTTP */
	struct smpp_hdr h;
	int ussd_op; /* -1: none */
	size_t n, kept;
	uint8_t octets[TRACE_OCTETS];
	TAILQ_ENTRY(trace) link;
};

struct handsets {
	struct smsc *s;
	struct smsc_watcher watcher;
	handsets_fn *fn;
	void *arg;
	uint64_t version, boot_ms;
	TAILQ_HEAD(, handset) list;
	size_t count;
	TAILQ_HEAD(trace_list, trace) traces; /* oldest first */
	size_t trace_count;
};

static uint64_t touch(struct handsets *hs)
{
	hs->fn(hs->arg);
	return ++hs->version;
}

/* ---- messages ---- */

static void message_free(struct handset *h, struct message *m)
{
	TAILQ_REMOVE(&h->messages, m, link);
	h->message_count--;
	free(m->text);
	free(m->detail);
	free(m);
}

static void message_add(struct handset *h, uint64_t sent_id, const char *peer, struct sv text)
{
	struct message *m = xcalloc(1, sizeof(*m));

	m->id = m->version = touch(h->hs);
	m->at_ms = clock_wall_ms();
	m->sent_id = sent_id;
	m->fate = sent_id ? "sending" : "";
	for (size_t i = 0; i < PEER_CAP - 1 && peer[i]; i++) /* JSON is UTF-8, an address any octets */
		m->peer[i] = (char)(peer[i] < 0x20 || peer[i] > 0x7E ? '?' : peer[i]);
	m->text = xstrndup(text.p, text.n);
	TAILQ_INSERT_TAIL(&h->messages, m, link);
	if (++h->message_count > HANDSET_MESSAGES)
		message_free(h, TAILQ_FIRST(&h->messages));
}

static void on_sms(const char *from, struct sv text, void *arg)
{
	message_add(arg, 0, from, text);
}

static void on_fate(uint64_t id, const char *fate, const char *detail, void *arg)
{
	struct handset *h = arg;
	struct message *m;

	TAILQ_FOREACH(m, &h->messages, link)
	{
		if (m->sent_id != id)
			continue;
		m->fate = strcmp(fate, "taken") == 0 ? "taken" : "refused";
		free(m->detail);
		m->detail = xstrdup(detail);
		m->version = touch(h->hs);
	}
}

static void on_ussd(enum smsc_ussd state, struct sv text, void *arg)
{
	struct handset *h = arg;

	h->ussd = state;
	h->ussd_at_ms = clock_wall_ms();
	free(h->ussd_text);
	h->ussd_text = xstrndup(text.p ? text.p : "", text.n);
	h->ussd_version = touch(h->hs);
}

bool handset_send(struct handset *h, const char *to, struct sv text)
{
	/* Answers come in later turns of the loop, so its fate finds the message. */
	uint64_t id = smsc_send(h->hs->s, h->phone, to, text);

	if (id == 0)
		return false;
	message_add(h, id, to, text);
	return true;
}

/* ---- PDUs ---- */

static void trace_free(struct handsets *hs, struct trace *t)
{
	TAILQ_REMOVE(&hs->traces, t, link);
	hs->trace_count--;
	free(t->text);
	free(t);
}

static struct trace *trace_new(struct handsets *hs, const char *number, bool sent, struct sv octets)
{
	struct trace *t = xcalloc(1, sizeof(*t));

	t->id = touch(hs);
	t->at_ms = clock_wall_ms();
	t->to_bridge = sent;
	snprintf(t->number, sizeof(t->number), "%s", number);
	t->n = octets.n;
	t->kept = octets.n < TRACE_OCTETS ? octets.n : TRACE_OCTETS;
	memcpy(t->octets, octets.n ? octets.p : "", t->kept);
	TAILQ_INSERT_TAIL(&hs->traces, t, link);
	if (++hs->trace_count > TRACE_MAX)
		trace_free(hs, TAILQ_FIRST(&hs->traces));
	return t;
}

/* Whose step is it? A response belongs to whom its request did. */
static bool belongs(struct handsets *hs, uint64_t session, bool sent, const struct smpp_pdu *p,
    char number[MSISDN_CAP])
{
	struct sv who = sent ? p->source_addr : p->destination_addr;
	struct trace *t;

	if (!(p->h.id & SMPP_RESP))
		return msisdn_normalise(who, 0, number) && handsets_find(hs, sv_from(number));
	TAILQ_FOREACH_REVERSE(t, &hs->traces, trace_list, link)
	{
		if (!*t->http && t->session == session && t->to_bridge != sent &&
		    t->h.seq == p->h.seq) {
			memcpy(number, t->number, MSISDN_CAP);
			return true;
		}
	}
	return false;
}

static void on_wire(uint64_t session, bool sent, struct sv octets, const struct smpp_pdu *p, void *arg)
{
	const struct smpp_tlv *op = smpp_tlv_find(p, SMPP_TLV_USSD_SERVICE_OP);
	struct handsets *hs = arg;
	char number[MSISDN_CAP];
	struct trace *t;

	if (!belongs(hs, session, sent, p, number))
		return;
	t = trace_new(hs, number, sent, octets);
	t->session = session;
	t->h = p->h;
	t->ussd_op = op && op->val.n == 1 ? (uint8_t)op->val.p[0] : -1;
}

static void on_http(const char *number, bool sent, const char *what, struct sv raw, struct sv text,
    void *arg)
{
	struct handsets *hs = arg;
	struct trace *t;

	if (!handsets_find(hs, sv_from(number)))
		return;
	t = trace_new(hs, number, sent, raw);
	snprintf(t->http, sizeof(t->http), "%s", what);
	t->text = xstrndup(text.n ? text.p : "", text.n);
	t->ussd_op = -1;
}

static void on_change(void *arg)
{
	touch(arg);
}

/* ---- phones ---- */

struct handset *handsets_find(struct handsets *hs, struct sv number)
{
	struct handset *h;

	TAILQ_FOREACH(h, &hs->list, link)
	if (sv_is(number, phone_number(h->phone)))
		return h;
	return NULL;
}

static void random_number(struct handsets *hs, char out[MSISDN_CAP])
{
	uint32_t r;

	do {
		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			abort();
		snprintf(out, MSISDN_CAP, "9198%08u", (unsigned)(r % 100000000u));
	} while (handsets_find(hs, sv_from(out)));
}

enum handsets_rc handsets_add(struct handsets *hs, struct sv number, struct handset **out)
{
	char digits[MSISDN_CAP];
	struct handset *h;

	if (number.n == 0)
		random_number(hs, digits);
	else if (!msisdn_normalise(number, 0, digits))
		return HANDSETS_BAD_NUMBER;
	*out = handsets_find(hs, sv_from(digits));
	if (*out)
		return HANDSETS_THERE;
	if (hs->count >= HANDSETS_MAX)
		return HANDSETS_FULL;
	h = xcalloc(1, sizeof(*h));
	h->hs = hs;
	h->phone = smsc_phone(hs->s, sv_from(digits));
	h->holder =
	    (struct smsc_holder){.on_sms = on_sms, .on_fate = on_fate, .on_ussd = on_ussd, .arg = h};
	h->ussd_text = xstrdup("");
	TAILQ_INIT(&h->messages);
	TAILQ_INSERT_TAIL(&hs->list, h, link);
	hs->count++;
	h->ussd_version = touch(hs);
	phone_hold(h->phone, &h->holder);
	*out = h;
	return HANDSETS_OK;
}

void handset_remove(struct handset *h)
{
	struct handsets *hs = h->hs;

	phone_release(h->phone, &h->holder);
	while (!TAILQ_EMPTY(&h->messages))
		message_free(h, TAILQ_FIRST(&h->messages));
	TAILQ_REMOVE(&hs->list, h, link);
	hs->count--;
	free(h->ussd_text);
	free(h);
	touch(hs);
}

struct phone *handset_phone(const struct handset *h)
{
	return h->phone;
}

const char *handset_number(const struct handset *h)
{
	return phone_number(h->phone);
}

/* ---- for the page ---- */

static json_t *message_json(const struct message *m)
{
	json_t *o = json_pack("{s:I, s:I, s:b, s:s, s:s, s:s}", "id", (json_int_t)m->id, "at",
	    (json_int_t)m->at_ms, "sent", m->sent_id != 0, "peer", m->peer, "text", m->text, "fate",
	    m->fate);

	if (m->detail && *m->detail)
		json_object_set_new(o, "detail", json_string(m->detail));
	return o;
}

static json_t *handset_json(const struct handset *h, uint64_t after)
{
	static const char *const states[] = {"none", "waiting", "menu", "last", "failed"};
	json_t *messages = json_array(), *o = json_pack("{s:s}", "number", handset_number(h));
	const struct message *m;

	TAILQ_FOREACH(m, &h->messages, link)
	if (m->version > after)
		json_array_append_new(messages, message_json(m));
	json_object_set_new(o, "messages", messages);
	if (h->ussd_version > after)
		json_object_set_new(o, "ussd",
		    json_pack("{s:s, s:s, s:I, s:I}", "state", states[h->ussd], "text", h->ussd_text,
			"at", (json_int_t)h->ussd_at_ms, "version", (json_int_t)h->ussd_version));
	return o;
}

/* false: only a part of it was kept, or it cannot be read. */
static bool trace_pdu(const struct trace *t, struct smpp_pdu *p)
{
	enum smpp_pdu_rc rc = t->kept == t->n ? smpp_pdu_decode(t->octets, t->n, p) : SMPP_PDU_BAD_LEN;

	return rc == SMPP_PDU_OK || rc == SMPP_PDU_BAD_TLV;
}

static void add_text(json_t *o, const struct trace *t)
{
	struct text_concat c = {0};
	struct smpp_pdu p;
	struct buf text;
	struct sv body;

	if (t->text && *t->text)
		json_object_set_new(o, "text", json_string(t->text));
	if (*t->http || !trace_pdu(t, &p))
		return;
	if ((p.esm_class & SMPP_ESM_TYPE_MASK) == SMPP_ESM_RECEIPT)
		json_object_set_new(o, "receipt", json_true());
	body = smpp_pdu_message(&p);
	if ((p.esm_class & SMPP_ESM_UDHI) && text_udh_read(body, &c)) {
		body.p += c.udh_octets;
		body.n -= c.udh_octets;
	}
	buf_init(&text, TRACE_OCTETS * 4);
	if (body.n > 0 && text_decode(text_alphabet_of(p.data_coding, TEXT_GSM7), body, &text))
		json_object_set_new(o, "text", json_stringn(text.p, text.n));
	buf_clear(&text);
}

static json_t *trace_row(const struct trace *t)
{
	json_t *o = json_pack("{s:I, s:I, s:s, s:b, s:s, s:I, s:i}", "id", (json_int_t)t->id, "at",
	    (json_int_t)t->at_ms, "phone", t->number, "to_bridge", t->to_bridge, "command",
	    *t->http ? t->http : smpp_cmd_name(t->h.id), "seq", (json_int_t)t->h.seq, "octets",
	    (int)t->n);

	if (t->h.id & SMPP_RESP)
		json_object_set_new(o, "status", json_string(smpp_status_name(t->h.status)));
	if (t->ussd_op >= 0)
		json_object_set_new(o, "ussd_op", json_integer(t->ussd_op));
	add_text(o, t);
	return o;
}

static json_t *faults_json(const struct faults *f)
{
	json_t *list = json_object();

	for (const struct fault_row *r = fault_rows; r->name; r++) {
		const void *at = (const char *)f + r->offset;

		if (r->kind == FAULT_SWITCH)
			json_object_set_new(list, r->name, json_boolean(*(const bool *)at));
		else if (r->kind != FAULT_ACTION)
			json_object_set_new(list, r->name,
			    json_integer((json_int_t) * (const uint64_t *)at));
	}
	return list;
}

json_t *handsets_json(const struct handsets *hs, uint64_t after)
{
	json_t *phones = json_array(), *traces = json_array();
	const struct handset *h;
	const struct trace *t;

	TAILQ_FOREACH(h, &hs->list, link)
	json_array_append_new(phones, handset_json(h, after));
	TAILQ_FOREACH(t, &hs->traces, link)
	if (t->id > after)
		json_array_append_new(traces, trace_row(t));
	return json_pack("{s:I, s:I, s:i, s:o, s:b, s:o, s:o}", "boot", (json_int_t)hs->boot_ms,
	    "version", (json_int_t)hs->version, "binds", (int)smsc_bound(hs->s), "faults",
	    faults_json(smsc_faults(hs->s)), "http", smsc_has_http(hs->s), "phones", phones, "trace",
	    traces);
}

json_t *handsets_trace_json(const struct handsets *hs, uint64_t id)
{
	const struct trace *t;
	struct buf hex, fields;
	struct smpp_pdu p;
	json_t *o;

	TAILQ_FOREACH(t, &hs->traces, link)
	if (t->id == id)
		break;
	if (!t)
		return NULL;
	o = trace_row(t);
	if (*t->http) { /* a cut may have gone through a character */
		json_t *raw = json_stringn((const char *)t->octets, t->kept);

		json_object_set_new(o, "raw", raw ? raw : json_string(""));
		return o;
	}
	buf_init(&hex, TRACE_OCTETS * 2 + 1);
	buf_init(&fields, TRACE_OCTETS * 8);
	for (size_t i = 0; i < t->kept; i++)
		buf_addf(&hex, "%02x", t->octets[i]);
	if (trace_pdu(t, &p))
		smpp_pdu_print(&p, &fields);
	json_object_set_new(o, "hex", json_string(buf_str(&hex)));
	json_object_set_new(o, "fields", json_string(buf_str(&fields)));
	buf_clear(&hex);
	buf_clear(&fields);
	return o;
}

/* ---- life ---- */

struct handsets *handsets_new(struct smsc *s, handsets_fn *fn, void *arg)
{
	struct handsets *hs = xcalloc(1, sizeof(*hs));

	hs->s = s;
	hs->fn = fn;
	hs->arg = arg;
	hs->version = 1;
	hs->boot_ms = clock_wall_ms();
	TAILQ_INIT(&hs->list);
	TAILQ_INIT(&hs->traces);
	hs->watcher = (struct smsc_watcher){
	    .on_wire = on_wire, .on_change = on_change, .on_http = on_http, .arg = hs};
	smsc_watch(s, &hs->watcher);
	return hs;
}

uint64_t handsets_version(const struct handsets *hs)
{
	return hs->version;
}

void handsets_free(struct handsets *hs)
{
	if (!hs)
		return;
	smsc_watch(hs->s, NULL);
	while (!TAILQ_EMPTY(&hs->list))
		handset_remove(TAILQ_FIRST(&hs->list));
	while (!TAILQ_EMPTY(&hs->traces))
		trace_free(hs, TAILQ_FIRST(&hs->traces));
	free(hs);
}
