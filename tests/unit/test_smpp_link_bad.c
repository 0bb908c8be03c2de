/* SPDX-License-Identifier: BSD-2-Clause */
/* test_smpp_link_bad.c - a link and a message centre that refuses, drops, splits, lies and floods.
 * In none of it may a submit complete twice or not at all, nor the link die. */
#include "smpp_peer.h"

/* ---- binding goes wrong ---- */

static void a_refused_bind_is_tried_again(void **state)
{
	struct app *a = *state;

	a->peer.bind_status = ESME_RBINDFAIL;
	app_start(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 3);
	assert_non_null(strstr(a->reason, "ESME_RBINDFAIL"));
	assert_int_equal(a->state_count[SMPP_LINK_BOUND], 0);
	a->peer.bind_status = 0;
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
}

static void wrong_credentials_are_tried_again_slowly(void **state)
{
	static const uint32_t statuses[] = {ESME_RINVPASWD, ESME_RINVSYSID, ESME_RINVSYSTYP};
	struct app *a = *state;
	size_t i;

	a->cf.reconnect_min_ms = 1;
	a->cf.reconnect_max_ms = 160; /* so not before 80 ms */
	for (i = 0; i < 3; i++) {
		size_t waits = a->state_count[SMPP_LINK_WAIT],
		       tries = a->state_count[SMPP_LINK_CONNECTING];
		uint64_t began = clock_mono_ms();

		a->state = SMPP_LINK_WAIT;
		a->peer.bind_status = statuses[i];
		app_start(a);
		WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == waits + 1);
		WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_CONNECTING] == tries + 2);
		assert_true(clock_mono_ms() - began >= 79);
		smpp_link_free(a->link);
		a->link = NULL;
	}
}

static void already_bound_unbinds_and_tries_again(void **state)
{
	struct app *a = *state;

	a->peer.bind_status = ESME_RALYBND;
	app_start(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_UNBINDING] == 1);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 1);
	assert_int_equal(peer_saw(&a->peer, 6, NULL), 1);
	a->peer.bind_status = 0;
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
}

static void a_bind_without_answer_times_out(void **state)
{
	struct app *a = *state;

	a->cf.response_ms = 40;
	a->peer.mute_bind = true;
	app_start(a);
	WAIT_UNTIL(a->base, a->peer.accepted == 2);
	assert_int_equal(a->state_count[SMPP_LINK_BOUND], 0);
	a->peer.mute_bind = false;
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
}

static void strange_answers_to_a_bind_are_not_consent(void **state)
{
	struct app *a = *state;
	struct seen s;

	a->peer.mute_bind = true;
	app_start(a);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 9, &s) == 1);
	peer_send(&a->peer, 0x80000009, 0, s.seq + 1, "x", 2); /* of another sequence */
	peer_send(&a->peer, 0x80000001, 0, s.seq, "x", 2); /* of another bind */
	peer_deliver(&a->peer, 40, "too early");
	peer_send(&a->peer, 0x15, 0, 41, NULL, 0);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, NULL) == 1);
	assert_int_equal(a->state, SMPP_LINK_BINDING);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, &s), 1);
	assert_int_equal(s.status, ESME_RINVBNDSTS);
	assert_int_equal(peer_saw(&a->peer, 9, &s), 1);
	peer_send(&a->peer, 0x80000000, 0, s.seq, NULL, 0); /* generic_nack, without a status */
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_WAIT);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 9, &s) == 2);
	peer_send(&a->peer, 0x80000009, 0, s.seq, "no end", 6); /* the status counts, not the name */
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
}

static void a_refused_connection_is_tried_again_with_growing_waits(void **state)
{
	struct app *a = *state;
	uint64_t began = clock_mono_ms();

	a->cf.port = refused_port();
	a->cf.reconnect_min_ms = 4;
	a->cf.reconnect_max_ms = 64;
	app_start(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 12);
	assert_true(clock_mono_ms() - began >= 12 * 2); /* half the minimum each */
	assert_non_null(strstr(a->reason, "refused"));
}

static void bind_fields_that_are_too_long_are_said_in_words(void **state)
{
	struct app *a = *state;

	a->cf.password = "longer than nine";
	app_start(a);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 1);
	assert_non_null(strstr(a->reason, "too long"));
}

/* ---- the connection ends ---- */

static void drops_at_every_step_are_survived(void **state)
{
	struct app *a = *state;
	unsigned i;

	a->peer.closes_at_accept = true;
	app_start(a);
	WAIT_UNTIL(a->base, a->peer.accepted == 2);
	a->peer.closes_at_accept = false;
	a->peer.mute_bind = true;
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 9, NULL) > 0 && a->peer.bev);
	peer_close(&a->peer); /* after the bind */
	a->peer.mute_bind = false;
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
	for (i = 0; i < 5; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 5);
	peer_submit_resp(&a->peer, a->peer.seen[a->peer.seen_count - 5].seq, 0);
	WAIT_UNTIL(a->base, a->done_count == 1);
	peer_close(&a->peer); /* with submits outstanding */
	WAIT_UNTIL(a->base, a->done_count == 5);
	assert_int_equal(a->status[0], ESME_ROK);
	for (i = 1; i < 5; i++) {
		assert_int_equal(a->status[i], SMPP_LINK_LOST);
		assert_int_equal(a->order[i], i);
	}
	assert_int_equal(app_stats(a).lost, 4);
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
	a->peer.mute_unbind = true;
	app_stop(a);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 6, NULL) == 1);
	peer_close(&a->peer); /* while unbinding */
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_DOWN);
}

static void unbind_from_the_peer_is_answered_and_the_link_comes_back(void **state)
{
	struct app *a = *state;

	app_bind(a);
	assert_int_equal(app_submit(a, 0), SMPP_SUBMIT_OK);
	peer_send(&a->peer, 6, 0, 321, NULL, 0);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == 1);
	assert_string_equal(a->reason, "unbound by the peer");
	assert_int_equal(a->status[0], SMPP_LINK_LOST);
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_BOUND] == 2);
	assert_int_equal(peer_saw(&a->peer, 0x80000006, NULL), 1);
}

/* ---- octets ---- */

static void pdus_split_at_every_octet_are_the_same(void **state)
{
	struct app *a = *state;
	struct buf b;
	size_t at;

	a->cf.enquire_ms = 0; /* the peer's answer would be in the middle of what is split */
	a->answers_delivers = true;
	app_bind(a);
	buf_init(&b, 4096);
	make_deliver(&b, 7, "split");
	make_pdu(&b, 0x15, 0, 8, NULL, 0);
	for (at = 1; at < b.n; at++) {
		peer_raw(&a->peer, b.p, at);
		WAIT_UNTIL(a->base, evbuffer_get_length(bufferevent_get_output(a->peer.bev)) == 0);
		loop_for_ms(a->base, 1);
		peer_raw(&a->peer, b.p + at, b.n - at);
		WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, NULL) == at);
		assert_int_equal(a->delivers, at);
		assert_string_equal(a->text, "split");
	}
	assert_int_equal(peer_saw(&a->peer, 0x80000005, NULL), b.n - 1);
	assert_int_equal(app_stats(a).bad_pdu, 0);
	buf_clear(&b);
}

static void many_pdus_in_one_write_are_all_seen(void **state)
{
	struct app *a = *state;
	struct buf b;
	uint32_t i;

	a->answers_delivers = true;
	app_bind(a);
	buf_init(&b, 1 << 20);
	for (i = 0; i < 2000; i++)
		make_deliver(&b, 1000 + i,
		    "one of many, long enough to pass the end of a buffer now and then");
	peer_raw(&a->peer, b.p, b.n);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000005, NULL) == 2000);
	for (i = 0; i < 2000; i++) /* seen[0] is the bind */
		assert_int_equal(a->peer.seen[1 + i].seq, 1000 + i);
	buf_clear(&b);
}

static void impossible_lengths_end_the_connection(void **state)
{
	static const uint32_t lengths[] = {0, 15, 65537, 70000, 0x80000000, 0xFFFFFFFF};
	struct app *a = *state;
	size_t i, cut;

	app_start(a);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (cut = 4; cut <= 16; cut += 12) { /* the length alone, or a whole header */
			size_t waits = a->state_count[SMPP_LINK_WAIT];
			uint8_t h[16];
			struct seen s;

			WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND && a->peer.bev);
			assert_int_equal(app_submit(a, 1), SMPP_SUBMIT_OK);
			put32(h, lengths[i]);
			put32(h + 4, 5);
			put32(h + 8, 0);
			put32(h + 12, 4242);
			a->peer.seen_count = 0;
			peer_raw(&a->peer, h, cut);
			WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] == waits + 1);
			assert_string_equal(a->reason, "impossible command_length");
			assert_int_equal(a->status[1], SMPP_LINK_LOST);
			WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000000, &s) == 1 || !a->peer.bev);
			assert_int_equal(peer_saw(&a->peer, 0x80000000, &s), 1);
			assert_int_equal(s.status, ESME_RINVCMDLEN);
			assert_int_equal(s.seq, cut == 16 ? 4242 : 0);
		}
	}
	assert_int_equal(a->done[1], 12);
}

static void garbage_after_the_bind_is_survived(void **state)
{
	struct app *a = *state;
	uint32_t x = 12345;
	int i;

	app_start(a);
	for (i = 0; i < 30; i++) {
		uint8_t junk[4000];
		size_t n;

		WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND && a->peer.bev);
		for (n = 0; n < sizeof(junk); n++) {
			x = x * 1103515245 + 12345;
			junk[n] = (uint8_t)(x >> 16);
		}
		junk[0] = (uint8_t)(i % 3); /* a third with a length that may be true */
		junk[1] = 0;
		peer_raw(&a->peer, junk, sizeof(junk));
		peer_send(&a->peer, 0x15, 0, 1, NULL, 0);
		loop_for_ms(a->base, 2);
		peer_close(&a->peer);
		WAIT_UNTIL(a->base, a->state != SMPP_LINK_BOUND);
	}
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND);
}

/* ---- PDUs ---- */

static void unknown_and_misplaced_commands_are_refused_and_life_goes_on(void **state)
{
	static const uint32_t refused[] = {0x99, 0x21, 0x7FFFFFFF, 4, 9};
	static const uint32_t asked[][2] = {
	    {3, 0x67}, {8, 0x11}, {7, 0x13}}; /* query, cancel, replace */
	static const uint32_t ignored[] = {
	    0x80000099, 0x80000021, 0x80000003, 0x80000006, 0x80000009, 0x102};
	static const char submit[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"; /* every field empty */
	struct app *a = *state;
	struct seen s;
	size_t i;

	app_bind(a);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		peer_send(&a->peer, refused[i], 0, 500 + (uint32_t)i, submit, refused[i] == 9 ? 7 : 17);
		WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000000, &s) == i + 1);
		assert_int_equal(s.seq, 500 + i);
		assert_true(s.status == ESME_RINVCMDID || s.status == ESME_RINVCMDLEN);
	}
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		peer_send(&a->peer, asked[i][0], 0, 550 + (uint32_t)i, submit,
		    asked[i][0] == 3 ? 4 : 17);
		WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000000 | asked[i][0], &s) == 1);
		assert_int_equal(s.seq, 550 + i);
		assert_int_equal(s.status, asked[i][1]);
	}
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		peer_send(&a->peer, ignored[i], 0, 600, submit, 17);
	peer_send(&a->peer, 0x15, 0, 700, NULL, 0);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000015, NULL) == 1);
	assert_int_equal(peer_saw(&a->peer, 0x80000000, NULL), sizeof(refused) / sizeof(refused[0]));
	assert_int_equal(a->state, SMPP_LINK_BOUND);
}

static void a_deliver_that_cannot_be_decoded_is_refused(void **state)
{
	struct app *a = *state;
	struct seen s;

	app_bind(a);
	peer_send(&a->peer, 5, 0, 31, "no end of service_type", 22);
	peer_send(&a->peer, 5, 0, 32, NULL, 0);
	peer_send(&a->peer, 0x103, 0, 33, "\0", 1);
	peer_deliver(&a->peer, 34, "good");
	WAIT_UNTIL(a->base, a->delivers == 1);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 0x80000103, &s) == 1);
	assert_int_equal(s.status, ESME_RINVMSGLEN);
	assert_int_equal(peer_saw(&a->peer, 0x80000005, &s), 2);
	assert_int_equal(s.seq, 32);
	assert_int_equal(s.status, ESME_RINVMSGLEN);
	assert_string_equal(a->text, "good");
	assert_int_equal(app_stats(a).bad_pdu, 3);
	assert_int_equal(app_stats(a).deliver_open, 1);
}

static void odd_answers_to_submits_still_complete_them_once(void **state)
{
	struct app *a = *state;
	uint32_t first;
	unsigned i;

	app_bind(a);
	for (i = 0; i < 6; i++)
		assert_int_equal(app_submit(a, i), SMPP_SUBMIT_OK);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == 6);
	first = a->peer.seen[1].seq;
	peer_send(&a->peer, 0x80000004, 0, first, "no NUL", 6);
	peer_send(&a->peer, 0x80000004, 0, first + 1, NULL, 0); /* no message_id at all */
	peer_send(&a->peer, 0x80000000, ESME_RINVCMDID, first + 2, NULL, 0);
	peer_send(&a->peer, 0x80000000, 0, first + 3, NULL, 0);
	peer_send(&a->peer, 0x80000004, SMPP_LINK_LOST, first + 4, NULL, 0); /* not theirs to say */
	peer_submit_resp(&a->peer, first, 0); /* again */
	peer_submit_resp(&a->peer, 99999, 0); /* never asked */
	peer_submit_resp(&a->peer, first + 5, 0);
	WAIT_UNTIL(a->base, a->done_count == 6);
	assert_int_equal(a->status[0], ESME_ROK);
	assert_int_equal(a->status[1], ESME_ROK);
	assert_int_equal(a->status[2], ESME_RINVCMDID);
	assert_int_equal(a->status[3], ESME_RUNKNOWNERR);
	assert_int_equal(a->status[4], ESME_RUNKNOWNERR);
	assert_int_equal(a->status[5], ESME_ROK);
	for (i = 0; i < 6; i++)
		assert_int_equal(a->done[i], 1);
	assert_int_equal(app_stats(a).late_resp, 2);
	assert_int_equal(a->state, SMPP_LINK_BOUND);
}

/* ---- floods ---- */

static enum smpp_submit_rc submit_payload(struct app *a, unsigned id)
{
	static char payload[60000];
	struct smpp_pdu pdu;

	memset(&pdu, 0, sizeof(pdu));
	assert_true(smpp_tlv_add(&pdu, SMPP_TLV_MESSAGE_PAYLOAD,
	    (struct sv){payload, sizeof(payload)}));
	return smpp_link_submit(a->link, &pdu, id);
}

static void a_peer_that_stops_reading_gets_no_more_submits_until_it_reads(void **state)
{
	struct app *a = *state;
	size_t rooms;
	unsigned n = 0;

	a->cf.window = 4000;
	app_bind(a);
	WAIT_UNTIL(a->base, a->rooms == 1);
	bufferevent_disable(a->peer.bev, EV_READ);
	do { /* the kernel takes a few megabytes, and more when it feels like it */
		rooms = a->rooms;
		while (n < 2000 && submit_payload(a, n) == SMPP_SUBMIT_OK)
			n++;
		loop_for_ms(a->base, 60);
	} while (a->rooms != rooms);
	while (n < 2000 && submit_payload(a, n) == SMPP_SUBMIT_OK) /* a rest below the mark */
		n++;
	assert_in_range(n, 5, 1999);
	assert_int_equal(submit_payload(a, n), SMPP_SUBMIT_FULL);
	peer_deliver(&a->peer, 9, "still heard");
	WAIT_UNTIL(a->base, a->delivers == 1);
	assert_int_equal(a->rooms, rooms);
	bufferevent_enable(a->peer.bev, EV_READ);
	WAIT_UNTIL(a->base, a->rooms == rooms + 1);
	WAIT_UNTIL(a->base, peer_saw(&a->peer, 4, NULL) == n);
	assert_int_equal(app_stats(a).window_used, n);
}

/* Every answer is 17 octets, so it takes a while to fill 4 MiB and the sockets on the way. */
static void a_peer_that_asks_and_never_reads_is_dropped(void **state)
{
	struct app *a = *state;
	struct buf b;
	int i;

	a->cf.deliver_max = 0;
	app_bind(a);
	buf_init(&b, 1 << 20);
	for (i = 0; i < 4000; i++)
		make_pdu(&b, 5, 0, 1, NULL, 0);
	bufferevent_disable(a->peer.bev, EV_READ);
	while (a->state_count[SMPP_LINK_WAIT] == 0 && a->peer.bev) {
		peer_raw(&a->peer, b.p, b.n);
		for (i = 0; i < 4; i++)
			event_base_loop(a->base, EVLOOP_NONBLOCK);
		assert_true(app_stats(a).pdu_in < 2000000);
	}
	WAIT_UNTIL(a->base, a->state_count[SMPP_LINK_WAIT] >= 1);
	assert_string_equal(a->wait_reason, "the peer does not read");
	buf_clear(&b);
}

/* ---- all of it together ---- */

static uint32_t rnd(uint32_t *x, uint32_t below)
{
	*x = *x * 1664525 + 1013904223;
	return (*x >> 8) % below;
}

static void whatever_happens_every_submit_completes_once(void **state)
{
	static unsigned accepted[SUBMITS_MAX];
	struct app *a = *state;
	uint32_t seed = (uint32_t)clock_mono_us(), x = seed;
	unsigned i, next = 0, missing = 0;

	a->cf.response_ms = 20;
	a->cf.enquire_ms = 30;
	a->cf.reconnect_min_ms = 1;
	a->cf.reconnect_max_ms = 4;
	a->answers_delivers = true;
	memset(accepted, 0, sizeof(accepted));
	app_start(a);
	for (i = 0; i < 100000 && next < 150; i++) {
		uint32_t seq =
		    a->peer.seen_count > 0
			? a->peer.seen[rnd(&x, (uint32_t)a->peer.seen_count) % PEER_SEEN_MAX].seq
			: 1;
		uint32_t what = rnd(&x, 37);

		if (what < 20 && app_submit(a, next) == SMPP_SUBMIT_OK)
			accepted[next++] = 1;
		if (a->peer.bev) {
			if (what < 24)
				peer_submit_resp(&a->peer, seq, rnd(&x, 4) == 0 ? ESME_RTHROTTLED : 0);
			else if (what < 28)
				peer_deliver(&a->peer, seq, "x");
			else if (what == 30)
				peer_send(&a->peer, 0x80000000, rnd(&x, 4), seq, NULL, 0);
			else if (what == 31)
				peer_send(&a->peer, 6, 0, seq, NULL, 0);
			else if (what == 32)
				peer_raw(&a->peer, "\0\0\0\5junk", 8);
			else if (what == 33)
				peer_close(&a->peer);
			else if (what == 34)
				a->peer.mute_bind = rnd(&x, 4) == 0;
			else if (what == 35)
				a->peer.bind_status = rnd(&x, 4) == 0 ? ESME_RBINDFAIL : 0;
			else if (what == 36)
				smpp_link_hold(a->link, rnd(&x, 5));
		}
		if (rnd(&x, 4) == 0)
			loop_for_ms(a->base, rnd(&x, 3));
	}
	app_stop(a);
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_DOWN);
	for (i = 0; i < SUBMITS_MAX; i++)
		missing += a->done[i] != accepted[i];
	if (missing > 0 || next < 150)
		fail_msg("seed %u: %u of %u did not complete exactly once", seed, missing, next);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, app_set_up, app_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_refused_bind_is_tried_again),
	    TEST(wrong_credentials_are_tried_again_slowly),
	    TEST(already_bound_unbinds_and_tries_again),
	    TEST(a_bind_without_answer_times_out),
	    TEST(strange_answers_to_a_bind_are_not_consent),
	    TEST(a_refused_connection_is_tried_again_with_growing_waits),
	    TEST(bind_fields_that_are_too_long_are_said_in_words),
	    TEST(drops_at_every_step_are_survived),
	    TEST(unbind_from_the_peer_is_answered_and_the_link_comes_back),
	    TEST(pdus_split_at_every_octet_are_the_same),
	    TEST(many_pdus_in_one_write_are_all_seen),
	    TEST(impossible_lengths_end_the_connection),
	    TEST(garbage_after_the_bind_is_survived),
	    TEST(unknown_and_misplaced_commands_are_refused_and_life_goes_on),
	    TEST(a_deliver_that_cannot_be_decoded_is_refused),
	    TEST(odd_answers_to_submits_still_complete_them_once),
	    TEST(a_peer_that_stops_reading_gets_no_more_submits_until_it_reads),
	    TEST(a_peer_that_asks_and_never_reads_is_dropped),
	    TEST(whatever_happens_every_submit_completes_once),
	};

	return cmocka_run_group_tests_name("smpp_link_bad", tests, NULL, NULL);
}
