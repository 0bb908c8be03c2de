/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ydoc.c - src/base/ydoc.c. */
#include "base/ydoc.h"
#include "unit.h"

static struct ydoc *parse(const char *text, struct buf *err)
{
	struct sv s = sv_from(text);
	void *p = exact(s.p, s.n);
	struct ydoc *d;

	buf_init(err, 1000);
	d = ydoc_parse("f.yaml", (struct sv){p, s.n}, err);
	free(p);
	return d;
}

static void every_node_knows_its_line_and_column(void **state)
{
	struct buf err;
	struct ydoc *d = parse("a: 1\nlist:\n  - x\n  - k: \"v\"\n", &err);
	const struct ynode *root, *list;

	(void)state;
	assert_non_null(d);
	root = ydoc_root(d);
	assert_string_equal(ydoc_name(d), "f.yaml");
	assert_int_equal(root->kind, YNODE_MAP);
	assert_int_equal(root->count, 2);
	assert_string_equal(ynode_str(ynode_get(root, "a")), "1");
	assert_int_equal(ynode_get(root, "a")->col, 4);
	assert_true(ynode_get(root, "a")->is_plain);
	list = ynode_get(root, "list");
	assert_int_equal(list->kind, YNODE_LIST);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->vals[1]->line, 4);
	assert_int_equal(list->vals[1]->col, 5);
	assert_string_equal(ynode_str(ynode_get(list->vals[1], "k")), "v");
	assert_false(ynode_get(list->vals[1], "k")->is_plain);
	assert_null(ynode_get(root, "b"));
	assert_null(ynode_get(list, "a"));
	assert_null(ynode_get(NULL, "a"));
	assert_null(ynode_str(list));
	ydoc_free(d);
	buf_clear(&err);
}

static void an_empty_text_is_an_empty_value(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct buf err;
		struct ydoc *d = parse(texts[i], &err);

		assert_non_null(d);
		assert_string_equal(ynode_str(ydoc_root(d)), "");
		ydoc_free(d);
		buf_clear(&err);
	}
}

static void a_mistake_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"a: &x 1\n", "f.yaml:1:4: anchors (&x) are not allowed here\n"},
	    {"a: *x\n", "f.yaml:1:4: aliases (*name) are not allowed here\n"},
	    {"a: !!str 1\n", "f.yaml:1:4: tags (tag:yaml.org,2002:str) are not allowed here\n"},
	    {"a: 1\nb: 2\na: 3\n",
		"f.yaml:3:1: the key \"a\" stands here a second time; the first is in line 1\n"},
	    {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; only one is allowed\n"},
	    {"? [a]\n: b\n", "f.yaml:1:3: a key must be a word, not a list or a map\n"},
	    {"a: \"x\\0y\"\n", "f.yaml:1:4: a NUL character is not allowed in a text\n"},
	    {"a: b: c\n", "f.yaml:1:5: mapping values are not allowed in this context\n"},
	    {"ok: 1\nx: \xff\n", "f.yaml:2:4: invalid leading UTF-8 octet\n"},
	    {"a: [1\n", "f.yaml:2:1: did not find expected ',' or ']' (while parsing a flow sequence "
			"that began in line 1)\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf err;

		assert_null(parse(rows[i].text, &err));
		assert_string_equal(buf_str(&err), rows[i].want);
		buf_clear(&err);
	}
}

static void every_prefix_of_a_text_parses_or_says_why_not(void **state)
{
	static const char text[] =
	    "a: [1, {b: \"x\\u0041\"}, 'y''z']\nc: |\n  block\n  text\nd: {e: f}\n? g\n: - h\n  - i\n";

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		void *p = exact(text, n);
		struct buf err;
		struct ydoc *d;

		buf_init(&err, 1000);
		d = ydoc_parse("f", (struct sv){p, n}, &err);
		assert_int_equal(d == NULL, err.n > 0);
		ydoc_free(d);
		free(p);
		buf_clear(&err);
	}
}

static void what_is_too_deep_too_long_or_too_much_is_refused(void **state)
{
	struct buf text, err;
	struct ydoc *d;

	(void)state;
	buf_init(&err, 1000);
	buf_init(&text, YDOC_MAX_OCTETS + 10);
	for (unsigned i = 0; i < YDOC_MAX_DEPTH; i++)
		buf_addc(&text, '[');
	for (unsigned i = 0; i < YDOC_MAX_DEPTH; i++)
		buf_addc(&text, ']');
	d = ydoc_parse("f", buf_sv(&text), &err);
	assert_non_null(d);
	ydoc_free(d);
	buf_reset(&text);
	for (unsigned i = 0; i < 5000; i++)
		buf_addc(&text, '[');
	assert_null(ydoc_parse("f", buf_sv(&text), &err));
	assert_string_equal(buf_str(&err), "f:1:33: nested more than 32 deep\n");

	buf_reset(&text);
	buf_reset(&err);
	for (unsigned i = 0; i < YDOC_MAX_NODES + 5; i++)
		buf_adds(&text, i ? ",a" : "[a");
	buf_addc(&text, ']');
	assert_null(ydoc_parse("f", buf_sv(&text), &err));
	assert_non_null(strstr(buf_str(&err), "more than 200000 values in one file"));

	buf_reset(&text);
	buf_reset(&err);
	while (text.n <= YDOC_MAX_OCTETS)
		buf_adds(&text, "#\n");
	assert_null(ydoc_parse("f", buf_sv(&text), &err));
	assert_non_null(strstr(buf_str(&err), "longer than"));
	buf_clear(&text);
	buf_clear(&err);
}

static void numbers_are_whole_scalars_in_range(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		long long want;
	} rows[] = {
	    {"0", true, 0},
	    {"-12", true, -12},
	    {"007", true, 7},
	    {"9223372036854775807", true, 9223372036854775807LL},
	    {"-9223372036854775808", true, -9223372036854775807LL - 1},
	    {"9223372036854775808", false, 0},
	    {"99999999999999999999", false, 0},
	    {"", false, 0},
	    {"-", false, 0},
	    {"+1", false, 0},
	    {"1 ", false, 0},
	    {"1x", false, 0},
	    {"0x10", false, 0},
	    {"1.5", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *scalar = xstrdup(rows[i].text);
		struct ynode n = {.kind = YNODE_SCALAR, .scalar = scalar};
		long long v = 0;

		assert_int_equal(ynode_int(&n, &v), rows[i].ok);
		assert_true(v == rows[i].want);
		free(scalar);
	}
	assert_false(ynode_int(NULL, NULL));
}

static void truth_has_six_words(void **state)
{
	static const struct {
		const char *text;
		int want; /* -1: none */
	} rows[] = {{"true", 1}, {"Yes", 1}, {"ON", 1}, {"false", 0}, {"no", 0}, {"off", 0}, {"", -1},
	    {"1", -1}, {"y", -1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *scalar = xstrdup(rows[i].text);
		struct ynode n = {.kind = YNODE_SCALAR, .scalar = scalar};
		bool v = false;

		assert_int_equal(ynode_bool(&n, &v), rows[i].want >= 0);
		assert_int_equal(v, rows[i].want == 1);
		free(scalar);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_node_knows_its_line_and_column),
	    cmocka_unit_test(an_empty_text_is_an_empty_value),
	    cmocka_unit_test(a_mistake_is_named_with_its_place),
	    cmocka_unit_test(every_prefix_of_a_text_parses_or_says_why_not),
	    cmocka_unit_test(what_is_too_deep_too_long_or_too_much_is_refused),
	    cmocka_unit_test(numbers_are_whole_scalars_in_range),
	    cmocka_unit_test(truth_has_six_words),
	};

	return cmocka_run_group_tests_name("ydoc", tests, NULL, NULL);
}
