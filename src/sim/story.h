/* SPDX-License-Identifier: BSD-2-Clause */
/* story.h - a conversation in a file: what a person does, what must come back, what happens around it. Read
 * by all that play one: the pure engine (tests/conv) and dakiya-sim play. Each skips the lines that are only
 * for the other. The language is described in docs/conversations.md. */
#ifndef DK_SIM_STORY_H
#define DK_SIM_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"

enum line_kind {
	/* ---- played everywhere ---- */
	LINE_PHONE, /* text: number, # for any digit */
	LINE_SEND, /* text: an SMS, or typed on the screen of an open USSD session */
	LINE_SMS, /* text: an SMS in any case */
	LINE_EXPECT, /* text: pattern; ms: deadline; class: of the message, "" any */
	LINE_DIAL, /* text: "*123#"; "": the last one again, after hanging up */
	LINE_SCREEN, /* text: pattern; ms: deadline */
	LINE_END, /* the same, of a screen that ends the session */
	LINE_DROP,
	LINE_WAIT, /* ms */
	/* ---- on a network, with a clinic ---- */
	LINE_STORY, /* title */
	LINE_TO, /* text: short code */
	LINE_SERVICE, /* text: service whose queue the desk works on */
	LINE_QUIET, /* ms: nothing may come */
	LINE_REGISTER_OTHERS, /* n */
	LINE_CALL_NEXT, /* once */
	LINE_CALL_UNTIL, /* text: token; called until this one is */
	LINE_CALL_AHEAD, /* n: called until so many are ahead of the phone */
	LINE_USED, /* text: token id; is_prescription */
	LINE_MISSED, /* text: token id */
	LINE_FAULT, /* text: "throttle 3" */
	/* ---- in the pure engine ---- */
	LINE_ENGINE, /* word: which; text: the rest, as it stands */
};

struct story_line {
	enum line_kind kind;
	int line; /* from 1 */
	const char *word; /* ENGINE */
	char *text; /* owned */
	uint64_t n, ms;
	char class[8];
	bool is_prescription;
};

struct story {
	char *name; /* owned: the file, for messages */
	struct story_line *line; /* owned */
	size_t n;
};

#define STORY_WITHIN_MS 10000u /* deadline of an expectation until `within` says another */

/* false: every mistake stands in err as "name:line: sentence\n". Clear *out either way. */
bool story_parse(const char *name, struct sv text, struct story *out, struct buf *err) MUSTUSE;
void story_clear(struct story *s);

#endif
