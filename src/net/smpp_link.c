/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_link.c - the public calls, the doors and the timer of a link. One door for the transport and
 * one for the timer; each ends by offering room and arming the timer anew. Public calls never change
 * the state (smpp_link_state.c): they leave a note and wake the timer. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/smpp_link_int.h"

/* congestion_state, SMPP 5.0 s.4.8.4.18: in hundredths of what the centre can do. */
enum { FULL_LOAD = 80, NEAR_CONGESTION = 90, CONGESTED = 100 };

/* ---- time ---- */

void smpp_link_arm(struct smpp_link *l, uint64_t at, uint64_t now)
{
	uint64_t us = at > now ? at - now : 0;
	struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};

	if (at == NEVER || (l->armed_us != 0 && l->armed_us <= at))
		return;
	l->armed_us = at > 0 ? at : 1;
	event_add(l->timer, &tv);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool takes_submits(const struct smpp_link *l)
{
	return l->state == SMPP_LINK_BOUND && !l->stop_asked && !l->is_dead &&
	       l->cf.bind != SMPP_BIND_RECEIVER;
}

static uint64_t next_deadline(const struct smpp_link *l, uint64_t now)
{
	uint64_t at = l->deadline_us, sent;
	uint32_t seq;

	if (l->must_drop || (l->stop_asked && !l->is_stopping))
		return now;
	if (l->state != SMPP_LINK_BOUND)
		return at;
	if (l->is_stopping && l->window.used == 0 && l->st.deliver_open == 0)
		return now;
	if (smpp_window_oldest(&l->window, &seq, &sent))
		at = sooner(at, sent + l->cf.response_ms * 1000);
	if (l->enquired_us != 0)
		at = sooner(at, l->enquired_us + l->cf.response_ms * 1000);
	else if (l->cf.enquire_ms != 0)
		at = sooner(at, sooner(l->last_in_us + l->cf.enquire_ms * 1000, smpp_link_show_at(l)));
	if (!l->wants_room || !takes_submits(l))
		return at;
	if (l->hold_us > now)
		at = sooner(at, l->hold_us);
	else if (smpp_link_is_silent(l))
		return at;
	else if (l->window.used < l->window.max && !link_is_full(l->tcp))
		at = sooner(at, smpp_window_rate_at(&l->window, now));
	return at;
}

static size_t room_at(const struct smpp_link *l, uint64_t now)
{
	if (!takes_submits(l) || now < l->hold_us || link_is_full(l->tcp) || smpp_link_is_silent(l))
		return 0;
	return smpp_window_room(&l->window, now);
}

/* ---- doors ---- */

static void destroy(struct smpp_link *l)
{
	link_free(l->tcp);
	event_free(l->timer);
	smpp_window_clear(&l->window);
	free((char *)l->cf.name);
	free((char *)l->cf.host);
	free((char *)l->cf.system_id);
	free((char *)l->cf.password);
	free((char *)l->cf.system_type);
	free((char *)l->cf.address_range);
	free(l->out);
	free(l);
}

static void set_pace(struct smpp_link *l, uint64_t now)
{
	double rate = smpp_pace_rate(&l->pace, now);

	if (rate < l->window.rate || rate > l->window.rate)
		smpp_window_set_rate(&l->window, rate, now);
}

static void leave(struct smpp_link *l)
{
	uint64_t now;

	set_pace(l, clock_mono_us());
	if (!l->is_dead && l->wants_room && room_at(l, clock_mono_us()) > 0) {
		l->wants_room = false;
		l->ops.on_room(l, l->arg);
	}
	l->depth--;
	if (l->is_dead && l->depth == 0) {
		smpp_link_lose(l);
		destroy(l);
		return;
	}
	now = clock_mono_us();
	smpp_link_arm(l, next_deadline(l, now), now);
}

static void on_link(struct link *k, enum link_event what, const char *reason, void *arg)
{
	struct smpp_link *l = arg;
	struct lev ev = {LEV_UP, NULL, reason, clock_mono_us()};

	(void)k;
	l->depth++;
	switch (what) {
	case LINK_UP:
		smpp_link_feed(l, &ev);
		break;
	case LINK_DATA:
		smpp_link_read(l, ev.now_us);
		break;
	case LINK_DRAINED: /* leave() offers the room */
		break;
	case LINK_DOWN:
		ev.kind = LEV_DOWN;
		smpp_link_feed(l, &ev);
		break;
	}
	leave(l);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct smpp_link *l = arg;
	struct lev ev = {LEV_TIMER, NULL, NULL, clock_mono_us()};

	(void)fd;
	(void)what;
	l->armed_us = 0;
	l->depth++;
	if (l->must_drop && !l->is_dead) {
		ev.kind = LEV_DOWN;
		ev.reason = l->must_drop;
		l->must_drop = NULL;
	} else if (l->stop_asked && !l->is_stopping) {
		l->is_stopping = true;
		ev.kind = LEV_STOP;
	}
	if (!l->is_dead)
		smpp_link_feed(l, &ev);
	leave(l);
}

/* ---- public ---- */

static char *copy(const char *s)
{
	return xstrdup(s ? s : "");
}

struct smpp_link *smpp_link_new(struct event_base *base, const struct smpp_link_conf *cf,
    const struct smpp_link_ops *ops, void *arg)
{
	struct smpp_link *l = xcalloc(1, sizeof(*l));
	uint64_t now = clock_mono_us();

	l->cf = *cf;
	l->cf.name = copy(cf->name);
	l->cf.host = copy(cf->host);
	l->cf.system_id = copy(cf->system_id);
	l->cf.password = copy(cf->password);
	l->cf.system_type = copy(cf->system_type);
	l->cf.address_range = copy(cf->address_range);
	if (l->cf.deliver_full_status == ESME_ROK)
		l->cf.deliver_full_status = ESME_RTHROTTLED;
	if (l->cf.response_ms == 0)
		l->cf.response_ms = 1;
	l->ops = *ops;
	l->arg = arg;
	l->lc.link = l->cf.name;
	l->state = SMPP_LINK_WAIT;
	l->deadline_us = now;
	l->tcp = link_new(base, on_link, l);
	link_set_tls(l->tcp, cf->tls);
	l->timer = event_new(base, -1, 0, on_timer, l);
	if (!l->timer)
		abort();
	smpp_window_init(&l->window, cf->window, cf->rate, now);
	smpp_pace_init(&l->pace, cf->rate);
	smpp_link_arm(l, now, now);
	return l;
}

enum smpp_submit_rc smpp_link_submit(struct smpp_link *l, struct smpp_pdu *pdu, uint64_t id)
{
	uint64_t now;
	enum smpp_submit_rc rc;

	if (!takes_submits(l))
		return SMPP_SUBMIT_NOT_BOUND;
	now = clock_mono_us();
	set_pace(l, now);
	if (room_at(l, now) == 0) {
		l->wants_room = true;
		smpp_link_arm(l, next_deadline(l, now), now);
		return SMPP_SUBMIT_FULL;
	}
	if (pdu->h.id != SMPP_DATA_SM)
		pdu->h.id = SMPP_SUBMIT_SM;
	pdu->h.status = ESME_ROK;
	pdu->h.seq = smpp_link_next_seq(l);
	rc = smpp_link_write(l, pdu);
	if (rc == SMPP_SUBMIT_FULL)
		l->wants_room = true; /* the transport is full, and says when it is not */
	if (rc != SMPP_SUBMIT_OK)
		return rc;
	smpp_window_add(&l->window, pdu->h.seq, id, now);
	smpp_pace_sent(&l->pace, now);
	smpp_link_arm(l, now + l->cf.response_ms * 1000, now);
	return rc;
}

size_t smpp_link_room(const struct smpp_link *l)
{
	return room_at(l, clock_mono_us());
}

size_t smpp_link_slots(const struct smpp_link *l)
{
	return takes_submits(l) ? l->window.max - l->window.used : 0;
}

void smpp_link_want_room(struct smpp_link *l)
{
	uint64_t now = clock_mono_us();

	l->wants_room = true;
	smpp_link_arm(l, next_deadline(l, now), now);
}

void smpp_link_hold(struct smpp_link *l, uint64_t ms)
{
	uint64_t now = clock_mono_us(), until = now + ms * 1000;

	if (until <= l->hold_us)
		return;
	l->hold_us = until;
	l->wants_room = true;
	smpp_link_arm(l, until, now);
}

static void slow_down(struct smpp_link *l, void (*how)(struct smpp_pace *p, uint64_t now_us),
    bool is_told)
{
	uint64_t now = clock_mono_us();
	double was = l->window.rate;

	how(&l->pace, now);
	set_pace(l, now);
	if (l->window.rate < was || (was <= 0 && l->window.rate > 0))
		LOG(&l->lc, is_told ? LOG_WARN : LOG_INFO, "slower", "rate=%.1f agreed=%.1f",
		    l->window.rate, l->pace.agreed);
}

void smpp_link_slower(struct smpp_link *l)
{
	slow_down(l, smpp_pace_slower, true);
}

void smpp_link_congestion(struct smpp_link *l, unsigned percent)
{
	if (percent >= NEAR_CONGESTION && percent <= CONGESTED)
		slow_down(l, smpp_pace_slower, true);
	else if (percent >= FULL_LOAD && percent <= CONGESTED)
		slow_down(l, smpp_pace_ease, false);
}

bool smpp_link_is_held(const struct smpp_link *l)
{
	return clock_mono_us() < l->hold_us;
}

bool smpp_link_sends(const struct smpp_link *l)
{
	return l->cf.bind != SMPP_BIND_RECEIVER;
}

enum smpp_link_state smpp_link_state(const struct smpp_link *l)
{
	return l->state;
}

const char *smpp_link_why(const struct smpp_link *l)
{
	return l->why;
}

const char *smpp_link_name(const struct smpp_link *l)
{
	return l->cf.name;
}

uint32_t smpp_link_acked(const struct smpp_link *l)
{
	return l->ack_seq;
}

uint32_t smpp_link_heard(const struct smpp_link *l)
{
	return l->heard_seq;
}

void smpp_link_stats(const struct smpp_link *l, struct smpp_link_stats *out)
{
	struct smpp_pace pace = l->pace; /* time gives back, whether anybody looks or not */

	*out = l->st;
	out->rate = smpp_pace_rate(&pace, clock_mono_us());
	out->window_used = l->window.used;
}

void smpp_link_stop(struct smpp_link *l)
{
	if (l->stop_asked)
		return;
	l->stop_asked = true;
	smpp_link_arm(l, 0, 0);
}

void smpp_link_free(struct smpp_link *l)
{
	if (!l || l->is_dead)
		return;
	l->is_dead = true;
	link_close(l->tcp);
	if (l->depth == 0 && l->window.used == 0)
		destroy(l);
	else
		smpp_link_arm(l, 0, 0);
}
