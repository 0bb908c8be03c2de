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
#define ANSWERS_MAX 64u
#define SENT_MAX 200u

/* What goes wrong at the chosen effect. */
enum wrong {
	NOTHING,
	AWAY_BEFORE, /* no answer, and nothing was done */
	AWAY_AFTER, /* no answer, but it was done */
	CLASH, /* another process wrote the session meanwhile */
	DEAD_BEFORE, /* the process dies, the effect never happens */
	DEAD_AFTER, /* the effect happens, nobody hears of it */
	LATE, /* a call outlives the deadline of a screen; its answer comes */
};

extern const char *const wrong_name[];
struct plan {
	enum wrong wrong;
	unsigned at; /* effect, counted from 1; 0: never */
};

struct world {
	struct packs *packs;
	struct store *st;
	uint64_t now, last_id, last_reminder, deferred_ms;
	struct plan plan[2]; /* what goes wrong */
	unsigned effects; /* so far */
	unsigned happened, calls_away;
	unsigned messages; /* inputs so far, names the dedup value */
	unsigned told_ok, told_again;
	/* the backend: remembers answers by key, as the contract asks of it */
	struct {
		char key[40];
		int status;
		const char *body;
	} answer[ANSWERS_MAX];
	size_t answers;
	unsigned registered, issued, issued_before, calls, kept;
	struct {
		uint64_t id, sum;
	} sent[SENT_MAX];
	size_t sent_n;
	char screen[USSD_SCREEN_OCTETS + 1]; /* the last one of world_ussd() */
	bool screen_ends;
};

/* packs borrowed. */
void world_open(struct world *w, struct packs *packs, struct plan one, struct plan two);
void world_close(struct world *w);
/* An input of the one person, until whoever brings it is told OK and all that follows is done. */
void world_text(struct world *w, const char *text);
void world_event(struct world *w, const char *type, const char *data);
/* A step of a USSD session by an aggregator that names it by all inputs so far and asks again when no screen
 * came; the screen is in w. */
void world_ussd(struct world *w, uint64_t session, const char *inputs);
/* What is still to come of it, and a minute later. */
void world_settle(struct world *w);
/* All that the person gets, by class and in order, but for the word that a question is kept. With
 * all_sent, what is not in the lanes as it is in the outbox fails the test. */
char *world_said(struct world *w, bool all_sent) MUSTUSE;

#endif
