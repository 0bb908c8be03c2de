/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue.c - the step: what came in, and what every turn begins and ends with. dialogue_int.h
 * has the map of the other files. */
#include "engine/dialogue_int.h"

#include <stdlib.h>

static void frame_take(const struct pack *k, const struct get *g, const json_t *data,
    char *value[PACK_VARS_MAX], bool *fits)
{
	char v[VALUE_OCTETS_MAX + 1];

	if (!get_value(g, &k->var[g->var], data, v)) {
		*fits = false;
		return;
	}
	free(value[g->var]);
	value[g->var] = xstrdup(v);
}

/* What an event means for the answers to come, also for someone who said STOP. */
static void event_effect(struct dl *d, const struct pack *k, const struct event_rule *e)
{
	struct session *s = d->s;

	if (e->clears_expect && s->expect.pack == k)
		s->expect.pack = NULL;
	if (!e->expect)
		return;
	s->expect.pack = k;
	s->expect.trigger = (int)(e->expect - k->trigger);
	s->expect.event = (int)(e - k->event);
	s->expect.until_ms = d->now + e->expect_ms;
}

static bool event_apply(struct dl *d, const struct pack *k, const struct event_rule *e)
{
	char *value[PACK_VARS_MAX] = {NULL};
	bool fits = true;

	for (size_t i = 0; i < e->m.get_count; i++)
		frame_take(k, &e->m.get[i], d->in->data, value, &fits);
	if (fits) {
		event_effect(d, k, e);
		bool is_told = !d->s->is_stopped || e->is_asked;

		outcome(d, is_told ? "event" : "stopped", k);
		if (e->text && is_told)
			say_event(d, k, e, d->in->merged > 1 && e->merge ? e->merge : e->text, value);
	}
	for (size_t i = 0; i < PACK_VARS_MAX; i++)
		free(value[i]);
	return fits;
}

/* The first rule that an event fits, or NULL. */
static const struct event_rule *rule_of(const struct pack *k, struct sv type, const json_t *data)
{
	for (size_t i = 0; k && i < k->event_count; i++)
		if (sv_is(type, k->event[i].type) && match_holds(&k->event[i].m, data))
			return &k->event[i];
	return NULL;
}

struct event_plan packs_event_plan(const struct packs *p, struct sv service, struct sv type,
    const json_t *data)
{
	const struct event_rule *e = rule_of(pack_find(p, service), type, data);

	if (!e || !e->text)
		return (struct event_plan){.is_told = false};
	return (struct event_plan){.is_told = true,
	    .class = e->class,
	    .life_ms = e->life_ms,
	    .is_loud = e->is_loud,
	    .coalesce = e->coalesce,
	    .group = e->merge ? e->merge->full_id : NULL};
}

static void on_event(struct dl *d)
{
	const struct pack *k = pack_find(d->p, d->in->event_service);
	const struct event_rule *e = rule_of(k, d->in->event_type, d->in->data);

	outcome(d, k ? "ignored_event" : "unknown_service", k);
	if (e && !event_apply(d, k, e))
		outcome(d, "bad_event", k);
}

static void turn_begin(struct dl *d)
{
	struct session *s = d->s;

	frame_clear(&s->side);
	s->exec = NULL;
	s->is_kept_call = false;
	s->calls = s->replies = 0;
	s->asks_again = s->keeps_said = s->is_wrong_key = s->forgets = false;
	said_clear(s);
	s->is_ussd = is_on_screen(d);
	/* Who writes an SMS has left the screen: a key pressed there later was meant for another. And the
	 * work goes on: how the screen ended does not matter any more. */
	if (!s->is_ussd && (d->in->kind == INPUT_TEXT || d->in->kind == INPUT_UNREADABLE)) {
		screen_clear(s);
		s->run.ended = ENDED_BY_PERSON;
	}
}

/* The screen had to be closed before the backend answered: what would have stood there is sent. */
static void turn_was_late(struct dl *d)
{
	struct session *s = d->s;

	for (size_t i = 0; i < s->said_count && d->out->reply_count < DIALOGUE_REPLIES_MAX; i++) {
		d->out->reply[d->out->reply_count++] = s->said[i].sms;
		s->said[i].sms = (struct reply){.text = NULL};
	}
	said_clear(s);
	screen_clear(s);
	s->is_ussd = false;
}

static void turn_end(struct dl *d)
{
	struct session *s = d->s;

	if (!s->forgets)
		aside_resume(d);
	if (s->asks_again && s->run.pack)
		say_question(d, &s->run, false);
	if (is_on_screen(d) && d->in->kind != INPUT_USSD_GONE)
		screen_compose(d);
	s->asks_again = false;
	frame_clear(&s->side);
	if (s->forgets)
		session_forget(s);
	if (s->expect.pack && d->now > s->expect.until_ms)
		s->expect.pack = NULL;
	if (s->kept.pack)
		d->out->defer_at_ms = s->kept_next_ms;
}

void dialogue_step(const struct packs *p, struct session *s, const struct input *in,
    uint64_t now_wall_ms, struct step_result *out)
{
	struct dl d = {p, s, in, now_wall_ms, out};

	*out = (struct step_result){.reply_count = 0};
	outcome(&d, "ok", NULL);
	if (in->kind != INPUT_ANSWER)
		turn_begin(&d);
	else if (s->is_ussd && !is_on_screen(&d))
		turn_was_late(&d);
	if (packs_lang(p, sv_from(s->lang)) < 0)
		memcpy(s->lang, p->lang[0], strlen(p->lang[0]) + 1);
	switch (in->kind) {
	case INPUT_TEXT:
	case INPUT_UNREADABLE:
		if (is_on_screen(&d))
			on_pressed(&d);
		else if (in->kind == INPUT_TEXT)
			on_text(&d);
		else
			on_unreadable(&d);
		break;
	case INPUT_EVENT:
		on_event(&d);
		break;
	case INPUT_CODE:
		on_code(&d);
		break;
	case INPUT_ANSWER:
		on_answer(&d);
		break;
	case INPUT_RETRY:
		retry_kept(&d);
		break;
	case INPUT_REPEATED:
		on_repeated(&d);
		break;
	case INPUT_USSD_BEGIN:
		on_dialled(&d);
		break;
	case INPUT_USSD_GONE:
		on_gone(&d);
		break;
	}
	if (!out->has_call)
		turn_end(&d);
}

void step_result_clear(struct step_result *r)
{
	for (size_t i = 0; i < r->reply_count; i++) {
		free(r->reply[i].text);
		free(r->reply[i].coalesce);
		free(r->reply[i].seal);
		free(r->reply[i].screen);
	}
	free(r->screen);
	if (r->has_call) {
		free(r->call.path);
		free(r->call.body);
	}
	*r = (struct step_result){.reply_count = 0};
}
