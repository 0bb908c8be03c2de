/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.h - tokens and the line of people who hold them, one line per service.
 *
 *                       call_next           patient_call            used
 *     issue ─▶ WAITING ───────────▶ CALLED ─────────────▶ IN_CONSULT ────▶ USED
 *                ▲  │                │ │ ▲    reconnect       │              ▲
 *                │  │         missed │ │ └────────────────────┘   day's end  │
 *                │  │                ▼ │                      └──────────────┘
 *                └──┼───────────── MISSED ─▶ EXPIRED   (more than missed_turn_max times)
 *                   └──▶ CANCELLED by the person; EXPIRED at the end of validity (also from CALLED)
 *
 * The line is first in, first out; a missed token goes back behind the current head. `ahead`
 * is the number of WAITING tokens before one's own, position is ahead + 1; who is CALLED has
 * left the line and has position 0. MISSED lasts only inside a transaction.
 * Numbers count up per service and IST day and are never given twice in a day.
 *
 * A service with hours: a token is given inside them (rules: also before, or for the next day of
 * service), the desk calls inside them, and who still waits at closing is told. A token of a later
 * day stands behind those of today, which have gone by the time it counts.
 *
 * Every function runs inside a transaction of the caller's, takes the time as now_ms, and
 * writes the events that its change causes. First let queue_tick run what is due. */
#ifndef DK_BACKEND_QUEUE_H
#define DK_BACKEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/db.h"
#include "backend/field.h"
#include "backend/rules.h"

enum token_state {
	TOKEN_WAITING, /* in the line */
	TOKEN_CALLED, /* the turn has come; the person may call */
	TOKEN_IN_CONSULT, /* talking to the doctor: the token is consumed unless the call drops */
	TOKEN_USED, /* over */
	TOKEN_MISSED, /* did not answer the turn */
	TOKEN_EXPIRED, /* not used in time, or missed too often */
	TOKEN_CANCELLED, /* given back */
};
const char *token_state_name(enum token_state s);

struct token {
	int64_t token_id, day, number, patient_id;
	char service[FIELD_SERVICE_CAP], msisdn[FIELD_MSISDN_CAP], mode[8];
	enum token_state state;
	int64_t ord, told, missed;
	int64_t issued_at, valid_until; /* ms; valid_until is excluded */
	int64_t called_at, consult_at, ended_at; /* ms; 0: not yet */
	int64_t
	    closing_at; /* ms; when one that still waits hears that the service is over; 0: it was told, -1: never */
};

struct queue_place { /* of a WAITING token */
	int64_t ahead, position, wait_minutes;
};

enum queue_rc {
	QUEUE_OK,
	QUEUE_EXISTING, /* issue: the person has a live token; it is returned */
	QUEUE_CLOSED, /* issue, call_next: outside the service's hours, or closed by the desk */
	QUEUE_NO_TOKEN,
	QUEUE_EMPTY, /* call_next */
	QUEUE_NOT_TURN, /* patient_call: still WAITING */
	QUEUE_USED, /* patient_call: consumed */
	QUEUE_GONE, /* patient_call: EXPIRED */
	QUEUE_WRONG_STATE, /* the token's state does not allow it; it is returned */
	QUEUE_TOO_LATE, /* reconnect: the grace is over */
};

struct queue {
	struct db *db; /* borrowed */
	const struct rules *rules; /* borrowed */
};

/* rules: of the token's service, in force now. */
enum queue_rc queue_issue(struct queue *q, const struct service_rules *rules, int64_t patient_id,
    const char *msisdn, const char *mode, int64_t now_ms, struct token *out) MUSTUSE;
/* A person's token: a live one (whose turn has come first), else the newest of today; with
 * days_back > 0 also of so many days before. patient_id 0: any on the phone. The service's own line,
 * or those of its specialities. */
enum queue_rc queue_current(struct queue *q, const char *service, const char *msisdn,
    int64_t patient_id, int days_back, int64_t now_ms, struct token *out) MUSTUSE;
/* A live token of the same phone in another service; its turn first. */
enum queue_rc queue_other(struct queue *q, const char *service, const char *msisdn,
    struct token *out) MUSTUSE;
enum queue_rc queue_get(struct queue *q, int64_t token_id, struct token *out) MUSTUSE;
struct queue_place queue_place(struct queue *q, const struct token *t, int64_t now_ms);

/* Live tokens of a number, in all services; how many of at most max. */
int queue_live(struct queue *q, const char *msisdn, struct token *out, int max);

/* The person's acts; t is from queue_current and is updated. */
enum queue_rc queue_cancel(struct queue *q, struct token *t, int64_t now_ms) MUSTUSE;
enum queue_rc queue_patient_call(struct queue *q, struct token *t, int64_t now_ms) MUSTUSE;
/* The desk's acts. */
enum queue_rc queue_call_next(struct queue *q, const char *service, int64_t now_ms,
    struct token *out) MUSTUSE;
enum queue_rc queue_missed(struct queue *q, struct token *t, int64_t now_ms) MUSTUSE;
enum queue_rc queue_reconnect(struct queue *q, struct token *t, int64_t now_ms) MUSTUSE;
/* rx_ref (may be NULL) receives the e-prescription's reference, 0 for none; one is made when
 * is_prescribed, also later for a token that is USED already. */
enum queue_rc queue_used(struct queue *q, struct token *t, bool is_prescribed, int64_t now_ms,
    int64_t *rx_ref) MUSTUSE;
/* Ends the line for today: those who wait are told that the service is over and their tokens
 * expire; until tomorrow nobody is given a token or called. Who is called or talking stays with
 * the desk. Returns how many were told. */
int queue_close(struct queue *q, const char *service, int64_t now_ms);
void queue_reopen(struct queue *q, const char *service, int64_t now_ms); /* tokens stay expired */
bool queue_is_closed(struct queue *q, const char *service, int64_t day);
int64_t queue_rx_ref(struct queue *q, int64_t token_id); /* 0: none */

/* Time: instant of the next expiry or closing notice, or -1; and doing what is due, at most max tokens. Returns
 * how many changed: when it is max, there may be more. */
int64_t queue_next_due_ms(struct queue *q);
int queue_tick(struct queue *q, int64_t now_ms, int max);

struct queue_counts {
	int64_t waiting, called, in_consult;
};
struct queue_counts queue_counts(struct queue *q, const char *service);
/* The live line: called and talking ones first, then the waiting in order, at most max of
 * each of the two groups. fn is called per token; t is borrowed. */
typedef void queue_list_fn(const struct token *t, void *arg);
void queue_list(struct queue *q, const char *service, int max, queue_list_fn *fn, void *arg);

#endif
