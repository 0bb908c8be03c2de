/* SPDX-License-Identifier: BSD-2-Clause */
/* turn.h - one input of one person, from arrival to its durable answer, as a pure machine.
 *
 *   NEW ─START─▶ ACCEPTING ─OK─▶ LINE ─GO─▶ LOADING ─▶ [step] ─▶ COMMITTING ─OK─▶ DONE
 *    │              │             │           ▲          │ ▲          │  │
 *    │              └ DUPLICATE,  │ session   │ AWAY:    ▼ │ answer   │  └ CLASH: step again
 *    │                FULL, AWAY  │ is fresh  │ pause   CALLING       │    on the fresh session
 *    │                ▶ DONE      └───────────┼────────▶ [step]       └ AWAY, FULL: pause,
 *    └─ START_STORED (recovered, due retry) ─▶ LINE                     commit again
 *
 * Effects are values in a small list; the completion of each comes back as an event. The
 * upstream is told OK only on the event that says the input is stored.
 *
 * A step of a USSD session (turn_set_ussd) needs no inbox: who waits for its screen asks again.
 *
 *   NEW ─START─▶ LINE ─GO─▶ LOADING ─▶ [step] ⇄ CALLING ─▶ COMMITTING ─OK─▶ SCREEN, DONE
 *                                                 │ DEADLINE
 *                                                 └▶ ACCEPT ─OK─▶ SCREEN "the answer comes by SMS"
 *
 * Late, it becomes an SMS turn of the same id: stored, and only then is the SMS promised; the call that
 * is out goes on, and what it brings is a message. A screen is shown once in a turn, whatever happens. */
#ifndef DK_TURN_H
#define DK_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/dialogue.h"
#include "engine/record.h"
#include "engine/ussd_note.h"

#define TURN_OUT_MAX 8u /* messages of one turn; ids are turn id + 1 to + TURN_OUT_MAX */
#define TURN_ID_STEP 16u /* turn ids are multiples of it */
#define TURN_RERUNS_MAX 8u /* clashes before a turn is given up as poison */
#define TURN_FX_MAX 3u /* effects of one step */
#define TURN_PAUSE_MS 500u
#define TURN_LATE_LIFE_MS (60u * 60 * 1000) /* of a screen that has to go as a message */
#define TURN_RECORD_MAX 16384u /* octets of a record; the store's bound, app asserts it */
#define TURN_SESSION_MAX 8192u /* octets of a session blob; likewise */

enum turn_state {
	TURN_NEW,
	TURN_ACCEPTING, /* also a late USSD step that has all but its inbox entry */
	TURN_LINE, /* stored; an earlier turn of the same person is running */
	TURN_LOADING,
	TURN_CALLING,
	TURN_COMMITTING,
	TURN_PAUSED, /* the store was away; a timer runs */
	TURN_DONE,
};
const char *turn_state_name(enum turn_state s);

enum turn_rc { TURN_RC_OK, TURN_RC_DUPLICATE, TURN_RC_CLASH, TURN_RC_FULL, TURN_RC_AWAY };

enum turn_ev_kind {
	TURN_EV_START, /* a new input: to be accepted */
	TURN_EV_START_STORED, /* an input that the inbox holds, or INPUT_RETRY, which needs none */
	TURN_EV_ACCEPTED, /* rc, version, session */
	TURN_EV_GO, /* first in the person's line; rc OK with version and session when still fresh */
	TURN_EV_LOADED, /* rc OK or AWAY, version, session */
	TURN_EV_ANSWER, /* away, status, body */
	TURN_EV_COMMITTED, /* rc; CLASH: version, session */
	TURN_EV_TIMER,
	TURN_EV_DEADLINE, /* USSD: a screen must leave soon; is_last: now, is_dropped: and nothing may be stored
			     any more. is_gone: nobody is there to see it */
};
struct turn_ev {
	enum turn_ev_kind kind;
	enum turn_rc rc;
	uint64_t version;
	struct sv session; /* borrowed for the step */
	bool away;
	int status;
	const json_t *body; /* borrowed; NULL: no JSON */
	bool is_last, is_dropped, is_gone;
	bool is_echo; /* ACCEPTED, DUPLICATE: it is surely the network that repeats it */
};

enum turn_fx_kind {
	TURN_FX_ACCEPT, /* store turn->rec under turn->id */
	TURN_FX_STORED, /* tell the upstream OK (also a duplicate) */
	TURN_FX_REFUSE, /* tell the upstream to try again later */
	TURN_FX_LINE, /* get in the person's line; GO comes back */
	TURN_FX_LOAD, /* read the session */
	TURN_FX_CALL, /* turn->call */
	TURN_FX_COMMIT, /* turn->version, turn->blob, turn->out[], turn->defer_at_ms */
	TURN_FX_SEND, /* turn->out[] is durable now: into the lanes */
	TURN_FX_DEAD, /* give up: inbox entry to the dead letters, with turn->outcome */
	TURN_FX_TIMER, /* after TURN_PAUSE_MS */
	TURN_FX_SCREEN, /* show turn->screen, and end the USSD session with it if screen_ends */
};

struct turn_out {
	uint64_t id;
	enum msg_class class;
	char *coalesce; /* owned; NULL: none */
	uint64_t life_ms;
	struct buf rec; /* an out_record */
};

/* A USSD step whose screen could not wait. */
enum turn_late {
	TURN_IN_TIME,
	TURN_LATE_ACCEPTING, /* on its way into the inbox */
	TURN_LATE_PAUSED, /* the inbox was away; a timer runs */
	TURN_LATE_STORED, /* an SMS turn like any other from here */
};

/* Open: app reads it when it performs effects, and changes nothing. */
struct turn {
	uint64_t id;
	enum turn_state state;
	enum input_kind kind;
	bool unfit; /* rec cannot hold the input: it is refused */
	bool in_inbox; /* there is an inbox entry to remove at commit */
	char msisdn[16];
	struct buf rec; /* in_record as stored; empty for INPUT_RETRY */
	struct in_record in; /* views into rec */
	json_t *data; /* EVENT: parsed in.text */
	const char *
	    owner; /* the process that runs it, for its messages; borrowed from app, outlives the turn */
	const struct packs *packs; /* borrowed; those the turn began with */
	uint64_t version; /* of the session that the step ran on */
	struct way way; /* owned texts */
	struct session *session;
	bool stepped; /* blob and out are ready to be committed */
	struct buf blob; /* the new session */
	uint64_t session_ms;
	struct call call; /* when CALLING; owned */
	unsigned calls;
	struct turn_out *out; /* owned */
	size_t out_count; /* at most TURN_OUT_MAX */
	uint64_t defer_at_ms;
	unsigned reruns;
	const char *outcome, *service; /* of the last step; for logs and metrics */
	uint64_t began_us; /* mono, set by app; 0: recovered */
	/* ---- USSD ---- */
	bool is_ussd; /* came as a step of a USSD session; also recovered */
	bool wants_screen; /* nothing was shown yet, and somebody is there to see it */
	enum turn_late late;
	struct ussd_step step;
	struct ussd_note note; /* as loaded, then as it is to be stored */
	enum ussd_is is; /* what the step is to the session that was loaded */
	uint64_t key; /* stands for id in idempotency keys */
	char *text; /* owned: what this step brings; NULL: none yet */
	struct sv stored; /* owned: the session as loaded, for a commit that changes nothing */
	char *screen; /* owned */
	bool screen_ends;
	const char *
	    shown; /* which one, for metrics: "more", "end", "repeat", "late", "away", "full", "unknown" */
};

struct turn_fx {
	enum turn_fx_kind fx[TURN_FX_MAX];
	size_t count;
};

/* in: what happened; its views are copied. For INPUT_RETRY only msisdn is used. A text too large to
 * be stored becomes INPUT_UNREADABLE; an event too large is refused at START. What the dialogue makes
 * too large (a reply, a session, more replies or calls than it may) ends the turn as dead: nothing is
 * ever cut. */
struct turn *turn_new(uint64_t id, const struct packs *packs, const struct in_record *in) MUSTUSE;
/* Before START: this is a step of a USSD session; in's channel is "ussd", its kind is set by what the
 * session says of the step. */
void turn_set_ussd(struct turn *t, const struct ussd_step *u);
void turn_free(struct turn *t);
/* out is set by the call. An event that makes no sense in this state changes nothing. */
void turn_step(struct turn *t, const struct turn_ev *ev, uint64_t now_wall_ms, struct turn_fx *out);

#endif
