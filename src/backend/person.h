/* SPDX-License-Identifier: BSD-2-Clause */
/* person.h - what is held about the people of one phone number, and what they decided about it:
 * the history of their consent, its withdrawal, the end of their data, a number that is not the
 * patient's, and who may ask for whom. All of it inside a transaction of the caller. */
#ifndef DK_BACKEND_PERSON_H
#define DK_BACKEND_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/queue.h"

#define PERSON_HISTORY_MAX 20 /* rows of consent that are shown */
#define PERSON_PAGE 2 /* names in one message */

struct consent_act { /* one row of the history; borrowed */
	const char *msisdn;
	int64_t patient_id; /* 0: of all people of the number */
	const char *service; /* "*": of all */
	const char *act; /* GIVEN, GIVEN_FOR_OTHER, WITHDRAWN, ERASED, WRONG_NUMBER */
	const char *version, *channel, *lang;
};
void person_consent_add(struct db *d, const struct consent_act *a, int64_t now_ms);

/* ---- what stops messages ---- */
bool person_is_withdrawn(struct db *d, const char *msisdn);
/* The owner of msisdn has said that the patient is somebody else. */
bool person_is_wrong(struct db *d, int64_t patient_id, const char *msisdn);
/* Somebody has said so of a number of this patient. */
bool person_is_marked(struct db *d, int64_t patient_id);
/* Registering again is consent, and says whose number it is. */
void person_back(struct db *d, int64_t patient_id, const char *msisdn);

/* ---- acts ---- */
struct person_counts {
	int64_t people; /* registered from this number */
	int64_t others; /* of them: with a number of their own */
	int64_t by_others; /* registered from another number, with this one as their own */
	int64_t complaints, scheme; /* open records of complaints; applications and claims of schemes */
};
struct person_counts person_counts(struct db *d, const char *msisdn);
/* Tokens of the number are given back; how many. One in consultation goes on to its end. */
int person_withdraw(struct queue *q, const char *msisdn, int64_t now_ms);
/* -1: a doctor is speaking with one of them. Else how many people were erased; tokens: given back. */
int person_erase(struct queue *q, const char *msisdn, int64_t now_ms, int *tokens);
/* How many patients this number will hear of no more; who asked for one of them is told. */
int person_wrong_number(struct queue *q, const char *msisdn, int64_t now_ms);

/* ---- asking for somebody else ---- */
enum proxy_rc { PROXY_OK, PROXY_OBJECTED, PROXY_TOO_MANY, PROXY_DAY_FULL };
/* May asker register somebody whose own number is other? */
enum proxy_rc person_may_ask(struct db *d, const struct service_rules *rules, const char *asker,
    const char *other, int64_t now_ms);

#endif
