/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_play.h - a conversation file (docs/conversations.md) acted out in the world of turn_world.h: what the
 * person types and what the backend answers stand in the file; what comes back is not compared with it
 * (tests/conv/conv_run does) but with what came back when nothing went wrong. */
#ifndef DK_TEST_TURN_PLAY_H
#define DK_TEST_TURN_PLAY_H

#include "sim/story.h"
#include "turn_world.h"

#define ACTS_MAX 200u
#define SCRIPT_MAX 100u
#define SAID_MAX (1u << 17)

/* A file, read. */
struct tale {
	struct story s;
	const struct packs **packs; /* of each line, borrowed; owned as a list */
	struct {
		const char *
		    call; /* "GET /v1/tokens/current?service=…", as far as it is the same for everybody */
		size_t n;
		struct answer is; /* body owned */
	} script[SCRIPT_MAX];
	size_t script_n;
	bool is_ussd; /* somebody dials */
	bool is_away; /* a backend is away with nothing going wrong */
};
/* packs_of(arg, dirs): the packs of folders, borrowed. */
typedef const struct packs *packs_fn(void *arg, const char *dirs);
void tale_read(struct tale *t, const char *file, packs_fn *fn, void *arg);
void tale_clear(struct tale *t);

/* What the person met. */
struct heard {
	struct {
		bool on_ussd, ends;
		const char *text; /* of the tale */
		char *screen; /* owned; NULL: none */
		uint64_t from, to; /* ids of the turns */
		unsigned messages;
	} act[ACTS_MAX];
	size_t acts;
	char
	    *said; /* owned: all messages but for the word that a question is kept, "\f\n" after each */
	unsigned kept, writes, dials;
	unsigned effects, happened, calls_away, told_ok, told_again, answers, unscripted;
	uint16_t could[EFFECTS_MAX];
	bool is_lost; /* on USSD the person did not get back to where the first one was */
};
/* by_inputs: the network gives all inputs so far, not the last one. want: what came when nothing went wrong, which
 * tells the person what to do; NULL: this is it. */
void tale_play(const struct tale *t, bool by_inputs, struct plan one, struct plan two,
    const struct heard *want, struct heard *out);
void heard_clear(struct heard *h);

#endif
