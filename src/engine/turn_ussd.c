/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_ussd.c - what is different when a turn is a step of a USSD session: a screen instead of an
 * outbox, and a deadline. See turn.h; its caller is turn.c. */
#include "engine/turn_int.h"

#include <stdlib.h>

void turn_set_ussd(struct turn *t, const struct ussd_step *u)
{
	t->is_ussd = true;
	t->wants_screen = u->how != USSD_GONE;
	t->step = *u;
}

bool turn_is_late(const struct turn *t)
{
	return t->late != TURN_IN_TIME;
}

void turn_ussd_free(struct turn *t)
{
	free(t->text);
	free((char *)t->stored.p);
	free(t->screen);
}

void turn_ussd_start(struct turn *t)
{
	if (t->kind == INPUT_EVENT || t->kind == INPUT_RETRY ||
	    !ussd_step_decode(t->in.event_type, &t->step))
		return;
	t->is_ussd = true;
	t->late = TURN_LATE_STORED;
}

/* ---- screens ---- */

void turn_ussd_show(struct turn *t, struct turn_fx *out)
{
	if (!t->wants_screen)
		return;
	t->wants_screen = false;
	turn_fx(out, TURN_FX_SCREEN);
}

static void set_screen(struct turn *t, const char *text, bool ends, const char *what)
{
	free(t->screen);
	t->screen = xstrdup(text);
	t->screen_ends = ends;
	t->shown = what;
}

void turn_ussd_last(struct turn *t, enum last_screen why, struct turn_fx *out)
{
	static const char *const what[LAST_SCREENS] = {"late", "away", "full", "unknown"};

	if (!t->wants_screen)
		return;
	set_screen(t, dialogue_last_screen(t->packs, t->session ? session_lang(t->session) : NULL, why),
	    true, what[why]);
	turn_ussd_show(t, out);
}

/* ---- what a step is ---- */

static void done(struct turn *t, const char *outcome)
{
	t->outcome = outcome;
	t->state = TURN_DONE;
}

/* The session stays as it is; a late step's inbox entry goes. */
static void commit_nothing(struct turn *t, const char *outcome, uint64_t now_ms, struct turn_fx *out)
{
	t->outcome = outcome;
	if (!t->in_inbox) {
		t->state = TURN_DONE;
		return;
	}
	buf_reset(&t->blob);
	buf_addsv(&t->blob, t->stored);
	t->session_ms = session_life_ms(t->session, now_ms);
	turn_commit(t, out);
}

bool turn_ussd_match(struct turn *t, struct sv stored, uint64_t now_ms, struct turn_fx *out)
{
	struct sv in;

	free((char *)t->stored.p);
	t->stored = (struct sv){xmemdup(stored.p ? stored.p : "", stored.n), stored.n};
	t->is = ussd_note_match(&t->note, &t->step, t->in.text, now_ms, &in);
	/* It was promised an answer by SMS: by whatever is there now. */
	if (t->is == USSD_IS_STRANGER && t->late == TURN_LATE_STORED)
		t->is = USSD_IS_NEXT;
	switch (t->is) {
	case USSD_IS_REPEAT:
		if (!t->wants_screen || t->note.screen[0] != '\0') {
			set_screen(t, t->note.screen, t->note.is_over, "repeat");
			turn_ussd_show(t, out);
		} else {
			turn_ussd_last(t, SCREEN_UNKNOWN, out);
		}
		commit_nothing(t, "repeat", now_ms, out);
		return false;
	case USSD_IS_STRANGER:
		turn_ussd_last(t, SCREEN_UNKNOWN, out);
		done(t, "unknown_session");
		return false;
	case USSD_IS_NOTHING:
		done(t, "nothing_to_end");
		return false;
	case USSD_IS_BEGIN:
		t->kind = INPUT_USSD_BEGIN;
		break;
	case USSD_IS_NEXT:
		t->kind = t->kind == INPUT_UNREADABLE ? INPUT_UNREADABLE : INPUT_TEXT;
		break;
	case USSD_IS_GONE:
		t->kind = INPUT_USSD_GONE;
		break;
	}
	t->key = ussd_note_key(&t->note, &t->step, t->is, t->id);
	free(t->text);
	t->text = xstrndup(in.p ? in.p : "", in.n);
	return true;
}

/* The note that goes with the commit. */
static void put_note(struct turn *t, const char *screen, bool ends, uint64_t now_ms)
{
	ussd_note_put(&t->note, &t->step, t->is, t->key, screen, ends, now_ms);
}

void turn_ussd_stepped(struct turn *t, struct step_result *r, uint64_t now_ms)
{
	if (t->kind == INPUT_USSD_GONE) {
		t->note.is_over = true;
		return;
	}
	if (turn_is_late(t)) {
		put_note(t, dialogue_last_screen(t->packs, session_lang(t->session), SCREEN_LATE), true,
		    now_ms);
		return;
	}
	if (r->screen && r->screen[0] != '\0')
		set_screen(t, r->screen, r->screen_ends, r->screen_ends ? "end" : "more");
	else /* the dialogue had nothing to show: better an apology than a frozen phone */
		set_screen(t, dialogue_last_screen(t->packs, session_lang(t->session), SCREEN_AWAY),
		    true, "away");
	put_note(t, t->screen, t->screen_ends, now_ms);
}

/* ---- time ---- */

bool turn_ussd_holds(const struct turn *t)
{
	return t->late == TURN_LATE_ACCEPTING || t->late == TURN_LATE_PAUSED;
}

/* The same input, under the same id, as a message to be answered by one; with the step's name, so that
 * a repeated request is known after a crash too. */
static void become_late(struct turn *t, struct turn_fx *out)
{
	struct in_record in = t->in;
	struct ussd_step as = t->step;
	char number[sizeof(t->msisdn)];
	struct buf name, link, address;

	if (as.how == USSD_INPUTS)
		as.repeat_ms = as.ttl_ms;
	as.how = t->is == USSD_IS_BEGIN ? USSD_BEGIN : USSD_NEXT;
	buf_init(&name, 64);
	buf_init(&link, TURN_RECORD_MAX);
	buf_init(&address, TURN_RECORD_MAX);
	ussd_step_encode(&as, &name);
	/* The record is written anew over what its views look at. */
	memcpy(number, t->msisdn, sizeof(number));
	buf_addsv(&link, in.link);
	buf_addsv(&address, in.address);
	in.kind = t->kind;
	in.channel = SV("sms");
	in.msisdn = sv_from(number);
	in.link = buf_sv(&link);
	in.address = buf_sv(&address);
	in.text = sv_from(t->text);
	in.event_type = buf_sv(&name);
	in.owner = sv_from(t->owner);
	t->late = TURN_LATE_ACCEPTING;
	t->step = as;
	if (turn_write_record(t, &in))
		turn_fx(out, TURN_FX_ACCEPT);
	else
		abort(); /* an input of USSD is far from the bound */
	buf_clear(&name);
	buf_clear(&link);
	buf_clear(&address);
}

void turn_ussd_deadline(struct turn *t, const struct turn_ev *ev, struct turn_fx *out)
{
	if (!t->is_ussd || (!t->wants_screen && !ev->is_gone))
		return;
	if (ev->is_gone)
		t->wants_screen = false;
	switch (t->state) {
	case TURN_LINE:
	case TURN_LOADING:
		/* Nothing has happened yet, and nothing will. Before the person is another turn of hers. */
		turn_ussd_last(t, t->state == TURN_LINE ? SCREEN_FULL : SCREEN_AWAY, out);
		if (t->step.how != USSD_GONE)
			done(t, ev->is_gone ? "gone" : "late_before");
		break;
	case TURN_CALLING:
		if (t->late == TURN_IN_TIME && t->kind != INPUT_USSD_GONE && !ev->is_dropped)
			become_late(t, out);
		if (ev->is_last) /* no SMS can be promised: the inbox does not answer */
			turn_ussd_last(t, SCREEN_AWAY, out);
		break;
	case TURN_ACCEPTING:
	case TURN_COMMITTING:
	case TURN_PAUSED:
		if (!ev->is_last)
			break;
		/* What the last screen says is true whether the store answers or not. One that goes on needs
		 * the store. */
		if (t->screen && t->screen_ends && !turn_is_late(t))
			turn_ussd_show(t, out);
		else
			turn_ussd_last(t, SCREEN_AWAY, out);
		break;
	case TURN_NEW:
	case TURN_DONE:
		break;
	}
}

void turn_ussd_accepted(struct turn *t, enum turn_rc rc, struct turn_fx *out)
{
	if (rc != TURN_RC_OK && rc != TURN_RC_DUPLICATE) {
		t->late = TURN_LATE_PAUSED;
		turn_fx(out, TURN_FX_TIMER);
		return;
	}
	t->late = TURN_LATE_STORED;
	t->in_inbox = true;
	turn_ussd_last(t, SCREEN_LATE, out);
	if (t->state == TURN_ACCEPTING) {
		t->state = TURN_COMMITTING;
		turn_fx(out, TURN_FX_COMMIT);
	}
}

void turn_ussd_again(struct turn *t, struct turn_fx *out)
{
	t->late = TURN_LATE_ACCEPTING;
	turn_fx(out, TURN_FX_ACCEPT);
}
