/* SPDX-License-Identifier: BSD-2-Clause */
/* dlt.h - does a message say what its registered template allows? The operators' DLT portals refuse one
 * that does not (TRAI TCCCPR); better it is seen here first. Pure.
 * A template is a pack's text with its variables and, for a question, the options below it. */
#ifndef DK_DLT_H
#define DK_DLT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/sv.h"

/* What a variable of a template may hold: the tags of the portals, TRAI direction of 18 Nov 2025. */
enum dlt_kind {
	DLT_DERIVED, /* not tagged: numeric or alphanumeric, as the variable was declared */
	DLT_NUMERIC, /* digits only */
	DLT_ALPHANUMERIC, /* anything but a link, a phone number or an e-mail address */
	DLT_URL,
	DLT_URLOTT,
	DLT_CBN, /* call-back number */
	DLT_EMAIL,
};
/* By the tag's name; DLT_DERIVED: there is none of that name. */
enum dlt_kind dlt_kind_of(struct sv name);

enum { /* the portals' error codes; status_words() explains all of them */
	DLT_GOOD = 0,
	DLT_NOT_MATCHED = 633,
	DLT_VARIABLE_TOO_LONG = 635,
	DLT_NO_TEMPLATE = 637,
	DLT_NOT_WHITELISTED = 642,
};

/* Whether a value may stand for a variable of this kind: one of the codes. max_chars: code points. */
unsigned dlt_value_check(enum dlt_kind kind, struct sv value, unsigned max_chars);

struct packs;
struct dlt_message {
	struct sv text_id, lang, template_id; /* as in struct reply */
	struct sv text;
	unsigned var_max; /* code points of a variable */
};
struct dlt_result {
	unsigned code; /* DLT_GOOD or an error */
	unsigned variable; /* the one at fault, from 1; 0: none in particular */
	bool is_unknown; /* DLT_GOOD, but no pack has this template: it was written by other packs */
};
struct dlt_result dlt_check(const struct packs *p, const struct dlt_message *m);

#define DLT_VALUES_MAX 12u
/* The values of the template's variables in a text that dlt_check finds good, in order, as views into it: for
 * providers who take these and know the words. Gives how many. */
size_t dlt_values(const struct packs *p, const struct dlt_message *m, struct sv out[DLT_VALUES_MAX]);

#endif
