/* SPDX-License-Identifier: BSD-2-Clause */
/* test_dlt.c - src/engine/dlt.c: texts against their templates, values against their tags. */
#include "mini_pack.h"

#include "engine/dlt.h"
#include "unit.h"

static void values_are_checked_by_their_tag(void **state)
{
	static const struct {
		enum dlt_kind kind;
		const char *value;
		unsigned want;
	} rows[] = {
	    {DLT_NUMERIC, "1234", 0},
	    {DLT_NUMERIC, "", DLT_NOT_MATCHED},
	    {DLT_NUMERIC, "12a", DLT_NOT_MATCHED},
	    {DLT_NUMERIC, "१२", DLT_NOT_MATCHED},
	    {DLT_NUMERIC, "1,200", DLT_NOT_MATCHED},
	    {DLT_NUMERIC, "9812345678", 0}, /* digits are what it is for */
	    {DLT_ALPHANUMERIC, "", 0},
	    {DLT_ALPHANUMERIC, "राम कुमार", 0},
	    {DLT_ALPHANUMERIC, "22-11-2026 10:30", 0},
	    {DLT_ALPHANUMERIC, "रु. 50", 0},
	    {DLT_ALPHANUMERIC, "S.Kumar", 0},
	    {DLT_ALPHANUMERIC, "Dr. In Charge", 0},
	    {DLT_ALPHANUMERIC, "1800", 0},
	    {DLT_ALPHANUMERIC, "123456789", 0},
	    {DLT_ALPHANUMERIC, "9812345678", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "call 98123 45678", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "+91 9812-345-678", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "1800-11-155", 0}, /* nine digits */
	    {DLT_ALPHANUMERIC, "1800-11-1555", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "1800-111-5555", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "pmjay.gov.in", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "see WWW.x.y", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "HTTP://1", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "bit.ly/x", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "a@b", DLT_NOT_WHITELISTED},
	    {DLT_ALPHANUMERIC, "@ home", 0},
	    {DLT_URL, "pmjay.gov.in", 0},
	    {DLT_URL, "none", DLT_NOT_MATCHED},
	    {DLT_URLOTT, "https://x", 0},
	    {DLT_CBN, "+91 98123 45678", 0},
	    {DLT_CBN, "14555", 0},
	    {DLT_CBN, "12", DLT_NOT_MATCHED},
	    {DLT_CBN, "call me", DLT_NOT_MATCHED},
	    {DLT_EMAIL, "a@b.in", 0},
	    {DLT_EMAIL, "a.b.in", DLT_NOT_MATCHED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (dlt_value_check(rows[i].kind, sv_from(rows[i].value), 30) != rows[i].want)
			fail_msg("\"%s\"", rows[i].value);
}

static void a_variables_length_is_counted_in_characters(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 30; i++)
		buf_adds(&b, "क");
	assert_int_equal(dlt_value_check(DLT_ALPHANUMERIC, buf_sv(&b), 30), 0);
	buf_adds(&b, "क");
	assert_int_equal(dlt_value_check(DLT_ALPHANUMERIC, buf_sv(&b), 30), DLT_VARIABLE_TOO_LONG);
	buf_clear(&b);
}

static void tags_have_names(void **state)
{
	(void)state;
	assert_int_equal(dlt_kind_of(SV("numeric")), DLT_NUMERIC);
	assert_int_equal(dlt_kind_of(SV("number")), DLT_NUMERIC);
	assert_int_equal(dlt_kind_of(SV("cbn")), DLT_CBN);
	assert_int_equal(dlt_kind_of(SV("letters")), DLT_DERIVED);
}

#define WHERE "  done: {text: \"Token {token} is yours.\""
#define TWO "  done: {text: \"Of {name} it is {name}, as {token} says.\""

static void texts_are_matched_with_their_templates(void **state)
{
	static const struct {
		const char *to; /* in place of WHERE; NULL: as it is */
		const char *id, *dlt, *text;
		struct dlt_result want;
	} rows[] = {
	    {NULL, "mini/done", "009", "Token 1234 is yours.", {0}},
	    {NULL, "mini/done", "009", "Token 1234 is yours", {.code = 633}},
	    {NULL, "mini/done", "009", "Token 1234 is Yours.", {.code = 633}},
	    {NULL, "mini/done", "009", " Token 1234 is yours.", {.code = 633}},
	    {NULL, "mini/done", "009", "", {.code = 633}},
	    {NULL, "mini/done", "009", "Token A1 is yours.", {.code = 633, .variable = 1}},
	    {NULL, "mini/done", "009", "Token 12345678901 is yours.", {.code = 635, .variable = 1}},
	    {NULL, "mini/done", "", "Token 1234 is yours.", {.code = 637}},
	    {NULL, "mini/done", "999", "Token 1234 is yours.", {.is_unknown = true}},
	    {NULL, "mini/gone", "009", "Token 1234 is yours.", {.is_unknown = true}},
	    {NULL, "gone/done", "009", "Token 1234 is yours.", {.is_unknown = true}},
	    {NULL, "done", "009", "Token 1234 is yours.", {.is_unknown = true}},
	    {NULL, "mini/ask_sex", "004", "Sex?\n1 Female\n2 Male",
		{0}}, /* a question and its options */
	    {NULL, "mini/ask_sex", "004", "Sex?", {0}},
	    {NULL, "mini/ask_sex", "004", "Sex?\n1 Female", {.code = 633}},
	    {NULL, "mini/ask_name", "001", "Name?\n1 Female\n2 Male", {.code = 633}},
	    {TWO, "mini/done", "009", "Of Ana it is Ana, as 12 says.", {0}},
	    {TWO, "mini/done", "009", "Of a it is b it is c, as 12 says.",
		{0}}, /* the words of it in a value */
	    {TWO, "mini/done", "009", "Of x it is , as 1 says.", {0}},
	    {TWO, "mini/done", "009", "Of Ana it is x.com, as 12 says.", {.code = 642, .variable = 2}},
	    {TWO, "mini/done", "009", "Of x.com it is 9812345678, as it says.",
		{.code = 642, .variable = 1}},
	    {TWO, "mini/done", "009", "Of Ana it is Ana, as it says.", {.code = 633, .variable = 3}},
	    {TWO, "mini/done", "009", "Of Ana it was Ana, as 12 says.", {.code = 633}},
	    {"  done: {dlt_vars: {token: alphanumeric}, text: \"Token {token} is yours.\"", "mini/done",
		"009", "Token A1 is yours.", {0}},
	    {"  done: {dlt_vars: {msisdn: cbn}, text: \"Call {msisdn} back.\"", "mini/done", "009",
		"Call 98123456 back.", {0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *dlt = rows[i].dlt[0] ? xasprintf("1100000000000002%s", rows[i].dlt) : xstrdup("");
		struct buf err, warn;
		struct packs *p;
		struct dlt_result got;

		buf_init(&err, 10000);
		buf_init(&warn, 10000);
		p = mini_compile(rows[i].to ? "en.yaml" : NULL, WHERE, rows[i].to, &err, &warn);
		if (!p)
			fail_msg("%s", buf_str(&err));
		got = dlt_check(p, &(struct dlt_message){.text_id = sv_from(rows[i].id),
				       .lang = SV("en"),
				       .template_id = sv_from(dlt),
				       .text = sv_from(rows[i].text),
				       .var_max = 10});
		if (got.code != rows[i].want.code || got.variable != rows[i].want.variable ||
		    got.is_unknown != rows[i].want.is_unknown)
			fail_msg("row %zu \"%s\": %u in variable %u", i, rows[i].text, got.code,
			    got.variable);
		packs_free(p);
		buf_clear(&err);
		buf_clear(&warn);
		free(dlt);
	}
}

static void what_can_be_known_before_is_refused_by_the_compiler(void **state)
{
	static const struct {
		const char *to, *says;
	} rows[] = {
	    {"  done: {dlt_vars: {token: digits}, text: \"Token {token} is yours.\"",
		"a DLT tag is numeric, alphanumeric"},
	    {"  done: {dlt_vars: {tokn: numeric}, text: \"Token {token} is yours.\"",
		"the text has no variable \"tokn\""},
	    {"  done: {dlt_vars: {name: numeric}, text: \"Token {name} is yours.\"",
		"\"name\" is declared as text and may hold letters"},
	    {"  done: {dlt_vars: {token: url}, text: \"Token {token} is yours.\"",
		"\"token\" is declared as a number"},
	    {"  done: {dlt_vars: [token], text: \"Token {token} is yours.\"", "dlt_vars is a map"},
	    {"  done: {text: \"Call {msisdn} back.\"", "has a phone number in a variable"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf err, warn;
		struct packs *p;

		buf_init(&err, 10000);
		buf_init(&warn, 10000);
		p = mini_compile("en.yaml", WHERE, rows[i].to, &err, &warn);
		if (p || !strstr(buf_str(&err), rows[i].says) || !strstr(buf_str(&err), "en.yaml:"))
			fail_msg("row %zu: %s", i, buf_str(&err));
		buf_clear(&err);
		buf_clear(&warn);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_checked_by_their_tag),
	    cmocka_unit_test(a_variables_length_is_counted_in_characters),
	    cmocka_unit_test(tags_have_names),
	    cmocka_unit_test(texts_are_matched_with_their_templates),
	    cmocka_unit_test(what_can_be_known_before_is_refused_by_the_compiler),
	};

	return cmocka_run_group_tests_name("dlt", tests, NULL, NULL);
}
