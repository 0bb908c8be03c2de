/* SPDX-License-Identifier: BSD-2-Clause */
/* test_args.c - src/base/args.c: long options as a table. */
#include <getopt.h>

#include "base/args.h"
#include "unit.h"

struct got {
	const char *name;
	uint64_t count;
	bool loud;
	char seen[32];
};

static bool note(void *to, const char *name, const char *value)
{
	struct got *g = to;

	snprintf(g->seen, sizeof(g->seen), "%s=%s", name, value ? value : "-");
	return value == NULL || strcmp(value, "bad") != 0;
}

static int read_args(struct got *g, int argc, const char **argv, int *first)
{
	const struct arg_row rows[] = {
	    ARG_STR_ROW("name", &g->name, "WORD", "a name"),
	    {.name = "Of another kind:", .type = ARG_HEAD},
	    ARG_U64_ROW("count", &g->count, "N", 2, 9, "a count"),
	    ARG_FLAG_ROW("loud", &g->loud, "a flag"),
	    {"note", ARG_CALL, g, "X", "a call", .call = note},
	    {"perhaps", ARG_MAYBE, g, "X", "a value or none", .call = note},
	    {0},
	};
	const struct arg_prog p = {"prog", "usage: prog\n", rows};

	optind = 1;
	return args_read(&p, argc, (char **)(uintptr_t)argv, first);
}

#define READ(g, first, ...) \
	read_args(g, COUNT_OF(((const char *[]){"prog", __VA_ARGS__})), \
	    (const char *[]){"prog", __VA_ARGS__, NULL}, first)

static void every_kind_goes_where_its_row_says(void **state)
{
	struct got g = {0};
	int first;

	(void)state;
	assert_int_equal(READ(&g, &first, "--name", "a", "--count=9", "--loud", "--note", "x", "rest"),
	    -1);
	assert_string_equal(g.name, "a");
	assert_int_equal(g.count, 9);
	assert_true(g.loud);
	assert_string_equal(g.seen, "note=x");
	assert_int_equal(first, 7);
	assert_int_equal(READ(&g, &first, "--perhaps", "--name", "b"), -1);
	assert_string_equal(g.seen, "perhaps=-");
	assert_string_equal(g.name, "b");
	assert_int_equal(READ(&g, &first, "--perhaps=y"), -1);
	assert_string_equal(g.seen, "perhaps=y");
}

static void a_mistake_is_2_and_help_is_0(void **state)
{
	static const char *const bad[] = {"--count=1", "--count=10", "--count=", "--count=-3",
	    "--count= 3", "--count=3x", "--count=99999999999999999999", "--note=bad", "--nothing",
	    "--name"};
	struct got g = {0};
	int first;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (READ(&g, &first, bad[i]) != 2)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(READ(&g, &first, "--help"), 0);
	assert_int_equal(READ(&g, &first, "--name", "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_goes_where_its_row_says),
	    cmocka_unit_test(a_mistake_is_2_and_help_is_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
