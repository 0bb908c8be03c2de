/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_parts.c - what store.h promises of the parts of long messages, over both stores. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

/* Parts of a long message, in the order of their arrival; what came back is in rig.got. */
static enum store_rc give_part(const char *key, unsigned seq, unsigned total, const char *text)
{
	struct store_part p = {.msisdn = ANA,
	    .key = sv_from(key),
	    .seq = seq,
	    .total = total,
	    .record = sv_from(text),
	    .part_ms = 60000,
	    .due_ms = 5000 + 10 * seq,
	    .note = sv_from(text)};

	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->part(rig.s, &p, rig_part, &rig.got);
	rig_wait(&rig);
	return rig.got.rc;
}

static void parts_come_back_in_order_whatever_order_they_came_in(void **state)
{
	(void)state;
	assert_int_equal(give_part("56161:7:3", 3, 3, "three"), STORE_NONE);
	assert_int_equal(give_part("56161:7:3", 1, 3, "one"), STORE_NONE);
	assert_int_equal(give_part("56161:7:3", 1, 3, "one"), STORE_NONE); /* repeated */
	assert_int_equal(give_part("56161:8:3", 2, 3, "another message"), STORE_NONE);
	assert_int_equal(give_part("56161:7:3", 2, 3, "two"), STORE_OK);
	assert_int_equal(rig.got.n, 3);
	assert_string_equal(rig.got.text[0], "one");
	assert_string_equal(rig.got.text[1], "two");
	assert_string_equal(rig.got.text[2], "three");
	assert_int_equal(give_part("56161:7:3", 2, 3, "two"),
	    STORE_OK); /* not accepted yet: all again */
	assert_int_equal(rig.got.n, 3);
}

static void accepted_parts_begin_no_message_again(void **state)
{
	struct store_accept a = message(1, "onetwo");

	(void)state;
	a.dedup_key = SV("m");
	a.dedup_value = SV("hash");
	a.dedup_ms = 60000;
	a.parts_key = SV("56161:9:2");
	assert_int_equal(give_part("56161:9:2", 1, 2, "one"), STORE_NONE);
	assert_int_equal(give_part("56161:9:2", 2, 2, "two"), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(give_part("56161:9:2", 2, 2, "two"), STORE_DUPLICATE);
	assert_int_equal(give_part("56161:9:2", 1, 2, "one"), STORE_DUPLICATE);
	if (rig.is_redis)
		assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:p:" ANA ":56161:9:2",
				part())) > 50000);
}

static enum store_rc take_stale(uint64_t now, uint64_t lease, size_t limit)
{
	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->stale(rig.s, part(), now, lease, limit, rig_part, &rig.got);
	rig_wait(&rig);
	return rig.got.rc;
}

static void a_message_with_missing_parts_is_told_when_its_time_is_over(void **state)
{
	(void)state;
	assert_int_equal(give_part("56161:1:3", 2, 3, "first"), STORE_NONE);
	assert_int_equal(give_part("56161:1:3", 3, 3, "last of it"),
	    STORE_NONE); /* time runs from here */
	assert_int_equal(give_part("56161:2:2", 1, 2, "another"), STORE_NONE);
	assert_int_equal(take_stale(5009, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
	assert_int_equal(take_stale(5029, 100, 8), STORE_OK); /* the other one has time left */
	assert_int_equal(rig.got.n, 1);
	assert_string_equal(rig.got.text[0], "another");
	assert_int_equal(take_stale(5030, 1000, 8), STORE_OK);
	assert_int_equal(rig.got.n, 1);
	assert_string_equal(rig.got.text[0], "last of it");
	assert_int_equal(take_stale(5128, 1000, 8), STORE_OK); /* nobody else gets them meanwhile */
	assert_int_equal(rig.got.n, 0);
	assert_int_equal(take_stale(6030, 0, 1), STORE_OK); /* the one that waited longest */
	assert_int_equal(rig.got.n, 1);
	assert_string_equal(rig.got.text[0], "another");
	assert_int_equal(take_stale(6031, 1000, 8), STORE_OK); /* whoever took them died */
	assert_int_equal(rig.got.n, 2);
	if (rig.is_redis)
		assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:pw", part())) > 50000);
}

static void who_is_asked_to_send_it_again_is_asked_once(void **state)
{
	struct store_accept a = message(1, "incomplete"), b = message(2, "whole after all");

	(void)state;
	a.dedup_key = SV("i");
	a.dedup_value = SV("hash");
	a.dedup_ms = 60000;
	a.parts_key = SV("56161:1:2");
	b.dedup_key = SV("m");
	b.dedup_value = SV("other");
	b.dedup_ms = 60000;
	b.parts_key = a.parts_key;
	assert_int_equal(give_part("56161:1:2", 1, 2, "one"), STORE_NONE);
	assert_int_equal(take_stale(9000, 10, 8), STORE_OK);
	assert_int_equal(rig.got.n, 1);
	assert_int_equal(give_part("56161:1:2", 2, 2, "two"), STORE_OK); /* at the last moment */
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK); /* the answer was lost */
	assert_int_equal(rig_accept(&rig, &b), STORE_DUPLICATE); /* one of the two */
	assert_int_equal(take_stale(99000, 10, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
	assert_int_equal(inbox_size(), 1);
}

static void a_message_that_came_whole_is_never_told_as_incomplete(void **state)
{
	struct store_accept a = message(1, "onetwo");

	(void)state;
	a.dedup_key = SV("m");
	a.dedup_value = SV("hash");
	a.dedup_ms = 60000;
	a.parts_key = SV("56161:9:2");
	assert_int_equal(give_part("56161:9:2", 1, 2, "one"), STORE_NONE);
	assert_int_equal(give_part("56161:9:2", 2, 2, "two"), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	if (rig.is_redis)
		assert_string_equal(rig_redis(rig.socket, "ZCARD dky:{p%u}:pw", part()), "0");
	assert_int_equal(take_stale(99000, 10, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
}

static const struct CMUnitTest parts[] = {
    T(parts_come_back_in_order_whatever_order_they_came_in),
    T(accepted_parts_begin_no_message_again),
    T(a_message_with_missing_parts_is_told_when_its_time_is_over),
    T(who_is_asked_to_send_it_again_is_asked_once),
    T(a_message_that_came_whole_is_never_told_as_incomplete),
};

int main(void)
{
	return rig_run_both(parts, sizeof parts / sizeof *parts);
}
