/* SPDX-License-Identifier: BSD-2-Clause */
/* http_link.c - see http_link.h. Window and pace are those of SMPP binds; a request's place in the window
 * is its number. */
#include "net/http_link.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/smpp_pace.h"
#include "net/smpp_window.h"

#define ANSWER_MAX 65536u

struct http_link {
	struct http_link_conf cf; /* name owned */
	struct http_link_ops ops;
	void *arg;
	struct log_ctx lc;
	struct http_out *out;
	struct smpp_window window;
	struct smpp_pace pace;
	struct smpp_link_stats st;
	struct event *timer; /* for whoever waits for room */
	uint64_t hold_us, pause_ms; /* pause_ms: the last one; 0: the provider answers */
	uint64_t pause_until_us;
	uint32_t seq;
	bool wants_room, is_stopped, is_freed;
};

struct flight { /* freed by the completion */
	struct http_link *l;
	uint32_t seq;
};

static bool is_paused(const struct http_link *l, uint64_t now)
{
	return now < l->pause_until_us;
}

static size_t room_at(const struct http_link *l, uint64_t now)
{
	if (l->is_stopped || is_paused(l, now) || now < l->hold_us)
		return 0;
	return smpp_window_room(&l->window, now);
}

static void set_pace(struct http_link *l, uint64_t now)
{
	double rate = smpp_pace_rate(&l->pace, now);

	if (rate < l->window.rate || rate > l->window.rate)
		smpp_window_set_rate(&l->window, rate, now);
}

/* Wakes whoever waits when pause, hold and rate allow; a full window is left to its completions. */
static void arm(struct http_link *l, uint64_t now)
{
	uint64_t at = smpp_window_rate_at(&l->window, now), us;
	struct timeval tv;

	if (!l->wants_room || l->window.used == l->window.max)
		return;
	at = at > l->hold_us ? at : l->hold_us;
	at = at > l->pause_until_us ? at : l->pause_until_us;
	us = at > now ? at - now : 0;
	tv = (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
	event_add(l->timer, &tv);
}

static void give_room(struct http_link *l)
{
	uint64_t now = clock_mono_us();

	set_pace(l, now);
	if (!l->wants_room || l->is_stopped)
		return;
	if (room_at(l, now) == 0) {
		arm(l, now);
		return;
	}
	l->wants_room = false;
	l->ops.on_room(l, l->arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	give_room(arg);
}

/* Nobody there: others shall carry the messages meanwhile. */
static void pause_after(struct http_link *l, const struct http_out_answer *a)
{
	uint64_t ms = l->pause_ms * 2;

	if (a->rc != HTTP_OUT_NO_CONNECT) {
		if (l->pause_ms > 0 && a->rc == HTTP_OUT_DONE) {
			LOG(&l->lc, LOG_INFO, "link", "state=BOUND reason=\"answers again\"");
			l->pause_ms = l->pause_until_us = 0;
			l->st.binds++;
		}
		return;
	}
	if (is_paused(l, clock_mono_us()))
		return; /* one of those that left together */
	ms = ms < l->cf.pause_min_ms ? l->cf.pause_min_ms : ms;
	ms = ms > l->cf.pause_max_ms ? l->cf.pause_max_ms : ms;
	l->pause_ms = ms;
	l->pause_until_us = clock_mono_us() + ms * 1000;
	LOG(&l->lc, LOG_WARN, "link",
	    "state=WAIT reason=\"nobody answers at the address\" pause_ms=%llu",
	    (unsigned long long)ms);
}

static void on_done(const struct http_out_answer *a, void *arg)
{
	struct flight *f = arg;
	struct http_link *l = f->l;
	uint64_t id;

	if (!l->is_freed && smpp_window_take(&l->window, f->seq, &id)) {
		l->st.pdu_in += a->rc == HTTP_OUT_DONE;
		l->st.no_answer += a->rc == HTTP_OUT_TIMEOUT;
		pause_after(l, a);
		l->ops.on_answer(l, id, a, l->arg);
		give_room(l);
	}
	free(f);
}

struct http_link *http_link_new(struct event_base *base, const struct http_link_conf *cf,
    const struct http_link_ops *ops, void *arg)
{
	struct http_link *l = xcalloc(1, sizeof(*l));

	l->cf = *cf;
	l->cf.name = xstrdup(cf->name);
	l->lc.link = l->cf.name;
	l->ops = *ops;
	l->arg = arg;
	l->out = http_out_new(base, &(struct http_out_conf){.max_active = cf->window,
					.max_waiting = cf->window,
					.max_idle = cf->window,
					.max_body = ANSWER_MAX});
	l->timer = event_new(base, -1, 0, on_timer, l);
	if (!l->timer)
		abort();
	l->st.binds = 1;
	smpp_window_init(&l->window, cf->window, cf->rate, clock_mono_us());
	smpp_pace_init(&l->pace, cf->rate);
	return l;
}

enum smpp_submit_rc http_link_submit(struct http_link *l, const struct http_out_req *r, uint64_t id)
{
	uint64_t now = clock_mono_us();
	struct flight *f;

	if (l->is_stopped)
		return SMPP_SUBMIT_NOT_BOUND;
	set_pace(l, now);
	if (room_at(l, now) == 0) {
		http_link_want_room(l);
		return SMPP_SUBMIT_FULL;
	}
	f = xmalloc(sizeof(*f));
	l->seq = l->seq >= SMPP_SEQ_MAX ? 1 : l->seq + 1;
	*f = (struct flight){l, l->seq};
	smpp_window_add(&l->window, l->seq, id, now);
	smpp_pace_sent(&l->pace, now);
	l->st.pdu_out++;
	http_out_send(l->out, r, on_done, f);
	return SMPP_SUBMIT_OK;
}

size_t http_link_room(const struct http_link *l)
{
	return room_at(l, clock_mono_us());
}

size_t http_link_slots(const struct http_link *l)
{
	return l->is_stopped ? 0 : l->window.max - l->window.used;
}

void http_link_want_room(struct http_link *l)
{
	l->wants_room = true;
	arm(l, clock_mono_us());
}

void http_link_hold(struct http_link *l, uint64_t ms)
{
	uint64_t until = clock_mono_us() + ms * 1000;

	if (until > l->hold_us)
		l->hold_us = until;
	http_link_want_room(l);
}

void http_link_slower(struct http_link *l)
{
	uint64_t now = clock_mono_us();

	smpp_pace_slower(&l->pace, now);
	set_pace(l, now);
	LOG(&l->lc, LOG_WARN, "slower", "rate=%.1f agreed=%.1f", l->window.rate, l->pace.agreed);
}

bool http_link_is_held(const struct http_link *l)
{
	return clock_mono_us() < l->hold_us;
}

enum smpp_link_state http_link_state(const struct http_link *l)
{
	if (l->is_stopped)
		return SMPP_LINK_DOWN;
	return is_paused(l, clock_mono_us()) ? SMPP_LINK_WAIT : SMPP_LINK_BOUND;
}

void http_link_stats(const struct http_link *l, struct smpp_link_stats *out)
{
	struct smpp_pace pace = l->pace;

	*out = l->st;
	out->rate = smpp_pace_rate(&pace, clock_mono_us());
	out->window_used = l->window.used;
}

void http_link_stop(struct http_link *l)
{
	l->is_stopped = true;
}

void http_link_free(struct http_link *l)
{
	if (!l)
		return;
	l->is_freed = true;
	http_out_free(l->out); /* what is on its way completes, and is not told */
	event_free(l->timer);
	smpp_window_clear(&l->window);
	free((char *)l->cf.name);
	free(l);
}
