/* SPDX-License-Identifier: BSD-2-Clause */
/* http_out.c - libcurl's multi_socket interface on the libevent loop.
 * libcurl tells which sockets and which time-out to watch; the doors on_socket and on_timeout tell
 * it what happened, and drain_done() is the only place where a transfer ends. Easy handles are kept
 * and used again, with only the options changed that differ. */
#include "net/http_out.h"

#include <assert.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <uthash.h>

#include "base/buf.h"
#include "base/clock.h"

#define WAITING_TICK_MS 50 /* how often the time-outs of requests in the queue are looked at */
#define RECEIVE_OCTETS 2048L /* read at once */
#define GROUP_MAX 64u /* transfers of one multi handle */
#define SEND_OCTETS 16384L /* the least that libcurl takes */

/* A multi handle of libcurl. For each transfer libcurl walks along all the connections that the
 * multi handle has, so with a thousand of them it spends its time on walking: there are several, each
 * with few. The first that has room is taken, so that connections are used again. */
struct group {
	struct http_out *owner;
	CURLM *multi;
	struct event *timeout; /* libcurl's */
	size_t active;
};

enum method_kind { KIND_NONE, KIND_GET, KIND_HEAD, KIND_POST, KIND_OTHER };

struct handle { /* one easy handle */
	CURL *easy;
	struct group *group; /* on the wire: whose */
	struct buf answer;
	enum method_kind kind; /* set on the handle now */
	struct req *req; /* NULL: spare */
};

struct req { /* one allocation: the strings are behind it */
	uint64_t id, deadline_ms, began_ms;
	http_out_fn *fn;
	void *arg;
	struct handle *handle; /* NULL unless on the wire */
	enum http_out_rc rc; /* when on the done list */
	bool is_done;
	enum method_kind kind;
	const char *method, *url, *body;
	size_t body_octets;
	struct curl_slist *headers; /* an array linked up, not libcurl's allocation */
	UT_hash_handle hh;
	TAILQ_ENTRY(req) link; /* waiting or done */
};
TAILQ_HEAD(req_list, req);

struct http_out {
	struct event_base *base;
	struct http_out_conf cf;
	struct group *groups;
	size_t group_count;
	struct event *later; /* completes what is on the done list */
	struct event *tick; /* runs while something waits */
	struct req *by_id;
	struct req_list waiting, done;
	size_t active, waiting_count;
	uint64_t wire_us; /* that requests are on the wire: smoothed */
	struct handle **spare;
	size_t spare_count;
	uint64_t next_id;
	struct http_out_stats stats;
	bool is_completing;
};

struct sock { /* what libcurl has us watch */
	struct event *ev;
	short what;
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

static struct timeval tv_of_ms(long ms)
{
	return (struct timeval){ms / 1000, (ms % 1000) * 1000};
}

/* ---- easy handles ---- */

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct handle *hd = arg;

	buf_add(&hd->answer, p, size * n);
	return hd->answer.full ? 0 : size * n; /* 0 makes libcurl give up */
}

static struct handle *handle_new(const struct http_out *h)
{
	struct handle *hd = xcalloc(1, sizeof(*hd));

	hd->easy = curl_easy_init();
	if (!hd->easy)
		abort(); /* no memory, as xmalloc does */
	buf_init(&hd->answer, h->cf.max_body);
	curl_easy_setopt(hd->easy, CURLOPT_PRIVATE, hd);
	curl_easy_setopt(hd->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(hd->easy, CURLOPT_WRITEDATA, hd);
	curl_easy_setopt(hd->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)h->cf.max_body);
	/* Each handle keeps its own: 16 KiB and, with TLS, 64 KiB, unless told. Answers are small. */
	curl_easy_setopt(hd->easy, CURLOPT_BUFFERSIZE, RECEIVE_OCTETS);
	curl_easy_setopt(hd->easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_OCTETS);
	curl_easy_setopt(hd->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(hd->easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(hd->easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(hd->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(hd->easy, CURLOPT_PROXY, ""); /* the environment decides nothing here */
	curl_easy_setopt(hd->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(hd->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(hd->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	return hd;
}

static void handle_free(struct handle *hd)
{
	curl_easy_cleanup(hd->easy);
	buf_clear(&hd->answer);
	free(hd);
}

static void handle_set_method(struct handle *hd, const struct req *r)
{
	if (hd->kind != r->kind || r->kind == KIND_OTHER) {
		if (hd->kind == KIND_OTHER)
			curl_easy_setopt(hd->easy, CURLOPT_CUSTOMREQUEST, NULL);
		if (hd->kind == KIND_HEAD)
			curl_easy_setopt(hd->easy, CURLOPT_NOBODY, 0L);
		if (r->kind == KIND_HEAD)
			curl_easy_setopt(hd->easy, CURLOPT_NOBODY, 1L);
		else if (r->kind == KIND_GET || (r->kind == KIND_OTHER && r->body_octets == 0))
			curl_easy_setopt(hd->easy, CURLOPT_HTTPGET, 1L);
		else
			curl_easy_setopt(hd->easy, CURLOPT_POST, 1L);
		if (r->kind == KIND_OTHER)
			curl_easy_setopt(hd->easy, CURLOPT_CUSTOMREQUEST, r->method);
		hd->kind = r->kind;
	}
	if (r->kind == KIND_POST || (r->kind == KIND_OTHER && r->body_octets > 0)) {
		curl_easy_setopt(hd->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_octets);
		curl_easy_setopt(hd->easy, CURLOPT_POSTFIELDS, r->body);
	}
}

/* ---- requests ---- */

static enum method_kind method_kind(const char *method, size_t body_octets)
{
	if (strcmp(method, "GET") == 0 && body_octets == 0)
		return KIND_GET;
	if (strcmp(method, "HEAD") == 0 && body_octets == 0)
		return KIND_HEAD;
	return strcmp(method, "POST") == 0 ? KIND_POST : KIND_OTHER;
}

static char *put(char **at, const char *p, size_t n)
{
	char *s = *at;

	if (n > 0)
		memcpy(s, p, n);
	s[n] = '\0';
	*at += n + 1;
	return s;
}

/* The header list is built by hand, in the request's own allocation: libcurl only reads it. */
static struct req *req_new(const struct http_out_req *in)
{
	/* "Expect:" and, unless the caller names one, "Content-Type:" take libcurl's own away. */
	static const char no_expect[] = "Expect:", no_type[] = "Content-Type:";
	size_t method = strlen(in->method), url = strlen(in->url), text = 0, count = 0, i;
	bool has_type = false;
	struct curl_slist *list;
	struct req *r;
	char *at;

	for (; in->headers && in->headers[count]; count++) {
		text += strlen(in->headers[count]) + 1;
		if (strncasecmp(in->headers[count], no_type, sizeof(no_type) - 1) == 0)
			has_type = true;
	}
	r = xmalloc(sizeof(*r) + (count + 2) * sizeof(*list) + method + url + in->body.n + 3 + text);
	memset(r, 0, sizeof(*r));
	list = (struct curl_slist *)(r + 1);
	at = (char *)(list + count + 2);
	r->method = put(&at, in->method, method);
	r->url = put(&at, in->url, url);
	r->body = put(&at, in->body.p, in->body.n);
	r->body_octets = in->body.n;
	r->kind = method_kind(in->method, in->body.n);
	for (i = 0; i < count; i++)
		list[i].data = put(&at, in->headers[i], strlen(in->headers[i]));
	list[count++].data = (char *)no_expect;
	if (!has_type)
		list[count++].data = (char *)no_type;
	for (i = 0; i < count; i++)
		list[i].next = i + 1 < count ? &list[i + 1] : NULL;
	r->headers = list;
	return r;
}

static struct group *group_with_room(struct http_out *h)
{
	struct group *g = h->groups;

	while (g->active >= GROUP_MAX) /* max_active is no more than they hold together */
		g++;
	return g;
}

static void unwire(struct http_out *h, struct handle *hd)
{
	curl_multi_remove_handle(hd->group->multi, hd->easy);
	hd->group->active--;
	h->active--;
}

/* Off the wire; what the handle has received stays readable until it is used again. */
static void req_unwire(struct http_out *h, struct req *r)
{
	struct handle *hd = r->handle;

	unwire(h, hd);
	hd->req = NULL;
	r->handle = NULL;
	h->spare[h->spare_count++] = hd;
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

static void req_wire(struct http_out *h, struct req *r, uint64_t now)
{
	struct handle *hd = h->spare_count > 0 ? h->spare[--h->spare_count] : handle_new(h);
	uint64_t left = r->deadline_ms > now ? r->deadline_ms - now : 1;

	r->handle = hd;
	hd->req = r;
	hd->group = group_with_room(h);
	hd->group->active++;
	h->active++;
	buf_reset(&hd->answer);
	curl_easy_setopt(hd->easy, CURLOPT_URL, r->url);
	handle_set_method(hd, r);
	curl_easy_setopt(hd->easy, CURLOPT_HTTPHEADER, r->headers);
	curl_easy_setopt(hd->easy, CURLOPT_TIMEOUT_MS, left > LONG_MAX ? LONG_MAX : (long)left);
	if (curl_multi_add_handle(hd->group->multi, hd->easy) != CURLM_OK) {
		req_unwire(h, r);
		req_finish_later(h, r, HTTP_OUT_NO_CONNECT);
		return;
	}
	h->stats.sent++;
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

/* ---- the end of a transfer ---- */

static enum http_out_rc rc_of(const struct handle *hd, CURLcode code)
{
	long sent = 0;

	if (code == CURLE_OK)
		return HTTP_OUT_DONE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return HTTP_OUT_TIMEOUT;
	if (code == CURLE_FILESIZE_EXCEEDED || hd->answer.full)
		return HTTP_OUT_TOO_BIG;
	curl_easy_getinfo(hd->easy, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0 ? HTTP_OUT_BROKEN : HTTP_OUT_NO_CONNECT;
}

static void answer_read(const struct handle *hd, CURLcode code, struct http_out_answer *a)
{
	const char *type = NULL;
	curl_off_t after = 0;
	long status = 0;

	a->rc = rc_of(hd, code);
	if (a->rc != HTTP_OUT_DONE)
		return;
	curl_easy_getinfo(hd->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(hd->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(hd->easy, CURLINFO_RETRY_AFTER, &after);
	a->status = (int)status;
	a->body = buf_sv(&hd->answer);
	a->content_type = sv_from(type);
	if (after > 0 && after < LONG_MAX)
		a->retry_after_s = (long)after;
}

static void drain_done(struct group *g)
{
	struct http_out *h = g->owner;
	struct handle *hd;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(g->multi, &left))) {
		CURLcode code = m->data.result; /* m dies with remove_handle */
		struct http_out_answer a = {.retry_after_s = -1};
		struct req *r;
		long connects = 0;
		curl_off_t took_us = 0;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&hd);
		curl_easy_getinfo(m->easy_handle, CURLINFO_TOTAL_TIME_T, &took_us);
		h->wire_us = (7 * h->wire_us + (uint64_t)took_us) / 8;
		r = hd->req;
		curl_easy_getinfo(hd->easy, CURLINFO_NUM_CONNECTS, &connects);
		h->stats.connects += connects > 0 ? (uint64_t)connects : 0;
		answer_read(hd, code, &a);
		unwire(h, hd);
		/* The handle becomes spare only now: the completion may send, and a is in it. */
		req_complete(h, r, &a);
		hd->req = NULL;
		h->spare[h->spare_count++] = hd;
	}
	start_waiting(h);
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

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct group *g = arg;
	int running;

	curl_multi_socket_action(g->multi, fd,
	    ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0),
	    &running);
	drain_done(g);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct group *g = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(g->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	drain_done(g);
}

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

/* libcurl asks to watch a socket. */
static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct group *g = arg;
	struct sock *s = sockp;
	short want =
	    (short)(((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0));

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s) {
			event_free(s->ev);
			free(s);
			curl_multi_assign(g->multi, fd, NULL);
		}
		return 0;
	}
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->ev = event_new(g->owner->base, fd, want | EV_PERSIST, on_socket, g);
		curl_multi_assign(g->multi, fd, s);
	} else if (s->what == want) {
		return 0;
	} else {
		event_del(s->ev);
		event_assign(s->ev, g->owner->base, fd, want | EV_PERSIST, on_socket, g);
	}
	s->what = want;
	event_add(s->ev, NULL);
	return 0;
}

static int on_want_timeout(CURLM *multi, long ms, void *arg)
{
	struct group *g = arg;
	struct timeval tv = tv_of_ms(ms);

	(void)multi;
	if (ms < 0)
		event_del(g->timeout);
	else
		event_add(g->timeout, &tv);
	return 0;
}

/* ---- public ---- */

static void group_init(struct http_out *h, struct group *g)
{
	size_t idle = (h->cf.max_idle + h->group_count - 1) / h->group_count;

	g->owner = h;
	g->timeout = event_new(h->base, -1, 0, on_timeout, g);
	g->multi = curl_multi_init();
	if (!g->multi || !g->timeout)
		abort();
	curl_multi_setopt(g->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	curl_multi_setopt(g->multi, CURLMOPT_SOCKETDATA, g);
	curl_multi_setopt(g->multi, CURLMOPT_TIMERFUNCTION, on_want_timeout);
	curl_multi_setopt(g->multi, CURLMOPT_TIMERDATA, g);
	curl_multi_setopt(g->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(g->multi, CURLMOPT_MAXCONNECTS, (long)(idle > 0 ? idle : 1));
}

struct http_out *http_out_new(struct event_base *base, const struct http_out_conf *cf)
{
	struct http_out *h = xcalloc(1, sizeof(*h));

	curl_global_init(CURL_GLOBAL_DEFAULT); /* counted; undone in http_out_free */
	h->base = base;
	h->cf = *cf;
	if (h->cf.max_active == 0)
		h->cf.max_active = 1;
	/* One more than can be on the wire: drain_done holds one while a completion sends. */
	h->spare = xcalloc(h->cf.max_active + 1, sizeof(*h->spare));
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->done);
	h->later = event_new(base, -1, 0, on_later, h);
	h->tick = event_new(base, -1, EV_PERSIST, on_tick, h);
	if (!h->later || !h->tick)
		abort();
	h->group_count = (h->cf.max_active + GROUP_MAX - 1) / GROUP_MAX;
	h->groups = xcalloc(h->group_count, sizeof(*h->groups));
	for (size_t i = 0; i < h->group_count; i++)
		group_init(h, &h->groups[i]);
	return h;
}

uint64_t http_out_send(struct http_out *h, const struct http_out_req *in, http_out_fn *fn, void *arg)
{
	struct req *r = req_new(in);
	struct timeval tick = tv_of_ms(WAITING_TICK_MS);

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
	if (r->handle)
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
	*out = h->stats;
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
	while (h->spare_count > 0)
		handle_free(h->spare[--h->spare_count]);
	for (size_t i = 0; i < h->group_count; i++) {
		curl_multi_cleanup(h->groups[i]
				       .multi); /* closes the kept connections through on_watch */
		event_free(h->groups[i].timeout);
	}
	free(h->groups);
	event_free(h->later);
	event_free(h->tick);
	free(h->spare);
	free(h);
	curl_global_cleanup();
}
