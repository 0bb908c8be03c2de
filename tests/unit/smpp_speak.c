/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_speak.c - our codec for a second implementation to talk with (test_net_smpp.pl). Prints each sample
 * as octets in hex, a tab and its fields; then each line of hex on its input as fields. */
#include <stdio.h>
#include <string.h>

#include "smpp_samples.h"

static void print_fields(const struct smpp_pdu *p)
{
	struct buf b;

	buf_init(&b, 8192);
	smpp_pdu_print(p, &b);
	printf("%s\n", buf_str(&b));
	fflush(stdout);
	buf_clear(&b);
}

static size_t from_hex(const char *s, uint8_t *out, size_t cap)
{
	size_t n = 0;
	unsigned v;

	for (; n < cap && sscanf(s + 2 * n, "%2x", &v) == 1; n++)
		out[n] = (uint8_t)v;
	return n;
}

int main(void)
{
	static uint8_t octets[4096];
	static char line[2 * sizeof(octets) + 2];
	struct smpp_pdu p;

	for (size_t i = 0; i < smpp_samples_count; i++) {
		struct wr w = wr_make(octets, sizeof(octets));

		smpp_pdu_encode(&smpp_samples[i], &w);
		for (size_t k = 0; k < w.n; k++)
			printf("%02x", octets[k]);
		printf("%s\t", w.err ? "error" : "");
		print_fields(&smpp_samples[i]);
	}
	printf("\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		enum smpp_pdu_rc rc =
		    smpp_pdu_decode(octets, from_hex(line, octets, sizeof(octets)), &p);

		if (rc != SMPP_PDU_OK)
			printf("rc=%d ", (int)rc);
		print_fields(&p);
	}
	return 0;
}
