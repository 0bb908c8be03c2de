/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_aside.c - a keyword in the middle of another dialogue. What waits is put aside, the new
 * dialogue runs, and when it is over the old question is asked again. One dialogue is aside at a time. */
#include "engine/dialogue_int.h"

enum { SHORT_WORDS_MAX = 3 }; /* of a longer answer a keyword is not the point */

/* A menu alone is no loss: its word brings it back. */
static bool is_begun(const struct frame *f)
{
	if (f->trail_count > 0 || f->is_sent || f->pack->step[f->step].kind != STEP_MENU)
		return true;
	for (size_t i = 0; i < f->pack->var_count; i++)
		if (f->value[i])
			return true;
	return false;
}

static bool is_alive(const struct dl *d)
{
	return d->s->aside.pack && d->now <= d->s->aside.until_ms;
}

bool aside_make_room(struct dl *d, const struct trigger *t)
{
	struct session *s = d->s;
	struct frame back = {.pack = NULL};

	if (is_alive(d) && is_trigger_of(&s->aside, t))
		frame_move(&back, &s->aside);
	if (s->run.pack && is_begun(&s->run))
		frame_move(&s->aside, &s->run);
	frame_clear(&s->run);
	if (!back.pack)
		return false;
	frame_move(&s->run, &back);
	s->run.wrong = 0;
	s->run.until_ms = d->now + question_life(d, &s->run);
	s->asks_again = true;
	outcome(d, "resumed", s->run.pack);
	return true;
}

static bool has_been_at(const struct frame *f, const struct pack *k, int step)
{
	if (f->pack != k)
		return false;
	for (unsigned i = 0; i < f->trail_count; i++)
		if (f->trail[i] == step)
			return true;
	return f->step == step;
}

/* TOKEN in the middle of a registration leads to a registration: nobody answers twice. */
void aside_join(struct dl *d, struct frame *f)
{
	struct session *s = d->s;

	if (!is_alive(d) || !has_been_at(&s->aside, f->pack, f->step))
		return;
	frame_move(f, &s->aside);
	say(d, CT_RESUMED, f);
}

/* Beside a kept question that may ask something yet, nothing else is asked. */
static bool is_kept_asking(const struct session *s)
{
	return s->kept.pack && !s->kept.pack->trigger[s->kept.trigger].is_quick;
}

bool aside_return(struct dl *d)
{
	struct session *s = d->s;

	if (s->run.pack || is_kept_asking(s))
		return false;
	if (!is_alive(d)) {
		frame_clear(&s->aside);
		return false;
	}
	frame_move(&s->run, &s->aside);
	s->run.wrong = 0;
	s->run.until_ms = d->now + question_life(d, &s->run);
	return true;
}

void aside_resume(struct dl *d)
{
	if (!aside_return(d))
		return;
	say(d, CT_RESUMED, &d->s->run);
	d->s->asks_again = true;
}

const struct keyword *aside_keyword(const struct dl *d, const struct step *t, struct sv folded)
{
	const struct keyword *w;
	struct sv rest = folded, word;
	unsigned words = 0;

	if (t->kind == STEP_ASK && (t->ask == ASK_NAME || t->ask == ASK_PLACE || t->ask == ASK_TEXT))
		return NULL;
	while (words <= SHORT_WORDS_MAX && sv_next_word(&rest, &word))
		words++;
	if (words > SHORT_WORDS_MAX)
		return NULL;
	w = packs_keyword_in(d->p, folded);
	if (!w)
		w = packs_keyword_slip(d->p, folded);
	if (w && w->cmd == CMD_NONE && (w->trigger->is_place || is_trigger_of(&d->s->run, w->trigger)))
		return NULL;
	return w;
}
