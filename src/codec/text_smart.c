/* SPDX-License-Identifier: BSD-2-Clause */
/* text_smart.c - plain characters for typographic ones, where that makes a message cheaper. */
#include "codec/text.h"
#include "codec/text_int.h"

#define RUPEE 0x20B9u

static const struct {
	uint16_t first, last;
	const char *plain;
} rows[] = {
    {0x0009, 0x0009, " "}, /* tab */
    {0x0060, 0x0060, "'"},
    {0x00A0, 0x00A0, " "}, /* no-break space */
    {0x00AB, 0x00AB, "\""},
    {0x00AD, 0x00AD, ""}, /* soft hyphen */
    {0x00B4, 0x00B4, "'"},
    {0x00B7, 0x00B7, "-"},
    {0x00BB, 0x00BB, "\""},
    {0x00D7, 0x00D7, "x"},
    {0x2000, 0x200A, " "}, /* spaces of every width */
    {0x200B, 0x200B, ""}, /* zero-width space; the joiners behind it stay */
    {0x2010, 0x2015, "-"}, /* hyphens and dashes */
    {0x2018, 0x201B, "'"},
    {0x201C, 0x201F, "\""},
    {0x2022, 0x2022, "-"}, /* bullet */
    {0x2026, 0x2026, "..."},
    {0x202F, 0x202F, " "},
    {0x2032, 0x2032, "'"},
    {0x2033, 0x2033, "\""},
    {0x2039, 0x203A, "'"},
    {0x20A8, 0x20A8, "Rs"},
    {0x2212, 0x2212, "-"},
    {0xFEFF, 0xFEFF, ""},
};

static const char *plain_of(uint32_t cp)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (cp >= rows[i].first && cp <= rows[i].last)
			return rows[i].plain;
	return NULL;
}

static bool is_devanagari(struct sv utf8)
{
	for (size_t at = 0; at < utf8.n;) {
		uint32_t cp = text_next(utf8, &at);

		if (cp >= 0x0900 && cp <= 0x097F)
			return true;
	}
	return false;
}

size_t text_plain(struct sv utf8, struct buf *out)
{
	return text_plain_one(utf8, 0, out);
}

size_t text_plain_one(struct sv utf8, uint32_t only, struct buf *out)
{
	bool hindi = is_devanagari(utf8);
	size_t n = 0;

	for (size_t at = 0; at < utf8.n;) {
		size_t from = at;
		uint32_t cp = text_next(utf8, &at);
		const char *plain = plain_of(cp);

		if (cp == RUPEE)
			plain = hindi ? "\xE0\xA4\xB0\xE0\xA5\x81." : "Rs"; /* ru. */
		if (!plain || (only && cp != only)) {
			buf_add(out, utf8.p + from, at - from);
			continue;
		}
		buf_adds(out, plain);
		if (cp == RUPEE && at < utf8.n && utf8.p[at] >= '0' && utf8.p[at] <= '9')
			buf_addc(out, ' ');
		n++;
	}
	return n;
}

bool text_smart(struct sv utf8, const struct text_opts *o, struct buf *out)
{
	struct text_size before, after;
	struct buf plain;
	bool wins = false;

	buf_init(&plain, 4 * utf8.n + 16);
	if (text_plain(utf8, &plain) > 0) {
		text_size_for(utf8, o, &before);
		text_size_for(buf_sv(&plain), o, &after);
		wins = after.segments < before.segments ||
		       (after.segments == before.segments && before.alphabet == TEXT_UCS2 &&
			   after.alphabet != TEXT_UCS2 && after.national == 0);
	}
	buf_addsv(out, wins ? buf_sv(&plain) : utf8);
	buf_clear(&plain);
	return wins;
}
