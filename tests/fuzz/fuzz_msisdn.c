/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_msisdn.c - the first octet is the TON, the rest a number. What comes out is 7 to 15 digits and
 * stays what it is when it goes in again. */
#include "codec/msisdn.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char out[MSISDN_CAP], again[MSISDN_CAP], plus[MSISDN_CAP + 1];
	size_t len;
	void *copy;

	if (n < 1)
		return 0;
	copy = xmemdup(data + 1, n - 1);
	if (msisdn_normalise((struct sv){copy, n - 1}, data[0] & 7, out)) {
		len = strlen(out);
		MUST(len >= 7 && len <= 15 && len == strspn(out, "0123456789") && out[0] != '0');
		if (strncmp(out, "91", 2) == 0)
			MUST(len == 12 && strchr("6789", out[2]));
		(void)snprintf(plus, sizeof plus, "+%s", out);
		MUST(msisdn_normalise(sv_from(plus), 0, again) && strcmp(out, again) == 0);
		MUST(msisdn_normalise(sv_from(out), 1, again) && strcmp(out, again) == 0);
	} else {
		MUST(out[0] == '\0');
	}
	free(copy);
	return 0;
}
