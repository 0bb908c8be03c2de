/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_http.h - /healthz, /readyz, /metrics and /logs on an http_in. */
#ifndef DK_OPS_HTTP_H
#define DK_OPS_HTTP_H

#include <stdbool.h>

#include "base/buf.h"
#include "net/http_in.h"
#include "ops/log_ring.h"
#include "ops/metrics.h"

struct ops_http_conf {
	struct metrics *metrics; /* borrowed for the life of the http_in, as are all */
	struct log_ring *ring;
	const char *token; /* NULL: none; else /logs needs "Authorization: Bearer <token>" */
	/* Called before /metrics prints, to set gauges. */
	void (*collect)(void *arg);
	/* Appends one "name: ok|why not" line a part; true when all parts are ready. */
	bool (*ready)(struct buf *out, void *arg);
	void *arg;
};
/* /healthz 200 "ok" while the loop turns; /readyz 200 or 503 with the lines of ready();
 * /metrics; /logs?level=warn&trace=<16 hex>&limit=200 (text/plain, one line each;
 * 400 on bad values). *cf is copied. */
void ops_http_route(struct http_in *h, const struct ops_http_conf *cf);

#endif
