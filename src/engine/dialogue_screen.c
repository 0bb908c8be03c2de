/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_screen.c - the screen at the end of a turn on USSD: what the turn said, then what is
 * asked, one page of it. What is kept of it between turns is so little that it can be shown again. */
#include "engine/dialogue_int.h"

#include <stdlib.h>

enum { SAID_OCTETS_MAX = 8192 };

struct screen_nav screen_nav_now(const struct dl *d)
{
	const struct session *s = d->s;
	struct screen_nav n = {"9", "0", true};
	bool is_first = s->screen.at == 0;

	switch (s->screen.view) {
	case VIEW_NONE:
	case VIEW_RESUME:
		n.has_menu = false;
		n.back = is_first ? NULL : n.back;
		break;
	case VIEW_TEXT:
		n.back = is_first ? NULL : n.back;
		break;
	case VIEW_MENU:
		n.has_menu = s->screen.pack != NULL;
		n.back = is_first && !s->screen.pack ? NULL : n.back;
		break;
	case VIEW_RUN:
		n = screen_nav_step(&s->run.pack->step[s->run.step]);
		n.back = is_first && s->run.is_sent && s->run.trail_count == 0 ? NULL : n.back;
		break;
	}
	return n;
}

static void render(const struct dl *d, struct page_body *b)
{
	static const enum screen_word resume_title[] = {[ENDED_BY_PERSON] = SW_RESUME,
	    [ENDED_IN_TIME_OUT] = SW_RESUME_TIMED_OUT,
	    [ENDED_BY_NETWORK] = SW_RESUME_CUT};
	const struct session *s = d->s;
	const struct frame *f = &s->run;
	const struct scope sc = {.d = d, .pack = f->pack, .value = f->value};
	const struct step *t;

	if (s->screen.said)
		buf_adds(&b->text, s->screen.said);
	if (s->screen.said && s->screen.view != VIEW_TEXT)
		buf_addc(&b->text, '\n');
	switch (s->screen.view) {
	case VIEW_NONE:
	case VIEW_TEXT:
		break;
	case VIEW_MENU:
		if (s->screen.pack)
			screen_pack_menu(s->screen.pack, lang_index(d), b);
		else
			screen_main_menu(d->p, lang_index(d), b);
		break;
	case VIEW_RESUME:
		screen_resume(d->p, lang_index(d), resume_title[s->run.ended], b);
		break;
	case VIEW_RUN:
		t = &f->pack->step[f->step];
		screen_question(t, s->screen.is_hint || t->kind == STEP_OTP ? t->hint : t->text,
		    lang_index(d), scope_value, &sc, b);
		break;
	}
}

/* What this turn said, as lines. */
static char *said_text(const struct session *s)
{
	struct buf b;

	if (s->said_count == 0)
		return NULL;
	buf_init(&b, SAID_OCTETS_MAX);
	for (size_t i = 0; i < s->said_count; i++)
		buf_addf(&b, "%s%s", i > 0 ? "\n" : "", s->said[i].screen);
	return buf_take(&b);
}

static void send_kept(struct dl *d)
{
	for (size_t i = 0; i < d->s->said_count; i++) {
		struct said *x = &d->s->said[i];

		if (!x->keeps || d->out->reply_count >= DIALOGUE_REPLIES_MAX)
			continue;
		d->out->reply[d->out->reply_count++] = x->sms;
		x->sms = (struct reply){.text = NULL};
	}
}

/* Tells one text from another; never 0. */
static unsigned sum_of(const struct page_body *b)
{
	unsigned sum = 1;

	for (size_t i = 0; i < b->text.n; i++)
		sum = (sum * 31 + (unsigned char)b->text.p[i]) % 65521;
	return sum + 1;
}

static void foot_now(const struct dl *d, struct screen_foot *f)
{
	struct screen_nav nav = screen_nav_now(d);

	screen_foot(d->p, lang_index(d), &nav, f);
	f->keys.is_end = d->s->screen.view == VIEW_TEXT;
}

static void write_screen(struct dl *d)
{
	struct session *s = d->s;
	struct screen_foot foot;
	struct page_body body;
	struct page page;
	struct buf out;

	page_body_init(&body);
	buf_init(&out, SAID_OCTETS_MAX);
	render(d, &body);
	if (s->screen.at > 0 && s->screen.sum != sum_of(&body)) /* other packs than before */
		s->screen.at = 0;
	foot_now(d, &foot);
	page = page_make(&body, s->screen.at,
	    s->is_wrong_key ? screen_word(d->p, SW_WRONG, lang_index(d)) : NULL, &foot.keys,
	    d->in->screen, &out);
	s->screen.next = page.next;
	s->screen.sum = s->screen.at > 0 || page.next > 0 ? sum_of(&body) : 0;
	d->out->screen = buf_take(&out);
	page_body_clear(&body);
}

void screen_compose(struct dl *d)
{
	struct session *s = d->s;

	if (!s->keeps_said) {
		free(s->screen.said);
		s->screen.said = said_text(s);
	}
	if (s->screen.view == VIEW_NONE) {
		s->screen.view = s->screen.said ? VIEW_TEXT : VIEW_MENU;
		s->screen.at = 0;
	}
	if (s->screen.view == VIEW_MENU && !screen_has_menu(d->p)) {
		d->out->screen = xstrdup(dialogue_last_screen(d->p, session_lang(s), SCREEN_AWAY));
		d->out->screen_ends = true;
		outcome(d, "no_menu", NULL);
	} else {
		write_screen(d);
		d->out->screen_ends = s->screen.view == VIEW_TEXT && s->screen.next == 0;
	}
	send_kept(d);
	said_clear(s);
	if (d->out->screen_ends) {
		screen_clear(s);
	} else if (s->screen.at == 0 && s->screen.next == 0) {
		free(s->screen.said);
		s->screen.said = NULL;
	}
}

void screen_page_back(struct dl *d)
{
	struct session *s = d->s;
	size_t at = s->screen.at;
	struct screen_foot first, later;
	struct page_body body;

	page_body_init(&body);
	render(d, &body);
	foot_now(d, &later);
	s->screen.at = 0;
	foot_now(d, &first);
	s->screen.at = page_before(&body, at, &first.keys, &later.keys, d->in->screen);
	page_body_clear(&body);
}
