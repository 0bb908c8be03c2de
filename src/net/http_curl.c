/* SPDX-License-Identifier: BSD-2-Clause */
/* http_curl.c - libcurl's multi_socket interface on the libevent loop.
 * libcurl tells which sockets and which time-out to watch; the doors on_socket and on_timeout tell
 * it what happened, and drain_done() is the only place where a transfer ends. Easy handles are kept
 * and used again, with only the options changed that differ. */
#include "net/http_curl.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define RECEIVE_OCTETS 2048L /* read at once */
#define GROUP_MAX 64u /* transfers of one multi handle */
#define SEND_OCTETS 16384L /* the least that libcurl takes */
#define HEADERS_MAX 32u
#define FIELDS_MAX 65536u

/* A multi handle of libcurl. For each transfer libcurl walks along all the connections that the
 * multi handle has, so with a thousand of them it spends its time on walking: there are several, each
 * with few. The first that has room is taken, so that connections are used again. */
struct group {
	struct http_curl *owner;
	CURLM *multi;
	struct event *timeout; /* libcurl's */
	size_t active;
};

enum method_kind { KIND_NONE, KIND_GET, KIND_HEAD, KIND_POST, KIND_OTHER };

struct http_curl_handle { /* one easy handle */
	struct http_curl *owner;
	CURL *easy;
	struct group *group;
	struct buf answer, fields;
	struct curl_slist list[HEADERS_MAX + 2]; /* of the fields; libcurl only reads it */
	enum method_kind kind; /* set on the handle now */
	void *arg;
};

struct http_curl {
	struct event_base *base;
	http_curl_fn *fn;
	size_t max_body;
	struct group *groups;
	size_t group_count;
	struct http_curl_handle **spare;
	size_t spare_count;
	uint64_t connects;
};

struct sock { /* what libcurl has us watch */
	struct event *ev;
	short what;
};

static struct timeval tv_of_ms(long ms)
{
	return (struct timeval){ms / 1000, (ms % 1000) * 1000};
}

/* ---- easy handles ---- */

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_curl_handle *hd = arg;

	buf_add(&hd->answer, p, size * n);
	return hd->answer.full ? 0 : size * n; /* 0 makes libcurl give up */
}

static struct http_curl_handle *handle_new(struct http_curl *h)
{
	struct http_curl_handle *hd = xcalloc(1, sizeof(*hd));

	hd->easy = curl_easy_init();
	if (!hd->easy)
		abort(); /* no memory, as xmalloc does */
	hd->owner = h;
	buf_init(&hd->answer, h->max_body);
	buf_init(&hd->fields, FIELDS_MAX);
	curl_easy_setopt(hd->easy, CURLOPT_PRIVATE, hd);
	curl_easy_setopt(hd->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(hd->easy, CURLOPT_WRITEDATA, hd);
	curl_easy_setopt(hd->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)h->max_body);
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

static void handle_free(struct http_curl_handle *hd)
{
	curl_easy_cleanup(hd->easy);
	buf_clear(&hd->answer);
	buf_clear(&hd->fields);
	free(hd);
}

static enum method_kind method_kind(const char *method, size_t body_octets)
{
	if (strcmp(method, "GET") == 0 && body_octets == 0)
		return KIND_GET;
	if (strcmp(method, "HEAD") == 0 && body_octets == 0)
		return KIND_HEAD;
	return strcmp(method, "POST") == 0 ? KIND_POST : KIND_OTHER;
}

static void handle_set_method(struct http_curl_handle *hd, const struct http_way_req *r,
    enum method_kind kind)
{
	if (hd->kind != kind || kind == KIND_OTHER) {
		if (hd->kind == KIND_OTHER)
			curl_easy_setopt(hd->easy, CURLOPT_CUSTOMREQUEST, NULL);
		if (hd->kind == KIND_HEAD)
			curl_easy_setopt(hd->easy, CURLOPT_NOBODY, 0L);
		if (kind == KIND_HEAD)
			curl_easy_setopt(hd->easy, CURLOPT_NOBODY, 1L);
		else if (kind == KIND_GET || (kind == KIND_OTHER && r->body.n == 0))
			curl_easy_setopt(hd->easy, CURLOPT_HTTPGET, 1L);
		else
			curl_easy_setopt(hd->easy, CURLOPT_POST, 1L);
		if (kind == KIND_OTHER)
			curl_easy_setopt(hd->easy, CURLOPT_CUSTOMREQUEST, r->method);
		hd->kind = kind;
	}
	if (kind == KIND_POST || (kind == KIND_OTHER && r->body.n > 0)) {
		curl_easy_setopt(hd->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		curl_easy_setopt(hd->easy, CURLOPT_COPYPOSTFIELDS, r->body.p ? r->body.p : "");
	}
}

/* false: too many or too long. */
static bool handle_set_fields(struct http_curl_handle *hd, struct sv fields)
{
	static char type[] = "Content-Type:", expect[] = "Expect:";
	struct curl_slist *last = hd->list;
	bool has_type = false;
	char *at, *end;

	buf_reset(&hd->fields);
	buf_addsv(&hd->fields, fields);
	if (hd->fields.full)
		return false;
	at = hd->fields.p;
	for (end = at + hd->fields.n; at < end; last++) {
		char *cr = strstr(at, "\r\n");

		if (!cr || last == hd->list + HEADERS_MAX)
			return false;
		*cr = '\0';
		*last = (struct curl_slist){at, last + 1};
		if (strncasecmp(at, type, sizeof(type) - 1) == 0)
			has_type = true;
		at = cr + 2;
	}
	/* Those without a value take libcurl's own away. */
	*last = (struct curl_slist){expect, has_type ? NULL : last + 1};
	last[1] = (struct curl_slist){type, NULL};
	curl_easy_setopt(hd->easy, CURLOPT_HTTPHEADER, hd->list);
	return true;
}

/* ---- transfers ---- */

static struct group *group_with_room(struct http_curl *h)
{
	struct group *g = h->groups;

	while (g->active >= GROUP_MAX) /* max_active is no more than they hold together */
		g++;
	return g;
}

static void unwire(struct http_curl_handle *hd)
{
	curl_multi_remove_handle(hd->group->multi, hd->easy);
	hd->group->active--;
}

static void keep(struct http_curl_handle *hd)
{
	struct http_curl *h = hd->owner;

	h->spare[h->spare_count++] = hd;
}

struct http_curl_handle *http_curl_send(struct http_curl *h, const struct http_way_req *r, void *arg)
{
	struct http_curl_handle *hd = h->spare_count > 0 ? h->spare[--h->spare_count] : handle_new(h);

	hd->arg = arg;
	hd->group = group_with_room(h);
	hd->group->active++;
	buf_reset(&hd->answer);
	curl_easy_setopt(hd->easy, CURLOPT_URL, r->url);
	handle_set_method(hd, r, method_kind(r->method, r->body.n));
	curl_easy_setopt(hd->easy, CURLOPT_TIMEOUT_MS,
	    r->timeout_ms > LONG_MAX ? LONG_MAX : (long)r->timeout_ms);
	if (!handle_set_fields(hd, r->fields) ||
	    curl_multi_add_handle(hd->group->multi, hd->easy) != CURLM_OK) {
		http_curl_cancel(hd);
		return NULL;
	}
	return hd;
}

/* What the handle has received stays readable until it is used again. */
void http_curl_cancel(struct http_curl_handle *hd)
{
	unwire(hd);
	keep(hd);
}

/* ---- the end of a transfer ---- */

static enum http_out_rc rc_of(const struct http_curl_handle *hd, CURLcode code)
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

static void answer_read(const struct http_curl_handle *hd, CURLcode code, struct http_out_answer *a)
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
	struct http_curl_handle *hd;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(g->multi, &left))) {
		CURLcode code = m->data.result; /* m dies with remove_handle */
		struct http_out_answer a = {.retry_after_s = -1};
		long connects = 0, port = 0;
		char *ip = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&hd);
		curl_easy_getinfo(hd->easy, CURLINFO_NUM_CONNECTS, &connects);
		curl_easy_getinfo(hd->easy, CURLINFO_PRIMARY_IP, &ip);
		curl_easy_getinfo(hd->easy, CURLINFO_PRIMARY_PORT, &port);
		g->owner->connects += connects > 0 ? (uint64_t)connects : 0;
		answer_read(hd, code, &a);
		unwire(hd);
		/* The handle becomes spare only then: the completion may send, and a is in it. */
		g->owner->fn(&a, ip, port > 0 ? (unsigned)port : 0, hd->arg);
		keep(hd);
	}
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

static void group_init(struct http_curl *h, struct group *g, size_t max_idle)
{
	size_t idle = (max_idle + h->group_count - 1) / h->group_count;

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

struct http_curl *http_curl_new(struct event_base *base, const struct http_out_conf *cf,
    http_curl_fn *fn)
{
	struct http_curl *h = xcalloc(1, sizeof(*h));

	curl_global_init(CURL_GLOBAL_DEFAULT); /* counted; undone in http_curl_free */
	h->base = base;
	h->fn = fn;
	h->max_body = cf->max_body;
	/* One more than can be on the wire: drain_done holds one while a completion sends. */
	h->spare = xcalloc(cf->max_active + 1, sizeof(*h->spare));
	h->group_count = (cf->max_active + GROUP_MAX - 1) / GROUP_MAX;
	h->groups = xcalloc(h->group_count, sizeof(*h->groups));
	for (size_t i = 0; i < h->group_count; i++)
		group_init(h, &h->groups[i], cf->max_idle);
	return h;
}

uint64_t http_curl_connects(const struct http_curl *h)
{
	return h->connects;
}

void http_curl_free(struct http_curl *h)
{
	while (h->spare_count > 0)
		handle_free(h->spare[--h->spare_count]);
	for (size_t i = 0; i < h->group_count; i++) {
		curl_multi_cleanup(h->groups[i]
				       .multi); /* closes the kept connections through on_watch */
		event_free(h->groups[i].timeout);
	}
	free(h->groups);
	free(h->spare);
	free(h);
	curl_global_cleanup();
}
