/* SPDX-License-Identifier: BSD-2-Clause */
/* session_int.h - what is known of one person, shared by the session codec and the dialogue.
 * Names, not indices, are stored, so that a record outlives a change of packs. */
#ifndef DK_SESSION_INT_H
#define DK_SESSION_INT_H

#include "engine/pack_int.h"

enum { SESSION_VERSION = 1, LAST_VALUES_MAX = 4, TRAIL_MAX = 8, MEANT_OCTETS_MAX = 80 };

struct frame { /* one run through a pack */
	const struct pack *pack; /* NULL: none */
	int trigger; /* what it began with */
	int step; /* where it is */
	char *value[PACK_VARS_MAX]; /* owned */
	uint64_t until_ms; /* an answer after this comes too late */
	unsigned wrong; /* answers in a row that did not fit */
	unsigned refused; /* answers in a row that a backend did not take */
	int trail[TRAIL_MAX]; /* of run: questions answered before this one, for the way back */
	unsigned trail_count;
	bool is_sent; /* of run: there is no way back to its beginning any more */
	enum run_ended {
		ENDED_BY_PERSON,
		ENDED_IN_TIME_OUT,
		ENDED_BY_NETWORK
	} ended; /* of run: its last
										* USSD session */
};

enum lang_how { LANG_DEFAULT, LANG_BY_KEYWORD, LANG_CHOSEN };

/* What was lost of a record that could not be read in full; told in the next replies. */
enum { LOST_RUN = 1, LOST_KEPT = 2 };

enum screen_view {
	VIEW_NONE, /* nothing is on a screen: no USSD session, or not one that we know */
	VIEW_MENU, /* the services, or the triggers of one */
	VIEW_RESUME, /* continue or start afresh */
	VIEW_RUN, /* run's question */
	VIEW_TEXT, /* the last text, of which there is more */
};

struct said { /* one text of a turn on USSD */
	struct reply sms; /* as it would be sent */
	char *screen; /* as it is shown; owned */
	bool keeps; /* it is also sent */
};

struct session {
	/* ---- stored ---- */
	char lang[8]; /* "": not known yet */
	enum lang_how lang_how;
	bool is_stopped;
	struct frame run; /* the dialogue that waits for the person */
	struct frame
	    aside; /* a dialogue that another one interrupted: it comes back when that is over */
	struct frame kept; /* a question that no backend has answered yet; its step is a call */
	char kept_key[40];
	bool kept_ussd; /* the call is repeated as it was made: with this channel */
	char kept_lang[8]; /* and this language */
	unsigned kept_tries;
	uint64_t kept_next_ms, kept_until_ms;
	struct { /* a bare yes means this trigger */
		const struct pack *pack;
		int trigger, event; /* event: whose words count */
		uint64_t until_ms;
	} expect;
	const struct pack *home; /* of the services with words in common, the one that spoke last */
	struct { /* "did you mean X?": a bare yes means X */
		char word[MEANT_OCTETS_MAX + 1]; /* folded; "": none */
		uint64_t until_ms;
	} meant;
	struct { /* the last answer, to be repeated */
		const struct text *text;
		const struct pack *pack;
		char *value[PACK_VARS_MAX]; /* those that the text uses; owned */
	} last;
	struct { /* the USSD session's screen */
		enum screen_view view;
		const struct pack *pack; /* MENU: whose triggers; NULL: the main menu */
		char *said; /* texts above the question, as long as there are pages; owned */
		bool is_hint; /* RUN: the question's hint */
		size_t at, next; /* where this page begins in the whole, and the next; 0: no next */
		unsigned sum; /* of the whole, while there are pages: other words have other pages */
		unsigned wrong; /* keys in a row that meant nothing */
	} screen;
	unsigned lost;
	const struct pack *lost_pack; /* LOST_RUN: what ran, if that trigger still exists */
	int lost_trigger;
	/* ---- of the turn only ---- */
	struct frame side; /* a quick trigger beside run or kept */
	struct frame *exec; /* run, side or kept while a call is out */
	bool is_kept_call; /* the call that is out is the kept question */
	unsigned calls, replies;
	enum otp_call { OTP_SEND, OTP_RESEND, OTP_VERIFY } otp; /* what the bridge was asked */
	bool asks_again; /* say run's question once the rest is said */
	bool is_ussd; /* the turn began on USSD */
	bool call_ussd; /* $channel and $lang of the call that is out */
	char call_lang[8];
	struct said said[DIALOGUE_REPLIES_MAX]; /* on USSD, for the turn's screen */
	size_t said_count;
	bool keeps_said; /* only another page, or the same once more: screen.said stays */
	bool forgets; /* at its end nothing is known of the person any more */
	bool is_wrong_key; /* and with a word of it */
};

void frame_clear(struct frame *f);
void frame_move(struct frame *to, struct frame *from);
void frame_set(struct frame *f, int var, const char *value, size_t octets);
void last_clear(struct session *s);
void screen_clear(struct session *s);
void said_clear(struct session *s);
void session_forget(struct session *s); /* all but what stands on the screen */
/* For tests: "esanjeevani/age", "-", with " aside pmjay/area" and " kept esanjeevani/create" behind it. */
void session_describe(const struct session *s, struct buf *out);

#endif
