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
#define RULES_MAX_REGIONS 16
#define RULES_REGION_CAP 16

enum token_validity {
	VALID_CALENDAR_DAY, /* to the end of the IST day of issue */
	VALID_ROLLING_24H, /* 24 hours from issue, the end excluded */
};

enum issue_outside { /* what is done when a token is asked for outside the hours */
	OUTSIDE_REJECT,
	OUTSIDE_NEXT_SERVICE_DAY, /* a token for the next day of service */
};

enum ack_layout { /* how a person is told id, token and place: DLT counts variables */
	ACK_ONE, /* all three in one message */
	ACK_SPLIT, /* token and place, then the id in a second one */
	ACK_TOKEN_ONLY, /* token and place; the token stands for the id */
};
const char *ack_layout_name(int layout);

/* One version of one service. A service with specialities has a line of people for each: the
 * line of cghs for EYE is called cghs-eye, has the rules of cghs and a name of its own. */
struct service_rules {
	const char *service; /* the line's name; borrowed from the rules, as all texts here */
	const char *parent; /* the service that people know: cghs; of most services the same */
	const char *speciality; /* EYE; NULL: the service has none, or this is not a line of it */
	bool has_specialities; /* nobody waits here, but in its lines */
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
	int outside; /* enum issue_outside */
	bool is_issued_before_open; /* on a day of service before it opens, for the same day */
	bool has_closing_notice; /* who still waits at closing is told */
	bool is_called_outside; /* the desk may call people outside the hours */
	bool needs_mobile; /* no token before the phone number was verified */
	int64_t mobile_valid_days; /* and a verification is good for so long; 0: for ever */
	bool needs_beneficiary; /* registration with a beneficiary id of the list */
	bool needs_referral; /* a token needs one, except of senior citizens */
	int64_t senior_age; /* this age is senior */
	char regions[RULES_MAX_REGIONS][RULES_REGION_CAP];
	size_t n_regions;
	bool is_region_enforced; /* only people of the regions */
	int ack_layout; /* enum ack_layout */
	int64_t proxy_askers_max; /* phones that may ask for people of one other number; 0: none */
	int64_t proxy_day_max; /* people with another number that one phone may register in a day */
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
/* The line of a service for a speciality's code ("EYE", in any case), or NULL. */
const struct service_rules *rules_line(const struct rules *r, const struct service_rules *s,
    struct sv code, int64_t now_ms);
/* The version of the service in force at now, or NULL. */
const struct service_rules *rules_find(const struct rules *r, const char *service, int64_t now_ms);
bool rules_is_open(const struct service_rules *s, int64_t now_ms);
/* First instant at or after now at which it is open; -1: not within a year. */
int64_t rules_next_open_ms(const struct service_rules *s, int64_t now_ms);
/* The IST day for which a token may be given at now: today, or a later day of service; -1: none. */
int64_t rules_issue_day(const struct service_rules *s, int64_t now_ms);
/* When a token of that day begins to be valid: at once, or when the later day opens. */
int64_t rules_valid_from_ms(const struct service_rules *s, int64_t day, int64_t now_ms);
/* The end (excluded) of the validity of a token that begins to be valid at from. */
int64_t rules_valid_until_ms(const struct service_rules *s, int64_t from_ms);
/* When those who still wait with a token of that day are told that the service is over; -1: never,
 * also when the service opens again while the token is valid. */
int64_t rules_closing_ms(const struct service_rules *s, int64_t day, int64_t valid_until_ms);

#endif
