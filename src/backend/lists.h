/* SPDX-License-Identifier: BSD-2-Clause */
/* lists.h - lists that a ministry keeps and people ask about: Bihar's health sub-centres, CGHS
 * wellness centres and beneficiaries. Read from YAML (etc/backend-lists.yaml) into tables when
 * the file has changed; looked up there. */
#ifndef DK_BACKEND_LISTS_H
#define DK_BACKEND_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "backend/db.h"
#include "base/buf.h"

#define LISTS_BENEFICIARY_MIN 4 /* characters; the format itself is not public */
#define LISTS_BENEFICIARY_MAX 20
#define LISTS_FOUND_MAX 5

/* Brings the tables to what the file says, in one transaction; nothing is done when it has said the
 * same before. False: every mistake is in err as "name:line:col: sentence". */
bool lists_load(struct db *d, const char *name, struct sv text, struct buf *err) MUSTUSE;

/* An id as people type it, with spaces or hyphens, in any case: its normal form, or false. */
bool lists_beneficiary_id(struct sv typed, char out[LISTS_BENEFICIARY_MAX + 1]) MUSTUSE;

struct beneficiary {
	char born[12]; /* 1967-03-01 */
	char region[16];
	bool is_active;
	char centre_hi[128], centre_en[128]; /* the own wellness centre */
};
bool lists_beneficiary(struct db *d, const char *id, struct beneficiary *out) MUSTUSE;
/* Completed years on a day; a birthday counts from its first minute. */
int lists_age(const char *born, int64_t on_day);

/* Sub-centres of a PIN code, or of a block written in either language: an array, at most
 * LISTS_FOUND_MAX, with their names in lang. Owned by the caller. */
json_t *lists_subcentres(struct db *d, const char *pin, const char *block, const char *lang);

#endif
