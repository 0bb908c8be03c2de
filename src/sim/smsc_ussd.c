/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc_ussd.c - USSD of the phones, as the profile `generic` has it: what is dialled and pressed goes out in
 * deliver_sm, the screen comes in submit_sm, its_session_info names the session.
 *
 *   NONE, LAST, FAILED ──dial──▶ WAITING ──more──▶ MENU ──press──▶ WAITING
 *                                   │ ├──end────▶ LAST     │
 *                                   └─┴── time-out, hang up, lost ─▶ FAILED
 *   NONE, LAST, FAILED ──a menu pops up──▶ MENU, ──a notice pops up──▶ LAST, confirmed */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/ussd_pdu.h"
#include "sim/smsc_int.h"

enum { /* SMPP 3.4 s.5.3.2.44, and what vendors add */
	OP_BEGIN = 0x01, /* PSSR indication */
	OP_MORE = 0x02, /* USSR request */
	OP_NOTICE = 0x03, /* USSN request */
	OP_REPLY = 0x12, /* USSR confirm */
	OP_NOTICED = 0x13, /* USSN confirm */
	OP_ABORT = 0x81,
};
#define OWN_SESSIONS 128u /* names below the newest are of sessions that are over */
#define PERSON_MS 180000u /* networks end a session that is older */

static bool is_open(const struct ussd_call *c)
{
	return c->state == SMSC_USSD_WAITING || c->state == SMSC_USSD_MENU;
}

static void go(struct phone *p, enum smsc_ussd state, struct sv text)
{
	struct timeval tv = smsc_tv(state == SMSC_USSD_MENU ? PERSON_MS : p->ussd.s->cf.ussd_ms);

	p->call.state = state;
	if (is_open(&p->call))
		event_add(p->call.timer, &tv);
	else
		event_del(p->call.timer);
	for (struct smsc_holder *h = p->holders; h; h = h->next)
		if (h->on_ussd)
			h->on_ussd(state, text, h->arg);
}

static void put_http(struct phone *p, uint8_t op, struct sv text)
{
	struct ussd_call *c = &p->call;
	struct smsc *s = p->ussd.s;
	struct smsc_step st = {.did = op == OP_BEGIN   ? SMSC_DIALLED
				      : op == OP_REPLY ? SMSC_REPLIED
						       : SMSC_HUNG_UP,
	    .number = p->number,
	    .code = c->code,
	    .session = c->session,
	    .step = ++c->step,
	    .text = text};
	size_t code_n = strlen(c->code) - 1;

	if (op == OP_REPLY)
		buf_addf(&c->inputs, "%s" SV_FMT, c->inputs.n ? "*" : "", SV_ARG(text));
	else if (op == OP_BEGIN && text.n > code_n + 1) /* "*123*1*2#": 1*2 */
		buf_add(&c->inputs, text.p + code_n + 1, text.n - code_n - 2);
	st.inputs = buf_sv(&c->inputs);
	s->on_step(&st, s->step_arg);
}

/* The text fits. */
static void put(struct phone *p, uint8_t op, struct sv text)
{
	uint8_t octets[USSD_TEXT_OCTETS];
	enum text_alphabet a = TEXT_GSM7;
	size_t n = text.n ? ussd_text_encode(text, octets, &a) : 0;
	struct mo *m;

	if (p->call.by_http) {
		put_http(p, op, text);
		return;
	}
	m = xcalloc(1, sizeof(*m));
	m->is_ussd = true;
	m->ussd_op = op;
	m->ussd_session = p->call.session;
	memcpy(m->from, p->number, sizeof(p->number));
	memcpy(m->to, p->call.code, sizeof(m->to));
	m->data_coding = a == TEXT_UCS2 ? 8 : 0;
	m->octets = xmemdup(n ? octets : (const uint8_t *)"", n ? n : 1);
	m->n = n;
	lane_put(&p->ussd, m);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct phone *p = arg;
	bool person = p->call.state == SMSC_USSD_MENU;

	(void)fd;
	(void)what;
	put(p, OP_ABORT, SV(""));
	go(p, SMSC_USSD_FAILED, person ? SV("timed out") : SV("no answer"));
}

void ussd_init(struct smsc *s, struct phone *p)
{
	lane_init(&p->ussd, s, p);
	p->call.timer = event_new(conns_base(s->cs), -1, 0, on_patience, p);
	if (!p->call.timer)
		abort();
	buf_init(&p->call.inputs, 1024);
}

void ussd_clear(struct phone *p)
{
	lane_clear(&p->ussd);
	buf_clear(&p->call.inputs);
	event_free(p->call.timer);
}

/* "*123*1#" -> "*123#": the code that the network routes by. */
static bool service_code(struct sv dialled, char out[ADDR_CAP])
{
	size_t n = 1;

	if (dialled.n < 3 || dialled.n >= ADDR_CAP || dialled.p[0] != '*' ||
	    dialled.p[dialled.n - 1] != '#')
		return false;
	for (size_t i = 1; i + 1 < dialled.n; i++)
		if (dialled.p[i] != '*' && (dialled.p[i] < '0' || dialled.p[i] > '9'))
			return false;
	while (n + 1 < dialled.n && dialled.p[n] != '*')
		n++;
	if (n < 2)
		return false;
	memcpy(out, dialled.p, n);
	memcpy(out + n, "#", 2);
	return true;
}

/* Is there a way to the bridge for this session? */
static bool is_connected(struct smsc *s, const struct phone *p)
{
	return p->call.by_http ? s->on_step != NULL : smsc_receiver(s) != NULL;
}

bool smsc_dial(struct smsc *s, struct phone *p, struct sv dialled, bool by_http, char *err,
    size_t err_cap)
{
	char code[ADDR_CAP] = {0};

	if (p->call.session == 0) /* another life of this program may have used the first ones */
		p->call.session = (uint16_t)(clock_wall_ms() & 0xFFFE);
	if (!service_code(dialled, code)) {
		snprintf(err, err_cap, "a service code looks like *123# or *123*1#");
		return false;
	}
	if (is_open(&p->call))
		put(p, OP_ABORT, SV(""));
	memcpy(p->call.code, code, sizeof(code));
	p->call.session = (uint16_t)(p->call.session + 2);
	p->call.by_http = by_http;
	p->call.step = 0;
	buf_reset(&p->call.inputs);
	go(p, SMSC_USSD_WAITING, dialled);
	if (!is_connected(s, p))
		go(p, SMSC_USSD_FAILED, SV("no network"));
	else
		put(p, OP_BEGIN, dialled);
	return true;
}

bool smsc_press(struct smsc *s, struct phone *p, struct sv text, char *err, size_t err_cap)
{
	uint8_t octets[USSD_TEXT_OCTETS];
	enum text_alphabet a;

	if (p->call.state != SMSC_USSD_MENU) {
		snprintf(err, err_cap, "no screen waits for a reply");
		return false;
	}
	if (text.n == 0 || ussd_text_encode(text, octets, &a) == 0) {
		snprintf(err, err_cap, "a reply has 1 to 182 Latin or 80 other characters");
		return false;
	}
	if (!is_connected(s, p)) {
		go(p, SMSC_USSD_FAILED, SV("no network"));
		return true;
	}
	go(p, SMSC_USSD_WAITING, text);
	put(p, OP_REPLY, text);
	return true;
}

void smsc_hang_up(struct phone *p)
{
	if (is_open(&p->call))
		put(p, OP_ABORT, SV(""));
	go(p, SMSC_USSD_NONE, SV(""));
}

bool smsc_lose_ussd(struct phone *p)
{
	if (!is_open(&p->call))
		return false;
	go(p, SMSC_USSD_FAILED, SV("signal lost"));
	return true;
}

void ussd_undelivered(struct phone *p, uint8_t op)
{
	if (op != OP_ABORT && is_open(&p->call))
		go(p, SMSC_USSD_FAILED, SV("no network"));
}

/* ---- screens ---- */

bool ussd_is(const struct smpp_pdu *p)
{
	return smpp_tlv_find(p, SMPP_TLV_USSD_SERVICE_OP) || sv_is(p->service_type, "USSD");
}

static bool is_of(const struct ussd_call *c, const struct smpp_pdu *p)
{
	const struct smpp_tlv *t = smpp_tlv_find(p, TLV_ITS_SESSION_INFO);

	return t && t->val.n == 2 && (uint8_t)t->val.p[0] == c->session >> 8 &&
	       ((uint8_t)t->val.p[1] & 0xFE) == (c->session & 0xFE);
}

/* Begun by the other side. false: it is a screen for a session that is over. */
static bool pops_up(struct phone *ph, const struct smpp_pdu *p, uint8_t op)
{
	const struct smpp_tlv *t = smpp_tlv_find(p, TLV_ITS_SESSION_INFO);
	struct ussd_call *c = &ph->call;
	uint16_t session;

	if (is_open(c) || (op != OP_MORE && op != OP_NOTICE) || !t || t->val.n != 2 ||
	    p->source_addr.n >= sizeof(c->code))
		return false;
	session = (uint16_t)((uint8_t)t->val.p[0] << 8 | (uint8_t)t->val.p[1]);
	if ((uint16_t)(c->session - session) < OWN_SESSIONS)
		return false;
	c->session = session;
	c->by_http = false;
	memset(c->code, 0, sizeof(c->code));
	memcpy(c->code, p->source_addr.p, p->source_addr.n);
	return true;
}

uint32_t ussd_screen(struct phone *ph, const struct smpp_pdu *p)
{
	const struct smpp_tlv *tlv = smpp_tlv_find(p, SMPP_TLV_USSD_SERVICE_OP);
	uint8_t op = tlv && tlv->val.n == 1 ? (uint8_t)tlv->val.p[0] : 0;
	enum text_alphabet a = text_alphabet_of(p->data_coding, TEXT_GSM7);
	struct sv octets = smpp_pdu_message(p);
	uint32_t status = ESME_ROK;
	struct buf text;

	if (!pops_up(ph, p, op) && (!is_open(&ph->call) || !is_of(&ph->call, p)))
		return ESME_RSUBMITFAIL; /* that session is over */
	buf_init(&text, 4096);
	if (octets.n > (a == TEXT_UCS2 ? 160u : USSD_TEXT_OCTETS) || !text_decode(a, octets, &text))
		status = ESME_RINVMSGLEN;
	else
		go(ph, op == OP_MORE ? SMSC_USSD_MENU : SMSC_USSD_LAST, buf_sv(&text));
	if (status == ESME_ROK && op == OP_NOTICE && !fault_take(&ph->ussd.s->faults.unnoticed))
		put(ph, OP_NOTICED, SV(""));
	buf_clear(&text);
	return status;
}

void smsc_on_step(struct smsc *s, smsc_step_fn *fn, void *arg)
{
	s->on_step = fn;
	s->step_arg = arg;
}

void smsc_answered(struct smsc *s, const char *number, uint16_t session, enum smsc_ussd state,
    struct sv text)
{
	struct phone *p = smsc_phone(s, sv_from(number));

	if (p && p->call.by_http && is_open(&p->call) && p->call.session == session)
		go(p, state, text);
}

bool smsc_has_http(const struct smsc *s)
{
	return s->on_step != NULL;
}
