/* SPDX-License-Identifier: BSD-2-Clause */
/* test_text.c - src/codec/text.c, gsm7.c, split.c and text_decode.c (3GPP TS 23.038, 23.040). */
#include "codec/text.h"
#include "unit.h"

static struct text_parts encoded(struct sv s, size_t want_count)
{
	struct text_parts p;
	enum text_alphabet a;
	size_t units, segments;

	assert_true(text_encode(s, 0xA5, &p));
	text_measure(s, &a, &units, &segments);
	assert_int_equal(a, p.alphabet);
	assert_int_equal(units, p.units);
	assert_int_equal(segments, p.count);
	assert_int_equal(p.count, want_count);
	return p;
}

/* n times s */
static char *repeated(const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, 100000);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, s);
	return buf_take(&b);
}

/* The text that a phone shows for these segments. */
static char *joined(const struct text_parts *p)
{
	struct buf b;

	buf_init(&b, 100000);
	for (size_t i = 0; i < p->count; i++) {
		struct sv ud = {(const char *)p->seg[i].octets, p->seg[i].n};
		struct text_concat c = {0};

		assert_int_equal(p->seg[i].has_udh, p->count > 1);
		if (p->seg[i].has_udh) {
			assert_true(text_udh_read(ud, &c));
			assert_true(c.present);
			assert_int_equal(c.ref, 0xA5);
			assert_int_equal(c.total, p->count);
			assert_int_equal(c.seq, i + 1);
			assert_int_equal(c.udh_octets, 6);
		}
		ud.p += c.udh_octets;
		ud.n -= c.udh_octets;
		assert_true(text_decode(p->alphabet, ud, &b));
	}
	return buf_take(&b);
}

static void characters_have_the_codes_of_the_default_alphabet(void **state)
{
	static const struct {
		const char *text, *octets; /* TS 23.038 s.6.2.1 and s.6.2.1.1 */
		size_t n;
	} rows[] = {
	    {"@£$¥èéùìòÇ\nØø\rÅå", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
		16},
	    {"Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ", "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1C\x1D\x1E\x1F", 15},
	    {" !\"#¤%&'()*+,-./", "\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2A\x2B\x2C\x2D\x2E\x2F",
		16},
	    {"09:;<=>?¡AZÄÖÑÜ§", "\x30\x39\x3A\x3B\x3C\x3D\x3E\x3F\x40\x41\x5A\x5B\x5C\x5D\x5E\x5F",
		16},
	    {"¿azäöñüà", "\x60\x61\x7A\x7B\x7C\x7D\x7E\x7F", 8},
	    {"\f^{}\\[~]|€",
		"\x1B\x0A\x1B\x14\x1B\x28\x1B\x29\x1B\x2F\x1B\x3C\x1B\x3D\x1B\x3E\x1B\x40\x1B\x65", 20},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_parts p = encoded(sv_from(rows[i].text), 1);
		char *back = joined(&p);

		assert_int_equal(p.alphabet, TEXT_GSM7);
		assert_int_equal(p.data_coding, 0);
		assert_int_equal(p.units, rows[i].n);
		assert_int_equal(p.seg[0].n, rows[i].n);
		assert_memory_equal(p.seg[0].octets, rows[i].octets, rows[i].n);
		assert_string_equal(back, rows[i].text);
		free(back);
	}
}

static void anything_else_travels_as_utf16(void **state)
{
	static const struct {
		const char *text, *octets;
		size_t n;
	} rows[] = {
	    {"नम", "\x09\x28\x09\x2E", 4},
	    {"a’", "\x00\x61\x20\x19", 4},
	    {"ç", "\x00\xE7", 2}, /* the default alphabet has the capital only */
	    {"😀", "\xD8\x3D\xDE\x00", 4},
	    {"\xFF", "\xFF\xFD", 2}, /* broken UTF-8 */
	    {"a\xE0\xA4", "\x00\x61\xFF\xFD", 4},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_parts p = encoded(sv_from(rows[i].text), 1);

		assert_int_equal(p.alphabet, TEXT_UCS2);
		assert_int_equal(p.data_coding, 8);
		assert_int_equal(p.units, rows[i].n / 2);
		assert_int_equal(p.seg[0].n, rows[i].n);
		assert_memory_equal(p.seg[0].octets, rows[i].octets, rows[i].n);
	}
}

static void capacities_are_those_of_the_specification(void **state)
{
	static const struct {
		const char *piece;
		size_t times, units, count;
	} rows[] = {
	    {"a", 0, 0, 1},
	    {"a", 160, 160, 1},
	    {"a", 161, 161, 2},
	    {"a", 306, 306, 2}, /* 2 x 153, TS 23.040 s.9.2.3.24.1 */
	    {"a", 307, 307, 3},
	    {"€", 80, 160, 1},
	    {"€", 81, 162, 2},
	    {"€", 152, 304, 2}, /* 76 in each: the odd septet cannot hold half a pair */
	    {"€", 153, 306, 3},
	    {"न", 70, 70, 1},
	    {"न", 71, 71, 2},
	    {"न", 134, 134, 2}, /* 2 x 67 */
	    {"न", 135, 135, 3},
	    {"😀", 35, 70, 1},
	    {"😀", 66, 132, 2}, /* 33 in each: no half surrogate pair */
	    {"😀", 67, 134, 3},
	    {"a", 8 * 153, 8 * 153, 8},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *text = repeated(rows[i].piece, rows[i].times), *back;
		struct text_parts p = encoded(sv_from(text), rows[i].count);

		assert_int_equal(p.units, rows[i].units);
		back = joined(&p);
		assert_string_equal(back, text);
		free(back);
		free(text);
	}
}

static void a_long_text_is_refused_but_measured(void **state)
{
	static const struct {
		const char *piece;
		size_t times, segments;
	} rows[] = {{"a", 8 * 153 + 1, 9}, {"न", 8 * 67 + 1, 9}, {"a", 4097, 27}, {"\xFF", 4097, 62},
	    {"न", 2000, 30}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *text = repeated(rows[i].piece, rows[i].times);
		struct text_parts p;
		enum text_alphabet a;
		size_t units, segments;

		assert_false(text_encode(sv_from(text), 1, &p));
		text_measure(sv_from(text), &a, &units, &segments);
		assert_int_equal(segments, rows[i].segments);
		free(text);
	}
}

static void a_cut_never_falls_within_what_reads_as_one_character(void **state)
{
	/* 66 units, then a cluster that would straddle the end of the first segment (67 units) */
	static const char *const clusters[] = {
	    "कि", /* consonant and vowel sign */
	    "क्", /* consonant and virama */
	    "\u0928\u093C", /* letter and nukta */
	    "👩🏽‍⚕️", /* four code points with a joiner */
	    "🇮🇳", /* two regional indicators */
	    "e\u0301\u0302", /* letter and two accents */
	    "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clusters); i++) {
		char *head = repeated("न", 66), *text = xasprintf("%s%s%s", head, clusters[i], "ननननन"),
		     *back;
		struct text_parts p = encoded(sv_from(text), 2);

		assert_int_equal(p.seg[0].n, 6 + 2 * 66);
		back = joined(&p);
		assert_string_equal(back, text);
		free(back), free(head), free(text);
	}
}

static void a_cluster_longer_than_a_segment_is_cut_between_code_points(void **state)
{
	char *marks = repeated("\u0301", 99), *text = xasprintf("e%s", marks), *back;
	struct text_parts p = encoded(sv_from(text), 2);

	(void)state;
	assert_int_equal(p.seg[0].n, 6 + 2 * 67);
	back = joined(&p);
	assert_string_equal(back, text);
	free(back), free(marks), free(text);
}

static void a_long_cluster_is_not_cut_within_a_surrogate_pair(void **state)
{
	/* one family of 30 faces: three units each, so that the 67th unit is half of a face */
	char *faces = repeated("😀\u200D", 30), *back;
	struct text_parts p = encoded(sv_from(faces), 2);

	(void)state;
	assert_int_equal(p.seg[0].n, 6 + 2 * 66);
	back = joined(&p);
	assert_string_equal(back, faces);
	free(back), free(faces);
}

static void data_coding_says_which_alphabet(void **state)
{
	static const struct {
		uint8_t dcs;
		enum text_alphabet want;
	} rows[] = {{0, TEXT_LATIN1}, {1, TEXT_ASCII}, {2, TEXT_BINARY}, {3, TEXT_LATIN1},
	    {4, TEXT_BINARY}, {8, TEXT_UCS2}, {0xF0, TEXT_LATIN1}, {0xF4, TEXT_BINARY},
	    {0xF5, TEXT_BINARY}, {0xC0, TEXT_LATIN1}, {0x77, TEXT_LATIN1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(text_alphabet_of(rows[i].dcs, TEXT_LATIN1), rows[i].want);
	assert_int_equal(text_alphabet_of(0, TEXT_GSM7), TEXT_GSM7);
}

static void octets_become_text(void **state)
{
	static const struct {
		enum text_alphabet a;
		const char *octets;
		size_t n;
		const char *want;
	} rows[] = {
	    {TEXT_GSM7, "\x1B", 1, "\uFFFD"}, /* an escape at the end */
	    {TEXT_GSM7, "\x1B\x1B", 2, "\uFFFD"},
	    {TEXT_GSM7, "\x1B\x41", 2, "A"}, /* no extension: the base character, s.6.2.1.1 */
	    {TEXT_GSM7, "\x80\x41", 2, "\uFFFD\x41"},
	    {TEXT_GSM7, "\x00", 1, "@"},
	    {TEXT_LATIN1, "a\xE9\0", 3, "aé"},
	    {TEXT_ASCII, "a\xE9\0b", 4, "a\uFFFD\x62"},
	    {TEXT_ASCII, "\x7F\x80", 2, "\x7F\uFFFD"},
	    {TEXT_UCS2, "\x09\x28\x00", 3, "न"}, /* the odd octet is lost */
	    {TEXT_UCS2, "\xD8\x3D\xDE\x00", 4, "😀"},
	    {TEXT_UCS2, "\xD8\x3D", 2, "\uFFFD"},
	    {TEXT_UCS2, "\xD8\x3D\x00\x41", 4, "\uFFFD\x41"},
	    {TEXT_UCS2, "\xDE\x00\xD8\x3D\xDE\x00", 6, "\uFFFD😀"},
	    {TEXT_UCS2, "\x00\x00\x00\x41", 4, "A"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		void *p = exact(rows[i].octets, rows[i].n);
		struct buf b;

		buf_init(&b, 100);
		assert_true(text_decode(rows[i].a, (struct sv){p, rows[i].n}, &b));
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_clear(&b);
		free(p);
	}
}

static void binary_is_no_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_false(text_decode(TEXT_BINARY, SV("x"), &b));
	assert_int_equal(b.n, 0);
	buf_clear(&b);
}

static void user_data_headers_are_read(void **state)
{
	static const struct {
		const char *octets;
		size_t n;
		bool ok;
		struct text_concat want;
	} rows[] = {
	    {"", 0, false, {0}}, {"\x00", 1, true, {.udh_octets = 1}},
	    {"\x05\x00\x03\xA5\x02\x01", 6, true,
		{.present = true, .ref = 0xA5, .total = 2, .seq = 1, .udh_octets = 6}},
	    {"\x06\x08\x04\x12\x34\x03\x03hi", 9, true,
		{.present = true, .ref = 0x1234, .total = 3, .seq = 3, .udh_octets = 7}},
	    {"\x05\x00\x03\xA5\x02", 5, false, {0}}, /* cut */
	    {"\x05\x00\x03\xA5\x02\x00", 6, true, {.udh_octets = 6}}, /* part 0 of 2 */
	    {"\x05\x00\x03\xA5\x02\x03", 6, true, {.udh_octets = 6}}, /* part 3 of 2 */
	    {"\x05\x00\x03\xA5\x00\x00", 6, true, {.udh_octets = 6}},
	    {"\x03\x24\x01\x06", 4, true, {.shift_lang = 6, .udh_octets = 4}},
	    {"\x06\x24\x01\x06\x25\x01\x07", 7, true,
		{.shift_lang = 6, .lock_lang = 7, .udh_octets = 7}},
	    {"\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x01\x02\x02", 12, true,
		{.present = true,
		    .ref = 1,
		    .total = 2,
		    .seq = 2,
		    .udh_octets = 12}}, /* after port numbers */
	    {"\x04\x00\x03\xA5\x02\x01", 6, true,
		{.udh_octets = 5}}, /* an element longer than the header */
	    {"\x04\x00\x02\x01\x01", 5, true, {.udh_octets = 5}}, /* an element of another length */
	    {"\x06\x00\x04\x01\x02\x01\x01", 7, true, {.udh_octets = 7}},
	    {"\x0A\x00\x03\x01\x02\x01\x00\x03\x02\x03\x03", 11, true,
		{.present = true,
		    .ref = 2,
		    .total = 3,
		    .seq = 3,
		    .udh_octets = 11}}, /* twice: the last */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		void *p = exact(rows[i].octets, rows[i].n);
		struct text_concat c;

		assert_int_equal(text_udh_read((struct sv){p, rows[i].n}, &c), rows[i].ok);
		if (rows[i].ok) {
			assert_int_equal(c.present, rows[i].want.present);
			assert_int_equal(c.ref, rows[i].want.ref);
			assert_int_equal(c.total, rows[i].want.total);
			assert_int_equal(c.seq, rows[i].want.seq);
			assert_int_equal(c.lock_lang, rows[i].want.lock_lang);
			assert_int_equal(c.shift_lang, rows[i].want.shift_lang);
			assert_int_equal(c.udh_octets, rows[i].want.udh_octets);
		}
		free(p);
	}
}

static void every_prefix_of_user_data_can_be_read(void **state)
{
	static const char ud[] = "\x0B\x08\x04\x12\x34\x02\x01\x24\x01\x06\x70\x00\x1B\x65\x1B";

	(void)state;
	for (size_t n = 0; n < sizeof ud; n++) {
		void *p = exact(ud, n);
		struct text_concat c;
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(text_udh_read((struct sv){p, n}, &c), n >= 12);
		assert_true(text_decode(TEXT_GSM7, (struct sv){p, n}, &b));
		assert_true(text_decode(TEXT_UCS2, (struct sv){p, n}, &b));
		buf_clear(&b);
		free(p);
	}
}

static void any_text_comes_back_from_its_segments(void **state)
{
	static const char *const pieces[] = {"a", "Z", "0", " ", "€", "{", "ß", "न", "मि", "क्ष", "ज़",
	    "😀", "👩🏽‍⚕️", "🇮🇳", "e\u0301", "\r\n", "।", "’"};
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct text_parts p;
		struct buf b;
		char *back;
		/* the first seven stay in the default alphabet */
		uint32_t kinds = chance_below(&seed, 2) ? 7 : (uint32_t)COUNT_OF(pieces);

		buf_init(&b, 4000);
		for (uint32_t n = chance_below(&seed, 300); n > 0; n--)
			buf_adds(&b, pieces[chance_below(&seed, kinds)]);
		if (text_encode(buf_sv(&b), 0xA5, &p)) {
			back = joined(&p);
			if (strcmp(back, buf_str(&b)) != 0)
				fail_msg("round %d of seed %u: %s", round, UNIT_SEED, buf_str(&b));
			free(back);
		}
		buf_clear(&b);
	}
}

static void characters_are_counted_as_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_chars(SV("")), 0);
	assert_int_equal(text_utf8_chars(SV("aनि😀")), 4);
	assert_int_equal(text_utf8_chars(SV("\xFF")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(characters_have_the_codes_of_the_default_alphabet),
	    cmocka_unit_test(anything_else_travels_as_utf16),
	    cmocka_unit_test(capacities_are_those_of_the_specification),
	    cmocka_unit_test(a_long_text_is_refused_but_measured),
	    cmocka_unit_test(a_cut_never_falls_within_what_reads_as_one_character),
	    cmocka_unit_test(a_cluster_longer_than_a_segment_is_cut_between_code_points),
	    cmocka_unit_test(a_long_cluster_is_not_cut_within_a_surrogate_pair),
	    cmocka_unit_test(data_coding_says_which_alphabet),
	    cmocka_unit_test(octets_become_text),
	    cmocka_unit_test(binary_is_no_text),
	    cmocka_unit_test(user_data_headers_are_read),
	    cmocka_unit_test(every_prefix_of_user_data_can_be_read),
	    cmocka_unit_test(any_text_comes_back_from_its_segments),
	    cmocka_unit_test(characters_are_counted_as_code_points),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
