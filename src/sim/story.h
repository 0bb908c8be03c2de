/* SPDX-License-Identifier: BSD-2-Clause */
/* story.h - a story file: what a person sends, what must come back, what happens at the clinic.
 * The language is described in docs/internals/simulator.md. */
#ifndef DK_SIM_STORY_H
#define DK_SIM_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"

enum step_kind {
	STEP_STORY, /* title */
	STEP_PHONE, /* text: number, # for a random digit */
	STEP_TO, /* text: short code */
	STEP_SERVICE, /* text: service whose queue the desk works on */
	STEP_SEND, /* text */
	STEP_EXPECT, /* text: pattern; ms: deadline */
	STEP_QUIET, /* ms: nothing may come */
	STEP_REGISTER_OTHERS, /* n */
	STEP_CALL_NEXT, /* once */
	STEP_CALL_UNTIL, /* text: token; called until this one is */
	STEP_CALL_AHEAD, /* n: called until so many are ahead of the phone */
	STEP_USED, /* text: token id; is_prescription */
	STEP_MISSED, /* text: token id */
	STEP_FAULT, /* text: "throttle 3" */
};

struct step {
	enum step_kind kind;
	int line; /* from 1 */
	char *text; /* owned; may be NULL */
	uint64_t n, ms;
	bool is_prescription;
};

struct story {
	char *name; /* owned: the file, for messages */
	struct step *step; /* owned */
	size_t n;
};

#define STORY_WITHIN_MS 10000u /* deadline of an expectation until `within` says another */

/* false: every mistake stands in err as "name:line: sentence\n". Clear *out either way. */
bool story_parse(const char *name, struct sv text, struct story *out, struct buf *err) MUSTUSE;
void story_clear(struct story *s);

#endif
