/* SPDX-License-Identifier: BSD-2-Clause */
/* test_text_fold.c - src/codec/text_fold.c: what people type, made comparable. */
#include "codec/text.h"
#include "unit.h"

static char *folded(const char *text, size_t n)
{
	void *p = exact(text, n);
	struct buf b;

	buf_init(&b, 1000000);
	text_fold((struct sv){p, n}, &b);
	free(p);
	return buf_take(&b);
}

static void spellings_of_one_word_fold_alike(void **state)
{
	static const struct {
		const char *typed, *want;
	} rows[] = {
	    {"", ""},
	    {"STATUS", "status"},
	    {"  Status \r\n", "status"},
	    {"REG  esanjeevani\tnow", "reg esanjeevani now"},
	    {"stop.", "stop"},
	    {"Stop !!", "stop"},
	    {"बंद।", "बंद"},
	    {"बंद ॥ ", "बंद"},
	    {"? .", ""},
	    {"a.b", "a.b"},
	    {"ＳＴＯＰ　１２", "stop 12"}, /* full width */
	    {"१२३४", "1234"}, /* Devanagari digits */
	    {"٤٥ ۶", "45 6"}, /* Arabic and Persian ones */
	    {"हाँ", "हां"}, /* chandrabindu */
	    {"हां", "हां"},
	    {"हिन्दी", "हिंदी"}, /* nasal joined to a consonant of its row */
	    {"हिंदी", "हिंदी"},
	    {"बन्द", "बंद"},
	    {"पञ्जीकरण", "पंजीकरण"},
	    {"सम्पर्क", "संपर्क"},
	    {"जन्म", "जन्म"}, /* a nasal before a nasal: two sounds, not one */
	    {"उन्का", "उन्का"}, /* and before another row */
	    {"अन्न", "अन्न"}, /* a doubled nasal stays */
	    {"\u095B\u0941काम", "जुकाम"}, /* nukta, composed */
	    {"\u091C\u093C\u0941काम", "जुकाम"}, /* nukta, decomposed */
	    {"\u0929", "न"},
	    {"\u0928\u093C", "न"},
	    {"\u0931\u0934", "रळ"},
	    {"क्\u200Dष", "क्ष"}, /* zero-width joiner */
	    {"st\u200Bop\uFEFF", "stop"},
	    {"e\u0301", "é"},
	    {"Straße", "strasse"},
	    {"\xFF", "\uFFFD"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *got = folded(rows[i].typed, strlen(rows[i].typed));

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: \"%s\" folds to \"%s\", not \"%s\"", i, rows[i].typed, got,
			    rows[i].want);
		free(got);
	}
}

static void folding_what_is_folded_changes_nothing(void **state)
{
	static const uint16_t tricky[] = {'A', 'e', ' ', '.', 0x0301, 0x0345, 0x03C3, 0x0130, 0x00DF,
	    0x0901, 0x0902, 0x0915, 0x0928, 0x0929, 0x092E, 0x0931, 0x093C, 0x094D, 0x0964, 0x0966,
	    0x1E9E, 0x200B, 0x200D, 0x3000, 0xAC00, 0x1100, 0x1161, 0xFB03, 0xFDFA, 0xFF21, 0xFFFD};
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct buf b;
		char *once, *twice;

		buf_init(&b, 1000);
		for (uint32_t n = chance_below(&seed, 12); n > 0; n--) {
			uint8_t ucs2[2];
			uint16_t u = tricky[chance_below(&seed, COUNT_OF(tricky))];

			ucs2[0] = (uint8_t)(u >> 8);
			ucs2[1] = (uint8_t)u;
			assert_true(text_decode(TEXT_UCS2, (struct sv){(const char *)ucs2, 2}, &b));
		}
		once = folded(buf_str(&b), b.n);
		twice = folded(once, strlen(once));
		if (strcmp(once, twice) != 0)
			fail_msg("round %d of seed %u: \"%s\" -> \"%s\" -> \"%s\"", round, UNIT_SEED,
			    buf_str(&b), once, twice);
		free(once), free(twice);
		buf_clear(&b);
	}
}

/* ASCII has a way of its own; an ignorable character in front sends the same text the long way. */
static void ascii_folds_as_other_texts_do(void **state)
{
	static const char letters[] = "aZ09@`[{ ..,!?\t\n\x01\x7f~_";
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		char text[3 + 24] = "\u200B", *fast, *slow;
		size_t n = 3;

		for (uint32_t k = chance_below(&seed, 24); k > 0; k--)
			text[n++] = letters[chance_below(&seed, sizeof letters)]; /* NUL too */
		fast = folded(text + 3, n - 3);
		slow = folded(text, n);
		if (strcmp(fast, slow) != 0)
			fail_msg("round %d of seed %u: \"%s\" and \"%s\"", round, UNIT_SEED, fast,
			    slow);
		free(fast), free(slow);
	}
}

static void every_prefix_of_a_text_can_be_folded(void **state)
{
	static const char text[] = "हिन्दी ＳＴＯＰ 😀 ﷺ ١٢ e\u0301.";

	(void)state;
	for (size_t n = 0; n < sizeof text; n++)
		free(folded(text, n));
}

static void a_text_without_end_is_cut(void **state)
{
	size_t n = 3 * TEXT_MAX_UTF8;
	char *text = xmalloc(n), *got;

	(void)state;
	memset(text, 'A', n);
	got = folded(text, n);
	assert_int_equal(strlen(got), TEXT_MAX_UTF8);
	free(text), free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spellings_of_one_word_fold_alike),
	    cmocka_unit_test(folding_what_is_folded_changes_nothing),
	    cmocka_unit_test(ascii_folds_as_other_texts_do),
	    cmocka_unit_test(every_prefix_of_a_text_can_be_folded),
	    cmocka_unit_test(a_text_without_end_is_cut),
	};

	return cmocka_run_group_tests_name("text_fold", tests, NULL, NULL);
}
