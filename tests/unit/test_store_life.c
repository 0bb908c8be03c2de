/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_life.c - what store.h promises about time and ends, over both stores: deferrals,
 * lives of keys, and that freeing completes every call. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store_rig.h"

static void deferred_persons_are_taken_when_due_and_leased(void **state)
{
	struct store_commit c = turn(0, 0, "s");

	(void)state;
	c.defer_at_ms = 5000;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_take_due(&rig, part(), 4999, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
	assert_int_equal(rig_take_due(&rig, part(), 5000, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 1);
	assert_string_equal(rig.got.text[0], ANA);
	assert_int_equal(rig_take_due(&rig, part(), 5999, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0); /* somebody has it */
	assert_int_equal(rig_take_due(&rig, part(), 6000, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 1); /* and did not come back */
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, 1);
	assert_string_equal(rig.got.session, "s");
	c = turn(1, 0, "again");
	c.defer_at_ms = 9000;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_take_due(&rig, part(), 8999, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
	c = turn(2, 0, "done");
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_take_due(&rig, part(), 99999, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
}

static void a_deferral_without_a_session_ends_with_the_next_commit(void **state)
{
	struct store_commit c = turn(0, 0, "");

	(void)state;
	c.defer_at_ms = 5000;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	c = turn(0, 0, "s");
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_take_due(&rig, part(), 99999, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
}

static void due_takes_the_longest_waiting_first(void **state)
{
	unsigned p = part();
	char who[4][16];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; n < 4; i++) {
		struct store_commit c = {.session = SV("s"), .session_ms = 60000};

		snprintf(who[n], sizeof who[n], "9198%08u", i);
		if (store_partition(rig.s, who[n]) != p)
			continue;
		c.msisdn = who[n];
		c.defer_at_ms = 1000 - 100 * n;
		assert_int_equal(rig_commit(&rig, &c), STORE_OK);
		n++;
	}
	assert_int_equal(rig_take_due(&rig, p, 2000, 1000, 3), STORE_OK);
	assert_int_equal(rig.got.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(rig.got.text[i], who[3 - i]);
}

static void everything_but_the_boxes_has_a_life(void **state)
{
	struct sv ids[1] = {SV("m1")};
	struct store_accept a = message(1, "x");
	struct store_out o = out(10, 1, "r");
	struct store_commit c = turn(0, 0, "s");
	struct store_sent t = {.msisdn = ANA,
	    .link = "l",
	    .message_ids = ids,
	    .message_id_count = 1,
	    .receipt_ms = 60,
	    .record = SV("r")};

	(void)state;
	a.dedup_key = SV("k");
	a.dedup_value = SV("v");
	a.dedup_ms = 60;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	o.coalesce = SV("c");
	o.coalesce_ms = 60;
	c.out = &o;
	c.out_count = 1;
	c.session_ms = 60;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	RIG_UNTIL(&rig, rig_get(&rig, ANA) == STORE_OK && rig.got.version == 0);
	RIG_UNTIL(&rig, rig_receipt(&rig, ANA, "l", "m1", '1') == STORE_NONE);
	a.id = 2;
	RIG_UNTIL(&rig, rig_accept(&rig, &a) == STORE_OK);
	o.id = 11;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 0);
	assert_int_equal(outbox_size(1), 2);
}

/* Five messages for twice the inbox's life. How many it holds then; -1: the machine stood still for as long
 * as that life, which proves nothing. */
static int messages_come(uint64_t inbox_ms)
{
	struct store_accept a = message(1, "x");
	uint64_t last = clock_mono_ms();
	int held = 0;

	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	for (uint64_t i = 0; i < 40; i++) {
		uint64_t began = clock_mono_ms();

		a = message(2 + i % 4, "y");
		assert_int_equal(rig_accept(&rig, &a), STORE_OK);
		held = (int)inbox_size();
		if (clock_mono_ms() - last >= inbox_ms)
			return -1;
		last = began;
		for (int j = 0; j < 4; j++)
			rig_turn(&rig);
	}
	return held;
}

static void an_inbox_nobody_looks_after_ends_but_not_while_messages_come(void **state)
{
	int held;

	(void)state;
	rig_close(&rig);
	rig.cf.inbox_ms = 400;
	rig_open(&rig, rig.is_redis);
	while ((held = messages_come(rig.cf.inbox_ms)) < 0)
		RIG_UNTIL(&rig, inbox_size() == 0);
	assert_int_equal(held, 5);
	RIG_UNTIL(&rig, inbox_size() == 0);
}

static void free_completes_everything_once_with_away(void **state)
{
	enum { CALLS = 11 };
	struct rig_got got[CALLS];
	struct store_accept a = message(1, "x");
	struct store_commit c = turn(0, 0, "s");
	struct store_sent t = {.msisdn = ANA};
	struct store_dead d = {.msisdn = ANA, .id = 1, .record = SV("r")};
	struct store_part p = {.msisdn = ANA, .key = SV("k"), .seq = 1, .total = 2, .part_ms = 1000};
	struct sv id = SV("m");
	struct store_receipt r = {
	    .msisdn = ANA, .link = "l", .ids = &id, .id_count = 1, .state = '2', .keep_ms = 1000};
	const struct store_ops *ops = rig.s->ops;

	(void)state;
	memset(got, 0, sizeof got);
	ops->accept(rig.s, &a, rig_done, &got[0]);
	ops->commit(rig.s, &c, rig_done, &got[1]);
	ops->sent(rig.s, &t, rig_done, &got[2]);
	ops->dead(rig.s, &d, rig_done, &got[3]);
	ops->receipt(rig.s, &r, rig_done, &got[4]);
	ops->get(rig.s, ANA, rig_done, &got[5]);
	ops->load_in(rig.s, 0, 0, 8, rig_load, &got[6]);
	ops->load_out(rig.s, 0, 0, 0, 8, rig_load, &got[7]);
	ops->due(rig.s, 0, 0, 1, 8, rig_due, &got[8]);
	ops->part(rig.s, &p, rig_part, &got[9]);
	ops->stale(rig.s, 0, 0, 1, 8, rig_part, &got[10]);
	ops->free(rig.s);
	for (size_t i = 0; i < CALLS; i++)
		assert_int_equal(got[i].count, 0);
	for (int i = 0; i < 4; i++)
		rig_turn(&rig);
	for (size_t i = 0; i < CALLS; i++) {
		assert_int_equal(got[i].count, 1);
		assert_int_equal(got[i].rc, STORE_AWAY);
	}
	rig_open(&rig, rig.is_redis);
}

static void free_inside(const struct store_done *d, void *arg)
{
	rig_done(d, arg);
	if (d->rc == STORE_OK)
		rig.s->ops->free(rig.s);
}

static void free_may_be_called_from_a_completion(void **state)
{
	struct rig_got got[3];

	(void)state;
	memset(got, 0, sizeof got);
	for (size_t i = 0; i < 3; i++)
		rig.s->ops->get(rig.s, ANA, free_inside, &got[i]);
	RIG_UNTIL(&rig, got[0].count > 0);
	for (int i = 0; i < 4; i++)
		rig_turn(&rig);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(got[i].count, 1);
	assert_int_equal(got[0].rc, STORE_OK);
	assert_int_equal(got[2].rc, STORE_AWAY);
	rig_open(&rig, rig.is_redis);
}

static const struct CMUnitTest lives[] = {
    T(deferred_persons_are_taken_when_due_and_leased),
    T(a_deferral_without_a_session_ends_with_the_next_commit),
    T(due_takes_the_longest_waiting_first),
    T(everything_but_the_boxes_has_a_life),
    T(an_inbox_nobody_looks_after_ends_but_not_while_messages_come),
    T(free_completes_everything_once_with_away),
    T(free_may_be_called_from_a_completion),
};

int main(void)
{
	return rig_run_both(lives, sizeof lives / sizeof *lives);
}
