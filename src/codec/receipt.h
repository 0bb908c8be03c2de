/* SPDX-License-Identifier: BSD-2-Clause */
/* receipt.h - delivery receipts, by TLV or by text (SMPP 3.4 appendix B). Pure. */
#ifndef DK_RECEIPT_H
#define DK_RECEIPT_H

#include <stdbool.h>

#include "codec/smpp_pdu.h"

enum receipt_state { /* message_state values, SMPP 3.4 s.5.2.28 */
	RECEIPT_ENROUTE = 1,
	RECEIPT_DELIVERED = 2,
	RECEIPT_EXPIRED = 3,
	RECEIPT_DELETED = 4,
	RECEIPT_UNDELIVERABLE = 5,
	RECEIPT_ACCEPTED = 6,
	RECEIPT_UNKNOWN = 7,
	RECEIPT_REJECTED = 8,
};

#define RECEIPT_ID_CAP 66u

struct receipt {
	char id[RECEIPT_ID_CAP]; /* as it stands, trimmed; "" when none was found */
	enum receipt_state state;
	struct sv err; /* "err:" text, borrowed from the PDU; may be empty */
};

/* Is this deliver_sm a receipt? By esm_class type bits, or a receipted_message_id TLV. */
bool receipt_is(const struct smpp_pdu *p);
/* Does its text read like one, "id:... stat:..."? Only for links whose centre leaves esm_class 0: on
 * others a person could write a receipt. */
bool receipt_is_like(const struct smpp_pdu *p);
/* Read it: TLVs first, then the text. false: neither an id nor a state could be found. An id
 * without a state is RECEIPT_UNKNOWN. */
bool receipt_read(const struct smpp_pdu *p, struct receipt *out) MUSTUSE;
/* The normal form under which ids are compared: lower case, without leading zeros, 0x, spaces, and the
 * hyphens of a UUID. */
void receipt_id_normal(struct sv id, char out[RECEIPT_ID_CAP]);
const char *receipt_state_name(enum receipt_state s); /* "DELIVRD", ... */
bool receipt_is_final(enum receipt_state s); /* nothing more will come about this message */

#endif
