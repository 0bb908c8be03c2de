/* SPDX-License-Identifier: BSD-2-Clause */
/* http_in.h - HTTP requests to us: evhttp behind ids. A request lives until it is answered, its
 * deadline passes (503) or its client goes; answering one that is gone does nothing. */
#ifndef DK_HTTP_IN_H
#define DK_HTTP_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

struct http_in_conf {
	const char *listen; /* "127.0.0.1:8080", "[::1]:0"; port 0: the kernel chooses */
	size_t max_header, max_body; /* octets; more: 431, 413 */
	size_t max_open; /* unanswered requests; more: 503 with Retry-After */
	uint64_t deadline_ms; /* to answer in */
};

struct http_in_req { /* all borrowed until the handler returns */
	uint64_t id;
	const char *method; /* "GET", ... */
	const char *path; /* decoded, without the query */
	const char *query; /* raw, may be "" */
	const char *peer; /* address */
	struct sv body;
	void *impl;
};
/* Value of a request header, or NULL. Only inside the handler. */
const char *http_in_header(const struct http_in_req *r, const char *name);
/* Decoded value of a query parameter into out; false: absent or too long. */
bool http_in_query(const struct http_in_req *r, const char *name, char *out, size_t cap);

/* Called for every request whose path was routed to it. Answer now or later, once, by id. */
typedef void http_in_fn(const struct http_in_req *r, void *arg);

struct http_in;
struct event_base;
struct http_in *http_in_new(struct event_base *base, const struct http_in_conf *cf, char *err,
    size_t err_cap) MUSTUSE; /* NULL: err says why */
/* methods: "GET", "GET,POST"; another method: 405 with Allow. path: exact, or a prefix ending in '*'. */
void http_in_route(struct http_in *h, const char *methods, const char *path, http_in_fn *fn, void *arg);
/* Zeroed memory for handlers' arguments, freed by http_in_free. */
void *http_in_keep(struct http_in *h, size_t octets) MUSTUSE;
unsigned http_in_port(const struct http_in *h);
bool http_in_is_open(const struct http_in *h, uint64_t id); /* neither answered nor gone */
size_t http_in_open(const struct http_in *h); /* requests not yet answered */
/* An id that is answered or gone is ignored. content_type NULL: no body. headers as in http_out_req; NULL: none. */
void http_in_reply(struct http_in *h, uint64_t id, int status, const char *content_type, struct sv body,
    const char *const *headers);
/* RFC 9457 problem document: {"type":"about:blank","title","status","code","detail"}; detail may be
 * NULL. 429 and 503 carry Retry-After. */
void http_in_problem(struct http_in *h, uint64_t id, int status, const char *code, const char *detail);
/* The same, for 429 and 503, with Retry-After as said. */
void http_in_later(struct http_in *h, uint64_t id, int status, const char *code, const char *detail,
    unsigned after_s);
void http_in_pause(struct http_in *h); /* take no new connections; answer what is open */
void http_in_free(struct http_in *h);

#endif
