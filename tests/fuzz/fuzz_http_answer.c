/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_http_answer.c - flags, then what a server sends. What is whole or bad stays so when more comes, with the
 * same body; the body is in what came and within its bound; and at the end of a connection all is decided. */
#include "codec/http_answer.h"
#include "fuzz.h"

static enum http_answer_rc read_some(const uint8_t *data, size_t n, bool is_end, bool is_head,
    size_t max, struct http_answer *a, char **block)
{
	enum http_answer_rc rc;

	*block = n > 0 ? xmemdup(data, n) : xmalloc(1);
	rc = http_answer_read(*block, n, is_end, is_head, max, a);
	if (rc == HTTP_ANSWER_OK) {
		MUST(a->status >= 200 && a->status <= 999 && a->body.n <= max);
		MUST(a->body.n == 0 || (a->body.p >= *block && a->body.p + a->body.n <= *block + n));
		MUST(a->content_type.n <= n && a->retry_after.n <= n);
	}
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_answer whole, part;
	char *all, *some;
	enum http_answer_rc rc, early;
	bool is_head;
	size_t cut;

	if (n < 2 || n > 4096)
		return 0;
	is_head = data[0] & 1;
	cut = (size_t)data[1] * (n - 2) / 255;
	data += 2;
	n -= 2;
	rc = read_some(data, n, false, is_head, 200, &whole, &all);
	early = read_some(data, cut, false, is_head, 200, &part, &some);
	MUST(early == HTTP_ANSWER_MORE || early == rc);
	if (early == HTTP_ANSWER_OK)
		MUST(part.status == whole.status && sv_eq(part.body, whole.body));
	free(all);
	free(some);
	early = read_some(data, n, true, is_head, 200, &part, &all);
	MUST(early != HTTP_ANSWER_MORE && (rc == HTTP_ANSWER_MORE || early == rc));
	free(all);
	return 0;
}
