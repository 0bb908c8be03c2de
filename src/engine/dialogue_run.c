/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_run.c - steps of a pack, one after the other, until a question, a call or the end; what
 * becomes of a call's answer; questions that are kept while a backend is away. */
#include "engine/dialogue_int.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t backoff_ms[] = {15000, 30000, 60000, 120000, 300000};

static uint64_t backoff(unsigned tries)
{
	size_t last = sizeof(backoff_ms) / sizeof(backoff_ms[0]) - 1;

	return backoff_ms[tries < last ? tries : last];
}

/* Nothing that the pack foresaw: say so, and how to start again. */
void trouble(struct dl *d, struct frame *f)
{
	say(d, CT_TROUBLE, f);
	outcome(d, "trouble", f->pack);
	frame_clear(f);
}

/* Turn and number of the call. A kept run goes on under the turn that began it: a call that this
 * turn may have made already, in a run whose end was lost, has the same key again. */
void call_key(const struct dl *d, const struct frame *f, char key[40])
{
	const struct session *s = d->s;
	unsigned long long turn = d->in->turn_id, first = 1;
	char *end;

	if (f == &s->kept) {
		turn = strtoull(s->kept_key, &end, 16);
		if (*end == '-')
			first = strtoull(end + 1, NULL, 10);
	}
	(void)snprintf(key, 40, "%016llx-%llu", turn, first + s->calls - 1);
}

/* A question on a screen waits for somebody who dials again; one in an SMS for much longer. */
uint64_t question_life(const struct dl *d, const struct frame *f)
{
	return is_on_screen(d) ? f->pack->resume_ms : f->pack->dialogue_ms;
}

/* What a backend was told is not taken back by going back; asking it changes nothing. */
static void no_way_back(struct frame *f, const struct call_spec *spec)
{
	if (strcmp(spec->method, "GET") == 0)
		return;
	f->trail_count = 0;
	f->is_sent = true;
}

static void make_call(struct dl *d, struct frame *f)
{
	const struct call_spec *spec = f->pack->step[f->step].call;
	const struct scope sc = {d, f->pack, f->value, d->s->is_kept_call, NULL};
	struct session *s = d->s;
	struct call *c = &d->out->call;
	struct buf path;

	if (s->calls >= DIALOGUE_CALLS_MAX) {
		trouble(d, f);
		return;
	}
	s->calls++;
	no_way_back(f, spec);
	if (!s->is_kept_call) {
		s->call_ussd = is_on_screen(d);
		memcpy(s->call_lang, s->lang, sizeof(s->call_lang));
	}
	buf_init(&path, 4096);
	tmpl_path(&spec->path, scope_value, &sc, &path);
	c->backend = spec->backend;
	c->method = spec->method;
	c->path = buf_take(&path);
	c->body = spec->body ? body_render(spec->body, f->pack, scope_value, &sc) : NULL;
	c->timeout_ms = spec->timeout_ms;
	call_key(d, f, c->key);
	d->out->has_call = true;
	s->exec = f;
	outcome(d, "calling", f->pack);
}

/* A question is reached: it waits in run, whatever brought us here. */
static void ask(struct dl *d, struct frame *f)
{
	struct session *s = d->s;

	if (f != &s->run) {
		if (s->run.pack) { /* only after a change of packs: a quick trigger asks nothing */
			trouble(d, f);
			return;
		}
		frame_move(&s->run, f);
		f = &s->run;
	}
	aside_join(d, f);
	f->until_ms = d->now + question_life(d, f);
	f->wrong = 0;
	say_question(d, f, false);
	s->asks_again = false;
	outcome(d, "asked", f->pack);
}

/* The call that is out is to be made again: as it was made. */
static void keep_call(struct session *s)
{
	s->kept_tries = 0;
	s->kept_ussd = s->call_ussd;
	memcpy(s->kept_lang, s->call_lang, sizeof(s->kept_lang));
}

static int branch_next(const struct dl *d, const struct frame *f, const struct step *t)
{
	const struct scope sc = {.d = d, .pack = f->pack, .value = f->value};
	const char *v = scope_value(&sc, &t->on);

	for (size_t i = 0; v && i < t->branch_count; i++)
		if (strcmp(v, t->branch[i].value) == 0)
			return t->branch[i].next;
	return t->next;
}

static void assign(const struct dl *d, struct frame *f, const struct step *t)
{
	const struct scope sc = {.d = d, .pack = f->pack, .value = f->value};

	for (size_t i = 0; i < t->assign_count; i++) {
		const char *v = scope_value(&sc, &t->assign[i].value);

		if (v)
			frame_set(f, t->assign[i].var, v, strlen(v));
	}
}

void run_frame(struct dl *d, struct frame *f)
{
	while (f->step != NEXT_END) {
		const struct step *t = &f->pack->step[f->step];

		if (d->in->watch)
			d->in->watch->step(d->in->watch->arg, f->pack->name, t->name);
		switch (t->kind) {
		case STEP_MENU:
		case STEP_ASK:
			ask(d, f);
			return;
		case STEP_OTP:
			otp_begin(d, f);
			return;
		case STEP_CALL:
			make_call(d, f);
			return;
		case STEP_SAY:
		case STEP_END:
			if (t->text)
				say_text(d, f->pack, t->text, f->value, true);
			d->s->forgets = d->s->forgets || t->is_forgetting;
			f->step = t->next;
			break;
		case STEP_SET:
			assign(d, f, t);
			f->step = t->next;
			break;
		case STEP_BRANCH:
			f->step = branch_next(d, f, t);
			break;
		}
	}
	outcome(d, "ok", f->pack);
	frame_clear(f);
}

bool is_trigger_of(const struct frame *f, const struct trigger *t)
{
	return f->pack == t->pack && f->pack && &f->pack->trigger[f->trigger] == t;
}

void start_trigger(struct dl *d, const struct trigger *t)
{
	struct session *s = d->s;
	struct frame *f = t->is_quick ? &s->side : &s->run;

	if (is_trigger_of(&s->kept, t) || (s->kept.pack && !t->is_quick && !s->run.pack)) {
		say(d, CT_KEPT_WAIT, NULL);
		outcome(d, "kept_wait", t->pack);
		return;
	}
	if (is_trigger_of(&s->run, t) && !t->is_quick) { /* most likely sent twice */
		say(d, CT_BUSY, &s->run);
		s->asks_again = true;
		outcome(d, "busy", t->pack);
		return;
	}
	if (!t->is_quick && aside_make_room(d, t))
		return;
	s->asks_again = s->run.pack != NULL;
	frame_clear(f);
	f->pack = t->pack;
	f->trigger = (int)(t - t->pack->trigger);
	f->step = t->step;
	run_frame(d, f);
}

/* ---- the answer of a call ---- */
static bool has_status(const struct outcome *o, int status)
{
	for (size_t i = 0; i < o->status_count; i++)
		if (o->status[i] == status)
			return true;
	return false;
}

static bool outcome_fits(const struct dl *d, const struct pack *k, const struct outcome *o)
{
	const char *code = json_string_value(json_at(d->in->data, "/code"));
	char value[VALUE_OCTETS_MAX + 1];

	if (!has_status(o, d->in->status) || (o->code && (!code || strcmp(code, o->code) != 0)) ||
	    !match_holds(&o->m, d->in->data))
		return false;
	for (size_t i = 0; i < o->m.get_count; i++)
		if (!get_value(&o->m.get[i], &k->var[o->m.get[i].var], d->in->data, value))
			return false;
	return true;
}

static void take_outcome(const struct dl *d, struct frame *f, const struct outcome *o)
{
	for (size_t i = 0; i < o->m.get_count; i++) {
		const struct get *g = &o->m.get[i];
		char value[VALUE_OCTETS_MAX + 1];

		if (get_value(g, &f->pack->var[g->var], d->in->data, value))
			frame_set(f, g->var, value, strlen(value));
	}
	f->step = o->next;
	f->refused = o->is_again ? f->refused + 1 : 0;
}

/* Nobody is asked for ever: what was not taken three times leads to something else. */
static void go_on(struct dl *d, struct frame *f, const struct outcome *o)
{
	take_outcome(d, f, o);
	if (f->refused < WRONG_MAX) {
		run_frame(d, f);
	} else if (o->give_up != NEXT_NONE) {
		f->refused = 0;
		f->step = o->give_up;
		run_frame(d, f);
	} else {
		too_many(d, f);
	}
}

/* The question was kept already, and this turn was a retry: nothing is said until its end. */
static void keep_on(struct dl *d, bool was_kept_call)
{
	struct session *s = d->s;
	char key[40];

	outcome(d, "away", s->kept.pack);
	if (d->now >= s->kept_until_ms) {
		say(d, CT_KEPT_EXPIRED, &s->kept);
		outcome(d, "kept_expired", s->kept.pack);
		frame_clear(&s->kept);
		return;
	}
	if (!was_kept_call) {
		call_key(d, &s->kept, key);
		memcpy(s->kept_key, key, sizeof(key));
		keep_call(s);
	} else if (s->kept_tries < UINT16_MAX) {
		s->kept_tries++;
	}
	s->kept_next_ms = d->now + backoff(s->kept_tries);
	if (s->kept_next_ms > s->kept_until_ms)
		s->kept_next_ms = s->kept_until_ms;
}

static void keep_first(struct dl *d, struct frame *f, const struct call_spec *spec)
{
	struct session *s = d->s;

	if (s->kept.pack) {
		say(d, CT_KEPT_BUSY, NULL);
		outcome(d, "kept_busy", f->pack);
		frame_clear(f);
		return;
	}
	call_key(d, f, s->kept_key);
	frame_move(&s->kept, f);
	keep_call(s);
	s->kept_next_ms = d->now + backoff(0);
	s->kept_until_ms = d->now + spec->keep_ms;
	say(d, CT_KEPT, NULL);
	outcome(d, "away", s->kept.pack);
}

void on_answer(struct dl *d)
{
	struct session *s = d->s;
	struct frame *f = s->exec;
	const struct call_spec *spec;
	bool was_kept_call = s->is_kept_call;

	if (!f) {
		outcome(d, "stray_answer", NULL);
		return;
	}
	s->exec = NULL;
	s->is_kept_call = false;
	if (f->pack->step[f->step].kind == STEP_OTP) {
		otp_answered(d, f);
		return;
	}
	spec = f->pack->step[f->step].call;
	if (d->in->away || d->in->status >= 500) {
		if (spec->away_next != NEXT_NONE) {
			f->step = spec->away_next;
			run_frame(d, f);
		} else if (f == &s->kept) {
			keep_on(d, was_kept_call);
		} else {
			keep_first(d, f, spec);
		}
		return;
	}
	for (size_t i = 0; i < spec->outcome_count; i++)
		if (outcome_fits(d, f->pack, &spec->outcome[i])) {
			go_on(d, f, &spec->outcome[i]);
			return;
		}
	trouble(d, f);
}

void retry_kept(struct dl *d)
{
	struct session *s = d->s;

	if (!s->kept.pack) {
		if (s->lost & LOST_KEPT) {
			say(d, CT_KEPT_LOST, NULL);
			s->lost &= ~(unsigned)LOST_KEPT;
			outcome(d, "kept_lost", NULL);
		} else {
			outcome(d, "nothing_kept", NULL);
		}
		return;
	}
	if (d->now < s->kept_next_ms) { /* too early: another turn moved it */
		outcome(d, "early", s->kept.pack);
		return;
	}
	s->is_kept_call = true;
	run_frame(d, &s->kept);
}
