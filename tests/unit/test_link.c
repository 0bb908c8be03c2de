/* SPDX-License-Identifier: BSD-2-Clause */
/* test_link.c - the rules of link.h that smpp_link hides: nothing from inside a call, DOWN once and last. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_test.h"
#include "net/addr.h"
#include "net/link.h"

struct told {
	bool in_call;
	unsigned count[LINK_DOWN + 1];
	char reason[128];
};

static void on_link(struct link *k, enum link_event ev, const char *reason, void *arg)
{
	struct told *t = arg;

	(void)k;
	assert_false(t->in_call);
	assert_int_equal(t->count[LINK_DOWN], 0);
	t->count[ev]++;
	if (reason)
		(void)snprintf(t->reason, sizeof(t->reason), "%s", reason);
}

static void open_one(struct link *k, struct told *t, const char *host, unsigned port, uint64_t ms)
{
	memset(t, 0, sizeof(*t));
	t->in_call = true;
	link_open(k, host, port, ms);
	t->in_call = false;
}

/* The kernel refuses a broadcast address inside connect(). */
static void a_failure_at_once_is_told_later_and_once(void **state)
{
	struct event_base *base = event_base_new();
	struct told t;
	struct link *k = link_new(base, on_link, &t);
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		open_one(k, &t, "255.255.255.255", 9, 5000);
		assert_int_equal(t.count[LINK_DOWN], 0);
		WAIT_UNTIL(base, t.count[LINK_DOWN] == 1);
		loop_for_ms(base, 5);
		assert_int_equal(t.count[LINK_UP], 0);
		assert_true(strlen(t.reason) > 0);
	}
	link_free(k);
	event_base_free(base);
}

static void nothing_comes_after_closing(void **state)
{
	struct event_base *base = event_base_new();
	struct told t;
	struct link *k = link_new(base, on_link, &t);

	(void)state;
	open_one(k, &t, "127.0.0.1", refused_port(), 5000);
	link_close(k);
	link_close(k);
	open_one(k, &t, "255.255.255.255", 9, 5000);
	link_close(k);
	loop_for_ms(base, 20);
	assert_int_equal(t.count[LINK_DOWN] + t.count[LINK_UP], 0);
	link_free(k);
	event_base_free(base);
}

/* A listener with a full backlog answers no more. */
static void connecting_has_a_time_out(void **state)
{
	struct event_base *base = event_base_new();
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct link *k[4];
	struct told t[4];
	unsigned i, late = 0;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	for (i = 0; i < 4; i++) {
		k[i] = link_new(base, on_link, &t[i]);
		open_one(k[i], &t[i], "127.0.0.1", ntohs(a.sin_port), 150);
	}
	for (i = 0; i < 4; i++)
		WAIT_UNTIL(base, t[i].count[LINK_UP] + t[i].count[LINK_DOWN] > 0);
	for (i = 0; i < 4; i++) {
		if (t[i].count[LINK_DOWN])
			assert_string_equal(t[i].reason, "connecting took too long");
		late += t[i].count[LINK_DOWN];
		link_free(k[i]);
	}
	assert_in_range(late, 1, 3);
	close(fd);
	event_base_free(base);
}

static void addresses_are_read(void **state)
{
	static const char *const good[] = {"127.0.0.1:0", "0.0.0.0:65535", "[::1]:80", "[::]:0"};
	static const char *const bad[] = {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
	    "127.0.0.1:-1", "127.0.0.1: 80", "127.0.0.1:80x", "::1:80", "[::1]", "[]:80",
	    "localhost:80", "[127.0.0.1:80", "127.0.0.1:99999999999999999999",
	    "1111111111111111111111111111111111111111111111111111111111111111111111111:1"};
	struct sockaddr_storage ss;
	socklen_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(addr_parse(good[i], &ss, &n));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(addr_parse(bad[i], &ss, &n));
	assert_true(addr_parse("[::1]:8080", &ss, &n));
	assert_int_equal(addr_port(&ss), 8080);
	assert_int_equal(ss.ss_family, AF_INET6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_failure_at_once_is_told_later_and_once),
	    cmocka_unit_test(nothing_comes_after_closing),
	    cmocka_unit_test(connecting_has_a_time_out),
	    cmocka_unit_test(addresses_are_read),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
