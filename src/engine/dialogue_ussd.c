/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_ussd.c - what is dialled and pressed on USSD. Keys to move by come first, then what the
 * screen shows; an answer to a question means what it means in an SMS. */
#include "engine/dialogue_int.h"

#include <stdlib.h>
#include <unistr.h>

enum { TYPED_OCTETS_MAX = 1024 };

bool is_on_screen(const struct dl *d)
{
	return d->in->channel && strcmp(d->in->channel, "ussd") == 0 && d->in->kind != INPUT_EVENT &&
	       d->in->kind != INPUT_RETRY;
}

static bool is_run_open(const struct dl *d)
{
	return d->s->run.pack && d->now <= d->s->run.until_ms;
}

static void show(struct dl *d, enum screen_view view, const struct pack *k, const char *name)
{
	struct session *s = d->s;

	s->screen.view = view;
	s->screen.pack = k;
	s->screen.is_hint = false;
	s->screen.at = s->screen.next = 0;
	s->screen.wrong = 0;
	outcome(d, name, k);
}

/* Where somebody stands who presses nothing that leads on. */
static void show_start(struct dl *d)
{
	if (d->s->run.pack && !is_run_open(d))
		frame_clear(&d->s->run);
	aside_return(d);
	if (d->s->run.pack)
		show(d, VIEW_RESUME, NULL, "resume_offered");
	else
		show(d, VIEW_MENU, NULL, "menu");
}

static void leave(struct dl *d, const struct pack *k)
{
	frame_clear(&d->s->run);
	frame_clear(&d->s->aside);
	show(d, VIEW_MENU, k, "menu");
}

static void same_screen(struct dl *d, const char *name)
{
	d->s->keeps_said = true;
	d->s->screen.wrong = 0;
	outcome(d, name, d->s->run.pack);
}

/* The screen again with a word above it; after three times a polite end. What is unfinished can
 * still be gone on with, unless it is the question itself that was not answered. */
void screen_wrong_key(struct dl *d)
{
	struct session *s = d->s;
	bool is_run = s->screen.view == VIEW_RUN;

	if (++*(is_run ? &s->run.wrong : &s->screen.wrong) <= WRONG_MAX) {
		s->keeps_said = s->is_wrong_key = true;
		outcome(d, is_run ? "bad_answer" : "wrong_key", s->run.pack);
		return;
	}
	screen_clear(s);
	say(d, CT_TOO_MANY, is_run ? &s->run : NULL);
	outcome(d, "too_many_wrong", s->run.pack);
	if (is_run)
		frame_clear(&s->run);
}

/* ---- keys to move by ---- */
/* "1 0" and "१०" are "10"; empty when it is no key at all. */
static void key_of(const char *folded, char key[8])
{
	size_t n = 0;

	for (; *folded; folded++) {
		if (*folded == ' ')
			continue;
		if (n == 7 || !strchr("0123456789#", *folded)) {
			n = 0;
			break;
		}
		key[n++] = *folded;
	}
	key[n] = '\0';
}

static bool has_values(const struct step *t, const struct frame *f)
{
	for (size_t i = 0; i < f->pack->var_count; i++)
		if ((t->given >> i & 1) && !f->value[i])
			return false;
	return true;
}

/* The question before, whose answer stays as it was until there is another. */
static void back(struct dl *d)
{
	struct session *s = d->s;
	struct frame *f = &s->run;
	const struct pack *k = f->pack;

	if (s->screen.at > 0) {
		screen_page_back(d);
		same_screen(d, "page");
	} else if (s->screen.view != VIEW_RUN) {
		show(d, VIEW_MENU, NULL, "menu");
	} else if (f->trail_count > 0 && has_values(&k->step[f->trail[f->trail_count - 1]], f)) {
		f->step = f->trail[--f->trail_count];
		f->wrong = 0;
		f->until_ms = d->now + question_life(d, f);
		say_question(d, f, false);
		outcome(d, "back", k);
	} else if (s->aside.pack) { /* before this question was that of the other dialogue */
		frame_clear(f);
		s->screen.view = VIEW_NONE;
		outcome(d, "back", k);
	} else {
		leave(d, k->ussd_key && k != screen_only_pack(d->p) ? k : NULL);
	}
}

static bool navigate(struct dl *d, const char *key)
{
	struct session *s = d->s;
	struct screen_nav n = screen_nav_now(d);

	if (s->screen.next > 0 && strcmp(key, n.more) == 0) {
		s->screen.at = s->screen.next;
		same_screen(d, "page");
	} else if (n.back && strcmp(key, n.back) == 0) {
		back(d);
	} else if (n.has_menu && strcmp(key, SCREEN_MENU_KEY) == 0) {
		if (s->screen.view == VIEW_RUN)
			leave(d, NULL);
		else
			show_start(d);
	} else {
		return false;
	}
	return true;
}

/* ---- what the screen shows ---- */
static void begin(struct dl *d, const struct trigger *t)
{
	d->s->screen.view = VIEW_NONE;
	start_trigger(d, t);
}

static void next_language(struct dl *d)
{
	int next = (int)((lang_index(d) + 1) % d->p->lang_count);

	set_lang(d->s, d, next, LANG_CHOSEN);
	show(d, VIEW_MENU, NULL, "language");
}

/* The line of a menu that a key means: a pack's menu, or its trigger. */
static bool menu_line(const struct packs *p, const struct pack *menu, const char *key,
    const struct pack **k, const struct trigger **t)
{
	unsigned n = key[0] && !key[1] && key[0] != '#' ? (unsigned)(key[0] - '0') : 0;

	menu = menu ? menu : screen_only_pack(p);
	*k = menu ? NULL : screen_menu_pack(p, n);
	*t = menu ? screen_menu_trigger(menu, n) : NULL;
	return *k || *t;
}

static void press_menu(struct dl *d, const char *key, struct sv folded)
{
	const struct keyword *w = packs_keyword(d->p, folded);
	const struct trigger *t;
	const struct pack *k;

	if (menu_line(d->p, d->s->screen.pack, key, &k, &t)) {
		if (k)
			show(d, VIEW_MENU, k, "menu");
		else
			begin(d, t);
	} else if (!d->s->screen.pack && d->p->lang_count > 1 && key[0] == '0' + LANGUAGE_KEY &&
		   !key[1]) {
		next_language(d);
	} else if (w && w->cmd == CMD_NONE) {
		set_lang(d->s, d, w->lang, LANG_BY_KEYWORD);
		begin(d, w->trigger);
	} else if (w && w->cmd == CMD_LANGUAGE) {
		set_lang(d->s, d, w->lang, LANG_CHOSEN);
		show(d, VIEW_MENU, d->s->screen.pack, "language");
	} else {
		screen_wrong_key(d);
	}
}

static void press_resume(struct dl *d, const char *key)
{
	if (strcmp(key, "1") == 0 && is_run_open(d)) {
		d->s->run.wrong = 0;
		d->s->run.ended = ENDED_BY_PERSON;
		say_question(d, &d->s->run, false);
		outcome(d, "resumed", d->s->run.pack);
	} else if (strcmp(key, "2") == 0) {
		leave(d, NULL);
	} else {
		screen_wrong_key(d);
	}
}

static void press_run(struct dl *d, struct sv raw, struct sv folded)
{
	struct session *s = d->s;
	const struct step *t = &s->run.pack->step[s->run.step];

	if (s->screen.next > 0 && t->kind != STEP_MENU) {
		screen_wrong_key(d); /* what is asked stands further on */
		return;
	}
	s->screen.view = VIEW_NONE;
	if (folded.n > 0)
		route_text(d, raw, folded);
	else
		wrong_answer(d, &s->run);
}

static void press(struct dl *d, struct sv raw)
{
	bool is_text = raw.n <= TYPED_OCTETS_MAX && !u8_check((const uint8_t *)raw.p, raw.n);
	char *folded = text_folded(is_text ? raw : SV(""));
	char key[8];

	key_of(folded, key);
	if (!navigate(d, key))
		switch (d->s->screen.view) {
		case VIEW_MENU:
			press_menu(d, key, sv_from(folded));
			break;
		case VIEW_RESUME:
			press_resume(d, key);
			break;
		case VIEW_RUN:
			press_run(d, raw, sv_from(folded));
			break;
		case VIEW_TEXT:
			screen_wrong_key(d);
			break;
		case VIEW_NONE:
			break;
		}
	free(folded);
}

/* ---- what is dialled ---- */
static bool next_typed(struct sv *rest, struct sv *item)
{
	while (rest->n > 0 && *rest->p == '*')
		rest->p++, rest->n--;
	item->p = rest->p;
	item->n = 0;
	while (item->n < rest->n && item->p[item->n] != '*')
		item->n++;
	rest->p += item->n;
	rest->n -= item->n;
	return item->n > 0;
}

/* Whether what was said so far in a shortcut is of no use to anybody who goes on. */
static bool forget_said(struct session *s)
{
	for (size_t i = 0; i < s->said_count; i++)
		if (s->said[i].keeps)
			return false;
	said_clear(s);
	s->replies = 0;
	return true;
}

/* *123*1*2#: each input as if it had been typed on the screen before, as far as they lead. A call
 * to a backend is the end of it: what it answers must be seen first. */
static void type_ahead(struct dl *d, struct sv rest)
{
	struct session *s = d->s;
	struct sv item;

	while (next_typed(&rest, &item)) {
		if (!forget_said(s))
			return;
		press(d, item);
		if (d->out->has_call || s->screen.view == VIEW_NONE || s->is_wrong_key ||
		    s->screen.is_hint)
			return;
	}
}

/* The trigger that a shortcut or the word of a screen that popped up leads to, or NULL. */
static const struct trigger *walk_menu(const struct packs *p, struct sv rest)
{
	char *word = text_folded(rest);
	const struct keyword *w = packs_keyword(p, sv_from(word));
	const struct pack *k = NULL;
	const struct trigger *t = NULL;
	struct sv item;

	free(word);
	if (w && w->cmd == CMD_NONE)
		return w->trigger;
	while (!t && next_typed(&rest, &item)) {
		char *folded = text_folded(item), key[8];

		key_of(folded, key);
		free(folded);
		if (!menu_line(p, k, key, &k, &t))
			return NULL;
	}
	return t;
}

/* Of what could not be read again after a change of packs; false: nothing was lost. */
static bool told_lost(struct dl *d)
{
	struct session *s = d->s;

	if (s->lost & LOST_KEPT) {
		s->lost &= ~(unsigned)LOST_KEPT;
		say(d, CT_KEPT_LOST, NULL);
	}
	if (!(s->lost & LOST_RUN))
		return false;
	screen_clear(s);
	if (s->lost_pack) {
		start_over(d, NULL);
	} else {
		s->lost &= ~(unsigned)LOST_RUN;
		say(d, CT_STARTED_OVER, NULL);
		show_start(d);
	}
	return true;
}

void on_dialled(struct dl *d)
{
	struct session *s = d->s;
	const struct trigger *t;

	screen_clear(s);
	if (told_lost(d))
		return;
	show_start(d);
	if (s->screen.view == VIEW_MENU) {
		type_ahead(d, d->in->text);
		return;
	}
	/* Beside an open question a shortcut to what asks nothing is answered; it stays open. */
	t = walk_menu(d->p, d->in->text);
	if (t && t->is_quick) {
		begin(d, t);
		s->asks_again = false;
	}
}

void on_pressed(struct dl *d)
{
	struct session *s = d->s;

	if (s->lost && told_lost(d))
		return;
	if (s->screen.view == VIEW_RUN && !is_run_open(d))
		s->screen.view = VIEW_NONE;
	if (s->screen.view != VIEW_NONE) {
		press(d, d->in->kind == INPUT_TEXT ? d->in->text : SV(""));
	} else if (
	    is_run_open(d)) { /* moved on elsewhere: what is pressed was meant for another screen */
		say_question(d, &s->run, false);
		outcome(d, "asked", s->run.pack);
	} else {
		show_start(d);
	}
}

void on_gone(struct dl *d)
{
	struct session *s = d->s;

	if (s->screen.view == VIEW_RUN && s->run.pack) {
		s->run.until_ms = d->now + s->run.pack->resume_ms;
		s->run.ended = sv_is(d->in->text, INPUT_TIMED_OUT)       ? ENDED_IN_TIME_OUT
			       : sv_is(d->in->text, INPUT_NETWORK_ENDED) ? ENDED_BY_NETWORK
									 : ENDED_BY_PERSON;
	}
	screen_clear(s);
	outcome(d, "gone", s->run.pack);
}
