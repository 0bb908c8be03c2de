/* SPDX-License-Identifier: BSD-2-Clause */
/* session_int.h - what is known of one person, shared by the session codec and the dialogue.
 * Names, not indices, are stored, so that a record outlives a change of packs. */
#ifndef DK_SESSION_INT_H
#define DK_SESSION_INT_H

#include "engine/pack_int.h"

enum { SESSION_VERSION = 1, LAST_VALUES_MAX = 4 };

struct frame { /* one run through a pack */
	const struct pack *pack; /* NULL: none */
	int trigger; /* what it began with */
	int step; /* where it is */
	char *value[PACK_VARS_MAX]; /* owned */
	uint64_t until_ms; /* an answer after this comes too late */
	unsigned wrong; /* answers in a row that did not fit */
};

enum lang_how { LANG_DEFAULT, LANG_BY_KEYWORD, LANG_CHOSEN };

/* What was lost of a record that could not be read in full; told in the next replies. */
enum { LOST_RUN = 1, LOST_KEPT = 2 };

struct session {
	/* ---- stored ---- */
	char lang[8]; /* "": not known yet */
	enum lang_how lang_how;
	bool is_stopped;
	struct frame run; /* the dialogue that waits for the person */
	struct frame kept; /* a question that no backend has answered yet; its step is a call */
	char kept_key[40];
	unsigned kept_tries;
	uint64_t kept_next_ms, kept_until_ms;
	struct { /* a bare yes means this trigger */
		const struct pack *pack;
		int trigger, event; /* event: whose words count */
		uint64_t until_ms;
	} expect;
	struct { /* the last answer, to be repeated */
		const struct text *text;
		const struct pack *pack;
		char *value[PACK_VARS_MAX]; /* those that the text uses; owned */
	} last;
	unsigned lost;
	const struct pack *lost_pack; /* LOST_RUN: what ran, if that trigger still exists */
	int lost_trigger;
	/* ---- of the turn only ---- */
	struct frame side; /* a quick trigger beside run or kept */
	struct frame *exec; /* run, side or kept while a call is out */
	bool is_kept_call; /* the call that is out is the kept question */
	unsigned calls, replies;
	bool asks_again; /* say run's question once the rest is said */
};

void frame_clear(struct frame *f);
void frame_move(struct frame *to, struct frame *from);
void frame_set(struct frame *f, int var, const char *value, size_t octets);
void last_clear(struct session *s);
/* For tests: "esanjeevani/age", "-", with " kept esanjeevani/create" behind it. */
void session_describe(const struct session *s, struct buf *out);

#endif
