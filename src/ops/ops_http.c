/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_http.c - what operators and their tools ask over HTTP. Everything is answered at once, from
 * memory. */
#include "ops/ops_http.h"

#include <stdlib.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"
#define METRICS_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define PAGE_MAX (16u << 20) /* octets of an answer */
#define LINES_DEFAULT 200u
#define LINES_MAX 100000u

static const char *const no_store[] = {"Cache-Control: no-store", NULL};

struct ops {
	struct http_in *h;
	struct ops_http_conf cf;
};

static void reply_buf(struct ops *o, uint64_t id, int status, const char *type, struct buf *b)
{
	http_in_reply(o->h, id, status, type, buf_sv(b), no_store);
	buf_clear(b);
}

static void on_healthz(const struct http_in_req *r, void *arg)
{
	struct ops *o = arg;

	http_in_reply(o->h, r->id, 200, TEXT, SV("ok\n"), no_store);
}

static void on_readyz(const struct http_in_req *r, void *arg)
{
	struct ops *o = arg;
	struct buf b;
	bool ok;

	buf_init(&b, PAGE_MAX);
	ok = !o->cf.ready || o->cf.ready(&b, o->cf.arg);
	reply_buf(o, r->id, ok ? 200 : 503, TEXT, &b);
}

static void on_metrics(const struct http_in_req *r, void *arg)
{
	struct ops *o = arg;
	struct buf b;

	if (o->cf.collect)
		o->cf.collect(o->cf.arg);
	buf_init(&b, PAGE_MAX);
	metrics_print(o->cf.metrics, &b);
	reply_buf(o, r->id, 200, METRICS_TEXT, &b);
}

/* Looks at every octet whatever it finds, so that the time taken tells nothing of the token. */
static bool same_token(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i;
	unsigned char diff = n != m;

	for (i = 0; i < n; i++)
		diff |= (unsigned char)(a[i] ^ b[m > 0 ? i % m : 0]);
	return diff == 0;
}

static bool is_allowed(const struct ops *o, const struct http_in_req *r)
{
	static const char scheme[] = "Bearer ";
	const char *given = http_in_header(r, "Authorization");

	if (!o->cf.token)
		return true;
	return given && strncmp(given, scheme, sizeof(scheme) - 1) == 0 &&
	       same_token(given + sizeof(scheme) - 1, o->cf.token);
}

enum param { PARAM_ABSENT, PARAM_OK, PARAM_BAD };

static enum param param(const struct http_in_req *r, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name);
	const char *p;

	if (http_in_query(r, name, out, cap))
		return PARAM_OK;
	for (p = r->query; *p; p += strcspn(p, "&"), p += *p == '&') /* there, but too long? */
		if (strncmp(p, name, n) == 0 && (p[n] == '=' || p[n] == '&' || p[n] == '\0'))
			return PARAM_BAD;
	return PARAM_ABSENT;
}

/* A query parameter as a number; absent leaves *out. false: there, and not a number of that kind. */
static bool number(const struct http_in_req *r, const char *name, int base, size_t max_digits,
    uint64_t *out)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	char text[32];
	enum param is = param(r, name, text, sizeof(text));

	if (is != PARAM_OK)
		return is == PARAM_ABSENT;
	if (strlen(text) == 0 || strlen(text) > max_digits || strspn(text, digits) != strlen(text))
		return false;
	*out = strtoull(text, NULL, base);
	return true;
}

static bool level(const struct http_in_req *r, enum log_level *out)
{
	char name[16];
	enum param is = param(r, "level", name, sizeof(name));

	return is == PARAM_ABSENT || (is == PARAM_OK && log_level_parse(name, out));
}

static void on_logs(const struct http_in_req *r, void *arg)
{
	struct ops *o = arg;
	uint64_t trace = 0, limit = LINES_DEFAULT;
	enum log_level lvl = LOG_WIRE;
	struct buf b;

	if (!is_allowed(o, r)) {
		http_in_problem(o->h, r->id, 401, "unauthorized", "A bearer token is needed.");
		return;
	}
	if (!level(r, &lvl)) {
		http_in_problem(o->h, r->id, 400, "bad-level", "error, warn, info, debug or wire.");
		return;
	}
	if (!number(r, "trace", 16, 16, &trace)) {
		http_in_problem(o->h, r->id, 400, "bad-trace", "Up to 16 hexadecimal digits.");
		return;
	}
	if (!number(r, "limit", 10, 9, &limit) || limit == 0 || limit > LINES_MAX) {
		http_in_problem(o->h, r->id, 400, "bad-limit", "A number from 1 to 100000.");
		return;
	}
	buf_init(&b, PAGE_MAX);
	if (o->cf.ring)
		log_ring_print(o->cf.ring, lvl, trace, (size_t)limit, &b);
	reply_buf(o, r->id, 200, TEXT, &b);
}

void ops_http_route(struct http_in *h, const struct ops_http_conf *cf)
{
	struct ops *o = http_in_keep(h, sizeof(*o));

	o->h = h;
	o->cf = *cf;
	http_in_route(h, "GET", "/healthz", on_healthz, o);
	http_in_route(h, "GET", "/readyz", on_readyz, o);
	http_in_route(h, "GET", "/metrics", on_metrics, o);
	http_in_route(h, "GET", "/logs", on_logs, o);
}
