/* SPDX-License-Identifier: BSD-2-Clause */
/* story.c - one story: turns, the stored session between them, and the crash in every step. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fail(const struct conv *y, const char *what, const char *detail)
{
	fprintf(stderr, "%s:%d: %s%s%s\n", y->file, y->line, what, detail ? ": " : "",
	    detail ? detail : "");
	exit(1);
}

char *step_dump(const struct step_result *r)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < r->reply_count; i++)
		buf_addf(&b, "%s %s %s %s %llu %s\n%s\n", msg_class_name(r->reply[i].class),
		    r->reply[i].text_id, r->reply[i].dlt_template_id, r->reply[i].lang,
		    (unsigned long long)r->reply[i].life_ms,
		    r->reply[i].coalesce ? r->reply[i].coalesce : "-", r->reply[i].text);
	if (r->has_call)
		buf_addf(&b, "%s %s %s %s %s %llu\n", r->call.backend, r->call.method, r->call.path,
		    r->call.body ? r->call.body : "-", r->call.key,
		    (unsigned long long)r->call.timeout_ms);
	if (r->screen)
		buf_addf(&b, "%s %s\n", r->screen_ends ? "end" : "screen", r->screen);
	buf_addf(&b, "%llu %s %s\n", (unsigned long long)r->defer_at_ms, r->outcome, r->service);
	return buf_take(&b);
}

/* The steps of this turn so far once more, on the session as it was stored before them. */
static void replay(const struct conv *y, struct session *s, struct step_result *r)
{
	for (size_t i = 0; i < y->r.steps; i++) {
		step_result_clear(r);
		dialogue_step(y->r.packs, s, &y->r.in[i], y->r.now_ms, r);
	}
}

static void crash_and_repeat(const struct conv *y)
{
	struct session *s = session_decode(y->r.packs, buf_sv(&y->r.before));
	char *then = step_dump(&y->r.res), *again;
	struct step_result r = {.reply_count = 0};
	struct buf blob;

	replay(y, s, &r);
	again = step_dump(&r);
	if (strcmp(then, again) != 0)
		fail(y, "after a crash the turn went another way", again);
	buf_init(&blob, 1 << 16);
	session_encode(s, &blob);
	if (!r.has_call && !sv_eq(buf_sv(&blob), buf_sv(&y->r.blob)))
		fail(y, "after a crash the session came out another way", NULL);
	buf_clear(&blob);
	free(then);
	free(again);
	step_result_clear(&r);
	session_free(s);
}

/* The call of this step gets no answer: the person must hear something or the question must be kept, and what
 * is kept must be asked again under the same key, or the backend could do it twice. */
static void away_and_again(const struct conv *y)
{
	struct input away = y->r.in[y->r.steps - 1],
		     retry = {.kind = INPUT_RETRY, .turn_id = y->r.turn + 1000, .msisdn = y->r.msisdn};
	struct session *s = session_decode(y->r.packs, buf_sv(&y->r.before));
	struct step_result r = {.reply_count = 0};
	uint64_t at;
	struct buf blob;
	char older[sizeof(s->kept_key)]; /* kept before this turn: that is asked first */

	memcpy(older, s->kept_key, sizeof(older));
	replay(y, s, &r);
	away.kind = INPUT_ANSWER;
	away.away = true;
	away.text = away.event_type = SV("");
	away.data = NULL;
	step_result_clear(&r);
	dialogue_step(y->r.packs, s, &away, y->r.now_ms, &r);
	if (!r.has_call && r.reply_count == 0 && !r.screen && r.defer_at_ms == 0)
		fail(y, "its backend is away, and nothing is said and nothing is kept",
		    y->r.res.call.path);
	if (r.defer_at_ms > 0) {
		retry.channel = "sms";
		retry.screen = y->r.limits;
		buf_init(&blob, 1 << 16);
		session_encode(s, &blob);
		session_free(s);
		s = session_decode(y->r.packs, buf_sv(&blob));
		buf_clear(&blob);
		at = r.defer_at_ms;
		step_result_clear(&r);
		dialogue_step(y->r.packs, s, &retry, at, &r);
		if (!r.has_call ||
		    (strcmp(r.call.key, y->r.res.call.key) != 0 && strcmp(r.call.key, older) != 0))
			fail(y, "kept and asked again, the question has another key",
			    r.has_call ? r.call.key : "no call");
	}
	step_result_clear(&r);
	session_free(s);
}

void all_seen(const struct conv *y)
{
	if (y->seen < y->r.res.reply_count)
		fail(y, "a reply was not expected", y->r.res.reply[y->seen].text);
	if (y->r.res.has_call && !y->is_call_seen)
		fail(y, "a call was not expected", y->r.res.call.path);
	if (y->r.res.screen && !y->is_screen_seen)
		fail(y, "a screen was not expected", y->r.res.screen);
}

/* What must hold of every step: a screen where there should be one, within its limits. */
static void check_screen(struct conv *y, const struct input *in)
{
	const char *s = y->r.res.screen;
	bool is_due =
	    strcmp(in->channel, "ussd") == 0 && !y->r.res.has_call && in->kind != INPUT_USSD_GONE;
	unsigned units, holds;

	if (is_due != (s != NULL))
		fail(y, is_due ? "there is no screen" : "there is a screen", s);
	if (!s)
		return;
	units = screen_units(sv_from(s), y->r.limits, &holds);
	if (y->prints)
		printf("%s:%d: %u of %u%s\n%s\n\n", y->file, y->line, units, holds,
		    y->r.res.screen_ends ? ", the end" : "", s);
	if (units > holds || units == 0)
		fail(y, "the screen is not within its limits", s);
}

void step_begin(const struct conv *y)
{
	all_seen(y);
}

void step_done(struct conv *y)
{
	y->seen = 0;
	y->is_call_seen = y->is_screen_seen = false;
	check_screen(y, &y->r.in[y->r.steps - 1]);
	if (y->is_torture)
		crash_and_repeat(y);
	if (y->is_torture && y->r.res.has_call)
		away_and_again(y);
}

void step(struct conv *y, struct input in)
{
	step_begin(y);
	if (!rehearsal_step(&y->r, in))
		fail(y,
		    in.kind == INPUT_ANSWER ? "no call waits for an answer"
					    : "the turn before still waits for a call's answer",
		    NULL);
	step_done(y);
}
