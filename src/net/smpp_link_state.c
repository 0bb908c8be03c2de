/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_link_state.c - the states of smpp_link.h: a function for each, and go(), the only place that
 * changes the state. */
#include <stdio.h>

#include "base/clock.h"
#include "net/smpp_link_int.h"

#define UNBIND_MAX_US UINT64_C(5000000) /* wait for unbind_resp no longer than this */
#define ENQUIRE_MISSED_MAX 2u
#define ASK_AGAIN_US UINT64_C(20000) /* whether it may connect */

const char *smpp_link_state_name(enum smpp_link_state s)
{
	static const char *const names[] = {
	    "wait", "connecting", "binding", "bound", "unbinding", "down"};

	return (size_t)s < sizeof(names) / sizeof(names[0]) ? names[s] : "unknown";
}

/* ---- completions ---- */

void smpp_link_complete(struct smpp_link *l, uint32_t seq, uint32_t status, struct sv message_id)
{
	uint64_t id;

	if (!smpp_window_take(&l->window, seq, &id)) {
		l->st.late_resp++;
		return;
	}
	if (status == SMPP_LINK_NO_ANSWER)
		l->st.no_answer++;
	else if (status == SMPP_LINK_LOST)
		l->st.lost++;
	else if (status == ESME_RTHROTTLED || status == ESME_RMSGQFUL)
		smpp_link_slower(l);
	l->ops.on_submitted(l, id, status, message_id, l->arg);
}

void smpp_link_lose(struct smpp_link *l)
{
	uint64_t sent;
	uint32_t seq;

	while (smpp_window_oldest(&l->window, &seq, &sent))
		smpp_link_complete(l, seq, SMPP_LINK_LOST, SV(""));
}

static void expire_submits(struct smpp_link *l, uint64_t now)
{
	uint64_t sent;
	uint32_t seq;

	while (smpp_window_oldest(&l->window, &seq, &sent) && sent + l->cf.response_ms * 1000 <= now) {
		bool was_silent = smpp_link_is_silent(l);

		l->vain_us = sent;
		if (!was_silent && smpp_link_is_silent(l))
			LOG(&l->lc, LOG_WARN, "silent",
			    "window=%zu action=\"asked, nothing more is sent\"", l->window.used);
		smpp_link_complete(l, seq, SMPP_LINK_NO_ANSWER, SV(""));
	}
}

/* ---- the one place where the state changes ---- */

static void go(struct smpp_link *l, enum smpp_link_state to, uint64_t deadline_us, enum log_level lvl,
    const char *reason)
{
	enum smpp_link_state from = l->state;
	uint64_t now = clock_mono_us();

	l->state = to;
	l->deadline_us = deadline_us;
	l->must_drop = NULL;
	if (to == SMPP_LINK_WAIT || to == SMPP_LINK_DOWN)
		snprintf(l->why, sizeof(l->why), "%s", reason);
	else if (to == SMPP_LINK_BOUND)
		l->why[0] = '\0';
	LOG(&l->lc, lvl, smpp_link_state_name(to), "was=%s reason=%s wait_ms=%llu",
	    smpp_link_state_name(from), LOGQ(reason),
	    (unsigned long long)(deadline_us == NEVER || deadline_us < now
				     ? 0
				     : (deadline_us - now) / 1000));
	switch (to) {
	case SMPP_LINK_WAIT:
	case SMPP_LINK_DOWN:
		link_close(l->tcp);
		break;
	case SMPP_LINK_CONNECTING:
		link_open(l->tcp, l->cf.host, l->cf.port, l->cf.connect_ms);
		break;
	case SMPP_LINK_BINDING:
		l->gen = (l->gen + 1) & 0x7FFFFFFF;
		l->seq = l->ack_seq = l->heard_seq = 0;
		l->acked_us = 0;
		l->st.deliver_open = 0;
		smpp_link_send_bind(l);
		break;
	case SMPP_LINK_BOUND:
		l->st.binds++;
		l->bound_at_us = l->last_in_us = now;
		l->enquired_us = 0;
		l->enquire_missed = 0;
		l->vain_us = 0;
		l->hold_us = 0;
		l->wants_room = true;
		break;
	case SMPP_LINK_UNBINDING:
		l->bind_seq = smpp_link_next_seq(l);
		smpp_link_send(l, SMPP_UNBIND, ESME_ROK, l->bind_seq);
		break;
	}
	if (from == SMPP_LINK_BOUND)
		smpp_link_lose(l);
	if (!l->is_dead)
		l->ops.on_state(l, to, reason, l->arg);
}

/* Full jitter over a doubling range (but never less than half the minimum, so that a centre that
 * refuses at once is not hammered). Slowly: from half the cap. */
static uint64_t back_off_us(struct smpp_link *l, bool slowly)
{
	uint64_t min = l->cf.reconnect_min_ms, max = l->cf.reconnect_max_ms, top = min, low;
	unsigned i;

	for (i = 0; i < l->attempts && top < max; i++)
		top *= 2;
	l->attempts++;
	if (slowly || top > max)
		top = max;
	low = (slowly ? max : min) / 2;
	return 1000 * (top > low ? low + random_u64() % (top - low + 1) : low);
}

static void retry_at(struct smpp_link *l, uint64_t now, bool slowly, enum log_level lvl,
    const char *reason)
{
	if (l->state == SMPP_LINK_BOUND && now - l->bound_at_us >= l->cf.reconnect_max_ms * 1000)
		l->attempts = 0; /* that bind was good */
	if (l->is_stopping)
		go(l, SMPP_LINK_DOWN, NEVER, lvl, reason);
	else
		go(l, SMPP_LINK_WAIT, now + back_off_us(l, slowly), lvl, reason);
}

static void retry(struct smpp_link *l, const struct lev *ev, const char *reason)
{
	retry_at(l, ev->now_us, false, LOG_INFO, reason);
}

static void unbind(struct smpp_link *l, uint64_t now, const char *reason)
{
	uint64_t wait = l->cf.response_ms * 1000;

	go(l, SMPP_LINK_UNBINDING, now + (wait < UNBIND_MAX_US ? wait : UNBIND_MAX_US), LOG_INFO,
	    reason);
}

/* ---- a function for each state ---- */

static void in_wait(struct smpp_link *l, const struct lev *ev)
{
	switch (ev->kind) {
	case LEV_TIMER:
		if (ev->now_us < l->deadline_us)
			break;
		if (l->ops.may_connect && !l->ops.may_connect(l, l->arg))
			l->deadline_us = ev->now_us + ASK_AGAIN_US;
		else
			go(l, SMPP_LINK_CONNECTING, NEVER, LOG_DEBUG, "time to connect");
		break;
	case LEV_STOP:
		go(l, SMPP_LINK_DOWN, NEVER, LOG_INFO, "stopped");
		break;
	case LEV_UP:
	case LEV_PDU:
	case LEV_DOWN: /* the transport is closed here */
		break;
	}
}

static void in_connecting(struct smpp_link *l, const struct lev *ev)
{
	switch (ev->kind) {
	case LEV_UP:
		go(l, SMPP_LINK_BINDING, ev->now_us + l->cf.response_ms * 1000, LOG_DEBUG, "connected");
		break;
	case LEV_DOWN:
		retry(l, ev, ev->reason);
		break;
	case LEV_STOP:
		go(l, SMPP_LINK_DOWN, NEVER, LOG_INFO, "stopped");
		break;
	case LEV_TIMER: /* the transport has the time-out */
	case LEV_PDU:
		break;
	}
}

static void bind_answered(struct smpp_link *l, const struct lev *ev)
{
	uint32_t status = ev->pdu->h.status;
	bool is_credentials =
	    status == ESME_RINVSYSID || status == ESME_RINVPASWD || status == ESME_RINVSYSTYP;
	char reason[96];

	if (ev->pdu->h.id == (uint32_t)SMPP_GENERIC_NACK && status == ESME_ROK)
		status = ESME_RUNKNOWNERR;
	if (status == ESME_ROK) {
		go(l, SMPP_LINK_BOUND, NEVER, LOG_INFO, smpp_cmd_name((uint32_t)l->cf.bind));
		return;
	}
	snprintf(reason, sizeof(reason), "bind refused: %s 0x%08x", smpp_status_name(status), status);
	if (status == ESME_RALYBND)
		unbind(l, ev->now_us,
		    reason); /* whose bind it is is not told; end it, try again later */
	else
		retry_at(l, ev->now_us, is_credentials, is_credentials ? LOG_ERR : LOG_WARN, reason);
}

static void in_binding(struct smpp_link *l, const struct lev *ev)
{
	switch (ev->kind) {
	case LEV_PDU:
		if (ev->pdu->h.seq == l->bind_seq &&
		    (ev->pdu->h.id == ((uint32_t)l->cf.bind | SMPP_RESP) ||
			ev->pdu->h.id == (uint32_t)SMPP_GENERIC_NACK))
			bind_answered(l, ev);
		else if (!smpp_link_common(l, ev->pdu))
			retry(l, ev, "unbound by the peer");
		break;
	case LEV_TIMER:
		if (ev->now_us >= l->deadline_us)
			retry(l, ev, "no answer to the bind");
		break;
	case LEV_DOWN:
		retry(l, ev, ev->reason);
		break;
	case LEV_STOP:
		go(l, SMPP_LINK_DOWN, NEVER, LOG_INFO, "stopped");
		break;
	case LEV_UP:
		break;
	}
}

/* Only when nothing comes in, or not what was asked for. true: the peer is gone. */
static bool enquire(struct smpp_link *l, uint64_t now)
{
	if (l->cf.enquire_ms == 0)
		return false;
	if (l->enquired_us == 0 && now < l->last_in_us + l->cf.enquire_ms * 1000 &&
	    now < smpp_link_show_at(l) && !smpp_link_is_silent(l))
		return false;
	if (l->enquired_us != 0) {
		if (now < l->enquired_us + l->cf.response_ms * 1000)
			return false;
		l->st.enquire_timeouts++;
		if (++l->enquire_missed >= ENQUIRE_MISSED_MAX)
			return true;
	}
	smpp_link_send(l, SMPP_ENQUIRE_LINK, ESME_ROK, smpp_link_next_seq(l));
	l->enquired_us = now;
	return false;
}

static void bound_timer(struct smpp_link *l, const struct lev *ev)
{
	expire_submits(l, ev->now_us);
	if (l->is_dead)
		return;
	if (enquire(l, ev->now_us))
		retry(l, ev, "no answer to enquire_link");
	else if (l->is_stopping &&
		 ((l->window.used == 0 && l->st.deliver_open == 0) || ev->now_us >= l->deadline_us))
		unbind(l, ev->now_us, "stopping");
}

static void in_bound(struct smpp_link *l, const struct lev *ev)
{
	switch (ev->kind) {
	case LEV_PDU:
		if (!smpp_link_common(l, ev->pdu))
			retry(l, ev, "unbound by the peer");
		break;
	case LEV_TIMER:
		bound_timer(l, ev);
		break;
	case LEV_DOWN:
		retry(l, ev, ev->reason);
		break;
	case LEV_STOP:
		l->deadline_us = ev->now_us + l->cf.response_ms * 1000;
		bound_timer(l, ev);
		break;
	case LEV_UP:
		break;
	}
}

static void in_unbinding(struct smpp_link *l, const struct lev *ev)
{
	switch (ev->kind) {
	case LEV_PDU:
		if (ev->pdu->h.seq == l->bind_seq && (ev->pdu->h.id == (SMPP_UNBIND | SMPP_RESP) ||
							 ev->pdu->h.id == (uint32_t)SMPP_GENERIC_NACK))
			retry(l, ev, "unbound");
		else if (!smpp_link_common(l, ev->pdu))
			retry(l, ev, "unbound by both");
		break;
	case LEV_TIMER:
		if (ev->now_us >= l->deadline_us)
			retry(l, ev, "no answer to unbind");
		break;
	case LEV_DOWN:
		retry(l, ev, ev->reason);
		break;
	case LEV_UP:
	case LEV_STOP: /* on the way already; retry() sees is_stopping */
		break;
	}
}

void smpp_link_feed(struct smpp_link *l, const struct lev *ev)
{
	switch (l->state) {
	case SMPP_LINK_WAIT:
		in_wait(l, ev);
		break;
	case SMPP_LINK_CONNECTING:
		in_connecting(l, ev);
		break;
	case SMPP_LINK_BINDING:
		in_binding(l, ev);
		break;
	case SMPP_LINK_BOUND:
		in_bound(l, ev);
		break;
	case SMPP_LINK_UNBINDING:
		in_unbinding(l, ev);
		break;
	case SMPP_LINK_DOWN:
		break;
	}
}
