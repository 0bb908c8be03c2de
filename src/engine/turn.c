/* SPDX-License-Identifier: BSD-2-Clause */
/* turn.c - one input of one person; see turn.h. Its caller is app/fx_run.c. */
#include "engine/turn_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *turn_state_name(enum turn_state s)
{
	static const char *const names[] = {
	    "new", "accepting", "line", "loading", "calling", "committing", "paused", "done"};

	return names[s];
}

/* false: the record holds less than the input. */
bool turn_write_record(struct turn *t, const struct in_record *in)
{
	buf_reset(&t->rec);
	in_record_encode(in, &t->rec);
	return !t->rec.full && in_record_decode(buf_sv(&t->rec), &t->in);
}

/* What is too large is not cut. A text becomes one that cannot be read, and the person hears so;
 * anything else is not taken. */
static void take_input(struct turn *t, const struct in_record *in)
{
	struct in_record less = *in;

	if (turn_write_record(t, in))
		return;
	less.kind = INPUT_UNREADABLE;
	less.text = SV("");
	t->unfit = in->kind == INPUT_EVENT || in->kind == INPUT_CODE || !turn_write_record(t, &less);
	if (t->unfit)
		t->in = (struct in_record){0};
	else
		t->kind = INPUT_UNREADABLE;
}

struct turn *turn_new(uint64_t id, const struct packs *packs, const struct in_record *in)
{
	struct turn *t = xcalloc(1, sizeof(*t));
	size_t n = in->msisdn.n < sizeof(t->msisdn) ? in->msisdn.n : sizeof(t->msisdn) - 1;

	t->id = id;
	t->packs = packs;
	t->kind = in->kind;
	memcpy(t->msisdn, in->msisdn.p, n);
	buf_init(&t->rec, TURN_RECORD_MAX);
	buf_init(&t->blob, TURN_SESSION_MAX);
	if (in->kind != INPUT_RETRY)
		take_input(t, in);
	if ((t->kind == INPUT_EVENT || t->kind == INPUT_CODE) && !t->unfit)
		t->data = json_loadb(t->in.text.p, t->in.text.n, 0, NULL);
	t->outcome = "ok";
	t->service = "common";
	return t;
}

static void drop_call(struct turn *t)
{
	free(t->call.path);
	free(t->call.body);
	t->call = (struct call){0};
}

static void drop_outs(struct turn *t)
{
	for (size_t i = 0; i < t->out_count; i++) {
		free(t->out[i].coalesce);
		buf_clear(&t->out[i].rec);
	}
	t->out_count = 0;
}

void turn_free(struct turn *t)
{
	if (!t)
		return;
	drop_call(t);
	drop_outs(t);
	free(t->out);
	free((char *)t->way.link.p);
	free((char *)t->way.address.p);
	turn_ussd_free(t);
	session_free(t->session);
	json_decref(t->data);
	buf_clear(&t->rec);
	buf_clear(&t->blob);
	free(t);
}

void turn_fx(struct turn_fx *out, enum turn_fx_kind k)
{
	assert(out->count < TURN_FX_MAX);
	out->fx[out->count++] = k;
}

static void go(struct turn *t, enum turn_state s)
{
	t->state = s;
}

static void give_up(struct turn *t, const char *why, struct turn_fx *out)
{
	t->outcome = why;
	go(t, TURN_DONE);
	turn_ussd_last(t, SCREEN_AWAY, out);
	if (t->in_inbox)
		turn_fx(out, TURN_FX_DEAD);
}

/* What is told of an event lives from when that happened: "your turn" that was kept by the backend, or by a
 * process that died, must not come when the turn is over. */
static uint64_t life_ends_ms(const struct turn *t, uint64_t life_ms, uint64_t now_ms)
{
	bool is_known = t->in.kind == INPUT_EVENT && t->in.at_ms > 0;

	if (t->in.until_ms > 0) /* it was kept for its time */
		return t->in.until_ms;
	return (is_known && t->in.at_ms < now_ms ? t->in.at_ms : now_ms) + life_ms;
}

/* false: one too many, or too large for a record. */
static bool take_reply(struct turn *t, struct reply *r, uint64_t now_ms)
{
	struct turn_out *o;
	struct out_record rec = {
	    .class = r->class,
	    .msisdn = sv_from(t->msisdn),
	    .link = t->way.link,
	    .address = t->way.address,
	    .text = sv_from(r->text),
	    .text_id = sv_from(r->text_id),
	    .lang = sv_from(r->lang),
	    .dlt_template_id = sv_from(r->dlt_template_id),
	    .seal = sv_from(r->seal),
	    .screen = r->screen && strcmp(r->screen, r->text) != 0 ? sv_from(r->screen) : SV(""),
	    .press = sv_from(r->press),
	    .keeps = r->keeps,
	    .trace = t->id,
	    .at_ms = now_ms,
	    .expires_ms = life_ends_ms(t, r->life_ms, now_ms),
	    .owner = sv_from(t->owner),
	};

	if (t->out_count == TURN_OUT_MAX)
		return false;
	t->out = xrealloc(t->out, (t->out_count + 1) * sizeof(*t->out));
	o = &t->out[t->out_count++];
	*o = (struct turn_out){.id = t->id + t->out_count, .class = r->class, .life_ms = r->life_ms};
	o->coalesce = r->coalesce;
	r->coalesce = NULL;
	buf_init(&o->rec, TURN_RECORD_MAX);
	out_record_encode(&rec, &o->rec);
	return !o->rec.full;
}

void turn_commit(struct turn *t, struct turn_fx *out)
{
	t->stepped = true;
	if (turn_ussd_holds(t)) {
		go(t, TURN_ACCEPTING);
		return;
	}
	go(t, TURN_COMMITTING);
	turn_fx(out, TURN_FX_COMMIT);
}

static void commit(struct turn *t, uint64_t now_ms, struct turn_fx *out)
{
	buf_reset(&t->blob);
	way_encode(&t->way, &t->blob);
	ussd_note_encode(&t->note, now_ms, &t->blob);
	session_encode(t->session, &t->blob);
	if (t->blob.full) {
		give_up(t, "session_too_large", out);
		return;
	}
	t->session_ms = session_life_ms(t->session, now_ms);
	turn_commit(t, out);
}

/* One step of the dialogue; then either the call it asks for or the commit. */
static void step(struct turn *t, const struct input *in, uint64_t now_ms, struct turn_fx *out)
{
	struct step_result r;
	bool fits = true;

	dialogue_step(t->packs, t->session, in, now_ms, &r);
	t->outcome = r.outcome ? r.outcome : "ok";
	t->service = r.service ? r.service : "common";
	for (size_t i = 0; fits && i < r.reply_count; i++)
		fits = take_reply(t, &r.reply[i], now_ms);
	if (fits && r.screen && turn_is_late(t)) { /* run again, it needed no backend any more */
		struct reply screen = {.class = CLASS_REPLY,
		    .text = r.screen,
		    .text_id = "common/screen",
		    .lang = session_lang(t->session),
		    .life_ms = TURN_LATE_LIFE_MS};

		fits = take_reply(t, &screen, now_ms);
	}
	t->defer_at_ms = r.defer_at_ms;
	drop_call(t);
	if (!fits) {
		give_up(t, "reply_too_large", out);
	} else if (r.has_call && t->calls++ == DIALOGUE_CALLS_MAX) {
		give_up(t, "too_many_calls", out);
	} else if (r.has_call) {
		t->call = r.call;
		r.call.path = r.call.body = NULL;
		go(t, TURN_CALLING);
		turn_fx(out, TURN_FX_CALL);
	} else {
		if (t->is_ussd)
			turn_ussd_stepped(t, &r, now_ms);
		commit(t, now_ms, out);
	}
	step_result_clear(&r);
}

static struct sv own(struct sv s)
{
	return (struct sv){xstrndup(s.p ? s.p : "", s.n), s.n};
}

static void drop_way(struct turn *t)
{
	free((char *)t->way.link.p);
	free((char *)t->way.address.p);
	t->way = (struct way){0};
}

/* The way the message came by, or else the one that the session knows, taken off its blob. */
static void set_way(struct turn *t, struct sv *blob)
{
	struct way w = {0};

	if (blob->n > 0)
		way_decode(blob, &w);
	/* A service code is no number that an SMS comes from: one that was written to goes before it. */
	if (t->is_ussd ? w.link.n + w.address.n == 0 : t->in.address.n > 0)
		w = (struct way){t->in.link, t->in.address};
	drop_way(t);
	t->way = (struct way){own(w.link), own(w.address)};
}

static void first_step(struct turn *t, const struct turn_ev *ev, uint64_t now_ms, struct turn_fx *out)
{
	struct input in = {
	    .kind = t->kind,
	    .turn_id = t->id,
	    .msisdn = t->msisdn,
	    /* A key means what it means on its screen, late or not; only the answer is a message. */
	    .channel = t->is_ussd ? "ussd" : "sms",
	    .screen = t->step.limits,
	    .text = t->in.text,
	    .event_type = t->in.event_type,
	    .event_service = t->in.event_service,
	    .merged = t->in.merged,
	    .data = t->data,
	};
	struct sv blob = ev->session;

	set_way(t, &blob);
	ussd_note_decode(&blob, &t->note);
	session_free(t->session);
	t->session = session_decode(t->packs, blob);
	t->version = ev->version;
	t->calls = 0;
	t->defer_at_ms = 0;
	drop_outs(t);
	if (t->is_ussd) {
		if (!turn_ussd_match(t, ev->session, now_ms, out))
			return;
		in.kind = t->kind;
		in.turn_id = t->key;
		in.text = sv_from(t->text);
		in.event_type = SV("");
	}
	step(t, &in, now_ms, out);
}

/* The same text again after a crash or a lost link: by the network, or by the person, who must not be
 * left without an answer. It is accepted after all, as what it is. */
static bool as_repeated(struct turn *t)
{
	struct in_record in = t->in;
	struct buf rec;

	in.kind = INPUT_REPEATED;
	buf_init(&rec, TURN_RECORD_MAX);
	in_record_encode(&in, &rec);
	buf_clear(&t->rec);
	t->rec = rec;
	t->kind = INPUT_REPEATED;
	return in_record_decode(buf_sv(&t->rec), &t->in);
}

static void in_accepting(struct turn *t, const struct turn_ev *ev, struct turn_fx *out)
{
	switch (ev->rc) {
	case TURN_RC_OK:
		t->in_inbox = true;
		go(t, TURN_LINE);
		turn_fx(out, TURN_FX_STORED);
		turn_fx(out, TURN_FX_LINE);
		break;
	case TURN_RC_DUPLICATE:
		if (t->kind == INPUT_TEXT && !ev->is_echo && as_repeated(t)) {
			turn_fx(out, TURN_FX_ACCEPT);
			break;
		}
		t->outcome = "duplicate";
		go(t, TURN_DONE);
		turn_fx(out, TURN_FX_STORED);
		break;
	case TURN_RC_CLASH:
	case TURN_RC_FULL:
	case TURN_RC_AWAY:
		t->outcome = ev->rc == TURN_RC_FULL ? "full" : "store_away";
		go(t, TURN_DONE);
		turn_fx(out, TURN_FX_REFUSE);
		break;
	}
}

static void in_loading(struct turn *t, const struct turn_ev *ev, uint64_t now_ms, struct turn_fx *out)
{
	if (ev->rc == TURN_RC_OK) {
		first_step(t, ev, now_ms, out);
		return;
	}
	if (t->is_ussd && !t->in_inbox) { /* nothing has been done, and there is no time to wait */
		t->outcome = "store_away";
		go(t, TURN_DONE);
		turn_ussd_last(t, SCREEN_AWAY, out);
		return;
	}
	go(t, TURN_PAUSED);
	turn_fx(out, TURN_FX_TIMER);
}

static void in_committing(struct turn *t, const struct turn_ev *ev, uint64_t now_ms,
    struct turn_fx *out)
{
	switch (ev->rc) {
	case TURN_RC_OK:
	case TURN_RC_DUPLICATE: /* an earlier try, whose answer was lost, did it */
		go(t, TURN_DONE);
		turn_ussd_show(t, out);
		turn_fx(out, TURN_FX_SEND);
		break;
	case TURN_RC_CLASH:
		if (++t->reruns > TURN_RERUNS_MAX)
			give_up(t, "clash", out);
		else
			first_step(t, ev, now_ms, out);
		break;
	case TURN_RC_FULL:
	case TURN_RC_AWAY:
		go(t, TURN_PAUSED);
		turn_fx(out, TURN_FX_TIMER);
		break;
	}
}

/* What comes beside the way that a turn goes: its deadline, and the inbox of one that is late. */
static bool late_event(struct turn *t, const struct turn_ev *ev, struct turn_fx *out)
{
	if (ev->kind == TURN_EV_DEADLINE)
		turn_ussd_deadline(t, ev, out);
	else if (ev->kind == TURN_EV_ACCEPTED && t->late == TURN_LATE_ACCEPTING)
		turn_ussd_accepted(t, ev->rc, out);
	else if (ev->kind == TURN_EV_TIMER && t->late == TURN_LATE_PAUSED)
		turn_ussd_again(t, out);
	else
		return false;
	return true;
}

void turn_step(struct turn *t, const struct turn_ev *ev, uint64_t now_ms, struct turn_fx *out)
{
	struct input in = {.kind = INPUT_ANSWER,
	    .turn_id = t->is_ussd ? t->key : t->id,
	    .msisdn = t->msisdn,
	    .channel = t->is_ussd && !turn_is_late(t) ? "ussd" : "sms",
	    .screen = t->step.limits,
	    .away = ev->away,
	    .status = ev->status,
	    .data = ev->body};

	out->count = 0;
	if (late_event(t, ev, out))
		return;
	switch (t->state) {
	case TURN_NEW:
		if (ev->kind == TURN_EV_START && t->unfit) {
			t->outcome = "too_large";
			go(t, TURN_DONE);
			turn_fx(out, TURN_FX_REFUSE);
		} else if (ev->kind == TURN_EV_START && t->is_ussd) {
			go(t, TURN_LINE);
			turn_fx(out, TURN_FX_LINE);
		} else if (ev->kind == TURN_EV_START) {
			go(t, TURN_ACCEPTING);
			turn_fx(out, TURN_FX_ACCEPT);
		} else if (ev->kind == TURN_EV_START_STORED) {
			t->in_inbox = t->kind != INPUT_RETRY;
			if (t->unfit) {
				give_up(t, "too_large", out);
				break;
			}
			turn_ussd_start(t);
			go(t, TURN_LINE);
			turn_fx(out, TURN_FX_LINE);
		}
		break;
	case TURN_ACCEPTING:
		if (ev->kind == TURN_EV_ACCEPTED)
			in_accepting(t, ev, out);
		break;
	case TURN_LINE:
		if (ev->kind != TURN_EV_GO)
			break;
		if (ev->rc == TURN_RC_OK) {
			first_step(t, ev, now_ms, out);
		} else {
			go(t, TURN_LOADING);
			turn_fx(out, TURN_FX_LOAD);
		}
		break;
	case TURN_LOADING:
		if (ev->kind == TURN_EV_LOADED)
			in_loading(t, ev, now_ms, out);
		break;
	case TURN_CALLING:
		if (ev->kind == TURN_EV_ANSWER)
			step(t, &in, now_ms, out);
		break;
	case TURN_COMMITTING:
		if (ev->kind == TURN_EV_COMMITTED)
			in_committing(t, ev, now_ms, out);
		break;
	case TURN_PAUSED:
		if (ev->kind != TURN_EV_TIMER)
			break;
		/* A commit that waits is repeated as it is: the step must not run twice. */
		go(t, t->stepped ? TURN_COMMITTING : TURN_LOADING);
		turn_fx(out, t->stepped ? TURN_FX_COMMIT : TURN_FX_LOAD);
		break;
	case TURN_DONE:
		break;
	}
}
