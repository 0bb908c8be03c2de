/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_parts.c - the contract of store.h, once over the twin and once over a real redis-server:
 * parts of long messages, and how often recovery ran an entry. */
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
	    .part_ms = 60000};

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
    T(parts_come_back_in_order_whatever_order_they_came_in),
    T(accepted_parts_begin_no_message_again),
    T(runs_of_an_entry_are_counted),
};

int main(void)
{
	return rig_run_both(contract, sizeof contract / sizeof *contract);
}
