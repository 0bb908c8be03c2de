/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http_in.c - http_in against raw clients that split, exceed, vanish and wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "loop_test.h"
#include "net/http_in.h"

struct test {
	struct event_base *base;
	struct http_in *in;
	size_t calls;
	uint64_t held; /* id of the last request to /hold */
};

struct client {
	struct bufferevent *bev;
	struct buf got;
	bool is_closed;
};

/* ---- the client ---- */

static void client_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct client *c = arg;

	buf_add(&c->got, evbuffer_pullup(in, -1), evbuffer_get_length(in));
	evbuffer_drain(in, evbuffer_get_length(in));
}

static void client_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		c->is_closed = true;
}

static void client_open(struct client *c, struct test *t)
{
	struct sockaddr_in a = loopback(http_in_port(t->in));

	memset(c, 0, sizeof(*c));
	buf_init(&c->got, 1 << 20);
	c->bev = bufferevent_socket_new(t->base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(c->bev, client_read, NULL, client_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	assert_int_equal(bufferevent_socket_connect(c->bev, (struct sockaddr *)&a, sizeof(a)), 0);
}

static void client_say(struct client *c, const char *text)
{
	bufferevent_write(c->bev, text, strlen(text));
}

static void client_close(struct client *c)
{
	if (c->bev)
		bufferevent_free(c->bev);
	c->bev = NULL;
	buf_clear(&c->got);
}

static bool client_has(const struct client *c, const char *text)
{
	return strstr(buf_str(&c->got), text) != NULL;
}

/* Sends one request on a new connection, waits until the answer holds what is wanted, closes. */
static void exchange(struct test *t, const char *request, const char *want)
{
	struct client c;

	client_open(&c, t);
	client_say(&c, request);
	WAIT_UNTIL(t->base, client_has(&c, want) || c.is_closed);
	if (!client_has(&c, want))
		fail_msg("wanted %s, got %s", want, buf_str(&c.got));
	client_close(&c);
}

/* ---- handlers ---- */

static void on_echo(const struct http_in_req *r, void *arg)
{
	static const char *const headers[] = {"X-One: 1", "Cache-Control: no-store", NULL};
	struct test *t = arg;
	const char *type = http_in_header(r, "x-test");
	char name[32] = "absent";
	struct buf b;

	t->calls++;
	buf_init(&b, 1 << 16);
	if (!http_in_query(r, "name", name, sizeof(name)))
		memcpy(name, "absent", 7);
	buf_addf(&b, "%s|%s|%s|%s|%s|", r->method, r->path, r->query, name, type ? type : "-");
	buf_addsv(&b, r->body);
	http_in_reply(t->in, r->id, 201, "text/plain", buf_sv(&b), headers);
	http_in_reply(t->in, r->id, 500, NULL, SV(""), NULL); /* a second answer does nothing */
	buf_clear(&b);
}

static void on_hold(const struct http_in_req *r, void *arg)
{
	struct test *t = arg;

	t->calls++;
	t->held = r->id;
}

static int set_up(void **state)
{
	static const struct http_in_conf cf = {.listen = "127.0.0.1:0",
	    .max_header = 1000,
	    .max_body = 500,
	    .max_open = 2,
	    .deadline_ms = 300};
	struct test *t = xcalloc(1, sizeof(*t));
	char err[128] = "";

	t->base = event_base_new();
	t->in = http_in_new(t->base, &cf, err, sizeof(err));
	if (!t->in)
		fail_msg("%s", err);
	http_in_route(t->in, "GET,POST", "/echo", on_echo, t);
	http_in_route(t->in, "GET", "/tree/*", on_echo, t);
	http_in_route(t->in, "POST", "/tree/*", on_echo, t);
	http_in_route(t->in, "GET", "/hold", on_hold, t);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct test *t = *state;

	http_in_free(t->in);
	event_base_free(t->base);
	free(t);
	return 0;
}

/* ---- tests ---- */

static void a_request_reaches_its_handler_and_is_answered(void **state)
{
	struct test *t = *state;

	exchange(t, "GET /echo?name=a%20b+c&x HTTP/1.1\r\nHost: h\r\nX-Test: yes\r\n\r\n",
	    "\r\n\r\nGET|/echo|name=a%20b+c&x|a b c|yes|");
	exchange(t, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
	    "\r\n\r\nPOST|/echo||absent|-|hello");
	exchange(t, "GET /tree/%E0%A4%B0%20x HTTP/1.1\r\nHost: h\r\n\r\n",
	    "\r\n\r\nGET|/tree/\xE0\xA4\xB0 x||absent|-|");
	exchange(t,
	    "POST /tree/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	    "\r\n\r\nPOST|/tree/||absent|-|abc");
	exchange(t, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n", "X-One: 1\r\n");
	exchange(t, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n", "Content-Type: text/plain\r\n");
	exchange(t, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 201 Created\r\n");
	assert_int_equal(http_in_open(t->in), 0);
}

static void a_query_value_that_does_not_fit_is_absent(void **state)
{
	struct test *t = *state;

	exchange(t, "GET /echo?name=0123456789012345678901234567890 HTTP/1.1\r\nHost: h\r\n\r\n",
	    "|0123456789012345678901234567890|");
	exchange(t, "GET /echo?name=01234567890123456789012345678901 HTTP/1.1\r\nHost: h\r\n\r\n",
	    "|absent|");
	exchange(t, "GET /echo?name=a%00b HTTP/1.1\r\nHost: h\r\n\r\n", "|absent|");
	exchange(t, "GET /echo?names=x&name=y HTTP/1.1\r\nHost: h\r\n\r\n", "|y|");
}

static void requests_split_at_every_octet_are_the_same(void **state)
{
	static const char text[] =
	    "POST /echo?name=n HTTP/1.1\r\nHost: h\r\nX-Test: t\r\nContent-Length: 4\r\n\r\nbody";
	struct test *t = *state;
	size_t at;

	for (at = 1; at < sizeof(text) - 1; at++) {
		struct client c;

		client_open(&c, t);
		bufferevent_write(c.bev, text, at);
		WAIT_UNTIL(t->base, evbuffer_get_length(bufferevent_get_output(c.bev)) == 0);
		event_base_loop(t->base, EVLOOP_NONBLOCK);
		bufferevent_write(c.bev, text + at, sizeof(text) - 1 - at);
		WAIT_UNTIL(t->base, client_has(&c, "POST|/echo|name=n|n|t|body"));
		client_close(&c);
	}
	assert_int_equal(t->calls, sizeof(text) - 2);
}

static void a_connection_is_kept_and_pipelining_is_answered_in_order(void **state)
{
	struct test *t = *state;
	struct client c;

	client_open(&c, t);
	client_say(&c,
	    "GET /tree/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /tree/2 HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, client_has(&c, "/tree/2"));
	assert_true(strstr(buf_str(&c.got), "/tree/1") < strstr(buf_str(&c.got), "/tree/2"));
	client_say(&c, "GET /tree/3 HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, client_has(&c, "/tree/3"));
	assert_false(c.is_closed);
	client_close(&c);
}

static void wrong_method_and_path_are_problems(void **state)
{
	struct test *t = *state;

	exchange(t, "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 ");
	exchange(t, "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
	    "Allow: GET,POST\r\n");
	exchange(t, "DELETE /hold HTTP/1.1\r\nHost: h\r\n\r\n", "\"code\":\"method-not-allowed\"");
	exchange(t, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 Not Found\r\n");
	exchange(t, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n",
	    "Content-Type: application/problem+json\r\n");
	exchange(t, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n",
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"code\":\"not-found\"");
	exchange(t, "GET /echo%00 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 ");
	exchange(t, "GET /echox HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 ");
	exchange(t, "BREW /echo HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 501 ");
	exchange(t, "\001\002garbage\r\n\r\n", "HTTP/1.1 400 ");
	assert_int_equal(t->calls, 0);
}

static char *request_with(const char *head, size_t pad, const char *tail)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	buf_adds(&b, head);
	for (i = 0; i < pad; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, tail);
	return buf_take(&b);
}

static void too_much_is_refused_with_the_right_status(void **state)
{
	static const struct {
		const char *head;
		size_t pad;
		const char *tail, *want;
	} rows[] = {
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n", 500, "", "HTTP/1.1 201 "},
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 501\r\n\r\n", 501, "",
		"HTTP/1.1 413 Content Too Large"},
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 501\r\n\r\n", 501, "",
		"\"code\":\"body-too-large\""},
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 501\r\n\r\n", 501, "",
		"Connection: close"},
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n", 600,
		"\r\n0\r\n\r\n", "HTTP/1.1 413 "},
	    {"GET /echo HTTP/1.1\r\nHost: h\r\nX-Test: ", 900, "\r\n\r\n", "HTTP/1.1 201 "},
	    {"GET /echo HTTP/1.1\r\nHost: h\r\nX-Test: ", 40000, "\r\n\r\n",
		"HTTP/1.1 431 Request Header Fields Too Large"},
	    {"GET /echo?", 1000, " HTTP/1.1\r\nHost: h\r\n\r\n", "\"code\":\"headers-too-large\""},
	    /* far beyond: evhttp's own answers */
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 10, "",
		"HTTP/1.1 413 "},
	    {"GET /echo?", 100000, "", "HTTP/1.1 4"},
	    {"GET /echo HTTP/1.1\r\nX-Test: ", 100000, "", "HTTP/1.1 4"},
	    {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 0, "", "HTTP/1.1 400 "},
	};
	struct test *t = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = request_with(rows[i].head, rows[i].pad, rows[i].tail);

		exchange(t, text, rows[i].want);
		free(text);
	}
	assert_int_equal(http_in_open(t->in), 0);
}

static void an_answer_may_come_later(void **state)
{
	struct test *t = *state;
	struct client c;

	client_open(&c, t);
	client_say(&c, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, t->held);
	assert_int_equal(http_in_open(t->in), 1);
	http_in_reply(t->in, t->held, 204, NULL, SV(""), NULL);
	WAIT_UNTIL(t->base, client_has(&c, "HTTP/1.1 204 No Content"));
	http_in_problem(t->in, t->held, 500, "x", NULL);
	http_in_problem(t->in, 12345, 500, "x", NULL);
	client_say(&c, "GET /tree/after HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, client_has(&c, "/tree/after"));
	client_close(&c);
}

static void a_deadline_answers_503(void **state)
{
	struct test *t = *state;
	struct client c;

	client_open(&c, t);
	client_say(&c, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, client_has(&c, "\"code\":\"deadline\""));
	assert_true(client_has(&c, "HTTP/1.1 503 Service Unavailable\r\n"));
	assert_true(client_has(&c, "Retry-After: 1\r\n"));
	assert_int_equal(http_in_open(t->in), 0);
	http_in_reply(t->in, t->held, 200, NULL, SV(""), NULL); /* too late: dropped */
	loop_for_ms(t->base, 5);
	assert_false(client_has(&c, "HTTP/1.1 200"));
	client_close(&c);
}

static void too_many_open_requests_get_503(void **state)
{
	struct test *t = *state;
	struct client c[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		client_open(&c[i], t);
		client_say(&c[i], "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
		if (i < 2)
			WAIT_UNTIL(t->base, t->calls == i + 1);
	}
	WAIT_UNTIL(t->base, client_has(&c[2], "\"code\":\"busy\""));
	assert_true(client_has(&c[2], "Retry-After: "));
	assert_int_equal(t->calls, 2);
	for (i = 0; i < 3; i++)
		client_close(&c[i]);
}

static void a_client_that_goes_before_its_answer_harms_nobody(void **state)
{
	struct test *t = *state;
	struct client c;
	uint64_t id;

	client_open(&c, t);
	client_say(&c, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, t->held);
	client_close(&c);
	loop_for_ms(t->base, 10);
	id = t->held;
	http_in_reply(t->in, id, 200, "text/plain", SV("nobody hears this"), NULL);
	loop_for_ms(t->base, 10);
	http_in_reply(t->in, id, 200, "text/plain", SV("nor this"), NULL);
	exchange(t, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 201 ");

	t->held = 0; /* and one whose deadline passes after it went */
	client_open(&c, t);
	client_say(&c, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, t->held);
	client_close(&c);
	WAIT_UNTIL(t->base, http_in_open(t->in) == 0);
	loop_for_ms(t->base, 10);
}

static void paused_answers_what_is_open_and_takes_nothing_new(void **state)
{
	struct test *t = *state;
	struct client open, late;

	client_open(&open, t);
	client_say(&open, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	WAIT_UNTIL(t->base, t->held);
	http_in_pause(t->in);
	http_in_pause(t->in);
	client_open(&late, t);
	WAIT_UNTIL(t->base, late.is_closed);
	http_in_reply(t->in, t->held, 200, "text/plain", SV("still"), NULL);
	WAIT_UNTIL(t->base, client_has(&open, "still"));
	client_close(&open);
	client_close(&late);
}

static void freed_with_open_requests_nothing_is_left(void **state)
{
	struct test *t = *state;
	struct client c[2];

	client_open(&c[0], t);
	client_say(&c[0], "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	client_open(&c[1], t);
	client_say(&c[1], "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nha");
	WAIT_UNTIL(t->base, t->held);
	loop_for_ms(t->base, 5);
	http_in_free(t->in);
	t->in = NULL;
	WAIT_UNTIL(t->base, c[0].is_closed && c[1].is_closed);
	client_close(&c[0]);
	client_close(&c[1]);
}

static void a_bad_address_is_said_in_words(void **state)
{
	static const char *const bad[] = {
	    "", "127.0.0.1", "nonsense:80", "127.0.0.1:99999", "192.0.2.1:80"};
	struct test *t = *state;
	struct http_in_conf cf = {
	    .max_header = 100, .max_body = 100, .max_open = 1, .deadline_ms = 100};
	char err[128], taken[32];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err[0] = '\0';
		cf.listen = bad[i];
		assert_null(http_in_new(t->base, &cf, err, sizeof(err)));
		assert_true(strlen(err) > 0);
	}
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", http_in_port(t->in));
	cf.listen = taken;
	assert_null(http_in_new(t->base, &cf, err, sizeof(err)));
	assert_non_null(strstr(err, "in use"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_request_reaches_its_handler_and_is_answered, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(a_query_value_that_does_not_fit_is_absent, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(requests_split_at_every_octet_are_the_same, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(a_connection_is_kept_and_pipelining_is_answered_in_order,
		set_up, tear_down),
	    cmocka_unit_test_setup_teardown(wrong_method_and_path_are_problems, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(too_much_is_refused_with_the_right_status, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(an_answer_may_come_later, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_deadline_answers_503, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(too_many_open_requests_get_503, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_client_that_goes_before_its_answer_harms_nobody, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(paused_answers_what_is_open_and_takes_nothing_new, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(freed_with_open_requests_nothing_is_left, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(a_bad_address_is_said_in_words, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http_in", tests, NULL, NULL);
}
