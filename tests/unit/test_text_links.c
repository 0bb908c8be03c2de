/* SPDX-License-Identifier: BSD-2-Clause */
/* test_text_links.c - texts as a link wants them: national tables, splits, alphabets, packed septets, plain
 * characters (src/codec/national.c, text.c, text_smart.c; 3GPP TS 23.038, 23.040). */
#include "codec/text.h"
#include "unit.h"

#define HINDI 6
#define NATIONAL(id) (uint16_t)(1u << (id))
#define ALL_NATIONAL 0x3FF0

static struct text_parts encoded(struct sv s, const struct text_opts *o)
{
	struct text_parts p = {0};
	struct text_size size;

	assert_true(text_encode_for(s, o, 0xA1B2, &p));
	text_size_for(s, o, &size);
	assert_int_equal(size.alphabet, p.alphabet);
	assert_int_equal(size.national, p.national);
	assert_int_equal(size.units, p.units);
	if (!p.is_payload)
		assert_int_equal(size.segments, p.count);
	return p;
}

/* What a phone shows for these parts. */
static char *shown(const struct text_parts *p, bool is_packed)
{
	struct buf b, septets;

	buf_init(&b, 20000);
	for (size_t i = 0; i < p->count; i++) {
		struct sv ud = p->is_payload ? (struct sv){(const char *)p->payload, p->payload_n}
					     : (struct sv){(const char *)p->seg[i].octets, p->seg[i].n};
		struct text_concat c = {0};

		if (!p->is_payload && p->seg[i].has_udh)
			assert_true(text_udh_read(ud, &c));
		ud.p += c.udh_octets;
		ud.n -= c.udh_octets;
		buf_init(&septets, 20000);
		if (p->alphabet == TEXT_GSM7 && is_packed)
			text_unpack(ud, c.udh_octets, &septets);
		else
			buf_addsv(&septets, ud);
		if (p->alphabet == TEXT_GSM7)
			assert_true(text_decode_national(buf_sv(&septets), c.lock_lang, c.shift_lang,
			    &b));
		else
			assert_true(text_decode(p->alphabet, buf_sv(&septets), &b));
		buf_clear(&septets);
	}
	return buf_take(&b);
}

static char *repeated(const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, 100000);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, s);
	return buf_take(&b);
}

/* ---- national tables ---- */

static void the_services_texts_have_the_lengths_that_were_measured_for_them(void **state)
{
	static const struct {
		const char *text;
		size_t ucs2, ucs2_segments, shift;
	} rows[] = {
	    {"आपका ओटीपी 123456 है। 10 मिनट तक वैध। किसी को न बताएं।", 54, 1, 57},
	    {"टोकन 1234, आपकी संख्या 17, आज रात तक वैध। बारी आने पर सूचना मिलेगी। सेवा मुफ्त है।", 82, 2, 85},
	    {"टोकन 1234: आपकी बारी आ गई है। कॉल के लिए CALL लिखकर भेजें।", 58, 1, 64},
	    {"सेवा अभी बंद है। समय: सोमवार से शनिवार सुबह 9 से शाम 4 बजे।", 59, 1, 61},
	    {"सेवा अभी बंद है। समय: कार्य दिवस सुबह 9 से दोपहर 12 बजे।", 56, 1, 58},
	    {"पहले अपने केंद्र के चिकित्सा अधिकारी से संदर्भित कराएं। वरिष्ठ नागरिकों को जरूरी नहीं।", 86, 2, 88},
	    {"ई-पर्चा 5678 बन गया है। दवा अपने सीजीएचएस वेलनेस सेंटर से लें।", 62, 1, 65},
	    {"यह केवल अनुमान है। सही जानकारी: 14555 या pmjay.gov.in", 53, 1, 54},
	    {"आपका परिवार पात्र लगता है: साल में रु. 5 लाख तक। केवल अनुमान, 14555 पर पुष्टि करें।", 83, 2, 85},
	    {"70+ वर्ष के सभी नागरिक पात्र हैं: रु. 5 लाख। 14555 पर पुष्टि करें।", 66, 1, 69},
	    {"निरामय कार्ड 31 मार्च 2025 तक वैध। नवीनीकरण शुल्क रु. 50। पंजीकृत संस्था जाएं।", 78, 2, 81},
	    {"आवेदन अपूर्ण: बीपीएल कार्ड, पते का प्रमाण। 15 दिन में पंजीकृत संस्था को दें।", 76, 2, 78},
	};
	const struct text_opts none = {0}, hindi = {.national = NATIONAL(HINDI)};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sv s = sv_from(rows[i].text);
		struct text_size size;
		struct text_parts p;
		char *back;

		text_size_for(s, &none, &size);
		assert_int_equal(size.alphabet, TEXT_UCS2);
		assert_int_equal(size.units, rows[i].ucs2);
		assert_int_equal(size.segments, rows[i].ucs2_segments);
		assert_true(text_size_in(s, TEXT_GSM7, HINDI, &hindi, &size, NULL));
		assert_int_equal(size.units, rows[i].shift);
		assert_int_equal(size.segments, 1);
		/* used only where it saves a segment: UCS-2 is read by more phones */
		p = encoded(s, &hindi);
		assert_int_equal(p.count, 1);
		assert_int_equal(p.alphabet, rows[i].ucs2_segments > 1 ? TEXT_GSM7 : TEXT_UCS2);
		assert_int_equal(p.national, rows[i].ucs2_segments > 1 ? HINDI : 0);
		assert_int_equal(p.data_coding, rows[i].ucs2_segments > 1 ? 0 : 8);
		back = shown(&p, false);
		assert_string_equal(back, rows[i].text);
		free(back);
	}
}

static void shift_tables_stand_in_the_header_of_every_segment(void **state)
{
	static const struct {
		enum text_split split;
		uint8_t header[14];
		size_t n, room;
	} rows[] = {
	    {TEXT_UDH8, {12 - 1, 0, 3, 0xB2, 2, 1, 0x24, 1, 6, 0x25, 1, 6}, 12, 146},
	    {TEXT_UDH16, {13 - 1, 8, 4, 0xA1, 0xB2, 2, 1, 0x24, 1, 6, 0x25, 1, 6}, 13, 145},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct text_opts o = {.national = NATIONAL(HINDI), .split = rows[i].split};
		char *text = repeated("न", 2 * rows[i].room), *back;
		struct text_parts p = encoded(sv_from(text), &o);

		assert_int_equal(p.count, 2);
		assert_int_equal(p.national, HINDI);
		for (size_t k = 0; k < 2; k++) {
			uint8_t want[14];

			memcpy(want, rows[i].header, sizeof want);
			want[rows[i].split == TEXT_UDH8 ? 5 : 6] = (uint8_t)(k + 1);
			assert_true(p.seg[k].has_udh);
			assert_int_equal(p.seg[k].n, rows[i].n + rows[i].room);
			assert_memory_equal(p.seg[k].octets, want, rows[i].n);
			assert_int_equal(p.seg[k].octets[rows[i].n], 0x2F);
		}
		back = shown(&p, false);
		assert_string_equal(back, text);
		free(back), free(text);
	}
}

static void one_segment_of_hindi_has_the_octets_of_the_tables(void **state)
{
	/* 71 units, so that UCS-2 takes two */
	static const char text[] = "नमस्ते।AB\u0958४\n", octets[] =
							   "\x06\x24\x01\x06\x25\x01\x06"
							   "\x2F\x42\x4C\x5F\x27\x59\x1B\x19\x1B\x41"
							   "\x1B\x42\x1B\x2C\x1B\x20\x0A";
	char *tail = repeated("a", 60), *whole = xasprintf("%s%s", text, tail);
	const struct text_opts o = {.national = NATIONAL(HINDI)};
	struct text_parts p = encoded(sv_from(whole), &o);

	(void)state;
	assert_int_equal(p.count, 1);
	assert_int_equal(p.national, HINDI);
	assert_int_equal(p.seg[0].n, sizeof octets - 1 + 60);
	assert_memory_equal(p.seg[0].octets, octets, sizeof octets - 1);
	free(whole), free(tail);
}

static uint32_t locking(unsigned id, unsigned c)
{
	const char octet = (char)c;
	struct buf b;
	uint32_t cp = 0;

	buf_init(&b, 10);
	assert_true(text_decode_national((struct sv){&octet, 1}, id, id, &b));
	for (size_t i = 0; i < b.n; i++) { /* one character of at most three octets */
		uint8_t o = (uint8_t)b.p[i];

		cp = i > 0 ? cp << 6 | (o & 0x3F) : o < 0x80 ? o : o & 0x0F;
	}
	buf_clear(&b);
	return cp;
}

static void the_locking_tables_of_nine_scripts_stand_side_by_side(void **state)
{
	/* The blocks of Unicode were made so that like letters stand at like places, and so were the
	 * tables; only these six codes are each script's own. */
	static const unsigned own[] = {0x60, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F};
	static const struct {
		unsigned id;
		uint32_t block;
		unsigned letters;
	} rows[] = {{4, 0x980, 67}, {5, 0xA80, 73}, {7, 0xC80, 73}, {8, 0xD00, 73}, {9, 0xB00, 69},
	    {10, 0xA00, 63}, {11, 0xB80, 55}, {12, 0xC00, 73}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned letters = 0;

		for (unsigned c = 0; c < 0x80; c++) {
			uint32_t hindi = locking(HINDI, c), cp = locking(rows[i].id, c);
			bool is_own = c == 0x1B;

			for (size_t k = 0; k < COUNT_OF(own); k++)
				is_own |= c == own[k];
			if (is_own || cp == ' ' || hindi < 0x900)
				assert_true(is_own || cp == ' ' || cp == hindi);
			else
				assert_int_equal(cp - rows[i].block, hindi - 0x900);
			letters += cp >= rows[i].block && cp < rows[i].block + 0x80;
		}
		assert_int_equal(letters, rows[i].letters);
	}
}

static void every_character_of_every_table_comes_back(void **state)
{
	(void)state;
	for (unsigned id = 4; id <= TEXT_NATIONAL_MAX; id++) {
		const struct text_opts o = {.national = NATIONAL(id)};
		struct buf text, head;

		buf_init(&head, 100);
		for (unsigned c = 0; c < 0x80; c++) {
			char lock = (char)c, single[2] = {0x1B, (char)c};
			struct text_size size;

			if (c == 0x1B)
				continue;
			for (int k = 0; k < 2; k++) {
				struct text_parts p;
				char *back, *whole;

				buf_init(&text, 1000);
				assert_true(text_decode_national(k ? (struct sv){single, 2}
								   : (struct sv){&lock, 1},
				    id, id, &text));
				assert_true(text_size_in(buf_sv(&text), TEXT_GSM7, id, &o, &size,
				    NULL));
				assert_in_range(size.units, 1, 2);
				/* with 75 letters of the script: they take two segments of UCS-2 */
				buf_reset(&head);
				assert_true(text_decode_national(SV("\x05"), id, id, &head));
				for (int n = 0; n < 75; n++)
					buf_addsv(&text, buf_sv(&head));
				whole = buf_take(&text);
				p = encoded(sv_from(whole), &o);
				assert_int_equal(p.national, id);
				back = shown(&p, false);
				assert_string_equal(back, whole);
				free(back), free(whole);
			}
		}
		buf_clear(&head);
	}
}

static void languages_have_names(void **state)
{
	(void)state;
	assert_int_equal(text_national_id(SV("hindi")), 6);
	assert_int_equal(text_national_id(SV("bengali")), 4);
	assert_int_equal(text_national_id(SV("urdu")), 13);
	assert_int_equal(text_national_id(SV("turkish")), 0);
	assert_int_equal(text_national_id(SV("")), 0);
	assert_string_equal(text_national_name(11), "tamil");
	assert_null(text_national_name(3));
	assert_null(text_national_name(14));
}

static void septets_are_read_by_the_tables_their_header_names(void **state)
{
	static const struct {
		const char *septets;
		unsigned lock, shift;
		const char *want; /* NULL: cannot be read */
	} rows[] = {
	    {"\x2F\x42\x4C\x5F\x27\x59", 6, 6, "नमस्ते"},
	    {"\x2F\x1B\x19\x1B\x40", 6, 6, "न।|"},
	    {"\x2F\x1B\x65\x1B\x40", 6, 0,
		"न€|"}, /* behind a locking shift alone: the default extension */
	    {"\x4E\x1B\x1C\x1B\x19", 0, 6, "N०।"}, /* a single shift alone: the default alphabet */
	    {"\x1B\x75\x1B\x75", 0, 6, "uu"}, /* nothing there: the main table's character */
	    {"\x1B\x75", 6, 6, "u"},
	    {"\x1B\x01", 6, 0, "ं"},
	    {"\x1B\x1B\x2F", 6, 6, " न"}, /* kept for another table: a space */
	    {"\x0C", 4, 4, " "}, /* nothing there in Bengali */
	    {"\x2F\x1B", 6, 6, "न\uFFFD"}, /* cut */
	    {"\x2F\x80", 6, 6, "न\uFFFD"}, /* no septet */
	    {"A\x1B\x19", 0, 1, "A\uFFFD"}, /* Turkish is not ours: only its characters are lost */
	    {"A", 1, 0, NULL},
	    {"A", 14, 6, NULL},
	    {"A", 255, 255, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t n = strlen(rows[i].septets);
		void *p = exact(rows[i].septets, n);
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(text_decode_national((struct sv){p, n}, rows[i].lock, rows[i].shift,
				     &b),
		    rows[i].want != NULL);
		if (rows[i].want)
			assert_string_equal(buf_str(&b), rows[i].want);
		else
			assert_int_equal(b.n, 0);
		buf_clear(&b);
		free(p);
	}
}

static void shift_tables_are_for_links_that_allow_them_and_texts_that_need_them(void **state)
{
	char *hindi = repeated("न", 71), *tamil = repeated("\u0B95", 71), *latin = repeated("a", 161),
	     *quoted = repeated("न’", 40), *capitals = repeated("AAAAAAAAAन", 13);
	const struct {
		const char *text;
		struct text_opts o;
		unsigned want;
	} rows[] = {
	    {hindi, {0}, 0},
	    {hindi, {.national = NATIONAL(6)}, 6},
	    {hindi, {.national = NATIONAL(11)}, 0},
	    {tamil, {.national = ALL_NATIONAL}, 11},
	    {latin, {.national = ALL_NATIONAL}, 0},
	    {capitals, {.national = NATIONAL(6)}, 0}, /* two segments either way */
	    {quoted, {.national = ALL_NATIONAL}, 0}, /* ’ stands in no table */
	    {hindi, {.national = NATIONAL(6), .split = TEXT_UDH16}, 6},
	    {hindi, {.national = NATIONAL(6), .split = TEXT_SAR}, 0},
	    {hindi, {.national = NATIONAL(6), .split = TEXT_PAYLOAD}, 0},
	    {hindi, {.national = NATIONAL(6), .coding_0 = TEXT_LATIN1}, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(encoded(sv_from(rows[i].text), &rows[i].o).national, rows[i].want);
	free(hindi), free(tamil), free(latin), free(quoted), free(capitals);
}

/* ---- splits ---- */

static void every_split_has_its_capacity(void **state)
{
	static const struct {
		const char *piece;
		enum text_split split;
		unsigned national;
		size_t single, part;
	} rows[] = {
	    {"a", TEXT_UDH8, 0, 160, 153},
	    {"a", TEXT_UDH16, 0, 160, 152},
	    {"a", TEXT_SAR, 0, 160, 152},
	    {"न", TEXT_UDH8, 0, 70, 67},
	    {"न", TEXT_UDH16, 0, 70, 66},
	    {"न", TEXT_SAR, 0, 70, 66},
	    {"न", TEXT_UDH8, 6, 152, 146},
	    {"न", TEXT_UDH16, 6, 152, 145},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct text_opts o = {.split = rows[i].split,
		    .national = rows[i].national ? NATIONAL(rows[i].national) : 0};

		for (size_t parts = 1; parts <= TEXT_MAX_SEGMENTS; parts++) {
			size_t n = parts == 1 ? rows[i].single : parts * rows[i].part;
			char *text = repeated(rows[i].piece, n), *more = repeated(rows[i].piece, n + 1),
			     *back;
			struct text_parts p = encoded(sv_from(text), &o);
			struct text_size s;

			assert_int_equal(p.count, parts);
			assert_int_equal(p.split, rows[i].split);
			back = shown(&p, false);
			assert_string_equal(back, text);
			text_size_for(sv_from(more), &o, &s);
			if (rows[i].national && parts == 1)
				assert_int_equal(s.segments, 2);
			else if (!rows[i].national || parts > 1)
				assert_int_equal(s.segments, parts + 1);
			assert_int_equal(text_encode_for(sv_from(more), &o, 1, &p),
			    parts < TEXT_MAX_SEGMENTS);
			free(back), free(more), free(text);
		}
	}
}

static void sar_parts_have_no_header_of_ours(void **state)
{
	char *text = repeated("a", 153);
	struct text_parts p;

	(void)state;
	p = encoded(sv_from(text), &(struct text_opts){.split = TEXT_SAR});
	assert_int_equal(p.count, 1);
	free(text);
	text = repeated("a", 161);
	p = encoded(sv_from(text), &(struct text_opts){.split = TEXT_SAR});
	assert_int_equal(p.count, 2);
	assert_int_equal(p.ref, 0xA1B2);
	assert_false(p.seg[0].has_udh);
	assert_int_equal(p.seg[0].n, 152);
	assert_int_equal(p.seg[1].n, 9);
	free(text);
}

static void a_payload_is_the_whole_text_and_a_short_text_none(void **state)
{
	const struct text_opts o = {.split = TEXT_PAYLOAD};
	char *text = repeated("a", 8 * 153), *hindi = repeated("न", 8 * 67),
	     *more = repeated("न", 8 * 67 + 1);
	struct text_parts p = encoded(SV("short"), &o);
	struct text_size s;

	(void)state;
	assert_false(p.is_payload);
	assert_int_equal(p.seg[0].n, 5);
	p = encoded(sv_from(text), &o);
	assert_true(p.is_payload);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.payload_n, 8 * 153);
	text_size_for(sv_from(text), &o, &s);
	assert_int_equal(s.segments, 8); /* what the radio network carries */
	p = encoded(sv_from(hindi), &o);
	assert_int_equal(p.payload_n, 2 * 8 * 67);
	assert_false(text_encode_for(sv_from(more), &o, 1, &p));
	free(text), free(hindi), free(more);
}

static void no_split_falls_within_a_pair_or_a_cluster(void **state)
{
	static const char *const clusters[] = {"कि", "क्", "👩🏽‍⚕️", "e\u0301", "\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clusters); i++) {
		char *head = repeated("न", 65),
		     *text = xasprintf("%s%s%s", head, clusters[i], "ननननननन"), *back;
		struct text_parts p = encoded(sv_from(text), &(struct text_opts){.split = TEXT_SAR});

		assert_int_equal(p.count, 2);
		assert_int_equal(p.seg[0].n, 2 * 65);
		back = shown(&p, false);
		assert_string_equal(back, text);
		free(back), free(head), free(text);
	}
	/* an escape pair across the end of a Hindi segment, and a cluster there */
	for (int k = 0; k < 2; k++) {
		char *head = repeated("न", 145),
		     *text = xasprintf("%s%s%s", head, k ? "।" : "नि", "ननननननन"), *back;
		struct text_parts p =
		    encoded(sv_from(text), &(struct text_opts){.national = NATIONAL(6)});

		assert_int_equal(p.count, 2);
		assert_int_equal(p.seg[0].n, 12 + 145);
		back = shown(&p, false);
		assert_string_equal(back, text);
		free(back), free(head), free(text);
	}
}

/* ---- alphabets ---- */

static void the_links_alphabet_is_what_data_coding_0_is_written_in(void **state)
{
	static const struct {
		enum text_alphabet coding_0;
		const char *text;
		enum text_alphabet want;
		const char *octets;
		size_t n, units;
	} rows[] = {
	    {TEXT_GSM7, "a@é", TEXT_GSM7, "a\0\x05", 3, 3},
	    {TEXT_LATIN1, "a@é", TEXT_LATIN1, "a@\xE9", 3, 3},
	    {TEXT_LATIN1, "{", TEXT_LATIN1, "{", 1, 2}, /* the radio carries an escape pair */
	    {TEXT_LATIN1, "ç", TEXT_UCS2, "\0\xE7", 2, 1}, /* in Latin-1, but no phone would get it */
	    {TEXT_LATIN1, "€", TEXT_UCS2, "\x20\xAC", 2, 1},
	    {TEXT_LATIN1, "Δ", TEXT_UCS2, "\x03\x94", 2, 1},
	    {TEXT_ASCII, "a@[", TEXT_ASCII, "a@[", 3, 4},
	    {TEXT_ASCII, "é", TEXT_UCS2, "\0\xE9", 2, 1},
	    {TEXT_ASCII, "`", TEXT_UCS2, "\0`", 2, 1},
	    {TEXT_UCS2, "a@", TEXT_UCS2, "\0a\0@", 4, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct text_opts o = {.coding_0 = rows[i].coding_0};
		struct text_parts p = encoded(sv_from(rows[i].text), &o);

		assert_int_equal(p.alphabet, rows[i].want);
		assert_int_equal(p.data_coding, rows[i].want == TEXT_UCS2 ? 8 : 0);
		assert_int_equal(p.units, rows[i].units);
		assert_int_equal(p.seg[0].n, rows[i].n);
		assert_memory_equal(p.seg[0].octets, rows[i].octets, rows[i].n);
	}
}

static void a_long_latin_1_text_is_cut_by_what_the_radio_carries(void **state)
{
	char *text = repeated("{", 81), *back;
	struct text_parts p = encoded(sv_from(text), &(struct text_opts){.coding_0 = TEXT_LATIN1});

	(void)state;
	assert_int_equal(p.count, 2);
	assert_int_equal(p.seg[0].n, 6 + 76);
	back = shown(&p, false);
	assert_string_equal(back, text);
	free(back), free(text);
}

static void septets_are_packed_eight_in_seven_octets(void **state)
{
	static const struct {
		const char *text, *octets; /* TS 23.038 s.6.1.2.1.1; the first is in many books */
		size_t n;
	} rows[] = {
	    {"hellohello", "\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 9},
	    {"1234567", "\x31\xD9\x8C\x56\xB3\xDD\x1A", 7}, /* CR fills the seven spare bits */
	    {"12345678", "\x31\xD9\x8C\x56\xB3\xDD\x70", 7},
	    {"1", "\x31", 1},
	    {"@@@@@@@", "\0\0\0\0\0\0\x1A", 7},
	    {"€", "\x9B\x32", 2},
	    {"", "", 0},
	};
	const struct text_opts o = {.is_packed = true};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_parts p = encoded(sv_from(rows[i].text), &o);
		char *back = shown(&p, true);

		assert_int_equal(p.seg[0].n, rows[i].n);
		assert_memory_equal(p.seg[0].octets, rows[i].octets, rows[i].n);
		assert_string_equal(back ? back : "", rows[i].text);
		free(back);
	}
}

static void packed_septets_begin_on_a_septet_behind_a_header(void **state)
{
	const struct text_opts o = {.is_packed = true, .national = NATIONAL(6)};
	char *text = repeated("a", 161), *hindi = repeated("न", 71), *back;
	struct text_parts p = encoded(sv_from(text), &o);

	(void)state;
	assert_int_equal(p.count, 2);
	assert_int_equal(p.seg[0].n, 140);
	assert_int_equal(p.seg[0].octets[6],
	    0xC2); /* one fill bit, then 'a' (0x61) and the next one's bit */
	back = shown(&p, true);
	assert_string_equal(back, text);
	free(back);
	p = encoded(sv_from(hindi), &o); /* seven octets of header: no fill bits */
	assert_int_equal(p.seg[0].n, 7 + 63);
	assert_int_equal(p.seg[0].octets[7], 0xAF); /* 0x2F and the lowest bit of the next one */
	back = shown(&p, true);
	assert_string_equal(back, hindi);
	free(back), free(text), free(hindi);
}

static void any_text_comes_back_whatever_the_link(void **state)
{
	static const char *const pieces[] = {"a", "Z", "0", " ", "€", "{", "न", "मि", "क्ष", "।", "@",
	    "ç", "ß", "😀", "👩🏽‍⚕️", "\u0BA8", "\u0C15", "\r\n", "’"};
	static const uint32_t kinds[] = {6, 11, 13, COUNT_OF(pieces)};
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		const struct text_opts o = {.coding_0 = (enum text_alphabet)chance_below(&seed, 4),
		    .split = (enum text_split)chance_below(&seed, 4),
		    .national = chance_below(&seed, 2) ? ALL_NATIONAL : 0,
		    .is_packed = chance_below(&seed, 2)};
		uint32_t k = kinds[chance_below(&seed, COUNT_OF(kinds))];
		struct text_parts p;
		struct buf b;

		buf_init(&b, 4000);
		for (uint32_t n = chance_below(&seed, 300); n > 0; n--)
			buf_adds(&b, pieces[chance_below(&seed, k)]);
		if (text_encode_for(buf_sv(&b), &o, 7, &p)) {
			char *back = shown(&p, o.is_packed);
			size_t n = strlen(back ? back : "");

			/* Packed, an '@' as the last of 8 septets cannot be told from no character. */
			if (strcmp(back ? back : "", buf_str(&b)) != 0 &&
			    !(o.is_packed && b.n > 0 && strncmp(back ? back : "", buf_str(&b), n) == 0))
				fail_msg("round %d of seed %u: %s", round, UNIT_SEED, buf_str(&b));
			free(back);
		}
		buf_clear(&b);
	}
}

/* ---- plain characters ---- */

static void costly_characters_have_plain_ones(void **state)
{
	static const struct {
		const char *text, *want;
		size_t n;
	} rows[] = {
	    {"“It’s – a test…”", "\"It's - a test...\"", 5},
	    {"Fee\u00A0₹50", "Fee Rs 50", 2},
	    {"₹ 50", "Rs 50", 1},
	    {"शुल्क ₹50", "शुल्क रु. 50", 1},
	    {"• one\t• two", "- one - two", 3},
	    {"a\u200Bb\uFEFF", "ab", 2},
	    {"क्\u200Dष \u200C", "क्\u200Dष \u200C", 0}, /* joiners stay */
	    {"plain", "plain", 0},
	    {"", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_int_equal(text_plain(sv_from(rows[i].text), &b), rows[i].n);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_clear(&b);
	}
}

static void they_are_replaced_only_when_that_saves_something(void **state)
{
	char *hindi = repeated("न", 70), *long_hindi = xasprintf("%s…", hindi),
	     *quoted = xasprintf("%s’", hindi), *ascii = repeated("a", 158),
	     *long_ascii = xasprintf("%s…", ascii);
	const struct {
		const char *text;
		struct text_opts o;
		bool want;
	} rows[] = {
	    {"It’s free", {0}, true}, /* leaves UCS-2 */
	    {"It’s free", {.coding_0 = TEXT_UCS2}, false},
	    {"निःशुल्क – सेवा", {0}, false}, /* UCS-2 either way */
	    {long_hindi, {0}, false}, /* two segments either way */
	    {quoted, {0}, false},
	    {quoted, {.national = NATIONAL(6)},
		true}, /* one of shift tables in place of two of UCS-2 */
	    {long_ascii, {0}, true}, /* three of UCS-2 to two */
	    {"free", {0}, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b;

		buf_init(&b, 5000);
		assert_int_equal(text_smart(sv_from(rows[i].text), &rows[i].o, &b), rows[i].want);
		assert_int_equal(strcmp(buf_str(&b), rows[i].text) != 0, rows[i].want);
		buf_clear(&b);
	}
	free(hindi), free(long_hindi), free(quoted), free(ascii), free(long_ascii);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_services_texts_have_the_lengths_that_were_measured_for_them),
	    cmocka_unit_test(shift_tables_stand_in_the_header_of_every_segment),
	    cmocka_unit_test(one_segment_of_hindi_has_the_octets_of_the_tables),
	    cmocka_unit_test(the_locking_tables_of_nine_scripts_stand_side_by_side),
	    cmocka_unit_test(every_character_of_every_table_comes_back),
	    cmocka_unit_test(languages_have_names),
	    cmocka_unit_test(septets_are_read_by_the_tables_their_header_names),
	    cmocka_unit_test(shift_tables_are_for_links_that_allow_them_and_texts_that_need_them),
	    cmocka_unit_test(every_split_has_its_capacity),
	    cmocka_unit_test(sar_parts_have_no_header_of_ours),
	    cmocka_unit_test(a_payload_is_the_whole_text_and_a_short_text_none),
	    cmocka_unit_test(no_split_falls_within_a_pair_or_a_cluster),
	    cmocka_unit_test(the_links_alphabet_is_what_data_coding_0_is_written_in),
	    cmocka_unit_test(a_long_latin_1_text_is_cut_by_what_the_radio_carries),
	    cmocka_unit_test(septets_are_packed_eight_in_seven_octets),
	    cmocka_unit_test(packed_septets_begin_on_a_septet_behind_a_header),
	    cmocka_unit_test(any_text_comes_back_whatever_the_link),
	    cmocka_unit_test(costly_characters_have_plain_ones),
	    cmocka_unit_test(they_are_replaced_only_when_that_saves_something),
	};

	return cmocka_run_group_tests_name("text_links", tests, NULL, NULL);
}
