/* SPDX-License-Identifier: BSD-2-Clause */
/* test_smpp_link.c - a link and a message centre that behaves: binding, submits, window, rate,
 * time-outs, stopping. What a centre does wrong is in test_smpp_link_bad.c. */
#include "smpp_peer.h"

static void it_binds_with_what_was_configured(void **state)
{
	static const char body[] = "dakiya\0secret\0cp\0\x34\0\0"
				   "56161";
	struct app *a = *state;
	struct seen s;

	app_start(a);
	assert_int_equal(a->state_count[SMPP_LINK_CONNECTING], 0); /* later, from the loop */
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
	assert_int_equal(peer_saw(&a->peer, 9, &s), 1);
	assert_int_equal(s.seq, 1);
	assert_int_equal(s.len, 16 + sizeof(body));
	assert_memory_equal(s.body, body, sizeof(body));
	assert_int_equal(a->state_count[SMPP_LINK_CONNECTING], 1);
	assert_int_equal(a->state_count[SMPP_LINK_BINDING], 1);
	assert_int_equal(app_stats(a).binds, 1);
	WAIT_UNTIL(a->base, a->rooms == 1); /* bound means room */
}

static void responses_in_any_order_find_their_submits(void **state)
{
	static const unsigned order[] = {2, 0, 3, 1};
	struct app *a = *state;
	uint32_t first;
	unsigned i;

	app_bind(a);
	for (i = 0; i < 4; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	assert_int_equal(app_stats(a).window_used, 4);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 4);
	first = a->peer.seen[1].seq; /* seen[0] is the bind */
	for (i = 0; i < 4; i++)
		peer_submit_resp(&a->peer, first + order[i], order[i] == 3 ? ESME_RTHROTTLED : 0);
	WAIT_UNTIL(a->base, a->done_count == 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(a->order[i], order[i]);
		assert_int_equal(a->done[i], 1);
		assert_int_equal(a->status[i], i == 3 ? ESME_RTHROTTLED : ESME_ROK);
	}
	assert_string_equal(a->message_id, "m3"); /* of id 1, the last */
	assert_int_equal(app_stats(a).window_used, 0);
}

static void a_full_window_says_so_and_then_offers_room_once(void **state)
{
	struct app *a = *state;
	unsigned i;

	app_bind(a);
	WAIT_UNTIL(a->base, a->rooms == 1);
	for (i = 0; i < 10; i++) {
		assert_int_equal(smpp_link_room(a->link), 10 - i);
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	}
	assert_int_equal(smpp_link_room(a->link), 0);
	assert_int_equal(app_submit(a, 10), SMPP_SUBMIT_FULL);
	assert_int_equal(app_submit(a, 10), SMPP_SUBMIT_FULL);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 10);
	assert_int_equal(a->rooms, 1);
	for (i = 0; i < 5; i++) /* in one write: one offer */
		peer_submit_resp(&a->peer, a->peer.seen[1 + i].seq, 0);
	WAIT_UNTIL(a->base, a->done_count == 5);
	loop_for_ms(a->base, 5);
	assert_int_equal(a->rooms, 2);
	assert_int_equal(smpp_link_room(a->link), 5);
	assert_int_equal(a->done[10], 0);
}

static void fill(struct app *a)
{
	while (app_submit(a, (a->done_count + app_stats(a).window_used) % SUBMITS_MAX) ==
	       SMPP_SUBMIT_OK)
		;
}

static void the_rate_is_kept_and_room_comes_by_itself(void **state)
{
	struct app *a = *state;
	uint64_t began;
	size_t burst;

	a->cf.rate = 400; /* a burst of 40 */
	a->cf.window = 1000;
	a->peer.answers_submits = true;
	app_bind(a);
	WAIT_UNTIL(a->base, a->rooms == 1);
	a->extra = fill;
	began = clock_mono_ms();
	fill(a);
	burst = app_stats(a).window_used;
	assert_in_range(burst, 38, 80); /* 40, and what came while it was used up */
	assert_in_range(smpp_link_room(a->link), 0, 10);
	WAIT_UNTIL(a->base, a->done_count >= 240);
	assert_true(clock_mono_ms() - began >= 480); /* (240 - 40) / 400 s, but for rounding */
	assert_true(clock_mono_ms() - began < 5000);
	a->extra = NULL;
}

static void a_submit_without_answer_times_out_in_order(void **state)
{
	struct app *a = *state;
	unsigned i;

	a->cf.response_ms = 60;
	app_bind(a);
	for (i = 0; i < 3; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 3);
	peer_submit_resp(&a->peer, a->peer.seen[2].seq, 0);
	WAIT_UNTIL(a->base, a->done_count == 3);
	assert_int_equal(a->status[0], SMPP_LINK_NO_ANSWER);
	assert_int_equal(a->status[1], ESME_ROK);
	assert_int_equal(a->status[2], SMPP_LINK_NO_ANSWER);
	assert_int_equal(a->order[1], 0);
	assert_int_equal(a->order[2], 2);
	peer_submit_resp(&a->peer, a->peer.seen[1].seq, 0); /* late */
	WAIT_UNTIL(a->base, app_stats(a).late_resp == 1);
	assert_int_equal(a->done_count, 3);
	assert_int_equal(app_stats(a).no_answer, 2);
	assert_int_equal(a->state, SMPP_LINK_BOUND);
}

static void after_silence_nothing_is_said_again_before_a_sign_of_life(void **state)
{
	struct app *a = *state;

	a->cf.response_ms = 60;
	a->peer.mute_enquire = true;
	app_bind(a);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, a->done_count == 1);
	assert_int_equal(a->status[0], SMPP_LINK_NO_ANSWER);
	assert_int_equal(smpp_link_room(a->link), 0);
	assert_int_equal(app_submit(a, 1), SMPP_SUBMIT_FULL);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x15, NULL) == 1); /* it is asked at once */
	assert_int_equal(smpp_link_room(a->link), 0);
	peer_send(&a->peer, 0x15, 0, 900, NULL, 0); /* any word of its will do */
	WAIT_UNTIL(a->base, smpp_link_room(a->link) > 0);
	assert_int_equal(app_submit(a, 1), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base,
	    a->state_count[SMPP_LINK_WAIT] == 1); /* then silence for good: it is left */
	assert_string_equal(a->reason, "no answer to enquire_link");
	assert_int_equal(peer_saw(&a->peer, 4, NULL), 2);
}

static void a_hold_stops_submits_and_ends_by_itself(void **state)
{
	struct app *a = *state;
	uint64_t began;

	app_bind(a);
	WAIT_UNTIL(a->base, a->rooms == 1);
	began = clock_mono_ms();
	a->in_call = true;
	smpp_link_hold(a->link, 80);
	smpp_link_hold(a->link, 20); /* a shorter one changes nothing */
	a->in_call = false;
	assert_int_equal(smpp_link_room(a->link), 0);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_FULL);
	WAIT_UNTIL(a->base, a->rooms == 2);
	assert_true(clock_mono_ms() - began >= 79);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_OK);
}

static void what_cannot_be_encoded_is_bad_and_has_no_completion(void **state)
{
	struct app *a = *state;
	struct smpp_pdu pdu;
	char longest[300];

	app_bind(a);
	memset(longest, 'x', sizeof(longest));
	memset(&pdu, 0, sizeof(pdu));
	pdu.short_message = (struct sv){longest, sizeof(longest)};
	assert_int_equal(smpp_link_submit(a->link, &pdu, 0), SMPP_SUBMIT_BAD);
	assert_int_equal(app_stats(a).window_used, 0);
	assert_int_equal(app_submit(a, 1), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 1);
	assert_int_equal(a->done_count, 0);
}

static void submits_of_one_turn_leave_in_one_write(void **state)
{
	struct app *a = *state;
	size_t reads;
	unsigned i;

	a->cf.window = 50;
	app_bind(a);
	loop_for_ms(a->base, 5);
	reads = a->peer.reads;
	for (i = 0; i < 50; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 50);
	assert_int_equal(a->peer.reads, reads + 1);
}

static void a_receiver_takes_no_submits(void **state)
{
	struct app *a = *state;

	a->cf.bind = SMPP_BIND_RECEIVER;
	app_bind(a);
	assert_int_equal(peer_saw(&a->peer, 1, NULL), 1);
	assert_int_equal(smpp_link_room(a->link), 0);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_NOT_BOUND);
	loop_for_ms(a->base, 20);
	assert_int_equal(a->rooms, 0);
}

static void deliver_sm_is_answered_by_us_whenever_we_like(void **state)
{
	struct app *a = *state;
	struct seen s;

	app_bind(a);
	peer_deliver(&a->peer, 77, "first");
	peer_deliver(&a->peer, 78, "second");
	WAIT_UNTIL(a->base, a->delivers == 2);
	assert_string_equal(a->text, "second");
	loop_for_ms(a->base, 5);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, NULL), 0);
	smpp_link_deliver_resp(a->link, a->token[1], ESME_ROK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000005, &s) == 1);
	assert_int_equal(s.seq, 78);
	assert_int_equal(s.status, ESME_ROK);
	smpp_link_deliver_resp(a->link, a->token[0], ESME_RX_T_APPN);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000005, &s) == 2);
	assert_int_equal(s.seq, 77);
	assert_int_equal(s.status, ESME_RX_T_APPN);
	assert_int_equal(app_stats(a).deliver_open, 0);
}

static void too_many_open_delivers_are_refused_and_the_rest_still_works(void **state)
{
	struct app *a = *state;
	struct seen s;
	uint32_t i;

	a->cf.deliver_max = 3;
	app_bind(a);
	for (i = 0; i < 5; i++)
		peer_deliver(&a->peer, 100 + i, "x");
	peer_send(&a->peer, 0x15, 0, 200, NULL, 0);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, NULL) == 1);
	assert_int_equal(a->delivers, 3);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, &s), 2);
	assert_int_equal(s.seq, 104);
	assert_int_equal(s.status, ESME_RTHROTTLED);
	assert_int_equal(app_stats(a).deliver_refused, 2);
	smpp_link_deliver_resp(a->link, a->token[0], ESME_ROK);
	peer_deliver(&a->peer, 105, "again");
	WAIT_UNTIL(a->base, a->delivers == 4);
}

static void an_answer_for_a_bind_that_is_gone_is_dropped(void **state)
{
	struct app *a = *state;

	app_bind(a);
	peer_deliver(&a->peer, 5, "x");
	WAIT_UNTIL(a->base, a->delivers == 1);
	peer_close(&a->peer);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_BOUND] == 2);
	assert_int_equal(app_stats(a).deliver_open, 0);
	peer_deliver(&a->peer, 5, "the same again, on the new bind");
	WAIT_UNTIL(a->base, a->delivers == 2);
	smpp_link_deliver_resp(a->link, a->token[0], ESME_ROK);
	smpp_link_deliver_resp(a->link, 0, ESME_ROK);
	assert_int_equal(app_stats(a).deliver_dropped, 2);
	assert_int_equal(app_stats(a).deliver_open, 1);
	peer_send(&a->peer, 0x15, 0, 6, NULL, 0);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, NULL) == 1);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, NULL), 0);
}

static void enquire_link_is_answered_and_asked_only_when_idle(void **state)
{
	struct app *a = *state;
	struct seen s;
	int i;

	a->cf.enquire_ms = 500; /* far longer than a busy machine lets us wait between two of ours */
	app_bind(a);
	for (i = 0; i < 60; i++) { /* 600 ms of traffic */
		peer_send(&a->peer, 0x15, 0, 900, NULL, 0);
		loop_for_ms(a->base, 10);
	}
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, &s) == 60);
	assert_int_equal(s.seq, 900);
	assert_int_equal(peer_saw(&a->peer, 0x15, NULL), 0);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x15, NULL) == 2);
	assert_int_equal(a->state, SMPP_LINK_BOUND);
	assert_int_equal(app_stats(a).enquire_timeouts, 0);
}

static void a_silent_peer_is_dropped_after_two_enquiries(void **state)
{
	struct app *a = *state;

	a->cf.enquire_ms = 30;
	a->cf.response_ms = 30;
	a->peer.mute_enquire = true;
	app_bind(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 1);
	assert_string_equal(a->reason, "no answer to enquire_link");
	assert_int_equal(peer_saw(&a->peer, 0x15, NULL), 2);
	assert_int_equal(app_stats(a).enquire_timeouts, 2);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_BOUND] == 2);
}

/* ---- stopping ---- */

static void stopping_lets_submits_complete_then_unbinds(void **state)
{
	struct app *a = *state;
	unsigned i;

	app_bind(a);
	for (i = 0; i < 3; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	peer_deliver(&a->peer, 50, "open");
	WAIT_UNTIL(a->base, a->delivers == 1);
	app_stop(a);
	app_stop(a);
	assert_int_equal(app_submit(a, 9), SMPP_SUBMIT_NOT_BOUND);
	assert_int_equal(smpp_link_room(a->link), 0);
	peer_deliver(&a->peer, 51, "too late");
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000005, NULL) == 1); /* refused for now */
	assert_int_equal(a->delivers, 1);
	assert_int_equal(peer_saw(&a->peer, 6, NULL), 0);
	for (i = 0; i < 3; i++)
		peer_submit_resp(&a->peer, a->peer.seen[1 + i].seq, 0);
	WAIT_UNTIL(a->base, a->done_count == 3);
	loop_for_ms(a->base, 10);
	assert_int_equal(peer_saw(&a->peer, 6, NULL), 0); /* the deliver_sm is still open */
	smpp_link_deliver_resp(a->link, a->token[0], ESME_ROK);
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_DOWN);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, NULL), 2);
	assert_int_equal(peer_saw(&a->peer, 6, NULL), 1);
	assert_int_equal(a->state_count[SMPP_LINK_UNBINDING], 1);
	assert_int_equal(a->status[0] | a->status[1] | a->status[2], ESME_ROK);
	loop_for_ms(a->base, 150); /* and stays down */
	assert_int_equal(a->peer.accepted, 1);
}

static void stopping_is_bounded_when_the_peer_is_silent(void **state)
{
	struct app *a = *state;

	a->cf.response_ms = 50;
	a->peer.mute_unbind = true;
	app_bind(a);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_OK);
	peer_deliver(&a->peer, 50, "never answered");
	WAIT_UNTIL(a->base, a->delivers == 1);
	app_stop(a);
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_DOWN);
	assert_int_equal(a->done[0], 1);
	assert_int_equal(a->status[0], SMPP_LINK_NO_ANSWER);
	assert_int_equal(peer_saw(&a->peer, 6, NULL), 1);
}

static void stopping_works_in_every_state(void **state)
{
	struct app *a = *state;
	int s;

	for (s = SMPP_LINK_WAIT; s <= SMPP_LINK_UNBINDING; s++) {
		a->state = SMPP_LINK_WAIT;
		a->peer.mute_bind = s == SMPP_LINK_BINDING;
		a->peer.bind_status = s == SMPP_LINK_UNBINDING ? ESME_RALYBND : 0;
		a->peer.mute_unbind = s == SMPP_LINK_UNBINDING;
		a->cf.response_ms = 100;
		app_start(a);
		WAIT_UNTIL(a->base, a->state == (enum smpp_link_state)s);
		app_stop(a);
		WAIT_UNTIL(a->base, a->state == SMPP_LINK_DOWN);
		smpp_link_free(a->link);
		a->link = NULL;
		assert_int_equal(a->state_count[SMPP_LINK_DOWN], s + 1);
	}
}

static void freeing_by_force_completes_later_with_lost(void **state)
{
	struct app *a = *state;
	unsigned i;

	app_bind(a);
	for (i = 0; i < 3; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	a->in_call = true;
	smpp_link_free(a->link);
	a->in_call = false;
	a->link = NULL;
	assert_int_equal(a->done_count, 0);
	WAIT_UNTIL(a->base, a->done_count == 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(a->status[i], SMPP_LINK_LOST);
}

static void free_it(struct app *a)
{
	struct smpp_link *l = a->link;

	a->link = NULL;
	smpp_link_free(l);
}

static void freeing_is_allowed_in_every_callback(void **state)
{
	struct app *a = *state;
	int i;

	for (i = 0; i < 6; i++) {
		a->done_count = 0;
		a->state = SMPP_LINK_WAIT;
		a->extra = i == 0 ? free_it : NULL; /* 0: on_state */
		app_start(a);
		if (i > 0) {
			WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND && a->peer.bev);
			assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_OK);
			assert_int_equal(app_submit(a, 1), SMPP_SUBMIT_OK);
			WAIT_UNTIL(a->base, a->peer.seen[a->peer.seen_count - 1].id == 4);
			a->extra = free_it;
		}
		if (i == 1) /* on_deliver, with more behind it in the same read */
			for (int n = 0; n < 5; n++)
				peer_deliver(&a->peer, 8, "x");
		else if (i == 2) /* on_submitted */
			peer_submit_resp(&a->peer, a->peer.seen[a->peer.seen_count - 1].seq, 0);
		else if (i == 3) /* on_submitted, at a loss */
			peer_close(&a->peer);
		else if (i == 4) /* on_room */
			smpp_link_hold(a->link, 1);
		else if (i == 5) /* unbound by the peer */
			peer_send(&a->peer, 6, 0, 9, NULL, 0);
		WAIT_UNTIL(a->base, !a->link && (i == 0 || a->done_count == 2));
		loop_for_ms(a->base, 5);
		assert_int_equal(a->done_count, i == 0 ? 0 : 2);
	}
}

static void a_host_may_be_a_name(void **state)
{
	struct app *a = *state;

	a->cf.host = "localhost";
	app_bind(a);
	smpp_link_free(a->link);
	a->state = SMPP_LINK_WAIT;
	memset(a->state_count, 0, sizeof(a->state_count));
	a->cf.host = "no.such.host.invalid";
	a->cf.connect_ms = 200;
	app_start(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 2);
	assert_int_equal(a->state_count[SMPP_LINK_BINDING], 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, app_set_up, app_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_binds_with_what_was_configured),
	    TEST(responses_in_any_order_find_their_submits),
	    TEST(a_full_window_says_so_and_then_offers_room_once),
	    TEST(the_rate_is_kept_and_room_comes_by_itself),
	    TEST(a_submit_without_answer_times_out_in_order),
	    TEST(after_silence_nothing_is_said_again_before_a_sign_of_life),
	    TEST(a_hold_stops_submits_and_ends_by_itself),
	    TEST(what_cannot_be_encoded_is_bad_and_has_no_completion),
	    TEST(submits_of_one_turn_leave_in_one_write),
	    TEST(a_receiver_takes_no_submits),
	    TEST(deliver_sm_is_answered_by_us_whenever_we_like),
	    TEST(too_many_open_delivers_are_refused_and_the_rest_still_works),
	    TEST(an_answer_for_a_bind_that_is_gone_is_dropped),
	    TEST(enquire_link_is_answered_and_asked_only_when_idle),
	    TEST(a_silent_peer_is_dropped_after_two_enquiries),
	    TEST(stopping_lets_submits_complete_then_unbinds),
	    TEST(stopping_is_bounded_when_the_peer_is_silent),
	    TEST(stopping_works_in_every_state),
	    TEST(freeing_by_force_completes_later_with_lost),
	    TEST(freeing_is_allowed_in_every_callback),
	    TEST(a_host_may_be_a_name),
	};

	return cmocka_run_group_tests_name("smpp_link", tests, NULL, NULL);
}
