/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_parts.c - what store.h promises of the parts of long messages, over both stores. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

/* Parts of a long message, in the order of their arrival; what came back is in rig.got. */
static enum store_rc give_marked(const char *key, unsigned seq, unsigned total, const char *text,
    const char *mark)
{
	struct store_part p = {.msisdn = ANA,
	    .key = sv_from(key),
	    .seq = seq,
	    .total = total,
	    .record = sv_from(text),
	    .part_ms = 60000,
	    .due_ms = 5000 + 10 * seq,
	    .note = sv_from(text),
	    .mark = sv_from(mark),
	    .mark_ms = 60000};

	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->part(rig.s, &p, rig_part, &rig.got);
	rig_wait(&rig);
	return rig.got.rc;
}

static enum store_rc give_part(const char *key, unsigned seq, unsigned total, const char *text)
{
	return give_marked(key, seq, total, text, NULL);
}

static struct store_accept whole(uint64_t id, const char *text, const char *dedup, const char *parts)
{
	struct store_accept a = message(id, text);

	a.dedup_key = SV("m");
	a.dedup_value = sv_from(dedup);
	a.dedup_ms = 60000;
	a.parts_key = sv_from(parts);
	return a;
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
	struct store_accept a = whole(1, "onetwo", "hash", "56161:9:2");

	(void)state;
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
	struct store_accept a = whole(1, "incomplete", "hash", "56161:1:2");
	struct store_accept b = whole(2, "whole after all", "other", "56161:1:2");

	(void)state;
	a.dedup_key = SV("i");
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
	struct store_accept a = whole(1, "onetwo", "hash", "56161:9:2");

	(void)state;
	assert_int_equal(give_part("56161:9:2", 1, 2, "one"), STORE_NONE);
	assert_int_equal(give_part("56161:9:2", 2, 2, "two"), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	if (rig.is_redis)
		assert_string_equal(rig_redis(rig.socket, "ZCARD dky:{p%u}:pw", part()), "0");
	assert_int_equal(take_stale(99000, 10, 8), STORE_OK);
	assert_int_equal(rig.got.n, 0);
}

static void a_part_with_a_mark_counts_once_also_when_its_message_is_over(void **state)
{
	struct store_accept a = whole(1, "onetwo", "own", "56161:3:2");

	(void)state;
	a.dedup_ms = 20;
	assert_int_equal(give_marked("56161:3:2", 2, 2, "two", "id-2"), STORE_NONE);
	assert_int_equal(give_marked("56161:3:2", 2, 2, "two", "id-2"), STORE_NONE); /* again */
	assert_int_equal(give_marked("56161:3:2", 1, 2, "one", "id-1"), STORE_OK);
	assert_int_equal(give_marked("56161:3:2", 1, 2, "one", "id-1"),
	    STORE_OK); /* not accepted yet */
	assert_int_equal(rig.got.n, 2);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(give_marked("56161:3:2", 2, 2, "two", "id-2"), STORE_DUPLICATE);
	rig.now_ms += 20;
	RIG_UNTIL(&rig, !rig.is_redis || rig_number(rig_redis(rig.socket,
					     "EXISTS dky:{p%u}:p:" ANA ":56161:3:2", part())) == 0);
	/* From here nothing tells any more that it was whole, but the marks. */
	assert_int_equal(give_marked("56161:3:2", 1, 2, "one", "id-1"), STORE_DUPLICATE);
	assert_int_equal(give_marked("56161:3:2", 1, 2, "new", "id-3"), STORE_NONE); /* another one's */
	assert_int_equal(give_marked("56161:3:2", 2, 2, "two", "id-2"), STORE_DUPLICATE);
	assert_int_equal(give_marked("56161:3:2", 1, 2, "one", "id-1"), STORE_NONE); /* left as it is */
	assert_int_equal(give_marked("56161:3:2", 2, 2, "next", "id-4"), STORE_OK);
	assert_string_equal(rig.got.text[0], "new");
	assert_string_equal(rig.got.text[1], "next");
}

static const struct CMUnitTest parts[] = {
    T(parts_come_back_in_order_whatever_order_they_came_in),
    T(accepted_parts_begin_no_message_again),
    T(a_part_with_a_mark_counts_once_also_when_its_message_is_over),
    T(a_message_with_missing_parts_is_told_when_its_time_is_over),
    T(who_is_asked_to_send_it_again_is_asked_once),
    T(a_message_that_came_whole_is_never_told_as_incomplete),
};

int main(void)
{
	return rig_run_both(parts, sizeof parts / sizeof *parts);
}
