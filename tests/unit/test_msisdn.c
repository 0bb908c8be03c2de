/* SPDX-License-Identifier: BSD-2-Clause */
/* test_msisdn.c - src/codec/msisdn.c. */
#include "codec/msisdn.h"
#include "unit.h"

static const struct {
	const char *in;
	unsigned ton;
	const char *want; /* NULL: refused */
} rows[] = {
    /* the five forms that Indian links use */
    {"9812345678", 0, "919812345678"},
    {"09812345678", 0, "919812345678"},
    {"919812345678", 0, "919812345678"},
    {"+919812345678", 0, "919812345678"},
    {"00919812345678", 0, "919812345678"},
    {"919812345678", 1, "919812345678"},
    {"9812345678", 2, "919812345678"},
    {"09812345678", 1, "919812345678"}, /* marked international all the same */
    {"+09812345678", 0, "919812345678"},
    {"6012345678", 0, "916012345678"},
    /* ten digits that begin like the country code are a national number */
    {"9198123456", 0, "919198123456"},
    /* as people write them */
    {" +91 98123-45678 ", 0, "919812345678"},
    {"(098) 1234.5678", 0, "919812345678"},
    /* other countries, when they say so */
    {"+14155550123", 0, "14155550123"},
    {"14155550123", 1, "14155550123"},
    {"0014155550123", 0, "14155550123"},
    {"6581234567", 1, "6581234567"},
    {"+1234567", 0, "1234567"},
    {"+123456789012345", 0, "123456789012345"},
    {"00123456789012345", 0, "123456789012345"},
    {"14155550123", 0, NULL},
    /* nobody can be answered there */
    {"", 0, NULL},
    {"+", 0, NULL},
    {"00", 0, NULL},
    {"0", 0, NULL},
    {"56161", 3, NULL},
    {"5812345678", 0, NULL}, /* no Indian mobile number begins with 5 */
    {"915812345678", 0, NULL},
    {"+915812345678", 0, NULL},
    {"+9198123456789", 0, NULL},
    {"91981234567", 0, NULL},
    {"+123456", 0, NULL},
    {"+0123456789", 0, NULL},
    {"+1234567890123456", 0, NULL},
    {"12345678901234567890", 1, NULL},
    {"DAKIYA", 5, NULL},
    {"919812345678", 5, NULL}, /* alphanumeric by its TON */
    {"98123x5678", 0, NULL},
    {"++919812345678", 0, NULL},
    {"९८१२३४५६७८", 0, NULL},
};

static void numbers_come_out_in_one_form_or_not_at_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t n = strlen(rows[i].in);
		void *p = exact(rows[i].in, n);
		char out[MSISDN_CAP];
		bool ok = msisdn_normalise((struct sv){p, n}, rows[i].ton, out);

		if (ok != (rows[i].want != NULL) || strcmp(out, rows[i].want ? rows[i].want : out) != 0)
			fail_msg("%s with TON %u gave %s \"%s\"", rows[i].in, rows[i].ton,
			    ok ? "the number" : "nothing, or", out);
		free(p);
	}
}

static void a_normal_number_with_a_plus_is_normal_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char plus[MSISDN_CAP + 1], out[MSISDN_CAP];

		if (!rows[i].want)
			continue;
		(void)snprintf(plus, sizeof plus, "+%s", rows[i].want);
		assert_true(msisdn_normalise(sv_from(plus), 0, out));
		assert_string_equal(out, rows[i].want);
		assert_true(msisdn_normalise(sv_from(rows[i].want), 1, out));
		assert_string_equal(out, rows[i].want);
	}
}

static void every_prefix_of_a_number_can_be_tried(void **state)
{
	static const char number[] = "+00 91 98123-45678901234567890";

	(void)state;
	for (size_t n = 0; n < sizeof number; n++) {
		for (unsigned ton = 0; ton < 8; ton++) {
			void *p = exact(number, n);
			char out[MSISDN_CAP];

			if (msisdn_normalise((struct sv){p, n}, ton, out))
				assert_in_range(strlen(out), 7, 15);
			free(p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_come_out_in_one_form_or_not_at_all),
	    cmocka_unit_test(a_normal_number_with_a_plus_is_normal_again),
	    cmocka_unit_test(every_prefix_of_a_number_can_be_tried),
	};

	return cmocka_run_group_tests_name("msisdn", tests, NULL, NULL);
}
