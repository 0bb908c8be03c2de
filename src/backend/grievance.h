/* SPDX-License-Identifier: BSD-2-Clause */
/* grievance.h - complaints about the schemes, with a ticket number, a day by which an answer is
 * due, and levels to which they may be taken when it is over. Inside a transaction. */
#ifndef DK_BACKEND_GRIEVANCE_H
#define DK_BACKEND_GRIEVANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/db.h"
#include "backend/field.h"

#define GRIEVANCE_TEXT_CHARS 300

struct grievance {
	int64_t ticket;
	char service[FIELD_SERVICE_CAP], msisdn[FIELD_MSISDN_CAP], topic[FIELD_WORD_CAP], state[12],
	    level[16];
	int64_t created_at, due; /* ms; IST day */
};
int64_t grievance_new(struct db *d, const struct grievance *g, const char *text, const char *lang,
    int64_t now_ms);
bool grievance_get(struct db *d, int64_t ticket, struct grievance *out) MUSTUSE;
bool grievance_latest(struct db *d, const char *msisdn, const char *service,
    struct grievance *out) MUSTUSE;
void grievance_level(struct db *d, int64_t ticket, const char *level, int64_t due, int64_t now_ms);
void grievance_resolve(struct db *d, int64_t ticket, const char *answer, int64_t now_ms);

#endif
