/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_world.c - the world around a turn; see turn_world.h. */
#include "turn_world.h"

#include <stdio.h>
#include <stdlib.h>

#define FEEDS_MAX 60u /* of one turn: more is a turn that does not end */
#define LEASE_MS 60000u
#define TRIES_MAX 5u /* of one input */

const char *const wrong_name[] = {
    "nothing", "away before", "away after", "clash", "dead before", "dead after", "late"};

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

	assert_false(g->came || more);
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

	g->came = true;
	g->rc = rc;
	g->n = n;
	if (n > 0)
		assert_string_equal(msisdn[0], WHO);
}

static void wait_for(struct world *w, struct got *g)
{
	while (!g->came)
		assert_true(store_mem_run(w->st) > 0);
}

static unsigned part(struct world *w)
{
	return store_partition(w->st, WHO);
}

/* ---- the backend ---- */

static void decide(struct world *w, const struct call *c, int *status, const char **body)
{
	*status = 404;
	*body = "{\"code\":\"not-registered\"}";
	if (strcmp(c->path, "/v1/registrations") == 0) {
		w->registered++;
		*status = 201;
		*body = "{\"patient_id\":17,\"name\":\"Ram\",\"service\":\"esanjeevani\"}";
	} else if (w->registered == 0) {
		return;
	} else if (strcmp(c->path, "/v1/tokens") == 0 && w->issued > 0) {
		w->issued_before++;
		*status = 200;
		*body = "{\"token\":1234,\"state\":\"WAITING\",\"position\":17,\"wait_minutes\":48}";
	} else if (strcmp(c->path, "/v1/tokens") == 0) {
		w->issued++;
		*status = 201;
		*body = "{\"token\":1234,\"state\":\"WAITING\",\"position\":17,\"wait_minutes\":48}";
	} else if (strcmp(c->path, "/v1/tokens/current/call") == 0) {
		*status = 200;
		*body = "{\"token\":1234,\"state\":\"IN_CONSULT\"}";
	} else {
		*status = 200;
		*body = "{\"token\":1234,\"state\":\"WAITING\",\"position\":9,\"wait_minutes\":24}";
	}
}

static void ask_backend(struct world *w, const struct call *c, int *status, const char **body)
{
	size_t i = 0;

	w->calls++;
	while (i < w->answers && strcmp(w->answer[i].key, c->key) != 0)
		i++;
	if (i == w->answers) {
		assert_true(i < ANSWERS_MAX);
		w->answers++;
		memcpy(w->answer[i].key, c->key, sizeof(c->key));
		decide(w, c, &w->answer[i].status, &w->answer[i].body);
	}
	*status = w->answer[i].status;
	*body = w->answer[i].body;
}

/* ---- effects ---- */

struct live {
	struct turn *t;
	bool fresh, told;
	uint64_t version;
	struct buf session;
	char mark[16]; /* dedup value; empty: recovered */
	struct turn_ev next;
	bool has_next, crashed;
	bool shown; /* its screen */
	bool is_awaited; /* the answer of a call that is late */
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
	struct store_commit c = {.msisdn = WHO, .session_ms = DAY_MS};

	w->st->ops->get(w->st, WHO, on_done, &g);
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
	if (l->mark[0] && l->told)
		c.dedup_clear = SV(WHO);
	w->st->ops->commit(w->st, &c, on_done, &l->g);
}

static void do_accept(struct world *w, struct live *l)
{
	struct store_accept a = {.msisdn = l->t->msisdn,
	    .dedup_key = l->mark[0] ? SV(WHO) : SV(""),
	    .dedup_value = sv_from(l->mark),
	    .dedup_ms = 60000,
	    .id = l->t->id,
	    .record = buf_sv(&l->t->rec)};

	w->st->ops->accept(w->st, &a, on_done, &l->g);
}

/* An effect that the store performs, and the event of its completion. */
static void on_store(struct world *w, struct live *l, enum turn_fx_kind k, enum wrong wrong)
{
	if (wrong == AWAY_BEFORE)
		store_mem_fail(w->st, 0);
	if (wrong == CLASH)
		other_process(w);
	buf_clear(&l->g.session);
	l->g = (struct got){0};
	if (k == TURN_FX_ACCEPT)
		do_accept(w, l);
	else if (k == TURN_FX_COMMIT)
		do_commit(w, l);
	else
		w->st->ops->get(w->st, l->t->msisdn, on_done, &l->g);
	wait_for(w, &l->g);
	if (k == TURN_FX_COMMIT && l->g.rc == STORE_OK)
		w->deferred_ms = l->t->defer_at_ms;
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

static void on_call(struct world *w, struct live *l, enum wrong wrong)
{
	const char *body = NULL;

	l->next = (struct turn_ev){.kind = TURN_EV_ANSWER, .away = true};
	l->has_next = true;
	if (wrong == AWAY_BEFORE)
		return;
	ask_backend(w, &l->t->call, &l->next.status, &body);
	if (wrong == AWAY_AFTER) {
		l->next.status = 0;
		return;
	}
	json_decref(l->body);
	l->body = json_loads(body, 0, NULL);
	l->next.away = false;
	l->next.body = l->body;
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

/* May this go wrong with this effect? */
static bool can(enum wrong wrong, enum turn_fx_kind k)
{
	switch (wrong) {
	case NOTHING:
		return false;
	case AWAY_BEFORE:
	case AWAY_AFTER:
		return k == TURN_FX_ACCEPT || k == TURN_FX_LOAD || k == TURN_FX_COMMIT ||
		       k == TURN_FX_CALL;
	case CLASH:
		return k == TURN_FX_COMMIT;
	case DEAD_BEFORE:
	case DEAD_AFTER:
		return true;
	case LATE:
		return k == TURN_FX_CALL;
	}
	return false;
}

static void perform(struct world *w, struct live *l, enum turn_fx_kind k)
{
	enum wrong wrong = NOTHING;

	w->effects++;
	for (unsigned i = 0; i < 2; i++)
		if (w->plan[i].at == w->effects && can(w->plan[i].wrong, k))
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
		if (wrong == LATE) {
			l->next = (struct turn_ev){.kind = TURN_EV_DEADLINE};
			l->has_next = l->is_awaited = true;
		} else {
			on_call(w, l, wrong);
		}
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
			on_call(w, &l, NOTHING);
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

/* A kept question is asked again when its time has come, and again when that came to nothing. */
static void remind(struct world *w)
{
	struct in_record in = {.kind = INPUT_RETRY, .msisdn = SV(WHO)};

	for (unsigned i = 0; w->deferred_ms > 0; i++) {
		struct got g = {0};

		if (i == 2 * TRIES_MAX)
			fail_msg("effect %u: a kept question stays", w->effects);
		w->now = w->deferred_ms > w->now ? w->deferred_ms : w->now + LEASE_MS;
		w->st->ops->due(w->st, part(w), w->now, LEASE_MS, 16, on_due, &g);
		wait_for(w, &g);
		if (g.n > 0)
			run_turn(w, w->last_reminder = w->last_id += TURN_ID_STEP, &in, NULL, NULL);
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

void world_ussd(struct world *w, uint64_t session, const char *inputs)
{
	struct sv text = sv_from(inputs);
	struct ussd_step step = {.how = USSD_INPUTS,
	    .net = session,
	    .step = ussd_hash(0, text),
	    .step_octets = text.n,
	    .ttl_ms = 180000,
	    .is_unique = true,
	    .limits = {160, 70}};
	struct in_record in = {.kind = INPUT_TEXT,
	    .msisdn = SV(WHO),
	    .channel = SV("ussd"),
	    .link = SV("smsc1"),
	    .address = SV("56161"),
	    .text = text,
	    .at_ms = w->now};
	bool is_shown = false;

	for (unsigned i = 0; !is_shown; i++) {
		if (i == TRIES_MAX)
			fail_msg("effect %u: no screen", w->effects);
		is_shown = run_turn(w, w->last_id += TURN_ID_STEP, &in, NULL, &step);
	}
	w->now += 1000;
}

void world_text(struct world *w, const char *s)
{
	bring(w, &(struct in_record){.kind = INPUT_TEXT,
		     .msisdn = SV(WHO),
		     .channel = SV("sms"),
		     .link = SV("smsc1"),
		     .address = SV("56161"),
		     .text = sv_from(s),
		     .at_ms = w->now});
}

void world_event(struct world *w, const char *type, const char *data)
{
	bring(w, &(struct in_record){.kind = INPUT_EVENT,
		     .msisdn = SV(WHO),
		     .channel = SV("event"),
		     .text = sv_from(data),
		     .event_type = sv_from(type),
		     .event_service = SV("esanjeevani"),
		     .at_ms = w->now});
}

/* ---- beginning and end ---- */

char *world_said(struct world *w, bool all_sent)
{
	struct buf text_all;

	buf_init(&text_all, 100000);
	for (unsigned c = 0; c < STORE_CLASSES; c++) {
		struct buf rec[32];
		struct got g = {.rec = rec};

		w->st->ops->load_out(w->st, part(w), c, 0, 32, on_entries, &g);
		wait_for(w, &g);
		for (size_t i = 0; i < g.n; i++) {
			struct out_record r;
			bool sent = false;

			assert_true(out_record_decode(buf_sv(&rec[i]), &r));
			assert_true(sv_is(r.msisdn, WHO) && sv_is(r.address, "56161") &&
				    sv_is(r.link, "smsc1"));
			for (size_t k = 0; k < w->sent_n; k++)
				sent |= w->sent[k].id == g.id[i] && w->sent[k].sum == sum(&rec[i]);
			/* A kept question's commit has no inbox entry by which a repeat could see that it was
			 * made: it clashes with itself, and its messages are found when the outbox is read
			 * again, as it is each time that the store comes back (app/recover.c). */
			sent |= w->last_reminder && r.trace == w->last_reminder;
			if (!sent && all_sent)
				fail_msg("%s at %u, %s at %u: in the outbox, but not sent like this: "
					 "%016llx " SV_FMT,
				    wrong_name[w->plan[0].wrong], w->plan[0].at,
				    wrong_name[w->plan[1].wrong], w->plan[1].at,
				    (unsigned long long)g.id[i], SV_ARG(r.text_id));
			if (sv_is(r.text_id, "common/kept"))
				w->kept++;
			else
				buf_addf(&text_all, "%u " SV_FMT ": " SV_FMT "\n", c, SV_ARG(r.text_id),
				    SV_ARG(r.text));
			buf_clear(&rec[i]);
		}
	}
	return buf_take(&text_all);
}

void world_open(struct world *w, struct packs *packs, struct plan one, struct plan two)
{
	struct store_redis_conf cf = {.partitions = 4,
	    .inbox_max = 100,
	    .outbox_max = 100,
	    .dead_max = 10,
	    .inbox_ms = DAY_MS,
	    .dead_ms = DAY_MS};

	*w = (struct world){
	    .packs = packs, .now = 1767225600000u, .last_id = 1000 * TURN_ID_STEP, .plan = {one, two}};
	w->st = store_mem_new(NULL, &cf, clock_of, w);
}

void world_close(struct world *w)
{
	w->st->ops->free(w->st);
	store_mem_run(w->st);
}
