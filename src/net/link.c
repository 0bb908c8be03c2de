/* SPDX-License-Identifier: BSD-2-Clause */
/* link.c - the TCP transport: a bufferevent whose callbacks are deferred, so that none runs inside
 * a call from above. Written octets wait in its buffer for the end of the turn (rule 4), when they are shown to the
 * kernel without asking it first; the bufferevent writes only what it did not take. With TLS it writes all. */
#include "net/link.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/addr.h"
#include "net/link_tls.h"

#define WRITE_MARK (256u << 10) /* octets waiting: link_is_full */
#define WRITE_LOW (64u << 10) /* DRAINED at or below it */
#define WRITE_HARD (4u << 20) /* LINK_WRITE_FULL */
#define LAST_WORDS 16 /* pieces of the buffer tried when closing */

struct link {
	struct event_base *base;
	link_fn *fn;
	void *arg;
	struct bufferevent *bev; /* NULL: closed */
	struct evdns_base *dns; /* while a name is being looked up and until closed */
	struct event *flush; /* end of the turn; only while the bufferevent's own writing is disabled */
	struct event *timeout; /* of connecting; also brings the news of a failure at once */
	const char *reason; /* of that failure; a constant */
	const struct link_tls *tls; /* borrowed; NULL: none */
	char why[160];
	bool is_up, wants_drained;
};

/* ---- the end ---- */

/* What waits is shown to the kernel once; evbuffer_peek, because a bufferevent freezes its output. */
static void last_words(struct link *k)
{
	struct evbuffer_iovec v[LAST_WORDS];
	struct msghdr m = {.msg_iov = v};
	int n = evbuffer_peek(bufferevent_get_output(k->bev), -1, NULL, v, LAST_WORDS);

	if (!k->is_up || n <= 0)
		return;
	if (k->tls) {
		link_tls_ops(k->tls)->last_words(k->bev);
		return;
	}
	m.msg_iovlen = (size_t)(n < LAST_WORDS ? n : LAST_WORDS);
	if (sendmsg(bufferevent_getfd(k->bev), &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* nobody is left to be told */
}

static void drop(struct link *k)
{
	if (!k->bev)
		return;
	event_del(k->timeout);
	event_del(k->flush);
	bufferevent_free(k->bev);
	k->bev = NULL;
	if (k->dns)
		evdns_base_free(k->dns, 0);
	k->dns = NULL;
	k->is_up = k->wants_drained = false;
}

static void down(struct link *k, const char *reason)
{
	drop(k);
	k->fn(k, LINK_DOWN, reason, k->arg);
}

/* ---- doors, in the order in which they open ---- */

static void stop_its_writing(struct link *k)
{
	if (!k->tls && evbuffer_get_length(bufferevent_get_output(k->bev)) == 0)
		bufferevent_disable(k->bev, EV_WRITE);
}

static void on_up(struct link *k)
{
	int one = 1;

	setsockopt(bufferevent_getfd(k->bev), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	event_del(k->timeout);
	k->is_up = true;
	bufferevent_enable(k->bev, EV_READ);
	stop_its_writing(k);
	k->fn(k, LINK_UP, NULL, k->arg);
}

static const char *why_down(struct link *k, struct bufferevent *bev, short what)
{
	int dns = bufferevent_socket_get_dns_error(bev), err = EVUTIL_SOCKET_ERROR();

	if (k->tls && dns == 0) {
		if (link_tls_ops(k->tls)->why(bev, k->why, sizeof(k->why)))
			LOG(NULL, LOG_ERR, "link refused", "reason=%s", LOGQ(k->why));
		if (k->why[0])
			return k->why;
	}
	if (what & BEV_EVENT_EOF)
		return "closed by the peer";
	if (dns != 0)
		return evutil_gai_strerror(dns);
	return err != 0 ? evutil_socket_error_to_string(err) : "connection error";
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct link *k = arg;

	if (what & BEV_EVENT_CONNECTED)
		on_up(k);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		down(k, why_down(k, bev, what));
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct link *k = arg;

	(void)bev;
	k->fn(k, LINK_DATA, NULL, k->arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct link *k = arg;

	(void)bev;
	stop_its_writing(k);
	if (!k->wants_drained)
		return;
	k->wants_drained = false;
	k->fn(k, LINK_DRAINED, NULL, k->arg);
}

/* A bufferevent freezes its output, so that nobody takes from it but itself, which it does not now. It finds
 * an error by itself, too. */
static void on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct link *k = arg;
	struct evbuffer *out = bufferevent_get_output(k->bev);

	(void)fd;
	(void)what;
	evbuffer_unfreeze(out, 1);
	evbuffer_write(out, bufferevent_getfd(k->bev));
	evbuffer_freeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		bufferevent_enable(k->bev, EV_WRITE);
	if (evbuffer_get_length(out) <= WRITE_LOW)
		on_written(k->bev, k);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct link *k = arg;

	(void)fd;
	(void)what;
	down(k, k->reason);
}

/* ---- public ---- */

struct link *link_new(struct event_base *base, link_fn *fn, void *arg)
{
	struct link *k = xcalloc(1, sizeof(*k));

	k->base = base;
	k->fn = fn;
	k->arg = arg;
	k->timeout = event_new(base, -1, 0, on_timeout, k);
	k->flush = event_new(base, -1, 0, on_flush, k);
	if (!k->timeout || !k->flush)
		abort();
	return k;
}

/* What link_tls.c puts first in its struct: so this file does not draw in a TLS library. */
const struct link_tls_ops *link_tls_ops(const struct link_tls *t)
{
	return (const struct link_tls_ops *)t;
}

void link_set_tls(struct link *k, const struct link_tls *t)
{
	k->tls = t;
}

static bool start(struct link *k, const char *host, unsigned port)
{
	struct sockaddr_storage ss;
	socklen_t n;

	if (addr_of_host(host, port, &ss, &n))
		return bufferevent_socket_connect(k->bev, (struct sockaddr *)&ss, (int)n) == 0;
	/* A new one for each attempt, so that a changed resolv.conf or hosts file is seen. */
	k->dns = evdns_base_new(k->base,
	    EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!k->dns) { /* no name server is configured: the hosts file alone */
		k->dns = evdns_base_new(k->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
		if (!k->dns)
			return false;
		evdns_base_load_hosts(k->dns, "/etc/hosts");
	}
	return bufferevent_socket_connect_hostname(k->bev, k->dns, AF_UNSPEC, host, (int)port) == 0;
}

void link_open(struct link *k, const char *host, unsigned port, uint64_t timeout_ms)
{
	struct timeval tv = {(time_t)(timeout_ms / 1000), (suseconds_t)(timeout_ms % 1000 * 1000)};

	k->bev = k->tls ? link_tls_ops(k->tls)->wrap(k->tls, k->base, host)
			: bufferevent_socket_new(k->base, -1,
			      BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!k->bev)
		abort();
	bufferevent_setcb(k->bev, on_read, on_written, on_event, k);
	bufferevent_setwatermark(k->bev, EV_WRITE, WRITE_LOW, 0);
	bufferevent_enable(k->bev, EV_WRITE);
	k->reason = "connecting took too long";
	if (!start(k, host, port)) {
		bufferevent_setcb(k->bev, NULL, NULL, NULL, NULL); /* it may have said so too */
		k->reason = "cannot connect";
		memset(&tv, 0, sizeof(tv));
	}
	event_add(k->timeout, &tv);
}

void link_close(struct link *k)
{
	if (!k->bev)
		return;
	last_words(k);
	drop(k);
}

void link_free(struct link *k)
{
	if (!k)
		return;
	link_close(k);
	event_free(k->timeout);
	event_free(k->flush);
	free(k);
}

size_t link_octets(const struct link *k)
{
	return k->bev ? evbuffer_get_length(bufferevent_get_input(k->bev)) : 0;
}

const uint8_t *link_peek(struct link *k, size_t n)
{
	return evbuffer_pullup(bufferevent_get_input(k->bev), (ev_ssize_t)n);
}

void link_take(struct link *k, size_t n)
{
	evbuffer_drain(bufferevent_get_input(k->bev), n);
}

enum link_write_rc link_write(struct link *k, const void *p, size_t n)
{
	struct evbuffer *out;

	if (!k->bev)
		return LINK_WRITE_OK; /* as if it were lost on the way; DOWN tells */
	out = bufferevent_get_output(k->bev);
	if (evbuffer_get_length(out) + n > WRITE_HARD)
		return LINK_WRITE_FULL;
	evbuffer_add(out, p, n);
	if (!(bufferevent_get_enabled(k->bev) & EV_WRITE))
		event_active(k->flush, EV_WRITE, 1);
	if (evbuffer_get_length(out) > WRITE_MARK)
		k->wants_drained = true;
	return LINK_WRITE_OK;
}

bool link_is_full(const struct link *k)
{
	return k->bev && evbuffer_get_length(bufferevent_get_output(k->bev)) > WRITE_MARK;
}
