/* SPDX-License-Identifier: BSD-2-Clause */
/* api_admin.c - what operators and tests ask: is it well, run the timers, set the test clock. */
#include "backend/api_int.h"

#include "backend/events.h"
#include "backend/ist.h"

static json_t *now_json(int64_t now_ms)
{
	return json_pack("{s:o}", "now", api_time_json(now_ms));
}

void api_admin_tick(struct api_call *c)
{
	/* api.c has run what is due, as before every request; this says what comes next. */
	int64_t due = queue_next_due_ms(&c->a->q);
	json_t *o = now_json(c->now_ms);

	json_object_set_new(o, "next_due", due < 0 ? json_null() : api_time_json(due));
	api_answer(c, 200, o);
}

void api_admin_clock(struct api_call *c)
{
	const char *text = json_string_value(json_object_get(c->in, "now"));
	int64_t ms;

	if (!c->a->clock.is_test) {
		api_problem(c, "no-test-clock", "The program was not started with --test-clock.");
	} else if (!text || !ist_parse(text, &ms) || ms <= 0) {
		api_bad_field(c, "now", "It must be a time such as 2026-11-22T10:00:00+05:30.");
	} else {
		c->a->clock.fixed_ms = ms;
		api_answer(c, 200, now_json(ms));
	}
}

void api_healthz(struct api_call *c)
{
	int64_t pending, refused;
	json_t *o = now_json(c->now_ms);

	events_count(c->a->q.db, &pending, &refused);
	json_object_set_new(o, "status", json_string("ok"));
	json_object_set_new(o, "events_pending", json_integer(pending));
	json_object_set_new(o, "events_refused", json_integer(refused));
	api_answer(c, 200, o);
}
