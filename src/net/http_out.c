/* SPDX-License-Identifier: BSD-2-Clause */
/* http_out.c - the line of requests: how many are on the wire, who waits, and one completion for each. On
 * the wire they go without libcurl if http_plain takes them, and else by it. */
#include "net/http_out.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "base/clock.h"
#include "net/http_curl.h"
#include "net/http_plain.h"

#define WAITING_TICK_MS 50 /* how often the time-outs of requests in the queue are looked at */

struct req { /* one allocation: the strings are behind it */
	struct http_out *owner;
	uint64_t id, deadline_ms, began_ms, wired_us;
	http_out_fn *fn;
	void *arg;
	struct http_plain_conn *plain; /* one of these two on the wire, else NULL */
	struct http_curl_handle *curl;
	enum http_out_rc rc; /* when on the done list */
	bool is_done;
	struct http_way_req in;
	UT_hash_handle hh;
	TAILQ_ENTRY(req) link; /* waiting or done */
};
TAILQ_HEAD(req_list, req);

struct http_out {
	struct http_out_conf cf;
	struct http_plain *plain;
	struct http_curl *curl;
	struct event *later; /* completes what is on the done list */
	struct event *tick; /* runs while something waits */
	struct req *by_id;
	struct req_list waiting, done;
	size_t active, waiting_count;
	uint64_t wire_us; /* that requests are on the wire: smoothed */
	uint64_t next_id, sent;
	bool is_completing;
};

const char *http_out_rc_name(enum http_out_rc rc)
{
	switch (rc) {
	case HTTP_OUT_DONE:
		return "done";
	case HTTP_OUT_NO_CONNECT:
		return "no_connect";
	case HTTP_OUT_TIMEOUT:
		return "timeout";
	case HTTP_OUT_BROKEN:
		return "broken";
	case HTTP_OUT_TOO_BIG:
		return "too_big";
	case HTTP_OUT_FULL:
		return "full";
	case HTTP_OUT_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

/* ---- requests ---- */

static char *put(char **at, const char *p, size_t n)
{
	char *s = *at;

	if (n > 0)
		memcpy(s, p, n);
	s[n] = '\0';
	*at += n + 1;
	return s;
}

static struct req *req_new(const struct http_out_req *in)
{
	size_t method = strlen(in->method), url = strlen(in->url), text = 0, i;
	struct req *r;
	char *at;

	for (i = 0; in->headers && in->headers[i]; i++)
		text += strlen(in->headers[i]) + 2;
	r = xmalloc(sizeof(*r) + method + url + in->body.n + 3 + text);
	memset(r, 0, sizeof(*r));
	at = (char *)(r + 1);
	r->in.method = put(&at, in->method, method);
	r->in.url = put(&at, in->url, url);
	r->in.body = (struct sv){put(&at, in->body.p, in->body.n), in->body.n};
	r->in.has_body = in->body.n > 0 || strcmp(in->method, "POST") == 0;
	r->in.fields = (struct sv){at, text};
	for (i = 0; in->headers && in->headers[i]; i++) {
		size_t n = strlen(in->headers[i]);

		memcpy(at, in->headers[i], n);
		memcpy(at + n, "\r\n", 2);
		at += n + 2;
	}
	return r;
}

/* Off the wire without a completion. */
static void req_unwire(struct http_out *h, struct req *r)
{
	if (r->plain)
		http_plain_cancel(r->plain);
	if (r->curl)
		http_curl_cancel(r->curl);
	r->plain = NULL;
	r->curl = NULL;
	h->active--;
}

static void req_unwait(struct http_out *h, struct req *r)
{
	TAILQ_REMOVE(&h->waiting, r, link);
	h->waiting_count--;
}

static void req_finish_later(struct http_out *h, struct req *r, enum http_out_rc rc)
{
	r->rc = rc;
	r->is_done = true;
	TAILQ_INSERT_TAIL(&h->done, r, link);
	event_active(h->later, EV_TIMEOUT, 1);
}

static void req_complete(struct http_out *h, struct req *r, struct http_out_answer *a)
{
	HASH_DELETE(hh, h->by_id, r);
	a->took_ms = clock_mono_ms() - r->began_ms;
	h->is_completing = true;
	r->fn(a, r->arg);
	h->is_completing = false;
	free(r);
}

static void req_wire_curl(struct http_out *h, struct req *r)
{
	r->curl = http_curl_send(h->curl, &r->in, r);
	if (!r->curl) {
		h->active--;
		req_finish_later(h, r, HTTP_OUT_NO_CONNECT);
	}
}

static void req_set_timeout(struct req *r, uint64_t now)
{
	r->in.timeout_ms = r->deadline_ms > now ? r->deadline_ms - now : 1;
}

static void req_wire(struct http_out *h, struct req *r, uint64_t now)
{
	h->active++;
	h->sent++;
	r->wired_us = clock_mono_us();
	req_set_timeout(r, now);
	r->plain = http_plain_send(h->plain, &r->in, r);
	if (!r->plain)
		req_wire_curl(h, r);
}

static void start_waiting(struct http_out *h)
{
	uint64_t now;
	struct req *r;

	if (TAILQ_EMPTY(&h->waiting))
		return;
	now = clock_mono_ms();
	while (h->active < h->cf.max_active && (r = TAILQ_FIRST(&h->waiting))) {
		req_unwait(h, r);
		req_wire(h, r, now);
	}
	if (TAILQ_EMPTY(&h->waiting))
		event_del(h->tick);
}

/* ---- the end ---- */

static void answered(struct req *r, struct http_out_answer *a)
{
	struct http_out *h = r->owner;

	h->wire_us = (7 * h->wire_us + clock_mono_us() - r->wired_us) / 8;
	h->active--;
	req_complete(h, r, a);
	start_waiting(h);
}

static void on_plain(struct http_out_answer *a, void *arg)
{
	struct req *r = arg;

	r->plain = NULL;
	if (a->rc != HTTP_OUT_NO_CONNECT) {
		answered(r, a);
		return;
	}
	req_set_timeout(r, clock_mono_ms());
	req_wire_curl(r->owner, r);
}

static void on_curl(struct http_out_answer *a, const char *ip, unsigned port, void *arg)
{
	struct req *r = arg;

	r->curl = NULL;
	if (a->rc == HTTP_OUT_DONE && ip)
		http_plain_learn(r->owner->plain, r->in.url, ip, port);
	answered(r, a);
}

static void complete_done_list(struct http_out *h)
{
	struct req *r;

	while ((r = TAILQ_FIRST(&h->done))) {
		struct http_out_answer a = {.rc = r->rc, .retry_after_s = -1};

		TAILQ_REMOVE(&h->done, r, link);
		req_complete(h, r, &a);
	}
	start_waiting(h);
}

/* ---- doors ---- */

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	complete_done_list(arg);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http_out *h = arg;
	struct req *r, *next;
	uint64_t now = clock_mono_ms();

	(void)fd;
	(void)what;
	for (r = TAILQ_FIRST(&h->waiting); r; r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->deadline_ms <= now) {
			req_unwait(h, r);
			req_finish_later(h, r, HTTP_OUT_TIMEOUT);
		}
	}
	if (TAILQ_EMPTY(&h->waiting))
		event_del(h->tick);
}

/* ---- public ---- */

struct http_out *http_out_new(struct event_base *base, const struct http_out_conf *cf)
{
	struct http_out *h = xcalloc(1, sizeof(*h));

	h->cf = *cf;
	if (h->cf.max_active == 0)
		h->cf.max_active = 1;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->done);
	h->later = event_new(base, -1, 0, on_later, h);
	h->tick = event_new(base, -1, EV_PERSIST, on_tick, h);
	if (!h->later || !h->tick)
		abort();
	h->plain = http_plain_new(base, &h->cf, on_plain);
	h->curl = http_curl_new(base, &h->cf, on_curl);
	return h;
}

uint64_t http_out_send(struct http_out *h, const struct http_out_req *in, http_out_fn *fn, void *arg)
{
	struct req *r = req_new(in);
	struct timeval tick = {0, WAITING_TICK_MS * 1000};

	r->owner = h;
	r->id = ++h->next_id;
	r->began_ms = clock_mono_ms();
	r->deadline_ms = r->began_ms + in->timeout_ms;
	r->fn = fn;
	r->arg = arg;
	HASH_ADD(hh, h->by_id, id, sizeof(r->id), r);
	if (h->active < h->cf.max_active && TAILQ_EMPTY(&h->waiting)) {
		req_wire(h, r, r->began_ms);
	} else if (h->waiting_count < h->cf.max_waiting) {
		if (TAILQ_EMPTY(&h->waiting))
			event_add(h->tick, &tick);
		TAILQ_INSERT_TAIL(&h->waiting, r, link);
		h->waiting_count++;
	} else {
		req_finish_later(h, r, HTTP_OUT_FULL);
	}
	return r->id;
}

void http_out_cancel(struct http_out *h, uint64_t id)
{
	struct req *r;

	HASH_FIND(hh, h->by_id, &id, sizeof(id), r);
	if (!r || r->is_done)
		return;
	if (r->plain || r->curl)
		req_unwire(h, r);
	else
		req_unwait(h, r);
	req_finish_later(h, r, HTTP_OUT_CANCELLED);
}

size_t http_out_active(const struct http_out *h)
{
	return HASH_COUNT(h->by_id);
}

uint64_t http_out_wait_ms(const struct http_out *h)
{
	return h->waiting_count * h->wire_us / 1000 / h->cf.max_active;
}

void http_out_stats(const struct http_out *h, struct http_out_stats *out)
{
	out->sent = h->sent;
	out->connects = http_plain_connects(h->plain) + http_curl_connects(h->curl);
}

void http_out_free(struct http_out *h)
{
	if (!h)
		return;
	assert(!h->is_completing);
	while (h->by_id) { /* a completion may send again: that one is cancelled too */
		struct req *r, *tmp;

		HASH_ITER(hh, h->by_id, r, tmp)
		http_out_cancel(h, r->id);
		complete_done_list(h);
	}
	http_plain_free(h->plain);
	http_curl_free(h->curl);
	event_free(h->later);
	event_free(h->tick);
	free(h);
}
