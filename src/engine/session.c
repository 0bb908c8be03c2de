/* SPDX-License-Identifier: BSD-2-Clause */
/* session.c - a person's session: making, freeing, its life. The stored form is session_codec.c. */
#include "engine/session_int.h"

#include <stdlib.h>

#define DAY_MS (24ull * 3600 * 1000)
#define BLANK_MS (10ull * 60 * 1000) /* longer than a turn that is under way in another process */

struct session *session_new(void)
{
	return xcalloc(1, sizeof(struct session));
}

void frame_clear(struct frame *f)
{
	for (size_t i = 0; i < PACK_VARS_MAX; i++)
		free(f->value[i]);
	*f = (struct frame){.pack = NULL};
}

void frame_move(struct frame *to, struct frame *from)
{
	frame_clear(to);
	*to = *from;
	*from = (struct frame){.pack = NULL};
}

void frame_set(struct frame *f, int var, const char *value, size_t octets)
{
	char *copy = xstrndup(value, octets);

	free(f->value[var]);
	f->value[var] = copy;
}

void last_clear(struct session *s)
{
	for (size_t i = 0; i < PACK_VARS_MAX; i++) {
		free(s->last.value[i]);
		s->last.value[i] = NULL;
	}
	s->last.text = NULL;
	s->last.pack = NULL;
}

void screen_clear(struct session *s)
{
	free(s->screen.said);
	memset(&s->screen, 0, sizeof(s->screen));
}

void said_clear(struct session *s)
{
	for (size_t i = 0; i < s->said_count; i++) {
		free(s->said[i].sms.text);
		free(s->said[i].sms.coalesce);
		free(s->said[i].screen);
	}
	s->said_count = 0;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	frame_clear(&s->run);
	frame_clear(&s->aside);
	frame_clear(&s->kept);
	frame_clear(&s->side);
	last_clear(s);
	screen_clear(s);
	said_clear(s);
	free(s);
}

const char *session_lang(const struct session *s)
{
	return s->lang[0] ? s->lang : "hi";
}

void session_forget(struct session *s)
{
	frame_clear(&s->run);
	frame_clear(&s->aside);
	frame_clear(&s->kept);
	last_clear(s);
	s->expect.pack = NULL;
	s->home = NULL;
	s->meant.word[0] = '\0';
	s->lang[0] = '\0';
	s->lang_how = LANG_DEFAULT;
	s->is_stopped = false;
}

/* Someone who said STOP must not be written to for forgetting it; a language is kept for long;
 * a dialogue that ran out is remembered for a week, so that a late answer gets its explanation. */
uint64_t session_life_ms(const struct session *s, uint64_t now_wall_ms)
{
	uint64_t life = s->is_stopped || s->lang_how == LANG_CHOSEN ? 730 * DAY_MS : 90 * DAY_MS;
	uint64_t last;

	if (s->forgets)
		return BLANK_MS;
	last = s->run.pack ? s->run.until_ms : 0;

	if (s->kept.pack && s->kept_until_ms > last)
		last = s->kept_until_ms;
	if (last > now_wall_ms && last - now_wall_ms + 7 * DAY_MS > life)
		life = last - now_wall_ms + 7 * DAY_MS;
	return life;
}

static void describe_frame(const struct frame *f, struct buf *out)
{
	if (f->pack)
		buf_addf(out, "%s/%s", f->pack->name, f->pack->step[f->step].name);
	else
		buf_adds(out, "-");
}

void session_describe(const struct session *s, struct buf *out)
{
	describe_frame(&s->run, out);
	if (s->aside.pack) {
		buf_adds(out, " aside ");
		describe_frame(&s->aside, out);
	}
	if (s->kept.pack) {
		buf_adds(out, " kept ");
		describe_frame(&s->kept, out);
	}
}
