/* SPDX-License-Identifier: BSD-2-Clause */
/* pusher.c - the outbox's way to the bridge; see pusher.h. Real time is used here, not the
 * test clock: signatures and waiting are about this minute. */
#include "backend/pusher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <openssl/crypto.h>

#include "backend/events.h"
#include "backend/sign.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/http_out.h"

#define TIMEOUT_MS 5000

struct flight { /* an event on the way */
	struct pusher *p;
	int64_t seq; /* 0: free */
	int64_t attempts;
	char id[EVENTS_ID_CAP], type[EVENTS_TYPE_CAP];
};

struct pusher {
	struct db *db;
	struct http_out *http;
	struct event *timer;
	char *url, *secret;
	size_t secret_n;
	struct flight flights[PUSHER_MAX_FLIGHT];
	size_t n_flights;
	int64_t fails; /* of the bridge in a row */
	int64_t gate_ms; /* wall time before which nothing is sent */
	bool is_stopped;
};

int64_t pusher_wait_ms(int64_t n)
{
	int64_t wait = PUSHER_WAIT_MIN_MS;

	for (int64_t i = 1; i < n && wait < PUSHER_WAIT_MAX_MS; i++)
		wait *= 2;
	return wait < PUSHER_WAIT_MAX_MS ? wait : PUSHER_WAIT_MAX_MS;
}

static void arm(struct pusher *p, int64_t in_ms)
{
	struct timeval tv;

	if (p->is_stopped)
		return;
	if (in_ms < 0)
		in_ms = 0;
	tv = (struct timeval){in_ms / 1000, in_ms % 1000 * 1000};
	evtimer_add(p->timer, &tv);
}

static bool is_flying(const struct pusher *p, int64_t seq)
{
	for (size_t i = 0; i < PUSHER_MAX_FLIGHT; i++)
		if (p->flights[i].seq == seq)
			return true;
	return false;
}

/* ---- completion ---- */

enum verdict { STORED, REFUSED, AGAIN };

static enum verdict judge(const struct http_out_answer *a)
{
	if (a->rc != HTTP_OUT_DONE)
		return AGAIN;
	switch (a->status) {
	case 200:
	case 202:
	case 204:
		return STORED;
	case 400:
	case 413:
	case 415:
	case 422:
		return REFUSED;
	default:
		return AGAIN;
	}
}

static void bridge_failed(struct pusher *p, const struct flight *f, const struct http_out_answer *a,
    int64_t now_ms)
{
	int64_t wait = pusher_wait_ms(++p->fails);

	if (a->retry_after_s > 0 && a->retry_after_s * 1000 > wait)
		wait = a->retry_after_s * 1000 < PUSHER_WAIT_MAX_MS ? a->retry_after_s * 1000
								    : PUSHER_WAIT_MAX_MS;
	p->gate_ms = now_ms + wait;
	/* Once when it begins and then rarely: a bridge that is away for a night fills no log. */
	if (p->fails == 1 || p->fails % 20 == 0)
		LOG(NULL, LOG_WARN, "bridge takes no events", "why=%s status=%d fails=%lld event=%s",
		    http_out_rc_name(a->rc), a->rc == HTTP_OUT_DONE ? a->status : 0,
		    (long long)p->fails, f->id);
}

static void settle(struct pusher *p, const struct flight *f, const struct http_out_answer *a)
{
	int64_t now_ms = (int64_t)clock_wall_ms();
	int status = a->rc == HTTP_OUT_DONE ? a->status : 0;
	enum verdict v = judge(a);

	db_begin(p->db, true);
	if (v == AGAIN)
		events_failed(p->db, f->seq, status, now_ms + pusher_wait_ms(f->attempts + 1));
	else
		events_settle(p->db, f->seq, v == STORED, status, now_ms);
	if (!db_commit(p->db)) {
		/* It is still the head and will be sent again; the bridge knows its id. */
		p->gate_ms = now_ms + PUSHER_WAIT_MIN_MS;
		return;
	}
	/* 429 is about this person alone: everybody else's go on. */
	if (v == AGAIN && status == 429) {
		LOG(NULL, LOG_WARN, "bridge is full for a person", "event=%s", f->id);
		return;
	}
	if (v == AGAIN) {
		bridge_failed(p, f, a, now_ms);
		return;
	}
	if (p->fails > 0)
		LOG(NULL, LOG_INFO, "bridge takes events again", "after_fails=%lld",
		    (long long)p->fails);
	p->fails = 0;
	p->gate_ms = 0;
	if (v == REFUSED)
		LOG(NULL, LOG_ERR, "event refused by the bridge", "event=%s type=%s status=%d", f->id,
		    f->type, status);
	else
		LOG(NULL, LOG_INFO, "event stored by the bridge",
		    "event=%s type=%s attempt=%lld took_ms=%llu", f->id, f->type,
		    (long long)f->attempts + 1, (unsigned long long)a->took_ms);
}

static void on_answer(const struct http_out_answer *a, void *arg)
{
	struct flight *f = arg;
	struct pusher *p = f->p;

	if (!p->is_stopped)
		settle(p, f, a);
	f->seq = 0;
	p->n_flights--;
	arm(p, 0);
}

/* ---- sending ---- */

static void send_one(struct pusher *p, const struct event_out *e)
{
	char stamp[48], sig[SIGN_CAP], sig_header[SIGN_CAP + 32];
	const char *const headers[] = {"Content-Type: application/json", stamp, sig_header, NULL};
	int64_t unix_s = (int64_t)clock_wall_ms() / 1000;
	struct http_out_req r = {"POST", p->url, sv_from(e->body), headers, TIMEOUT_MS};
	struct flight *f = p->flights;

	if (!sign_event((struct sv){p->secret, p->secret_n}, unix_s, sv_from(e->body), sig)) {
		LOG(NULL, LOG_ERR, "event could not be signed", "event=%s", e->id);
		return;
	}
	snprintf(stamp, sizeof stamp, "X-Dakiya-Timestamp: %lld", (long long)unix_s);
	snprintf(sig_header, sizeof sig_header, "X-Dakiya-Signature: %s", sig);
	while (f->seq != 0)
		f++;
	*f = (struct flight){.p = p, .seq = e->seq, .attempts = e->attempts};
	memcpy(f->id, e->id, sizeof f->id);
	memcpy(f->type, e->type, sizeof f->type);
	p->n_flights++;
	http_out_send(p->http, &r, on_answer, f);
}

static void pump(struct pusher *p)
{
	int64_t now_ms = (int64_t)clock_wall_ms(), next;
	/* A bridge that failed is probed with one event, not with all of them. */
	size_t window = p->fails > 0 ? 1 : PUSHER_MAX_FLIGHT;
	struct event_out due[PUSHER_MAX_FLIGHT * 2];
	size_t n;

	if (p->n_flights >= window)
		return;
	if (now_ms < p->gate_ms) {
		arm(p, p->gate_ms - now_ms);
		return;
	}
	db_begin(p->db, false);
	n = events_due(p->db, now_ms, due, sizeof due / sizeof due[0]);
	next = events_next_due_ms(p->db);
	if (!db_commit(p->db))
		next = now_ms + PUSHER_WAIT_MAX_MS;
	for (size_t i = 0; i < n; i++) {
		if (p->n_flights < window && !is_flying(p, due[i].seq))
			send_one(p, &due[i]);
		free(due[i].body);
	}
	if (next > now_ms)
		arm(p, next - now_ms);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct pusher *p = arg;

	(void)fd;
	(void)what;
	if (!p->is_stopped)
		pump(p);
}

void pusher_kick(struct pusher *p)
{
	arm(p, 0);
}

struct pusher *pusher_new(struct event_base *base, struct db *db, struct http_out *http,
    const char *bridge, struct sv secret)
{
	struct pusher *p = xcalloc(1, sizeof *p);
	size_t n = strlen(bridge);

	while (n > 0 && bridge[n - 1] == '/')
		n--;
	p->db = db;
	p->http = http;
	p->url = xasprintf("%.*s/v1/events", (int)n, bridge);
	p->secret = xstrndup(secret.p, secret.n);
	p->secret_n = secret.n;
	p->timer = evtimer_new(base, on_timer, p);
	db_begin(db, true);
	events_retry_all(db);
	if (!db_commit(db))
		LOG(NULL, LOG_WARN, "back-off of events kept", "reason=database");
	arm(p, 0);
	return p;
}

void pusher_stop(struct pusher *p)
{
	if (!p)
		return;
	p->is_stopped = true;
	evtimer_del(p->timer);
}

void pusher_free(struct pusher *p)
{
	if (!p)
		return;
	event_free(p->timer);
	OPENSSL_cleanse(p->secret, p->secret_n);
	free(p->secret);
	free(p->url);
	free(p);
}
