/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rd.c - src/base/rd.c: the cursors that every decoder and encoder is made of. */
#include "base/rd.h"
#include "unit.h"

static const uint8_t sample[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 'h', 'i', 0, 0xFF};

static void numbers_are_big_endian(void **state)
{
	struct rd r = rd_make(sample, sizeof sample);

	(void)state;
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u32(&r), 0x04050607);
	assert_true(sv_is(rd_cstr(&r, 3), "hi"));
	assert_int_equal(rd_left(&r), 1);
	assert_int_equal((uint8_t)rd_octets(&r, 1).p[0], 0xFF);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.err);
}

/* Reads all of sample in order; every prefix but the whole one must stop somewhere. */
static bool read_all(const void *p, size_t n)
{
	struct rd r = rd_make(p, n);

	(void)rd_u8(&r);
	(void)rd_u16(&r);
	(void)rd_u32(&r);
	(void)rd_cstr(&r, 10);
	(void)rd_octets(&r, 1);
	return !r.err;
}

static void every_prefix_but_the_whole_is_an_error(void **state)
{
	(void)state;
	for (size_t n = 0; n <= sizeof sample; n++) {
		void *p = exact(sample, n);

		assert_int_equal(read_all(p, n), n == sizeof sample);
		free(p);
	}
}

static void a_failed_read_consumes_nothing_and_the_error_stays(void **state)
{
	struct rd r = rd_make(sample, 3);

	(void)state;
	assert_int_equal(rd_u32(&r), 0);
	assert_true(r.err);
	assert_int_equal(rd_left(&r), 3);
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_u16(&r), 0);
	assert_int_equal(rd_octets(&r, 1).n, 0);
	assert_null(rd_cstr(&r, 9).p);
	assert_int_equal(rd_left(&r), 3);
}

static void a_string_needs_its_nul_within_the_field(void **state)
{
	static const struct {
		const char *octets;
		size_t n, max;
		const char *want; /* NULL: an error */
	} rows[] = {
	    {"", 0, 5, NULL},
	    {"\0", 1, 1, ""},
	    {"\0", 1, 0, NULL},
	    {"ab\0", 3, 3, "ab"},
	    {"ab\0", 3, 2, NULL}, /* the NUL stands behind the field */
	    {"ab", 2, 9, NULL}, /* no NUL at all */
	    {"ab\0cd\0", 6, 6, "ab"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		void *p = exact(rows[i].octets, rows[i].n);
		struct rd r = rd_make(p, rows[i].n);
		struct sv s = rd_cstr(&r, rows[i].max);

		assert_int_equal(r.err, rows[i].want == NULL);
		if (rows[i].want) {
			assert_true(sv_is(s, rows[i].want));
			assert_int_equal(r.off, s.n + 1);
		}
		free(p);
	}
}

static void what_is_written_can_be_read(void **state)
{
	uint8_t out[64];
	struct wr w = wr_make(out, sizeof out);
	struct rd r;

	(void)state;
	wr_u32(&w, 0);
	wr_u8(&w, 0xAB);
	wr_u16(&w, 0xCDEF);
	wr_cstr(&w, SV("name"), 5);
	wr_octets(&w, "xyz", 3);
	wr_octets(&w, NULL, 0);
	wr_patch_u32(&w, 0, (uint32_t)w.n);
	assert_false(w.err);
	r = rd_make(out, w.n);
	assert_int_equal(rd_u32(&r), w.n);
	assert_int_equal(rd_u8(&r), 0xAB);
	assert_int_equal(rd_u16(&r), 0xCDEF);
	assert_true(sv_is(rd_cstr(&r, 5), "name"));
	assert_true(sv_is(rd_octets(&r, 3), "xyz"));
	assert_int_equal(rd_left(&r), 0);
}

static void a_write_past_the_capacity_writes_nothing(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 4; cap++) {
		uint8_t *out = malloc(cap ? cap : 1);
		struct wr w = wr_make(out, cap);

		wr_u32(&w, 1);
		assert_true(w.err);
		assert_int_equal(w.n, 0);
		wr_u8(&w, 1); /* would fit; the error stays */
		assert_int_equal(w.n, 0);
		free(out);
	}
}

static void a_string_is_written_whole_with_its_nul_or_not_at_all(void **state)
{
	static const struct {
		struct sv s;
		size_t cap, max;
		bool ok;
	} rows[] = {
	    {{"abc", 3}, 4, 4, true}, {{"abc", 3}, 3, 4, false}, {{"abc", 3}, 9, 3, false},
	    {{"", 0}, 1, 1, true}, {{NULL, 0}, 1, 1, true}, {{"", 0}, 0, 1, false},
	    {{"a\0c", 3}, 9, 9, false}, /* would end early at the reader's */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t *out = malloc(rows[i].cap ? rows[i].cap : 1);
		struct wr w = wr_make(out, rows[i].cap);

		wr_cstr(&w, rows[i].s, rows[i].max);
		assert_int_equal(w.err, !rows[i].ok);
		assert_int_equal(w.n, rows[i].ok ? rows[i].s.n + 1 : 0);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_big_endian),
	    cmocka_unit_test(every_prefix_but_the_whole_is_an_error),
	    cmocka_unit_test(a_failed_read_consumes_nothing_and_the_error_stays),
	    cmocka_unit_test(a_string_needs_its_nul_within_the_field),
	    cmocka_unit_test(what_is_written_can_be_read),
	    cmocka_unit_test(a_write_past_the_capacity_writes_nothing),
	    cmocka_unit_test(a_string_is_written_whole_with_its_nul_or_not_at_all),
	};

	return cmocka_run_group_tests_name("rd", tests, NULL, NULL);
}
