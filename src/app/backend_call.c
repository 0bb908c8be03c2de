/* SPDX-License-Identifier: BSD-2-Clause */
/* backend_call.c - one question of a turn to a backend: deadline, bounded repeats with the same
 * idempotency key, circuit breaker. What counts as an answer is said in http_json.h. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "net/http_json.h"

#define REPEAT_MS 150u /* before the second attempt; doubles */

static struct app_backend *backend_of(struct app *a, const char *name)
{
	for (size_t i = 0; i < a->backend_count; i++)
		if (strcmp(a->backends[i].opt->name, name) == 0)
			return &a->backends[i];
	return NULL;
}

static void answer_away(struct app *a, struct live_turn *lt)
{
	app_feed(a, lt, &(struct turn_ev){.kind = TURN_EV_ANSWER, .away = true});
}

static void attempt(struct app *a, struct live_turn *lt);

static void on_repeat(evutil_socket_t fd, short what, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);

	(void)fd, (void)what;
	if (lt && lt->t->state == TURN_CALLING)
		attempt(w->a, lt);
	await_free(w);
}

static void again_or_away(struct app *a, struct live_turn *lt, struct app_backend *be)
{
	uint64_t now = clock_mono_ms(), delay = (uint64_t)REPEAT_MS << (lt->attempts - 1);

	if (lt->attempts >= (unsigned)be->opt->attempts || now + delay >= lt->call_deadline_ms) {
		answer_away(a, lt);
		return;
	}
	metrics_add(a->metrics, M_BACKEND_RETRY, 1, be->opt->name, NULL);
	await_timer(await_new(a, lt->id, 0), delay, on_repeat);
}

static void on_http_done(const struct http_out_answer *ans, void *arg)
{
	struct await *w = arg;
	struct app *a = w->a;
	struct live_turn *lt = app_turn(a, w->id);
	struct app_backend *be = &a->backends[w->n];
	json_t *body = NULL;
	bool ok = http_json_usable(ans, &body);
	char status[24];

	snprintf(status, sizeof(status), "%d", ans->status);
	metrics_add(a->metrics, M_BACKEND, 1, be->opt->name,
	    ans->rc != HTTP_OUT_DONE ? http_out_rc_name(ans->rc) : status, NULL);
	metrics_observe(a->metrics, M_BACKEND_SECONDS, (double)ans->took_ms / 1000, be->opt->name,
	    NULL);
	if (ans->rc != HTTP_OUT_CANCELLED)
		breaker_result(&be->breaker, ok, clock_mono_ms());
	if (lt && lt->t->state == TURN_CALLING) {
		if (ok) {
			app_feed(a, lt,
			    &(struct turn_ev){
				.kind = TURN_EV_ANSWER, .status = ans->status, .body = body});
		} else {
			LOG(&(struct log_ctx){.trace = lt->id}, LOG_WARN, "backend failed",
			    "backend=%s rc=%s status=%d attempt=%u", be->opt->name,
			    http_out_rc_name(ans->rc), ans->status, lt->attempts);
			if (ans->rc == HTTP_OUT_CANCELLED)
				answer_away(a, lt);
			else
				again_or_away(a, lt, be);
		}
	}
	json_decref(body);
	await_free(w);
}

static void attempt(struct app *a, struct live_turn *lt)
{
	struct call *c = &lt->t->call;
	struct app_backend *be = backend_of(a, c->backend);
	uint64_t now = clock_mono_ms();
	char key[64], trace[40];
	const char *headers[] = {key, trace, "Accept: application/json, application/problem+json",
	    c->body ? "Content-Type: application/json" : NULL, NULL};
	char *url;

	if (!be || now >= lt->call_deadline_ms || !breaker_allow(&be->breaker, now)) {
		if (be)
			metrics_add(a->metrics, M_BACKEND, 1, be->opt->name, "not_asked", NULL);
		answer_away(a, lt);
		return;
	}
	lt->attempts++;
	snprintf(key, sizeof(key), "Idempotency-Key: %s", c->key);
	snprintf(trace, sizeof(trace), "X-Dakiya-Trace: %016llx", (unsigned long long)lt->id);
	url = xasprintf("%s%s", be->opt->url, c->path);
	http_out_send(be->http,
	    &(struct http_out_req){.method = c->method,
		.url = url,
		.body = sv_from(c->body),
		.headers = headers,
		.timeout_ms = lt->call_deadline_ms - now},
	    on_http_done, await_new(a, lt->id, (unsigned)(be - a->backends)));
	free(url);
}

void backend_call_start(struct app *a, struct live_turn *lt)
{
	const struct call *c = &lt->t->call;
	struct app_backend *be = backend_of(a, c->backend);
	uint64_t ms = c->timeout_ms;

	if (strcmp(c->backend, DIALOGUE_BRIDGE) == 0) {
		otp_call(a, lt);
		return;
	}
	if (be && (ms == 0 || ms > (uint64_t)be->opt->timeout_ms))
		ms = (uint64_t)be->opt->timeout_ms;
	lt->attempts = 0;
	lt->call_deadline_ms = clock_mono_ms() + ms;
	attempt(a, lt);
}
