/* SPDX-License-Identifier: BSD-2-Clause */
/* story.h - the parts of conv_run: a story being played (story.c), what it expects (conv_run.c),
 * and packs from a folder (load.c, also for other tests). */
#ifndef DK_CONV_STORY_H
#define DK_CONV_STORY_H

#include "engine/pager.h"
#include "engine/session_int.h"

enum { STEPS_MAX = 16, KEYS_MAX = 8 };

struct story {
	const char *file;
	int line;
	bool is_torture;
	struct packs *packs;
	struct buf blob, before; /* the stored session, and that of the turn's begin */
	struct session *s; /* during a turn */
	char phone[24], key[KEYS_MAX][40];
	uint64_t now, turn;
	struct input in[STEPS_MAX]; /* of the turn; text and data owned */
	size_t steps, seen; /* seen: replies of res that were expected */
	struct step_result res;
	bool is_call_seen, is_screen_seen;
	bool on_ussd; /* a USSD session is open */
	bool is_late; /* its screen had to be closed before the answer that is to come */
	bool prints; /* each screen and its length */
	struct screen_limits limits;
};

_Noreturn void fail(const struct story *y, const char *what, const char *detail);
/* One step; takes what in owns. In torture mode it is run again from the stored session. */
void step(struct story *y, struct input in);
void all_seen(const struct story *y); /* no reply and no call was left out */
void turn_clear(struct story *y);
char *step_dump(const struct step_result *r) MUSTUSE; /* all that a result says, to compare */

char *read_file(const char *path) MUSTUSE; /* or ends the program */
/* dirs, between spaces, below root: packs, or folders of packs. Or ends the program. */
struct packs *load_packs(const char *root, const char *dirs) MUSTUSE;

#endif
