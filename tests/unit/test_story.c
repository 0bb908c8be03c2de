/* SPDX-License-Identifier: BSD-2-Clause */
/* test_story.c - story files and their patterns: what is read, what is refused, what matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pattern.h"
#include "sim/story.h"

static void a_story_is_read_line_by_line(void **state)
{
	static const char text[] = "# comment\n"
				   "story  two words \n"
				   "\n"
				   "phone 98######01\r\n"
				   "service bihar\n"
				   "> पंजीकरण  करें\n"
				   "< *{token}*\n"
				   "within 2m\n"
				   "< x\n"
				   ">\n"
				   "quiet 500ms\n"
				   "desk register-others 5\n"
				   "desk call-next\n"
				   "desk call-next until {token}\n"
				   "desk call-next until 3 ahead\n"
				   "desk used {token_id} prescription\n"
				   "desk used 7\n"
				   "desk missed 7\n"
				   "fault throttle 3\n"
				   "to 56161\n"
				   "dial *123*1#\n"
				   "<alert *x\n"
				   "screen a\\nb\n"
				   "end b*\n"
				   "redial\n"
				   "gone\n"
				   "@ +2h\n"
				   "sms HELP\n"
				   "answer 200 {\"a\": 1}\n";
	static const struct {
		enum line_kind kind;
		int line;
		const char *text;
		uint64_t n, ms;
		bool prescription;
	} want[] = {
	    {LINE_STORY, 2, "two words", 0, 0, false},
	    {LINE_PHONE, 4, "98######01", 0, 0, false},
	    {LINE_SERVICE, 5, "bihar", 0, 0, false},
	    {LINE_SEND, 6, "पंजीकरण  करें", 0, 0, false},
	    {LINE_EXPECT, 7, "*{token}*", 0, 10000, false},
	    {LINE_EXPECT, 9, "x", 0, 120000, false},
	    {LINE_SEND, 10, "", 0, 0, false},
	    {LINE_QUIET, 11, "500ms", 0, 500, false},
	    {LINE_REGISTER_OTHERS, 12, "5", 5, 0, false},
	    {LINE_CALL_NEXT, 13, "", 0, 0, false},
	    {LINE_CALL_UNTIL, 14, "{token}", 0, 0, false},
	    {LINE_CALL_AHEAD, 15, "ahead", 3, 0, false},
	    {LINE_USED, 16, "{token_id}", 0, 0, true},
	    {LINE_USED, 17, "7", 0, 0, false},
	    {LINE_MISSED, 18, "7", 0, 0, false},
	    {LINE_FAULT, 19, "throttle 3", 0, 0, false},
	    {LINE_TO, 20, "56161", 0, 0, false},
	    {LINE_DIAL, 21, "*123*1#", 0, 0, false},
	    {LINE_EXPECT, 22, "*x", 0, 120000, false},
	    {LINE_SCREEN, 23, "a\\nb", 0, 120000, false},
	    {LINE_END, 24, "b*", 0, 120000, false},
	    {LINE_DIAL, 25, "", 0, 0, false},
	    {LINE_DROP, 26, "", 0, 0, false},
	    {LINE_WAIT, 27, "2h", 0, 7200000, false},
	    {LINE_SMS, 28, "HELP", 0, 0, false},
	    {LINE_ENGINE, 29, "200 {\"a\": 1}", 0, 0, false},
	};
	struct story s;
	struct buf err;

	(void)state;
	buf_init(&err, 4096);
	assert_true(story_parse("a.story", SV(text), &s, &err));
	assert_int_equal(s.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < s.n; i++) {
		assert_int_equal(s.line[i].kind, want[i].kind);
		assert_int_equal(s.line[i].line, want[i].line);
		assert_string_equal(s.line[i].text, want[i].text);
		assert_int_equal(s.line[i].n, want[i].n);
		assert_int_equal(s.line[i].ms, want[i].ms);
		assert_int_equal(s.line[i].is_prescription, want[i].prescription);
	}
	assert_string_equal(s.line[18].class, "alert");
	assert_string_equal(s.line[25].word, "answer");
	story_clear(&s);
	buf_clear(&err);
}

static void every_mistake_is_told_with_its_line(void **state)
{
	static const char *const bad[] = {"", "# only\n", "<sms x", "dial 123", "redial 5", "screen",
	    "wait soon", "phone 98123\n", "phone 98123456x8\n", "phone 9812345678\n< {a\n",
	    "phone 9812345678\n<\n", "within 5\n", "within ms\n", "quiet\n", "to\n", "desk\n",
	    "desk dance\n", "desk call-next for ever\n", "desk call-next until\n",
	    "desk call-next until 3 behind\n", "desk call-next until {a} ahead\n", "desk used\n",
	    "desk used 7 recipe\n", "desk missed\n", "desk register-others many\n",
	    "desk register-others 1001\n", "hello\n"};
	struct story s;
	struct buf err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_init(&err, 4096);
		if (story_parse("b.story", sv_from(bad[i]), &s, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(strncmp(buf_str(&err), "b.story:", 8), 0);
		story_clear(&s);
		buf_clear(&err);
	}
	buf_init(&err, 4096);
	assert_false(story_parse("c", SV("within x\n\nhello\n"), &s, &err));
	assert_non_null(strstr(buf_str(&err), "c:1: "));
	assert_non_null(strstr(buf_str(&err), "c:3: "));
	story_clear(&s);
	buf_clear(&err);
}

static void patterns_match_as_documented(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} rows[] = {
	    {"abc", "abc", true}, {"abc", "abcd", false}, {"abc", "ab", false}, {"*", "", true},
	    {"*", "anything\nat all", true}, {"", "", true}, {"a*c", "abbbc", true},
	    {"a*c", "abbbd", false}, {"*b*d*", "abcde", true}, {"*b*d*b", "abcde", false},
	    {"**x**", "x", true}, {"a  b", " a \tb ", true}, {"a b", "a\nb", false},
	    {"a\\nb", "a \n\nb\n", true}, {"a\\nb", "anb", false}, {"a b", "ab", false},
	    {"\\*\\{x\\\\", "*{x\\", true}, {"\\*", "x", false}, {"token {t}.", "token 1234.", true},
	    {"token {t}.", "token .", false}, {"{t}", "two words", false}, {"{t} {t}", "7 7", true},
	    {"{t} {t}", "7 8", false}, {"{a}{b}", "12", true}, {"टोकन {t}।*", "टोकन 1234। कतार", true},
	    {"टोकन {t}।*", "टोकन १२३४। कतार", true},
	    {"*सड़क*", "यह सड\xE0\xA4\xBCक है", true}, /* one letter, or letter and nukta */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vars vs = {0};

		if (pattern_match(sv_from(rows[i].pattern), sv_from(rows[i].text), &vs) !=
		    rows[i].match)
			fail_msg("%s against %s", rows[i].pattern, rows[i].text);
		if (!rows[i].match)
			assert_int_equal(vs.n, 0);
		vars_clear(&vs);
	}
}

static void names_are_learnt_and_then_fixed(void **state)
{
	struct vars vs = {0};
	struct buf out;

	(void)state;
	assert_true(pattern_match(SV("token {token}, {n} ahead"), SV("token A-12, 3 ahead"), &vs));
	assert_string_equal(vars_get(&vs, SV("token")), "A-12");
	assert_string_equal(vars_get(&vs, SV("n")), "3");
	assert_false(pattern_match(SV("*{token}*{new}"), SV("B-12 x"), &vs));
	assert_null(vars_get(&vs, SV("new")));
	assert_true(pattern_match(SV("*{token}*"), SV("now A-12!"), &vs));
	buf_init(&out, 100);
	assert_true(vars_expand(&vs, SV("{token}/{n} {"), &out));
	assert_string_equal(buf_str(&out), "A-12/3 {");
	assert_false(vars_expand(&vs, SV("{who}"), &out));
	vars_set(&vs, SV("n"), SV("4"));
	assert_string_equal(vars_get(&vs, SV("n")), "4");
	assert_true(pattern_match(SV("*{token}*{#place}*"), SV("Token A-12, you are no. 16, free"),
	    &vs));
	assert_string_equal(vars_get(&vs, SV("place")), "16");
	assert_int_equal(vs.n, 3);
	buf_clear(&out);
	vars_clear(&vs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_story_is_read_line_by_line),
	    cmocka_unit_test(every_mistake_is_told_with_its_line),
	    cmocka_unit_test(patterns_match_as_documented),
	    cmocka_unit_test(names_are_learnt_and_then_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
