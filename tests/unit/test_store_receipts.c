/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_receipts.c - the part of the contract of store.h that is about receipts, over the twin and
 * over a real redis-server. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

#define ANA "919812345678"
#define BINU "919800000002"

/* A message of so many parts (ids as given, up to 3) that is sent; the record says which. */
static struct store_sent sent_of(const struct sv *ids, size_t n)
{
	return (struct store_sent){.msisdn = ANA,
	    .out_id = 10,
	    .class = 2,
	    .link = "smsc1",
	    .message_ids = ids,
	    .message_id_count = n,
	    .receipt_ms = 60000,
	    .record = SV("trace 77")};
}

/* An id that is looked for under up to three forms, and parked under so many of them. */
static struct store_receipt receipt_of(const struct sv *ids, size_t n, char state, size_t park)
{
	return (struct store_receipt){.msisdn = ANA,
	    .link = "smsc1",
	    .ids = ids,
	    .id_count = n,
	    .state = state,
	    .park_count = park,
	    .park_ms = 60000,
	    .keep_ms = 60000};
}

static void sent_leaves_the_outbox_and_its_receipts_are_known(void **state)
{
	struct sv ids[1] = {SV("0a1b")};
	struct store_out o[2] = {out(10, 2, "one"), out(11, 2, "two")};
	struct store_commit c = turn(0, 0, "s");
	struct store_sent t = sent_of(ids, 1);

	(void)state;
	c.out = o;
	c.out_count = 2;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "0a1b", '1'), STORE_NONE);
	for (int i = 0; i < 2; i++) { /* the second time changes nothing */
		assert_int_equal(rig_sent(&rig, &t), STORE_OK);
		assert_int_equal(rig.got.early_n, 0);
		assert_int_equal(outbox_size(2), 1);
		assert_int_equal(rig.got.id[0], 11);
	}
	assert_int_equal(rig_receipt(&rig, BINU, "smsc1", "0a1b", '2'), STORE_NONE);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc2", "0a1b", '2'), STORE_NONE);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "0a1c", '2'), STORE_NONE);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "0a1b", '1'), STORE_OK);
	assert_string_equal(rig.got.record, "trace 77");
	assert_string_equal(rig.got.states, "1");
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "0a1b", '2'), STORE_OK);
	assert_string_equal(rig.got.record, "trace 77");
	assert_string_equal(rig.got.states, "2");
	t = (struct store_sent){.msisdn = ANA, .out_id = 11, .class = 2};
	assert_int_equal(rig_sent(&rig, &t), STORE_OK); /* no receipt is expected */
	assert_int_equal(outbox_size(2), 0);
}

static void a_state_never_goes_back(void **state)
{
	static const struct {
		char said;
		enum store_rc rc;
		bool late;
	} story[] = {
	    {'1', STORE_OK, false}, /* ENROUTE */
	    {'1', STORE_DUPLICATE, false},
	    {'6', STORE_OK, false}, /* ACCEPTED */
	    {'7', STORE_DUPLICATE, true}, /* UNKNOWN tells no more */
	    {'1', STORE_DUPLICATE, true},
	    {'2', STORE_OK, false}, /* DELIVERED */
	    {'2', STORE_DUPLICATE, false},
	    {'1', STORE_DUPLICATE, true},
	    {'5', STORE_DUPLICATE, true}, /* the first last word counts */
	    {'2', STORE_DUPLICATE, false},
	};
	struct sv ids[1] = {SV("a1")};
	struct store_sent t = sent_of(ids, 1);

	(void)state;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	for (size_t i = 0; i < sizeof story / sizeof *story; i++) {
		assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", story[i].said), story[i].rc);
		assert_int_equal(rig.got.late, story[i].late);
	}
}

static void parts_that_went_by_different_links_are_of_one_message(void **state)
{
	static const char *const links[2] = {"smsc1", "smsc2"};
	struct sv ids[2] = {SV("a1"), SV("a1")}; /* two centres may give the same id */
	struct store_sent t = sent_of(ids, 2);

	(void)state;
	t.links = links;
	assert_int_equal(rig_receipt(&rig, ANA, "smsc2", "a1", '1'), STORE_NONE);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc2", "a1", '2'), STORE_OK);
	assert_string_equal(rig.got.states, "02");
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '5'), STORE_OK);
	assert_string_equal(rig.got.states, "52");
}

static void parts_have_states_of_their_own_beside_each_other(void **state)
{
	struct sv ids[3] = {SV("a1"), SV("a2"), SV("a3")};
	struct store_sent t = sent_of(ids, 3);

	(void)state;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a2", '1'), STORE_OK);
	assert_string_equal(rig.got.states, "010");
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a3", '5'), STORE_OK);
	assert_string_equal(rig.got.states, "015");
	assert_string_equal(rig.got.record, "trace 77");
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a3", '2'), STORE_DUPLICATE);
	assert_true(rig.got.late);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '2'), STORE_OK);
	assert_string_equal(rig.got.states, "215");
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a2", '1'), STORE_DUPLICATE);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a2", '2'), STORE_OK);
	assert_string_equal(rig.got.states, "225");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(rig_receipt(&rig, ANA, "smsc1", ids[i].p, '2'), STORE_DUPLICATE);
	if (rig.is_redis) /* nothing of the message stays but the short marks for repeats */
		assert_string_equal(rig_redis(rig.socket, "EXISTS dky:{p%u}:m:" ANA ":000000000000000a",
					part()),
		    "0");
}

static void one_that_is_too_early_for_a_message_of_one_part_waits_too(void **state)
{
	struct sv ids[1] = {SV("a1")}, forms[3] = {SV("162"), SV("a1"), SV("354")};
	struct store_sent t = sent_of(ids, 1);
	struct store_receipt r = receipt_of(forms, 3, '2', 3);

	(void)state;
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 1);
	assert_int_equal(rig.got.early[0].part, 0);
	assert_int_equal(rig.got.early[0].state, '2');
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '2'), STORE_OK);
	assert_string_equal(rig.got.record, "trace 77");
	assert_string_equal(rig.got.states, "2");
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_DUPLICATE); /* by another of its forms */
	assert_false(rig.got.late);
}

static void a_receipt_that_comes_too_early_waits_for_sent(void **state)
{
	struct sv ids[2] = {SV("a1"), SV("a2")}, forms[3] = {SV("162"), SV("a2"), SV("354")};
	struct store_sent t = sent_of(ids, 2);
	struct store_receipt r = receipt_of(forms, 3, '1', 3);

	(void)state;
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	r.state = '2'; /* and the next is there too */
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	r.state = '1'; /* which it does not forget */
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 1);
	assert_int_equal(rig.got.early[0].part, 1);
	assert_int_equal(rig.got.early[0].state, '2');
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a2", '2'), STORE_OK);
	assert_string_equal(rig.got.states, "02");
}

static void a_receipt_is_parked_under_no_more_forms_than_asked(void **state)
{
	struct sv ids[1] = {SV("a2")}, forms[2] = {SV("162"), SV("a2")};
	struct store_sent t = sent_of(ids, 1);
	struct store_receipt r = receipt_of(forms, 2, '2', 1);

	(void)state;
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 0);
	r = receipt_of(forms, 2, '2', 0);
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_OK);
	assert_int_equal(rig.got.form, 1);
}

static void the_first_form_that_is_known_is_taken(void **state)
{
	struct sv one[1] = {SV("16")}, two[1] = {SV("22")}, forms[2] = {SV("16"), SV("22")};
	struct store_sent t = sent_of(one, 1);
	struct store_receipt r = receipt_of(forms, 2, '2', 0);

	(void)state;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	t = sent_of(two, 1);
	t.record = SV("trace 78");
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_OK);
	assert_int_equal(rig.got.form, 0);
	assert_string_equal(rig.got.record, "trace 77");
}

static void sent_repeated_tells_what_came_in_between(void **state)
{
	struct sv ids[2] = {SV("a1"), SV("a2")};
	struct store_sent t = sent_of(ids, 2);

	(void)state;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '6'), STORE_OK);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK); /* its answer was lost */
	assert_int_equal(rig.got.early_n, 1);
	assert_int_equal(rig.got.early[0].part, 0);
	assert_int_equal(rig.got.early[0].state, '6');
	t.message_id_count = 1;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '1'), STORE_OK);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 1);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "a1", '2'), STORE_OK);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 1);
	assert_int_equal(rig.got.early[0].state, '2');
}

static void an_id_given_again_is_the_newer_message(void **state)
{
	struct sv ids[1] = {SV("1")};
	struct store_sent t = sent_of(ids, 1);

	(void)state;
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "1", '1'), STORE_OK);
	t.out_id = 11;
	t.record = SV("trace 78");
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig.got.early_n, 0);
	assert_int_equal(rig_receipt(&rig, ANA, "smsc1", "1", '2'), STORE_OK);
	assert_string_equal(rig.got.record, "trace 78");
}

static void odd_and_long_ids_make_keys_of_their_own(void **state)
{
	char a[2000], b[2000];
	struct sv ids[2] = {{a, sizeof a}, {b, sizeof b}};
	struct store_sent t = sent_of(ids, 1);
	struct store_receipt r = receipt_of(ids + 1, 1, '1', 0);

	(void)state;
	memset(a, 'x', sizeof a);
	memset(b, 'x', sizeof b);
	b[sizeof b - 1] = 'y';
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_NONE);
	r.ids = ids;
	assert_int_equal(rig_receipt_any(&rig, &r), STORE_OK);
}

static const struct CMUnitTest contract[] = {
    T(sent_leaves_the_outbox_and_its_receipts_are_known),
    T(a_state_never_goes_back),
    T(parts_that_went_by_different_links_are_of_one_message),
    T(parts_have_states_of_their_own_beside_each_other),
    T(one_that_is_too_early_for_a_message_of_one_part_waits_too),
    T(a_receipt_that_comes_too_early_waits_for_sent),
    T(a_receipt_is_parked_under_no_more_forms_than_asked),
    T(the_first_form_that_is_known_is_taken),
    T(sent_repeated_tells_what_came_in_between),
    T(an_id_given_again_is_the_newer_message),
    T(odd_and_long_ids_make_keys_of_their_own),
};

int main(void)
{
	return rig_run_both(contract, sizeof contract / sizeof *contract);
}
