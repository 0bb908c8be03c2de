/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_contract.c - what store.h promises, once over the twin and once over a real
 * redis-server. What only a server can do (stop, forget, run out of memory) is in
 * test_store_redis.c. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

#define ANA "919812345678"
#define BINU "919800000002"

static void a_new_message_is_stored_and_there_is_no_session(void **state)
{
	struct store_accept a = message(7, "hello");

	(void)state;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig.got.version, 0);
	assert_int_equal(rig.got.session_n, 0);
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(rig.got.id[0], 7);
	assert_string_equal(rig.got.text[0], "hello");
	assert_false(rig.got.more);
}

static void a_message_seen_before_is_a_duplicate(void **state)
{
	struct store_accept a = message(1, "hello");

	(void)state;
	a.dedup_key = SV("smsc1");
	a.dedup_value = SV("ref-17");
	a.dedup_ms = 60000;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	a.id = 2;
	assert_int_equal(rig_accept(&rig, &a), STORE_DUPLICATE);
	assert_int_equal(inbox_size(), 1);
	a.dedup_value = SV("ref-18"); /* another message */
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	a.id = 3;
	assert_int_equal(rig_accept(&rig, &a), STORE_DUPLICATE);
	assert_int_equal(inbox_size(), 2);
	a.msisdn = BINU; /* another person */
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
}

static void accept_repeated_with_its_own_id_is_ok(void **state)
{
	struct store_accept a = message(1, "hello");
	struct store_commit c = turn(0, 1, "s");

	(void)state;
	a.dedup_key = SV("smsc1");
	a.dedup_value = SV("ref-17");
	a.dedup_ms = 60000;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	rig.now_ms += 20;
	RIG_UNTIL(&rig, !rig.is_redis || rig_number(rig_redis(rig.socket,
					     "PTTL dky:{p%u}:d:" ANA ":smsc1", part())) <= 60000 - 20);
	assert_int_equal(rig_accept(&rig, &a), STORE_DUPLICATE); /* it was answered already */
	assert_true(rig.got.version >= 20 && rig.got.version < 30000); /* so long ago */
	assert_int_equal(inbox_size(), 0);
}

static void forget(const struct store_accept *a, struct sv value)
{
	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->forget(rig.s, ANA, a->dedup_key, value, rig_done, &rig.got);
	rig_wait(&rig);
	assert_int_equal(rig.got.rc, STORE_OK);
}

static void a_mark_can_be_forgotten(void **state)
{
	struct store_accept a = message(1, "status");
	struct store_commit c = turn(0, 1, "s");

	(void)state;
	a.dedup_key = SV("text");
	a.dedup_value = SV("status");
	a.dedup_ms = 60000;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	forget(&a, SV("token")); /* of the message before: this one's mark stands in its place */
	a.id = 2;
	assert_int_equal(rig_accept(&rig, &a), STORE_DUPLICATE);
	forget(&a, a.dedup_value);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	forget(&a, SV("")); /* whatever it has */
	a.id = 3;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
}

static void a_full_inbox_refuses_and_writes_nothing(void **state)
{
	struct store_accept a;

	(void)state;
	for (uint64_t i = 1; i <= rig.cf.inbox_max; i++) {
		a = message(i, "x");
		assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	}
	a = message(100, "x");
	a.dedup_key = SV("k");
	a.dedup_value = SV("v");
	a.dedup_ms = 60000;
	assert_int_equal(rig_accept(&rig, &a), STORE_FULL);
	assert_int_equal(inbox_size(), rig.cf.inbox_max);
	assert_int_equal(rig_dead(&rig, ANA, 1, STORE_CLASSES, "gone"), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK); /* the dedup key was not written before */
	a = message(2, "x");
	assert_int_equal(rig_accept(&rig, &a), STORE_OK); /* full again, but this one is in there */
}

static void the_session_comes_back_with_its_version(void **state)
{
	static const char blob[] = "a:1!\0\r\n\xff z";
	struct store_commit c = turn(0, 0, "");
	struct store_accept a = message(9, "x");

	(void)state;
	c.session = (struct sv){blob, sizeof blob - 1};
	for (uint64_t v = 1; v <= 12; v++) {
		c.version = v - 1;
		assert_int_equal(rig_commit(&rig, &c), STORE_OK);
		assert_int_equal(rig_get(&rig, ANA), STORE_OK);
		assert_int_equal(rig.got.version, v);
		assert_int_equal(rig.got.session_n, sizeof blob - 1);
		assert_memory_equal(rig.got.session, blob, sizeof blob - 1);
	}
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig.got.version, 12);
	assert_int_equal(rig.got.session_n, sizeof blob - 1);
	c = turn(12, 0, "");
	assert_int_equal(rig_commit(&rig, &c), STORE_OK); /* the end of the dialogue */
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, 0);
	assert_int_equal(rig.got.session_n, 0);
}

static void a_clash_gives_the_fresh_session_and_writes_nothing(void **state)
{
	struct store_out o = out(50, 2, "reply");
	struct store_accept a = message(1, "x");
	struct store_commit c = turn(0, 0, "one");
	static const uint64_t wrong[] = {0, 2, 10, 11};

	(void)state;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		c = turn(wrong[i], 1, "two");
		c.out = &o;
		c.out_count = 1;
		assert_int_equal(rig_commit(&rig, &c), STORE_CLASH);
		assert_int_equal(rig.got.version, 1);
		assert_string_equal(rig.got.session, "one");
	}
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(outbox_size(2), 0);
	c.version = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(inbox_size(), 0);
	assert_int_equal(outbox_size(2), 1);
}

static void a_clash_with_a_session_that_is_gone_gives_none(void **state)
{
	struct store_commit c = turn(3, 0, "two");

	(void)state;
	assert_int_equal(rig_commit(&rig, &c), STORE_CLASH);
	assert_int_equal(rig.got.version, 0);
	assert_int_equal(rig.got.session_n, 0);
}

static void a_second_commit_of_an_entry_is_a_duplicate(void **state)
{
	struct store_out o = out(50, 2, "reply");
	struct store_accept a = message(1, "x");
	struct store_commit c = turn(0, 1, "one");

	(void)state;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	c.out = &o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	o = out(51, 2, "again");
	assert_int_equal(rig_commit(&rig, &c), STORE_DUPLICATE); /* though the version is old by now */
	c.version = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_DUPLICATE);
	assert_int_equal(outbox_size(2), 1);
	assert_int_equal(rig.got.id[0], 50);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, 1);
}

static void a_full_outbox_refuses_the_whole_commit(void **state)
{
	struct store_out o[STORE_OUT_MAX];
	struct store_accept a = message(1, "x");
	struct store_commit c = turn(0, 1, "one");

	(void)state;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	for (uint64_t id = 1; id < rig.cf.outbox_max; id++) {
		struct store_commit fill = {.msisdn = BINU};

		fill.msisdn = ANA;
		fill.version = id - 1;
		fill.session = SV("s");
		fill.session_ms = 60000;
		o[0] = out(id, 2, "r");
		fill.out = o;
		fill.out_count = 1;
		assert_int_equal(rig_commit(&rig, &fill), STORE_OK);
	}
	c.version = rig.cf.outbox_max - 1;
	o[0] = out(100, 2, "r");
	o[1] = out(101, 2, "r");
	c.out = o;
	c.out_count = 2; /* one place is left */
	assert_int_equal(rig_commit(&rig, &c), STORE_FULL);
	assert_int_equal(outbox_size(2), rig.cf.outbox_max - 1);
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, rig.cf.outbox_max - 1);
	o[1].class = 1; /* another lane has room */
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	c.version++;
	assert_int_equal(rig_commit(&rig, &c), STORE_DUPLICATE); /* full, but done long ago */
}

static void a_newer_message_replaces_an_unsent_older_one(void **state)
{
	struct store_out o[3];
	struct store_commit c = turn(0, 0, "one");
	struct store_sent t = {.msisdn = ANA, .class = 0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		o[i] = out(10 + (uint64_t)i, 0, "code");
		o[i].coalesce = SV("otp:login");
		o[i].coalesce_ms = 60000;
	}
	o[2].coalesce = SV("otp:other");
	c.out = o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 0);
	c = turn(1, 0, "two");
	c.out = o + 1;
	c.out_count = 2;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 1);
	assert_int_equal(rig.got.replaced[0], 10);
	assert_int_equal(outbox_size(0), 2);
	assert_int_equal(rig.got.id[0], 11);
	t.out_id = 11; /* a sent one is not replaced any more */
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	c = turn(2, 0, "three");
	o[0] = out(20, 0, "code");
	o[0].coalesce = SV("otp:login");
	o[0].coalesce_ms = 60000;
	c.out = o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 0);
	assert_int_equal(outbox_size(0), 2);
}

static void coalescing_is_of_one_person_and_one_class(void **state)
{
	struct store_out o = out(10, 1, "turn near");
	struct store_commit c = turn(0, 0, "one");

	(void)state;
	o.coalesce = SV("position");
	o.coalesce_ms = 60000;
	c.out = &o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	o.id = 11;
	o.class = 3;
	c.version = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 0);
	for (unsigned i = 0; i < 100; i++) { /* many persons share each partition */
		char who[16];

		snprintf(who, sizeof who, "91980000%04u", i);
		c = (struct store_commit){.msisdn = who, .session = SV("s"), .session_ms = 60000};
		o = out(100 + i, 1, "turn near");
		o.coalesce = SV("position");
		o.coalesce_ms = 60000;
		c.out = &o;
		c.out_count = 1;
		assert_int_equal(rig_commit(&rig, &c), STORE_OK);
		assert_int_equal(rig.got.replaced_n, 0);
	}
}

static void two_of_one_coalesce_key_in_one_commit_leave_the_last(void **state)
{
	struct store_out o[2] = {out(10, 1, "old"), out(11, 1, "new")};
	struct store_commit c = turn(0, 0, "one");

	(void)state;
	for (int i = 0; i < 2; i++) {
		o[i].coalesce = SV("position");
		o[i].coalesce_ms = 60000;
	}
	c.out = o;
	c.out_count = 2;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig.got.replaced_n, 1);
	assert_int_equal(rig.got.replaced[0], 10);
	assert_int_equal(outbox_size(1), 1);
	assert_string_equal(rig.got.text[0], "new");
}

static void boxes_are_paged_in_the_order_of_their_ids(void **state)
{
	static const uint64_t ids[] = {0x10, 3, UINT64_MAX, 0xa, 0x1ffffffffu, 9, 1u << 31, 2};
	static const uint64_t sorted[] = {2, 3, 9, 0xa, 0x10, 1u << 31, 0x1ffffffffu, UINT64_MAX};
	struct store_commit c = turn(0, 0, "s");
	struct store_out o[8];
	uint64_t after = 0, in[8];
	size_t n = 0;
	bool more = true;

	(void)state;
	for (unsigned class = 0; class < STORE_CLASSES; class ++) {
		for (size_t i = 0; i < 8; i++)
			o[i] =
			    (struct store_out){.id = ids[i], .class = class, .record = SV("\xff\0;:x")};
		c.out = o;
		c.out_count = 8;
		assert_int_equal(rig_commit(&rig, &c), STORE_OK);
		c.version++;
		for (after = 0, n = 0, more = true; more; after = rig.got.id[rig.got.n - 1]) {
			assert_int_equal(rig_load_out(&rig, part(), class, after, 3), STORE_OK);
			assert_true(rig.got.n > 0);
			more = rig.got.more;
			for (size_t i = 0; i < rig.got.n; i++, n++)
				assert_true(n < 8 && rig.got.id[i] == sorted[n]);
		}
		assert_int_equal(n, 8);
		assert_int_equal(rig_load_out(&rig, part(), class, UINT64_MAX, 3), STORE_OK);
		assert_int_equal(rig.got.n, 0);
		assert_false(rig.got.more);
	}
	for (size_t i = 0; i < 8; i++) {
		struct store_accept a = message(ids[i], "in");

		assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	}
	for (after = 0, n = 0, more = true; more; after = rig.got.id[rig.got.n - 1]) {
		assert_int_equal(rig_load_in(&rig, part(), after, 4), STORE_OK);
		more = rig.got.more;
		for (size_t i = 0; i < rig.got.n; i++)
			in[n++] = rig.got.id[i];
	}
	assert_int_equal(n, 8);
	assert_memory_equal(in, sorted, sizeof in);
}

static void dead_leaves_its_box(void **state)
{
	struct store_out o[8];
	struct store_commit c = turn(0, 0, "s");
	struct store_accept a = message(1, "x");

	(void)state;
	for (size_t i = 0; i < 8; i++)
		o[i] = out(10 + i, 3, "r");
	c.out = o;
	c.out_count = 8;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(rig_dead(&rig, ANA, 10 + i, 3, "no such number"), STORE_OK);
	assert_int_equal(rig_dead(&rig, ANA, 10, 3, "again"), STORE_OK);
	assert_int_equal(rig_dead(&rig, ANA, 1, STORE_CLASSES, "poison"), STORE_OK);
	assert_int_equal(outbox_size(3), 0);
	assert_int_equal(inbox_size(), 0);
	if (rig.is_redis) { /* the twin's are nowhere to be read */
		assert_string_equal(rig_redis(rig.socket, "LRANGE dky:{p%u}:dead 0 -1", part()),
		    "poison no such number no such number");
		assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:dead", part())) > 50000);
	}
}

static void an_input_given_up_makes_place_for_another_in_one_step(void **state)
{
	struct store_accept a = message(1, "x");
	struct store_dead d = {.msisdn = ANA,
	    .id = 1,
	    .class = STORE_CLASSES,
	    .next_id = 2,
	    .next = SV("sorry"),
	    .record = SV("poison")};

	(void)state;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	for (int twice = 0; twice < 2; twice++) { /* repeated because its answer was lost */
		memset(&rig.got, 0, sizeof rig.got);
		rig.s->ops->dead(rig.s, &d, rig_done, &rig.got);
		rig_wait(&rig);
		assert_int_equal(rig.got.rc, STORE_OK);
		assert_int_equal(inbox_size(), 1);
		d.next_id += 1;
	}
	if (rig.is_redis) {
		assert_string_equal(rig_redis(rig.socket, "HGETALL dky:{p%u}:in", part()),
		    "0000000000000002 sorry");
		assert_string_equal(rig_redis(rig.socket, "LRANGE dky:{p%u}:dead 0 -1", part()),
		    "poison");
		assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:in", part())) > 0);
	}
}

static uint64_t try_again(const char *msisdn, uint64_t id)
{
	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->tried(rig.s, msisdn, id, rig_done, &rig.got);
	rig_wait(&rig);
	assert_int_equal(rig.got.rc, STORE_OK);
	return rig.got.version;
}

static void runs_of_an_entry_are_counted(void **state)
{
	(void)state;
	assert_int_equal(try_again(ANA, 16), 1);
	assert_int_equal(try_again(ANA, 16), 2);
	assert_int_equal(try_again(ANA, 32), 1);
	assert_int_equal(try_again(ANA, 16), 3);
	if (rig.is_redis)
		assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:try", part())) > 50000);
}

static const struct CMUnitTest contract[] = {
    T(a_new_message_is_stored_and_there_is_no_session),
    T(a_message_seen_before_is_a_duplicate),
    T(accept_repeated_with_its_own_id_is_ok),
    T(a_mark_can_be_forgotten),
    T(a_full_inbox_refuses_and_writes_nothing),
    T(the_session_comes_back_with_its_version),
    T(a_clash_gives_the_fresh_session_and_writes_nothing),
    T(a_clash_with_a_session_that_is_gone_gives_none),
    T(a_second_commit_of_an_entry_is_a_duplicate),
    T(a_full_outbox_refuses_the_whole_commit),
    T(a_newer_message_replaces_an_unsent_older_one),
    T(coalescing_is_of_one_person_and_one_class),
    T(two_of_one_coalesce_key_in_one_commit_leave_the_last),
    T(boxes_are_paged_in_the_order_of_their_ids),
    T(dead_leaves_its_box),
    T(an_input_given_up_makes_place_for_another_in_one_step),
    T(runs_of_an_entry_are_counted),
};

int main(void)
{
	return rig_run_both(contract, sizeof contract / sizeof *contract);
}
