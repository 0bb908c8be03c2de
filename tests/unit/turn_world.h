/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_world.h - what is around a turn, in small: the store's twin, a backend that remembers keys,
 * somebody who brings inputs until told OK, recovery, reminders; and one or two effects that go wrong. */
#ifndef DK_TEST_TURN_WORLD_H
#define DK_TEST_TURN_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/turn.h"
#include "store/store.h"

#define WHO "919812345678"
#define DAY_MS (24u * 3600 * 1000)
#define ANSWERS_MAX 200u
#define SENT_MAX 1000u
#define EFFECTS_MAX 2000u
#define REMINDERS_MAX 200u

/* What goes wrong at the chosen effect. */
enum wrong {
	NOTHING,
	AWAY_BEFORE, /* no answer, and nothing was done */
	AWAY_AFTER, /* no answer, but it was done */
	FULL, /* the store has no room, and says so */
	CLASH, /* another process wrote the session meanwhile */
	DEAD_BEFORE, /* the process dies, the effect never happens */
	DEAD_AFTER, /* the effect happens, nobody hears of it */
	LATE, /* a call outlives the deadline of a screen; its answer comes */
	TOO_LATE, /* the store is away until the last moment of a screen is over */
	WRONGS
};

extern const char *const wrong_name[WRONGS];
struct plan {
	enum wrong wrong;
	unsigned at; /* effect, counted from 1; 0: never */
};

/* What a backend answers; body borrowed for as long as the world. */
struct answer {
	int status;
	const char *body;
	bool is_away;
	bool is_late; /* the screen that waits for it is closed first */
};
typedef void answer_fn(void *arg, const struct call *c, struct answer *out);

struct world {
	const char *who; /* borrowed; the one person */
	const struct packs *packs;
	struct screen_limits limits;
	answer_fn *answer_fn; /* asked once for each key that was not answered yet */
	void *arg;
	struct store *st;
	uint64_t now, last_id, deferred_ms;
	uint64_t reminder[REMINDERS_MAX]; /* turns of kept questions */
	size_t reminders;
	struct plan plan[2]; /* what goes wrong */
	unsigned effects; /* so far */
	uint16_t could[EFFECTS_MAX]; /* of each, the bits of what could have gone wrong */
	unsigned happened, calls_away;
	unsigned messages; /* inputs so far, names the dedup value */
	unsigned told_ok, told_again;
	/* the backend: remembers answers by key, as the contract asks of it */
	struct {
		char key[40];
		struct answer is;
	} answer[ANSWERS_MAX];
	size_t answers;
	unsigned writes; /* keys of calls that change something there */
	struct {
		uint64_t id, sum;
	} sent[SENT_MAX];
	size_t sent_n;
	bool crashed; /* the last turn ended with the process */
	char screen[USSD_SCREEN_OCTETS + 1]; /* the last one of world_ussd() */
	bool screen_ends;
};

typedef void said_fn(void *arg, uint64_t id, unsigned class, const struct out_record *r);

/* packs, arg borrowed. */
void world_open(struct world *w, const struct packs *packs, answer_fn *fn, void *arg, struct plan one,
    struct plan two);
void world_close(struct world *w);
/* An input of the person, until whoever brings it is told OK and all that follows is done. */
void world_sms(struct world *w, enum input_kind kind, const char *text);
void world_event(struct world *w, struct sv service, struct sv type, struct sv data);
/* A step of a USSD session, by somebody who asks again when no screen came; the screen is in w. Nothing is shown
 * of its end. */
void world_ussd(struct world *w, const struct ussd_step *step, enum input_kind kind, const char *text);
/* What is still to come of it, and a second later. */
void world_settle(struct world *w);
/* All that the person gets, by class and in order. With all_sent, what is not in the lanes as it is in the outbox
 * fails the test. */
void world_said(struct world *w, bool all_sent, said_fn *fn, void *arg);

#endif
