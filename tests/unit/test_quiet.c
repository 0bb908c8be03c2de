/* SPDX-License-Identifier: BSD-2-Clause */
/* test_quiet.c - quiet hours over midnight and within a day, the day of a zone, and what is refused.
 * Instants are written as days, hours and minutes of UTC. */
#include "engine/quiet.h"
#include "unit.h"

#define AT(day, hour, min) ((((day)*24ull + (hour)) * 60 + (min)) * 60000ull)

static struct quiet make(const char *hours, const char *zone)
{
	struct quiet q;

	assert_true(quiet_read(sv_from(hours), sv_from(zone), &q));
	return q;
}

static void information_waits_for_the_end_of_the_quiet_hours(void **state)
{
	/* 21:00 in India is 15:30 UTC, 08:00 is 02:30. */
	static const struct {
		const char *hours, *zone;
		uint64_t at, then;
	} row[] = {
	    {"21:00-08:00", "+05:30", AT(9, 15, 29), AT(9, 15, 29)},
	    {"21:00-08:00", "+05:30", AT(9, 15, 30), AT(10, 2, 30)},
	    {"21:00-08:00", "+05:30", AT(9, 18, 29), AT(10, 2, 30)},
	    {"21:00-08:00", "+05:30", AT(9, 18, 30), AT(10, 2, 30)}, /* midnight there */
	    {"21:00-08:00", "+05:30", AT(10, 2, 29), AT(10, 2, 30)},
	    {"21:00-08:00", "+05:30", AT(10, 2, 30), AT(10, 2, 30)},
	    {"13:00-14:00", "+00:00", AT(9, 12, 59), AT(9, 12, 59)},
	    {"13:00-14:00", "+00:00", AT(9, 13, 0), AT(9, 14, 0)},
	    {"13:00-14:00", "+00:00", AT(9, 14, 0), AT(9, 14, 0)},
	    {"00:00-06:00", "-03:30", AT(9, 3, 29), AT(9, 3, 29)},
	    {"00:00-06:00", "-03:30", AT(9, 3, 30), AT(9, 9, 30)},
	    {"20:00-00:00", "+00:00", AT(9, 23, 59), AT(10, 0, 0)},
	    {"20:00-00:00", "+00:00", AT(9, 0, 0), AT(9, 0, 0)},
	    {"off", "+05:30", AT(9, 20, 0), AT(9, 20, 0)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(row); i++) {
		struct quiet q = make(row[i].hours, row[i].zone);

		assert_int_equal(quiet_ends_ms(&q, row[i].at), row[i].then);
	}
}

static void a_day_is_the_zones_and_tomorrow_begins_after_its_quiet_hours(void **state)
{
	struct quiet q = make("21:00-08:00", "+05:30"), none = make("off", "+05:30");

	(void)state;
	assert_int_equal(quiet_day(&q, AT(9, 18, 29)), 9);
	assert_int_equal(quiet_day(&q, AT(9, 18, 30)), 10);
	assert_int_equal(quiet_tomorrow_ms(&q, AT(9, 5, 0)), AT(10, 2, 30));
	assert_int_equal(quiet_tomorrow_ms(&q, AT(9, 19, 0)), AT(11, 2, 30));
	assert_int_equal(quiet_tomorrow_ms(&none, AT(9, 5, 0)), AT(9, 18, 30));
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const hours[] = {"", "21:00", "21:00-08", "21:00-24:00", "21:60-08:00",
	    "2a:00-08:00", "21-00:08-00", "08:00-08:00", "21:00 08:00", "never"};
	static const char *const zones[] = {"", "IST", "05:30", "+5:30", "+15:00", "+05:60", "+05.30"};
	struct quiet q;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hours); i++)
		assert_false(quiet_read(sv_from(hours[i]), SV("+05:30"), &q));
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		assert_false(quiet_read(SV("21:00-08:00"), sv_from(zones[i]), &q));
}

/* Whatever the hours: the answer is not quiet, not before, less than a day away, and the first such minute. */
static void the_end_is_the_first_minute_that_is_not_quiet(void **state)
{
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct quiet q = {.from_min = chance_below(&seed, 1440),
		    .to_min = chance_below(&seed, 1440),
		    .zone_min = (int)chance_below(&seed, 1680) - 840};
		uint64_t at = AT(20000, 0, 0) + chance_below(&seed, 2880) * 60000ull;
		uint64_t end = quiet_ends_ms(&q, at);

		assert_true(end >= at && end < at + AT(1, 0, 0));
		assert_int_equal(quiet_ends_ms(&q, end), end);
		if (end > at)
			assert_true(quiet_ends_ms(&q, end - 60000) == end);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(information_waits_for_the_end_of_the_quiet_hours),
	    cmocka_unit_test(a_day_is_the_zones_and_tomorrow_begins_after_its_quiet_hours),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(the_end_is_the_first_minute_that_is_not_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
