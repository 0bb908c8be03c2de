/* SPDX-License-Identifier: BSD-2-Clause */
/* story.h - the parts of conv_run: a conversation being played (story.c), what it expects (conv_run.c),
 * and packs from a folder (load.c, also for other tests). */
#ifndef DK_CONV_STORY_H
#define DK_CONV_STORY_H

#include "engine/pager.h"
#include "engine/rehearsal.h"
#include "engine/session_int.h"
#include "sim/pattern.h"

enum { KEYS_MAX = 8 };

struct conv {
	const char *file;
	int line;
	bool is_torture;
	struct rehearsal r;
	struct packs *packs; /* those of r */
	char key[KEYS_MAX][40];
	char code[64]; /* dialled last */
	struct vars vars; /* names learnt from texts */
	size_t seen; /* replies of r.res that were expected */
	bool is_call_seen, is_screen_seen;
	bool prints; /* each screen and its length */
};

_Noreturn void fail(const struct conv *y, const char *what, const char *detail);
/* One step; takes what in owns. */
void step(struct conv *y, struct input in);
void step_begin(const struct conv *y); /* before a step that rehearsal.h has a function for */
/* After it: what must hold of every step. In torture mode it is run again from the stored session. */
void step_done(struct conv *y);
void all_seen(const struct conv *y); /* no reply and no call was left out */
char *step_dump(const struct step_result *r) MUSTUSE; /* all that a result says, to compare */

char *read_file(const char *path) MUSTUSE; /* or ends the program */
/* dirs, between spaces, below root: packs, or folders of packs. Or ends the program. */
struct packs *load_packs(const char *root, const char *dirs) MUSTUSE;

#endif
