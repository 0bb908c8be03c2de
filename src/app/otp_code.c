/* SPDX-License-Identifier: BSD-2-Clause */
/* otp_code.c - see otp_code.h. */
#include "app/otp_code.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "base/hex.h"
#include "engine/dialogue.h"

static void hex(const unsigned char *p, size_t n, char *out)
{
	hex_octets(p, n, out);
	out[2 * n] = '\0';
}

/* What is signed: a word for the use, then the fields, each behind a NUL that none of them holds. */
static void keyed(struct sv secret, const char *use, const struct sv field[3], unsigned char mac[32])
{
	unsigned n = 0;
	struct buf b;

	buf_init(&b, 1024);
	buf_adds(&b, use);
	for (size_t i = 0; i < 3; i++) {
		buf_addc(&b, '\0');
		buf_addsv(&b, field[i]);
	}
	/* It fails only when there is no memory or no SHA-256: then no code may leave or fit. */
	if (b.full ||
	    !HMAC(EVP_sha256(), secret.p, (int)secret.n, (const unsigned char *)b.p, b.n, mac, &n) ||
	    n != 32)
		abort();
	OPENSSL_cleanse(b.p, b.n);
	buf_clear(&b);
}

void otp_seal(const unsigned char chance[OTP_CHANCE_OCTETS], char seal[OTP_SEAL_CAP])
{
	hex(chance, OTP_CHANCE_OCTETS, seal);
}

/* 64 bits modulo a million: no code is likelier than another by more than one in 10^13. */
void otp_code(struct sv secret, struct sv seal, const char *msisdn, char code[OTP_CODE_CAP])
{
	const struct sv field[3] = {seal, sv_from(msisdn), SV("")};
	unsigned char mac[32];
	uint64_t v = 0;

	keyed(secret, "dakiya one-time code", field, mac);
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | mac[i];
	(void)snprintf(code, OTP_CODE_CAP, "%06u", (unsigned)(v % 1000000u));
	OPENSSL_cleanse(mac, sizeof mac);
}

void otp_mac(struct sv secret, struct sv code, const char *msisdn, struct sv purpose,
    char mac[OTP_MAC_CAP])
{
	const struct sv field[3] = {code, sv_from(msisdn), purpose};
	unsigned char octets[32];

	keyed(secret, "dakiya one-time check", field, octets);
	hex(octets, sizeof octets, mac);
}

bool otp_fill(struct sv text, const char *code, struct buf *out)
{
	const size_t n = strlen(OTP_PLACE);

	for (size_t i = 0; i + n <= text.n; i++) {
		if (memcmp(text.p + i, OTP_PLACE, n) != 0)
			continue;
		buf_add(out, text.p, i);
		buf_adds(out, code);
		buf_add(out, text.p + i + n, text.n - i - n);
		return true;
	}
	return false;
}

bool otp_maybe_in(struct sv text)
{
	size_t run = 0;

	while (text.n > 0) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)text.p, text.n);

		if (uc_digit_value(c) >= 0) {
			run++;
		} else {
			if (run == OTP_DIGITS)
				return true;
			run = 0;
		}
		text.p += k;
		text.n -= (size_t)k;
	}
	return run == OTP_DIGITS;
}
