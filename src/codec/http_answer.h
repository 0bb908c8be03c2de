/* SPDX-License-Identifier: BSD-2-Clause */
/* http_answer.h - an HTTP/1.x answer (RFC 9112) out of the octets of a connection. Pure, no allocation. */
#ifndef DK_HTTP_ANSWER_H
#define DK_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define HTTP_ANSWER_HEAD_MAX 16384u /* octets of status line and header fields, those of 1xx too */

struct http_answer {
	int status; /* 200 to 999 */
	struct sv content_type, retry_after; /* as they stand; empty: none */
	struct sv body;
	bool keeps; /* the connection is good for another request */
};
enum http_answer_rc {
	HTTP_ANSWER_OK, /* whole */
	HTTP_ANSWER_MORE,
	HTTP_ANSWER_BAD, /* no HTTP, or cut off */
	HTTP_ANSWER_BIG, /* the body has more than max_body octets */
};

/* p[0..n): all that came on the connection since the request. is_end: and nothing comes any more.
 * is_head: the request was HEAD. The views are into p; when the answer is whole, the pieces of a chunked
 * body are moved together in it, so it can be read only once then. */
enum http_answer_rc http_answer_read(char *p, size_t n, bool is_end, bool is_head, size_t max_body,
    struct http_answer *out) MUSTUSE;

#endif
