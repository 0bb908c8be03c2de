/* SPDX-License-Identifier: BSD-2-Clause */
/* hex.c - see hex.h. */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

void hex_octets(const void *p, size_t n, char *out)
{
	const uint8_t *octet = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[octet[i] >> 4];
		out[2 * i + 1] = digits[octet[i] & 15u];
	}
}

void hex_u64(uint64_t v, char out[16])
{
	for (size_t i = 16; i > 0; i--, v >>= 4)
		out[i - 1] = digits[v & 15u];
}
