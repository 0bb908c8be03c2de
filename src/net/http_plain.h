/* SPDX-License-Identifier: BSD-2-Clause */
/* http_plain.h - the short way for http_out: HTTP/1.1 without TLS to an address that is known, on kept
 * connections. A call to a backend costs a fifth of what it costs by libcurl, and a third of the bridge's
 * processor time was that. Whatever is out of the ordinary is left to libcurl: TLS, names to look up, user
 * names in a URL, and finding out why nobody is there. */
#ifndef DK_HTTP_PLAIN_H
#define DK_HTTP_PLAIN_H

#include "net/http_way.h"

/* a->rc: DONE; NO_CONNECT: nobody has read the request, it may go another way; TIMEOUT, BROKEN, TOO_BIG.
 * a->took_ms is not set. */
typedef void http_plain_fn(struct http_out_answer *a, void *arg);

struct http_plain;
struct http_plain_conn;
struct event_base;
struct http_plain *http_plain_new(struct event_base *base, const struct http_out_conf *cf,
    http_plain_fn *fn) MUSTUSE;
/* NULL: not for here. */
struct http_plain_conn *http_plain_send(struct http_plain *p, const struct http_way_req *r,
    void *arg) MUSTUSE;
void http_plain_cancel(struct http_plain_conn *c); /* no completion comes */
/* libcurl found this address for the name in the URL: good for new connections for a minute. */
void http_plain_learn(struct http_plain *p, const char *url, const char *ip, unsigned port);
uint64_t http_plain_connects(const struct http_plain *p); /* connections opened */
void http_plain_free(struct http_plain *p); /* nothing may be under way */

#endif
