/* SPDX-License-Identifier: BSD-2-Clause */
/* story.c - one story: turns, the stored session between them, and the crash in every step. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fail(const struct story *y, const char *what, const char *detail)
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

static void crash_and_repeat(const struct story *y)
{
	struct session *s = session_decode(y->packs, buf_sv(&y->before));
	char *then = step_dump(&y->res), *again;
	struct step_result r = {.reply_count = 0};
	struct buf blob;

	for (size_t i = 0; i < y->steps; i++) {
		step_result_clear(&r);
		dialogue_step(y->packs, s, &y->in[i], y->now, &r);
	}
	again = step_dump(&r);
	if (strcmp(then, again) != 0)
		fail(y, "after a crash the turn went another way", again);
	buf_init(&blob, 1 << 16);
	session_encode(s, &blob);
	if (!r.has_call && !sv_eq(buf_sv(&blob), buf_sv(&y->blob)))
		fail(y, "after a crash the session came out another way", NULL);
	buf_clear(&blob);
	free(then);
	free(again);
	step_result_clear(&r);
	session_free(s);
}

void all_seen(const struct story *y)
{
	if (y->seen < y->res.reply_count)
		fail(y, "a reply was not expected", y->res.reply[y->seen].text);
	if (y->res.has_call && !y->is_call_seen)
		fail(y, "a call was not expected", y->res.call.path);
	if (y->res.screen && !y->is_screen_seen)
		fail(y, "a screen was not expected", y->res.screen);
}

void turn_clear(struct story *y)
{
	for (size_t i = 0; i < y->steps; i++) {
		free((char *)(uintptr_t)y->in[i].text.p);
		free((char *)(uintptr_t)y->in[i].event_type.p);
		json_decref((json_t *)(uintptr_t)y->in[i].data);
	}
	y->steps = 0;
}

/* What must hold of every step: a screen where there should be one, within its limits. */
static void check_screen(struct story *y, const struct input *in)
{
	const char *s = y->res.screen;
	bool is_due =
	    strcmp(in->channel, "ussd") == 0 && !y->res.has_call && in->kind != INPUT_USSD_GONE;
	unsigned units, holds;

	if (is_due != (s != NULL))
		fail(y, is_due ? "there is no screen" : "there is a screen", s);
	if (!s)
		return;
	units = screen_units(sv_from(s), y->limits, &holds);
	if (y->prints)
		printf("%s:%d: %u of %u%s\n%s\n\n", y->file, y->line, units, holds,
		    y->res.screen_ends ? ", the end" : "", s);
	if (units > holds || units == 0)
		fail(y, "the screen is not within its limits", s);
}

void step(struct story *y, struct input in)
{
	all_seen(y);
	if (in.kind != INPUT_ANSWER) {
		if (y->res.has_call)
			fail(y, "the turn before still waits for a call's answer", NULL);
		turn_clear(y);
		y->turn++;
		buf_reset(&y->before);
		buf_addsv(&y->before, buf_sv(&y->blob));
		y->s = session_decode(y->packs, buf_sv(&y->blob));
	} else if (!y->res.has_call || y->steps == STEPS_MAX) {
		fail(y, "no call waits for an answer", NULL);
	}
	in.turn_id = y->turn;
	in.msisdn = y->phone;
	if (in.kind == INPUT_EVENT)
		in.channel = "event";
	else
		in.channel = y->on_ussd && !y->is_late && in.kind != INPUT_RETRY ? "ussd" : "sms";
	in.screen = y->limits;
	y->in[y->steps++] = in;
	step_result_clear(&y->res);
	y->seen = 0;
	y->is_call_seen = y->is_screen_seen = false;
	dialogue_step(y->packs, y->s, &in, y->now, &y->res);
	check_screen(y, &in);
	if (!y->res.has_call) {
		buf_reset(&y->blob);
		session_encode(y->s, &y->blob);
		session_free(y->s);
		y->s = NULL;
	}
	if (y->is_torture)
		crash_and_repeat(y);
}
