/* SPDX-License-Identifier: BSD-2-Clause */
/* fx_run.c - perform what the engine asks for, and feed back what came of it.
 * app_feed is the one door to turn_step. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/ussd.h"
#include "base/clock.h"

struct await *await_new(struct app *a, uint64_t id, unsigned n)
{
	struct await *w = xmalloc(sizeof(*w));

	*w = (struct await){.a = a, .id = id, .n = n, .began_us = clock_mono_us()};
	LIST_INSERT_HEAD(&a->awaits, w, all);
	return w;
}

void await_timer(struct await *w, uint64_t ms, void (*fn)(evutil_socket_t, short, void *))
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	w->timer = evtimer_new(w->a->base, fn, w);
	if (!w->timer)
		abort();
	event_add(w->timer, &tv);
}

void await_free(struct await *w)
{
	LIST_REMOVE(w, all);
	if (w->timer)
		event_free(w->timer);
	free(w);
}

struct live_turn *app_turn(struct app *a, uint64_t id)
{
	struct live_turn *lt;

	HASH_FIND(hh, a->turns, &id, sizeof(id), lt);
	return lt && !lt->dead ? lt : NULL;
}

static enum turn_rc turn_rc_of(enum store_rc rc)
{
	switch (rc) {
	case STORE_OK:
		return TURN_RC_OK;
	case STORE_DUPLICATE:
		return TURN_RC_DUPLICATE;
	case STORE_CLASH:
		return TURN_RC_CLASH;
	case STORE_FULL:
		return TURN_RC_FULL;
	case STORE_NONE:
	case STORE_AWAY:
		return TURN_RC_AWAY;
	}
	return TURN_RC_AWAY;
}

/* ---- completions of the store, in order of a turn's life ---- */

/* A duplicate that is surely the same message once more. By the store's mark alone: while nobody can have read
 * an answer and written the same again; but not a whole of new parts, which the old ones would have told. */
static bool is_echo(const struct live_turn *lt, uint64_t age_ms)
{
	enum acks_same same = lt->up.kind == UPSTREAM_SMPP ? acks_same(lt->a, lt->up.key) : ACKS_NEW;

	return lt->dedup_is_sure || same == ACKS_ECHO ||
	       (same == ACKS_UNKNOWN && !lt->parts_key && age_ms < ACKS_READ_MS);
}

static void on_accepted(const struct store_done *d, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);
	struct turn_ev ev = {.kind = TURN_EV_ACCEPTED, .rc = turn_rc_of(d->rc)};

	watch_store(w->a, "accept", w->began_us);
	if (lt) {
		ev.is_echo = is_echo(lt, d->version);
		lt->fresh = d->rc == STORE_OK;
		lt->version = d->version;
		buf_addsv(&lt->session, d->session);
		app_feed(w->a, lt, &ev);
	}
	await_free(w);
}

static void on_loaded(const struct store_done *d, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);
	struct turn_ev ev = {.kind = TURN_EV_LOADED,
	    .rc = turn_rc_of(d->rc),
	    .version = d->version,
	    .session = d->session};

	watch_store(w->a, "get", w->began_us);
	if (lt)
		app_feed(w->a, lt, &ev);
	await_free(w);
}

static void on_committed(const struct store_done *d, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);
	struct turn_ev ev = {.kind = TURN_EV_COMMITTED,
	    .rc = turn_rc_of(d->rc),
	    .version = d->version,
	    .session = d->session};

	watch_store(w->a, "commit", w->began_us);
	for (size_t i = 0; i < d->replaced_count; i++)
		sender_drop(w->a, d->replaced[i]);
	if (lt)
		app_feed(w->a, lt, &ev);
	await_free(w);
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);

	(void)fd, (void)what;
	if (lt)
		app_feed(w->a, lt, &(struct turn_ev){.kind = TURN_EV_TIMER});
	await_free(w);
}

/* ---- effects ---- */

static void fx_accept(struct app *a, struct live_turn *lt)
{
	struct store_accept acc = {
	    .msisdn = lt->t->msisdn,
	    .dedup_key = sv_from(lt->dedup_key),
	    .dedup_value = sv_from(lt->dedup_value),
	    .dedup_ms = lt->dedup_ms,
	    .id = lt->id,
	    .record = buf_sv(&lt->t->rec),
	    .parts_key = sv_from(lt->parts_key),
	};
	char own[17];

	/* The mark was met: this time it must not stand in the way. But the parts are to go. */
	if (lt->t->kind == INPUT_REPEATED) {
		snprintf(own, sizeof(own), "%016llx", (unsigned long long)lt->id);
		acc.dedup_key = lt->parts_key ? SV("r") : SV("");
		acc.dedup_value = sv_from(own);
	}
	a->store->ops->accept(a->store, &acc, on_accepted, await_new(a, lt->id, 0));
}

void upstream_answer(const struct upstream *up, bool stored, bool no_reply, const char *outcome)
{
	if (up->kind == UPSTREAM_SMPP)
		smpp_link_deliver_resp(up->link->link, up->token, stored ? ESME_ROK : ESME_RX_T_APPN);
	else if (up->kind == UPSTREAM_SMS)
		sms_in_accepted(up, stored, no_reply);
	if (up->link)
		metrics_add(up->link->a->metrics, M_MO, 1, up->link->opt->name, outcome, NULL);
}

static void answer_upstream(struct app *a, struct live_turn *lt, bool stored)
{
	bool again = lt->t->state == TURN_DONE; /* stored before: a duplicate */
	const char *outcome = stored ? (again ? "duplicate" : "accepted") : lt->t->outcome;

	switch (lt->up.kind) {
	case UPSTREAM_NONE:
		break;
	case UPSTREAM_SMPP:
		upstream_answer(&lt->up, stored, again, outcome);
		if (stored && !again)
			acks_new_input(a, lt->t->msisdn);
		if (stored)
			acks_note(lt->up.link, lt->up.bind_no, lt->up.key, lt->t->msisdn);
		break;
	case UPSTREAM_SMS:
		upstream_answer(&lt->up, stored, again, outcome);
		break;
	case UPSTREAM_CODE:
		otp_in_accepted(a, &lt->up, stored);
		break;
	case UPSTREAM_HTTP:
		metrics_add(a->metrics, M_EVENT, 1, outcome, NULL);
		if (stored)
			http_in_reply(a->events, lt->up.request, again ? 200 : 202, NULL, SV(""), NULL);
		else
			http_in_problem(a->events, lt->up.request, 503, "try-again",
			    "Not stored; send it again.");
		break;
	}
}

static void fx_line(struct app *a, struct live_turn *lt)
{
	struct turn_ev ev = {.kind = TURN_EV_GO, .rc = TURN_RC_AWAY};
	struct person *p;

	HASH_FIND_STR(a->persons, lt->t->msisdn, p);
	if (!p) {
		p = xcalloc(1, sizeof(*p));
		memcpy(p->msisdn, lt->t->msisdn, sizeof(p->msisdn));
		TAILQ_INIT(&p->line);
		HASH_ADD_STR(a->persons, msisdn, p);
	}
	lt->person = p;
	TAILQ_INSERT_TAIL(&p->line, lt, line);
	if (TAILQ_FIRST(&p->line) != lt) {
		lt->fresh = false;
		return;
	}
	if (lt->fresh) {
		ev.rc = TURN_RC_OK;
		ev.version = lt->version;
		ev.session = buf_sv(&lt->session);
	}
	app_feed(a, lt, &ev);
}

static void fx_commit(struct app *a, struct live_turn *lt)
{
	struct turn *t = lt->t;
	struct store_out out[TURN_OUT_MAX];
	struct store_commit c = {
	    .msisdn = t->msisdn,
	    .version = t->version,
	    .session = buf_sv(&t->blob),
	    .session_ms = t->session_ms,
	    .in_id = t->in_inbox ? t->id : 0,
	    .defer_at_ms = t->defer_at_ms,
	    .out = out,
	    .out_count = t->out_count,
	};

	_Static_assert(TURN_OUT_MAX <= STORE_OUT_MAX, "a turn's messages fit one commit");
	_Static_assert(TURN_RECORD_MAX <= STORE_RECORD_MAX && TURN_SESSION_MAX <= STORE_SESSION_MAX,
	    "what a turn writes fits the store");
	for (size_t i = 0; i < t->out_count; i++)
		out[i] = (struct store_out){
		    .id = t->out[i].id,
		    .class = t->out[i].class,
		    .coalesce = sv_from(t->out[i].coalesce),
		    .coalesce_ms = t->out[i].life_ms,
		    .record = buf_sv(&t->out[i].rec),
		};
	a->store->ops->commit(a->store, &c, on_committed, await_new(a, lt->id, 0));
}

/* What is told of it takes the input's place in the same step: a store that goes away, or a process that
 * ends, finds the one or the other. */
struct burying {
	struct app *a;
	uint64_t id, next_id; /* 0: nobody is to be told */
	struct buf next;
	void (*then)(void *);
	void *arg;
};

static void on_dead(const struct store_done *d, void *arg)
{
	struct burying *g = arg;
	struct in_record in;

	g->a->missed |= d->rc != STORE_OK; /* the input is still there, and is found again */
	if (d->rc != STORE_OK)
		LOG(NULL, LOG_ERR, "dead letter not stored", "id=%016llx", (unsigned long long)g->id);
	else if (g->next_id && in_record_decode(buf_sv(&g->next), &in))
		app_begin_stored(g->a, g->next_id, &in);
	if (g->then)
		g->then(g->arg);
	buf_clear(&g->next);
	free(g);
}

static bool is_of_person(enum input_kind k)
{
	return k == INPUT_TEXT || k == INPUT_REPEATED || k == INPUT_USSD_BEGIN;
}

void app_bury(struct app *a, const struct burial *x, void (*then)(void *), void *arg)
{
	struct burying *g = xcalloc(1, sizeof(*g));
	struct in_record in;
	struct buf b;

	*g = (struct burying){.a = a, .id = x->id, .then = then, .arg = arg};
	metrics_add(a->metrics, M_DEAD, 1, "input", x->why, NULL);
	buf_init(&b, STORE_RECORD_MAX);
	buf_init(&g->next, STORE_RECORD_MAX);
	buf_addf(&b, "%s\n", x->why);
	buf_addsv(&b, x->rec);
	if (in_record_decode(x->rec, &in) && is_of_person(in.kind)) {
		in.kind = INPUT_UNREADABLE; /* should this fail too, it is the last */
		in.text = SV(INPUT_GIVEN_UP);
		in.event_type = SV(""); /* no step of a USSD session any more */
		in.owner = sv_from(a->owner);
		g->next_id = app_new_id(a);
		in_record_encode(&in, &g->next);
	}
	a->store->ops->dead(a->store,
	    &(struct store_dead){.msisdn = x->msisdn,
		.id = x->id,
		.class = STORE_CLASSES,
		.next_id = g->next_id,
		.next = buf_sv(&g->next),
		.record = buf_sv(&b)},
	    on_dead, g);
	buf_clear(&b);
}

static void fx_dead(struct app *a, struct live_turn *lt)
{
	app_bury(a, &(struct burial){lt->id, lt->t->msisdn, lt->t->outcome, buf_sv(&lt->t->rec)}, NULL,
	    NULL);
}

static void fx_timer(struct app *a, struct live_turn *lt)
{
	await_timer(await_new(a, lt->id, 0), TURN_PAUSE_MS, on_pause);
}

static void perform(struct app *a, struct live_turn *lt, enum turn_fx_kind k)
{
	switch (k) {
	case TURN_FX_ACCEPT:
		fx_accept(a, lt);
		break;
	case TURN_FX_STORED:
		answer_upstream(a, lt, true);
		break;
	case TURN_FX_REFUSE:
		answer_upstream(a, lt, false);
		break;
	case TURN_FX_LINE:
		fx_line(a, lt);
		break;
	case TURN_FX_LOAD:
		a->store->ops->get(a->store, lt->t->msisdn, on_loaded, await_new(a, lt->id, 0));
		break;
	case TURN_FX_CALL:
		backend_call_start(a, lt);
		break;
	case TURN_FX_COMMIT:
		fx_commit(a, lt);
		break;
	case TURN_FX_SEND:
		if (sms_in_reply(a, lt))
			break;
		for (size_t i = 0; i < lt->t->out_count; i++)
			sender_commit(a, lt->t->out[i].id, lt->t->out[i].class,
			    buf_sv(&lt->t->out[i].rec), lt->t->began_us);
		sender_pump(a);
		break;
	case TURN_FX_DEAD:
		fx_dead(a, lt);
		break;
	case TURN_FX_TIMER:
		fx_timer(a, lt);
		break;
	case TURN_FX_SCREEN:
		ussd_screen(a, lt);
		break;
	}
}

/* Out of the line; the next of this person may go. Its session has changed: it must be read. */
static void leave_line(struct app *a, struct live_turn *lt)
{
	struct person *p = lt->person;
	struct live_turn *next;

	if (!p)
		return;
	TAILQ_REMOVE(&p->line, lt, line);
	lt->person = NULL;
	next = TAILQ_FIRST(&p->line);
	if (!next) {
		HASH_DEL(a->persons, p);
		free(p);
		return;
	}
	app_feed(a, next, &(struct turn_ev){.kind = TURN_EV_GO, .rc = TURN_RC_AWAY});
}

void app_feed(struct app *a, struct live_turn *lt, const struct turn_ev *ev)
{
	struct turn_fx fx;

	turn_step(lt->t, ev, clock_wall_ms(), &fx);
	LOG(&(struct log_ctx){.trace = lt->id}, LOG_DEBUG, "turn", "state=%s",
	    turn_state_name(lt->t->state));
	for (size_t i = 0; i < fx.count; i++)
		perform(a, lt, fx.fx[i]);
	if (lt->t->state != TURN_DONE || lt->dead)
		return;
	lt->dead = true;
	SLIST_INSERT_HEAD(&a->graves, lt, grave);
	if (lt->t->in_inbox)
		recover_done_id(a, lt->id, false);
	watch_turn(a, lt);
	if (lt->up.kind == UPSTREAM_SMS)
		sms_in_over(&lt->up);
	if (lt->up.kind == UPSTREAM_SMPP)
		acks_done(a, lt->up.key);
	leave_line(a, lt);
}
