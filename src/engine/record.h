/* SPDX-License-Identifier: BSD-2-Clause */
/* record.h - what an inbox entry and an outbox entry say, as octets for the store.
 * Pure. A record begins with a version octet; fields are length-prefixed, in a fixed order;
 * further fields may be added at the end (a reader takes absent ones as empty). */
#ifndef DK_RECORD_H
#define DK_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "engine/dialogue.h"

/* One thing that happened to a person: a message or a backend's event. Views are borrowed. */
struct in_record {
	enum input_kind kind; /* TEXT, UNREADABLE, EVENT, USSD_BEGIN, REPEATED */
	struct sv msisdn; /* E.164 digits */
	struct sv channel; /* "sms", "event"; "ussd" only until it is stored */
	struct sv link; /* link it came by; empty for events */
	struct sv address; /* short code written to; empty for events */
	struct sv text; /* TEXT: UTF-8; EVENT: its data as JSON */
	struct sv event_type,
	    event_service; /* a USSD step that was late: type is its ussd_step_encode() */
	uint64_t at_ms; /* wall time of arrival; EVENT: when it happened */
	struct sv owner; /* the process whose it is; empty: anybody's */
	uint64_t until_ms; /* EVENT that was kept for its time: of no use after; 0: by its rule alone */
	unsigned
	    merged; /* EVENT: how many of its kind were due together, this one stands for all; 0: 1 */
};

/* One message on its way out. */
struct out_record {
	enum msg_class class;
	struct sv msisdn;
	struct sv link, address; /* as the turn came in: the same way back where possible */
	struct sv text; /* UTF-8 */
	struct sv text_id, lang, dlt_template_id;
	struct sv seal; /* empty, or what OTP_PLACE in the text is made of */
	struct sv screen; /* empty, or the words for a screen that pops up */
	struct sv press; /* empty, or the word to answer it by: key 1 where it is shown on a screen */
	bool keeps; /* also an SMS where it was shown on a screen */
	uint64_t trace; /* the turn's id */
	uint64_t at_ms, expires_ms; /* wall */
	struct sv owner; /* the process that sends it; empty: anybody's */
};

/* The way back to a person: the link and short code of the last message from there. Kept in front of
 * the session, so that a message nobody wrote for (your turn) comes from the number they know. */
struct way {
	struct sv link, address;
};
void way_encode(const struct way *w, struct buf *out);
/* Takes the way off the front of *blob; empty where there is none. */
void way_decode(struct sv *blob, struct way *w);

/* Whether it fits stands in out->full afterwards: then out holds no record. A field holds 65535
 * octets. Decoding refuses another version and a number that is empty or longer than E.164 has. */
void in_record_encode(const struct in_record *r, struct buf *out);
/* Without its last fields, owner, until_ms and merged: the store adds them when its time has come, each
 * as text (struct store_hold). */
void in_record_encode_held(const struct in_record *r, struct buf *out);
bool in_record_decode(struct sv in, struct in_record *r) MUSTUSE;
void out_record_encode(const struct out_record *r, struct buf *out);
bool out_record_decode(struct sv in, struct out_record *r) MUSTUSE;

#endif
