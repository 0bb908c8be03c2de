/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_world.c - the world around a turn; see turn_world.h. */
#include "turn_world.h"

#include <stdio.h>
#include <stdlib.h>

#define FEEDS_MAX 60u /* of one turn: more is a turn that does not end */
#define LEASE_MS 60000u
#define TRIES_MAX 5u /* of one input */

const char *const wrong_name[WRONGS] = {"nothing", "away before", "away after", "full", "clash",
    "dead before", "dead after", "late", "too late"};

struct got { /* a completion, copied */
	enum store_rc rc;
	uint64_t version;
	struct buf session;
	uint64_t id[32];
	size_t n;
	struct buf *rec; /* load: of each entry; NULL: not wanted */
	bool came;
};

/* ---- store, made synchronous ---- */

static uint64_t clock_of(void *arg)
{
	return ((struct world *)arg)->now;
}

static void on_done(const struct store_done *d, void *arg)
{
	struct got *g = arg;

	assert_false(g->came);
	g->came = true;
	g->rc = d->rc;
	g->version = d->version;
	buf_init(&g->session, STORE_SESSION_MAX);
	buf_addsv(&g->session, d->session);
}

static void on_entries(enum store_rc rc, const struct store_entry *e, size_t n, bool more, void *arg)
{
	struct got *g = arg;

	(void)more; /* the last of a page says so too */
	assert_false(g->came);
	assert_true(n <= 32);
	g->came = true;
	g->rc = rc;
	g->n = n;
	for (size_t i = 0; i < n; i++) {
		g->id[i] = e[i].id;
		buf_init(&g->rec[i], STORE_RECORD_MAX);
		buf_addsv(&g->rec[i], e[i].record);
	}
}

static void on_due(enum store_rc rc, const char *const *msisdn, size_t n, void *arg)
{
	struct got *g = arg;

	(void)msisdn;
	g->came = true;
	g->rc = rc;
	g->n = n;
}

static void wait_for(struct world *w, struct got *g)
{
	while (!g->came)
		assert_true(store_mem_run(w->st) > 0);
}

static unsigned part(struct world *w)
{
	return store_partition(w->st, w->who);
}

/* ---- the backend ---- */

static struct answer ask_backend(struct world *w, const struct call *c)
{
	struct answer is = {0};

	for (size_t i = 0; i < w->answers; i++)
		if (strcmp(w->answer[i].key, c->key) == 0)
			return w->answer[i].is;
	w->answer_fn(w->arg, c, &is);
	if (is.is_away)
		return is;
	assert_true(w->answers < ANSWERS_MAX);
	memcpy(w->answer[w->answers].key, c->key, sizeof(c->key));
	w->answer[w->answers].is = is;
	w->answer[w->answers++].is.is_late = false;
	w->writes += strcmp(c->method, "GET") != 0;
	return is;
}

/* ---- effects ---- */

struct live {
	struct turn *t;
	bool has_begun, fresh, told;
	uint64_t version;
	struct buf session;
	char mark[16]; /* dedup value; empty: recovered */
	struct turn_ev next;
	bool has_next, crashed;
	bool shown; /* its screen */
	bool is_awaited; /* the answer of a call that is late */
	struct answer is; /* that one */
	bool is_last; /* the screen's last moment comes before the pause is over */
	bool is_pausing;
	struct got g;
	json_t *body;
};

static enum turn_rc rc_of(enum store_rc rc)
{
	static const enum turn_rc of[] = {
	    TURN_RC_OK, TURN_RC_DUPLICATE, TURN_RC_CLASH, TURN_RC_FULL, TURN_RC_AWAY, TURN_RC_AWAY};

	return of[rc];
}

static void other_process(struct world *w)
{
	struct got g = {0}, done = {0};
	struct store_commit c = {.msisdn = w->who, .session_ms = DAY_MS};

	w->st->ops->get(w->st, w->who, on_done, &g);
	wait_for(w, &g);
	c.version = g.version;
	c.session = buf_sv(&g.session);
	w->st->ops->commit(w->st, &c, on_done, &done);
	wait_for(w, &done);
	assert_int_equal(done.rc, STORE_OK);
	buf_clear(&g.session);
	buf_clear(&done.session);
}

static void do_commit(struct world *w, struct live *l)
{
	struct turn *t = l->t;
	struct store_out out[TURN_OUT_MAX];
	struct store_commit c = {.msisdn = t->msisdn,
	    .version = t->version,
	    .session = buf_sv(&t->blob),
	    .session_ms = t->session_ms,
	    .in_id = t->in_inbox ? t->id : 0,
	    .defer_at_ms = t->defer_at_ms,
	    .out = out,
	    .out_count = t->out_count};

	for (size_t i = 0; i < t->out_count; i++)
		out[i] = (struct store_out){.id = t->out[i].id,
		    .class = t->out[i].class,
		    .coalesce = sv_from(t->out[i].coalesce),
		    .coalesce_ms = t->out[i].life_ms,
		    .record = buf_sv(&t->out[i].rec)};
	w->st->ops->commit(w->st, &c, on_done, &l->g);
}

/* The network knows that its message was taken: the same text would be another one. */
static void do_forget(struct world *w, const struct live *l)
{
	struct got g = {0};

	w->st->ops->forget(w->st, w->who, sv_from(w->who), sv_from(l->mark), on_done, &g);
	wait_for(w, &g);
	buf_clear(&g.session);
}

static void do_accept(struct world *w, struct live *l)
{
	struct store_accept a = {.msisdn = l->t->msisdn,
	    .dedup_key = l->mark[0] ? sv_from(w->who) : SV(""),
	    .dedup_value = sv_from(l->mark),
	    .dedup_ms = 60000,
	    .id = l->t->id,
	    .record = buf_sv(&l->t->rec)};

	w->st->ops->accept(w->st, &a, on_done, &l->g);
}

/* An effect that the store performs, and the event of its completion. */
static void on_store(struct world *w, struct live *l, enum turn_fx_kind k, enum wrong wrong)
{
	if (wrong == AWAY_BEFORE || wrong == TOO_LATE)
		store_mem_fail(w->st, 0);
	l->is_last |= wrong == TOO_LATE;
	if (wrong == CLASH)
		other_process(w);
	buf_clear(&l->g.session);
	l->g = (struct got){0};
	if (wrong == FULL)
		l->g = (struct got){.came = true, .rc = STORE_FULL};
	else if (k == TURN_FX_ACCEPT)
		do_accept(w, l);
	else if (k == TURN_FX_COMMIT)
		do_commit(w, l);
	else
		w->st->ops->get(w->st, l->t->msisdn, on_done, &l->g);
	wait_for(w, &l->g);
	if (k == TURN_FX_COMMIT && l->g.rc == STORE_OK) {
		w->deferred_ms = l->t->defer_at_ms;
		if (l->mark[0] && l->told)
			do_forget(w, l);
	}
	if (wrong == AWAY_AFTER)
		l->g.rc = STORE_AWAY;
	if (k == TURN_FX_ACCEPT) {
		/* As if an earlier turn of this person had run: every other one must read it again. */
		l->fresh = l->g.rc == STORE_OK && w->messages % 2 == 0;
		l->version = l->g.version;
		buf_reset(&l->session);
		buf_addsv(&l->session, buf_sv(&l->g.session));
	}
	l->next = (struct turn_ev){
	    .kind = k == TURN_FX_ACCEPT   ? TURN_EV_ACCEPTED
		    : k == TURN_FX_COMMIT ? TURN_EV_COMMITTED
					  : TURN_EV_LOADED,
	    .rc = rc_of(l->g.rc),
	    .version = l->g.version,
	    .session = buf_sv(&l->g.session),
	};
	l->has_next = true;
}

static void on_answer(struct live *l, struct answer is)
{
	l->next = (struct turn_ev){.kind = TURN_EV_ANSWER, .away = is.is_away, .status = is.status};
	l->has_next = true;
	json_decref(l->body);
	l->body = is.is_away || !is.body ? NULL : json_loads(is.body, JSON_DECODE_ANY, NULL);
	l->next.body = l->body;
}

static void on_call(struct world *w, struct live *l, enum wrong wrong)
{
	struct answer is = {.is_away = true};

	if (wrong != AWAY_BEFORE)
		is = ask_backend(w, &l->t->call);
	if (wrong == AWAY_AFTER)
		is = (struct answer){.is_away = true};
	if (wrong != LATE && !(is.is_late && l->t->is_ussd)) {
		on_answer(l, is);
		return;
	}
	l->next = (struct turn_ev){.kind = TURN_EV_DEADLINE};
	l->has_next = l->is_awaited = true;
	l->is = is;
}

static uint64_t sum(const struct buf *b)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < b->n; i++)
		h = (h ^ (uint8_t)b->p[i]) * 0x100000001b3u;
	return h;
}

static void on_send(struct world *w, const struct turn *t)
{
	for (size_t i = 0; i < t->out_count; i++) {
		for (size_t k = 0; k < w->sent_n; k++)
			assert_int_not_equal(w->sent[k].id, t->out[i].id);
		assert_true(w->sent_n < SENT_MAX);
		w->sent[w->sent_n].id = t->out[i].id;
		w->sent[w->sent_n++].sum = sum(&t->out[i].rec);
	}
}

/* May this go wrong with this effect, and is it another case than one before it? What is only read is not done twice,
 * and what dies before an effect is as if it had died after the one before it, but for the first of a turn. */
static bool can(enum wrong wrong, enum turn_fx_kind k, bool is_first)
{
	bool is_read = k == TURN_FX_LOAD, is_write = k == TURN_FX_ACCEPT || k == TURN_FX_COMMIT;

	switch (wrong) {
	case AWAY_BEFORE:
		return is_write || is_read || k == TURN_FX_CALL;
	case AWAY_AFTER:
		return is_write || k == TURN_FX_CALL;
	case FULL:
		return is_write;
	case CLASH:
		return k == TURN_FX_COMMIT;
	case DEAD_BEFORE:
		return is_first;
	case DEAD_AFTER:
		return !is_read && k != TURN_FX_LINE && k != TURN_FX_TIMER;
	case LATE:
		return k == TURN_FX_CALL;
	case TOO_LATE:
		return is_read || k == TURN_FX_COMMIT;
	case NOTHING:
	case WRONGS:
		break;
	}
	return false;
}

static void perform(struct world *w, struct live *l, enum turn_fx_kind k)
{
	enum wrong wrong = NOTHING;

	assert_true(w->effects < EFFECTS_MAX);
	for (enum wrong i = NOTHING; i < WRONGS; i++)
		w->could[w->effects] |= (uint16_t)(can(i, k, !l->has_begun) << i);
	w->effects++;
	l->has_begun = true;
	for (unsigned i = 0; i < 2; i++)
		if (w->plan[i].at == w->effects && w->could[w->effects - 1] >> w->plan[i].wrong & 1)
			wrong = w->plan[i].wrong;
	if (wrong != NOTHING) {
		w->happened++;
		w->calls_away += k == TURN_FX_CALL && wrong < DEAD_BEFORE;
		l->crashed = wrong == DEAD_BEFORE || wrong == DEAD_AFTER;
		if (wrong == DEAD_BEFORE)
			return;
	}
	switch (k) {
	case TURN_FX_ACCEPT:
	case TURN_FX_LOAD:
	case TURN_FX_COMMIT:
		on_store(w, l, k, wrong);
		break;
	case TURN_FX_CALL:
		on_call(w, l, wrong);
		break;
	case TURN_FX_STORED:
		assert_false(l->told);
		l->told = true;
		w->told_ok++;
		break;
	case TURN_FX_REFUSE:
		assert_false(l->told);
		l->told = true;
		w->told_again++;
		break;
	case TURN_FX_LINE:
		l->next = (struct turn_ev){.kind = TURN_EV_GO, .rc = TURN_RC_AWAY};
		if (l->fresh)
			l->next = (struct turn_ev){.kind = TURN_EV_GO,
			    .rc = TURN_RC_OK,
			    .version = l->version,
			    .session = buf_sv(&l->session)};
		l->has_next = true;
		break;
	case TURN_FX_SEND:
		on_send(w, l->t);
		break;
	case TURN_FX_TIMER:
		l->next = (struct turn_ev){.kind = TURN_EV_TIMER};
		if (l->is_last)
			l->next = (struct turn_ev){.kind = TURN_EV_DEADLINE, .is_last = true};
		l->is_pausing = l->is_last;
		l->is_last = false;
		l->has_next = true;
		break;
	case TURN_FX_SCREEN:
		assert_false(l->shown);
		l->shown = true;
		snprintf(w->screen, sizeof(w->screen), "%s", l->t->screen);
		w->screen_ends = l->t->screen_ends;
		break;
	case TURN_FX_DEAD:
		fail_msg("effect %u: the turn was given up: %s", w->effects, l->t->outcome);
		break;
	}
}

/* ---- a turn, from its start until it is done or the process dies ---- */

/* step: of a USSD session, or NULL. true: its screen was shown. */
static bool run_turn(struct world *w, uint64_t id, const struct in_record *in, const char *mark,
    const struct ussd_step *step)
{
	struct live l = {.t = turn_new(id, w->packs, in), .has_next = true};
	struct turn_ev ev;
	struct turn_fx fx;

	buf_init(&l.session, STORE_SESSION_MAX);
	if (step)
		turn_set_ussd(l.t, step);
	l.next.kind = mark || step ? TURN_EV_START : TURN_EV_START_STORED;
	if (mark)
		snprintf(l.mark, sizeof(l.mark), "%s", mark);
	for (unsigned i = 0; !l.crashed && l.t->state != TURN_DONE; i++) {
		if (!l.has_next && l.is_awaited) {
			l.is_awaited = false;
			on_answer(&l, l.is);
		} else if (!l.has_next && l.is_pausing) {
			l.is_pausing = false;
			l.next = (struct turn_ev){.kind = TURN_EV_TIMER};
			l.has_next = true;
		}
		if (i == FEEDS_MAX || !l.has_next)
			fail_msg("effect %u: the turn stands still in %s", w->effects,
			    turn_state_name(l.t->state));
		l.has_next = false;
		ev = l.next;
		turn_step(l.t, &ev, w->now, &fx);
		for (size_t k = 0; k < fx.count && !l.crashed; k++)
			perform(w, &l, fx.fx[k]);
	}
	assert_true(l.crashed || !mark || l.told);
	w->crashed = l.crashed;
	turn_free(l.t);
	buf_clear(&l.session);
	buf_clear(&l.g.session);
	json_decref(l.body);
	return l.shown;
}

/* What the inbox holds has no turn here: run it, as after a start. */
static void recover(struct world *w)
{
	struct buf rec[32];
	struct got g = {.rec = rec};
	struct in_record in;

	w->st->ops->load_in(w->st, part(w), 0, 32, on_entries, &g);
	wait_for(w, &g);
	for (size_t i = 0; i < g.n; i++) {
		assert_true(in_record_decode(buf_sv(&rec[i]), &in));
		run_turn(w, g.id[i], &in, NULL, NULL);
		buf_clear(&rec[i]);
	}
}

static uint64_t new_reminder(struct world *w)
{
	assert_true(w->reminders < REMINDERS_MAX);
	return w->reminder[w->reminders++] = w->last_id += TURN_ID_STEP;
}

/* A kept question is asked again when its time has come, and again when that came to nothing. */
static void remind(struct world *w)
{
	struct in_record in = {.kind = INPUT_RETRY, .msisdn = sv_from(w->who)};

	for (unsigned i = 0; w->deferred_ms > 0; i++) {
		struct got g = {0};

		if (i == 2 * TRIES_MAX)
			fail_msg("effect %u: a kept question stays", w->effects);
		w->now = w->deferred_ms > w->now ? w->deferred_ms : w->now + LEASE_MS;
		w->st->ops->due(w->st, part(w), w->now, LEASE_MS, 16, on_due, &g);
		wait_for(w, &g);
		if (g.n > 0)
			run_turn(w, new_reminder(w), &in, NULL, NULL);
	}
}

static unsigned inbox_size(struct world *w)
{
	struct buf rec[32];
	struct got g = {.rec = rec};

	w->st->ops->load_in(w->st, part(w), 0, 32, on_entries, &g);
	wait_for(w, &g);
	for (size_t i = 0; i < g.n; i++)
		buf_clear(&rec[i]);
	return (unsigned)g.n;
}

/* One input from outside: whoever brings it tries until it is told OK. */
static void bring(struct world *w, const struct in_record *in)
{
	unsigned ok = w->told_ok;
	char mark[16];

	snprintf(mark, sizeof(mark), "m%u", w->messages++);
	for (unsigned i = 0; w->told_ok == ok; i++) {
		if (i == TRIES_MAX)
			fail_msg("effect %u: never told OK", w->effects);
		run_turn(w, w->last_id += TURN_ID_STEP, in, mark, NULL);
		recover(w);
	}
	assert_int_equal(w->told_ok, ok + 1);
	world_settle(w);
}

void world_settle(struct world *w)
{
	for (unsigned i = 0; i < TRIES_MAX && inbox_size(w) > 0; i++)
		recover(w);
	assert_int_equal(inbox_size(w), 0);
	remind(w);
	w->now += 1000;
}

static struct in_record typed(const struct world *w, const char *channel, enum input_kind kind,
    const char *text)
{
	return (struct in_record){.kind = kind,
	    .msisdn = sv_from(w->who),
	    .channel = sv_from(channel),
	    .link = SV("smsc1"),
	    .address = SV("56161"),
	    .text = sv_from(text),
	    .at_ms = w->now};
}

void world_ussd(struct world *w, const struct ussd_step *step, enum input_kind kind, const char *text)
{
	const struct in_record in = typed(w, "ussd", kind, text);
	bool is_done = false;

	for (unsigned i = 0; !is_done; i++) {
		if (i == TRIES_MAX)
			fail_msg("effect %u: no screen", w->effects);
		is_done = run_turn(w, w->last_id += TURN_ID_STEP, &in, NULL, step);
		if (step->how == USSD_GONE)
			is_done = !w->crashed;
	}
	w->now += 1000;
}

void world_sms(struct world *w, enum input_kind kind, const char *text)
{
	const struct in_record in = typed(w, "sms", kind, text);

	bring(w, &in);
}

void world_event(struct world *w, struct sv service, struct sv type, struct sv data)
{
	bring(w, &(struct in_record){.kind = INPUT_EVENT,
		     .msisdn = sv_from(w->who),
		     .channel = SV("event"),
		     .text = data,
		     .event_type = type,
		     .event_service = service,
		     .at_ms = w->now});
}

/* ---- beginning and end ---- */

/* One page of a lane; the id of its last, 0: there was none. */
static uint64_t said_page(struct world *w, unsigned class, uint64_t after, bool all_sent, said_fn *fn,
    void *arg)
{
	struct buf rec[32];
	struct got g = {.rec = rec};

	w->st->ops->load_out(w->st, part(w), class, after, 32, on_entries, &g);
	wait_for(w, &g);
	for (size_t i = 0; i < g.n; i++) {
		struct out_record r;
		bool sent = false;

		assert_true(out_record_decode(buf_sv(&rec[i]), &r));
		for (size_t k = 0; k < w->sent_n; k++)
			sent |= w->sent[k].id == g.id[i] && w->sent[k].sum == sum(&rec[i]);
		/* A kept question's commit has no inbox entry by which a repeat could see that it was
		 * made: it clashes with itself, and its messages are found when the outbox is read
		 * again, as it is each time that the store comes back (app/recover.c). */
		for (size_t k = 0; k < w->reminders; k++)
			sent |= r.trace == w->reminder[k];
		if (!sent && all_sent)
			fail_msg("in the outbox, but not sent like this: %016llx " SV_FMT,
			    (unsigned long long)g.id[i], SV_ARG(r.text_id));
		if (sv_is(r.msisdn, w->who))
			fn(arg, g.id[i], class, &r);
		buf_clear(&rec[i]);
	}
	return g.n > 0 ? g.id[g.n - 1] : 0;
}

void world_said(struct world *w, bool all_sent, said_fn *fn, void *arg)
{
	for (unsigned c = 0; c < STORE_CLASSES; c++)
		for (uint64_t at = 0; (at = said_page(w, c, at, all_sent, fn, arg)) > 0;)
			continue;
}

void world_open(struct world *w, const struct packs *packs, answer_fn *fn, void *arg, struct plan one,
    struct plan two)
{
	struct store_redis_conf cf = {.partitions = 4,
	    .inbox_max = 100,
	    .outbox_max = SENT_MAX,
	    .dead_max = 10,
	    .inbox_ms = DAY_MS,
	    .dead_ms = DAY_MS};

	*w = (struct world){.who = WHO,
	    .packs = packs,
	    .limits = {SCREEN_GSM7_MAX, SCREEN_UCS2_MIN},
	    .answer_fn = fn,
	    .arg = arg,
	    .now = 1795329000000u,
	    .last_id = 1000 * TURN_ID_STEP,
	    .plan = {one, two}};
	w->st = store_mem_new(NULL, &cf, clock_of, w);
}

void world_close(struct world *w)
{
	w->st->ops->free(w->st);
	store_mem_run(w->st);
}
