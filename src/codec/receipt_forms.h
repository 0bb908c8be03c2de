/* SPDX-License-Identifier: BSD-2-Clause */
/* receipt_forms.h - a message id as the receipt has it, and the forms in which submit_sm_resp may have
 * had it; which of them a link's centre uses, learnt from its receipts; and the one state of a message
 * of several parts. Pure. */
#ifndef DK_RECEIPT_FORMS_H
#define DK_RECEIPT_FORMS_H

#include "codec/receipt.h"

enum receipt_form {
	RECEIPT_FORM_SAME, /* but for case, leading zeros and the hyphens of a UUID */
	RECEIPT_FORM_HEX, /* submit_sm_resp hexadecimal, receipt decimal */
	RECEIPT_FORM_DEC, /* submit_sm_resp decimal, receipt hexadecimal */
	RECEIPT_FORMS,
};
const char *receipt_form_name(enum receipt_form f); /* a metric label */
const char *receipt_form_words(enum receipt_form f); /* for a log line */

/* What is known of a link's ids. All zeros: nothing. */
struct receipt_habit {
	unsigned in_a_row; /* receipts that spoke for `form`, up to RECEIPT_HABIT_SURE */
	enum receipt_form form;
};
#define RECEIPT_HABIT_SURE 3u
bool receipt_habit_is_sure(const struct receipt_habit *h);

/* The ids to look for, likeliest first, each another than those before it. form: what each is. */
struct receipt_ids {
	char id[RECEIPT_FORMS][RECEIPT_ID_CAP];
	enum receipt_form form[RECEIPT_FORMS];
	size_t count; /* 0: there is no id */
};
void receipt_ids_of(struct sv id, const struct receipt_habit *h, struct receipt_ids *out);

/* The message was found under ids->id[at]. true: with this the habit is sure, or has become another. */
bool receipt_habit_learn(struct receipt_habit *h, const struct receipt_ids *ids, size_t at);

/* How far a state is: it never goes back. 0: nothing came yet; 3: final. s: '0' + enum receipt_state. */
unsigned receipt_rank(char s);
/* The state of a message from those of its parts ('0': nothing came yet): a failed part makes it failed,
 * a part that is still on its way keeps it on its way. 0: nothing came yet of some part. */
enum receipt_state receipt_worst(struct sv states);

#endif
