/* SPDX-License-Identifier: BSD-2-Clause */
/* test_breaker.c - the diagram of breaker.h, walked arrow by arrow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/breaker.h"

enum op { ASK, GOOD, BAD };

struct step {
	uint64_t at;
	enum op op;
	bool allowed; /* ASK */
	enum breaker_state then;
};

static const struct breaker_conf conf = {.trip_after = 3, .pause_ms = 100, .pause_max_ms = 350};

static void walk(const struct step *s, size_t n)
{
	struct breaker b;

	breaker_init(&b, &conf);
	for (size_t i = 0; i < n; i++, s++) {
		bool allowed = s->allowed;

		switch (s->op) {
		case ASK:
			allowed = breaker_allow(&b, s->at);
			break;
		case GOOD:
		case BAD:
			breaker_result(&b, s->op == GOOD, s->at);
			break;
		}
		if (allowed != s->allowed || b.state != s->then)
			fail_msg("row %zu: allowed %d, %s", i, allowed, breaker_state_name(b.state));
	}
}
#define WALK(rows) walk(rows, sizeof(rows) / sizeof((rows)[0]))

static void failures_in_a_row_open_it_and_a_success_between_starts_the_count_again(void **state)
{
	static const struct step rows[] = {
	    {0, ASK, true, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, GOOD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, ASK, true, BREAKER_CLOSED},
	    {5, BAD, false, BREAKER_OPEN},
	    {5, ASK, false, BREAKER_OPEN},
	    {104, ASK, false, BREAKER_OPEN},
	};

	(void)state;
	WALK(rows);
}

static void after_the_pause_one_probe_goes_and_its_success_closes(void **state)
{
	static const struct step rows[] = {
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_OPEN},
	    {100, ASK, true, BREAKER_HALF}, /* the probe */
	    {100, ASK, false, BREAKER_HALF},
	    {199, ASK, false, BREAKER_HALF},
	    {199, GOOD, false, BREAKER_CLOSED},
	    {199, ASK, true, BREAKER_CLOSED},
	    {199, ASK, true, BREAKER_CLOSED},
	    /* closed means closed: it takes three again */
	    {199, BAD, false, BREAKER_CLOSED},
	    {199, BAD, false, BREAKER_CLOSED},
	    {199, BAD, false, BREAKER_OPEN},
	    {298, ASK, false, BREAKER_OPEN}, /* and the pause is the first one */
	    {299, ASK, true, BREAKER_HALF},
	};

	(void)state;
	WALK(rows);
}

static void a_failed_probe_doubles_the_pause_up_to_the_longest(void **state)
{
	static const struct step rows[] = {
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_OPEN},
	    {100, ASK, true, BREAKER_HALF},
	    {110, BAD, false, BREAKER_OPEN}, /* 200 from here */
	    {309, ASK, false, BREAKER_OPEN},
	    {310, ASK, true, BREAKER_HALF},
	    {310, BAD, false, BREAKER_OPEN}, /* 350, not 400 */
	    {659, ASK, false, BREAKER_OPEN},
	    {660, ASK, true, BREAKER_HALF},
	    {660, BAD, false, BREAKER_OPEN}, /* and stays 350 */
	    {1009, ASK, false, BREAKER_OPEN},
	    {1010, ASK, true, BREAKER_HALF},
	    {1010, GOOD, false, BREAKER_CLOSED},
	    {2000, BAD, false, BREAKER_CLOSED}, /* a success makes the pause short again */
	    {2000, BAD, false, BREAKER_CLOSED},
	    {2000, BAD, false, BREAKER_OPEN},
	    {2099, ASK, false, BREAKER_OPEN},
	    {2100, ASK, true, BREAKER_HALF},
	};

	(void)state;
	WALK(rows);
}

static void a_probe_that_never_reports_does_not_shut_the_door_for_good(void **state)
{
	static const struct step rows[] = {
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_OPEN},
	    {100, ASK, true, BREAKER_HALF},
	    {199, ASK, false, BREAKER_HALF},
	    {200, ASK, true, BREAKER_HALF},
	    {200, ASK, false, BREAKER_HALF},
	};

	(void)state;
	WALK(rows);
}

static void late_failures_do_not_lengthen_the_pause_and_a_late_success_closes(void **state)
{
	static const struct step rows[] = {
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_CLOSED},
	    {0, BAD, false, BREAKER_OPEN},
	    {50, BAD, false, BREAKER_OPEN}, /* sent before it opened */
	    {99, BAD, false, BREAKER_OPEN},
	    {100, ASK, true, BREAKER_HALF},
	    {100, BAD, false, BREAKER_OPEN},
	    {150, BAD, false, BREAKER_OPEN},
	    {160, GOOD, false, BREAKER_CLOSED},
	    {160, ASK, true, BREAKER_CLOSED},
	};

	(void)state;
	WALK(rows);
}

static void every_state_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(breaker_state_name(BREAKER_CLOSED), "closed");
	assert_string_equal(breaker_state_name(BREAKER_OPEN), "open");
	assert_string_equal(breaker_state_name(BREAKER_HALF), "half-open");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(failures_in_a_row_open_it_and_a_success_between_starts_the_count_again),
	    cmocka_unit_test(after_the_pause_one_probe_goes_and_its_success_closes),
	    cmocka_unit_test(a_failed_probe_doubles_the_pause_up_to_the_longest),
	    cmocka_unit_test(a_probe_that_never_reports_does_not_shut_the_door_for_good),
	    cmocka_unit_test(late_failures_do_not_lengthen_the_pause_and_a_late_success_closes),
	    cmocka_unit_test(every_state_has_a_name),
	};

	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
