/* SPDX-License-Identifier: BSD-2-Clause */
/* test_near.c - src/base/near.c: how far two words are apart. */
#include "base/near.h"
#include "unit.h"

#include <limits.h>

static unsigned within(const char *x, const char *y, unsigned most)
{
	struct near_word a, b;

	near_read(sv_from(x), &a);
	near_read(sv_from(y), &b);
	return near_distance(&a, &b, most);
}

static unsigned apart(const char *x, const char *y)
{
	return within(x, y, NEAR_CHARS_MAX);
}

static unsigned meant(const char *x, const char *y)
{
	struct near_word a, b;

	near_read(sv_from(x), &a);
	near_read(sv_from(y), &b);
	return near_meant(&a, &b);
}

static void more_slips_than_asked_for_are_far(void **state)
{
	(void)state;
	assert_int_equal(within("ptn", "patna", 2), 2);
	assert_int_equal(within("ptn", "patna", 1), UINT_MAX); /* by its length */
	assert_int_equal(within("petne", "patna", 1), UINT_MAX); /* by its letters */
	assert_int_equal(within("token", "tokne", 0), UINT_MAX);
	assert_int_equal(within("token", "token", 0), 0);
	assert_int_equal(meant("ptna", "patna"), 1);
	assert_int_equal(meant("ptn", "patna"), UINT_MAX);
	assert_int_equal(meant("muzaferpur", "muzaffarpur"), 2);
	assert_int_equal(meant("ab", "ab"), UINT_MAX); /* too short to be a slip of anything */
}

static void a_slip_is_one_letter_or_a_swap(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned d;
	} cases[] = {{"patna", "patna", 0}, {"ptna", "patna", 1}, {"paatna", "patna", 1},
	    {"petna", "patna", 1}, {"ptana", "patna", 1}, {"ptn", "patna", 2}, {"", "", 0},
	    {"", "abc", 3}, {"पटाना", "पटना", 1}, {"token", "nekot", 4}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(apart(cases[i].a, cases[i].b), cases[i].d);
		assert_int_equal(apart(cases[i].b, cases[i].a), cases[i].d);
	}
}

static void what_is_too_long_is_far(void **state)
{
	static const char max[] = "12345678901234567890123456789012",
			  more[] = "123456789012345678901234567890123";

	(void)state;
	assert_int_equal(apart(max, max), 0);
	assert_int_equal(apart(max, more), UINT_MAX);
	assert_int_equal(apart(more, more), UINT_MAX);
}

static void longer_words_may_hold_more_slips(void **state)
{
	static const unsigned want[] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3};

	(void)state;
	for (size_t n = 0; n < sizeof want / sizeof want[0]; n++)
		assert_int_equal(near_slips(n), want[n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slip_is_one_letter_or_a_swap),
	    cmocka_unit_test(more_slips_than_asked_for_are_far),
	    cmocka_unit_test(what_is_too_long_is_far),
	    cmocka_unit_test(longer_words_may_hold_more_slips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
