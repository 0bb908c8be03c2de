/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_int.h - what turn.c and turn_ussd.c share. */
#ifndef DK_TURN_INT_H
#define DK_TURN_INT_H

#include "engine/turn.h"

/* turn.c */
void turn_fx(struct turn_fx *out, enum turn_fx_kind k);
bool turn_write_record(struct turn *t, const struct in_record *in);
void turn_commit(struct turn *t, struct turn_fx *out); /* what stands in blob and out[] */

/* turn_ussd.c */
bool turn_is_late(const struct turn *t); /* speaks by SMS from here */
void turn_ussd_start(struct turn *t); /* of a stored one, if it was a step */
/* What the step is, given the session whose note was just taken off it. false: the turn is answered
 * without the dialogue (the state is set). */
bool turn_ussd_match(struct turn *t, struct sv stored, uint64_t now_ms, struct turn_fx *out);
void turn_ussd_stepped(struct turn *t, struct step_result *r, uint64_t now_ms); /* last step */
/* true: the commit has to wait for the inbox. */
bool turn_ussd_holds(const struct turn *t);
void turn_ussd_show(struct turn *t, struct turn_fx *out); /* turn->screen, if nothing was shown */
void turn_ussd_last(struct turn *t, enum last_screen why, struct turn_fx *out);
void turn_ussd_deadline(struct turn *t, const struct turn_ev *ev, struct turn_fx *out);
void turn_ussd_accepted(struct turn *t, enum turn_rc rc, struct turn_fx *out);
void turn_ussd_again(struct turn *t, struct turn_fx *out); /* the pause of a late one is over */
void turn_ussd_free(struct turn *t);

#endif
