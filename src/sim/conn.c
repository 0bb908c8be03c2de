/* SPDX-License-Identifier: BSD-2-Clause */
/* conn.c - byte streams on one loop; see conn.h. */
#include "sim/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "sim/sock.h"

#define READ_MIN 4096u
#define READ_ROOM (32u << 10) /* free space wanted before a read once a peer is busy */

struct conn {
	struct conns *cs;
	struct event *rd, *wr;
	int fd;
	const struct conn_ops *ops;
	void *arg;
	uint8_t *in;
	size_t in_n, in_cap;
	struct buf out;
	bool is_dirty, is_closing, is_paused, wants_write;
	const char *reason; /* why closing; a constant */
	TAILQ_ENTRY(conn) link; /* of all */
	TAILQ_ENTRY(conn) dirty; /* of those to look at before the next turn */
};

struct listener {
	struct event *ev;
	int fd;
	conn_accept_fn *fn;
	void *arg;
	SLIST_ENTRY(listener) link;
};

TAILQ_HEAD(conn_list, conn);

struct conns {
	struct event_base *base;
	struct event *sig[2];
	bool stop;
	struct conn_list all, dirty;
	SLIST_HEAD(, listener) listeners;
};

struct conns *conns_new(void)
{
	struct conns *cs = xcalloc(1, sizeof(*cs));
	struct event_config *cfg = event_config_new();

	/* Timers to the microsecond: epoll's own are in milliseconds, which a latency would show. */
	if (!cfg || event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER) != 0)
		abort();
	cs->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	if (!cs->base)
		abort();
	TAILQ_INIT(&cs->all);
	TAILQ_INIT(&cs->dirty);
	SLIST_INIT(&cs->listeners);
	(void)signal(SIGPIPE, SIG_IGN);
	return cs;
}

struct event_base *conns_base(struct conns *cs)
{
	return cs->base;
}

static void on_accept(evutil_socket_t lfd, short what, void *arg)
{
	struct listener *l = arg;
	int fd;

	(void)what;
	while ((fd = accept((int)lfd, NULL, NULL)) >= 0)
		l->fn(fd, l->arg);
}

int conns_listen(struct conns *cs, const char *addr, conn_accept_fn *fn, void *arg, char *err,
    size_t err_cap)
{
	int fd = sock_listen(addr, err, err_cap);
	struct listener *l;

	if (fd < 0)
		return -1;
	l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	l->fn = fn;
	l->arg = arg;
	l->ev = event_new(cs->base, fd, EV_READ | EV_PERSIST, on_accept, l);
	if (!l->ev)
		abort();
	event_add(l->ev, NULL);
	SLIST_INSERT_HEAD(&cs->listeners, l, link);
	return (int)sock_port(fd);
}

static void mark_dirty(struct conn *c)
{
	if (!c->is_dirty) {
		c->is_dirty = true;
		TAILQ_INSERT_TAIL(&c->cs->dirty, c, dirty);
	}
}

void conn_close(struct conn *c, const char *reason)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	c->reason = reason;
	event_del(c->rd);
	mark_dirty(c);
}

bool conn_is_open(const struct conn *c)
{
	return !c->is_closing;
}

void conn_write(struct conn *c, const void *p, size_t n)
{
	if (c->is_closing)
		return;
	buf_add(&c->out, p, n);
	if (c->out.full)
		conn_close(c, "peer does not read");
	mark_dirty(c);
}

void conn_pause(struct conn *c, bool paused)
{
	if (c->is_closing || c->is_paused == paused)
		return;
	c->is_paused = paused;
	if (paused)
		event_del(c->rd);
	else
		event_add(c->rd, NULL);
}

/* Room for a read: small for a quiet peer, larger for a busy one. false: a unit is too long. */
static bool room_to_read(struct conn *c)
{
	size_t want = c->in_n == 0 && c->in_cap < READ_ROOM ? READ_MIN : READ_ROOM;

	if (c->in_cap - c->in_n >= want)
		return true;
	if (c->in_n + want > CONN_IN_MAX)
		return c->in_cap > c->in_n;
	c->in_cap = c->in_cap ? c->in_cap * 2 : READ_MIN;
	while (c->in_cap - c->in_n < want)
		c->in_cap *= 2;
	c->in = xrealloc(c->in, c->in_cap);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	size_t used;
	ssize_t n;

	(void)what;
	if (!room_to_read(c)) {
		conn_close(c, "peer sent a unit without an end");
		return;
	}
	n = read((int)fd, c->in + c->in_n, c->in_cap - c->in_n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(c, n == 0 ? "peer closed" : "connection reset");
		return;
	}
	c->in_n += (size_t)n;
	if (c->in_n == c->in_cap && c->in_cap < CONN_IN_MAX / 2)
		c->in = xrealloc(c->in, c->in_cap *= 2);
	used = c->ops->on_data(c, c->in, c->in_n, c->arg);
	if (used > 0 && used < c->in_n)
		memmove(c->in, c->in + used, c->in_n - used);
	c->in_n -= used;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	c->wants_write = false;
	mark_dirty(c);
}

struct conn *conn_new(struct conns *cs, int fd, const struct conn_ops *ops, void *arg)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	sock_nonblock(fd);
	sock_nodelay(fd);
	c->cs = cs;
	c->fd = fd;
	c->ops = ops;
	c->arg = arg;
	buf_init(&c->out, CONN_OUT_MAX);
	c->rd = event_new(cs->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->wr = event_new(cs->base, fd, EV_WRITE, on_writable, c);
	if (!c->rd || !c->wr)
		abort();
	event_add(c->rd, NULL);
	TAILQ_INSERT_TAIL(&cs->all, c, link);
	return c;
}

static void flush(struct conn *c)
{
	ssize_t n;

	if (c->out.n == 0 || c->wants_write)
		return;
	n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		buf_reset(&c->out);
		conn_close(c, "connection reset");
		return;
	}
	if (n > 0 && (size_t)n == c->out.n)
		buf_reset(&c->out);
	else if (n > 0)
		buf_drop(&c->out, (size_t)n);
	if (c->out.n > 0) {
		c->wants_write = true;
		event_add(c->wr, NULL);
	}
}

static void conn_free(struct conn *c)
{
	TAILQ_REMOVE(&c->cs->all, c, link);
	event_free(c->rd);
	event_free(c->wr);
	close(c->fd);
	buf_clear(&c->out);
	free(c->in);
	free(c);
}

/* Between turns: send what was written, then reap what closed. on_closed may write to others. */
static void settle(struct conns *cs)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&cs->dirty))) {
		flush(c);
		TAILQ_REMOVE(&cs->dirty, c, dirty);
		c->is_dirty = false;
		if (!c->is_closing)
			continue;
		c->ops->on_closed(c, c->reason, c->arg);
		if (c->is_dirty)
			TAILQ_REMOVE(&cs->dirty, c, dirty);
		conn_free(c);
	}
}

static void on_signal(evutil_socket_t s, short what, void *arg)
{
	(void)s;
	(void)what;
	conns_stop(arg);
}

void conns_catch_signals(struct conns *cs)
{
	static const int sigs[2] = {SIGINT, SIGTERM};

	for (size_t i = 0; i < 2; i++) {
		cs->sig[i] = evsignal_new(cs->base, sigs[i], on_signal, cs);
		if (!cs->sig[i])
			abort();
		event_add(cs->sig[i], NULL);
	}
}

void conns_stop(struct conns *cs)
{
	cs->stop = true;
	event_base_loopbreak(cs->base);
}

void conns_run(struct conns *cs)
{
	settle(cs);
	while (!cs->stop) {
		(void)event_base_loop(cs->base, EVLOOP_ONCE);
		settle(cs);
	}
	cs->stop = false;
}

void conns_close_all(struct conns *cs)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&cs->all); c; c = next) {
		next = TAILQ_NEXT(c, link);
		conn_close(c, "closing down");
	}
	settle(cs);
}

void conns_free(struct conns *cs)
{
	struct listener *l;

	if (!cs)
		return;
	conns_close_all(cs);
	while ((l = SLIST_FIRST(&cs->listeners))) {
		SLIST_REMOVE_HEAD(&cs->listeners, link);
		event_free(l->ev);
		close(l->fd);
		free(l);
	}
	for (size_t i = 0; i < 2; i++)
		if (cs->sig[i])
			event_free(cs->sig[i]);
	event_base_free(cs->base);
	free(cs);
}
