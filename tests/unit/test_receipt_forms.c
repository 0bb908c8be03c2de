/* SPDX-License-Identifier: BSD-2-Clause */
/* test_receipt_forms.c - the forms of a message id, what is learnt of a link, and the worst part. */

#include "codec/receipt_forms.h"
#include "unit.h"

static const struct receipt_habit unknown;

static void ids_are_looked_for_in_every_form(void **state)
{
	static const struct {
		const char *id;
		const char *want[3];
	} table[] = {
	    {"0000001F", {"1f", "31"}},
	    {"31", {"31", "1f", "49"}},
	    {"00000000031", {"31", "1f", "49"}},
	    {"0x1F", {"1f", "31"}},
	    {"7", {"7"}}, /* the same in every form */
	    {" ABC ", {"abc", "2748"}},
	    {"xyz-1", {"xyz-1"}},
	    {"0", {"0"}},
	    {"ffffffffffffffff", {"ffffffffffffffff", "18446744073709551615"}},
	    {"18446744073709551616", {"18446744073709551616"}}, /* no 64 bits hold it */
	    {"{0F8FAD5B-D9CB-469F-A165-70867728950E}", {"f8fad5bd9cb469fa16570867728950e"}},
	    {"0f8fad5b-d9cb-469f-a165-70867728950e", {"f8fad5bd9cb469fa16570867728950e"}},
	    {"", {NULL}},
	    {"   ", {NULL}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct receipt_ids ids;
		size_t n = 0;

		receipt_ids_of(sv_from(table[i].id), &unknown, &ids);
		while (n < 3 && table[i].want[n])
			n++;
		assert_int_equal(ids.count, n);
		for (size_t k = 0; k < n; k++)
			assert_string_equal(ids.id[k], table[i].want[k]);
	}
}

static void a_habit_is_learnt_from_ids_that_differ_by_form(void **state)
{
	struct receipt_habit h = {0};
	struct receipt_ids ids;

	(void)state;
	receipt_ids_of(SV("7"), &h, &ids);
	for (int i = 0; i < 5; i++)
		assert_false(receipt_habit_learn(&h, &ids, 0));
	assert_false(receipt_habit_is_sure(&h));
	receipt_ids_of(SV("31"), &h, &ids);
	assert_int_equal(ids.form[1], RECEIPT_FORM_HEX);
	assert_false(receipt_habit_learn(&h, &ids, 1));
	assert_false(receipt_habit_learn(&h, &ids, 1));
	assert_true(receipt_habit_learn(&h, &ids, 1));
	assert_false(receipt_habit_learn(&h, &ids, 1));
	assert_true(receipt_habit_is_sure(&h));
	receipt_ids_of(SV("31"), &h, &ids);
	assert_string_equal(ids.id[0], "1f");
	assert_string_equal(ids.id[1], "31");
	assert_int_equal(ids.count, 3);
}

static void another_habit_replaces_a_learnt_one_after_as_many(void **state)
{
	struct receipt_habit h = {.in_a_row = RECEIPT_HABIT_SURE, .form = RECEIPT_FORM_HEX};
	struct receipt_ids ids;

	(void)state;
	receipt_ids_of(SV("31"), &h, &ids);
	assert_false(receipt_habit_learn(&h, &ids, 1));
	assert_false(receipt_habit_is_sure(&h));
	receipt_ids_of(SV("31"), &h, &ids);
	assert_false(receipt_habit_learn(&h, &ids, 0));
	assert_true(receipt_habit_learn(&h, &ids, 0));
	assert_int_equal(h.form, RECEIPT_FORM_SAME);
}

static void a_message_is_in_the_state_of_its_worst_part(void **state)
{
	static const struct {
		const char *states;
		unsigned want;
	} table[] = {
	    {"2", RECEIPT_DELIVERED},
	    {"0", 0},
	    {"222", RECEIPT_DELIVERED},
	    {"212", RECEIPT_ENROUTE},
	    {"202", 0},
	    {"162", RECEIPT_ENROUTE},
	    {"262", RECEIPT_ACCEPTED},
	    {"052", RECEIPT_UNDELIVERABLE},
	    {"823", RECEIPT_REJECTED},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(receipt_worst(sv_from(table[i].states)), table[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_are_looked_for_in_every_form),
	    cmocka_unit_test(a_habit_is_learnt_from_ids_that_differ_by_form),
	    cmocka_unit_test(another_habit_replaces_a_learnt_one_after_as_many),
	    cmocka_unit_test(a_message_is_in_the_state_of_its_worst_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
