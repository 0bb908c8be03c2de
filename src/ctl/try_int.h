/* SPDX-License-Identifier: BSD-2-Clause */
/* try_int.h - what the files of `dakiyactl try` share: cmd_try.c reads what is typed, try_call.c finds
 * answers for the packs' calls, try_show.c draws. */
#ifndef DK_TRY_INT_H
#define DK_TRY_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/pack_int.h"
#include "engine/rehearsal.h"

#define TRY_BACKENDS_MAX 16
#define TRY_REMEMBERED_MAX 32
#define TRY_CODE "123456" /* the one-time code of a rehearsal */

struct try_backend {
	char name[NAME_MAX_OCTETS + 1]; /* "": all that have no own */
	const char *url;
};

struct
try {
	struct packs *packs;
	struct rehearsal r;
	const char *code; /* dialled */
	bool is_sms; /* what is typed outside a USSD session is an SMS */
	bool is_tty;
	bool is_over; /* nothing more can be read, or :quit */
	bool has_mistake; /* a line could not be used */
	uint64_t answer_ms, session_ms; /* of the profile */
	uint64_t defer_at_ms;
	struct try_backend backend[TRY_BACKENDS_MAX];
	size_t backends;
	struct { /* answers that were typed; owned */
		char *call, *line;
	} remembered[TRY_REMEMBERED_MAX];
	size_t remembereds;
	struct dialogue_watch watch;
	char at[2 * NAME_MAX_OCTETS + 2]; /* the last step that this turn ran */
	bool seen[PACKS_MAX][PACK_STEPS_MAX];
	char *typed; /* owned; the last line */
	size_t typed_cap;
};

/* The next line that is typed, without its newline; NULL: there is none. Borrowed until the next. */
char *try_read(struct try *t, const char *prompt);
void try_late(struct try *t); /* the screen has to be closed now */
/* The answer of the call that is out, one step on. false: none could be had. */
bool try_answer(struct try *t) MUSTUSE;
void try_forget(struct try *t);

/* ---- try_show.c ---- */
void try_show_screen(const struct try *t, const char *text, bool ends);
void try_show_reply(const struct try *t, const struct reply *r);
void try_show_coverage(const struct try *t, size_t *never); /* never: steps that were not reached */
void try_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
