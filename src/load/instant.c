/* SPDX-License-Identifier: BSD-2-Clause */
/* instant.c - see instant.h. Speaks no more HTTP than clients of a load test do. */
#include "load/instant.h"

#include <ctype.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"

#define BODY_MAX (16u << 10)

struct peer {
	struct instant *owner;
	struct conn *conn; /* NULL once closed: kept while answers wait */
	size_t waiting;
};

struct waiting {
	struct peer *peer;
	uint64_t due_us;
	struct buf out;
	STAILQ_ENTRY(waiting) link;
};

struct instant {
	struct conns *cs;
	unsigned port;
	uint64_t delay_ms;
	const char *type;
	instant_fn *fn;
	void *arg;
	struct event *timer;
	STAILQ_HEAD(, waiting) waiting; /* the delay is the same for all, so in order of due_us */
	struct buf body;
};

static void arm(struct instant *i)
{
	struct waiting *w = STAILQ_FIRST(&i->waiting);
	uint64_t now = clock_mono_us(), us = w && w->due_us > now ? w->due_us - now : 0;
	struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};

	if (w && !event_pending(i->timer, EV_TIMEOUT, NULL))
		event_add(i->timer, &tv);
}

static void waiting_done(struct instant *i, struct waiting *w, bool send)
{
	STAILQ_REMOVE_HEAD(&i->waiting, link);
	if (w->peer->conn && send)
		conn_write(w->peer->conn, w->out.p, w->out.n);
	if (--w->peer->waiting == 0 && !w->peer->conn)
		free(w->peer);
	buf_clear(&w->out);
	free(w);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct instant *i = arg;
	uint64_t now = clock_mono_us();
	struct waiting *w;

	(void)fd;
	(void)what;
	while ((w = STAILQ_FIRST(&i->waiting)) && w->due_us <= now)
		waiting_done(i, w, true);
	arm(i);
}

static void answer(struct peer *p, struct sv target)
{
	struct instant *i = p->owner;
	struct waiting *w;
	struct buf out;
	int status;

	buf_reset(&i->body);
	status = i->fn(target, &i->body, i->arg);
	buf_init(&out, BODY_MAX + 256);
	buf_addf(&out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
	    status == 200 ? "OK" : "No", i->type, i->body.n);
	buf_add(&out, buf_str(&i->body), i->body.n);
	if (i->delay_ms == 0) {
		conn_write(p->conn, out.p, out.n);
		buf_clear(&out);
		return;
	}
	w = xcalloc(1, sizeof(*w));
	w->peer = p;
	w->due_us = clock_mono_us() + i->delay_ms * 1000;
	w->out = out;
	p->waiting++;
	STAILQ_INSERT_TAIL(&i->waiting, w, link);
	arm(i);
}

static bool starts_nocase(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	if (n < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (tolower((unsigned char)p[i]) != word[i])
			return false;
	return true;
}

/* Octets of the body, from the header lines. */
static size_t body_octets(struct sv head)
{
	const char *p = head.p, *end = head.p + head.n, *nl;

	while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
		p = nl + 1;
		if (starts_nocase(p, (size_t)(end - p), "content-length:"))
			return (size_t)strtoull(p + strlen("content-length:"), NULL, 10);
	}
	return 0;
}

/* End of the head at p[0..n), behind its empty line; 0: not there yet. */
static size_t head_end(const char *p, size_t n)
{
	const char *at = p, *end = p + n, *nl;

	while ((nl = memchr(at, '\n', (size_t)(end - at)))) {
		if (end - nl > 2 && nl[1] == '\r' && nl[2] == '\n')
			return (size_t)(nl - p) + 3;
		at = nl + 1;
	}
	return 0;
}

static struct sv target_of(struct sv head)
{
	const char *a = memchr(head.p, ' ', head.n), *b;

	if (!a)
		return SV("/");
	a++;
	b = memchr(a, ' ', head.n - (size_t)(a - head.p));
	return b ? (struct sv){a, (size_t)(b - a)} : SV("/");
}

static size_t on_data(struct conn *c, const uint8_t *in, size_t n, void *arg)
{
	const char *p = (const char *)in;
	size_t off = 0, head, body;

	(void)c;
	while ((head = head_end(p + off, n - off))) {
		body = body_octets((struct sv){p + off, head});
		if (body > BODY_MAX) {
			conn_close(c, "body too long");
			return n;
		}
		if (n - off < head + body)
			break;
		answer(arg, target_of((struct sv){p + off, head}));
		off += head + body;
	}
	return off;
}

static void on_closed(struct conn *c, const char *reason, void *arg)
{
	struct peer *p = arg;

	(void)c;
	(void)reason;
	p->conn = NULL;
	if (p->waiting == 0)
		free(p);
}

static void on_peer(int fd, void *arg)
{
	static const struct conn_ops ops = {.on_data = on_data, .on_closed = on_closed};
	struct peer *p = xcalloc(1, sizeof(*p));

	p->owner = arg;
	p->conn = conn_new(p->owner->cs, fd, &ops, p);
}

struct instant *instant_new(struct conns *cs, const char *listen, uint64_t delay_ms,
    const char *content_type, instant_fn *fn, void *arg, char *err, size_t err_cap)
{
	struct instant *i = xcalloc(1, sizeof(*i));
	int port = conns_listen(cs, listen, on_peer, i, err, err_cap);

	if (port < 0) {
		free(i);
		return NULL;
	}
	i->cs = cs;
	i->port = (unsigned)port;
	i->delay_ms = delay_ms;
	i->type = content_type;
	i->fn = fn;
	i->arg = arg;
	i->timer = event_new(conns_base(cs), -1, 0, on_timer, i);
	if (!i->timer)
		abort();
	STAILQ_INIT(&i->waiting);
	buf_init(&i->body, BODY_MAX);
	return i;
}

unsigned instant_port(const struct instant *i)
{
	return i->port;
}

void instant_free(struct instant *i)
{
	if (!i)
		return;
	while (!STAILQ_EMPTY(&i->waiting))
		waiting_done(i, STAILQ_FIRST(&i->waiting), false);
	event_free(i->timer);
	buf_clear(&i->body);
	free(i);
}
