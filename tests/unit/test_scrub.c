/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scrub.c - Aadhaar and account numbers are cut out of words, and nothing else is. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/scrub.h"

static void long_numbers_are_scrubbed(void **state)
{
	static const struct {
		const char *in, *out;
		bool is_bare;
	} cases[] = {
	    {"मेरा आधार 2345 6789 0124 है", "मेरा आधार XXXX0124 है", false},
	    {"aadhaar 234567890124.", "aadhaar XXXX0124.", false},
	    {"खाता १२३४५६७८९०१२३", "खाता XXXX0123", false},
	    {"account 123456789", "account XXXX6789", false},
	    {"Patna 2345-6789-0124, 2345 6789 0124x", "Patna XXXX0124, XXXX0124x", false},
	    {"call 9812345678 - please", "call 9812345678 - please", false},
	    {"paid 500 on 12-3-2026", "paid 500 on 12-3-2026", false},
	    {"12", "12", false},
	    {"no number", "no number", false},
	    {"", "", false},
	    {"234567890124", "XXXX0124", true},
	    {"२३४५ ६७८९ ०१२४", "XXXX0124", true},
	    {"12345678901234", "12345678901234", true}, /* a ration card that was asked for */
	    {"1000103", "1000103", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[128];

		snprintf(text, sizeof text, "%s", cases[i].in);
		scrub_numbers(text, cases[i].is_bare);
		assert_string_equal(text, cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(long_numbers_are_scrubbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
