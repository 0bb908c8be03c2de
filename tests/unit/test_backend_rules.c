/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_rules.c - Indian time, request fields and the dated rules, among them the file
 * that is shipped. */
#include "backend_test.h"

#include "backend/field.h"
#include "backend/pusher.h"
#include "backend/sign.h"

static void days_begin_at_indian_midnight(void **state)
{
	static const struct {
		const char *time, *day;
	} cases[] = {
	    {"2024-05-10T18:29:59Z", "2024-05-10"},
	    {"2024-05-10T18:30:00Z", "2024-05-11"},
	    {"2024-05-10T18:31:00Z", "2024-05-11"},
	    {"2024-05-10T00:00:00+05:30", "2024-05-10"},
	    {"2024-02-29T23:59:59.999+05:30", "2024-02-29"},
	    {"1970-01-01T00:00:00+05:30", "1970-01-01"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t day;

		assert_true(ist_parse_date(cases[i].day, &day));
		assert_int_equal(ist_day(at(cases[i].time)), day);
	}
}

static void times_read_and_print(void **state)
{
	static const char *const bad[] = {"", "2024-05-10", "2024-05-10T09:30:00",
	    "2024-13-10T09:30:00Z", "2024-02-30T09:30:00Z", "2023-02-29T00:00:00Z",
	    "2024-05-10T24:00:00Z", "2024-05-10T09:60:00Z", "2024-05-10T09:30:00+5:30",
	    "2024-05-10T09:30:00Zx", "2024-05-10T09:30:00.Z", "x024-05-10T09:30:00Z"};
	char out[IST_TEXT_CAP];
	int64_t ms;

	(void)state;
	assert_string_equal(ist_text(at("2024-05-10T18:31:00Z"), out, sizeof out),
	    "2024-05-11T00:01:00+05:30");
	assert_string_equal(ist_text(at("2024-05-10T20:00:00.999-02:00"), out, sizeof out),
	    "2024-05-11T03:30:00+05:30");
	assert_int_equal(at("1970-01-01T00:00:00.25Z"), 250);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (ist_parse(bad[i], &ms))
			fail_msg("taken as a time: %s", bad[i]);
}

static void weekdays_are_right(void **state)
{
	static const struct {
		const char *date;
		int weekday;
	} cases[] = {{"1970-01-01", 4}, {"2023-01-19", 4}, {"2023-01-21", 6}, {"2023-01-22", 7},
	    {"2023-01-23", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t day;

		assert_true(ist_parse_date(cases[i].date, &day));
		assert_int_equal(ist_weekday(day), cases[i].weekday);
	}
}

static void names_of_any_script_are_cleaned(void **state)
{
	static const struct {
		const char *in, *out; /* out NULL: refused */
	} cases[] = {
	    {"  राम   कुमार ", "राम कुमार"}, {"Jose\xCC\x81", "Jos\xC3\xA9"}, /* NFC */
	    {"\xE0\xA4\x95\xE0\xA4\xBC\xE0\xA4\xBE\xE0\xA4\xB8\xE0\xA4\xBF\xE0\xA4\xAE", /* nukta stays two */
		"\xE0\xA4\x95\xE0\xA4\xBC\xE0\xA4\xBE\xE0\xA4\xB8\xE0\xA4\xBF\xE0\xA4\xAE"},
	    {"\xE0\xA5\x98", "\xE0\xA4\x95\xE0\xA4\xBC"}, /* precomposed qa is written as two in NFC */
	    {"श्री\xE2\x80\x8D", "श्री\xE2\x80\x8D"}, /* joiners belong to Indic spelling */
	    {"செல்வி", "செல்வி"}, {"", NULL}, {"   ", NULL}, {"12345", NULL}, {"😀😀", NULL},
	    {"Ram\nKumar", "Ram Kumar"}, {"Ram\x01", NULL},
	    {"Ram\xE2\x80\xAE", NULL}, /* right-to-left override */
	    {"Ram\xC3", NULL}, /* cut UTF-8 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *out = field_text(sv_from(cases[i].in), FIELD_NAME_CHARS);

		if (!cases[i].out)
			assert_null(out);
		else
			assert_string_equal(out, cases[i].out);
		free(out);
	}
}

static void names_are_bounded_in_characters(void **state)
{
	char text[3 * FIELD_NAME_CHARS + 4];
	char *out;

	(void)state;
	for (size_t i = 0; i <= FIELD_NAME_CHARS; i++)
		memcpy(text + 3 * i, "क", 3);
	out = field_text((struct sv){text, 3 * FIELD_NAME_CHARS}, FIELD_NAME_CHARS);
	assert_non_null(out);
	free(out);
	assert_null(field_text((struct sv){text, 3 * FIELD_NAME_CHARS + 3}, FIELD_NAME_CHARS));
}

static void spellings_of_one_name_fold_alike(void **state)
{
	static const char *const pairs[][2] = {
	    {"Ram Kumar", "RAM  KUMAR"},
	    {"Ram Kumar", "ramkumar"},
	    {"R. Kumar", "r kumar"},
	    {"ＲＡＭ", "ram"},
	    {"राम\xE2\x80\x8D कुमार", "राम कुमार"},
	};
	char *a, *b;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		a = field_fold(pairs[i][0]);
		b = field_fold(pairs[i][1]);
		assert_string_equal(a, b);
		free(a);
		free(b);
	}
	a = field_fold("राम");
	b = field_fold("रमा");
	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

static void small_fields_are_checked(void **state)
{
	(void)state;
	assert_true(field_is_msisdn(SV("919812345678")));
	assert_true(field_is_msisdn(SV("9812345678")));
	assert_false(field_is_msisdn(SV("981234567")));
	assert_false(field_is_msisdn(SV("0919812345678")));
	assert_false(field_is_msisdn(SV("+919812345678")));
	assert_false(field_is_msisdn(SV("91981234567a")));
	assert_false(field_is_msisdn(SV("9198123456789012")));
	assert_true(field_is_service(SV("pm-jay2")));
	assert_false(field_is_service(SV("")));
	assert_false(field_is_service(SV("Opd")));
	assert_false(field_is_service(SV("2opd")));
	assert_false(field_is_service(SV("a234567890123456789012345678901234")));
	assert_true(field_is_lang(SV("hi")));
	assert_false(field_is_lang(SV("h")));
	assert_false(field_is_lang(SV("HI")));
	assert_true(field_is_word(SV("2026-01")));
	assert_false(field_is_word(SV("two words")));
	assert_false(field_is_word(SV("")));
}

/* ---- the rules ---- */

static struct rules *shipped(void)
{
	char path[512], *text = xmalloc(65536);
	struct buf err;
	struct rules *r;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/etc/backend-rules.yaml", getenv("DK_SRCDIR"));
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, 65536, f);
	fclose(f);
	buf_init(&err, 65536);
	r = rules_read("backend-rules.yaml", (struct sv){text, n}, &err);
	if (!r)
		fail_msg("%s", buf_str(&err));
	buf_clear(&err);
	free(text);
	return r;
}

static void the_shipped_rules_are_those_of_the_sources(void **state)
{
	struct rules *r = shipped();
	const struct service_rules *s;
	int64_t now = at("2024-05-10T09:30:00+05:30");

	(void)state;
	s = rules_find(r, "esanjeevani", now);
	assert_non_null(s);
	assert_int_equal(s->validity, VALID_CALENDAR_DAY);
	assert_int_equal(s->missed_turn_max, 2);
	assert_int_equal(s->reconnect_grace_s, 300);
	assert_int_equal(s->n_thresholds, 1);
	assert_int_equal(s->thresholds[0], 3);
	assert_false(s->auto_token);
	assert_false(s->has_hours);
	s = rules_find(r, "bihar", now);
	assert_non_null(s);
	assert_true(s->auto_token);
	assert_null(rules_find(r, "nothing", now));
	assert_null(rules_find(r, "bihar", at("2019-12-31T23:59:59+05:30")));
	assert_string_equal(rules_title(r, 0, "en"), "eSanjeevani OPD");
	assert_string_equal(rules_title(r, 0, "xx"), "");
	rules_free(r);
}

static void bihar_is_open_monday_to_saturday_nine_to_four(void **state)
{
	static const struct {
		const char *time;
		bool is_open;
		const char *next;
	} cases[] = {
	    {"2023-01-21T15:59:59+05:30", true, "2023-01-21T15:59:59+05:30"},
	    {"2023-01-21T16:00:00+05:30", false, "2023-01-23T09:00:00+05:30"},
	    {"2023-01-22T10:00:00+05:30", false, "2023-01-23T09:00:00+05:30"},
	    {"2023-01-23T08:59:59+05:30", false, "2023-01-23T09:00:00+05:30"},
	    {"2023-01-23T09:00:00+05:30", true, "2023-01-23T09:00:00+05:30"},
	    {"2023-01-19T16:23:00+05:30", false, "2023-01-20T09:00:00+05:30"},
	};
	struct rules *r = shipped();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t now = at(cases[i].time);
		const struct service_rules *s = rules_find(r, "bihar", now);

		assert_int_equal(rules_is_open(s, now), cases[i].is_open);
		assert_int_equal(rules_next_open_ms(s, now), at(cases[i].next));
	}
	rules_free(r);
}

static void holidays_are_closed(void **state)
{
	struct rules *r = test_rules("calendar_day", 2, "[3]",
	    "{weekdays: [4, 5], open: \"09:00\", close: \"24:00\", holidays: [2023-01-26]}");
	const struct service_rules *s = rules_find(r, "opd", at("2023-01-26T10:00:00+05:30"));

	(void)state;
	assert_false(rules_is_open(s, at("2023-01-26T10:00:00+05:30")));
	assert_true(rules_is_open(s, at("2023-01-27T23:59:59+05:30")));
	assert_int_equal(rules_next_open_ms(s, at("2023-01-25T10:00:00+05:30")),
	    at("2023-01-27T09:00:00+05:30"));
	rules_free(r);
}

/* The days for which a token is given: reject, before opening, for the next day of service. */
static void tokens_are_given_for_the_day_that_the_options_allow(void **state)
{
	static const struct {
		const char *time, *reject, *before, *next; /* "": none */
	} cases[] = {
	    {"2023-01-21T15:59:59+05:30", "2023-01-21", "2023-01-21", "2023-01-21"},
	    {"2023-01-21T16:00:00+05:30", "", "", "2023-01-23"},
	    {"2023-01-22T10:00:00+05:30", "", "", "2023-01-23"},
	    {"2023-01-23T08:59:59+05:30", "", "2023-01-23", "2023-01-23"},
	    {"2023-01-23T00:00:00+05:30", "", "2023-01-23", "2023-01-23"},
	    {"2023-01-23T09:00:00+05:30", "2023-01-23", "2023-01-23", "2023-01-23"},
	    {"2023-01-19T16:23:00+05:30", "", "", "2023-01-20"},
	};
	struct rules *r = shipped();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t now = at(cases[i].time);
		const char *const want[] = {cases[i].reject, cases[i].before, cases[i].next};

		for (size_t k = 0; k < 3; k++) {
			struct service_rules s = *rules_find(r, "bihar", now);
			int64_t day = -1;

			s.is_issued_before_open = k == 1;
			s.outside = k == 2 ? OUTSIDE_NEXT_SERVICE_DAY : OUTSIDE_REJECT;
			if (*want[k])
				assert_true(ist_parse_date(want[k], &day));
			assert_int_equal(rules_issue_day(&s, now), day);
		}
	}
	rules_free(r);
}

static void closing_is_told_when_the_token_cannot_be_used_again(void **state)
{
	struct rules *r = shipped();
	int64_t now = at("2023-01-21T10:00:00+05:30"), day = ist_day(now);
	struct service_rules s = *rules_find(r, "bihar", now);

	(void)state;
	assert_int_equal(rules_closing_ms(&s, day, rules_valid_until_ms(&s, now)),
	    at("2023-01-21T16:00:00+05:30"));
	/* On a Friday a rolling token is good on Saturday morning too; on a Saturday it is not on Sunday. */
	s.validity = VALID_ROLLING_24H;
	assert_int_equal(rules_closing_ms(&s, day - 1, rules_valid_until_ms(&s, now - IST_DAY_MS)), -1);
	assert_int_equal(rules_closing_ms(&s, day, rules_valid_until_ms(&s, now)),
	    at("2023-01-21T16:00:00+05:30"));
	s.has_closing_notice = false;
	assert_int_equal(rules_closing_ms(&s, day, rules_valid_until_ms(&s, now)), -1);
	s = *rules_find(r, "esanjeevani", now);
	s.has_closing_notice = true;
	assert_int_equal(rules_closing_ms(&s, day, rules_valid_until_ms(&s, now)), -1);
	rules_free(r);
}

static void cghs_is_as_the_source_says(void **state)
{
	static const char *const lines[] = {"cghs-med", "cghs-ort", "cghs-eye", "cghs-ent"};
	struct rules *r = shipped();
	int64_t now = at("2026-11-20T10:00:00+05:30");
	const struct service_rules *s = rules_find(r, "cghs", now);

	(void)state;
	assert_non_null(s);
	assert_true(s->has_specialities && s->needs_mobile && s->needs_beneficiary &&
		    s->needs_referral);
	assert_false(s->auto_token);
	assert_false(s->is_region_enforced);
	assert_int_equal(s->senior_age, 60);
	assert_int_equal(s->ack_layout, ACK_ONE);
	assert_int_equal(s->n_regions, 2);
	assert_string_equal(s->regions[0], "DL");
	assert_string_equal(s->regions[1], "NCR");
	for (size_t i = 0; i < 4; i++) {
		const struct service_rules *l = rules_find(r, lines[i], now);

		assert_non_null(l);
		assert_string_equal(l->parent, "cghs");
		assert_false(l->has_specialities);
		assert_ptr_equal(rules_line(r, s, sv_from(l->speciality), now), l);
	}
	assert_ptr_equal(rules_line(r, s, SV("eye"), now), rules_find(r, "cghs-eye", now));
	assert_null(rules_line(r, s, SV("skin"), now));
	assert_null(rules_line(r, s, SV(""), now));
	assert_null(rules_line(r, s, SV("e/e"), now));
	assert_null(rules_line(r, s, SV("12345678901234567890123456789012345"), now));
	assert_null(rules_find(r, "cghs", at("2020-08-24T23:59:59+05:30")));
	assert_null(rules_find(r, "cghs-eye", at("2020-08-24T23:59:59+05:30")));
	rules_free(r);
}

static void versions_come_into_force_on_their_day(void **state)
{
#define VERSION(from, max) \
	"      - from: " from "\n" \
	"        token_validity: {value: calendar_day, source: t}\n" \
	"        missed_turn_max: {value: " max ", source: t}\n" \
	"        reconnect_grace_s: {value: 300, source: t}\n" \
	"        minutes_per_patient: {value: 3, source: t}\n" \
	"        thresholds: {value: [3], source: t}\n" \
	"        auto_token_on_registration: {value: false, source: t}\n" \
	"        hours: {value: null, source: t}\n"
	struct buf err;
	struct rules *r;

	(void)state;
	buf_init(&err, 4096);
	r = rules_read("t",
	    SV("services:\n  opd:\n    rules:\n" VERSION("2024-01-01", "1") VERSION("2025-01-01", "5")),
	    &err);
	assert_non_null(r);
	assert_null(rules_find(r, "opd", at("2023-12-31T23:59:59+05:30")));
	assert_int_equal(rules_find(r, "opd", at("2024-12-31T23:59:59+05:30"))->missed_turn_max, 1);
	assert_int_equal(rules_find(r, "opd", at("2025-01-01T00:00:00+05:30"))->missed_turn_max, 5);
	rules_free(r);
	assert_null(rules_read("t",
	    SV("services:\n  opd:\n    rules:\n" VERSION("2025-01-01", "1") VERSION("2024-01-01", "5")),
	    &err));
	assert_non_null(strstr(buf_str(&err), "in the order of their dates"));
	buf_clear(&err);
}

static void mistakes_in_the_rules_are_told_with_their_place(void **state)
{
	static const struct {
		const char *yaml, *says;
	} cases[] = {
	    {"a: 1\n", "there must be a map `services`"},
	    {"services: {}\n", "there must be a map `services`"},
	    {"services:\n  opd: 1\n", "needs rules"},
	    {"services:\n  Opd:\n    rules: [{from: 2024-01-01}]\n", "a-z, 0-9 and -"},
	    {"services:\n  opd:\n    rules: [x]\n", "must be a map"},
	    {"services:\n  opd:\n    rules: [{from: 2024-02-30}]\n", "needs `from`"},
	    {"services:\n  opd:\n    rules: [{from: 2024-01-01, hurry: 1}]\n",
		"t:3:32: there is no rule hurry"},
	    {"services:\n  opd:\n    rules: [{from: 2024-01-01}]\n", "thresholds is missing"},
	    {"services:\n  opd:\n    rules: [{missed_turn_max: {value: 99, source: s}}]\n",
		"from 0 to 20"},
	    {"services:\n  opd:\n    rules: [{missed_turn_max: {value: 1}}]\n",
		"missed_turn_max needs a source"},
	    {"services:\n  opd:\n    rules: [{token_validity: {value: week, source: s}}]\n",
		"calendar_day or rolling"},
	    {"services:\n  opd:\n    rules: [{thresholds: {value: 3, source: s}}]\n", "must be a list"},
	    {"services:\n  opd:\n    rules: [{auto_token_on_registration: {value: 2, source: s}}]\n",
		"true or false"},
	    {"services:\n  opd:\n    rules: [{hours: {value: 9, source: s}}]\n", "must be null"},
	    {"services:\n  opd:\n    rules: [{hours: {value: {weekdays: [8], open: \"09:00\", close: "
	     "\"16:00\"},"
	     " source: s}}]\n",
		"a weekday is 1"},
	    {"services:\n  opd:\n    rules: [{hours: {value: {weekdays: [1], open: \"16:00\", close: "
	     "\"09:00\"},"
	     " source: s}}]\n",
		"open and close"},
	    {"services:\n  opd:\n    rules: [{hours: {value: {weekdays: [1], open: \"09:00\", close: "
	     "\"16:00\","
	     " lunch: 1}, source: s}}]\n",
		"hours have no key lunch"},
	    {"services:\n  opd:\n    rules: [{hours: {value: {weekdays: [1], open: \"09:00\", close: "
	     "\"16:00\","
	     " holidays: [soon]}, source: s}}]\n",
		"a holiday must be a date"},
	    {"services:\n  opd:\n    rules: [{issue_outside_hours: {value: maybe, source: s}}]\n",
		"issue_outside_hours must be reject or next_service_day"},
	    {"services:\n  opd:\n    rules: [{ack_layout: {value: two, source: s}}]\n",
		"must be one, split or token_only"},
	    {"services:\n  opd:\n    rules: [{regions: {value: DL, source: s}}]\n",
		"regions must be a list"},
	    {"services:\n  opd:\n    rules: [{regions: {value: [a b], source: s}}]\n",
		"a region is a code"},
	    {"services:\n  opd:\n    rules: [{referral_required_for_teleconsult: {value: true, source: "
	     "s}}]\n",
		"needs senior_age"},
	    {"services:\n  opd:\n    specialities: [EYE]\n    rules: [{from: 2024-01-01}]\n",
		"must be a map of codes"},
	    {"services:\n  opd:\n    specialities: {E E: {}}\n    rules: [{from: 2024-01-01}]\n",
		"A-Z and 0-9"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf err;

		buf_init(&err, 65536);
		assert_null(rules_read("t", sv_from(cases[i].yaml), &err));
		if (!strstr(buf_str(&err), cases[i].says))
			fail_msg("case %zu: \"%s\" is not in:\n%s", i, cases[i].says, buf_str(&err));
		buf_clear(&err);
	}
}

/* ---- pushing ---- */

static void the_wait_grows_and_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(pusher_wait_ms(1), PUSHER_WAIT_MIN_MS);
	for (int64_t n = 1; n < 100; n++) {
		assert_true(pusher_wait_ms(n + 1) >= pusher_wait_ms(n));
		assert_true(pusher_wait_ms(n) <= PUSHER_WAIT_MAX_MS);
	}
	assert_int_equal(pusher_wait_ms(1000000), PUSHER_WAIT_MAX_MS);
}

static void the_signature_is_hmac_sha256_over_time_and_body(void **state)
{
	char out[SIGN_CAP];

	(void)state;
	/* printf '1700000000.{"id":"a-1"}' | openssl dgst -sha256 -hmac 'a secret' */
	assert_true(sign_event(SV("a secret"), 1700000000, SV("{\"id\":\"a-1\"}"), out));
	assert_string_equal(out,
	    "sha256=a6c93b81a42c4264557151f194b1fc99301648d0d842751e84e5a178820ea3b5");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_begin_at_indian_midnight),
	    cmocka_unit_test(times_read_and_print),
	    cmocka_unit_test(weekdays_are_right),
	    cmocka_unit_test(names_of_any_script_are_cleaned),
	    cmocka_unit_test(names_are_bounded_in_characters),
	    cmocka_unit_test(spellings_of_one_name_fold_alike),
	    cmocka_unit_test(small_fields_are_checked),
	    cmocka_unit_test(the_shipped_rules_are_those_of_the_sources),
	    cmocka_unit_test(bihar_is_open_monday_to_saturday_nine_to_four),
	    cmocka_unit_test(holidays_are_closed),
	    cmocka_unit_test(tokens_are_given_for_the_day_that_the_options_allow),
	    cmocka_unit_test(closing_is_told_when_the_token_cannot_be_used_again),
	    cmocka_unit_test(cghs_is_as_the_source_says),
	    cmocka_unit_test(versions_come_into_force_on_their_day),
	    cmocka_unit_test(mistakes_in_the_rules_are_told_with_their_place),
	    cmocka_unit_test(the_wait_grows_and_is_bounded),
	    cmocka_unit_test(the_signature_is_hmac_sha256_over_time_and_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
