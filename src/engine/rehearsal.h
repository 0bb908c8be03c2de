/* SPDX-License-Identifier: BSD-2-Clause */
/* rehearsal.h - one person and the packs, without a network, a store or a clock: the dialogue of
 * dialogue.h with what stands around it. The session is encoded and decoded between turns, as the
 * store does it. Used by conversations as data (tests/conv) and by `dakiyactl try`. Pure. */
#ifndef DK_REHEARSAL_H
#define DK_REHEARSAL_H

#include "engine/dialogue.h"

#define REHEARSAL_STEPS_MAX 16u /* of one turn */
#define REHEARSAL_SESSION_MAX (1u << 16)

struct rehearsal {
	const struct packs *packs; /* borrowed; may be changed between turns */
	char msisdn[24];
	uint64_t now_ms, turn; /* turn: the last one's id */
	struct screen_limits limits;
	const struct dialogue_watch *watch; /* borrowed; NULL: nobody */
	struct buf blob, before; /* the stored session, and that of the turn's begin */
	struct session *s; /* during a turn */
	struct input in[REHEARSAL_STEPS_MAX]; /* of the turn; text, event_type and data owned */
	size_t steps;
	struct step_result res; /* of the last step */
	bool on_ussd; /* a USSD session is open */
	bool is_late; /* its screen had to be closed before the answer that is to come */
};

void rehearsal_init(struct rehearsal *r, const struct packs *packs, const char *msisdn,
    uint64_t now_ms);
void rehearsal_clear(struct rehearsal *r);
/* The person speaks this language and has said so. false: the packs do not have it. Between turns. */
bool rehearsal_lang(struct rehearsal *r, const char *lang) MUSTUSE;
/* One step, its result in res. in's text, event_type and data are owned and taken, unless it is false; turn,
 * number, channel and limits are filled in. INPUT_ANSWER while a call is out, anything else while none is; false: it is not so, or
 * the turn has too many steps. */
bool rehearsal_step(struct rehearsal *r, struct input in) MUSTUSE;
/* "*123#", "*123*1*2#". false: no such code, or a call is out. */
bool rehearsal_dial(struct rehearsal *r, const char *code) MUSTUSE;
/* The USSD session is gone; why: as INPUT_USSD_GONE has it. Where a call is out its answer can only be sent, and nothing else happens now. */
void rehearsal_drop(struct rehearsal *r, const char *why);
bool rehearsal_is_open(const struct rehearsal *r); /* a USSD session with somebody before it */
/* "esanjeevani/age", "-", with " kept esanjeevani/create" behind it. Between turns. */
void rehearsal_where(const struct rehearsal *r, struct buf *out);

#endif
