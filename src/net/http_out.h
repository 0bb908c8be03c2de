/* SPDX-License-Identifier: BSD-2-Clause */
/* http_out.h - HTTP requests on the loop: libcurl multi, connections pooled and kept.
 * One request, exactly one completion, always later, also on shutdown. Redirects are not
 * followed, only http and https are spoken, the answer's body is bounded. No retries here, but
 * for libcurl's own: a kept connection that turns out to be closed before an octet of the answer
 * came is replaced by a new one, so a POST should carry an idempotency key. */
#ifndef DK_HTTP_OUT_H
#define DK_HTTP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

struct http_out_conf {
	size_t max_active; /* requests on the wire at once, all hosts; further ones wait in order */
	size_t max_waiting; /* further ones complete with FULL */
	size_t max_idle; /* connections kept */
	size_t max_body; /* octets of an answer; more: TOO_BIG */
};

enum http_out_rc {
	HTTP_OUT_DONE, /* an HTTP answer with any status */
	HTTP_OUT_NO_CONNECT, /* the request was never sent */
	HTTP_OUT_TIMEOUT, /* timeout_ms passed, waiting and connecting included */
	HTTP_OUT_BROKEN, /* connection ended before the whole answer */
	HTTP_OUT_TOO_BIG,
	HTTP_OUT_FULL,
	HTTP_OUT_CANCELLED, /* shutdown */
};
const char *http_out_rc_name(enum http_out_rc rc);

struct http_out_req {
	const char *method; /* GET, POST, ... */
	const char *url;
	struct sv body; /* empty: none */
	const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
	uint64_t timeout_ms; /* whole request */
};
struct http_out_answer {
	enum http_out_rc rc;
	int status; /* DONE */
	struct sv body, content_type; /* borrowed until the completion returns */
	long retry_after_s; /* -1: none */
	uint64_t took_ms;
};
typedef void http_out_fn(const struct http_out_answer *a, void *arg);

struct http_out;
struct event_base;
struct http_out *http_out_new(struct event_base *base, const struct http_out_conf *cf) MUSTUSE;
/* Arguments are borrowed for the call. Returns an id for http_out_cancel. */
uint64_t http_out_send(struct http_out *h, const struct http_out_req *r, http_out_fn *fn, void *arg);
/* The request completes CANCELLED, later; an id that has completed already is ignored. */
void http_out_cancel(struct http_out *h, uint64_t id);
size_t http_out_active(const struct http_out *h); /* accepted and not yet completed */
/* How long one that is sent now will wait for its turn, by what the last ones took. */
uint64_t http_out_wait_ms(const struct http_out *h);
struct http_out_stats {
	uint64_t sent, connects; /* requests put on the wire; connections opened for them */
};
void http_out_stats(const struct http_out *h, struct http_out_stats *out);
/* Every pending request completes CANCELLED before it returns. Not from inside a completion;
 * a completion that sends again is cancelled again, so it must know that it is over. */
void http_out_free(struct http_out *h);

#endif
