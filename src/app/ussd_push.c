/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_push.c - alerts that pop up on the phone, with the SMS behind them; see ussd.h. A pop-up is tried once,
 * never for what recovery found: then nobody knows whether it was shown, and the SMS is sure. */
#include <stdio.h>
#include <stdlib.h>

#include "app/bind.h"
#include "app/ussd.h"
#include "base/clock.h"

#define PUSHES_MAX 10000u
#define KEY_LINE "\n1 "

enum push_state {
	PUSH_ASKING, /* the store, whether the person is in a session */
	PUSH_SHOWN, /* submitted; a word of it is waited for */
	PUSH_OVER, /* done or sent as an SMS; a late reply is still understood */
	PUSH_ANSWERED, /* from here it is a session like any other */
};
struct push {
	struct app *a;
	struct app_link *al;
	uint64_t net, id; /* id: of the message */
	enum push_state state;
	enum ussd_out what;
	bool keeps, is_replaced;
	char msisdn[16];
	uint8_t name[USSD_ID_OCTETS];
	size_t name_octets;
	char *text, *press; /* owned */
	struct event *timer;
	UT_hash_handle hh;
};

static struct push *find(struct app *a, uint64_t net)
{
	struct push *p;

	HASH_FIND(hh, a->pushes, &net, sizeof(net), p);
	return p;
}

static void drop(struct push *p)
{
	if (!p->is_replaced)
		HASH_DEL(p->a->pushes, p);
	event_free(p->timer);
	free(p->text);
	free(p->press);
	free(p);
}

static void arm(struct push *p, int64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(p->timer, &tv);
}

static void count(const struct app_link *al, enum family f, const char *what)
{
	metrics_add(al->a->metrics, f, 1, ussd_smpp_source(al)->conf->name, what, NULL);
}

/* why: NULL when it was shown. The message may be gone after this. */
static void over(struct push *p, const char *why)
{
	if (p->state >= PUSH_OVER)
		return;
	p->state = PUSH_OVER;
	if (why)
		count(p->al, M_USSD_PUSH_SMS, why);
	else if (p->keeps)
		count(p->al, M_USSD_PUSH_SMS, "keep");
	/* After a confirmed notice nothing more comes. */
	arm(p, !why && p->what == USSD_OUT_NOTICE ? 0 : ussd_smpp_source(p->al)->conf->session_ms);
	sender_pushed(p->a, p->al, p->id, !why && !p->keeps);
}

/* Its session's name is the next one's. It may be the one whose reply is just being read, which is what let the
 * next one go: it is freed with the next turn of the loop. */
static void replace(struct push *p)
{
	HASH_DEL(p->a->pushes, p);
	p->is_replaced = true;
	over(p, "in_session");
	arm(p, 0);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct push *p = arg;

	(void)fd, (void)what;
	if (p->state >= PUSH_OVER)
		drop(p);
	else
		over(p, p->state == PUSH_SHOWN ? "unconfirmed" : "away");
}

/* ---- out ---- */

static bool has_step(struct app *a, const char *msisdn)
{
	struct person *who;
	struct live_turn *lt;

	HASH_FIND_STR(a->persons, msisdn, who);
	if (who)
		TAILQ_FOREACH(lt, &who->line, line)
	if (lt->ussd)
		return true;
	return false;
}

static bool in_session(const struct push *p, struct sv blob)
{
	struct ussd_note n;
	struct way w;

	way_decode(&blob, &w);
	ussd_note_decode(&blob, &n);
	return has_step(p->a, p->msisdn) ||
	       (n.present && !n.is_over &&
		   clock_wall_ms() < n.begun_ms + (uint64_t)ussd_smpp_source(p->al)->conf->session_ms);
}

static void show(struct push *p)
{
	struct ussd_ask ask = {.msisdn = p->msisdn, .step = {.net = p->net}};

	memcpy(ask.back.id, p->name, sizeof(p->name));
	ask.back.id_octets = p->name_octets;
	ask.back.number = sv_from(p->msisdn);
	ask.back.number_ton = ask.back.number_npi = 1;
	ask.back.code = sv_from(p->al->opt->ussd_code);
	p->state = PUSH_SHOWN;
	count(p->al, M_USSD_PUSH, "pushed");
	ussd_smpp_push(p->al, &ask, p->text, p->what);
}

static void on_session(const struct store_done *d, void *arg)
{
	struct await *w = arg;
	struct push *p = find(w->a, w->id);

	watch_store(w->a, "get", w->began_us);
	if (p && p->state == PUSH_ASKING) {
		if (d->rc != STORE_OK)
			over(p, "away");
		else if (in_session(p, d->session))
			over(p, "in_session");
		else
			show(p);
	}
	await_free(w);
}

static bool fits(const struct ussd_conf *c, struct sv text)
{
	enum text_alphabet alphabet;
	size_t units, segments;

	text_measure(text, &alphabet, &units, &segments);
	return units > 0 && units <= (size_t)(alphabet == TEXT_GSM7 ? c->gsm7 : c->ucs2);
}

/* What is shown, and how; NULL: it cannot be, and why. */
static char *screen_of(const struct app_link *al, const struct out_msg *m, enum ussd_out *what,
    const char **why)
{
	const struct ussd_conf *c = ussd_smpp_source(al)->conf;
	bool asks = al->opt->ussd_push == OPT_PUSH_MENU && m->r.press.n > 0;
	/* The words for a screen say what to do without a reply. */
	struct sv words = asks || m->r.screen.n == 0 ? m->r.text : m->r.screen;
	char *text = xasprintf(SV_FMT "%s" SV_FMT, SV_ARG(words), asks ? KEY_LINE : "",
	    asks ? (int)m->r.press.n : 0, asks ? m->r.press.p : "");

	*what = asks ? USSD_OUT_MORE : USSD_OUT_NOTICE;
	*why = !asks && !c->pdu.has_notice ? "no_notice" : !fits(c, sv_from(text)) ? "too_long" : NULL;
	if (!*why)
		return text;
	free(text);
	return NULL;
}

/* The link by which the person came, or the one that an SMS would take. */
static struct app_link *link_for(struct app *a, struct app_link *al, const struct out_msg *m)
{
	for (size_t i = 0; i < a->link_count; i++) {
		struct app_link *other = &a->links[i];

		if (other->ussd && sv_is(m->r.link, other->opt->name))
			al = other;
	}
	return al->ussd && al->opt->ussd_push != OPT_PUSH_OFF ? al : NULL;
}

/* Never a name that is all zeros, and none with the bit that ends a session. */
static void choose_name(struct push *p)
{
	uint64_t chance = random_u64();

	const struct ussd_profile *f = &ussd_smpp_source(p->al)->conf->pdu;

	p->name_octets = ussd_id_octets(f->id);
	for (size_t i = 0; i < p->name_octets; i++)
		p->name[i] = (uint8_t)(chance >> 8 * i);
	if (p->name_octets > 0) {
		p->name[0] |= 0x80;
		p->name[p->name_octets - 1] &= 0xFE;
	}
	if (f->id == USSD_ID_ITS) {
		p->name[0] &= (uint8_t)(f->id_mask >> 8);
		p->name[1] &= (uint8_t)f->id_mask;
	}
}

static void begin(struct app *a, struct app_link *al, struct out_msg *m, char *text, enum ussd_out what)
{
	struct push *p = xcalloc(1, sizeof(*p)), *old;

	p->a = a;
	p->al = al;
	p->id = m->id;
	p->what = what;
	p->text = text;
	p->press = xstrndup(m->r.press.n > 0 ? m->r.press.p : "", m->r.press.n);
	p->keeps = m->r.keeps;
	memcpy(p->msisdn, m->msisdn, sizeof(p->msisdn));
	choose_name(p);
	p->net = ussd_smpp_net(ussd_smpp_source(p->al), p->msisdn, p->name, p->name_octets);
	old = find(a, p->net);
	if (old)
		replace(old);
	p->timer = evtimer_new(a->base, on_time, p);
	if (!p->timer)
		abort();
	HASH_ADD(hh, a->pushes, net, sizeof(p->net), p);
	arm(p, al->opt->ussd_push_ms);
	m->push = p->net;
	metrics_observe(a->metrics, M_TURN_SECONDS, (double)(clock_mono_us() - m->began_us) / 1e6,
	    NULL);
	a->store->ops->get(a->store, p->msisdn, on_session, await_new(a, p->net, 0));
}

bool ussd_push_try(struct app *a, struct app_link *given, struct out_msg *m)
{
	struct app_link *al;
	enum ussd_out what;
	const char *why = NULL;
	char *text;

	m->was_pushed = true;
	if (m->r.class != CLASS_ALERT || m->r.seal.n > 0 || m->parts || !(al = link_for(a, given, m)))
		return false;
	text = screen_of(al, m, &what, &why);
	if (m->began_us == 0)
		why = "recovered";
	else if (a->stopping || !ussd_smpp_sender(al))
		why = "undelivered";
	else if (HASH_COUNT(a->pushes) >= PUSHES_MAX)
		why = "full";
	else if (m->r.expires_ms < clock_wall_ms() + 2 * (uint64_t)al->opt->ussd_push_ms)
		why = "short_life";
	if (why) {
		count(al, M_USSD_PUSH_SMS, why);
		free(text);
		return false;
	}
	begin(a, al, m, text, what);
	return true;
}

void ussd_push_forget(struct app *a, uint64_t net)
{
	struct push *p = find(a, net);

	if (p)
		drop(p);
}

void ussd_push_lost(struct app *a, uint64_t net, const char *why)
{
	struct push *p = find(a, net);

	if (p)
		over(p, why);
}

/* ---- in ---- */

/* Key 1 is the word that was shown with it; words are words; whatever else leads to the main menu. */
static void read_reply(const struct push *p, struct ussd_ask *ask)
{
	struct sv s = ask->text;

	while (s.n > 0 && (*s.p == ' ' || *s.p == '#'))
		s.p++, s.n--;
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '#'))
		s.n--;
	if (sv_is(s, "1") || sv_is(s, "१"))
		ask->text = sv_from(p->press);
	else if (s.n == 0 || (*s.p >= '0' && *s.p <= '9'))
		ask->text = SV("");
	ask->step.how = USSD_BEGIN;
}

bool ussd_push_heard(struct app *a, struct ussd_ask *ask, enum ussd_op op, bool *is_reply)
{
	struct push *p = find(a, ask->step.net);

	*is_reply = false;
	if (!p || p->state == PUSH_ASKING || p->state == PUSH_ANSWERED)
		return false;
	switch (op) {
	case USSD_OP_BEGIN:
		return false;
	case USSD_OP_UNKNOWN:
	case USSD_OP_NEXT:
		if (p->what != USSD_OUT_MORE)
			return false;
		count(p->al, M_USSD_PUSH, "answered");
		over(p, NULL);
		read_reply(p, ask);
		*is_reply = true;
		p->state = PUSH_ANSWERED;
		break;
	case USSD_OP_NOTICED:
		if (p->state == PUSH_SHOWN)
			count(p->al, M_USSD_PUSH, "confirmed");
		over(p, NULL);
		break;
	case USSD_OP_END:
		over(p, "ended");
		break;
	case USSD_OP_ABORT:
		over(p, "aborted");
		break;
	case USSD_OP_TIMEOUT:
		over(p, "timed_out");
		break;
	}
	return true;
}

void ussd_push_free(struct app *a)
{
	struct push *p, *tmp;

	HASH_ITER(hh, a->pushes, p, tmp)
	drop(p);
}
