/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_otp.c - one-time codes as store.h promises them, over the twin and over a real
 * redis-server. Times are given, so nothing waits. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

#define MINUTE 60000u
#define DAY (24u * 60 * MINUTE)

static const struct store_otp_limits limits = {.life_ms = 10 * MINUTE,
    .resend_ms = MINUTE,
    .burst = 3,
    .burst_ms = 10 * MINUTE,
    .day = 10,
    .day_ms = DAY,
    .attempts = 5,
    .prefix = 3,
    .prefix_ms = 60 * MINUTE};
static const uint64_t t0 = 1700000000000u;

static enum store_rc step(struct store_otp o)
{
	o.limits = &limits;
	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->otp(rig.s, &o, rig_done, &rig.got);
	rig_wait(&rig);
	return rig.got.rc;
}

static enum store_rc issue_for(const char *msisdn, const char *purpose, const char *id, const char *mac,
    uint64_t now)
{
	return step((struct store_otp){STORE_OTP_ISSUE, msisdn, sv_from(purpose), sv_from(id),
	    sv_from(mac), SV("a seal"), now, NULL});
}

static enum store_rc issue(const char *id, const char *mac, uint64_t now)
{
	return issue_for(ANA, "cghs", id, mac, now);
}

static enum store_rc try_it(const char *id, const char *mac, uint64_t now)
{
	return step((struct store_otp){
	    STORE_OTP_TRY, ANA, SV("cghs"), sv_from(id), sv_from(mac), SV(""), now, NULL});
}

static void a_right_code_is_right_once_and_again_for_the_same_request(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(rig.got.version, t0 + limits.life_ms);
	assert_string_equal(rig.got.record, "a seal");
	assert_int_equal(try_it("v1", "mac1", t0 + 5000), STORE_OK);
	assert_int_equal(rig.got.version, t0 + 5000);
	assert_int_equal(try_it("v1", "mac1", t0 + 9000), STORE_OK);
	assert_int_equal(rig.got.version, t0 + 5000);
	assert_int_equal(try_it("v2", "mac1", t0 + 9000), STORE_NONE);
}

static void a_wrong_code_counts_once_for_a_request_and_five_times_in_all(void **state)
{
	static const char *const ids[] = {"v1", "v2", "v3", "v4", "v5"};

	(void)state;
	assert_int_equal(try_it("v0", "mac1", t0), STORE_NONE);
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(try_it(ids[i], "mac2", t0 + 1), STORE_CLASH);
		assert_int_equal(rig.got.version, 4 - i);
		assert_int_equal(try_it(ids[i], "mac2", t0 + 1), STORE_CLASH);
		assert_int_equal(rig.got.version, 4 - i);
	}
	assert_int_equal(try_it("v6", "mac1", t0 + 1), STORE_NONE); /* the right one comes too late */
}

static void hashes_that_are_prefixes_of_each_other_differ(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(try_it("v1", "mac", t0), STORE_CLASH);
	assert_int_equal(try_it("v2", "mac11", t0), STORE_CLASH);
	assert_int_equal(try_it("v3", "", t0), STORE_CLASH);
	assert_int_equal(try_it("v4", "mac1", t0), STORE_OK);
}

static void a_code_dies_at_the_end_of_its_life(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(try_it("v1", "mac1", t0 + limits.life_ms), STORE_NONE);
	assert_int_equal(try_it("v2", "mac1", t0 + limits.life_ms - 1), STORE_OK);
}

static void the_newest_replaces_the_older_one_and_its_tries(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(try_it("v1", "mac9", t0), STORE_CLASH);
	assert_int_equal(issue("i2", "mac2", t0 + MINUTE), STORE_OK);
	assert_int_equal(try_it("v2", "mac1", t0 + MINUTE), STORE_CLASH);
	assert_int_equal(rig.got.version, 4);
	assert_int_equal(try_it("v3", "mac2", t0 + MINUTE), STORE_OK);
}

static void an_issue_repeated_with_its_id_is_the_same_code(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(issue("i1", "mac2", t0 + 1000), STORE_OK);
	assert_int_equal(rig.got.version, t0 + limits.life_ms);
	assert_int_equal(try_it("v1", "mac1", t0 + 2000), STORE_OK);
}

static void a_pause_of_a_minute_holds_for_all_purposes_of_a_number(void **state)
{
	(void)state;
	assert_int_equal(issue("i1", "mac1", t0), STORE_OK);
	assert_int_equal(issue("i2", "mac2", t0 + MINUTE - 1), STORE_DUPLICATE);
	assert_int_equal(rig.got.version, 1);
	assert_string_equal(rig.got.record, "1");
	assert_int_equal(issue_for(ANA, "other", "i3", "mac3", t0 + 1000), STORE_DUPLICATE);
	assert_int_equal(rig.got.version, MINUTE - 1000);
	assert_string_equal(rig.got.record, "");
	assert_int_equal(issue_for(BINU, "cghs", "i4", "mac4", t0 + 1000), STORE_OK);
	assert_int_equal(try_it("v1", "mac1", t0 + 1000), STORE_OK); /* refusals changed nothing */
	assert_int_equal(issue("i5", "mac5", t0 + 2000), STORE_DUPLICATE);
	assert_string_equal(rig.got.record, ""); /* the older one was used */
	assert_int_equal(issue("i6", "mac6", t0 + MINUTE), STORE_OK);
}

static void three_in_ten_minutes_and_ten_in_a_day(void **state)
{
	uint64_t now = t0;
	char id[8];

	(void)state;
	for (unsigned i = 0; i < 3; i++, now += MINUTE) {
		snprintf(id, sizeof id, "i%u", i);
		assert_int_equal(issue(id, "mac", now), STORE_OK);
	}
	assert_int_equal(issue("j", "mac", now), STORE_FULL);
	assert_int_equal(rig.got.version, 7 * MINUTE);
	assert_int_equal(issue("j", "mac", t0 + 10 * MINUTE - 1), STORE_FULL);
	assert_int_equal(issue("j", "mac", t0 + 10 * MINUTE), STORE_OK);
	for (unsigned i = 0; i < 6; i++) {
		snprintf(id, sizeof id, "k%u", i);
		assert_int_equal(issue(id, "mac", t0 + (uint64_t)(i + 2) * 60 * MINUTE), STORE_OK);
	}
	assert_int_equal(issue("l", "mac", t0 + 10 * 60 * MINUTE), STORE_FULL);
	assert_int_equal(rig.got.version, DAY - 10 * 60 * MINUTE);
	assert_int_equal(issue("l", "mac", t0 + DAY), STORE_OK);
}

static enum store_rc count(const char *prefix)
{
	return step((struct store_otp){.kind = STORE_OTP_COUNT, .msisdn = prefix});
}

static void a_prefix_has_a_cap_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(count("9198123"), STORE_OK);
		assert_int_equal(rig.got.version, i);
	}
	assert_int_equal(count("9198123"), STORE_FULL);
	assert_in_range(rig.got.version, 59 * MINUTE, 60 * MINUTE);
	assert_int_equal(count("9198124"), STORE_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    T(a_right_code_is_right_once_and_again_for_the_same_request),
	    T(a_wrong_code_counts_once_for_a_request_and_five_times_in_all),
	    T(hashes_that_are_prefixes_of_each_other_differ),
	    T(a_code_dies_at_the_end_of_its_life),
	    T(the_newest_replaces_the_older_one_and_its_tries),
	    T(an_issue_repeated_with_its_id_is_the_same_code),
	    T(a_pause_of_a_minute_holds_for_all_purposes_of_a_number),
	    T(three_in_ten_minutes_and_ten_in_a_day),
	    T(a_prefix_has_a_cap_of_its_own),
	};

	return rig_run_both(tests, sizeof tests / sizeof tests[0]);
}
