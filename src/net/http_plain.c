/* SPDX-License-Identifier: BSD-2-Clause */
/* http_plain.c - see http_plain.h. A request is written as it is sent, an answer is read in place if it comes
 * in one piece, as nearly all do; so a connection holds memory for octets only while it is half way. */
#include "net/http_plain.h"

#include <assert.h>
#include <curl/curl.h> /* curl_getdate */
#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "codec/http_answer.h"
#include "net/addr.h"

#define ORIGINS_MAX 16u
#define AUTHORITY_CAP 128u
#define LEARNT_MS 60000u /* as long as libcurl believes a name server */
#define IDLE_S 110 /* no use after that; servers hang up earlier or later */
#define READ_OCTETS 16384u
#define REQUEST_MAX (1u << 20)
#define SCHEME "http://"

/* A host and port as they stand in a URL. */
struct origin {
	char authority[AUTHORITY_CAP];
	struct sockaddr_storage addr;
	socklen_t addr_octets;
	uint64_t until_ms; /* mono; 0: a number, good for ever */
	LIST_HEAD(, http_plain_conn) idle; /* the last one used first, so that others grow old */
};

struct http_plain_conn {
	struct http_plain *p;
	struct origin *origin;
	struct event *readable, *writable; /* writable: NULL unless something waits to be written */
	struct buf in, out; /* of an answer, of a request, that goes in pieces */
	uint64_t deadline_ms;
	void *arg;
	int fd;
	bool is_up, is_busy, is_used, is_head; /* is_used: it has answered before */
	LIST_ENTRY(http_plain_conn) all, idle;
};

struct http_plain {
	struct event_base *base;
	http_plain_fn *fn;
	size_t max_idle, max_body, idle_count, origin_count;
	uint64_t connects;
	struct origin origin[ORIGINS_MAX];
	LIST_HEAD(, http_plain_conn) all;
	struct buf request;
	char in[READ_OCTETS];
};

/* ---- where to ---- */

/* The host and port of a URL, and *path behind it; empty: not for here. */
static struct sv authority_of(const char *url, const char **path)
{
	struct sv a;

	if (strncmp(url, SCHEME, sizeof(SCHEME) - 1) != 0)
		return SV("");
	a.p = url + sizeof(SCHEME) - 1;
	a.n = strcspn(a.p, "/");
	*path = a.p + a.n;
	if (**path != '/' || a.n >= AUTHORITY_CAP || memchr(a.p, '?', a.n) || strstr(*path, "/."))
		return SV("");
	for (const char *s = a.p; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || *s == '@' || *s == '#' || *s == '\\')
			return SV("");
	return a;
}

static bool read_address(struct sv a, struct origin *o)
{
	char text[AUTHORITY_CAP + 4];

	memcpy(text, a.p, a.n);
	memcpy(text + a.n, ":80", 4);
	if (memchr(a.p, ':', a.n) && a.p[a.n - 1] != ']')
		text[a.n] = '\0';
	return addr_parse(text, &o->addr, &o->addr_octets) && addr_port(&o->addr) != 0;
}

static struct origin *origin_find(struct http_plain *p, struct sv authority, bool add)
{
	struct origin *o;

	for (size_t i = 0; i < p->origin_count; i++)
		if (sv_is(authority, p->origin[i].authority))
			return &p->origin[i];
	if (p->origin_count == ORIGINS_MAX)
		return NULL;
	o = &p->origin[p->origin_count];
	if (!read_address(authority, o) && !add)
		return NULL;
	memcpy(o->authority, authority.p, authority.n);
	o->authority[authority.n] = '\0';
	o->until_ms = 0;
	LIST_INIT(&o->idle);
	p->origin_count++;
	return o;
}

void http_plain_learn(struct http_plain *p, const char *url, const char *ip, unsigned port)
{
	const char *path;
	struct sv authority = authority_of(url, &path);
	struct sockaddr_storage addr;
	struct origin known, *o;
	socklen_t octets;

	if (authority.n == 0 || read_address(authority, &known) ||
	    !addr_of_host(ip, port, &addr, &octets))
		return;
	o = origin_find(p, authority, true);
	if (!o)
		return;
	o->addr = addr;
	o->addr_octets = octets;
	o->until_ms = clock_mono_ms() + LEARNT_MS;
}

/* ---- a connection's life ---- */

static struct timeval tv_until(uint64_t deadline_ms, uint64_t now_ms)
{
	uint64_t left = deadline_ms > now_ms ? deadline_ms - now_ms : 0;

	return (struct timeval){(time_t)(left / 1000), (suseconds_t)(left % 1000 * 1000)};
}

static void leave_idle(struct http_plain_conn *c)
{
	LIST_REMOVE(c, idle);
	c->p->idle_count--;
}

static void conn_free(struct http_plain_conn *c)
{
	if (!c->is_busy)
		leave_idle(c);
	LIST_REMOVE(c, all);
	event_free(c->readable);
	if (c->writable)
		event_free(c->writable);
	close(c->fd);
	buf_clear(&c->in);
	buf_clear(&c->out);
	free(c);
}

static void fail(struct http_plain_conn *c, enum http_out_rc rc)
{
	http_plain_fn *fn = c->p->fn;
	void *arg = c->arg;

	conn_free(c);
	fn(&(struct http_out_answer){.rc = rc, .retry_after_s = -1}, arg);
}

/* Nobody is there: the address is asked for again. */
static void fail_connect(struct http_plain_conn *c)
{
	if (c->origin->until_ms != 0)
		c->origin->until_ms = 1;
	fail(c, HTTP_OUT_NO_CONNECT);
}

/* Seconds or a date; -1: none, or it is over. */
static long retry_after(struct sv s)
{
	char text[64];
	time_t now = time(NULL), at;
	long v;

	if (s.n == 0 || s.n >= sizeof(text))
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	at = curl_getdate(text, NULL);
	v = text[0] >= '0' && text[0] <= '9' ? strtol(text, NULL, 10) : (long)(at - now);
	return v > 0 && v < LONG_MAX ? v : -1;
}

/* The connection is there for the next request before the completion, which may send it. */
static void answered(struct http_plain_conn *c, const struct http_answer *a)
{
	struct http_out_answer out = {.rc = HTTP_OUT_DONE,
	    .status = a->status,
	    .body = a->body,
	    .content_type = a->content_type,
	    .retry_after_s = retry_after(a->retry_after)};
	static const struct timeval idle = {IDLE_S, 0};
	struct http_plain *p = c->p;
	struct buf in = c->in;
	void *arg = c->arg;

	buf_init(&c->in, c->in.max);
	if (a->keeps && !c->writable && p->idle_count < p->max_idle) {
		c->is_busy = false;
		c->is_used = true;
		LIST_INSERT_HEAD(&c->origin->idle, c, idle);
		p->idle_count++;
		event_add(c->readable, &idle);
	} else {
		conn_free(c);
	}
	p->fn(&out, arg);
	buf_clear(&in);
}

static void received(struct http_plain_conn *c, char *octets, size_t n, bool is_end)
{
	struct http_plain *p = c->p;
	struct http_answer a;
	struct timeval tv;

	if (c->in.n > 0 && n > 0) {
		buf_add(&c->in, octets, n);
		octets = c->in.p;
		n = c->in.n;
	} else if (n == 0) {
		octets = c->in.p;
		n = c->in.n;
	}
	switch (c->in.full ? HTTP_ANSWER_BIG
			   : http_answer_read(octets, n, is_end, c->is_head, p->max_body, &a)) {
	case HTTP_ANSWER_OK:
		answered(c, &a);
		return;
	case HTTP_ANSWER_BAD:
		fail(c, HTTP_OUT_BROKEN);
		return;
	case HTTP_ANSWER_BIG:
		fail(c, HTTP_OUT_TOO_BIG);
		return;
	case HTTP_ANSWER_MORE:
		if (c->in.n == 0)
			buf_add(&c->in, octets, n);
		/* The event would count its time from now on. */
		tv = tv_until(c->deadline_ms, clock_mono_ms());
		event_add(c->readable, &tv);
		return;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct http_plain_conn *c = arg;
	ssize_t n = what & EV_TIMEOUT ? -1 : recv(fd, c->p->in, sizeof(c->p->in), 0);

	if (what & EV_TIMEOUT) {
		if (c->is_busy)
			fail(c, HTTP_OUT_TIMEOUT);
		else
			conn_free(c);
	} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	} else if (!c->is_busy) { /* closed, or what nobody asked for */
		conn_free(c);
	} else if (n <= 0 && !c->is_up) {
		fail_connect(c);
	} else if (n <= 0 && c->in.n == 0 && c->is_used) { /* closed while the request was on its way */
		fail(c, HTTP_OUT_NO_CONNECT);
	} else if (n < 0) {
		fail(c, HTTP_OUT_BROKEN);
	} else {
		received(c, c->p->in, (size_t)n, n == 0);
	}
}

/* true: all is written, or the rest waits. */
static bool write_out(struct http_plain_conn *c, const char *octets, size_t n)
{
	ssize_t done = send(c->fd, octets, n, MSG_NOSIGNAL);

	if (done < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (done < 0)
		done = 0;
	if (c->out.n > 0)
		buf_drop(&c->out, (size_t)done);
	else if ((size_t)done < n)
		buf_add(&c->out, octets + done, n - (size_t)done);
	return true;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct http_plain_conn *c = arg;
	socklen_t octets = sizeof(int);
	int err = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &octets) != 0 || err != 0) {
		fail_connect(c);
		return;
	}
	c->is_up = true;
	if (!write_out(c, c->out.p, c->out.n)) {
		fail(c, c->is_used ? HTTP_OUT_NO_CONNECT : HTTP_OUT_BROKEN);
	} else if (c->out.n == 0) {
		event_free(c->writable);
		c->writable = NULL;
		buf_clear(&c->out);
	}
}

static struct http_plain_conn *conn_new(struct http_plain *p, struct origin *o)
{
	int fd = socket(o->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	struct http_plain_conn *c;

	if (fd < 0)
		return NULL;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&o->addr, o->addr_octets) != 0 && errno != EINPROGRESS) {
		close(fd);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->p = p;
	c->origin = o;
	c->fd = fd;
	c->is_busy = true;
	/* Chunks of one octet have five more; who sends those shall send less. */
	buf_init(&c->in, HTTP_ANSWER_HEAD_MAX + 2 * p->max_body);
	buf_init(&c->out, REQUEST_MAX);
	c->readable = event_new(p->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	if (!c->readable)
		abort();
	LIST_INSERT_HEAD(&p->all, c, all);
	p->connects++;
	return c;
}

/* ---- public ---- */

struct http_plain *http_plain_new(struct event_base *base, const struct http_out_conf *cf,
    http_plain_fn *fn)
{
	struct http_plain *p = xcalloc(1, sizeof(*p));

	p->base = base;
	p->fn = fn;
	p->max_idle = cf->max_idle;
	p->max_body = cf->max_body;
	buf_init(&p->request, REQUEST_MAX);
	return p;
}

/* On a connection that was just freed for being closed, the next one is tried. */
static struct http_plain_conn *give(struct http_plain *p, struct origin *o, uint64_t now)
{
	struct sv r = buf_sv(&p->request);
	struct http_plain_conn *c;

	while ((c = LIST_FIRST(&o->idle)) != NULL) {
		leave_idle(c);
		c->is_busy = true;
		if (write_out(c, r.p, r.n))
			break;
		conn_free(c);
	}
	if (!c && o->until_ms != 0 && o->until_ms <= now)
		return NULL;
	if (!c) {
		c = conn_new(p, o);
		if (c)
			buf_addsv(&c->out, r); /* written when it is connected */
	}
	if (c && c->out.n > 0) {
		c->writable = event_new(p->base, c->fd, EV_WRITE | EV_PERSIST, on_writable, c);
		if (!c->writable)
			abort();
		event_add(c->writable, NULL);
	}
	return c;
}

struct http_plain_conn *http_plain_send(struct http_plain *p, const struct http_way_req *r, void *arg)
{
	uint64_t now = clock_mono_ms();
	const char *path;
	struct sv authority = authority_of(r->url, &path);
	struct origin *o = authority.n > 0 ? origin_find(p, authority, false) : NULL;
	struct http_plain_conn *c;
	struct buf *b = &p->request;
	struct timeval tv;

	if (!o)
		return NULL;
	buf_reset(b);
	buf_addf(b, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n", r->method, path, o->authority);
	buf_addsv(b, r->fields);
	if (r->has_body)
		buf_addf(b, "Content-Length: %zu\r\n", r->body.n);
	buf_adds(b, "\r\n");
	buf_addsv(b, r->body);
	c = b->full ? NULL : give(p, o, now);
	if (!c)
		return NULL;
	c->arg = arg;
	c->is_head = strcmp(r->method, "HEAD") == 0;
	c->deadline_ms = now + r->timeout_ms;
	tv = tv_until(c->deadline_ms, now);
	event_add(c->readable, &tv);
	return c;
}

void http_plain_cancel(struct http_plain_conn *c)
{
	conn_free(c);
}

uint64_t http_plain_connects(const struct http_plain *p)
{
	return p->connects;
}

void http_plain_free(struct http_plain *p)
{
	struct http_plain_conn *c;

	if (!p)
		return;
	while ((c = LIST_FIRST(&p->all)) != NULL) {
		assert(!c->is_busy);
		conn_free(c);
	}
	buf_clear(&p->request);
	free(p);
}
