/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_text.c - what a person's text means. In this order:
 *	a command's word alone; a menu's option alone; a trigger's word alone;
 *	then, when a question waits, its answer, or a keyword in what is none;
 *	else a bare yes to "it is your turn"; a keyword inside a sentence, or with one slip; the
 *	nearest keyword is named.
 * Every text gets at least one reply. */
#include "engine/dialogue_int.h"

#include "codec/text.h"

#include <stdlib.h>
#include <unistr.h>

/* Longer than any SMS that can be joined: not worth reading to its end. */
enum { TYPED_OCTETS_MAX = 2048, BARE_WORDS_MAX = 3, MEANT_MS = 10 * 60 * 1000 };

void set_lang(struct session *s, const struct dl *d, int lang, enum lang_how how)
{
	if (lang < 0 || how < s->lang_how)
		return;
	s->lang_how = how;
	memcpy(s->lang, d->p->lang[lang], strlen(d->p->lang[lang]) + 1);
}

/* The service that a word of several means: that of the open question, of the turn which has come, else
 * the one whose answer or alert came last. */
static const struct pack *home(const struct dl *d)
{
	const struct session *s = d->s;

	if (s->run.pack && s->run.pack->is_home)
		return s->run.pack;
	return s->expect.pack && d->now <= s->expect.until_ms ? s->expect.pack : s->home;
}

static const struct keyword *of_home(const struct dl *d, const struct keyword *w)
{
	const struct pack *k = home(d);
	const struct keyword *own = w;
	struct sv folded;

	if (!w || w->cmd != CMD_NONE)
		return w;
	folded = sv_from(w->folded);
	for (size_t i = 0; i < d->p->keyword_count; i++) {
		const struct keyword *o = &d->p->keyword[i];

		if (o->cmd != CMD_NONE || !sv_is(folded, o->folded))
			continue;
		if (o->trigger->pack == k)
			return o;
		if (!o->trigger->is_shared)
			own = o;
	}
	return own;
}

static void cancel(struct dl *d)
{
	struct session *s = d->s;

	if (s->run.pack) {
		say(d, CT_CANCELLED, &s->run);
		outcome(d, "cancelled", s->run.pack);
		frame_clear(&s->run);
	} else if (s->kept.pack) {
		say(d, CT_KEPT_DROPPED, NULL);
		outcome(d, "kept_dropped", s->kept.pack);
		frame_clear(&s->kept);
	} else if (d->p->on_cancel) {
		start_trigger(d, d->p->on_cancel);
	} else {
		say(d, CT_NOTHING_TO_CANCEL, NULL);
		outcome(d, "nothing_to_cancel", NULL);
	}
}

static void repeat(struct dl *d)
{
	outcome(d, "repeat", NULL);
	if (d->s->run.pack) /* the question itself */
		return;
	if (d->s->last.text)
		say_again(d);
	else
		say(d, CT_NOTHING_TO_REPEAT, NULL);
}

static void command(struct dl *d, const struct keyword *w)
{
	struct session *s = d->s;

	s->asks_again = s->run.pack && w->cmd != CMD_CANCEL;
	switch (w->cmd) {
	case CMD_HELP:
		say(d, s->run.pack ? CT_HELP_DIALOGUE : CT_HELP, NULL);
		outcome(d, "help", NULL);
		break;
	case CMD_CANCEL:
		cancel(d);
		break;
	case CMD_STOP:
		s->is_stopped = true;
		say(d, CT_STOPPED, NULL);
		outcome(d, "stop", NULL);
		break;
	case CMD_START:
		s->is_stopped = false;
		say(d, CT_STARTED, NULL);
		outcome(d, "start", NULL);
		break;
	case CMD_REPEAT:
		repeat(d);
		break;
	case CMD_WHO:
		say(d, CT_WHO, NULL);
		outcome(d, "who", NULL);
		break;
	case CMD_LANGUAGE:
		set_lang(s, d, w->lang, LANG_CHOSEN);
		say(d, CT_LANGUAGE_SET, NULL);
		outcome(d, "language", NULL);
		break;
	case CMD_NONE:
		break;
	}
}

static void obey(struct dl *d, const struct keyword *w)
{
	set_lang(d->s, d, w->lang, LANG_BY_KEYWORD);
	if (w->cmd == CMD_NONE)
		start_trigger(d, w->trigger);
	else
		command(d, w);
}

/* The way back is not endless: from its oldest question there is none. */
static void trail_add(struct frame *f)
{
	if (f->trail_count == TRAIL_MAX) {
		memmove(f->trail, f->trail + 1, (TRAIL_MAX - 1) * sizeof(f->trail[0]));
		f->trail_count--;
		f->is_sent = true;
	}
	f->trail[f->trail_count++] = f->step;
}

static void take_answer(struct dl *d, struct sv raw, struct sv folded)
{
	struct frame *f = &d->s->run;
	const struct step *t = &f->pack->step[f->step];
	struct answer a = {.next = NEXT_END};
	const struct keyword *w;

	if (t->kind == STEP_OTP) {
		otp_take(d, f, folded);
		return;
	}
	if (answer_take(d, t, raw, folded, &a)) {
		trail_add(f);
		if (t->var >= 0)
			frame_set(f, t->var, a.value, strlen(a.value));
		f->wrong = 0;
		f->step = a.next;
		run_frame(d, f);
	} else if ((w = of_home(d, aside_keyword(d, t, folded)))) {
		obey(d, w);
	} else {
		wrong_answer(d, f);
	}
}

void too_many(struct dl *d, struct frame *f)
{
	say(d, CT_TOO_MANY, f);
	outcome(d, "too_many_wrong", f->pack);
	frame_clear(f);
}

void wrong_answer(struct dl *d, struct frame *f)
{
	if (++f->wrong > WRONG_MAX) {
		too_many(d, f);
		return;
	}
	f->until_ms = d->now + question_life(d, f);
	say_question(d, f, true);
	outcome(d, "bad_answer", f->pack);
}

/* A bare yes, or one of the event's words, while "it is your turn" is fresh. */
static bool take_expected(struct dl *d, struct sv folded)
{
	struct session *s = d->s;
	const struct event_rule *e;

	if (!s->expect.pack)
		return false;
	if (d->now > s->expect.until_ms) {
		s->expect.pack = NULL;
		return false;
	}
	e = &s->expect.pack->event[s->expect.event];
	if (answer_yesno(d->p, folded) != SAID_YES) {
		bool is_word = false;

		for (size_t i = 0; i < e->expect_word_count; i++)
			is_word = is_word || sv_is(folded, e->expect_word[i]);
		if (!is_word)
			return false;
	}
	start_trigger(d, &s->expect.pack->trigger[s->expect.trigger]);
	return true;
}

/* The dialogue could not go on after a change of packs, or its record was damaged: say so, then
 * begin it again, unless the person wants something else. */
void start_over(struct dl *d, const struct keyword *w)
{
	struct session *s = d->s;
	const struct pack *k = s->lost_pack;

	s->lost &= ~(unsigned)LOST_RUN;
	s->lost_pack = NULL;
	say(d, CT_STARTED_OVER, NULL);
	if (w) {
		obey(d, w);
	} else if (k) {
		start_trigger(d, &k->trigger[s->lost_trigger]);
	} else {
		say(d, CT_HELP, NULL);
		outcome(d, "started_over", NULL);
	}
}

/* A number, or a yes or no of few words: in a long story "nahi" answers nothing. */
static bool is_bare_answer(const struct dl *d, struct sv folded)
{
	struct sv rest = folded, word;
	bool is_digits = true;
	unsigned words = 0;

	while (words <= BARE_WORDS_MAX && sv_next_word(&rest, &word))
		words++;
	if (words > BARE_WORDS_MAX)
		return false;
	for (size_t i = 0; i < folded.n; i++)
		is_digits = is_digits && folded.p[i] >= '0' && folded.p[i] <= '9';
	return is_digits || answer_yesno(d->p, folded) != SAID_NEITHER;
}

static void offer(struct dl *d, const struct keyword *w)
{
	struct session *s = d->s;

	if (strlen(w->folded) > MEANT_OCTETS_MAX)
		return;
	memcpy(s->meant.word, w->folded, strlen(w->folded) + 1);
	s->meant.until_ms = d->now + MEANT_MS;
}

/* It is over with the next text, whatever that is. */
static const struct keyword *take_offer(struct dl *d)
{
	struct session *s = d->s;
	const struct keyword *w =
	    d->now <= s->meant.until_ms ? packs_keyword(d->p, sv_from(s->meant.word)) : NULL;

	s->meant.word[0] = '\0';
	return of_home(d, w);
}

/* "Did you mean TOKEN?": a yes means the word, a no the help. */
static bool take_meant(struct dl *d, const struct keyword *w, struct sv folded)
{
	enum yesno said = w ? answer_yesno(d->p, folded) : SAID_NEITHER;

	if (said == SAID_NEITHER)
		return false;
	if (said == SAID_YES) {
		obey(d, w);
	} else {
		say(d, CT_HELP, NULL);
		outcome(d, "help", NULL);
	}
	return true;
}

static void not_asked(struct dl *d, struct sv folded)
{
	const struct keyword *w = of_home(d, packs_keyword_in(d->p, folded));

	if (w) {
		obey(d, w);
	} else if (d->s->kept.pack) {
		say(d, CT_KEPT_WAIT, NULL);
		outcome(d, "kept_wait", d->s->kept.pack);
	} else if (is_bare_answer(d, folded)) {
		say(d, CT_NOTHING_ASKED, NULL);
		outcome(d, "nothing_asked", NULL);
	} else if ((w = of_home(d, packs_keyword_slip(d->p, folded)))) {
		obey(d, w);
	} else if ((w = packs_keyword_near(d->p, folded))) {
		offer(d, w);
		say_word(d, CT_UNKNOWN_NEAR, w->shown);
		outcome(d, "unknown_keyword", NULL);
	} else {
		say(d, CT_UNKNOWN, NULL);
		outcome(d, "unknown_keyword", NULL);
	}
}

/* The dialogue's life is over: a keyword starts something new, all else is told how to. */
static void too_late(struct dl *d, struct sv folded)
{
	const struct keyword *w = of_home(d, packs_keyword_in(d->p, folded));
	struct frame old = {.pack = NULL};

	frame_move(&old, &d->s->run);
	if (w) {
		obey(d, w);
	} else {
		say(d, CT_LATE, &old);
		outcome(d, "late", old.pack);
	}
	frame_clear(&old);
}

/* A keyword alone that is an answer to what is asked: an option, a place where a place or free text is
 * asked for, a name that people have. */
static bool is_answer_first(const struct dl *d, const struct keyword *w, const struct step *t,
    struct sv folded)
{
	if (!t)
		return false;
	if (t->kind == STEP_ASK && t->ask == ASK_NAME && packs_word(d->p, WORDS_GIVEN, folded))
		return true;
	if (w->cmd != CMD_NONE)
		return false;
	return answer_is_option(d, t, folded) || (w->trigger->is_place && t->kind == STEP_ASK &&
						     (t->ask == ASK_PLACE || t->ask == ASK_TEXT));
}

void route_text(struct dl *d, struct sv raw, struct sv folded)
{
	struct session *s = d->s;
	const struct keyword *w = of_home(d, packs_keyword(d->p, folded));
	const struct keyword *meant = take_offer(d);
	bool is_late = s->run.pack && d->now > s->run.until_ms;
	const struct step *t = s->run.pack && !is_late ? &s->run.pack->step[s->run.step] : NULL;

	if (s->lost & LOST_KEPT) {
		s->lost &= ~(unsigned)LOST_KEPT;
		say(d, CT_KEPT_LOST, NULL);
	}
	if (is_late && w)
		frame_clear(&s->run);
	if (s->lost & LOST_RUN)
		start_over(d, w);
	else if (w && !is_answer_first(d, w, t, folded))
		obey(d, w);
	else if (t)
		take_answer(d, raw, folded);
	else if (take_meant(d, meant, folded) || take_expected(d, folded))
		return;
	else if (is_late)
		too_late(d, folded);
	else
		not_asked(d, folded);
}

void on_unreadable(struct dl *d)
{
	static const struct {
		const char *word, *outcome;
		enum common_text text;
	} whys[] = {{INPUT_INCOMPLETE, "incomplete", CT_INCOMPLETE},
	    {INPUT_GIVEN_UP, "given_up", CT_GIVEN_UP}, {"", "unreadable", CT_UNREADABLE}};
	size_t i = 0;

	while (whys[i].word[0] &&
	       !(d->in->kind == INPUT_UNREADABLE && sv_is(d->in->text, whys[i].word)))
		i++;
	say(d, whys[i].text, NULL);
	d->s->asks_again = d->s->run.pack && d->now <= d->s->run.until_ms;
	outcome(d, whys[i].outcome, NULL);
}

void on_text(struct dl *d)
{
	struct sv raw = d->in->text;
	char *folded;

	if (raw.n > TYPED_OCTETS_MAX)
		raw = utf8_cut((struct sv){raw.p, TYPED_OCTETS_MAX}, TYPED_OCTETS_MAX / 4);
	if (raw.n == 0 || u8_check((const uint8_t *)raw.p, raw.n) || !text_has_word(raw)) {
		on_unreadable(d);
		return;
	}
	folded = text_folded(raw);
	if (*folded)
		route_text(d, raw, sv_from(folded));
	else
		on_unreadable(d);
	free(folded);
}

/* What was said last stands for the answer to both; who has been told nothing yet is answered anew. */
void on_repeated(struct dl *d)
{
	struct session *s = d->s;

	outcome(d, "repeated", s->run.pack);
	if (s->run.pack && d->now <= s->run.until_ms)
		s->asks_again = true;
	else if (s->kept.pack)
		say(d, CT_KEPT_WAIT, NULL);
	else if (s->last.text)
		say_again(d);
	else
		on_text(d);
}
