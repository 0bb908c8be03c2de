/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pager.c - pages of texts by chance: together they are the text, none is over its limit, and
 * keys stand where they should. */
#include "unit.h"

#include "engine/pager.h"

static const struct page_keys keys = {"9 more", "0 back", "00 menu", false};

static uint32_t below(uint64_t *seed, uint32_t n)
{
	return chance(seed) % n;
}

static void random_text(uint64_t *seed, struct page_body *b)
{
	static const char *const bit[] = {
	    "a", "W", "{", "क", "कि", "क्षि", "é", "\xf0\x9f\x98\x80", "7", "."};
	unsigned words = 1 + below(seed, 60), script = below(seed, 3);

	for (unsigned i = 0; i < words; i++) {
		if (i > 0)
			buf_addc(&b->text, below(seed, 8) ? ' ' : '\n');
		for (unsigned n = 1 + below(seed, 12); n > 0; n--)
			buf_adds(&b->text, bit[script == 0 ? below(seed, 2) : below(seed, 10)]);
	}
}

/* s without white space. */
static void squeeze(const char *s, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\n')
			buf_addc(out, s[i]);
}

/* What stands on a page above its keys. */
static size_t content(const char *page, bool is_last)
{
	static const char *const line[] = {"\n00 menu", "\n0 back", "\n9 more"};
	size_t n = strlen(page);

	for (size_t i = 0; i < (is_last ? 2u : 3u); i++) {
		size_t m = strlen(line[i]);

		if (n >= m && memcmp(page + n - m, line[i], m) == 0)
			n -= m;
		else
			assert_true(i == 0); /* only the menu may be left out */
	}
	return n;
}

static void one_text(uint64_t *seed, struct screen_limits limits)
{
	struct page_body b;
	struct buf all, want;
	size_t at = 0, from[600], pages = 0;

	page_body_init(&b);
	random_text(seed, &b);
	buf_init(&all, 1 << 16);
	buf_init(&want, 1 << 16);
	squeeze(b.text.p, b.text.n, &want);
	do {
		struct buf out;
		struct page page;
		unsigned holds, units;

		buf_init(&out, 4096);
		page = page_make(&b, at, NULL, &keys, limits, &out);
		units = screen_units(buf_sv(&out), limits, &holds);
		assert_true(units > 0 && units <= holds);
		assert_true(page.next == 0 || page.next > at);
		squeeze(buf_str(&out), content(buf_str(&out), page.next == 0), &all);
		buf_clear(&out);
		from[pages++] = at;
		at = page.next;
	} while (at > 0 && pages < COUNT_OF(from));
	assert_string_equal(buf_str(&all), buf_str(&want));
	for (size_t i = 1; i < pages; i++)
		assert_int_equal(page_before(&b, from[i], &keys, &keys, limits), from[i - 1]);
	page_body_clear(&b);
	buf_clear(&all);
	buf_clear(&want);
}

static void test_pages_together_are_the_text(void **state)
{
	static const struct screen_limits limits[] = {{182, 80}, {140, 60}, {60, 40}, {50, 30}};
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		one_text(&seed, limits[i % COUNT_OF(limits)]);
}

struct row {
	const char *text;
	size_t solid_from;
	bool has_options;
	struct screen_limits limits;
	const char *first;
	bool is_forced;
};

static void test_where_a_page_ends(void **state)
{
	static const struct row row[] = {
	    {"one two three", SIZE_MAX, false, {182, 80}, "one two three\n0 back\n00 menu", false},
	    /* The menu's key goes first when there is no room. */
	    {"one two three", SIZE_MAX, false, {20, 20}, "one two three\n0 back", false},
	    {"one two three four", SIZE_MAX, false, {24, 20}, "one two\n9 more\n0 back", false},
	    {"one two three", SIZE_MAX, false, {19, 20}, "one\n9 more\n0 back", false},
	    /* One letter makes it UCS-2. */
	    {"क one two three", SIZE_MAX, false, {60, 20}, "क one\n9 more\n0 back", false},
	    /* Options are not broken, a question in free words neither. */
	    {"Which?\n1 red wine\n2 white wine", 6, true, {31, 20},
		"Which?\n1 red wine\n9 more\n0 back", false},
	    {"Well then.\nName of the man?", 11, false, {26, 20}, "Well then.\n9 more\n0 back", false},
	    /* A word longer than the screen is cut between graphemes. */
	    {"किकिकिकिकिकिकिकि", SIZE_MAX, false, {60, 20}, "किकिकि\n9 more\n0 back", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(row); i++) {
		struct page_body b;
		struct buf out;
		struct page page;

		page_body_init(&b);
		buf_init(&out, 4096);
		buf_adds(&b.text, row[i].text);
		b.solid_from = row[i].solid_from;
		b.has_options = row[i].has_options;
		page = page_make(&b, 0, NULL, &keys, row[i].limits, &out);
		assert_string_equal(buf_str(&out), row[i].first);
		assert_int_equal(page.is_forced, row[i].is_forced);
		page_body_clear(&b);
		buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pages_together_are_the_text),
	    cmocka_unit_test(test_where_a_page_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
