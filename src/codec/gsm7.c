/* SPDX-License-Identifier: BSD-2-Clause */
/* gsm7.c - the GSM 7-bit default alphabet and its extension table as data (3GPP TS 23.038 s.6.2.1). */
#include "codec/text_int.h"

/* s.6.2.1; the escape itself has no character. */
static const uint16_t base[128] = {
    /* 00 */ '@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5,
    0xE5,
    /* 10 */ 0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0, 0xC6, 0xE6,
    0xDF, 0xC9,
    /* 20 */ ' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    /* 30 */ '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    /* 40 */ 0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    /* 50 */ 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
    /* 60 */ 0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    /* 70 */ 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0};

/* s.6.2.1.1 */
static const struct {
	uint8_t septet;
	uint16_t cp;
} extension[] = {{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'}, {0x3C, '['},
    {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC}};
#define EXTENSIONS (sizeof extension / sizeof extension[0])

uint32_t gsm7_to_code_point(uint8_t c, bool is_escaped)
{
	if (c > 0x7F)
		return 0;
	if (!is_escaped)
		return base[c];
	for (size_t i = 0; i < EXTENSIONS; i++)
		if (extension[i].septet == c)
			return extension[i].cp;
	return 0;
}

unsigned gsm7_from_code_point(uint32_t cp, uint8_t out[2])
{
	if (cp == 0 || cp > 0x20AC)
		return 0;
	/* Most of ASCII stands where ASCII has it. */
	if (cp < 0x80 && base[cp] == cp) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	for (unsigned i = 0; i < 128; i++) {
		if (base[i] == cp) {
			out[0] = (uint8_t)i;
			return 1;
		}
	}
	for (size_t i = 0; i < EXTENSIONS; i++) {
		if (extension[i].cp == cp) {
			out[0] = GSM7_ESC;
			out[1] = extension[i].septet;
			return 2;
		}
	}
	return 0;
}

static void put_septet(uint8_t *out, size_t bit, unsigned v)
{
	out[bit / 8] |= (uint8_t)(v << bit % 8);
	if (bit % 8 > 1)
		out[bit / 8 + 1] |= (uint8_t)(v >> (8 - bit % 8));
}

size_t gsm7_pack(const uint8_t *septets, size_t n, unsigned bit, uint8_t *out)
{
	size_t octets = (bit + 7 * n + 7) / 8, at = bit;

	for (size_t i = 0; i < octets; i++)
		out[i] = 0;
	for (size_t i = 0; i < n; i++, at += 7)
		put_septet(out, at, septets[i] & 0x7F);
	if (octets * 8 - at == 7)
		put_septet(out, at, '\r');
	return octets;
}
