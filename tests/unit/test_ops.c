/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ops.c - metrics, the log ring, and their endpoints over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "loop_test.h"
#include "ops/log_ring.h"
#include "ops/metrics.h"
#include "ops/ops_http.h"

enum { M_PLAIN, M_LABELLED, M_GAUGE, M_TIME, M_COUNT };
static const double bounds[] = {0.01, 0.1, 1};
static const struct metric_family families[M_COUNT] = {
    {"dakiya_plain_total", METRIC_COUNTER, "", "No labels.", NULL, 0},
    {"dakiya_messages_total", METRIC_COUNTER, "direction,outcome", "Two\nlines \\ and \"quotes\".",
	NULL, 0},
    {"dakiya_depth", METRIC_GAUGE, "lane", "A depth.", NULL, 0},
    {"dakiya_turn_seconds", METRIC_HISTOGRAM, "pack", "A time.", bounds, 3},
};

/* ---- metrics ---- */

static void metrics_print_in_prometheus_text_format(void **state)
{
	static const char want[] =
	    "# HELP dakiya_plain_total No labels.\n"
	    "# TYPE dakiya_plain_total counter\n"
	    "dakiya_plain_total 3\n"
	    "# HELP dakiya_messages_total Two\\nlines \\\\ and \"quotes\".\n"
	    "# TYPE dakiya_messages_total counter\n"
	    "dakiya_messages_total{direction=\"in\",outcome=\"ok\"} 2\n"
	    "dakiya_messages_total{direction=\"out\",outcome=\"a\\\\b\\\"c\\nd\"} 0.25\n"
	    "# HELP dakiya_depth A depth.\n"
	    "# TYPE dakiya_depth gauge\n"
	    "dakiya_depth{lane=\"otp\"} -7\n"
	    "# HELP dakiya_turn_seconds A time.\n"
	    "# TYPE dakiya_turn_seconds histogram\n"
	    "dakiya_turn_seconds_bucket{pack=\"p\",le=\"0.01\"} 2\n"
	    "dakiya_turn_seconds_bucket{pack=\"p\",le=\"0.1\"} 2\n"
	    "dakiya_turn_seconds_bucket{pack=\"p\",le=\"1\"} 3\n"
	    "dakiya_turn_seconds_bucket{pack=\"p\",le=\"+Inf\"} 4\n"
	    "dakiya_turn_seconds_sum{pack=\"p\"} 3.5\n"
	    "dakiya_turn_seconds_count{pack=\"p\"} 4\n"
	    "# HELP dakiya_metrics_dropped_total Observations without a series because their family "
	    "was full.\n"
	    "# TYPE dakiya_metrics_dropped_total counter\n"
	    "dakiya_metrics_dropped_total 0\n";
	struct metrics *m = metrics_new(families, M_COUNT);
	struct buf b;

	(void)state;
	metrics_add(m, M_PLAIN, 1, NULL);
	metrics_add(m, M_PLAIN, 2, NULL);
	metrics_add(m, M_LABELLED, 1, "in", "ok", NULL);
	metrics_add(m, M_LABELLED, 1, "in", "ok", NULL);
	metrics_add(m, M_LABELLED, 0.25, "out", "a\\b\"c\nd", NULL);
	metrics_set(m, M_GAUGE, 9, "otp", NULL);
	metrics_set(m, M_GAUGE, -7, "otp", NULL);
	metrics_observe(m, M_TIME, 0.004, "p", NULL);
	metrics_observe(m, M_TIME, 0.01, "p", NULL); /* a bound belongs to its bucket */
	metrics_observe(m, M_TIME, 0.986, "p", NULL);
	metrics_observe(m, M_TIME, 2.5, "p", NULL);
	buf_init(&b, 1 << 16);
	metrics_print(m, &b);
	assert_string_equal(buf_str(&b), want);
	assert_true(metrics_get(m, M_LABELLED, "in", "ok", NULL) == 2);
	assert_true(metrics_get(m, M_LABELLED, "in", "no", NULL) == 0);
	assert_true(metrics_get(m, M_TIME, "p", NULL) == 4);
	buf_clear(&b);
	metrics_free(m);
}

static void label_values_do_not_run_together(void **state)
{
	struct metrics *m = metrics_new(families, M_COUNT);
	char longest[300];

	(void)state;
	metrics_add(m, M_LABELLED, 1, "ab", "c", NULL);
	metrics_add(m, M_LABELLED, 1, "a", "bc", NULL);
	metrics_add(m, M_LABELLED, 1, "abc", NULL); /* a missing one is empty */
	assert_true(metrics_get(m, M_LABELLED, "ab", "c", NULL) == 1);
	assert_true(metrics_get(m, M_LABELLED, "abc", "", NULL) == 1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	metrics_add(m, M_LABELLED, 1, longest, longest, NULL);
	assert_true(metrics_get(m, M_LABELLED, longest, longest, NULL) == 1);
	metrics_free(m);
}

static void series_are_bounded_and_the_rest_is_counted(void **state)
{
	struct metrics *m = metrics_new(families, M_COUNT);
	struct buf b;
	unsigned i;

	(void)state;
	for (i = 0; i < METRICS_SERIES_MAX + 5; i++) {
		char lane[16];

		snprintf(lane, sizeof(lane), "lane%u", i);
		metrics_add(m, M_GAUGE, 1, lane, NULL);
	}
	metrics_add(m, M_GAUGE, 1, "lane0", NULL); /* known ones go on */
	assert_true(metrics_get(m, M_GAUGE, "lane0", NULL) == 2);
	buf_init(&b, 1 << 20);
	metrics_print(m, &b);
	assert_non_null(strstr(buf_str(&b), "\ndakiya_metrics_dropped_total 5\n"));
	assert_null(strstr(buf_str(&b), "lane256"));
	buf_clear(&b);
	metrics_free(m);
}

static bool near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static void quantiles_are_estimated_over_all_series(void **state)
{
	struct metrics *m = metrics_new(families, M_COUNT);
	int i;

	(void)state;
	assert_true(metrics_quantile(m, M_TIME, 0.5) == 0);
	for (i = 0; i < 50; i++) {
		metrics_observe(m, M_TIME, 0.005, "a", NULL);
		metrics_observe(m, M_TIME, 0.05, "b", NULL);
	}
	assert_true(near(metrics_quantile(m, M_TIME, 0.5), 0.01));
	assert_true(near(metrics_quantile(m, M_TIME, 0.25), 0.005));
	assert_true(near(metrics_quantile(m, M_TIME, 0.75), 0.055));
	for (i = 0; i < 900; i++)
		metrics_observe(m, M_TIME, 60, "a", NULL);
	assert_true(near(metrics_quantile(m, M_TIME, 0.99), 1)); /* the last bound */
	metrics_free(m);
}

/* ---- the ring ---- */

static void put(struct log_ring *r, enum log_level lvl, uint64_t trace, const char *line)
{
	log_ring_put(lvl, 0, trace, line, strlen(line), r);
}

static const char *printed(struct log_ring *r, enum log_level lvl, uint64_t trace, size_t limit)
{
	static char text[4096];
	struct buf b;

	buf_init(&b, sizeof(text) - 1);
	log_ring_print(r, lvl, trace, limit, &b);
	snprintf(text, sizeof(text), "%s", buf_str(&b));
	buf_clear(&b);
	return text;
}

static void the_ring_filters_by_level_trace_and_number(void **state)
{
	struct log_ring *r = log_ring_new(10, 1000);

	(void)state;
	assert_string_equal(printed(r, LOG_WIRE, 0, 10), "");
	put(r, LOG_INFO, 1, "one");
	put(r, LOG_ERR, 2, "two");
	put(r, LOG_DEBUG, 1, "three");
	put(r, LOG_WARN, 1, "four");
	assert_string_equal(printed(r, LOG_WIRE, 0, 10), "one\ntwo\nthree\nfour\n");
	assert_string_equal(printed(r, LOG_INFO, 0, 10), "one\ntwo\nfour\n");
	assert_string_equal(printed(r, LOG_WARN, 1, 10), "four\n");
	assert_string_equal(printed(r, LOG_WIRE, 1, 10), "one\nthree\nfour\n");
	assert_string_equal(printed(r, LOG_WIRE, 1, 2), "three\nfour\n");
	assert_string_equal(printed(r, LOG_INFO, 0, 2), "two\nfour\n");
	assert_string_equal(printed(r, LOG_WIRE, 3, 10), "");
	assert_string_equal(printed(r, LOG_WIRE, 0, 0), "");
	log_ring_free(r);
}

/* Every line written is found whole until it is pushed out, whatever the sizes. */
static void the_ring_wraps_around(void **state)
{
	size_t lines, octets;

	(void)state;
	for (lines = 1; lines < 9; lines++) {
		for (octets = 1; octets < 60; octets += 3) {
			struct log_ring *r = log_ring_new(lines, octets);
			char want[4096] = "", all[64][24];
			size_t i, first, used;

			for (i = 0; i < 64; i++) {
				memset(all[i], (int)('A' + i % 26), sizeof(all[i]));
				all[i][(i * 7) % 23] = '\0';
				put(r, LOG_INFO, 0, all[i]);
				all[i][strlen(all[i]) < octets ? strlen(all[i]) : octets] = '\0';
				for (first = i, used = strlen(all[i]);
				     first > 0 && i - first + 1 < lines &&
				     used + strlen(all[first - 1]) <= octets;
				     first--)
					used += strlen(all[first - 1]);
				want[0] = '\0';
				for (used = 0; first <= i; first++)
					used += (size_t)snprintf(want + used, sizeof(want) - used,
					    "%s\n", all[first]);
				assert_string_equal(printed(r, LOG_WIRE, 0, 100), want);
			}
			log_ring_free(r);
		}
	}
}

static void log_lines_arrive_in_the_ring(void **state)
{
	struct log_ring *r = log_ring_new(10, 1000);
	struct log_ctx lc = {.link = "smsc1", .trace = 0xabc};

	(void)state;
	log_set_sink(log_ring_put, r);
	LOG(&lc, LOG_ERR, "tested", "key=%d", 5);
	log_set_sink(NULL, NULL);
	assert_non_null(strstr(printed(r, LOG_ERR, 0xabc, 10), "link=smsc1"));
	assert_non_null(strstr(printed(r, LOG_ERR, 0xabc, 10), "key=5"));
	log_ring_free(r);
}

/* ---- endpoints ---- */

struct test {
	struct event_base *base;
	struct http_in *in;
	struct metrics *metrics;
	struct log_ring *ring;
	bool is_ready;
};

static void collect(void *arg)
{
	struct test *t = arg;

	metrics_set(t->metrics, M_GAUGE, 42, "otp", NULL);
}

static bool ready(struct buf *out, void *arg)
{
	struct test *t = arg;

	buf_adds(out, t->is_ready ? "redis: ok\n" : "redis: no answer\n");
	return t->is_ready;
}

static int set_up(void **state)
{
	static const struct http_in_conf cf = {.listen = "127.0.0.1:0",
	    .max_header = 4000,
	    .max_body = 500,
	    .max_open = 20,
	    .deadline_ms = 10000};
	struct test *t = xcalloc(1, sizeof(*t));
	struct ops_http_conf ops;
	char err[128];

	t->base = event_base_new();
	t->in = http_in_new(t->base, &cf, err, sizeof(err));
	t->metrics = metrics_new(families, M_COUNT);
	t->ring = log_ring_new(100, 10000);
	ops = (struct ops_http_conf){.metrics = t->metrics,
	    .ring = t->ring,
	    .token = "s3cret",
	    .collect = collect,
	    .ready = ready,
	    .arg = t};
	ops_http_route(t->in, &ops);
	*state = t;
	return t->in ? 0 : -1;
}

static int tear_down(void **state)
{
	struct test *t = *state;

	http_in_free(t->in);
	metrics_free(t->metrics);
	log_ring_free(t->ring);
	event_base_free(t->base);
	free(t);
	return 0;
}

static const char *get(struct test *t, const char *path, const char *header)
{
	static char text[16384];
	struct sockaddr_in a = loopback(http_in_port(t->in));
	struct bufferevent *bev = bufferevent_socket_new(t->base, -1, BEV_OPT_CLOSE_ON_FREE);
	struct evbuffer *in = bufferevent_get_input(bev);
	ev_ssize_t n;

	bufferevent_enable(bev, EV_READ | EV_WRITE);
	assert_int_equal(bufferevent_socket_connect(bev, (struct sockaddr *)&a, sizeof(a)), 0);
	evbuffer_add_printf(bufferevent_get_output(bev),
	    "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", path, header);
	WAIT_UNTIL(t->base, bufferevent_getfd(bev) < 0 || !(bufferevent_get_enabled(bev) & EV_READ));
	n = evbuffer_copyout(in, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	bufferevent_free(bev);
	return text;
}

#define TOKEN "Authorization: Bearer s3cret\r\n"

static void health_and_readiness_are_told(void **state)
{
	struct test *t = *state;

	assert_non_null(strstr(get(t, "/healthz", ""), "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(get(t, "/healthz", ""), "\r\n\r\nok\n"));
	assert_non_null(strstr(get(t, "/readyz", ""), "HTTP/1.1 503 "));
	assert_non_null(strstr(get(t, "/readyz", ""), "\r\n\r\nredis: no answer\n"));
	t->is_ready = true;
	assert_non_null(strstr(get(t, "/readyz", ""), "HTTP/1.1 200 "));
	assert_non_null(strstr(get(t, "/readyz", ""), "\r\n\r\nredis: ok\n"));
}

static void metrics_are_served_fresh(void **state)
{
	struct test *t = *state;
	const char *text = get(t, "/metrics", "");

	assert_non_null(strstr(text, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(text, "\ndakiya_depth{lane=\"otp\"} 42\n"));
}

static void logs_need_the_token(void **state)
{
	static const char *const bad[] = {"", "Authorization: Bearer s3cre\r\n",
	    "Authorization: Bearer s3cretx\r\n", "Authorization: Bearer \r\n",
	    "Authorization: s3cret\r\n", "Authorization: Bearer s3crets3cret\r\n",
	    "Authorization: Basic s3cret\r\n"};
	struct test *t = *state;
	size_t i;

	put(t->ring, LOG_INFO, 1, "a line");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(strstr(get(t, "/logs", bad[i]), "HTTP/1.1 401 "));
		assert_null(strstr(get(t, "/logs", bad[i]), "a line"));
	}
	assert_non_null(strstr(get(t, "/logs", TOKEN), "\r\n\r\na line\n"));
}

static void logs_are_filtered_and_bad_filters_refused(void **state)
{
	static const char *const bad[] = {"level=loud", "level=", "trace=xyz", "trace=", "limit=0",
	    "limit=-1", "limit=x", "limit=100001", "trace=00112233445566778",
	    "limit=99999999999999999999999999999999999",
	    "trace=000000000000000000000000000000000000000000000001", "level=warnwarnwarnwarnwarnwarn"};
	struct test *t = *state;
	char path[128];
	size_t i;

	put(t->ring, LOG_INFO, 0x1f, "first");
	put(t->ring, LOG_WARN, 0x1f, "second");
	put(t->ring, LOG_WARN, 0x2f, "third");
	assert_non_null(strstr(get(t, "/logs?level=warn", TOKEN), "\r\n\r\nsecond\nthird\n"));
	assert_non_null(strstr(get(t, "/logs?trace=000000000000001F&limit=1", TOKEN),
	    "\r\n\r\nsecond\n"));
	assert_non_null(strstr(get(t, "/logs?limit=1", TOKEN), "\r\n\r\nthird\n"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(path, sizeof(path), "/logs?%s", bad[i]);
		assert_non_null(strstr(get(t, path, TOKEN), "HTTP/1.1 400 "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(metrics_print_in_prometheus_text_format),
	    cmocka_unit_test(label_values_do_not_run_together),
	    cmocka_unit_test(series_are_bounded_and_the_rest_is_counted),
	    cmocka_unit_test(quantiles_are_estimated_over_all_series),
	    cmocka_unit_test(the_ring_filters_by_level_trace_and_number),
	    cmocka_unit_test(the_ring_wraps_around),
	    cmocka_unit_test(log_lines_arrive_in_the_ring),
	    cmocka_unit_test_setup_teardown(health_and_readiness_are_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(metrics_are_served_fresh, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(logs_need_the_token, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(logs_are_filtered_and_bad_filters_refused, set_up,
		tear_down),
	};

	return cmocka_run_group_tests_name("ops", tests, NULL, NULL);
}
