/* SPDX-License-Identifier: BSD-2-Clause */
/* http_curl.h - the way of http_out that can do everything: libcurl, connections pooled and kept. Redirects
 * are not followed, only http and https are spoken. */
#ifndef DK_HTTP_CURL_H
#define DK_HTTP_CURL_H

#include "net/http_way.h"

/* a->took_ms is not set. ip, port: with whom it spoke; NULL, 0: with nobody. Borrowed. */
typedef void http_curl_fn(struct http_out_answer *a, const char *ip, unsigned port, void *arg);

struct http_curl;
struct http_curl_handle;
struct event_base;
struct http_curl *http_curl_new(struct event_base *base, const struct http_out_conf *cf,
    http_curl_fn *fn) MUSTUSE;
/* At most cf.max_active at once. NULL: libcurl does not take it. */
struct http_curl_handle *http_curl_send(struct http_curl *h, const struct http_way_req *r,
    void *arg) MUSTUSE;
void http_curl_cancel(struct http_curl_handle *hd); /* no completion comes */
uint64_t http_curl_connects(const struct http_curl *h); /* connections opened */
void http_curl_free(struct http_curl *h); /* nothing may be under way */

#endif
