/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_note.h - what outlives one step of a network's USSD session, kept in front of a person's session
 * so that the next step may land on any process and a repeated one is answered the same. Pure.
 *
 * A network names its session, and some name the step too: by the inputs so far, or by a number. */
#ifndef DK_USSD_NOTE_H
#define DK_USSD_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "engine/dialogue.h"

#define USSD_SCREEN_OCTETS 560u /* of a kept screen: 182 characters of at most 3 octets and to spare */
#define USSD_KEEP_MS (10u * 60 * 1000) /* after that a note is left out when the session is written */

enum ussd_how { /* what a request says of itself */
	USSD_BEGIN, /* dialled */
	USSD_NEXT, /* a reply to a screen */
	USSD_EITHER, /* not said: a reply if the session is known, else dialled */
	USSD_INPUTS, /* not said either; the text is all inputs so far, joined by '*' */
	USSD_GONE, /* ended by the person or the network */
};
struct ussd_step {
	enum ussd_how how;
	uint64_t net; /* names the network's session among this person's; ussd_hash() */
	uint64_t step; /* names the step in it; INPUTS: of all the text */
	size_t step_octets; /* INPUTS: of all the text */
	/* The same step again is the same request again when the last screen is not older than this; 0:
	 * never. INPUTS: always. */
	uint64_t repeat_ms;
	uint64_t ttl_ms; /* the network ends its session after this */
	size_t begin_at; /* EITHER, dialled: what was dialled after the code begins here in the text */
	bool is_unique; /* net is never used again for this person */
	struct screen_limits limits;
};

struct ussd_note {
	bool present;
	uint64_t net, step;
	size_t step_octets;
	uint64_t key; /* of the session; with `steps` it names what a step asks of backends */
	unsigned steps;
	uint64_t begun_ms, at_ms; /* wall: of the first screen, of the last */
	bool is_over; /* ended by us or by the network */
	char screen[USSD_SCREEN_OCTETS + 1]; /* the last one; "": none, or too long to keep */
};

enum ussd_is {
	USSD_IS_BEGIN,
	USSD_IS_NEXT,
	USSD_IS_REPEAT, /* to be answered by note->screen */
	USSD_IS_STRANGER, /* a reply to a session that is not known, or over */
	USSD_IS_GONE,
	USSD_IS_NOTHING, /* the end of a session that is not known, or over */
};
/* What this request is, given what is known. *in: of text, what this step brings. */
enum ussd_is ussd_note_match(const struct ussd_note *n, const struct ussd_step *u, struct sv text,
    uint64_t now_wall_ms, struct sv *in);
/* Stands for the turn in idempotency keys: the same for a request that is repeated, on whatever process
 * it lands; else_id where the network does not say enough. */
uint64_t ussd_note_key(const struct ussd_note *n, const struct ussd_step *u, enum ussd_is is,
    uint64_t else_id);
/* The step is done: screen was shown, or is going to be; NULL: none. */
void ussd_note_put(struct ussd_note *n, const struct ussd_step *u, enum ussd_is is, uint64_t key,
    const char *screen, bool ends, uint64_t now_wall_ms);

/* In front of a session blob; nothing is written of a note that is absent or old. */
void ussd_note_encode(const struct ussd_note *n, uint64_t now_wall_ms, struct buf *out);
/* Takes the note off the front of *blob where there is one. */
void ussd_note_decode(struct sv *blob, struct ussd_note *n);
/* A step as an inbox entry holds it. */
void ussd_step_encode(const struct ussd_step *u, struct buf *out);
bool ussd_step_decode(struct sv in, struct ussd_step *u) MUSTUSE;

uint64_t ussd_hash(uint64_t seed, struct sv s);

#endif
