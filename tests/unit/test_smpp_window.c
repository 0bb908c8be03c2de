/* SPDX-License-Identifier: BSD-2-Clause */
/* test_smpp_window.c - the window and the rate, with the clock as an argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/smpp_window.h"

static void submits_are_found_by_sequence_and_age(void **state)
{
	struct smpp_window w;
	uint64_t id = 0, sent = 0;
	uint32_t seq = 0;

	(void)state;
	smpp_window_init(&w, 3, 0, 0);
	assert_false(smpp_window_oldest(&w, &seq, &sent));
	smpp_window_add(&w, SMPP_SEQ_MAX, 11, 100);
	smpp_window_add(&w, 1, 12, 200);
	smpp_window_add(&w, 2, 13, 300);
	assert_int_equal(smpp_window_room(&w, 0), 0);
	assert_true(smpp_window_has(&w, 1));
	assert_false(smpp_window_has(&w, 3));
	assert_true(smpp_window_oldest(&w, &seq, &sent));
	assert_int_equal(seq, SMPP_SEQ_MAX);
	assert_int_equal(sent, 100);
	assert_true(smpp_window_take(&w, SMPP_SEQ_MAX, &id));
	assert_int_equal(id, 11);
	assert_false(smpp_window_take(&w, SMPP_SEQ_MAX, &id));
	smpp_window_add(&w, 3, 14, 400);
	assert_true(smpp_window_oldest(&w, &seq, &sent));
	assert_int_equal(seq, 1);
	assert_true(smpp_window_take(&w, 2, &id));
	assert_int_equal(id, 13);
	assert_int_equal(smpp_window_room(&w, 0), 1);
	smpp_window_clear(&w);
}

/* Over any second no more than rate + burst leave, and hardly less than rate when asked all the time. */
static void the_rate_holds_for_every_kind_of_asking(void **state)
{
	static const double rates[] = {0.5, 1, 3, 10, 77, 1000, 12345};
	static const uint64_t steps_us[] = {7, 1000, 9973, 250000};
	size_t r, s;

	(void)state;
	for (r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
		for (s = 0; s < sizeof(steps_us) / sizeof(steps_us[0]); s++) {
			double burst = rates[r] * 0.1 > 1 ? rates[r] * 0.1 : 1;
			uint64_t now = 1000000, end = now + 4000000, id;
			struct smpp_window w;
			uint32_t seq = 0;

			smpp_window_init(&w, 100000, rates[r], now);
			for (; now <= end; now += steps_us[s]) {
				while (smpp_window_room(&w, now) > 0) {
					smpp_window_add(&w, ++seq, 0, now);
					assert_true(smpp_window_take(&w, seq, &id));
				}
			}
			assert_true(seq <= rates[r] * 4 + burst + 1);
			if (steps_us[s] <= 1000)
				assert_true(seq + 1 >= rates[r] * 4 * 0.95);
			smpp_window_clear(&w);
		}
	}
}

static void idleness_saves_up_one_burst_and_no_more(void **state)
{
	uint64_t now = 1000, day_us = UINT64_C(86400000000);
	struct smpp_window w;
	uint32_t seq;

	(void)state;
	smpp_window_init(&w, 1000, 200, now);
	assert_int_equal(smpp_window_room(&w, now + day_us), 20);
	for (seq = 1; seq <= 20; seq++)
		smpp_window_add(&w, seq, 0, now + day_us);
	assert_int_equal(smpp_window_room(&w, now + day_us), 0);
	assert_int_equal(smpp_window_room(&w, now), 0); /* a clock that steps back gives nothing */
	smpp_window_clear(&w);
}

static void the_time_of_waking_has_room(void **state)
{
	static const double rates[] = {0.3, 1, 7, 99, 100, 101, 999, 54321};
	size_t r;

	(void)state;
	for (r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
		uint64_t now = 5, at;
		struct smpp_window w;
		uint32_t seq = 0;
		int i;

		smpp_window_init(&w, 1000000, rates[r], now);
		for (i = 0; i < 50; i++) {
			while (smpp_window_room(&w, now) > 0)
				smpp_window_add(&w, ++seq, 0, now);
			at = smpp_window_rate_at(&w, now);
			assert_true(at > now);
			now = at;
			assert_true(smpp_window_room(&w, now) > 0);
		}
		smpp_window_clear(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(submits_are_found_by_sequence_and_age),
	    cmocka_unit_test(the_rate_holds_for_every_kind_of_asking),
	    cmocka_unit_test(idleness_saves_up_one_burst_and_no_more),
	    cmocka_unit_test(the_time_of_waking_has_room),
	};

	return cmocka_run_group_tests_name("smpp_window", tests, NULL, NULL);
}
