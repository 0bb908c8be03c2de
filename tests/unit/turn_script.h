/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_script.h - a scripted dialogue in place of the engine's, and turns played by rows: an event,
 * then the state and the effects that it must lead to. */
#ifndef DK_TEST_TURN_SCRIPT_H
#define DK_TEST_TURN_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/turn.h"

#define ID 0x1230u
#define NOW 1700000000000u
#define LIFE 60000u
#define WHO "919812345678"

extern struct turn_script {
	unsigned calls; /* before the last step */
	unsigned replies; /* of every step */
	size_t reply_octets, session_octets; /* 0: short ones */
	unsigned steps;
	char log[2000]; /* what the steps saw, a line each */
	struct input last;
	char last_text[32];
	char first_text[32]; /* not of an answer */
	bool ends, is_dumb; /* ussd: the screen ends the session; there is none */
} script;

struct row {
	struct turn_ev ev;
	enum turn_state then;
	unsigned n; /* effects */
	enum turn_fx_kind fx[TURN_FX_MAX];
};

#define EV(k, r) \
	{ \
		.kind = TURN_EV_##k, .rc = TURN_RC_##r \
	}
/* A session as it is stored: no way known, then the text. */
#define STORED(text) \
	{ \
		"\1\0\0\0\0" text, sizeof(text) + 4 \
	}
#define EVS(k, r, v, text) \
	{ \
		.kind = TURN_EV_##k, .rc = TURN_RC_##r, .version = (v), .session = STORED(text) \
	}
#define ANSWER \
	{ \
		.kind = TURN_EV_ANSWER, .status = 200 \
	}

#define PLAY(t, rows) play(t, rows, sizeof(rows) / sizeof((rows)[0]))

extern const struct in_record text_in;

/* A turn on in; every step of its dialogue says so many replies, and calls come before the last. */
struct turn *begin(const struct in_record *in, unsigned calls, unsigned replies) MUSTUSE;
/* Behind the way, which must be this one. */
struct sv session_behind(const struct turn *t, const char *link, const char *address);
void feed(struct turn *t, const struct row *row, size_t i); /* i: for the message of a failure */
void play(struct turn *t, const struct row *rows, size_t n);

#endif
