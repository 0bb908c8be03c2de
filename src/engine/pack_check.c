/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_check.c - checks over a whole pack: every path ends, every step is reached, no variable is
 * used before it has a value, no turn says or asks more than the maxima; and that keywords of
 * different packs do not collide. */
#include "engine/pack_compile.h"

#include <stdlib.h>

struct edge {
	int to; /* or NEXT_END */
	uint32_t gains; /* variables that have a value after it */
};

static size_t edges_max(const struct step *t)
{
	return t->option_count + t->branch_count + (t->call ? 2 * t->call->outcome_count : 0) + 3;
}

static uint32_t bit(int var)
{
	return var < 0 ? 0 : 1u << var;
}

static uint32_t given_by(const struct match *m)
{
	uint32_t set = 0;

	for (size_t i = 0; i < m->get_count; i++)
		set |= bit(m->get[i].var);
	return set;
}

/* Where a step leads; returns how many edges stand in e (room for edges_max). */
static size_t edges(const struct step *t, struct edge *e)
{
	size_t n = 0;
	uint32_t own = bit(t->var);

	switch (t->kind) {
	case STEP_MENU:
		for (size_t i = 0; i < t->option_count; i++)
			e[n++] = (struct edge){t->option[i].next, own};
		if (t->none)
			e[n++] = (struct edge){t->none->next, own};
		break;
	case STEP_ASK:
		if (t->ask == ASK_YESNO) {
			e[n++] = (struct edge){t->yes, own};
			e[n++] = (struct edge){t->no, own};
		} else {
			e[n++] = (struct edge){t->next, own};
		}
		break;
	case STEP_CALL:
		for (size_t i = 0; i < t->call->outcome_count; i++) {
			const struct outcome *o = &t->call->outcome[i];

			e[n++] = (struct edge){o->next, given_by(&o->m)};
			if (o->give_up != NEXT_NONE)
				e[n++] = (struct edge){o->give_up, given_by(&o->m)};
		}
		if (t->call->away_next != NEXT_NONE)
			e[n++] = (struct edge){t->call->away_next, 0};
		break;
	case STEP_OTP:
		e[n++] = (struct edge){t->next, own};
		e[n++] = (struct edge){t->no, 0};
		break;
	case STEP_SET:
		for (size_t i = 0; i < t->assign_count; i++)
			own |= bit(t->assign[i].var);
		e[n++] = (struct edge){t->next, own};
		break;
	case STEP_BRANCH:
		for (size_t i = 0; i < t->branch_count; i++)
			e[n++] = (struct edge){t->branch[i].next, 0};
		e[n++] = (struct edge){t->next, 0};
		break;
	case STEP_SAY:
	case STEP_END:
		e[n++] = (struct edge){t->next, 0};
		break;
	}
	return n;
}

static struct edge *edges_new(const struct step *t, size_t *n)
{
	struct edge *e = xcalloc(edges_max(t), sizeof(*e));

	*n = edges(t, e);
	return e;
}

/* Reachability and values: forward from the triggers until nothing changes. */
static void flow_values(struct pack *k)
{
	bool is_changed = true;

	for (size_t i = 0; i < k->step_count; i++)
		k->step[i].given = UINT32_MAX;
	for (size_t i = 0; i < k->trigger_count; i++) {
		k->step[k->trigger[i].step].given = 0;
		k->step[k->trigger[i].step].is_reached = true;
	}
	while (is_changed) {
		is_changed = false;
		for (size_t i = 0; i < k->step_count; i++) {
			struct step *t = &k->step[i];
			size_t n;
			struct edge *e;

			if (!t->is_reached)
				continue;
			e = edges_new(t, &n);
			for (size_t j = 0; j < n; j++) {
				struct step *to = e[j].to >= 0 ? &k->step[e[j].to] : NULL;
				uint32_t given;

				if (!to)
					continue;
				given = to->given & (t->given | e[j].gains);
				is_changed = is_changed || given != to->given || !to->is_reached;
				to->given = given;
				to->is_reached = true;
			}
			free(e);
		}
	}
}

static void flow_ends(struct pack *k)
{
	bool is_changed = true;

	while (is_changed) {
		is_changed = false;
		for (size_t i = 0; i < k->step_count; i++) {
			struct step *t = &k->step[i];
			size_t n;
			struct edge *e = edges_new(t, &n);

			for (size_t j = 0; j < n && !t->is_ending; j++)
				if (e[j].to < 0 || k->step[e[j].to].is_ending)
					t->is_ending = is_changed = true;
			free(e);
		}
	}
}

/* ---- what one turn may hold ---- */
struct turn_size {
	unsigned char mark; /* 0 new, 1 on the way, 2 done */
	unsigned replies, calls; /* at most */
	unsigned fewest; /* replies at least */
	bool may_wait; /* a question is reached, at once or in later turns */
};

static unsigned fewest_after(const struct turn_size *v, const struct edge *e)
{
	return e->to < 0 ? 0 : v[e->to].fewest;
}

static void turn_walk(struct cc *c, struct turn_size *v, int at)
{
	const struct step *t;
	size_t n;
	struct edge *e;

	if (at < 0 || v[at].mark == 2)
		return;
	t = &c->k->step[at];
	if (v[at].mark == 1) {
		cc_error(c, cc_step_at(c, t),
		    "this path does not end: step \"%s\" comes back to itself without asking anything",
		    t->name);
		return;
	}
	v[at].mark = 1;
	if (t->kind == STEP_OTP) { /* a code is sent and waited for, or refused and gone on from */
		turn_walk(c, v, t->no);
		v[at] = (struct turn_size){2, 1, 1, t->no >= 0 && v[t->no].fewest > 0, true};
		if (t->no >= 0) {
			v[at].replies = v[t->no].replies > 1 ? v[t->no].replies : 1;
			v[at].calls = v[t->no].calls + 1;
		}
		return;
	}
	if (step_waits(t)) {
		v[at] = (struct turn_size){2, 1, 0, 1, true};
		return;
	}
	e = edges_new(t, &n);
	v[at].fewest = n > 0 ? UINT16_MAX : 0;
	for (size_t j = 0; j < n; j++) {
		const struct turn_size *to;

		turn_walk(c, v, e[j].to);
		if (fewest_after(v, &e[j]) < v[at].fewest)
			v[at].fewest = fewest_after(v, &e[j]);
		if (e[j].to < 0)
			continue;
		to = &v[e[j].to];
		if (to->replies > v[at].replies)
			v[at].replies = to->replies;
		if (to->calls > v[at].calls)
			v[at].calls = to->calls;
		v[at].may_wait = v[at].may_wait || to->may_wait;
	}
	free(e);
	v[at].replies += t->text ? 1 : 0;
	v[at].fewest += t->text ? 1 : 0;
	v[at].calls += t->kind == STEP_CALL ? 1 : 0;
	v[at].mark = 2;
}

/* Whoever writes gets an answer: no way from a person's text to the end without a word. */
static void check_silence(struct cc *c, const struct turn_size *v)
{
	const struct pack *k = c->k;

	for (size_t i = 0; i < k->trigger_count; i++)
		if (v[k->trigger[i].step].fewest == 0)
			cc_error(c, k->trigger[i].at, "this trigger may end without saying anything");
	for (size_t i = 0; i < k->step_count; i++) {
		const struct step *t = &k->step[i];
		size_t n = 0;
		struct edge *e = step_waits(t) ? edges_new(t, &n) : NULL;

		for (size_t j = 0; j < n; j++)
			if (fewest_after(v, &e[j]) == 0) {
				cc_error(c, cc_step_at(c, t),
				    "after step \"%s\" a dialogue may end without saying anything",
				    t->name);
				break;
			}
		free(e);
	}
}

static void check_turns(struct cc *c)
{
	struct pack *k = c->k;
	struct turn_size *v = xcalloc(k->step_count + 1, sizeof(*v));
	const unsigned replies_max = DIALOGUE_REPLIES_MAX - TURN_RESERVE;

	for (size_t i = 0; i < k->step_count; i++)
		turn_walk(c, v, (int)i);
	for (size_t i = 0; i < k->step_count; i++) {
		/* Only the step where the maximum is passed, not everything before it. */
		if (v[i].replies == replies_max + 1 && k->step[i].text && !step_waits(&k->step[i]))
			cc_error(c, cc_step_at(c, &k->step[i]),
			    "from step \"%s\" on one turn may say %u texts, it may say %u",
			    k->step[i].name, v[i].replies, replies_max);
		if (v[i].calls == DIALOGUE_CALLS_MAX + 1 && k->step[i].kind == STEP_CALL)
			cc_error(c, cc_step_at(c, &k->step[i]),
			    "from step \"%s\" on one turn may make %u calls, it may make %u",
			    k->step[i].name, v[i].calls, DIALOGUE_CALLS_MAX);
	}
	for (size_t i = 0; i < k->trigger_count; i++)
		k->trigger[i].is_quick = !v[k->trigger[i].step].may_wait;
	if (!c->failed)
		check_silence(c, v);
	free(v);
}

/* ---- variables have values where they are used ---- */
static void used_ref(struct cc *c, const struct step *t, uint32_t given, const struct ref *r)
{
	if (r->kind == REF_VAR && !(given & bit(r->index)))
		cc_error(c, cc_step_at(c, t),
		    "step \"%s\" uses variable \"%s\", which may have no value there", t->name,
		    c->k->var[r->index].name);
}

static void used_text(struct cc *c, const struct ynode *at, uint32_t given, const struct text *t)
{
	for (size_t l = 0; t && l < 2 * c->p->lang_count; l++) {
		const struct text_lang *x = &t->lang[l / 2];
		const struct tmpl *m = l % 2 ? &x->ussd : &x->t;

		for (size_t i = 0; i < m->count; i++) {
			const struct ref *r = &m->part[i];

			if (r->kind == REF_VAR && !(given & bit(r->index)))
				cc_error(c, at,
				    "text \"%s\" (%s) uses variable \"%s\", which may have no value "
				    "here",
				    t->id, c->p->lang[l / 2], c->k->var[r->index].name);
		}
	}
}

static void check_event(struct cc *c, const struct event_rule *e)
{
	used_text(c, cc_event_at(c, e), given_by(&e->m), e->text);
	used_text(c, cc_event_at(c, e), given_by(&e->m), e->merge);
}

static void used_body(struct cc *c, const struct step *t, const json_t *body)
{
	const char *s = json_string_value(body);
	const json_t *v;
	size_t i;

	if (json_is_object(body)) {
		for (void *it = json_object_iter((json_t *)body); it;
		     it = json_object_iter_next((json_t *)body, it))
			used_body(c, t, json_object_iter_value(it));
	} else if (json_is_array(body)) {
		json_array_foreach(body, i, v) used_body(c, t, v);
	} else if (s && s[0] == '$') {
		struct ref r = {REF_VAR, NULL, pack_var(c->k, sv_from(s + 1))};

		if (r.index >= 0)
			used_ref(c, t, t->given, &r);
	}
}

static void check_uses(struct cc *c, const struct step *t)
{
	used_text(c, cc_step_at(c, t), t->given, t->text);
	used_text(c, cc_step_at(c, t), t->given, t->hint);
	for (size_t i = 0; i < t->assign_count; i++)
		used_ref(c, t, t->given, &t->assign[i].value);
	if (t->kind == STEP_BRANCH)
		used_ref(c, t, t->given, &t->on);
	if (t->call) {
		for (size_t i = 0; i < t->call->path.count; i++)
			used_ref(c, t, t->given, &t->call->path.part[i]);
		used_body(c, t, t->call->body);
	}
}

/* ---- a backend that takes no answer does not ask for one without end ---- */
/* From step at, over questions but not through another call, to the call step. */
static bool leads_to(const struct pack *k, bool *seen, int at, int call)
{
	size_t n;
	struct edge *e;
	bool is_found = false;

	if (at < 0 || at == call)
		return at == call;
	if (seen[at] || k->step[at].kind == STEP_CALL)
		return false;
	seen[at] = true;
	e = edges_new(&k->step[at], &n);
	for (size_t i = 0; i < n && !is_found; i++)
		is_found = leads_to(k, seen, e[i].to, call);
	free(e);
	return is_found;
}

static bool is_refusal(const struct outcome *o)
{
	for (size_t i = 0; i < o->status_count; i++)
		if (o->status[i] < 400)
			return false;
	return true;
}

static void check_refusals(struct cc *c, int at)
{
	const struct pack *k = c->k;
	const struct step *t = &k->step[at];

	for (size_t i = 0; t->call && i < t->call->outcome_count; i++) {
		const struct outcome *o = &t->call->outcome[i];
		bool *seen = xcalloc(k->step_count, sizeof(*seen));

		if (!o->is_again && is_refusal(o) && leads_to(k, seen, o->next, at))
			cc_error(c, t->at,
			    "step \"%s\" asks without end while it is answered %d: write again: %s",
			    t->name, o->status[0], k->step[o->next].name);
		free(seen);
	}
}

void check_graph(struct cc *c, size_t pack)
{
	struct pack *k = c->p->pack[pack];

	c->k = k;
	c->file = c->pack_file[pack];
	flow_values(k);
	flow_ends(k);
	for (size_t i = 0; i < k->step_count; i++) {
		const struct step *t = &k->step[i];

		if (!t->is_reached)
			cc_error(c, cc_step_at(c, t), "step \"%s\" is not reached from any trigger",
			    t->name);
		else if (!t->is_ending)
			cc_error(c, cc_step_at(c, t), "step \"%s\" is on a path that does not end",
			    t->name);
		else
			check_uses(c, t);
		check_refusals(c, (int)i);
	}
	c->file = c->pack_file[pack];
	check_turns(c);
	for (size_t i = 0; i < k->event_count; i++)
		check_event(c, &k->event[i]);
}

static const char *owner_name(const struct keyword *w)
{
	return w->trigger ? w->trigger->pack->name : "common";
}

/* Two services may have a word for the same act, if at most one of them has it for its own. */
static bool is_shared(const struct keyword *a, const struct keyword *b)
{
	return a->trigger && b->trigger && a->trigger->pack != b->trigger->pack &&
	       (a->trigger->is_shared || b->trigger->is_shared);
}

/* A word in both languages of one trigger is fine; else a word has one meaning. */
void check_keywords(struct cc *c)
{
	const struct packs *p = c->p;

	for (size_t i = 0; i < p->keyword_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct keyword *a = &p->keyword[j], *b = &p->keyword[i];

			if (strcmp(a->folded, b->folded) != 0)
				continue;
			if (a->cmd == b->cmd && a->trigger == b->trigger && a->lang == b->lang) {
				c->file = b->file;
				cc_warn(c, b->at, "keyword \"%s\" is the same as \"%s\"", b->shown,
				    a->shown);
				break;
			}
			if (is_shared(a, b)) {
				a->trigger->pack->is_home = b->trigger->pack->is_home = true;
				continue;
			}
			c->file = b->file;
			cc_error(c, b->at, "keyword \"%s\" is already one of pack \"%s\" (%s)",
			    b->shown, owner_name(a), a->shown);
			break;
		}
}
