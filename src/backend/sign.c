/* SPDX-License-Identifier: BSD-2-Clause */
/* sign.c - see sign.h. */
#include "backend/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

bool sign_event(struct sv secret, int64_t unix_s, struct sv body, char out[SIGN_CAP])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char head[24];
	size_t head_n, text_n;
	char *text;
	bool ok;

	snprintf(head, sizeof head, "%lld.", (long long)unix_s);
	head_n = strlen(head);
	text_n = head_n + body.n;
	text = xmalloc(text_n);
	memcpy(text, head, head_n);
	memcpy(text + head_n, body.p, body.n);
	ok = HMAC(EVP_sha256(), secret.p, (int)secret.n, (unsigned char *)text, text_n, mac, &n) &&
	     n == 32;
	free(text);
	memcpy(out, "sha256=", 8);
	for (unsigned i = 0; ok && i < n; i++)
		snprintf(out + 7 + 2 * i, 3, "%02x", mac[i]);
	return ok;
}
