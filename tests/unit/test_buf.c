/* SPDX-License-Identifier: BSD-2-Clause */
/* test_buf.c - src/base/buf.c and src/base/xmalloc.c. */
#include "base/buf.h"
#include "unit.h"

static void an_empty_buffer_reads_as_the_empty_text(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_sv(&b).n, 0);
	buf_reset(&b);
	buf_drop(&b, 0);
	text = buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	buf_clear(&b);
}

static void every_way_to_append_keeps_the_text_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add(&b, "ab", 2);
	buf_adds(&b, "cd");
	buf_addsv(&b, SV("ef"));
	buf_addc(&b, 'g');
	buf_addf(&b, "%d-%s", 12, "x");
	assert_string_equal(buf_str(&b), "abcdefg12-x");
	assert_int_equal(b.n, 11);
	buf_drop(&b, 7);
	assert_string_equal(buf_str(&b), "12-x");
	buf_drop(&b, 4);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
}

static void a_format_longer_than_the_room_left_is_written_whole(void **state)
{
	struct buf b;
	char want[700];

	(void)state;
	memset(want, 'y', sizeof want);
	want[sizeof want - 1] = '\0';
	buf_init(&b, 4096);
	buf_addc(&b, 'x');
	buf_addf(&b, "%s", want);
	assert_int_equal(b.n, sizeof want);
	assert_string_equal(buf_str(&b) + 1, want);
	buf_clear(&b);
}

static void the_limit_can_be_reached_but_not_passed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add(&b, "1234", 4);
	assert_false(b.full);
	buf_addc(&b, '5');
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "1234");
	buf_clear(&b);

	buf_init(&b, 4);
	buf_addf(&b, "%s", "1234");
	assert_false(b.full);
	buf_addf(&b, "%s", "5");
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "1234");
	buf_clear(&b);
}

static void a_full_buffer_holds_an_unbroken_beginning(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "ab");
	buf_adds(&b, "cdef");
	buf_adds(&b, "g");
	buf_addf(&b, "h");
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "ab");
	buf_reset(&b);
	assert_false(b.full);
	buf_adds(&b, "cdefg");
	assert_false(b.full);
	assert_string_equal(buf_str(&b), "cdefg");
	buf_clear(&b);
}

static void a_taken_text_belongs_to_the_taker(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 100);
	buf_adds(&b, "mine");
	text = buf_take(&b);
	buf_adds(&b, "other");
	assert_string_equal(text, "mine");
	assert_string_equal(buf_str(&b), "other");
	free(text);
	buf_clear(&b);
}

static void what_is_appended_in_pieces_comes_out_whole(void **state)
{
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 200; round++) {
		uint8_t want[5000];
		size_t n = 0;
		struct buf b;

		buf_init(&b, sizeof want);
		while (n < sizeof want) {
			size_t piece = chance_below(&seed, 300) % (sizeof want - n + 1);

			for (size_t i = 0; i < piece; i++)
				want[n + i] = (uint8_t)chance(&seed);
			buf_add(&b, want + n, piece);
			n += piece;
			if (chance_below(&seed, 20) == 0)
				break;
		}
		assert_int_equal(b.n, n);
		assert_memory_equal(buf_str(&b), want, n);
		assert_int_equal(buf_str(&b)[n], 0);
		buf_clear(&b);
	}
}

static void copies_are_terminated_and_their_own(void **state)
{
	char *a = xstrdup("text"), *b = xstrndup("text", 2), *c = xstrndup("te", 10),
	     *d = xasprintf("%s=%d", "n", 7);
	void *e = xmalloc(0), *f = xcalloc(0, 0), *g = xrealloc(NULL, 0), *h = xmemdup("", 0);

	(void)state;
	assert_string_equal(a, "text");
	assert_string_equal(b, "te");
	assert_string_equal(c, "te");
	assert_string_equal(d, "n=7");
	assert_non_null(e);
	assert_non_null(f);
	assert_non_null(g);
	assert_non_null(h);
	free(a), free(b), free(c), free(d), free(e), free(f), free(g), free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_buffer_reads_as_the_empty_text),
	    cmocka_unit_test(every_way_to_append_keeps_the_text_terminated),
	    cmocka_unit_test(a_format_longer_than_the_room_left_is_written_whole),
	    cmocka_unit_test(the_limit_can_be_reached_but_not_passed),
	    cmocka_unit_test(a_full_buffer_holds_an_unbroken_beginning),
	    cmocka_unit_test(a_taken_text_belongs_to_the_taker),
	    cmocka_unit_test(what_is_appended_in_pieces_comes_out_whole),
	    cmocka_unit_test(copies_are_terminated_and_their_own),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
