/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya.h - Niramaya, the National Trust's health insurance: fees, benefits, the calendar of
 * validity and renewal, claims (all pure), and the table of applications with its clocks. Numbers
 * and lists come from the scheme's rules. Days are IST day numbers; a deadline is the last day. */
#ifndef DK_BACKEND_NIRAMAYA_H
#define DK_BACKEND_NIRAMAYA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/db.h"
#include "backend/field.h"
#include "backend/scheme.h"

/* ---- fees and documents ---- */
/* "BPL", "NON_BPL" or "GUARDIAN" (a legal guardian other than the parents). */
const char *nir_category(const struct scheme *s, bool is_bpl, bool has_guardian);
int64_t nir_fee(const struct scheme *s, const char *kind,
    const char *category); /* kind: ENROL, RENEW */
/* The documents of a category, each once; by_challan adds the proof of payment. Returns how many. */
size_t nir_documents(const struct scheme *s, const char *category, bool by_challan, const char **out,
    size_t max);

/* ---- benefits ---- */
struct nir_used { /* of the policy year so far, in rupees */
	int64_t sub, section, overall;
};
/* What is payable of a bill; limited_by: "", "SUB", "SECTION" or "OVERALL". *limit is the tightest
 * limit of the kind of treatment without regard to what was used. -1: no such section or sub. sub
 * NULL or "": a section without subs. */
int64_t nir_payable(const struct scheme *s, const char *section, const char *sub, int64_t amount,
    const struct nir_used *used, const char **limited_by, int64_t *limit);

/* ---- the calendar ---- */
int64_t nir_fy_end(int64_t day); /* 31 March of the financial year that the day lies in */
bool nir_is_valid(int64_t start, int64_t valid_to, int64_t day);
#define NIR_REMINDERS_MAX 12
/* Days on which renewal is to be told of, ascending; the first is not before `from` (at once when
 * the time has begun already). */
size_t nir_reminders(const struct scheme *s, int64_t from, int64_t valid_to,
    int64_t out[NIR_REMINDERS_MAX]);
/* What an application of this day is: "RENEW" to the end of the next year while the card is valid
 * (or in the grace), else "ENROL". *valid_to: the new one. */
const char *nir_renewal(const struct scheme *s, int64_t valid_to, int64_t day, int64_t *new_valid_to);

/* ---- claims ---- */
int64_t nir_claim_due(const struct scheme *s, int64_t treated, int64_t discharged); /* 0: not said */

/* ---- the report (niramaya_print.c) ---- */
/* The answer of GET /v1/niramaya/report as text, or as a page to print; lang: "hi" or "en". Owned by
 * the caller. */
char *nir_report_print(const struct scheme *s, const json_t *report, const char *lang, bool is_html);

/* ---- applications (niramaya_store.c); inside a transaction ---- */
#define NIR_CODES_CAP 64 /* "D1,D2" */
struct nir_application {
	int64_t ref;
	char msisdn[FIELD_MSISDN_CAP], kind[8], category[12], disability[20], state[4],
	    lang[FIELD_LANG_CAP], status[20], missing[NIR_CODES_CAP], reason[160];
	int64_t received, docs, asked; /* days; 0: not yet */
	int64_t decided, card;
	int64_t start, valid_to; /* of the card */
	int64_t next_due; /* ms of its next timer; 0: none */
	int64_t told; /* how many reminders of this stage were told */
};
int64_t nir_add(struct db *d, const struct nir_application *a, int64_t now_ms);
bool nir_get(struct db *d, int64_t ref, struct nir_application *out) MUSTUSE;
/* The newest of a phone; with_card: of those whose card was made. */
bool nir_latest(struct db *d, const char *msisdn, bool with_card, struct nir_application *out) MUSTUSE;
void nir_put(struct db *d, const struct nir_application *a, int64_t now_ms);
/* What happened to it, for the report; detail: a reason or a document's code. */
void nir_log(struct db *d, int64_t ref, const char *status, const char *detail, int64_t now_ms);

/* A change of status, with its timers and the events that tell the person; see niramaya_status.c
 * for what may follow what. missing: codes with commas. False: it may not follow. */
bool nir_move(struct db *d, const struct scheme *s, struct nir_application *a, const char *status,
    const char *missing, const char *reason, int64_t now_ms) MUSTUSE;
/* Timers: instant of the next, or -1; and doing what is due, at most max. Returns how many. */
int64_t nir_next_due_ms(struct db *d);
int nir_tick(struct db *d, const struct scheme *s, int64_t now_ms, int max);

#endif
