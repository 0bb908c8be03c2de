/* SPDX-License-Identifier: BSD-2-Clause */
/* test_smpp_pace.c - halved at once, recovered step by step, never above what was agreed. */
#include "net/smpp_pace.h"
#include "unit.h"

#define S UINT64_C(1000000)

static void without_trouble_the_agreed_rate_holds(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 50);
	assert_true(smpp_pace_rate(&p, 100 * S) == 50);
	smpp_pace_init(&p, 0);
	assert_true(smpp_pace_rate(&p, 100 * S) == 0);
}

static void it_is_halved_at_once_and_once_for_answers_that_come_together(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 40);
	for (unsigned i = 0; i < 30; i++)
		smpp_pace_slower(&p, 10 * S + i);
	assert_true(smpp_pace_rate(&p, 10 * S + 100) == 20);
	smpp_pace_slower(&p, 11 * S + 1); /* still too much; a step was won in between */
	assert_true(smpp_pace_rate(&p, 11 * S + 2) == 11);
}

static void it_recovers_by_a_twentieth_a_second_up_to_what_was_agreed(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 40);
	smpp_pace_slower(&p, 10 * S);
	assert_true(smpp_pace_rate(&p, 10 * S + S - 1) == 20);
	assert_true(smpp_pace_rate(&p, 11 * S) == 22);
	assert_true(smpp_pace_rate(&p, 15 * S) == 30);
	assert_true(smpp_pace_rate(&p, 20 * S) == 40);
	assert_true(smpp_pace_rate(&p, 200 * S) == 40);
	assert_false(p.is_slowed);
}

static void it_never_falls_below_one_a_second(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 2);
	for (unsigned i = 0; i < 20; i++)
		smpp_pace_slower(&p, (10 + i) * S);
	assert_true(smpp_pace_rate(&p, 29 * S) >= 1);
	assert_true(smpp_pace_rate(&p, 29 * S) < 1.2);
}

static void without_an_agreed_rate_half_of_what_was_sent_holds_until_twice_that_is_reached(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 0);
	for (unsigned i = 0; i < 200; i++)
		smpp_pace_sent(&p, 10 * S + i * S / 200);
	smpp_pace_slower(&p, 11 * S - 1);
	assert_true(smpp_pace_rate(&p, 11 * S) == 100);
	assert_true(smpp_pace_rate(&p, 12 * S) == 120);
	assert_true(smpp_pace_rate(&p, 30 * S) == 0); /* no limit again */
	smpp_pace_init(&p, 0);
	smpp_pace_slower(&p, 50 * S); /* nothing was sent for long */
	assert_true(smpp_pace_rate(&p, 50 * S) == 1);
}

static void near_its_limit_it_goes_down_gently_and_not_below_half(void **state)
{
	struct smpp_pace p;

	(void)state;
	smpp_pace_init(&p, 40);
	smpp_pace_ease(&p, 10 * S);
	assert_true(smpp_pace_rate(&p, 10 * S + 1) == 36);
	smpp_pace_ease(&p, 10 * S + 500); /* the same second: once */
	assert_true(smpp_pace_rate(&p, 10 * S + 501) == 36);
	for (unsigned i = 1; i < 60; i++)
		smpp_pace_ease(&p, (10 + i) * S);
	assert_true(smpp_pace_rate(&p, 69 * S) == 20);
	smpp_pace_slower(&p, 70 * S); /* below half it is not raised again */
	smpp_pace_ease(&p, 71 * S);
	assert_true(smpp_pace_rate(&p, 71 * S) < 14);
	assert_true(smpp_pace_rate(&p, 100 * S) == 40);
	smpp_pace_init(&p, 0);
	for (unsigned i = 0; i < 100; i++)
		smpp_pace_sent(&p, 10 * S + i);
	smpp_pace_ease(&p,
	    10 * S + 200); /* no limit was agreed: what it sends now is one for a while */
	assert_true(smpp_pace_rate(&p, 10 * S + 300) == 100);
	assert_true(smpp_pace_rate(&p, 50 * S) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_trouble_the_agreed_rate_holds),
	    cmocka_unit_test(near_its_limit_it_goes_down_gently_and_not_below_half),
	    cmocka_unit_test(it_is_halved_at_once_and_once_for_answers_that_come_together),
	    cmocka_unit_test(it_recovers_by_a_twentieth_a_second_up_to_what_was_agreed),
	    cmocka_unit_test(it_never_falls_below_one_a_second),
	    cmocka_unit_test(
		without_an_agreed_rate_half_of_what_was_sent_holds_until_twice_that_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
