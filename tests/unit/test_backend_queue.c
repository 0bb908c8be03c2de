/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_queue.c - tokens and the line: the vectors of the sources, every transition of
 * the diagram in queue.h. Random days are in test_backend_random.c. */
#include "backend_test.h"

#include "backend/events.h"

#define MORNING "2024-05-10T09:30:00+05:30"

static int open_rolling(void **state)
{
	return open_with(state, "rolling_24h", 2, "[3]");
}

static struct token call_next(struct fixture *f, int64_t now_ms)
{
	struct token t;

	assert_int_equal(queue_call_next(&f->q, "opd", now_ms, &t), QUEUE_OK);
	return t;
}

/* Takes every waiting event and returns the types as one text: "token.called/1 ...", where the
 * number is the token's. */
static const char *told(struct fixture *f)
{
	static char text[4096];
	struct event_out e;
	size_t n = 0;

	text[0] = '\0';
	while (events_due(f->db, INT64_MAX, &e, 1) == 1) {
		json_t *o = json_loads(e.body, 0, NULL);
		json_t *data = json_object_get(o, "data");
		json_t *ahead = json_object_get(data, "ahead");

		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s/%lld", n ? " " : "", e.type,
		    (long long)json_integer_value(json_object_get(data, "token")));
		if (ahead)
			n += (size_t)snprintf(text + n, sizeof text - n, ":%lld",
			    (long long)json_integer_value(ahead));
		assert_true(n < sizeof text);
		json_decref(o);
		events_settle(f->db, e.seq, true, 202, 1);
		free(e.body);
	}
	return text;
}

/* ---- the vectors ---- */

enum act { TICK, USE, CALL };
struct vector {
	const char *name, *issued, *acted;
	enum act act;
	const char *checked;
	enum token_state state;
	enum queue_rc call; /* answer to "call" at the time of the check */
};

/* issue at one time, act at another, then present the token at a third */
static void run_vector(struct fixture *f, const struct vector *v, int n)
{
	struct token t = take(f, "opd", n, at(v->issued)), now;
	enum queue_rc rc;

	if (v->act == USE) {
		call_next(f, at(v->issued));
		now = get(f, t.token_id);
		assert_int_equal(queue_used(&f->q, &now, false, at(v->acted), NULL), QUEUE_OK);
	}
	queue_tick(&f->q, at(v->checked), 100);
	now = get(f, t.token_id);
	if (now.state != v->state)
		fail_msg("%s: is %s, not %s", v->name, token_state_name(now.state),
		    token_state_name(v->state));
	rc = queue_patient_call(&f->q, &now, at(v->checked));
	if (rc != v->call)
		fail_msg("%s: call gives %d, not %d", v->name, rc, v->call);
	if (now.state == TOKEN_WAITING)
		assert_int_equal(queue_cancel(&f->q, &now, at(v->checked)), QUEUE_OK);
}

static void tokens_are_valid_for_their_calendar_day(void **state)
{
	static const struct vector vectors[] = {
	    {"last second", MORNING, NULL, TICK, "2024-05-10T23:59:59+05:30", TOKEN_WAITING,
		QUEUE_NOT_TURN},
	    {"midnight", MORNING, NULL, TICK, "2024-05-11T00:00:00+05:30", TOKEN_EXPIRED, QUEUE_GONE},
	    {"used", MORNING, "2024-05-10T10:00:00+05:30", USE, "2024-05-10T10:20:00+05:30", TOKEN_USED,
		QUEUE_USED},
	    {"18:31 UTC is the next day", "2024-05-10T18:31:00Z", NULL, TICK,
		"2024-05-11T23:59:59+05:30", TOKEN_WAITING, QUEUE_NOT_TURN},
	    {"and ends with it", "2024-05-10T18:31:00Z", NULL, TICK, "2024-05-12T00:00:00+05:30",
		TOKEN_EXPIRED, QUEUE_GONE},
	};

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		run_vector(*state, &vectors[i], (int)i);
}

static void tokens_may_be_valid_for_24_hours(void **state)
{
	static const struct vector vectors[] = {
	    {"over midnight", MORNING, NULL, TICK, "2024-05-11T00:00:00+05:30", TOKEN_WAITING,
		QUEUE_NOT_TURN},
	    {"last second", MORNING, NULL, TICK, "2024-05-11T09:29:59+05:30", TOKEN_WAITING,
		QUEUE_NOT_TURN},
	    {"24 hours", MORNING, NULL, TICK, "2024-05-11T09:30:00+05:30", TOKEN_EXPIRED, QUEUE_GONE},
	};

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		run_vector(*state, &vectors[i], (int)i);
}

static void a_call_before_the_turn_is_refused_with_the_position(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t;

	for (int i = 0; i < 3; i++)
		t = take(f, "opd", i, now);
	assert_int_equal(queue_patient_call(&f->q, &t, now), QUEUE_NOT_TURN);
	assert_int_equal(get(f, t.token_id).state, TOKEN_WAITING);
	assert_int_equal(queue_place(&f->q, &t, now).position, 3);
	assert_int_equal(queue_place(&f->q, &t, now).ahead, 2);
	assert_int_equal(queue_place(&f->q, &t, now).wait_minutes, 6);
}

/* ---- issue ---- */

static void asking_again_gives_the_same_live_token(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING), id = person(f, "opd", 1, now);
	const struct service_rules *rules = rules_find(f->rules, "opd", now);
	struct token t = take(f, "opd", 1, now), again, other;

	assert_int_equal(queue_issue(&f->q, rules, id, phone_of(1), "AUDIO", now + 1, &again),
	    QUEUE_EXISTING);
	assert_int_equal(again.token_id, t.token_id);
	call_next(f, now);
	assert_int_equal(queue_issue(&f->q, rules, id, phone_of(1), "AUDIO", now + 2, &again),
	    QUEUE_EXISTING);
	assert_int_equal(again.state, TOKEN_CALLED);
	assert_int_equal(queue_used(&f->q, &again, false, now + 3, NULL), QUEUE_OK);
	other = take(f, "opd", 1, now + 4); /* used: a new one may be had */
	assert_int_equal(other.number, t.number + 1);
}

static void numbers_count_up_within_a_day_and_begin_anew_at_indian_midnight(void **state)
{
	struct fixture *f = *state;
	struct token t;

	for (int i = 0; i < 5; i++) {
		t = take(f, "opd", i, at("2024-05-10T18:29:00Z"));
		assert_int_equal(t.number, i + 1);
		assert_int_equal(queue_cancel(&f->q, &t, at("2024-05-10T18:29:30Z")), QUEUE_OK);
	}
	assert_int_equal(take(f, "eye", 1, at("2024-05-10T18:29:00Z")).number,
	    1); /* a line of its own */
	assert_int_equal(take(f, "opd", 1, at("2024-05-10T18:30:00Z")).number, 1);
	assert_int_equal(take(f, "opd", 9, at("2024-05-10T18:29:59Z")).number,
	    6); /* a clock that stepped back */
}

static void no_token_is_given_outside_the_hours(void **state)
{
	struct fixture *f = *state;
	struct token t;
	struct queue q = {
	    f->db, test_rules("calendar_day", 2, "[3]",
		       "{weekdays: [1, 2, 3, 4, 5, 6], open: \"09:00\", close: \"16:00\"}")};
	int64_t open = at("2023-01-21T15:59:59+05:30"), closed = at("2023-01-21T16:00:00+05:30");
	int64_t id = person(f, "opd", 1, open), other = person(f, "opd", 2, open);
	const struct service_rules *rules = rules_find(q.rules, "opd", open);

	assert_int_equal(queue_issue(&q, rules, id, phone_of(1), "AUDIO", open, &t), QUEUE_OK);
	assert_int_equal(queue_issue(&q, rules, other, phone_of(2), "AUDIO", closed, &t), QUEUE_CLOSED);
	assert_int_equal(queue_issue(&q, rules, id, phone_of(1), "AUDIO", closed, &t), QUEUE_EXISTING);
	rules_free((struct rules *)q.rules);
}

static void the_token_whose_turn_has_come_is_the_current_one_of_a_family(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct registration child = {phone_of(1), "opd", "Child", 5, "M", NULL, "hi", "1", "sms", NULL};
	struct token t, mother = take(f, "opd", 1, now);
	char msisdn[FIELD_MSISDN_CAP];
	bool is_new;
	int64_t child_id;

	snprintf(msisdn, sizeof msisdn, "%s", phone_of(1));
	child.msisdn = msisdn;
	child_id = registry_put(f->db, &child, now, &is_new);
	assert_int_equal(queue_issue(&f->q, rules_find(f->rules, "opd", now), child_id, msisdn, "AUDIO",
			     now, &t),
	    QUEUE_OK);
	assert_int_equal(queue_current(&f->q, "opd", msisdn, 0, 0, now, &t), QUEUE_OK);
	assert_int_equal(t.patient_id, child_id); /* both wait: the newest */
	call_next(f, now);
	assert_int_equal(queue_current(&f->q, "opd", msisdn, 0, 0, now, &t), QUEUE_OK);
	assert_int_equal(t.token_id, mother.token_id);
	assert_int_equal(queue_current(&f->q, "opd", msisdn, child_id, 0, now, &t), QUEUE_OK);
	assert_int_equal(t.patient_id, child_id);
	assert_int_equal(queue_current(&f->q, "eye", msisdn, 0, 0, now, &t), QUEUE_NO_TOKEN);
}

static void yesterdays_token_is_not_the_current_one(void **state)
{
	struct fixture *f = *state;
	int64_t next = at("2024-05-11T08:00:00+05:30");
	struct token t = take(f, "opd", 1, at(MORNING));

	assert_int_equal(queue_tick(&f->q, next, 100), 1);
	assert_int_equal(queue_current(&f->q, "opd", phone_of(1), 0, 0, next, &t), QUEUE_NO_TOKEN);
	assert_int_equal(queue_current(&f->q, "opd", phone_of(1), 0, 1, next, &t), QUEUE_OK);
	assert_int_equal(t.state, TOKEN_EXPIRED);
}

/* ---- the line ---- */

static void the_line_is_first_in_first_out(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t;

	for (int i = 0; i < 4; i++)
		take(f, "opd", i, now);
	for (int i = 0; i < 4; i++)
		assert_int_equal(call_next(f, now).number, i + 1);
	assert_int_equal(queue_call_next(&f->q, "opd", now, &t), QUEUE_EMPTY);
	assert_int_equal(queue_call_next(&f->q, "eye", now, &t), QUEUE_EMPTY);
}

static void people_are_told_once_when_they_reach_a_threshold(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t[6];

	for (int i = 0; i < 6; i++)
		t[i] = take(f, "opd", i, now);
	assert_string_equal(told(f), ""); /* the fourth was told its place by the answer */
	call_next(f, now);
	assert_string_equal(told(f), "token.called/1 queue.position/5:3");
	assert_int_equal(queue_cancel(&f->q, &t[5], now), QUEUE_OK); /* behind: nobody moves */
	assert_string_equal(told(f), "");
	t[1] = get(f, t[1].token_id);
	assert_int_equal(queue_cancel(&f->q, &t[1], now), QUEUE_OK);
	assert_string_equal(told(f), "");
	t[0] = get(f, t[0].token_id);
	assert_int_equal(queue_missed(&f->q, &t[0], now),
	    QUEUE_OK); /* 5 stands at 3 again, and was told so */
	assert_int_equal(position(f, t[4].token_id, now), 4);
	assert_string_equal(told(f), "token.missed/1:1");
}

static void a_missed_turn_goes_behind_the_head_twice_and_then_expires(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t;

	for (int i = 0; i < 5; i++)
		take(f, "opd", i, now);
	for (int i = 1; i <= 3; i++) {
		t = call_next(f, now);
		if (i > 1) { /* the head goes first, then the one who missed */
			assert_int_equal(t.number, i);
			t = call_next(f, now);
		}
		assert_int_equal(t.number, 1);
		told(f);
		assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_OK);
		if (i < 3) {
			assert_int_equal(t.state, TOKEN_WAITING);
			assert_int_equal(position(f, t.token_id, now), 2);
			assert_int_equal(strncmp(told(f), "token.missed/1:1", 16), 0);
		}
	}
	assert_int_equal(get(f, t.token_id).state, TOKEN_EXPIRED);
	assert_string_equal(told(f), "token.expired/1");
	assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_WRONG_STATE);
}

static void a_cancelled_place_moves_those_behind_and_tells_them(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t[5];

	for (int i = 0; i < 5; i++)
		t[i] = take(f, "opd", i, now);
	assert_int_equal(queue_cancel(&f->q, &t[1], now), QUEUE_OK);
	assert_string_equal(told(f), "queue.position/5:3");
}

/* 40 are called and all miss their turn while one head stays: each goes right behind it, more
 * often than the gap there can be halved; and the line is long enough to be counted in blocks. */
static void many_missed_turns_behind_one_head_keep_every_place(void **state)
{
	enum { CALLED = 40, ALL = 300 };
	struct fixture *f = *state;
	int64_t now = at(MORNING), id[ALL];
	struct token t;

	for (int i = 0; i < ALL; i++)
		id[i] = take(f, "opd", i, now).token_id;
	for (int i = 0; i < CALLED; i++)
		call_next(f, now);
	for (int i = 0; i < CALLED; i++) {
		t = get(f, id[i]);
		assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_OK);
	}
	assert_int_equal(position(f, id[CALLED], now), 1);
	for (int i = 0; i < CALLED; i++)
		assert_int_equal(position(f, id[i], now), 1 + CALLED - i);
	for (int i = CALLED + 1; i < ALL; i++)
		assert_int_equal(position(f, id[i], now), i + 1);
	for (int i = ALL - 1; i >= 0; i -= 3) {
		t = get(f, id[i]);
		assert_int_equal(queue_cancel(&f->q, &t, now), QUEUE_OK);
	}
	assert_int_equal(queue_counts(&f->q, "opd").waiting, ALL - ALL / 3);
	assert_int_equal(position(f, id[ALL - 2], now), ALL - ALL / 3);
	for (int i = 0; i < ALL - ALL / 3; i++)
		call_next(f, now);
	assert_int_equal(queue_call_next(&f->q, "opd", now, &t), QUEUE_EMPTY);
	assert_true(db_commit(f->db));
	assert_int_equal(ask(f->path, "SELECT count(*) FROM line_block"), 0);
	db_begin(f->db, true);
}

static void a_missed_turn_in_an_empty_line_comes_next(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t = take(f, "opd", 1, now), u;

	t = call_next(f, now);
	assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_OK);
	assert_int_equal(position(f, t.token_id, now), 1);
	t = call_next(f, now);
	u = take(f, "opd", 2, now);
	assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_OK);
	assert_int_equal(position(f, u.token_id, now), 1);
	assert_int_equal(position(f, t.token_id, now), 2);
}

/* ---- consultation ---- */

static void a_call_that_drops_within_the_grace_does_not_consume_the_token(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t = take(f, "opd", 1, now);

	t = call_next(f, now);
	assert_int_equal(queue_reconnect(&f->q, &t, now), QUEUE_OK); /* still called: nothing to do */
	assert_int_equal(queue_patient_call(&f->q, &t, now), QUEUE_OK);
	assert_int_equal(t.state, TOKEN_IN_CONSULT);
	assert_int_equal(queue_patient_call(&f->q, &t, now + 299999), QUEUE_OK);
	assert_int_equal(queue_patient_call(&f->q, &t, now + 300000), QUEUE_USED);
	assert_int_equal(queue_reconnect(&f->q, &t, now + 300000), QUEUE_TOO_LATE);
	assert_int_equal(queue_reconnect(&f->q, &t, now + 299999), QUEUE_OK);
	assert_int_equal(t.state, TOKEN_CALLED);
	assert_int_equal(queue_patient_call(&f->q, &t, now + 400000), QUEUE_OK);
	assert_int_equal(queue_patient_call(&f->q, &t, now + 400000 + 299999), QUEUE_OK);
	assert_int_equal(queue_cancel(&f->q, &t, now + 400000), QUEUE_WRONG_STATE);
	assert_int_equal(queue_missed(&f->q, &t, now + 400000), QUEUE_WRONG_STATE);
	assert_int_equal(queue_used(&f->q, &t, false, now + 500000, NULL), QUEUE_OK);
	assert_int_equal(queue_reconnect(&f->q, &t, now + 500001), QUEUE_WRONG_STATE);
}

static void an_e_prescription_is_made_once(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING), ref = -1, again = -1;
	struct token t = take(f, "opd", 1, now);

	assert_int_equal(queue_used(&f->q, &t, true, now, &ref), QUEUE_WRONG_STATE);
	t = call_next(f, now);
	told(f);
	assert_int_equal(queue_used(&f->q, &t, false, now, &ref), QUEUE_OK);
	assert_int_equal(ref, 0);
	assert_int_equal(queue_used(&f->q, &t, true, now, &ref), QUEUE_OK);
	assert_true(ref > 1000);
	assert_int_equal(queue_used(&f->q, &t, true, now, &again), QUEUE_OK);
	assert_int_equal(again, ref);
	assert_string_equal(told(f), "prescription.ready/1");
}

static void the_day_ends_for_everybody_without_false_hopes(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING), midnight = at("2024-05-11T00:00:00+05:30");
	struct token talking, called;

	for (int i = 0; i < 8; i++)
		take(f, "opd", i, now);
	talking = call_next(f, now);
	assert_int_equal(queue_patient_call(&f->q, &talking, now), QUEUE_OK);
	called = call_next(f, now);
	told(f);
	assert_int_equal(queue_next_due_ms(&f->q), midnight);
	assert_int_equal(queue_tick(&f->q, midnight - 1, 100), 0);
	assert_int_equal(queue_tick(&f->q, midnight, 3), 3); /* bounded; the rest next time */
	assert_int_equal(queue_tick(&f->q, midnight, 100), 5);
	assert_int_equal(queue_tick(&f->q, midnight, 100), 0);
	assert_int_equal(queue_next_due_ms(&f->q), -1);
	assert_int_equal(get(f, talking.token_id).state, TOKEN_USED);
	assert_int_equal(get(f, called.token_id).state, TOKEN_EXPIRED);
	assert_string_equal(told(f),
	    "token.expired/2 token.expired/8 token.expired/7 token.expired/6 token.expired/5"
	    " token.expired/4 token.expired/3");
}

static void those_behind_an_expired_token_move_up(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING);
	struct token t;

	take(f, "opd", 0, now);
	take(f, "opd", 1, now);
	for (int i = 2; i < 7; i++)
		t = take(f, "opd", i, now + 3600000);
	assert_int_equal(queue_tick(&f->q, now + IST_DAY_MS, 100), 2);
	assert_int_equal(position(f, t.token_id, now + IST_DAY_MS), 5);
	assert_string_equal(told(f),
	    "token.expired/2 queue.position/5:3 token.expired/1 queue.position/6:3");
}

#define CALENDAR(fn) cmocka_unit_test_setup_teardown(fn, open_calendar, close_fixture)
#define ROLLING(fn) cmocka_unit_test_setup_teardown(fn, open_rolling, close_fixture)

static void a_day_that_is_closed_tells_those_who_wait_and_begins_anew_tomorrow(void **state)
{
	struct fixture *f = *state;
	int64_t now = at(MORNING), tomorrow = at("2024-05-11T00:00:00+05:30"), id;
	const struct service_rules *rules = rules_find(f->rules, "opd", now);
	struct token called, t;

	for (int i = 0; i < 4; i++)
		take(f, "opd", i, now);
	called = call_next(f, now);
	told(f);
	assert_int_equal(queue_close(&f->q, "opd", now), 3);
	/* From the tail, and nobody hears of a better place first. */
	assert_string_equal(told(f),
	    "consultation.closing/4 token.expired/4 consultation.closing/3 token.expired/3"
	    " consultation.closing/2 token.expired/2");
	assert_int_equal(queue_close(&f->q, "opd", now), 0);
	id = person(f, "opd", 9, now);
	assert_int_equal(queue_issue(&f->q, rules, id, phone_of(9), "AUDIO", now, &t), QUEUE_CLOSED);
	assert_int_equal(queue_call_next(&f->q, "opd", now, &t), QUEUE_CLOSED);
	assert_int_equal(take(f, "eye", 9, now).number, 1); /* another line goes on */
	called = get(f, called.token_id);
	assert_int_equal(queue_used(&f->q, &called, false, now, NULL), QUEUE_OK); /* the desk's still */
	queue_reopen(&f->q, "opd", now);
	assert_int_equal(take(f, "opd", 9, now).number, 5); /* and no number twice */
	assert_int_equal(queue_close(&f->q, "opd", now), 1);
	assert_true(queue_is_closed(&f->q, "opd", ist_day(now)));
	while (queue_tick(&f->q, tomorrow, 100) == 100)
		;
	assert_int_equal(take(f, "opd", 9, tomorrow).number, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    CALENDAR(tokens_are_valid_for_their_calendar_day),
	    ROLLING(tokens_may_be_valid_for_24_hours),
	    CALENDAR(a_call_before_the_turn_is_refused_with_the_position),
	    CALENDAR(asking_again_gives_the_same_live_token),
	    CALENDAR(numbers_count_up_within_a_day_and_begin_anew_at_indian_midnight),
	    CALENDAR(no_token_is_given_outside_the_hours),
	    CALENDAR(the_token_whose_turn_has_come_is_the_current_one_of_a_family),
	    CALENDAR(yesterdays_token_is_not_the_current_one),
	    CALENDAR(the_line_is_first_in_first_out),
	    CALENDAR(people_are_told_once_when_they_reach_a_threshold),
	    CALENDAR(a_missed_turn_goes_behind_the_head_twice_and_then_expires),
	    CALENDAR(a_cancelled_place_moves_those_behind_and_tells_them),
	    CALENDAR(many_missed_turns_behind_one_head_keep_every_place),
	    CALENDAR(a_missed_turn_in_an_empty_line_comes_next),
	    CALENDAR(a_call_that_drops_within_the_grace_does_not_consume_the_token),
	    CALENDAR(an_e_prescription_is_made_once),
	    CALENDAR(the_day_ends_for_everybody_without_false_hopes),
	    ROLLING(those_behind_an_expired_token_move_up),
	    CALENDAR(a_day_that_is_closed_tells_those_who_wait_and_begins_anew_tomorrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
