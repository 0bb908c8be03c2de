/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.h - the services' rules as dated configuration. Every value names its source; the
 * version in force is the last one whose `from` day has come. Nothing of this is in C code. */
#ifndef DK_BACKEND_RULES_H
#define DK_BACKEND_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "base/xmalloc.h"

#define RULES_MAX_THRESHOLDS 8
#define RULES_MAX_HOLIDAYS 64

enum token_validity {
	VALID_CALENDAR_DAY, /* to the end of the IST day of issue */
	VALID_ROLLING_24H, /* 24 hours from issue, the end excluded */
};

struct service_rules { /* one version of one service */
	const char *service; /* borrowed from the rules */
	int64_t from_day;
	int validity; /* enum token_validity */
	int64_t missed_turn_max; /* times a missed token goes back into the queue */
	int64_t reconnect_grace_s; /* a call that drops within it does not consume the token */
	int64_t minutes_per_patient;
	bool auto_token;
	int64_t thresholds[RULES_MAX_THRESHOLDS]; /* values of `ahead` that a person is told of */
	size_t n_thresholds;
	bool has_hours; /* false: always open */
	unsigned weekdays; /* bit d: open on weekday d, 1 Monday .. 7 Sunday */
	int open_s, close_s; /* [open, close) in seconds of the IST day */
	int64_t holidays[RULES_MAX_HOLIDAYS]; /* IST days */
	size_t n_holidays;
};

struct rules; /* immutable */

/* NULL: every mistake is in err as "name:line:col: sentence". */
struct rules *rules_read(const char *name, struct sv text, struct buf *err) MUSTUSE;
void rules_free(struct rules *r);
/* The map `schemes` of the file, checked (scheme.h); NULL: there is none. Borrowed. */
struct ynode;
const struct ynode *rules_schemes(const struct rules *r);
size_t rules_services(const struct rules *r);
const char *rules_service(const struct rules *r, size_t i); /* borrowed from r */
const char *rules_title(const struct rules *r, size_t i, const char *lang); /* "" when unknown */
/* The version of the service in force at now, or NULL. */
const struct service_rules *rules_find(const struct rules *r, const char *service, int64_t now_ms);
bool rules_is_open(const struct service_rules *s, int64_t now_ms);
/* First instant at or after now at which it is open; -1: not within a year. */
int64_t rules_next_open_ms(const struct service_rules *s, int64_t now_ms);
/* The end (excluded) of the validity of a token issued at now. */
int64_t rules_valid_until_ms(const struct service_rules *s, int64_t now_ms);

#endif
