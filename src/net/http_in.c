/* SPDX-License-Identifier: BSD-2-Clause */
/* http_in.c - evhttp behind ids. evhttp owns connections and framing; this file owns routing,
 * limits, deadlines and the table from id to request, from which a request is taken when it is
 * answered, when its deadline passes or when its connection closes, whichever comes first.
 *
 * evhttp 2.1 answers what it cannot parse by itself, with a page of its own. To answer too much
 * with a problem document and the right status, evhttp is given wider limits than ours and ours are
 * tested here; what passes even the wider ones gets evhttp's page (413 or 400) and a closed connection. */
#include "net/http_in.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uthash.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/addr.h"

#define IDLE_S 60 /* a connection that neither sends nor takes an octet for so long is closed */
#define HEADER_SLACK 65536u /* evhttp's limits beyond ours */
#define BODY_SLACK 65536u
#define PROBLEM_MAX 4096u /* octets of a problem document */
#define LISTEN_BACKLOG 512
#define RETRY_AFTER "Retry-After: 1"

struct route {
	char *methods, *allow, *path;
	size_t prefix; /* octets to compare, when path ends in '*'; 0: exact */
	http_in_fn *fn;
	void *arg;
	struct route *next;
};

struct kept { /* the memory is behind it */
	struct kept *next;
	max_align_t mem[];
};

struct open_req {
	uint64_t id, deadline_ms;
	struct evhttp_request *ev;
	struct http_in *h;
	UT_hash_handle hh;
	TAILQ_ENTRY(open_req) link; /* oldest first: all have the same time to be answered in */
};
TAILQ_HEAD(open_list, open_req);

struct http_in {
	struct evhttp *ev;
	struct evhttp_bound_socket *bound; /* NULL: paused */
	struct event *tick;
	struct http_in_conf cf;
	struct route *routes, **routes_end;
	struct kept *kept;
	struct open_req *by_id;
	struct open_list open;
	uint64_t next_id;
	unsigned port;
};

/* ---- the table of open requests ---- */

static void on_gone(struct evhttp_connection *c, void *arg);

static struct open_req *open_add(struct http_in *h, struct evhttp_request *ev)
{
	struct open_req *r = xcalloc(1, sizeof(*r));

	r->id = ++h->next_id;
	r->deadline_ms = clock_mono_ms() + h->cf.deadline_ms;
	r->ev = ev;
	r->h = h;
	HASH_ADD(hh, h->by_id, id, sizeof(r->id), r);
	TAILQ_INSERT_TAIL(&h->open, r, link);
	evhttp_connection_set_closecb(evhttp_request_get_connection(ev), on_gone, r);
	return r;
}

static void open_drop(struct http_in *h, struct open_req *r)
{
	HASH_DELETE(hh, h->by_id, r);
	TAILQ_REMOVE(&h->open, r, link);
	free(r);
}

/* Take a request out to answer it; NULL: it is gone. */
static struct evhttp_request *open_take(struct http_in *h, uint64_t id)
{
	struct evhttp_request *ev;
	struct open_req *r;

	HASH_FIND(hh, h->by_id, &id, sizeof(id), r);
	if (!r)
		return NULL;
	ev = r->ev;
	evhttp_connection_set_closecb(evhttp_request_get_connection(ev), NULL, NULL);
	open_drop(h, r);
	return ev;
}

static void on_gone(struct evhttp_connection *c, void *arg)
{
	struct open_req *r = arg;

	(void)c;
	open_drop(r->h, r); /* evhttp frees the request with the connection */
}

/* ---- answers ---- */

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {/* RFC 9110 s.15, what is used here */
	    {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {303, "See Other"},
	    {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
	    {404, "Not Found"}, {405, "Method Not Allowed"}, {409, "Conflict"}, {410, "Gone"},
	    {413, "Content Too Large"}, {415, "Unsupported Media Type"}, {422, "Unprocessable Content"},
	    {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
	    {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].text;
	return "Status";
}

static void header_add(struct evkeyvalq *to, const char *line)
{
	const char *colon = strchr(line, ':');
	char *name;

	if (!colon)
		return;
	name = xstrndup(line, (size_t)(colon - line));
	for (colon++; *colon == ' '; colon++)
		;
	evhttp_remove_header(to, name);
	evhttp_add_header(to, name, colon);
	free(name);
}

static void answer(struct evhttp_request *ev, int status, const char *type, struct sv body,
    const char *const *headers)
{
	struct evkeyvalq *to = evhttp_request_get_output_headers(ev);

	for (; headers && *headers; headers++)
		header_add(to, *headers);
	if (type) {
		evhttp_add_header(to, "Content-Type", type);
		evbuffer_add(evhttp_request_get_output_buffer(ev), body.p, body.n);
	}
	evhttp_send_reply(ev, status, phrase(status), NULL);
}

static void json_adds(struct buf *b, const char *s)
{
	buf_addc(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			buf_addf(b, "\\u%04x", (unsigned)*s);
		else
			buf_addc(b, *s);
	}
	buf_addc(b, '"');
}

static void problem(struct evhttp_request *ev, int status, const char *code, const char *detail,
    const char *const *headers)
{
	struct buf b;

	buf_init(&b, PROBLEM_MAX);
	buf_adds(&b, "{\"type\":\"about:blank\",\"title\":");
	json_adds(&b, phrase(status));
	buf_addf(&b, ",\"status\":%d,\"code\":", status);
	json_adds(&b, code);
	if (detail) {
		buf_adds(&b, ",\"detail\":");
		json_adds(&b, detail);
	}
	buf_adds(&b, "}\n");
	if (b.full) { /* only a very long detail can do this */
		buf_clear(&b);
		problem(ev, status, code, NULL, headers);
		return;
	}
	answer(ev, status, "application/problem+json", buf_sv(&b), headers);
	buf_clear(&b);
}

/* The rest of the request may still be under way: say that the connection ends with this answer. */
static void refuse(struct evhttp_request *ev, int status, const char *code, const char *detail)
{
	static const char *const close_it[] = {"Connection: close", NULL};

	problem(ev, status, code, detail, close_it);
}

/* ---- routing ---- */

/* 0: not there; 1: there; used on lists such as "GET,POST". */
static bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (strncmp(list, word, n) == 0 && (list[n] == ',' || list[n] == '\0'))
			return true;
	return false;
}

static bool route_is(const struct route *r, const char *path)
{
	return r->prefix ? strncmp(path, r->path, r->prefix) == 0 : strcmp(path, r->path) == 0;
}

static const char *method_name(enum evhttp_cmd_type t)
{
	switch (t) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	case EVHTTP_REQ_OPTIONS:
		return "OPTIONS";
	case EVHTTP_REQ_TRACE:
		return "TRACE";
	case EVHTTP_REQ_CONNECT:
		return "CONNECT";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	}
	return "";
}

static size_t header_octets(struct evhttp_request *ev)
{
	const struct evkeyval *kv;
	size_t n = strlen(evhttp_request_get_uri(ev));

	for (kv = evhttp_request_get_input_headers(ev)->tqh_first; kv; kv = kv->next.tqe_next)
		n += strlen(kv->key) + strlen(kv->value) + 4; /* ": " and CR LF */
	return n;
}

static void dispatch(struct http_in *h, struct evhttp_request *ev, const char *path, const char *query)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(ev);
	struct http_in_req req = {.path = path, .query = query ? query : "", .impl = ev};
	const char *allow[2] = {NULL, NULL};
	const struct route *r;
	ev_uint16_t port;
	char *peer = NULL;

	req.method = method_name(evhttp_request_get_command(ev));
	for (r = h->routes; r; r = r->next) {
		if (!route_is(r, path))
			continue;
		if (list_has(r->methods, req.method))
			break;
		if (!allow[0])
			allow[0] = r->allow;
	}
	if (!r && allow[0]) {
		problem(ev, 405, "method-not-allowed", NULL, allow);
		return;
	}
	if (!r) {
		problem(ev, 404, "not-found", "Nothing is served at this path.", NULL);
		return;
	}
	evhttp_connection_get_peer(evhttp_request_get_connection(ev), &peer, &port);
	req.peer = peer ? peer : "";
	req.body.n = evbuffer_get_length(in);
	req.body.p = req.body.n > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
	req.id = open_add(h, ev)->id;
	r->fn(&req, r->arg);
}

static void on_request(struct evhttp_request *ev, void *arg)
{
	static const char *const later[] = {RETRY_AFTER, NULL};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(ev);
	const char *raw = uri ? evhttp_uri_get_path(uri) : NULL;
	struct http_in *h = arg;
	char *path = NULL;
	size_t n = 0;

	if (header_octets(ev) > h->cf.max_header) {
		refuse(ev, 431, "headers-too-large", "The request line and headers are too long.");
	} else if (evbuffer_get_length(evhttp_request_get_input_buffer(ev)) > h->cf.max_body) {
		refuse(ev, 413, "body-too-large", "The body is too long.");
	} else if (!raw || !(path = evhttp_uridecode(raw, 0, &n)) || strlen(path) != n) {
		problem(ev, 400, "bad-path", NULL, NULL);
	} else if (HASH_COUNT(h->by_id) >= h->cf.max_open) {
		problem(ev, 503, "busy", "Too many requests are open.", later);
	} else {
		dispatch(h, ev, *path ? path : "/", evhttp_uri_get_query(uri));
	}
	free(path);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http_in *h = arg;
	uint64_t now = clock_mono_ms();
	struct open_req *r;

	(void)fd;
	(void)what;
	if (h->bound)
		evconnlistener_enable(evhttp_bound_socket_get_listener(h->bound));
	while ((r = TAILQ_FIRST(&h->open)) && r->deadline_ms <= now)
		http_in_problem(h, r->id, 503, "deadline", "No answer in time.");
}

/* ---- listening ---- */

/* No descriptor is left, most likely: the caller waits in the queue of the system, and would be reported to
 * us again at once, and again. on_tick listens anew. */
static void on_not_accepted(struct evconnlistener *l, void *arg)
{
	(void)arg;
	LOG(NULL, LOG_ERR, "connection not taken", "why=%s",
	    LOGQ(evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR())));
	evconnlistener_disable(l);
}

static bool listen_on(struct http_in *h, struct event_base *base, char *err, size_t err_cap)
{
	struct sockaddr_storage ss;
	socklen_t n;
	struct evconnlistener *l;

	if (!addr_parse(h->cf.listen, &ss, &n)) {
		snprintf(err, err_cap, "%s: not an address and port, such as 127.0.0.1:8080",
		    h->cf.listen);
		return false;
	}
	l = evconnlistener_new_bind(base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, LISTEN_BACKLOG,
	    (struct sockaddr *)&ss, (int)n);
	if (!l) {
		snprintf(err, err_cap, "%s: %s", h->cf.listen,
		    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
		return false;
	}
	h->bound = evhttp_bind_listener(h->ev, l);
	if (!h->bound || getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&ss, &n) < 0) {
		snprintf(err, err_cap, "%s: cannot be used", h->cf.listen);
		return false;
	}
	evconnlistener_set_error_cb(l, on_not_accepted);
	h->port = addr_port(&ss);
	return true;
}

/* ---- public ---- */

struct http_in *http_in_new(struct event_base *base, const struct http_in_conf *cf, char *err,
    size_t err_cap)
{
	struct http_in *h = xcalloc(1, sizeof(*h));
	uint64_t tick_ms = cf->deadline_ms / 8 < 10 ? 10 : cf->deadline_ms / 8;
	struct timeval tick, idle = {IDLE_S, 0};

	h->cf = *cf;
	h->cf.listen = xstrdup(cf->listen);
	h->routes_end = &h->routes;
	TAILQ_INIT(&h->open);
	h->ev = evhttp_new(base);
	h->tick = event_new(base, -1, EV_PERSIST, on_tick, h);
	if (!h->ev || !h->tick)
		abort();
	evhttp_set_max_headers_size(h->ev, (ev_ssize_t)(cf->max_header + HEADER_SLACK));
	evhttp_set_max_body_size(h->ev, (ev_ssize_t)(cf->max_body + BODY_SLACK));
	evhttp_set_timeout_tv(h->ev, &idle);
	evhttp_set_default_content_type(h->ev, NULL);
	evhttp_set_allowed_methods(h->ev, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
					      EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
					      EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH);
	evhttp_set_gencb(h->ev, on_request, h);
	if (!listen_on(h, base, err, err_cap)) {
		http_in_free(h);
		return NULL;
	}
	tick_ms = tick_ms > 1000 ? 1000 : tick_ms;
	tick = (struct timeval){(time_t)(tick_ms / 1000), (suseconds_t)(tick_ms % 1000 * 1000)};
	event_add(h->tick, &tick);
	return h;
}

void http_in_route(struct http_in *h, const char *methods, const char *path, http_in_fn *fn, void *arg)
{
	struct route *r = xcalloc(1, sizeof(*r));
	size_t n = strlen(path);

	r->methods = xstrdup(methods);
	r->allow = xasprintf("Allow: %s", methods);
	r->path = xstrdup(path);
	if (n > 0 && path[n - 1] == '*')
		r->prefix = n - 1;
	r->fn = fn;
	r->arg = arg;
	*h->routes_end = r;
	h->routes_end = &r->next;
}

void *http_in_keep(struct http_in *h, size_t octets)
{
	struct kept *k = xcalloc(1, sizeof(*k) + octets);

	k->next = h->kept;
	h->kept = k;
	return k->mem;
}

unsigned http_in_port(const struct http_in *h)
{
	return h->port;
}

const char *http_in_header(const struct http_in_req *r, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(r->impl), name);
}

static bool query_value(struct sv raw, char *out, size_t cap)
{
	char *copy = xstrndup(raw.p, raw.n), *text;
	size_t n = 0;
	bool ok;

	text = evhttp_uridecode(copy, 1, &n);
	ok = text && n < cap && strlen(text) == n;
	if (ok)
		memcpy(out, text, n + 1);
	free(text);
	free(copy);
	return ok;
}

bool http_in_query(const struct http_in_req *r, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name);
	const char *p = r->query;

	while (*p) {
		size_t part = strcspn(p, "&");

		if (part > n && p[n] == '=' && strncmp(p, name, n) == 0)
			return query_value((struct sv){p + n + 1, part - n - 1}, out, cap);
		p += part;
		p += *p == '&';
	}
	return false;
}

void http_in_reply(struct http_in *h, uint64_t id, int status, const char *content_type, struct sv body,
    const char *const *headers)
{
	struct evhttp_request *ev = open_take(h, id);

	if (ev)
		answer(ev, status, content_type, body, headers);
}

void http_in_problem(struct http_in *h, uint64_t id, int status, const char *code, const char *detail)
{
	static const char *const later[] = {RETRY_AFTER, NULL};
	struct evhttp_request *ev = open_take(h, id);

	if (ev)
		problem(ev, status, code, detail, status == 503 || status == 429 ? later : NULL);
}

void http_in_later(struct http_in *h, uint64_t id, int status, const char *code, const char *detail,
    unsigned after_s)
{
	char wait[40];
	const char *const headers[] = {wait, NULL};
	struct evhttp_request *ev = open_take(h, id);

	snprintf(wait, sizeof wait, "Retry-After: %u", after_s);
	if (ev)
		problem(ev, status, code, detail, headers);
}

bool http_in_is_open(const struct http_in *h, uint64_t id)
{
	struct open_req *r;

	HASH_FIND(hh, h->by_id, &id, sizeof(id), r);
	return r != NULL;
}

size_t http_in_open(const struct http_in *h)
{
	return HASH_COUNT(h->by_id);
}

void http_in_pause(struct http_in *h)
{
	if (h->bound)
		evhttp_del_accept_socket(h->ev, h->bound);
	h->bound = NULL;
}

void http_in_free(struct http_in *h)
{
	struct route *r, *next;
	struct kept *k, *k_next;

	if (!h)
		return;
	if (h->ev)
		evhttp_free(h->ev); /* closes the connections; on_gone empties the table */
	if (h->tick)
		event_free(h->tick);
	for (r = h->routes; r; r = next) {
		next = r->next;
		free(r->methods);
		free(r->allow);
		free(r->path);
		free(r);
	}
	for (k = h->kept; k; k = k_next) {
		k_next = k->next;
		free(k);
	}
	free((char *)h->cf.listen);
	free(h);
}
