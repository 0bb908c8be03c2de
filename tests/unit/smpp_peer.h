/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_peer.h - a message centre for tests of smpp_link, scripted by the test, in the same loop. It
 * builds and reads octets by itself, not through src/codec. And the application's side: callbacks
 * that write down what they are told, and check that no callback comes from inside a call. */
#ifndef DK_SMPP_PEER_H
#define DK_SMPP_PEER_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "loop_test.h"
#include "net/smpp_link.h"

#define PEER_SEEN_MAX 4096u
#define SUBMITS_MAX 4096u

struct seen {
	uint32_t len, id, status, seq;
	uint8_t body[96]; /* what follows the header, cut */
};

struct peer {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *bev; /* the newest connection, or NULL */
	unsigned port;
	size_t accepted, reads, closed;
	struct seen seen[PEER_SEEN_MAX];
	size_t seen_count;
	/* what it does by itself */
	bool mute_bind, mute_unbind, mute_enquire, answers_submits, closes_at_accept;
	uint32_t bind_status;
};

struct app {
	struct event_base *base;
	struct peer peer;
	struct smpp_link *link;
	struct smpp_link_conf cf;
	bool in_call;
	enum smpp_link_state state;
	size_t state_count[SMPP_LINK_DOWN + 1];
	char reason[128];
	char wait_reason[128]; /* of the last SMPP_LINK_WAIT: the link does not stay there */
	unsigned done[SUBMITS_MAX]; /* completions by id */
	uint32_t status[SUBMITS_MAX];
	unsigned order[SUBMITS_MAX], done_count;
	char message_id[128]; /* the last */
	size_t rooms, delivers;
	uint64_t token[PEER_SEEN_MAX]; /* of the delivers */
	char text[64]; /* short_message of the last */
	bool answers_delivers;
	void (*extra)(struct app *a); /* called at the end of every callback */
};

/* ---- octets ---- */

static inline void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void make_pdu(struct buf *b, uint32_t id, uint32_t status, uint32_t seq, const void *body,
    size_t n)
{
	uint8_t h[16];

	put32(h, (uint32_t)(16 + n));
	put32(h + 4, id);
	put32(h + 8, status);
	put32(h + 12, seq);
	buf_add(b, h, sizeof(h));
	buf_add(b, body, n);
}

static inline void make_deliver(struct buf *b, uint32_t seq, const char *text)
{
	struct buf body;

	buf_init(&body, 1024);
	buf_add(&body,
	    "\0" /* service_type */
	    "\1\1"
	    "919812345678\0"
	    "\0\1"
	    "56161\0"
	    "\0\0\0" /* esm_class, protocol_id, priority_flag */
	    "\0\0" /* times */
	    "\0\0\0\0", /* registered_delivery, replace, data_coding, default id */
	    1 + 2 + 13 + 2 + 6 + 3 + 2 + 4);
	buf_addc(&body, (char)strlen(text));
	buf_adds(&body, text);
	make_pdu(b, 5, 0, seq, body.p, body.n);
	buf_clear(&body);
}

/* ---- the peer ---- */

static inline void peer_raw(struct peer *p, const void *octets, size_t n)
{
	assert_non_null(p->bev);
	bufferevent_write(p->bev, octets, n);
}

static inline void peer_send(struct peer *p, uint32_t id, uint32_t status, uint32_t seq,
    const void *body, size_t n)
{
	struct buf b;

	buf_init(&b, 1 << 17);
	make_pdu(&b, id, status, seq, body, n);
	peer_raw(p, b.p, b.n);
	buf_clear(&b);
}

static inline void peer_deliver(struct peer *p, uint32_t seq, const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	make_deliver(&b, seq, text);
	peer_raw(p, b.p, b.n);
	buf_clear(&b);
}

static inline void peer_submit_resp(struct peer *p, uint32_t seq, uint32_t status)
{
	char id[32];

	snprintf(id, sizeof(id), "m%u", seq);
	peer_send(p, 0x80000004, status, seq, id, status ? 0 : strlen(id) + 1);
}

static inline void peer_close(struct peer *p)
{
	if (p->bev)
		bufferevent_free(p->bev);
	p->bev = NULL;
}

static inline void peer_think(struct peer *p, const struct seen *s)
{
	if (s->id >= 1 && s->id <= 9 && (s->id == 1 || s->id == 2 || s->id == 9) && !p->mute_bind)
		peer_send(p, s->id | 0x80000000, p->bind_status, s->seq, "centre",
		    p->bind_status ? 0 : 7);
	else if (s->id == 6 && !p->mute_unbind)
		peer_send(p, 0x80000006, 0, s->seq, NULL, 0);
	else if (s->id == 0x15 && !p->mute_enquire)
		peer_send(p, 0x80000015, 0, s->seq, NULL, 0);
	else if (s->id == 4 && p->answers_submits)
		peer_submit_resp(p, s->seq, 0);
}

static inline void peer_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct peer *p = arg;

	p->reads++;
	while (evbuffer_get_length(in) >= 16) {
		uint8_t h[16];
		struct seen *s = &p->seen[p->seen_count % PEER_SEEN_MAX];
		size_t body;

		evbuffer_copyout(in, h, 16);
		memset(s, 0, sizeof(*s));
		s->len = get32(h);
		if (evbuffer_get_length(in) < s->len)
			return;
		s->id = get32(h + 4);
		s->status = get32(h + 8);
		s->seq = get32(h + 12);
		evbuffer_drain(in, 16);
		body = s->len - 16 < sizeof(s->body) ? s->len - 16 : sizeof(s->body);
		evbuffer_copyout(in, s->body, body);
		evbuffer_drain(in, s->len - 16);
		p->seen_count++;
		peer_think(p, s);
	}
}

static inline void peer_event(struct bufferevent *bev, short what, void *arg)
{
	struct peer *p = arg;

	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	p->closed++;
	bufferevent_free(bev);
	if (p->bev == bev)
		p->bev = NULL;
}

static inline void peer_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
    void *arg)
{
	struct peer *p = arg;

	(void)l;
	(void)sa;
	(void)n;
	p->accepted++;
	if (p->closes_at_accept) {
		close(fd);
		return;
	}
	peer_close(p);
	p->bev = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(p->bev, peer_read, NULL, peer_event, p);
	bufferevent_enable(p->bev, EV_READ | EV_WRITE);
}

/* How many PDUs with that id came; the last of them into *last (may be NULL). */
static inline size_t peer_saw(const struct peer *p, uint32_t id, struct seen *last)
{
	size_t n = 0, i;

	if (last)
		memset(last, 0, sizeof(*last));
	for (i = 0; i < p->seen_count && i < PEER_SEEN_MAX; i++) {
		if (p->seen[i].id != id)
			continue;
		n++;
		if (last)
			*last = p->seen[i];
	}
	return n;
}

/* ---- the application ---- */

static inline void app_extra(struct app *a)
{
	if (a->extra)
		a->extra(a);
}

static inline void on_state(struct smpp_link *l, enum smpp_link_state s, const char *reason, void *arg)
{
	struct app *a = arg;

	assert_false(a->in_call);
	assert_int_equal(smpp_link_state(l), s);
	assert_int_not_equal(a->state, SMPP_LINK_DOWN); /* the last state */
	a->state = s;
	a->state_count[s]++;
	snprintf(a->reason, sizeof(a->reason), "%s", reason);
	if (s == SMPP_LINK_WAIT)
		snprintf(a->wait_reason, sizeof(a->wait_reason), "%s", reason);
	app_extra(a);
}

static inline void on_deliver(struct smpp_link *l, const struct smpp_pdu *pdu, uint64_t token,
    void *arg)
{
	struct app *a = arg;

	assert_false(a->in_call);
	a->token[a->delivers++ % PEER_SEEN_MAX] = token;
	snprintf(a->text, sizeof(a->text), SV_FMT, SV_ARG(pdu->short_message));
	if (a->answers_delivers)
		smpp_link_deliver_resp(l, token, ESME_ROK);
	app_extra(a);
}

static inline void on_submitted(struct smpp_link *l, uint64_t id, uint32_t status, struct sv message_id,
    void *arg)
{
	struct app *a = arg;

	(void)l;
	assert_false(a->in_call);
	assert_true(id < SUBMITS_MAX);
	a->done[id]++;
	a->status[id] = status;
	a->order[a->done_count++ % SUBMITS_MAX] = (unsigned)id;
	snprintf(a->message_id, sizeof(a->message_id), SV_FMT, SV_ARG(message_id));
	app_extra(a);
}

static inline void on_room(struct smpp_link *l, void *arg)
{
	struct app *a = arg;

	assert_false(a->in_call);
	assert_int_equal(smpp_link_state(l), SMPP_LINK_BOUND);
	assert_true(smpp_link_room(l) > 0);
	a->rooms++;
	app_extra(a);
}

static const struct smpp_link_ops app_ops = {
    .on_state = on_state, .on_deliver = on_deliver, .on_submitted = on_submitted, .on_room = on_room};

static inline int app_set_up(void **state)
{
	struct app *a = xcalloc(1, sizeof(*a));

	signal(SIGPIPE, SIG_IGN); /* as every program of ours does */
	log_init(LOG_ERR, LOG_LOGFMT);
	a->base = a->peer.base = event_base_new();
	a->peer.listener = listen_any(a->base, peer_accept, &a->peer, &a->peer.port);
	a->cf = (struct smpp_link_conf){.name = "t1",
	    .host = "127.0.0.1",
	    .port = a->peer.port,
	    .system_id = "dakiya",
	    .password = "secret",
	    .system_type = "cp",
	    .address_range = "56161",
	    .bind = SMPP_BIND_TRANSCEIVER,
	    .interface_version = 0x34,
	    .window = 10,
	    .response_ms = 10000,
	    .enquire_ms = 60000,
	    .connect_ms = 5000,
	    .reconnect_min_ms = 10,
	    .reconnect_max_ms = 100,
	    .deliver_max = 10};
	*state = a;
	return a->peer.listener ? 0 : -1;
}

static inline int app_tear_down(void **state)
{
	struct app *a = *state;

	smpp_link_free(a->link);
	loop_for_ms(a->base, 5); /* for what was outstanding */
	peer_close(&a->peer);
	evconnlistener_free(a->peer.listener);
	event_base_free(a->base);
	free(a);
	return 0;
}

static inline void app_start(struct app *a)
{
	a->in_call = true;
	a->link = smpp_link_new(a->base, &a->cf, &app_ops, a);
	a->in_call = false;
}

static inline void app_bind(struct app *a)
{
	app_start(a);
	WAIT_UNTIL(a->base, a->state == SMPP_LINK_BOUND && a->peer.bev);
}

static inline void app_stop(struct app *a)
{
	a->in_call = true;
	smpp_link_stop(a->link);
	a->in_call = false;
}

static inline enum smpp_submit_rc app_submit(struct app *a, uint64_t id)
{
	struct smpp_pdu pdu;
	enum smpp_submit_rc rc;
	bool was = a->in_call;

	memset(&pdu, 0, sizeof(pdu));
	pdu.source_addr = SV("56161");
	pdu.destination_addr = SV("919812345678");
	pdu.short_message = SV("hello");
	a->in_call = true;
	rc = smpp_link_submit(a->link, &pdu, id);
	a->in_call = was;
	return rc;
}

static inline struct smpp_link_stats app_stats(const struct app *a)
{
	struct smpp_link_stats st;

	smpp_link_stats(a->link, &st);
	return st;
}

#endif
