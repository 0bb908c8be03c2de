/* SPDX-License-Identifier: BSD-2-Clause */
/* test_otp_code.c - one-time codes as arithmetic. The expected values were made with openssl(1):
 * printf 'dakiya one-time check\0123456\0919812345678\0cghs' | openssl dgst -sha256 -hmac SECRET */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/otp_code.h"
#include "engine/dialogue.h"

#define SECRET SV("a deployment's secret")

static void a_seal_and_a_number_make_one_code_of_six_digits(void **state)
{
	unsigned char chance[OTP_CHANCE_OCTETS] = {0};
	char seal[OTP_SEAL_CAP], code[OTP_CODE_CAP], again[OTP_CODE_CAP];
	unsigned differ = 0, leading_zero = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		chance[0] = (unsigned char)i;
		chance[15] = (unsigned char)(i >> 8);
		otp_seal(chance, seal);
		assert_int_equal(strlen(seal), 32);
		otp_code(SECRET, sv_from(seal), "919812345678", code);
		otp_code(SECRET, sv_from(seal), "919812345678", again);
		assert_int_equal(strspn(code, "0123456789"), OTP_DIGITS);
		assert_int_equal(strlen(code), OTP_DIGITS);
		assert_string_equal(code, again);
		otp_code(SECRET, sv_from(seal), "919812345679", again);
		differ += strcmp(code, again) != 0;
		otp_code(SV("another deployment's"), sv_from(seal), "919812345678", again);
		differ += strcmp(code, again) != 0;
		leading_zero += code[0] == '0';
	}
	assert_true(differ >= 1995); /* two of a million are the same now and then */
	assert_in_range(leading_zero, 60, 140);
}

static void codes_are_spread_evenly(void **state)
{
	unsigned char chance[OTP_CHANCE_OCTETS] = {7};
	unsigned count[10] = {0};
	char seal[OTP_SEAL_CAP], code[OTP_CODE_CAP];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		chance[1] = (unsigned char)i;
		chance[2] = (unsigned char)(i >> 8);
		otp_seal(chance, seal);
		otp_code(SECRET, sv_from(seal), "919812345678", code);
		for (size_t k = 0; k < OTP_DIGITS; k++)
			count[code[k] - '0']++;
	}
	for (size_t k = 0; k < 10; k++) /* 12,000 each, give or take five deviations */
		assert_in_range(count[k], 11480, 12520);
}

static void the_check_is_an_hmac_of_code_number_and_purpose(void **state)
{
	char mac[OTP_MAC_CAP], other[OTP_MAC_CAP];

	(void)state;
	otp_mac(SECRET, SV("123456"), "919812345678", SV("cghs"), mac);
	assert_string_equal(mac, "30070d97a0e7e0b162c8a7669c249a4839e87b62d6a10cabeedb463cd60c2e82");
	otp_mac(SECRET, SV("123457"), "919812345678", SV("cghs"), other);
	assert_string_not_equal(mac, other);
	otp_mac(SECRET, SV("123456"), "919812345679", SV("cghs"), other);
	assert_string_not_equal(mac, other);
	otp_mac(SECRET, SV("123456"), "919812345678", SV("portal"), other);
	assert_string_not_equal(mac, other);
	/* Fields do not run into each other. */
	otp_mac(SECRET, SV("123456"), "91981234567", SV("8cghs"), other);
	assert_string_not_equal(mac, other);
}

static void the_code_takes_its_place_in_the_message(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: there is no place */
	} cases[] = {
	    {"Your OTP is " OTP_PLACE ".", "Your OTP is 012345."},
	    {OTP_PLACE, "012345"},
	    {"ओटीपी " OTP_PLACE " है", "ओटीपी 012345 है"},
	    {"*" OTP_PLACE, "012345*"},
	    {"no place", NULL},
	    {"*****", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b;

		buf_init(&b, 1024);
		assert_int_equal(otp_fill(sv_from(cases[i].text), "012345", &b), cases[i].want != NULL);
		if (cases[i].want)
			assert_string_equal(buf_str(&b), cases[i].want);
		buf_clear(&b);
	}
}

static void six_digits_in_a_row_are_kept_out_of_logs(void **state)
{
	static const struct {
		const char *text;
		bool is_hidden;
	} cases[] = {
	    {"123456", true}, {"my code 123456!", true}, {"१२३४५६", true}, {"12345६", true},
	    {"12345", false}, {"1234567", false}, {"STATUS", false}, {"", false}, {"12345 6", false},
	    {"पिन 801505", true}, /* a PIN code too: better one text less in the log */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (otp_maybe_in(sv_from(cases[i].text)) != cases[i].is_hidden)
			fail_msg("%s", cases[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_seal_and_a_number_make_one_code_of_six_digits),
	    cmocka_unit_test(codes_are_spread_evenly),
	    cmocka_unit_test(the_check_is_an_hmac_of_code_number_and_purpose),
	    cmocka_unit_test(the_code_takes_its_place_in_the_message),
	    cmocka_unit_test(six_digits_in_a_row_are_kept_out_of_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
