/* SPDX-License-Identifier: BSD-2-Clause */
/* escape.c - see escape.h. */
#include "codec/escape.h"

#include <unistr.h>

#include "codec/text.h"

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void escape_url(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_unreserved(s.p[i]))
			buf_addc(out, s.p[i]);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
	}
}

static void add_utf8(uint32_t c, struct buf *out)
{
	uint8_t octets[6];
	int n = u8_uctomb(octets, c, sizeof(octets));

	if (n > 0)
		buf_add(out, octets, (size_t)n);
}

void escape_json(struct sv s, struct buf *out)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t c = text_next(s, &at);

		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (int)c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c < 0x20 || c == 0x7F)
			buf_addf(out, "\\u%04x", (unsigned)c);
		else
			add_utf8(c, out);
	}
}

void escape_xml(struct sv s, struct buf *out)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t c = text_next(s, &at);

		if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
			buf_addf(out, "&#%u;", (unsigned)c);
		else if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE ||
			 c == 0xFFFF)
			add_utf8(0xFFFD, out);
		else
			add_utf8(c, out);
	}
}

void escape_header(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F ? ' ' : s.p[i]);
}

void escape_hex(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addf(out, "%02x", (unsigned)(unsigned char)s.p[i]);
}

void escape_base64(struct sv s, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;

		if (n > 1)
			v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
		if (n > 2)
			v |= (unsigned char)s.p[i + 2];
		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, n > 1 ? digits[v >> 6 & 63] : '=');
		buf_addc(out, n > 2 ? digits[v & 63] : '=');
	}
}

static void add_units(struct sv utf8, void (*add)(unsigned unit, struct buf *out), struct buf *out)
{
	for (size_t at = 0; at < utf8.n;) {
		uint32_t c = text_next(utf8, &at);

		if (c >= 0x10000) {
			add((unsigned)(0xD800 + ((c - 0x10000) >> 10)), out);
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		add((unsigned)c, out);
	}
}

static void add_hex_unit(unsigned unit, struct buf *out)
{
	buf_addf(out, "%04X", unit);
}

static void add_entity(unsigned unit, struct buf *out)
{
	buf_addf(out, "&#%u;", unit);
}

void escape_ucs2_hex(struct sv utf8, struct buf *out)
{
	add_units(utf8, add_hex_unit, out);
}

void escape_entities(struct sv utf8, struct buf *out)
{
	add_units(utf8, add_entity, out);
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool unhex(struct sv digits, struct buf *out)
{
	if (digits.n % 2 != 0)
		return false;
	for (size_t i = 0; i < digits.n; i += 2) {
		int high = hex_digit(digits.p[i]), low = hex_digit(digits.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_addc(out, (char)(high << 4 | low));
	}
	return true;
}
