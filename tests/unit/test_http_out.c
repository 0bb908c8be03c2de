/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http_out.c - http_out against a server of raw sockets that misbehaves on request; everything is
 * asked both ways: http_plain takes the address as it is, and leaves one with a user name to libcurl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "loop_test.h"
#include "net/http_out.h"

struct server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *open[32];
	unsigned port;
	size_t accepted, requests, in_flight, most_in_flight;
	struct buf last; /* the last request as it came */
};

struct test {
	const char *user; /* in the URL: "" or "u@" */
	struct event_base *base;
	struct server srv;
	struct http_out *out;
};

struct got {
	size_t calls;
	enum http_out_rc rc;
	int status;
	long retry_after_s;
	char body[256], type[64];
	unsigned *order, turn; /* order of completion, when counted */
};

/* ---- the server ---- */

static void server_close(struct server *s, struct bufferevent *bev)
{
	size_t i;

	for (i = 0; i < 32; i++)
		if (s->open[i] == bev)
			s->open[i] = NULL;
	bufferevent_free(bev);
}

static void say(struct bufferevent *bev, const char *text)
{
	bufferevent_write(bev, text, strlen(text));
}

static void close_after(struct bufferevent *bev, void *arg)
{
	server_close(arg, bev);
}

static void server_event(struct bufferevent *bev, short what, void *arg)
{
	(void)what;
	server_close(arg, bev);
}

static void server_read(struct bufferevent *bev, void *arg);

/* The first piece is out: the client is on this loop, and has read it a moment later. */
static void say_rest(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	say(arg, "0\r\n\r\n0123456789");
}

static void next_piece(struct bufferevent *bev, void *arg)
{
	struct timeval soon = {0, 20000};

	bufferevent_setcb(bev, server_read, NULL, server_event, arg);
	event_base_once(bufferevent_get_base(bev), -1, EV_TIMEOUT, say_rest, bev, &soon);
}

static void server_answer(struct server *s, struct bufferevent *bev, const char *path, struct sv body)
{
	if (strcmp(path, "/ok") == 0)
		say(bev,
		    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
	else if (strcmp(path, "/retry") == 0)
		say(bev, "HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(path, "/redirect") == 0)
		say(bev, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(path, "/chunked") == 0)
		say(bev, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
			 "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	else if (strcmp(path, "/empty") == 0)
		say(bev, "HTTP/1.1 204 No Content\r\n\r\n");
	else if (strcmp(path, "/big") == 0)
		say(bev, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nxxxx");
	else if (strcmp(path, "/bigchunk") == 0) {
		char line[2100];
		int i;

		say(bev, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		memset(line, 'x', sizeof(line));
		for (i = 0; i < 8; i++) {
			say(bev, "800\r\n");
			bufferevent_write(bev, line, 2048);
			say(bev, "\r\n");
		}
	} else if (strcmp(path, "/echo") == 0) {
		evbuffer_add_printf(bufferevent_get_output(bev),
		    "HTTP/1.1 201 Created\r\nContent-Length: %zu\r\n\r\n", body.n);
		bufferevent_write(bev, body.p, body.n);
	} else if (strcmp(path, "/pieces") == 0) {
		say(bev, "HTTP/1.1 200 OK\r\nContent-Length: 1");
		bufferevent_setcb(bev, server_read, next_piece, server_event, s);
	} else if (strcmp(path, "/until-closed") == 0) {
		say(bev, "HTTP/1.1 200 OK\r\n\r\nto the end");
		bufferevent_setcb(bev, NULL, close_after, server_event, s);
	} else if (strcmp(path, "/closes") == 0) {
		say(bev, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/garbage") == 0)
		say(bev, "\001\002 this is no HTTP \r\n\r\n");
	else if (strcmp(path, "/early") == 0) {
		say(bev, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
		bufferevent_setcb(bev, NULL, close_after, server_event, s);
	} else if (strcmp(path, "/close") == 0)
		server_close(s, bev);
	else if (strcmp(path, "/stale") == 0) { /* keeps the connection in words, closes it in fact */
		say(bev, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		bufferevent_setcb(bev, NULL, close_after, server_event, s);
	}
	/* "/slow": no answer */
}

static void server_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct server *s = arg;
	char path[128] = "";
	const char *head_end, *length;
	struct buf *b = &s->last;
	size_t body = 0, head;

	buf_reset(b);
	buf_add(b, evbuffer_pullup(in, -1), evbuffer_get_length(in));
	head_end = strstr(buf_str(b), "\r\n\r\n");
	if (!head_end)
		return;
	head = (size_t)(head_end - buf_str(b)) + 4;
	length = strstr(buf_str(b), "Content-Length: ");
	if (length && length < head_end)
		body = (size_t)strtoul(length + 16, NULL, 10);
	if (b->n < head + body)
		return;
	s->requests++;
	evbuffer_drain(in, evbuffer_get_length(in));
	assert_int_equal(sscanf(buf_str(b), "%*s %127s", path), 1);
	server_answer(s, bev, path, (struct sv){buf_str(b) + head, body});
}

static void server_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
    void *arg)
{
	struct server *s = arg;
	struct bufferevent *bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	size_t i;

	(void)l;
	(void)sa;
	(void)n;
	for (i = 0; i < 32 && s->open[i]; i++)
		;
	assert_true(i < 32);
	s->open[i] = bev;
	s->accepted++;
	bufferevent_setcb(bev, server_read, NULL, server_event, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* ---- set up ---- */

static int set_up(void **state)
{
	static const struct http_out_conf cf = {
	    .max_active = 4, .max_waiting = 4, .max_idle = 4, .max_body = 4096};
	struct test *t = xcalloc(1, sizeof(*t));

	t->user = *state;
	t->base = event_base_new();
	t->srv.base = t->base;
	buf_init(&t->srv.last, 1 << 16);
	t->srv.listener = listen_any(t->base, server_accept, &t->srv, &t->srv.port);
	t->out = http_out_new(t->base, &cf);
	*state = t;
	return t->srv.listener ? 0 : -1;
}

static int tear_down(void **state)
{
	struct test *t = *state;
	size_t i;

	http_out_free(t->out);
	for (i = 0; i < 32; i++)
		if (t->srv.open[i])
			bufferevent_free(t->srv.open[i]);
	evconnlistener_free(t->srv.listener);
	buf_clear(&t->srv.last);
	event_base_free(t->base);
	free(t);
	return 0;
}

static void on_done(const struct http_out_answer *a, void *arg)
{
	struct got *g = arg;

	g->calls++;
	g->rc = a->rc;
	g->status = a->status;
	g->retry_after_s = a->retry_after_s;
	snprintf(g->body, sizeof(g->body), SV_FMT, SV_ARG(a->body));
	snprintf(g->type, sizeof(g->type), SV_FMT, SV_ARG(a->content_type));
	if (g->order)
		g->turn = ++*g->order;
}

static uint64_t ask(struct test *t, const char *method, const char *path, const char *body,
    uint64_t timeout_ms, struct got *g)
{
	char url[256];
	const char *headers[] = {"Idempotency-Key: k1", "Content-Type: application/json", NULL};
	struct http_out_req r = {.method = method, .url = url, .timeout_ms = timeout_ms};
	uint64_t id;
	size_t before = g->calls;

	snprintf(url, sizeof(url), "http://%s127.0.0.1:%u%s", t->user, t->srv.port, path);
	r.body = sv_from(body);
	r.headers = body ? headers : NULL;
	id = http_out_send(t->out, &r, on_done, g);
	assert_int_equal(g->calls, before); /* always later */
	memset(url, 'x', sizeof(url) - 1); /* arguments are borrowed for the call only */
	return id;
}

static void ask_wait(struct test *t, const char *method, const char *path, const char *body,
    struct got *g)
{
	memset(g, 0, sizeof(*g));
	ask(t, method, path, body, 10000, g);
	WAIT_UNTIL(t->base, g->calls > 0);
}

/* ---- tests ---- */

static void an_answer_comes_whole(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "GET", "/ok", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	assert_int_equal(g.status, 200);
	assert_string_equal(g.body, "hello");
	assert_string_equal(g.type, "text/plain");
	assert_int_equal(g.retry_after_s, -1);
	ask_wait(t, "GET", "/chunked", NULL, &g);
	assert_string_equal(g.body, "abcde");
	ask_wait(t, "GET", "/retry", NULL, &g);
	assert_int_equal(g.status, 503);
	assert_int_equal(g.retry_after_s, 7);
	ask_wait(t, "GET", "/empty", NULL, &g);
	assert_int_equal(g.status, 204);
	assert_string_equal(g.body, "");
}

static void a_request_goes_out_as_asked(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "POST", "/echo", "{\"a\":1}", &g);
	assert_int_equal(g.status, 201);
	assert_string_equal(g.body, "{\"a\":1}");
	assert_non_null(strstr(buf_str(&t->srv.last), "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(buf_str(&t->srv.last), "Idempotency-Key: k1\r\n"));
	assert_non_null(strstr(buf_str(&t->srv.last), "Content-Type: application/json\r\n"));
	assert_null(strstr(buf_str(&t->srv.last), "Expect:"));
}

/* One handle is used for all of these, and nothing of one request may show in the next. */
static void handles_are_clean_when_used_again(void **state)
{
	static const struct {
		const char *method, *body;
	} rows[] = {{"GET", NULL}, {"POST", "one"}, {"GET", NULL}, {"DELETE", NULL}, {"POST", "two"},
	    {"PUT", "three"}, {"PATCH", "four"}, {"DELETE", NULL}, {"GET", NULL}, {"POST", NULL},
	    {"POST", "five"}, {"PUT", "six"}, {"GET", NULL}, {"HEAD", NULL}, {"GET", NULL},
	    {"HEAD", NULL}, {"POST", "seven"}};
	struct test *t = *state;
	struct got g;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[64];
		const char *want = rows[i].body ? rows[i].body : "";

		ask_wait(t, rows[i].method, "/echo", rows[i].body, &g);
		assert_int_equal(g.status, 201);
		assert_string_equal(g.body, want);
		snprintf(line, sizeof(line), "%s /echo HTTP/1.1\r\n", rows[i].method);
		assert_ptr_equal(strstr(buf_str(&t->srv.last), line), buf_str(&t->srv.last));
		assert_int_equal(!!strstr(buf_str(&t->srv.last), "Content-Type:"),
		    rows[i].body != NULL);
		assert_int_equal(!!strstr(buf_str(&t->srv.last), "Idempotency-Key:"),
		    rows[i].body != NULL);
	}
	assert_int_equal(t->srv.accepted, 1);
}

static void a_connection_is_kept_and_used_again(void **state)
{
	struct http_out_stats st;
	struct test *t = *state;
	struct got g;
	int i;

	for (i = 0; i < 20; i++) {
		ask_wait(t, "POST", "/echo", "x", &g);
		assert_int_equal(g.rc, HTTP_OUT_DONE);
	}
	assert_int_equal(t->srv.requests, 20);
	assert_int_equal(t->srv.accepted, 1);
	http_out_stats(t->out, &st);
	assert_int_equal(st.sent, 20);
	assert_int_equal(st.connects, 1);
}

static void a_kept_connection_that_died_is_replaced(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "GET", "/stale", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	ask_wait(t, "POST", "/echo", "again", &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	assert_string_equal(g.body, "again");
	assert_int_equal(t->srv.accepted, 2);
}

static void redirects_are_not_followed(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "GET", "/redirect", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	assert_int_equal(g.status, 302);
	assert_int_equal(t->srv.requests, 1);
}

static void other_protocols_are_not_spoken(void **state)
{
	static const char *const urls[] = {"file:///etc/hostname", "ftp://127.0.0.1/x",
	    "gopher://127.0.0.1/", "not a url", "http://", ""};
	struct test *t = *state;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_out_req r = {.method = "GET", .url = urls[i], .timeout_ms = 5000};
		struct got g = {0};

		http_out_send(t->out, &r, on_done, &g);
		WAIT_UNTIL(t->base, g.calls > 0);
		assert_int_equal(g.rc, HTTP_OUT_NO_CONNECT);
		assert_string_equal(g.body, "");
	}
}

static void failures_have_names(void **state)
{
	struct test *t = *state;
	struct http_out_req r = {.method = "GET", .timeout_ms = 5000};
	char url[64];
	struct got g = {0};

	ask_wait(t, "GET", "/garbage", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_BROKEN);
	ask_wait(t, "GET", "/early", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_BROKEN);
	assert_string_equal(g.body, ""); /* half a body is no answer */
	ask_wait(t, "GET", "/close", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_BROKEN);
	ask_wait(t, "GET", "/big", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_TOO_BIG);
	ask_wait(t, "GET", "/bigchunk", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_TOO_BIG);

	snprintf(url, sizeof(url), "http://%s127.0.0.1:%u/", t->user, refused_port());
	r.url = url;
	memset(&g, 0, sizeof(g));
	http_out_send(t->out, &r, on_done, &g);
	WAIT_UNTIL(t->base, g.calls > 0);
	assert_int_equal(g.rc, HTTP_OUT_NO_CONNECT);

	ask_wait(t, "GET", "/ok", NULL, &g); /* and nothing of it sticks */
	assert_string_equal(g.body, "hello");
}

static void a_slow_answer_times_out(void **state)
{
	struct test *t = *state;
	uint64_t began = clock_mono_ms();
	struct got g = {0};

	ask(t, "GET", "/slow", NULL, 60, &g);
	WAIT_UNTIL(t->base, g.calls > 0);
	assert_int_equal(g.rc, HTTP_OUT_TIMEOUT);
	assert_true(clock_mono_ms() - began >= 50);
}

static void requests_wait_in_order_and_full_is_an_answer(void **state)
{
	struct test *t = *state;
	struct got g[10];
	unsigned order = 0;
	size_t i;

	memset(g, 0, sizeof(g));
	for (i = 0; i < 10; i++)
		g[i].order = &order;
	for (i = 0; i < 4; i++)
		ask(t, "GET", "/slow", NULL, 80, &g[i]);
	for (i = 4; i < 10; i++)
		ask(t, "GET", "/ok", NULL, 15000, &g[i]);
	assert_int_equal(http_out_active(t->out), 10);
	WAIT_UNTIL(t->base, g[8].calls && g[9].calls); /* 4 on the wire, 4 waiting */
	assert_int_equal(g[8].rc, HTTP_OUT_FULL);
	assert_int_equal(g[9].rc, HTTP_OUT_FULL);
	WAIT_UNTIL(t->base, order == 10);
	for (i = 0; i < 4; i++)
		assert_int_equal(g[i].rc, HTTP_OUT_TIMEOUT);
	for (i = 4; i < 8; i++)
		assert_int_equal(g[i].rc, HTTP_OUT_DONE);
	for (i = 0; i < 10; i++)
		assert_int_equal(g[i].calls, 1);
	assert_int_equal(http_out_active(t->out), 0);
}

static void waiting_counts_for_the_time_out(void **state)
{
	struct test *t = *state;
	static struct got slow[4]; /* completed in tear_down */
	struct got late = {0};
	size_t i;

	memset(slow, 0, sizeof(slow));
	for (i = 0; i < 4; i++)
		ask(t, "GET", "/slow", NULL, 600000, &slow[i]);
	ask(t, "GET", "/ok", NULL, 30, &late);
	WAIT_UNTIL(t->base, late.calls > 0);
	assert_int_equal(late.rc, HTTP_OUT_TIMEOUT);
}

static void cancelling_completes_later(void **state)
{
	struct test *t = *state;
	static struct got other[3]; /* completed in tear_down */
	struct got on_wire = {0}, waiting = {0};
	uint64_t a, b;
	size_t i;

	memset(other, 0, sizeof(other));
	a = ask(t, "GET", "/slow", NULL, 600000, &on_wire);
	for (i = 0; i < 3; i++)
		ask(t, "GET", "/slow", NULL, 600000, &other[i]);
	b = ask(t, "GET", "/ok", NULL, 600000, &waiting);
	WAIT_UNTIL(t->base, t->srv.requests == 4);
	http_out_cancel(t->out, a);
	http_out_cancel(t->out, b);
	http_out_cancel(t->out, a);
	http_out_cancel(t->out, 999);
	assert_int_equal(on_wire.calls + waiting.calls, 0);
	WAIT_UNTIL(t->base, on_wire.calls && waiting.calls);
	assert_int_equal(on_wire.rc, HTTP_OUT_CANCELLED);
	assert_int_equal(waiting.rc, HTTP_OUT_CANCELLED);
	http_out_cancel(t->out, a);
	loop_for_ms(t->base, 5);
	assert_int_equal(on_wire.calls, 1);
	assert_int_equal(waiting.calls, 1);
}

static void shutdown_completes_everything(void **state)
{
	struct test *t = *state;
	struct got g[10];
	size_t i;

	memset(g, 0, sizeof(g));
	for (i = 0; i < 10; i++)
		ask(t, "GET", "/slow", NULL, 600000, &g[i]);
	WAIT_UNTIL(t->base, t->srv.requests == 4);
	http_out_free(t->out);
	t->out = NULL;
	for (i = 0; i < 10; i++) {
		assert_int_equal(g[i].calls, 1);
		assert_int_equal(g[i].rc, i < 8 ? HTTP_OUT_CANCELLED : HTTP_OUT_FULL);
	}
}

struct chain {
	struct test *t;
	unsigned left, done;
	struct got g;
};

static void on_chain(const struct http_out_answer *a, void *arg)
{
	struct chain *c = arg;
	char url[64];
	struct http_out_req r = {.method = "GET", .url = url, .timeout_ms = 10000};

	assert_int_equal(a->rc, HTTP_OUT_DONE);
	assert_true(sv_is(a->body, "hello"));
	c->done++;
	snprintf(url, sizeof(url), "http://%s127.0.0.1:%u/ok", c->t->user, c->t->srv.port);
	while (c->left > 0 && http_out_active(c->t->out) < 6) {
		c->left--;
		http_out_send(c->t->out, &r, on_chain, c);
	}
	assert_true(sv_is(a->body, "hello")); /* sending does not touch the answer in hand */
}

static void a_completion_may_send(void **state)
{
	struct test *t = *state;
	struct chain c = {.t = t, .left = 300};
	char url[64];
	struct http_out_req r = {.method = "GET", .url = url, .timeout_ms = 10000};

	snprintf(url, sizeof(url), "http://%s127.0.0.1:%u/ok", t->user, t->srv.port);
	http_out_send(t->out, &r, on_chain, &c);
	WAIT_UNTIL(t->base, c.done == 301);
	assert_int_equal(t->srv.requests, 301);
	assert_true(t->srv.accepted <= 5); /* max_active, and one for a race between close and use */
}

static void an_answer_may_come_in_pieces(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "GET", "/pieces", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	assert_string_equal(g.body, "0123456789");
	ask_wait(t, "GET", "/ok", NULL, &g); /* and the next one has nothing of it */
	assert_string_equal(g.body, "hello");
	assert_int_equal(t->srv.accepted, 1);
}

static void the_end_of_a_connection_may_end_an_answer(void **state)
{
	struct test *t = *state;
	struct got g;

	ask_wait(t, "GET", "/until-closed", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	assert_string_equal(g.body, "to the end");
	ask_wait(t, "GET", "/closes", NULL, &g);
	assert_int_equal(g.rc, HTTP_OUT_DONE);
	ask_wait(t, "GET", "/ok", NULL, &g);
	assert_string_equal(g.body, "hello");
	assert_int_equal(t->srv.accepted, 3);
}

/* libcurl looks it up once; then its address is used on a connection of http_plain. */
static void what_a_name_stands_for_is_learnt(void **state)
{
	struct test *t = *state;
	struct http_out_stats st;
	char url[64];
	struct http_out_req r = {.method = "GET", .url = url, .timeout_ms = 10000};

	snprintf(url, sizeof(url), "http://localhost:%u/ok", t->srv.port);
	for (unsigned i = 0; i < 6; i++) {
		struct got g = {0};

		http_out_send(t->out, &r, on_done, &g);
		WAIT_UNTIL(t->base, g.calls > 0);
		assert_string_equal(g.body, "hello");
		http_out_stats(t->out, &st);
		assert_int_equal(st.connects, i == 0 ? 1 : 2);
	}
	assert_non_null(strstr(buf_str(&t->srv.last), "Host: localhost:"));
}

static char plain[] = "", by_curl[] = "u@";
#define BOTH_WAYS(f) \
	cmocka_unit_test_prestate_setup_teardown(f, set_up, tear_down, plain), \
	    cmocka_unit_test_prestate_setup_teardown(f, set_up, tear_down, by_curl)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH_WAYS(an_answer_comes_whole),
	    BOTH_WAYS(an_answer_may_come_in_pieces),
	    BOTH_WAYS(the_end_of_a_connection_may_end_an_answer),
	    BOTH_WAYS(a_request_goes_out_as_asked),
	    BOTH_WAYS(handles_are_clean_when_used_again),
	    BOTH_WAYS(a_connection_is_kept_and_used_again),
	    BOTH_WAYS(a_kept_connection_that_died_is_replaced),
	    BOTH_WAYS(redirects_are_not_followed),
	    BOTH_WAYS(other_protocols_are_not_spoken),
	    BOTH_WAYS(failures_have_names),
	    BOTH_WAYS(a_slow_answer_times_out),
	    BOTH_WAYS(requests_wait_in_order_and_full_is_an_answer),
	    BOTH_WAYS(waiting_counts_for_the_time_out),
	    BOTH_WAYS(cancelling_completes_later),
	    BOTH_WAYS(shutdown_completes_everything),
	    BOTH_WAYS(a_completion_may_send),
	    cmocka_unit_test_prestate_setup_teardown(what_a_name_stands_for_is_learnt, set_up,
		tear_down, plain),
	};

	return cmocka_run_group_tests_name("http_out", tests, NULL, NULL);
}
