/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd.c - a step of a USSD session as a turn with a deadline; see ussd.h. */
#include "app/ussd.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* Before the network's limit: time to store a late step and to write its last screen; then time for
 * the screen to travel. Shorter limits have shorter ones. */
#define SOON_MS 1500u
#define LAST_MS 500u

static uint64_t share(uint64_t answer_ms, uint64_t most_ms)
{
	return answer_ms * most_ms / 6000 < most_ms ? answer_ms * most_ms / 6000 : most_ms;
}

void ussd_count(struct app *a, const struct ussd_source *src, const char *what)
{
	metrics_add(a->metrics, M_USSD_STEP, 1, src->conf->name, what, NULL);
}

/* ---- screens ---- */

static void count_screen(struct app *a, const struct ussd_ask *ask, const char *what, bool ends,
    uint64_t began_us)
{
	const struct ussd_conf *c = ask->src->conf;
	uint64_t took_us = clock_mono_us() - began_us;

	metrics_add(a->metrics, M_USSD_SCREEN, 1, c->name, what, NULL);
	metrics_observe(a->metrics, M_USSD_SECONDS, (double)took_us / 1e6, c->name, NULL);
	if (took_us > (uint64_t)c->answer_ms * 1000)
		metrics_add(a->metrics, M_USSD_OVERDUE, 1, c->name, NULL);
	if (ends && strcmp(what, "repeat") != 0)
		metrics_add(a->metrics, M_USSD_SESSION, 1, c->name,
		    strcmp(what, "end") == 0 ? "ended" : what, NULL);
}

static void answer(struct app *a, const struct ussd_ask *ask, uint64_t request, const char *text,
    bool ends)
{
	if (ask->link)
		ussd_smpp_answer(a, ask, text, ends);
	else
		ussd_http_answer(ask, request, text, ends);
}

/* Without a turn: there is no room for one, or nothing to run it on. */
static void answer_last(struct app *a, const struct ussd_ask *ask, enum last_screen why,
    const char *what)
{
	count_screen(a, ask, what, true, clock_mono_us());
	answer(a, ask, ask->request, dialogue_last_screen(a->packs, NULL, why), true);
}

void ussd_screen(struct app *a, struct live_turn *lt)
{
	struct ussd_live *u = lt->ussd;
	const struct turn *t = lt->t;

	if (!u)
		return;
	count_screen(a, &u->ask, t->shown, t->screen_ends, u->began_us);
	if (t->is == USSD_IS_BEGIN && t->key != 0) /* it came as far as the dialogue */
		metrics_add(a->metrics, M_USSD_SESSION, 1, u->ask.src->conf->name, "begun", NULL);
	answer(a, &u->ask, u->ask.request, t->screen, t->screen_ends);
	for (size_t i = 0; i < u->twins; i++)
		answer(a, &u->ask, u->twin[i], t->screen, t->screen_ends);
	u->twins = 0;
	event_del(u->timer);
}

/* ---- deadlines ---- */

static void arm(struct ussd_live *u, uint64_t at_ms)
{
	uint64_t now = (clock_mono_us() - u->began_us) / 1000, ms = at_ms > now ? at_ms - now : 0;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(u->timer, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct live_turn *lt = arg;
	struct ussd_live *u = lt->ussd;
	uint64_t answer_ms = (uint64_t)u->ask.src->conf->answer_ms;
	bool is_last = u->is_last;

	(void)fd, (void)what;
	if (lt->dead)
		return;
	if (!is_last) {
		u->is_last = true;
		arm(u, answer_ms - share(answer_ms, LAST_MS));
	}
	app_feed(lt->a, lt, &(struct turn_ev){.kind = TURN_EV_DEADLINE, .is_last = is_last});
}

void ussd_live_free(struct ussd_live *u)
{
	if (!u)
		return;
	if (u->timer)
		event_free(u->timer);
	free(u);
}

/* ---- steps ---- */

static struct live_turn *running(struct app *a, const struct ussd_ask *ask, bool same_step)
{
	struct person *p;
	struct live_turn *lt;

	HASH_FIND_STR(a->persons, ask->msisdn, p);
	if (!p)
		return NULL;
	TAILQ_FOREACH(lt, &p->line, line)
	if (lt->ussd && !lt->dead && lt->ussd->ask.step.net == ask->step.net &&
	    lt->ussd->ask.step.how != USSD_GONE &&
	    (!same_step || (lt->ussd->ask.step.step == ask->step.step &&
			       lt->ussd->ask.step.step_octets == ask->step.step_octets)))
		return lt;
	return NULL;
}

/* The same request while the first one is worked on: it gets the same screen. */
static bool join_twin(struct app *a, const struct ussd_ask *ask)
{
	struct live_turn *lt;

	if (ask->step.repeat_ms == 0 && ask->step.how != USSD_INPUTS)
		return false;
	lt = running(a, ask, true);
	if (!lt || !lt->ussd->ask.link != !ask->link || lt->ussd->twins == USSD_TWINS_MAX)
		return false;
	if (ask->link && !lt->t->wants_screen)
		return false;
	ussd_count(a, ask->src, "repeat");
	if (ask->link)
		lt->ussd->ask.link = ask->link; /* the bind it came by is gone, this one is there */
	else if (lt->t->wants_screen)
		lt->ussd->twin[lt->ussd->twins++] = ask->request;
	else if (lt->t->screen) /* shown already: it is late */
		answer(a, ask, ask->request, lt->t->screen, lt->t->screen_ends);
	else
		return false;
	return true;
}

static void begin_turn(struct app *a, const struct ussd_ask *ask)
{
	struct in_record in = {
	    .kind = ask->is_unreadable ? INPUT_UNREADABLE : INPUT_TEXT,
	    .msisdn = sv_from(ask->msisdn),
	    .channel = SV("ussd"),
	    .link = sv_from(ask->src->sms_link),
	    .address = sv_from(ask->src->sms_from),
	    .text = ask->text,
	    .at_ms = clock_wall_ms(),
	};
	struct live_turn *lt = app_turn_add(a, app_new_id(a), &in);
	struct ussd_live *u = xcalloc(1, sizeof(*u));
	const struct ussd_conf *c = ask->src->conf;

	lt->ussd = u;
	u->ask = *ask;
	u->ask.text = (struct sv){0};
	u->ask.msisdn = lt->t->msisdn;
	snprintf(u->number, sizeof(u->number), SV_FMT, SV_ARG(ask->back.number));
	snprintf(u->code, sizeof(u->code), SV_FMT, SV_ARG(ask->back.code));
	u->ask.back.number = sv_from(u->number);
	u->ask.back.code = sv_from(u->code);
	u->began_us = clock_mono_us();
	u->timer = evtimer_new(a->base, on_deadline, lt);
	if (!u->timer)
		abort();
	if (ask->step.how != USSD_GONE)
		arm(u, (uint64_t)c->answer_ms - share((uint64_t)c->answer_ms, SOON_MS));
	turn_set_ussd(lt->t, &u->ask.step);
	app_feed(a, lt, &(struct turn_ev){.kind = TURN_EV_START});
}

void ussd_begin(struct app *a, const struct ussd_ask *given)
{
	const struct ussd_conf *c = given->src->conf;
	struct ussd_ask ask = *given;
	struct live_turn *lt;

	ask.step.ttl_ms = (uint64_t)c->session_ms;
	ask.step.limits = (struct screen_limits){(unsigned)c->gsm7, (unsigned)c->ucs2};
	if (ask.step.how == USSD_GONE) {
		/* Whoever hangs up while we work gets the answer by SMS. */
		lt = running(a, &ask, false);
		if (lt)
			app_feed(a, lt, &(struct turn_ev){.kind = TURN_EV_DEADLINE, .is_gone = true});
		if (a->store_up && !a->stopping && app_has_room(a, SOURCE_USSD))
			begin_turn(a, &ask);
		return;
	}
	if (join_twin(a, &ask))
		return;
	if (a->stopping || !app_has_room(a, SOURCE_USSD))
		answer_last(a, &ask, SCREEN_FULL, "full");
	else if (!a->store_up)
		answer_last(a, &ask, SCREEN_AWAY, "away");
	else
		begin_turn(a, &ask);
}
