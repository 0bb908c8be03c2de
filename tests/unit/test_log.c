/* SPDX-License-Identifier: BSD-2-Clause */
/* test_log.c - src/base/log.c and src/base/clock.c. stderr goes to /dev/null while a test runs. */
#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "unit.h"

struct seen {
	char line[2000];
	enum log_level level;
	uint64_t trace, wall_ms;
	int count;
};

static void on_line(enum log_level lvl, uint64_t wall_ms, uint64_t trace, const char *line, size_t n,
    void *arg)
{
	struct seen *s = arg;

	assert_int_equal(strlen(line), n);
	(void)snprintf(s->line, sizeof s->line, "%s", line);
	s->level = lvl;
	s->trace = trace;
	s->wall_ms = wall_ms;
	s->count++;
}

/* The line after its time, which no test can know. */
static const char *after_time(const struct seen *s)
{
	const char *space = strchr(s->line, ' ');

	return space ? space + 1 : "";
}

static int saved_stderr = -1;

static int setup(void **state)
{
	static struct seen seen;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	saved_stderr = dup(STDERR_FILENO);
	if (null < 0 || saved_stderr < 0 || dup2(null, STDERR_FILENO) < 0)
		return -1;
	close(null);
	memset(&seen, 0, sizeof seen);
	log_init(LOG_INFO, LOG_LOGFMT);
	log_set_sink(on_line, &seen);
	*state = &seen;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	return 0;
}

/* What log_line itself writes, read back from a file that stands in for stderr. */
static void a_line_is_written_once_and_ends_with_a_newline(void **state)
{
	struct seen *s = *state;
	FILE *f = tmpfile();
	char line[200] = "", more[2];

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	LOG(NULL, LOG_INFO, "hello", "n=%d", 1);
	rewind(f);
	assert_non_null(fgets(line, sizeof line, f));
	assert_null(fgets(more, sizeof more, f));
	fclose(f);
	assert_int_equal(line[strlen(line) - 1], '\n');
	line[strlen(line) - 1] = '\0';
	assert_string_equal(line, s->line);
}

static void a_line_has_time_level_identity_and_pairs(void **state)
{
	struct seen *s = *state;
	struct log_ctx ctx = {.link = "smsc1", .trace = 0xABC};
	char when[32];

	LOG(&ctx, LOG_INFO, "bound", "as=%s window=%d", "transceiver", 100);
	assert_string_equal(after_time(s),
	    "INFO link=smsc1 trace=0000000000000abc bound as=transceiver window=100");
	assert_int_equal(s->level, LOG_INFO);
	assert_int_equal(s->trace, 0xABC);
	clock_iso(s->wall_ms, when, sizeof when);
	assert_memory_equal(s->line, when, strlen(when));
	LOG(NULL, LOG_ERR, "no memory", "%s", "");
	assert_string_equal(after_time(s), "ERR no memory");
}

static void lines_above_the_level_are_neither_written_nor_evaluated(void **state)
{
	struct seen *s = *state;
	int evaluated = 0;

	LOG(NULL, LOG_DEBUG, "step", "n=%d", ++evaluated);
	log_line(NULL, LOG_DEBUG, "step", "n=%d", 1);
	assert_int_equal(s->count, 0);
	assert_int_equal(evaluated, 0);
	log_init(LOG_WIRE, LOG_LOGFMT);
	LOG(NULL, LOG_WIRE, "step", "n=%d", ++evaluated);
	assert_int_equal(s->count, 1);
}

static void a_peer_cannot_forge_a_line(void **state)
{
	struct seen *s = *state;

	LOG(NULL, LOG_WARN, "refused", "id=%s", "a\nERR b\x1b[2J\x7f\xc2\x9b\xff\xe0\xa4");
	assert_string_equal(after_time(s),
	    "WARN refused id=a\\nERR b\\x1b[2J\\x7f\\xc2\\x9b\\xff\\xe0\\xa4");
	LOG(NULL, LOG_WARN, "refused", "id=%s", LOGQ("a \"b\" \\"));
	assert_string_equal(after_time(s), "WARN refused id=\"a \\\"b\\\" \\\\\"");
	LOG(NULL, LOG_WARN, "refused", "id=%s", LOGQ(NULL));
	assert_string_equal(after_time(s), "WARN refused id=\"\"");
}

static void a_quoted_text_is_cut_to_its_room_and_stays_quoted(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(log_quote("abcdefghij", out, sizeof out), "\"abcde\"");
	assert_string_equal(log_quote("abcd\"x", out, sizeof out), "\"abcd\"");
	assert_string_equal(log_quote("", out, 2), "");
}

static void a_json_line_is_json_with_the_same_pairs(void **state)
{
	struct seen *s = *state;
	struct log_ctx ctx = {.link = "a\"b", .trace = 0x10};
	json_t *o;

	log_init(LOG_INFO, LOG_JSON);
	LOG(&ctx, LOG_INFO, "bound", "as=%s text=%s n=%d odd %s", "tx",
	    LOGQ("say \"हिंदी\" \\ \x1b\n \xff"), 5, "e=");
	o = json_loads(s->line, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "level")), "INFO");
	assert_string_equal(json_string_value(json_object_get(o, "link")), "a\"b");
	assert_string_equal(json_string_value(json_object_get(o, "trace")), "0000000000000010");
	assert_string_equal(json_string_value(json_object_get(o, "msg")), "bound");
	assert_string_equal(json_string_value(json_object_get(o, "as")), "tx");
	assert_string_equal(json_string_value(json_object_get(o, "text")),
	    "say \"हिंदी\" \\ \x1b\n \xc3\xbf");
	assert_string_equal(json_string_value(json_object_get(o, "n")), "5");
	assert_true(json_is_true(json_object_get(o, "odd")));
	assert_string_equal(json_string_value(json_object_get(o, "e")), "");
	json_decref(o);
}

static void any_octets_make_a_json_line(void **state)
{
	struct seen *s = *state;
	uint64_t seed = UNIT_SEED;

	log_init(LOG_INFO, LOG_JSON);
	for (int round = 0; round < 3000; round++) {
		static const char tricky[] = "\"\\= ab\xc2\x9b\xe0\xa4\x95\xff\n";
		char text[24];
		json_error_t why;
		json_t *o;
		size_t n = chance_below(&seed, sizeof text);

		for (size_t i = 0; i < n; i++)
			text[i] = tricky[chance_below(&seed, sizeof tricky - 1)];
		text[n] = '\0';
		LOG(NULL, LOG_INFO, text, "%s", text);
		o = json_loads(s->line, 0, &why);
		if (!o)
			fail_msg("round %d: %s in %s", round, why.text, s->line);
		json_decref(o);
	}
}

static void a_line_that_is_too_long_says_so(void **state)
{
	struct seen *s = *state;
	char *text = xmalloc(70001);

	memset(text, 'x', 70000);
	text[70000] = '\0';
	LOG(NULL, LOG_INFO, "long", "t=%s", text);
	assert_string_equal(after_time(s), "INFO long cut=line-too-long");
	free(text);
}

static void levels_have_names_and_names_levels(void **state)
{
	enum log_level lvl;

	(void)state;
	assert_true(log_level_parse("error", &lvl));
	assert_int_equal(lvl, LOG_ERR);
	assert_true(log_level_parse("wire", &lvl));
	assert_int_equal(lvl, LOG_WIRE);
	assert_true(log_level_parse("WARN", &lvl));
	assert_int_equal(lvl, LOG_WARN);
	assert_false(log_level_parse("loud", &lvl));
	assert_string_equal(log_level_name(LOG_DEBUG), "DEBUG");
	assert_string_equal(log_level_name((enum log_level)99), "?");
}

static void a_masked_number_shows_its_ends_only(void **state)
{
	char out[24], small[6];

	(void)state;
	assert_string_equal(log_mask("919812345678", out, sizeof out), "9198******78");
	assert_string_equal(log_mask("123456", out, sizeof out), "******");
	assert_string_equal(log_mask("", out, sizeof out), "");
	assert_string_equal(log_mask(NULL, out, sizeof out), "");
	assert_string_equal(log_mask("919812345678", small, sizeof small), "*****");
	assert_string_equal(log_mask("9", small, 0), "");
}

static void clocks_go_forward_and_are_printed_in_utc(void **state)
{
	uint64_t ms = clock_mono_ms(), us = clock_mono_us(), wall = clock_wall_ms();
	char out[32];

	(void)state;
	assert_true(clock_mono_us() >= us && clock_mono_ms() >= ms && us / 1000 >= ms);
	assert_true(wall > 1700000000000u);
	assert_string_equal(clock_iso(0, out, sizeof out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_iso(1772366400123u, out, sizeof out), "2026-03-01T12:00:00.123Z");
}

static void times_are_read_with_any_offset_and_nothing_else_is(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2026-03-01T12:00:00.123Z", 1772366400123u},
	    {"2026-03-01T17:30:00+05:30", 1772366400000u},
	    {"2026-03-01T08:00:00.5-04:00", 1772366400500u},
	    {"2026-03-01T12:00:00.123456Z", 1772366400123u},
	};
	static const char *const bad[] = {"", "now", "2026-03-01", "2026-03-01T12:00:00",
	    "2026-13-01T12:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T12:00:00+5",
	    "2026-03-01T12:00:00+05:30x", "1969-12-31T23:59:59Z", "2026-03-01T12:00:00 Z"};
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(clock_read_iso(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(clock_read_iso(bad[i], &ms));
}

static void random_octets_differ(void **state)
{
	uint8_t a[300] = {0}, b[300] = {0};

	(void)state;
	random_octets(a, sizeof a);
	random_octets(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	assert_true(random_u64() != random_u64());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_line_is_written_once_and_ends_with_a_newline, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_line_has_time_level_identity_and_pairs, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_above_the_level_are_neither_written_nor_evaluated,
		setup, teardown),
	    cmocka_unit_test_setup_teardown(a_peer_cannot_forge_a_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_quoted_text_is_cut_to_its_room_and_stays_quoted, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_json_line_is_json_with_the_same_pairs, setup, teardown),
	    cmocka_unit_test_setup_teardown(any_octets_make_a_json_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_line_that_is_too_long_says_so, setup, teardown),
	    cmocka_unit_test_setup_teardown(levels_have_names_and_names_levels, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_masked_number_shows_its_ends_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(clocks_go_forward_and_are_printed_in_utc, setup, teardown),
	    cmocka_unit_test(times_are_read_with_any_offset_and_nothing_else_is),
	    cmocka_unit_test_setup_teardown(random_octets_differ, setup, teardown),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
