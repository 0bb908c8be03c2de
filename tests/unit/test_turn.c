/* SPDX-License-Identifier: BSD-2-Clause */
/* test_turn.c - the machine of turn.h, state by state (long: one machine, rows
 * shared by all tests). The dialogue is a scripted one, since most of what is asked here (seven calls, a
 * reply of 20,000 octets, a clash in mid-call) no compiled pack would do; test_torture.c runs the
 * same machine on the real packs and a store. */
#include "turn_script.h"

#include <stdlib.h>

static const struct row start = {EV(START, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}};
static const struct row start_stored = {EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}};
static const struct row accepted = {EV(ACCEPTED, OK), TURN_LINE, 2, {TURN_FX_STORED, TURN_FX_LINE}};
static const struct row go_stale = {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}};
static const struct row go_commit = {EVS(GO, OK, 4, "s4"), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
static const struct row go_call = {EVS(GO, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}};
static const struct row answer_commit = {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
static const struct row answer_call = {ANSWER, TURN_CALLING, 1, {TURN_FX_CALL}};
static const struct row commit_away = {EV(COMMITTED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}};
static const struct row committed = {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}};
static const struct row timer_commit = {EV(TIMER, OK), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};

/* ---- nonsense ---- */

static const struct {
	enum turn_state state;
	unsigned takes; /* bit of each event kind that means something here */
	struct row way[8];
	size_t n;
} states[] = {
    {TURN_NEW, 1u << TURN_EV_START | 1u << TURN_EV_START_STORED, {{.n = 0}}, 0},
    {TURN_ACCEPTING, 1u << TURN_EV_ACCEPTED, {{EV(START, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}}}, 1},
    {TURN_LINE, 1u << TURN_EV_GO, {{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}}}, 1},
    {TURN_LOADING, 1u << TURN_EV_LOADED,
	{{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}}},
	2},
    {TURN_CALLING, 1u << TURN_EV_ANSWER,
	{{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}}},
	2},
    {TURN_COMMITTING, 1u << TURN_EV_COMMITTED,
	{{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}}},
	3},
    {TURN_PAUSED, 1u << TURN_EV_TIMER,
	{{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}},
	    {EV(LOADED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}}},
	3},
    {TURN_DONE, 0,
	{{EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EVS(GO, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}}},
	4},
};

static void an_event_that_makes_no_sense_changes_nothing_in_any_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct turn *t = begin(&text_in, 1, 2), before;
		struct turn_fx out;
		unsigned steps;

		play(t, states[i].way, states[i].n);
		assert_int_equal(t->state, states[i].state);
		before = *t;
		steps = script.steps;
		for (unsigned k = TURN_EV_START; k <= TURN_EV_TIMER; k++)
			for (unsigned rc = TURN_RC_OK; rc <= TURN_RC_AWAY; rc++) {
				struct turn_ev ev = {.kind = (enum turn_ev_kind)k,
				    .rc = (enum turn_rc)rc,
				    .version = 99,
				    .session = SV("other"),
				    .status = 200};

				if (states[i].takes & 1u << k)
					continue;
				out.count = 77;
				turn_step(t, &ev, NOW + 1, &out);
				if (out.count != 0 || script.steps != steps ||
				    memcmp(&before, t, sizeof(before)) != 0)
					fail_msg("%s: event %u rc %u", turn_state_name(t->state), k,
					    rc);
			}
		turn_free(t);
	}
}

static void a_turn_is_freed_whole_in_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct turn *t = begin(&text_in, 1, 2);

		play(t, states[i].way, states[i].n);
		turn_free(t); /* the leak checker sees the rest */
	}
	turn_free(NULL);
}

static void every_state_has_a_name(void **state)
{
	static const char *const names[] = {
	    "new", "accepting", "line", "loading", "calling", "committing", "paused", "done"};

	(void)state;
	for (unsigned s = TURN_NEW; s <= TURN_DONE; s++)
		assert_string_equal(turn_state_name((enum turn_state)s), names[s]);
}

/* ---- accepting ---- */

static void the_upstream_hears_ok_only_when_the_input_is_stored(void **state)
{
	static const struct {
		struct row row;
		const char *outcome;
		bool in_inbox;
	} ends[] = {
	    {{EV(ACCEPTED, OK), TURN_LINE, 2, {TURN_FX_STORED, TURN_FX_LINE}}, "ok", true},
	    {{EV(ACCEPTED, DUPLICATE), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}}, "ok", false},
	    {{EV(ACCEPTED, FULL), TURN_DONE, 1, {TURN_FX_REFUSE}}, "full", false},
	    {{EV(ACCEPTED, AWAY), TURN_DONE, 1, {TURN_FX_REFUSE}}, "store_away", false},
	    {{EV(ACCEPTED, CLASH), TURN_DONE, 1, {TURN_FX_REFUSE}}, "store_away", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct turn *t = begin(&text_in, 0, 1);

		feed(t, &start, 0);
		feed(t, &ends[i].row, i);
		assert_string_equal(t->outcome, ends[i].outcome);
		assert_int_equal(t->in_inbox, ends[i].in_inbox);
		assert_int_equal(script.steps, 0);
		turn_free(t);
	}
}

static void a_text_that_came_before_is_accepted_as_repeated_and_an_event_is_not(void **state)
{
	static const struct row again[] = {
	    {EV(START, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, DUPLICATE), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, OK), TURN_LINE, 2, {TURN_FX_STORED, TURN_FX_LINE}},
	};
	static const struct row twice[] = {
	    {EV(START, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, DUPLICATE), TURN_DONE, 1, {TURN_FX_STORED}},
	};
	struct in_record event = text_in, stored;
	struct turn *t = begin(&text_in, 0, 1);

	(void)state;
	PLAY(t, again);
	assert_int_equal(t->kind, INPUT_REPEATED);
	assert_true(in_record_decode(buf_sv(&t->rec), &stored));
	assert_int_equal(stored.kind, INPUT_REPEATED);
	assert_true(sv_is(stored.text, "hello") && sv_is(t->in.text, "hello"));
	turn_free(t);
	event.kind = INPUT_EVENT;
	t = begin(&event, 0, 1);
	PLAY(t, twice);
	assert_string_equal(t->outcome, "duplicate");
	turn_free(t);
}

static void a_recovered_input_tells_nobody_and_leaves_the_inbox_at_commit(void **state)
{
	static const struct row rows[] = {
	    {EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}},
	    {EVS(LOADED, OK, 6, "s6"), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}},
	};
	struct turn *t = begin(&text_in, 0, 1);

	(void)state;
	PLAY(t, rows);
	assert_true(t->in_inbox);
	assert_int_equal(t->version, 6);
	turn_free(t);
}

static void a_kept_question_has_no_inbox_entry(void **state)
{
	struct in_record in = {.kind = INPUT_RETRY, .msisdn = SV(WHO)};
	struct turn *t = begin(&in, 0, 1);

	(void)state;
	assert_int_equal(t->rec.n, 0);
	assert_string_equal(t->msisdn, WHO);
	feed(t, &start_stored, 0);
	feed(t, &go_commit, 1);
	assert_false(t->in_inbox);
	assert_int_equal(script.last.kind, INPUT_RETRY);
	feed(t, &committed, 2);
	turn_free(t);
}

/* ---- running ---- */

static void a_fresh_session_is_used_and_a_stale_one_read_again(void **state)
{
	struct turn *t = begin(&text_in, 0, 1);

	(void)state;
	feed(t, &start, 0);
	feed(t, &accepted, 1);
	feed(t, &go_commit, 2);
	assert_int_equal(t->version, 4);
	assert_string_equal(script.log, "0 s4 1230\n");
	assert_true(sv_is(session_behind(t, "smsc1", "56161"), "s4+"));
	assert_int_equal(t->session_ms, 5000);
	turn_free(t);
	for (unsigned rc = TURN_RC_DUPLICATE; rc <= TURN_RC_AWAY; rc++) {
		struct row go = go_stale,
			   loaded = {EVS(LOADED, OK, 9, "s9"), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};

		go.ev.rc = (enum turn_rc)rc;
		go.ev.version = 4;
		go.ev.session = SV("s4");
		t = begin(&text_in, 0, 1);
		feed(t, &start, 0);
		feed(t, &accepted, 1);
		feed(t, &go, 2);
		assert_int_equal(script.steps, 0);
		feed(t, &loaded, 3);
		assert_int_equal(t->version, 9);
		assert_string_equal(script.log, "0 s9 1230\n");
		turn_free(t);
	}
}

static void a_session_that_cannot_be_read_is_asked_for_again_after_a_pause(void **state)
{
	(void)state;
	for (unsigned rc = TURN_RC_DUPLICATE; rc <= TURN_RC_AWAY; rc++) {
		struct row rows[] = {
		    {EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
		    {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}},
		    {EV(LOADED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
		    {EV(TIMER, OK), TURN_LOADING, 1, {TURN_FX_LOAD}},
		    {EV(LOADED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
		    {EV(TIMER, OK), TURN_LOADING, 1, {TURN_FX_LOAD}},
		    {EVS(LOADED, OK, 0, ""), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
		};
		struct turn *t = begin(&text_in, 0, 1);

		rows[2].ev.rc = rows[4].ev.rc = (enum turn_rc)rc;
		PLAY(t, rows);
		assert_int_equal(script.steps, 1);
		turn_free(t);
	}
}

static void a_question_goes_out_and_its_answer_comes_into_the_next_step(void **state)
{
	struct turn *t = begin(&text_in, 2, 1);
	json_t *body = json_pack("{s:i}", "token", 7);
	struct row answered = answer_commit;
	struct out_record r;

	(void)state;
	feed(t, &start, 0);
	feed(t, &accepted, 1);
	feed(t, &go_call, 2);
	assert_string_equal(script.last_text, "hello");
	assert_string_equal(script.last.channel, "sms");
	assert_string_equal(script.last.msisdn, WHO);
	assert_string_equal(t->call.key, "1230-1");
	assert_string_equal(t->call.path, "/p");
	feed(t, &answer_call, 3);
	assert_string_equal(t->call.key, "1230-2");
	answered.ev.status = 404;
	answered.ev.body = body;
	feed(t, &answered, 4);
	assert_int_equal(script.last.kind, INPUT_ANSWER);
	assert_int_equal(script.last.status, 404);
	assert_false(script.last.away);
	assert_ptr_equal(script.last.data, body);
	assert_null(t->call.path);
	/* what each step said stands in one commit */
	assert_int_equal(t->out_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const want[] = {"s4.0.0", "s4.1.0", "s4.2.0"};

		assert_int_equal(t->out[i].id, ID + 1 + i);
		assert_true(out_record_decode(buf_sv(&t->out[i].rec), &r));
		assert_true(sv_is(r.text, want[i]));
	}
	assert_int_equal(t->defer_at_ms, 9);
	feed(t, &committed, 5);
	assert_string_equal(t->outcome, "scripted");
	assert_string_equal(t->service, "test");
	json_decref(body);
	turn_free(t);
}

static void an_away_answer_reaches_the_dialogue_as_away(void **state)
{
	struct turn *t = begin(&text_in, 1, 1);
	struct row away = answer_commit;

	(void)state;
	feed(t, &start_stored, 0);
	feed(t, &go_call, 1);
	away.ev = (struct turn_ev){.kind = TURN_EV_ANSWER, .away = true};
	feed(t, &away, 2);
	assert_true(script.last.away);
	assert_null(script.last.data);
	turn_free(t);
}

static void replies_go_back_the_way_the_input_came(void **state)
{
	struct turn *t = begin(&text_in, 0, 2);
	struct out_record r;

	(void)state;
	feed(t, &start_stored, 0);
	feed(t, &go_commit, 1);
	assert_int_equal(t->out_count, 2);
	assert_int_equal(t->out[0].class, CLASS_REPLY);
	assert_null(t->out[0].coalesce);
	assert_int_equal(t->out[1].class, CLASS_OTP);
	assert_string_equal(t->out[1].coalesce, "c");
	assert_int_equal(t->out[1].life_ms, LIFE);
	assert_true(out_record_decode(buf_sv(&t->out[1].rec), &r));
	assert_int_equal(r.class, CLASS_OTP);
	assert_true(sv_is(r.msisdn, WHO) && sv_is(r.link, "smsc1") && sv_is(r.address, "56161"));
	assert_true(sv_is(r.text, "s4.0.1") && sv_is(r.text_id, "t/x") && sv_is(r.lang, "en"));
	assert_int_equal(r.dlt_template_id.n, 0);
	assert_int_equal(r.trace, ID);
	assert_int_equal(r.at_ms, NOW);
	assert_int_equal(r.expires_ms, NOW + LIFE);
	turn_free(t);
}

static void what_an_event_says_lives_from_when_it_happened(void **state)
{
	static const struct {
		uint64_t at_ms, until_ms, expires_ms;
	} row[] = {{NOW - 9, 0, NOW - 9 + LIFE}, {NOW - 2 * LIFE, 0, NOW - LIFE},
	    {NOW + 5, 0, NOW + LIFE}, {0, 0, NOW + LIFE},
	    /* kept for its time: as long as it was to be then */
	    {NOW - 3 * LIFE, NOW + 7, NOW + 7}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct in_record in = {.kind = INPUT_EVENT,
		    .msisdn = SV(WHO),
		    .channel = SV("event"),
		    .at_ms = row[i].at_ms,
		    .until_ms = row[i].until_ms};
		struct turn *t = begin(&in, 0, 1);
		struct out_record r;

		feed(t, &start, 0);
		feed(t, &accepted, 1);
		feed(t, &go_commit, 2);
		assert_true(t->out_count > 0 && out_record_decode(buf_sv(&t->out[0].rec), &r));
		assert_int_equal(r.expires_ms, row[i].expires_ms);
		turn_free(t);
	}
}

/* Nobody wrote for these: they come from the number that the person wrote to last. */
static void what_nobody_wrote_for_goes_the_way_that_the_session_knows(void **state)
{
	static const struct {
		enum input_kind kind;
		struct sv session; /* as stored */
		const char *link, *address, *seen;
	} row[] = {
	    {INPUT_EVENT, {"\1\0\2l2\0\0031947s4", 13}, "l2", "194", "2 7s4 1230\n"},
	    {INPUT_RETRY, {"\1\0\2l2\0\0031947s4", 13}, "l2", "194", "4 7s4 1230\n"},
	    {INPUT_EVENT, {"", 0}, "", "", "2  1230\n"},
	    {INPUT_EVENT, {"\1\0\2l2\0\111194s4", 12}, "", "", "2  1230\n"}, /* damaged */
	    {INPUT_EVENT, {"\2\0\2l2\0\003194s4", 12}, "", "", "2  1230\n"},
	    {INPUT_TEXT, {"\1\0\2l2\0\0031947s4", 13}, "smsc1", "56161", "0 7s4 1230\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct in_record in = {.kind = row[i].kind, .msisdn = SV(WHO)};
		struct turn *t = begin(row[i].kind == INPUT_TEXT ? &text_in : &in, 1, 1);
		struct row clash = go_call;
		struct out_record r;

		/* once, and again after a clash, which brings the session afresh */
		for (unsigned k = 0; k < 2; k++) {
			clash.ev.kind = k ? TURN_EV_COMMITTED : TURN_EV_GO;
			clash.ev.rc = k ? TURN_RC_CLASH : TURN_RC_OK;
			clash.ev.session = row[i].session;
			if (k == 0)
				feed(t, &start_stored, i);
			script.log[0] = '\0';
			feed(t, &clash, i);
			script.log[strcspn(script.log, "k") - 1] = '\n';
			script.log[strcspn(script.log, "\n") + 1] = '\0';
			assert_string_equal(script.log, row[i].seen);
			feed(t, &answer_commit, i);
			assert_int_equal(t->out_count, 2);
			assert_true(out_record_decode(buf_sv(&t->out[1].rec), &r));
			assert_true(sv_is(r.link, row[i].link) && sv_is(r.address, row[i].address));
			session_behind(t, row[i].link, row[i].address);
		}
		turn_free(t);
	}
}

static void an_event_brings_its_data_and_broken_data_is_none(void **state)
{
	static const struct {
		const char *text;
		bool data;
	} row[] = {{"{\"token\":7}", true}, {"{\"token\":", false}, {"", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct in_record in = {.kind = INPUT_EVENT,
		    .msisdn = SV(WHO),
		    .channel = SV("event"),
		    .text = sv_from(row[i].text),
		    .event_type = SV("token.called"),
		    .event_service = SV("opd")};
		struct turn *t = begin(&in, 0, 1);

		feed(t, &start, 0);
		feed(t, &accepted, 1);
		feed(t, &go_commit, 2);
		assert_int_equal(script.last.kind, INPUT_EVENT);
		assert_true(sv_is(script.last.event_type, "token.called"));
		assert_true(sv_is(script.last.event_service, "opd"));
		assert_int_equal(script.last.data != NULL, row[i].data);
		turn_free(t);
	}
}

/* ---- committing ---- */

static void a_clash_runs_the_turn_again_on_the_fresh_session_with_the_same_ids_and_keys(void **state)
{
	static const struct row rows[] = {
	    {EV(START, OK), TURN_ACCEPTING, 1, {TURN_FX_ACCEPT}},
	    {EV(ACCEPTED, OK), TURN_LINE, 2, {TURN_FX_STORED, TURN_FX_LINE}},
	    {EVS(GO, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EVS(COMMITTED, CLASH, 5, "s5"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	};
	struct turn *t = begin(&text_in, 1, 2);
	struct out_record r;

	(void)state;
	PLAY(t, rows);
	assert_string_equal(script.log, "0 s4 1230 key 1230-1\n"
					"3 s4 1230\n"
					"0 s5 1230 key 1230-1\n"
					"3 s5 1230\n");
	assert_int_equal(t->version, 5);
	assert_true(sv_is(session_behind(t, "smsc1", "56161"), "s5+"));
	assert_int_equal(t->out_count, 4); /* not eight */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(t->out[i].id, ID + 1 + i);
		assert_true(out_record_decode(buf_sv(&t->out[i].rec), &r));
		assert_memory_equal(r.text.p, "s5", 2);
	}
	feed(t, &committed, 6);
	turn_free(t);
}

static void a_turn_that_clashes_for_ever_is_given_up_as_dead(void **state)
{
	struct in_record retry_in = {.kind = INPUT_RETRY, .msisdn = SV(WHO)};
	struct row again = {EVS(COMMITTED, CLASH, 5, "s5"), TURN_COMMITTING, 1, {TURN_FX_COMMIT}};
	struct row dead = {EVS(COMMITTED, CLASH, 5, "s5"), TURN_DONE, 1, {TURN_FX_DEAD}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct turn *t = begin(i ? &retry_in : &text_in, 0, 1);

		feed(t, &start_stored, 0);
		feed(t, &go_commit, 1);
		for (unsigned k = 0; k < TURN_RERUNS_MAX; k++)
			feed(t, &again, k);
		dead.n = i ? 0 : 1; /* a kept question has no entry to bury */
		feed(t, &dead, 99);
		assert_string_equal(t->outcome, "clash");
		assert_int_equal(script.steps, 1 + TURN_RERUNS_MAX);
		turn_free(t);
	}
}

static void a_commit_that_finds_no_store_is_repeated_as_it_is(void **state)
{
	(void)state;
	for (unsigned full = 0; full < 2; full++) {
		struct turn *t = begin(&text_in, 1, 2);
		struct row away = commit_away;
		char *blob, *rec[4];
		size_t rec_n[4], blob_n;
		uint64_t id[4];
		unsigned steps;

		if (full)
			away.ev.rc = TURN_RC_FULL;
		feed(t, &start, 0);
		feed(t, &accepted, 1);
		feed(t, &go_call, 2);
		feed(t, &answer_commit, 3);
		assert_int_equal(t->out_count, 4);
		blob_n = t->blob.n;
		blob = xmemdup(t->blob.p, blob_n);
		for (unsigned i = 0; i < 4; i++) {
			rec[i] = xmemdup(t->out[i].rec.p, t->out[i].rec.n);
			rec_n[i] = t->out[i].rec.n;
			id[i] = t->out[i].id;
		}
		steps = script.steps;
		for (unsigned k = 0; k < 3; k++) {
			feed(t, &away, 10 + k);
			feed(t, &timer_commit, 20 + k);
			assert_int_equal(script.steps, steps);
			assert_int_equal(t->version, 4);
			assert_int_equal(t->blob.n, blob_n);
			assert_memory_equal(t->blob.p, blob, blob_n);
			assert_int_equal(t->out_count, 4);
			assert_int_equal(t->reruns, 0);
			for (unsigned i = 0; i < 4; i++) {
				assert_int_equal(t->out[i].id, id[i]);
				assert_int_equal(t->out[i].rec.n, rec_n[i]);
				assert_memory_equal(t->out[i].rec.p, rec[i], rec_n[i]);
			}
		}
		feed(t, &committed, 30);
		for (unsigned i = 0; i < 4; i++)
			free(rec[i]);
		free(blob);
		turn_free(t);
	}
}

static void a_clash_after_a_pause_runs_again_and_pauses_on_the_new_commit(void **state)
{
	static const struct row rows[] = {
	    {EV(START_STORED, OK), TURN_LINE, 1, {TURN_FX_LINE}},
	    {EV(GO, AWAY), TURN_LOADING, 1, {TURN_FX_LOAD}},
	    {EV(LOADED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
	    {EV(TIMER, OK), TURN_LOADING, 1, {TURN_FX_LOAD}},
	    {EVS(LOADED, OK, 4, "s4"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
	    {EV(TIMER, OK), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EVS(COMMITTED, CLASH, 5, "s5"), TURN_CALLING, 1, {TURN_FX_CALL}},
	    {ANSWER, TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, AWAY), TURN_PAUSED, 1, {TURN_FX_TIMER}},
	    {EV(TIMER, OK), TURN_COMMITTING, 1, {TURN_FX_COMMIT}},
	    {EV(COMMITTED, OK), TURN_DONE, 1, {TURN_FX_SEND}},
	};
	struct turn *t = begin(&text_in, 1, 1);

	(void)state;
	PLAY(t, rows);
	assert_int_equal(script.steps, 4);
	assert_int_equal(t->version, 5);
	assert_int_equal(t->out_count, 2);
	turn_free(t);
}

static void a_commit_that_was_made_before_is_sent(void **state)
{
	static const struct row duplicate = {EV(COMMITTED, DUPLICATE), TURN_DONE, 1, {TURN_FX_SEND}};
	struct turn *t = begin(&text_in, 0, 2);

	(void)state;
	feed(t, &start_stored, 0);
	feed(t, &go_commit, 1);
	feed(t, &commit_away, 2);
	feed(t, &timer_commit, 3);
	feed(t, &duplicate, 4);
	assert_int_equal(t->out_count, 2);
	turn_free(t);
}

/* ---- too large, too many ---- */

static void a_text_too_large_becomes_one_that_cannot_be_read(void **state)
{
	/* both sides of each bound: of a record, and of the length of a field */
	static const struct {
		size_t n;
		enum input_kind kind;
	} row[] = {{4096, INPUT_TEXT}, {TURN_RECORD_MAX - 51, INPUT_TEXT},
	    {TURN_RECORD_MAX - 50, INPUT_UNREADABLE}, {65535, INPUT_UNREADABLE},
	    {65536, INPUT_UNREADABLE}, {69999, INPUT_UNREADABLE}};
	char *big = xcalloc(1, 70000);

	(void)state;
	memset(big, 'x', 70000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct in_record in = text_in, stored;
		struct turn *t;

		in.text = (struct sv){big, row[i].n};
		t = begin(&in, 0, 1);
		assert_int_equal(t->kind, row[i].kind);
		assert_false(t->unfit || t->rec.full);
		assert_true(in_record_decode(buf_sv(&t->rec), &stored)); /* recovery can read it */
		assert_int_equal(stored.kind, row[i].kind);
		assert_int_equal(stored.text.n, row[i].kind == INPUT_TEXT ? row[i].n : 0);
		assert_true(sv_is(stored.link, "smsc1") && sv_is(stored.address, "56161"));
		feed(t, &start, 0);
		feed(t, &accepted, 1);
		feed(t, &go_commit, 2);
		assert_int_equal(script.last.kind, row[i].kind);
		feed(t, &committed, 3);
		turn_free(t);
	}
	free(big);
}

static void an_input_that_no_record_can_hold_is_refused_and_never_stored(void **state)
{
	static const struct row refused = {EV(START, OK), TURN_DONE, 1, {TURN_FX_REFUSE}};
	static const struct row buried = {EV(START_STORED, OK), TURN_DONE, 1, {TURN_FX_DEAD}};
	char *big = xcalloc(1, 20000);
	struct in_record in[] = {
	    {.kind = INPUT_EVENT, .msisdn = SV(WHO), .text = {big, 19999}},
	    {.kind = INPUT_TEXT, .msisdn = SV("9198123456789012"), .text = SV("too many digits")},
	    {.kind = INPUT_TEXT, .msisdn = SV(""), .text = SV("nobody")},
	    {.kind = INPUT_TEXT, .msisdn = SV(WHO), .address = {big, 19999}},
	};

	(void)state;
	memset(big, ' ', 19999);
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		struct turn *t = begin(&in[i], 0, 1);

		feed(t, &refused, i);
		assert_string_equal(t->outcome, "too_large");
		assert_false(t->in_inbox);
		turn_free(t);
		t = begin(&in[i], 0, 1);
		feed(t, &buried, i);
		turn_free(t);
	}
	free(big);
}

#define WAY 15u /* octets of smsc1, 56161 in front of a session */

static void what_the_dialogue_makes_too_large_is_dead_and_never_cut(void **state)
{
	static const struct {
		unsigned calls, replies;
		size_t reply_octets, session_octets;
		const char *outcome; /* NULL: it fits */
	} row[] = {
	    {0, 1, 16000, 0, NULL},
	    {0, 1, 16380, 0, "reply_too_large"},
	    {0, 1, 66000, 0, "reply_too_large"},
	    {0, 1, 0, TURN_SESSION_MAX - WAY - 3, NULL}, /* "s4+" */
	    {0, 1, 0, TURN_SESSION_MAX - WAY - 2, "session_too_large"},
	    {DIALOGUE_CALLS_MAX, 1, 0, 0, NULL},
	    {DIALOGUE_CALLS_MAX + 1, 0, 0, 0, "too_many_calls"},
	    {1, 4, 0, 0, NULL}, /* eight messages */
	    {1, 5, 0, 0, "reply_too_large"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct turn *t = begin(&text_in, row[i].calls, row[i].replies);
		struct turn_ev go = EVS(GO, OK, 4, "s4"), answer = ANSWER;
		struct turn_fx out;
		unsigned calls = 0;

		script.reply_octets = row[i].reply_octets;
		script.session_octets = row[i].session_octets;
		feed(t, &start_stored, i);
		turn_step(t, &go, NOW, &out);
		for (; t->state == TURN_CALLING; calls++)
			turn_step(t, &answer, NOW, &out);
		assert_int_equal(out.count, 1);
		if (row[i].outcome) {
			assert_int_equal(t->state, TURN_DONE);
			assert_int_equal(out.fx[0], TURN_FX_DEAD);
			assert_string_equal(t->outcome, row[i].outcome);
		} else {
			assert_int_equal(t->state, TURN_COMMITTING);
			assert_int_equal(out.fx[0], TURN_FX_COMMIT);
			assert_int_equal(calls, row[i].calls);
			for (size_t k = 0; k < t->out_count; k++)
				assert_false(t->out[k].rec.full);
		}
		assert_true(calls <= DIALOGUE_CALLS_MAX && t->out_count <= TURN_OUT_MAX);
		turn_free(t);
	}
}

static void the_calls_of_a_turn_are_counted_anew_after_a_clash(void **state)
{
	static const struct row clash = {
	    EVS(COMMITTED, CLASH, 5, "s5"), TURN_CALLING, 1, {TURN_FX_CALL}};
	struct turn *t = begin(&text_in, 4, 0);

	(void)state;
	feed(t, &start_stored, 0);
	feed(t, &go_call, 1);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 3; i++)
			feed(t, &answer_call, i);
		feed(t, &answer_commit, 3);
		feed(t, &clash, 4);
		assert_string_equal(t->call.key, "1230-1");
	}
	turn_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_that_makes_no_sense_changes_nothing_in_any_state),
	    cmocka_unit_test(a_turn_is_freed_whole_in_every_state),
	    cmocka_unit_test(every_state_has_a_name),
	    cmocka_unit_test(the_upstream_hears_ok_only_when_the_input_is_stored),
	    cmocka_unit_test(a_text_that_came_before_is_accepted_as_repeated_and_an_event_is_not),
	    cmocka_unit_test(a_recovered_input_tells_nobody_and_leaves_the_inbox_at_commit),
	    cmocka_unit_test(a_kept_question_has_no_inbox_entry),
	    cmocka_unit_test(a_fresh_session_is_used_and_a_stale_one_read_again),
	    cmocka_unit_test(a_session_that_cannot_be_read_is_asked_for_again_after_a_pause),
	    cmocka_unit_test(a_question_goes_out_and_its_answer_comes_into_the_next_step),
	    cmocka_unit_test(an_away_answer_reaches_the_dialogue_as_away),
	    cmocka_unit_test(replies_go_back_the_way_the_input_came),
	    cmocka_unit_test(what_an_event_says_lives_from_when_it_happened),
	    cmocka_unit_test(what_nobody_wrote_for_goes_the_way_that_the_session_knows),
	    cmocka_unit_test(an_event_brings_its_data_and_broken_data_is_none),
	    cmocka_unit_test(
		a_clash_runs_the_turn_again_on_the_fresh_session_with_the_same_ids_and_keys),
	    cmocka_unit_test(a_turn_that_clashes_for_ever_is_given_up_as_dead),
	    cmocka_unit_test(a_commit_that_finds_no_store_is_repeated_as_it_is),
	    cmocka_unit_test(a_clash_after_a_pause_runs_again_and_pauses_on_the_new_commit),
	    cmocka_unit_test(a_commit_that_was_made_before_is_sent),
	    cmocka_unit_test(a_text_too_large_becomes_one_that_cannot_be_read),
	    cmocka_unit_test(an_input_that_no_record_can_hold_is_refused_and_never_stored),
	    cmocka_unit_test(what_the_dialogue_makes_too_large_is_dead_and_never_cut),
	    cmocka_unit_test(the_calls_of_a_turn_are_counted_anew_after_a_clash),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
