/* SPDX-License-Identifier: BSD-2-Clause */
/* test_turn_ussd.c - a turn that is a step of a USSD session: a screen in time, once, whatever happens;
 * a late one becomes a message; a repeated one is answered the same. The dialogue is scripted. */
#include "turn_script.h"

#include <stdlib.h>

#define NET 77u
#define TTL 180000u

static const struct in_record ussd_in = {.kind = INPUT_TEXT,
    .msisdn = {WHO, 12},
    .channel = {"ussd", 4},
    .link = {"smsc1", 5},
    .address = {"", 0},
    .text = {"1", 1},
    .at_ms = NOW};

static const struct row start = {EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}};
static const struct row stored = {EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}};
static const struct row go_stale = {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}};
static const struct row new_commit = {EVS(GO, OK, 0, ""), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
static const struct row new_call = {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}};
static const struct row answer_commit = {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
static const struct row committed = {EV(COMMITTED, OK), TURN_DONE, 2, {TURN_FX_SCREEN, TURN_FX_SEND}};
static const struct row committed_late = {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}};
#define DEADLINE \
	{ \
		.kind = TURN_EV_DEADLINE \
	}
#define LAST \
	{ \
		.kind = TURN_EV_DEADLINE, .is_last = true \
	}
#define GONE \
	{ \
		.kind = TURN_EV_DEADLINE, .is_gone = true \
	}
static const struct row late_accept = {DEADLINE, TURN_CALLING, 1, {TURN_FX_ACCEPT}};
static const struct row late_stored = {EV(ACCEPTED, OK), TURN_CALLING, 1, {TURN_FX_SCREEN}};

static struct turn *step_of(enum ussd_how how, const char *text, unsigned calls)
{
	struct in_record in = ussd_in;
	struct turn *t;

	in.text = sv_from(text);
	t = begin(&in, calls, 1);
	turn_set_ussd(t, &(struct ussd_step){.how = how,
			     .net = NET,
			     .step = how == USSD_INPUTS ? ussd_hash(0, in.text) : 0,
			     .step_octets = in.text.n,
			     .ttl_ms = TTL,
			     .is_unique = true,
			     .limits = {150, 60}});
	return t;
}

/* What a committed turn leaves in the store, for the next one. */
static char kept[4096];
static struct turn_ev leave(const struct turn *t)
{
	struct sv s = buf_sv(&t->blob);

	assert_true(s.n < sizeof(kept));
	memcpy(kept, s.p, s.n);
	return (struct turn_ev){
	    .kind = TURN_EV_GO, .rc = TURN_RC_OK, .version = 5, .session = {kept, s.n}};
}

/* A session with a first screen on it; more is open. */
static struct turn_ev dialled(bool ends)
{
	struct turn *t = step_of(USSD_BEGIN, "", 0);
	struct turn_ev ev;

	script.ends = ends;
	feed(t, &start, 0);
	feed(t, &new_commit, 1);
	feed(t, &committed, 2);
	assert_string_equal(t->screen, "|");
	assert_int_equal(t->screen_ends, ends);
	assert_string_equal(t->shown, ends ? "end" : "more");
	assert_int_equal(script.last.kind, INPUT_USSD_BEGIN);
	assert_string_equal(script.last.channel, "ussd");
	assert_int_equal(script.last.screen.ucs2_units, 60);
	ev = leave(t);
	turn_free(t);
	return ev;
}

static void a_step_is_shown_when_it_is_committed(void **state)
{
	struct turn_ev ev = dialled(false);
	struct turn *t = step_of(USSD_NEXT, "2", 1);
	struct row go = {ev, TURN_CALLING, 1, {TURN_FX_CALL}};

	(void)state;
	feed(t, &start, 0);
	feed(t, &go, 1);
	assert_int_equal(script.last.kind, INPUT_TEXT);
	assert_string_equal(script.last_text, "2");
	feed(t, &answer_commit, 2);
	assert_int_equal(script.last.kind, INPUT_ANSWER);
	assert_string_equal(script.last.channel, "ussd");
	assert_false(t->in_inbox);
	assert_null(strstr(script.log, "|"));
	feed(t, &committed, 3);
	assert_string_equal(t->screen, "+|2");
	assert_int_equal(t->out_count, 2); /* what is to be kept comes as SMS beside the screen */
	turn_free(t);
}

/* The same, run again on another session, with its own keys. */
static void a_clash_runs_the_step_again_and_shows_one_screen(void **state)
{
	struct turn_ev ev = dialled(false);
	struct turn *t = step_of(USSD_NEXT, "2", 0);
	struct row go = {ev, TURN_COMMITTING, 1, {TURN_FX_COMMIT}}, clash = go;

	(void)state;
	clash.ev.kind = TURN_EV_COMMITTED;
	clash.ev.rc = TURN_RC_CLASH;
	feed(t, &start, 0);
	feed(t, &go, 1);
	feed(t, &clash, 2);
	assert_int_equal(script.steps, 2);
	feed(t, &committed, 3);
	turn_free(t);
}

static void a_late_step_is_stored_before_its_sms_is_promised(void **state)
{
	struct turn *t = step_of(USSD_BEGIN, "4", 1);
	struct in_record in;
	struct ussd_step u;

	(void)state;
	feed(t, &start, 0);
	feed(t, &new_call, 1);
	feed(t, &late_accept, 2);
	assert_null(t->screen);
	assert_true(in_record_decode(buf_sv(&t->rec), &in));
	assert_true(in.kind == INPUT_USSD_BEGIN && sv_is(in.channel, "sms") && sv_is(in.text, "4") &&
		    sv_is(in.msisdn, WHO) && sv_is(in.link, "smsc1"));
	assert_true(ussd_step_decode(in.event_type, &u));
	assert_true(u.net == NET && u.how == USSD_BEGIN);
	feed(t, &late_stored, 3);
	assert_string_equal(t->screen, "LATE");
	assert_true(t->screen_ends && t->in_inbox);
	feed(t, &answer_commit, 4);
	assert_string_equal(script.last.channel, "sms");
	assert_int_equal(t->out_count, 2);
	feed(t, &committed_late, 5);
	assert_string_equal(t->shown, "late");
	turn_free(t);
}

static void an_answer_that_overtakes_the_inbox_waits_for_it(void **state)
{
	static const struct row rows[] = {
	    {EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {DEADLINE, TURN_CALLING, 1, {TURN_FX_ACCEPT}},
	    {ANSWER, TURN_ACCEPTING, 0, {0}},
	    {EV(ACCEPTED, AWAY), TURN_ACCEPTING, 1, {TURN_FX_TIMER}},
	    {LAST, TURN_ACCEPTING, 1, {TURN_FX_SCREEN}}, /* nothing can be promised */
	    {EV(TIMER, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, OK), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
	    {EV(TIMER, OK), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}},
	};
	struct turn *t = step_of(USSD_BEGIN, "4", 1);

	(void)state;
	PLAY(t, rows);
	assert_string_equal(t->screen, "AWAY");
	assert_int_equal(script.steps, 2);
	turn_free(t);
}

static void a_late_step_is_run_again_after_a_crash_with_the_same_keys(void **state)
{
	struct turn_ev ev = dialled(false);
	struct turn *t = step_of(USSD_NEXT, "2", 1);
	struct row go = {ev, TURN_CALLING, 1, {TURN_FX_CALL}};
	struct buf rec;
	struct in_record in;
	char key[40];

	(void)state;
	t->step.repeat_ms = TTL; /* a network that names its steps */
	t->step.step = 2;
	feed(t, &start, 0);
	feed(t, &go, 1);
	feed(t, &late_accept, 2);
	memcpy(key, t->call.key, sizeof(key));
	assert_string_not_equal(key, "1230-1");
	buf_init(&rec, TURN_RECORD_MAX);
	buf_addsv(&rec, buf_sv(&t->rec));
	turn_free(t);
	assert_true(in_record_decode(buf_sv(&rec), &in));
	t = begin(&in, 1, 1);
	feed(t, &stored, 3);
	feed(t, &go, 4);
	assert_string_equal(t->call.key, key);
	assert_string_equal(script.last.channel, "ussd"); /* the key was pressed on a screen */
	assert_int_equal(script.last.kind, INPUT_TEXT);
	feed(t, &answer_commit, 5);
	assert_string_equal(script.last.channel, "sms");
	feed(t, &committed_late, 6);
	/* The network asks for the same step once more: told the same, nothing happens. */
	ev = leave(t);
	turn_free(t);
	t = step_of(USSD_NEXT, "2", 1);
	t->step.repeat_ms = TTL;
	t->step.step = 2;
	feed(t, &start, 7);
	go = (struct row){ev, TURN_DONE, 1, {TURN_FX_SCREEN}};
	feed(t, &go, 8);
	assert_string_equal(t->screen, "LATE");
	assert_true(t->screen_ends);
	assert_int_equal(script.steps, 0);
	turn_free(t);
	buf_clear(&rec);
}

/* Run again on a session that changed meanwhile, it may have nothing to ask: promised is promised. */
static void a_late_step_that_ends_on_a_screen_sends_it(void **state)
{
	static const struct row rows[] = {
	    {EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {DEADLINE, TURN_CALLING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, OK), TURN_CALLING, 1, {TURN_FX_SCREEN}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	};
	static const struct row clash = {
	    EVS(COMMITTED, CLASH, 5, "s5"), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
	struct turn *t = step_of(USSD_BEGIN, "4", 1);
	struct out_record r;

	(void)state;
	PLAY(t, rows);
	script.calls = script.replies = 0;
	feed(t, &clash, 5);
	assert_int_equal(t->out_count, 1);
	assert_true(out_record_decode(buf_sv(&t->out[0].rec), &r));
	assert_true(sv_is(r.text, "s5|4"));
	assert_string_equal(t->screen, "LATE");
	feed(t, &committed_late, 6);
	turn_free(t);
}

static void inputs_so_far_are_told_apart_from_what_is_new(void **state)
{
	static const struct {
		const char *had, *all, *in; /* in NULL: not a new step */
		const char *screen;
	} row[] = {
	    {"", "1", "1", "+|1"},
	    {"1", "1*2", "2", "+|2"},
	    {"1", "1", NULL, "|1"}, /* repeated */
	    {"", "", NULL, "|"},
	    {"1", "1*", "", "+|"}, /* an empty input */
	    {"1*2", "1*2*4*5", "4*5", "+|4*5"}, /* one input that holds a star */
	    {"1*2", "1", NULL, "|1*2"}, /* long on its way */
	    {"1*2", "1*3*4", NULL, "UNKNOWN"}, /* something between was never seen */
	    {"1*2", "1*23", NULL, "UNKNOWN"},
	    {"", "*", "*", "+|*"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct turn *t = step_of(USSD_INPUTS, row[i].had, 0);
		struct row go = {{0}, row[i].in ? TURN_COMMITTING : TURN_DONE, 1,
		    {row[i].in ? TURN_FX_COMMIT : TURN_FX_SCREEN}};

		feed(t, &start, i);
		feed(t, &new_commit, i);
		assert_int_equal(script.last.kind, INPUT_USSD_BEGIN); /* shortcut: all of it at once */
		assert_string_equal(script.last_text, row[i].had);
		feed(t, &committed, i);
		go.ev = leave(t);
		turn_free(t);
		t = step_of(USSD_INPUTS, row[i].all, 0);
		feed(t, &start, i);
		feed(t, &go, i);
		if (row[i].in) {
			assert_int_equal(script.last.kind, INPUT_TEXT);
			assert_string_equal(script.last_text, row[i].in);
			feed(t, &committed, i);
		} else {
			assert_int_equal(script.steps, 0);
		}
		assert_string_equal(t->screen, row[i].screen);
		turn_free(t);
	}
}

static void a_reply_to_a_session_that_is_over_or_unknown_ends_politely(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct turn_ev ev = dialled(i == 0);
		struct turn *t = step_of(USSD_NEXT, "2", 1);
		struct row go = {ev, TURN_DONE, 1, {TURN_FX_SCREEN}};

		if (i == 1)
			t->step.net = NET + 1;
		else if (i == 2)
			go.ev.session = (struct sv)STORED("s4");
		else if (i == 3)
			t->step.ttl_ms = 0;
		feed(t, &start, i);
		feed(t, &go, i);
		assert_string_equal(t->screen, "UNKNOWN");
		assert_string_equal(t->outcome, "unknown_session");
		assert_int_equal(script.steps, 0);
		turn_free(t);
	}
}

static void the_end_from_outside_reaches_the_dialogue_once(void **state)
{
	struct turn_ev ev = dialled(false);
	struct turn *t = step_of(USSD_GONE, "", 0);
	struct row go = {ev, TURN_COMMITTING, 1, {TURN_FX_COMMIT}};

	(void)state;
	feed(t, &start, 0);
	feed(t, &go, 1);
	assert_int_equal(script.last.kind, INPUT_USSD_GONE);
	assert_true(t->note.is_over);
	feed(t, &committed_late, 2); /* nobody is there to see a screen */
	go = (struct row){leave(t), TURN_DONE, 0, {0}};
	turn_free(t);
	t = step_of(USSD_GONE, "", 0);
	feed(t, &start, 3);
	feed(t, &go, 4);
	assert_int_equal(script.steps, 0);
	turn_free(t);
}

/* The deadline in every state: at most one screen, and none that promises what is not stored. */
static void every_state_has_its_screen_in_time(void **state)
{
	static const struct {
		struct row way[4];
		size_t n;
		struct row soon, last;
		const char *screen;
	} row[] = {
	    {{{EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}}}, 1,
		{DEADLINE, TURN_DONE, 1, {TURN_FX_SCREEN}}, {LAST, TURN_DONE, 0, {0}}, "FULL"},
	    {{{EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
		 {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}}},
		2, {DEADLINE, TURN_DONE, 1, {TURN_FX_SCREEN}}, {LAST, TURN_DONE, 0, {0}}, "AWAY"},
	    {{{EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
		 {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}}},
		2, {DEADLINE, TURN_CALLING, 1, {TURN_FX_ACCEPT}},
		{LAST, TURN_CALLING, 1, {TURN_FX_SCREEN}}, "AWAY"},
	    {{{EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
		 {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}},
		 {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}}},
		3, {DEADLINE, TURN_COMMITTING, 0, {0}}, {LAST, TURN_COMMITTING, 1, {TURN_FX_SCREEN}},
		"AWAY"},
	    {{{EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
		 {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}},
		 {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
		 {EV(COMMITTED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}}},
		4, {DEADLINE, TURN_PAUSED, 0, {0}}, {LAST, TURN_PAUSED, 1, {TURN_FX_SCREEN}}, "AWAY"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (unsigned ends = 0; ends < 2; ends++) {
			struct turn *t = step_of(USSD_BEGIN, "", 1);
			struct turn_fx out;

			script.ends = ends;
			play(t, row[i].way, row[i].n);
			feed(t, &row[i].soon, i);
			feed(t, &row[i].last, i);
			/* what the last screen of all says is true even if the store does not answer */
			assert_string_equal(t->screen, ends && i > 2 ? "|" : row[i].screen);
			turn_step(t, &(struct turn_ev)LAST, NOW, &out);
			assert_int_equal(out.count, 0);
			turn_free(t);
		}
}

static void a_session_that_cannot_be_read_is_no_reason_to_wait(void **state)
{
	static const struct row away = {EV(LOADED, AWAY), TURN_DONE, 1, {TURN_FX_SCREEN}};
	struct turn *t = step_of(USSD_BEGIN, "", 1);

	(void)state;
	feed(t, &start, 0);
	feed(t, &go_stale, 1);
	feed(t, &away, 2);
	assert_string_equal(t->screen, "AWAY");
	assert_string_equal(t->outcome, "store_away");
	turn_free(t);
}

static void who_hangs_up_during_a_call_gets_the_answer_by_sms(void **state)
{
	static const struct row rows[] = {
	    {EV(START, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 0, ""), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {GONE, TURN_CALLING, 1, {TURN_FX_ACCEPT}},
	    {GONE, TURN_CALLING, 0, {0}},
	    {EV(ACCEPTED, OK), TURN_CALLING, 0, {0}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}},
	};
	struct turn *t = step_of(USSD_BEGIN, "", 1);

	(void)state;
	PLAY(t, rows);
	assert_string_equal(script.last.channel, "sms");
	turn_free(t);
}

static void a_dialogue_with_nothing_to_show_is_excused(void **state)
{
	struct turn *t = step_of(USSD_BEGIN, "", 0);

	(void)state;
	script.is_dumb = true;
	feed(t, &start, 0);
	feed(t, &new_commit, 1);
	feed(t, &committed, 2);
	assert_string_equal(t->screen, "AWAY");
	assert_true(t->screen_ends);
	turn_free(t);
}

/* Two processes got the same request: the one whose commit clashes finds it answered. */
static void a_request_that_two_processes_got_has_one_effect(void **state)
{
	for (unsigned late = 0; late < 2; late++) {
		struct turn *one = step_of(USSD_INPUTS, "4", 1), *two;
		struct row lost = {{0}, late ? TURN_COMMITTING : TURN_DONE, 1,
		    {late ? TURN_FX_COMMIT : TURN_FX_SCREEN}};
		char key[40];

		(void)state;
		feed(one, &start, 0);
		feed(one, &new_call, 1);
		memcpy(key, one->call.key, sizeof(key));
		feed(one, &answer_commit, 2);
		lost.ev = leave(one);
		lost.ev.kind = TURN_EV_COMMITTED;
		lost.ev.rc = TURN_RC_CLASH;
		feed(one, &committed, 3);
		two = step_of(USSD_INPUTS, "4", 1);
		feed(two, &start, 4);
		feed(two, &new_call, 5);
		assert_string_equal(two->call.key, key);
		if (late) {
			feed(two, &late_accept, 6);
			feed(two, &late_stored, 7);
		}
		feed(two, &answer_commit, 8);
		feed(two, &lost, 9);
		if (late) {
			assert_int_equal(two->out_count, 0);
			assert_true(sv_eq(buf_sv(&two->blob), lost.ev.session));
			feed(two, &committed_late, 10);
		} else {
			assert_string_equal(two->screen, one->screen);
		}
		turn_free(one);
		turn_free(two);
	}
}

static void what_is_said_goes_the_way_that_the_person_knows(void **state)
{
	struct turn *t = step_of(USSD_BEGIN, "", 0);
	struct row go = {EVS(GO, OK, 4, ""), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};

	(void)state;
	go.ev.session = (struct sv){"\1\0\2l2\0\0031947s4", 13};
	feed(t, &start, 0);
	feed(t, &go, 1);
	session_behind(t, "l2", "194");
	turn_free(t);
	t = step_of(USSD_BEGIN, "", 0);
	feed(t, &start, 2);
	feed(t, &new_commit, 3);
	session_behind(t, "smsc1", "");
	turn_free(t);
}

static void a_note_and_a_step_are_read_back_and_a_damaged_one_is_none(void **state)
{
	struct ussd_note n = {.present = true,
			     .net = ~0ull - 5,
			     .step = 1ull << 63,
			     .step_octets = 300,
			     .key = 9,
			     .steps = 3,
			     .begun_ms = NOW,
			     .at_ms = NOW + 70000,
			     .is_over = true,
			     .screen = "एक £5 [x] 😀 \x1b ॿ"},
			 m;
	struct ussd_step u = {.how = USSD_GONE,
			     .net = 8,
			     .step = 9,
			     .step_octets = 10,
			     .repeat_ms = 11,
			     .ttl_ms = TTL,
			     .is_unique = true},
			 v;
	struct buf b;
	struct sv s;

	(void)state;
	buf_init(&b, 4096);
	ussd_note_encode(&n, NOW + 70000, &b);
	buf_adds(&b, "rest");
	for (size_t cut = 0; cut <= b.n; cut++) {
		char *exact = xmemdup(b.p, cut ? cut : 1);

		s = (struct sv){exact, cut};
		ussd_note_decode(&s, &m);
		assert_int_equal(m.present, cut >= b.n - 4);
		if (cut == b.n) {
			assert_memory_equal(&m, &n, sizeof(n));
			assert_true(sv_is(s, "rest"));
		} else if (!m.present) {
			assert_int_equal(s.n, 0);
		}
		free(exact);
	}
	s = SV("U\1" /* as it was written before, in UTF-8 */
	       "\0"
	       "12345678"
	       "12345678"
	       "\0\0"
	       "12345678"
	       "\0\1"
	       "123456"
	       "\0\0\0\0"
	       "\0\3"
	       "ए"
	       "s4");
	ussd_note_decode(&s, &m);
	assert_true(m.present && strcmp(m.screen, "ए") == 0 && sv_is(s, "s4"));
	s = SV("s4");
	ussd_note_decode(&s, &m);
	assert_true(!m.present && sv_is(s, "s4"));
	buf_reset(&b);
	ussd_note_encode(&n, n.at_ms + USSD_KEEP_MS + 1, &b);
	assert_int_equal(b.n, 0);
	ussd_step_encode(&u, &b);
	for (size_t cut = 0; cut <= b.n; cut++)
		assert_int_equal(ussd_step_decode((struct sv){b.p, cut}, &v), cut == b.n);
	assert_true(ussd_step_decode(buf_sv(&b), &v));
	assert_memory_equal(&u, &v, sizeof(u));
	b.p[1] = 9;
	assert_false(ussd_step_decode(buf_sv(&b), &v));
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_step_is_shown_when_it_is_committed),
	    cmocka_unit_test(a_clash_runs_the_step_again_and_shows_one_screen),
	    cmocka_unit_test(a_late_step_is_stored_before_its_sms_is_promised),
	    cmocka_unit_test(an_answer_that_overtakes_the_inbox_waits_for_it),
	    cmocka_unit_test(a_late_step_is_run_again_after_a_crash_with_the_same_keys),
	    cmocka_unit_test(a_late_step_that_ends_on_a_screen_sends_it),
	    cmocka_unit_test(inputs_so_far_are_told_apart_from_what_is_new),
	    cmocka_unit_test(a_reply_to_a_session_that_is_over_or_unknown_ends_politely),
	    cmocka_unit_test(the_end_from_outside_reaches_the_dialogue_once),
	    cmocka_unit_test(every_state_has_its_screen_in_time),
	    cmocka_unit_test(a_session_that_cannot_be_read_is_no_reason_to_wait),
	    cmocka_unit_test(who_hangs_up_during_a_call_gets_the_answer_by_sms),
	    cmocka_unit_test(a_dialogue_with_nothing_to_show_is_excused),
	    cmocka_unit_test(a_request_that_two_processes_got_has_one_effect),
	    cmocka_unit_test(what_is_said_goes_the_way_that_the_person_knows),
	    cmocka_unit_test(a_note_and_a_step_are_read_back_and_a_damaged_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
