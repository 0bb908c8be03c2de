/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_status.c - the life of an application, and its timers.
 *
 *   SUBMITTED_AT_RO ─▶ SENT_TO_NT ─▶ APPROVED ─▶ CARD_UPLOADED ─▶ reminders to renew
 *                          │  ▲  └─▶ REJECTED (with a reason)
 *                          ▼  │ RESUBMITTED goes on as SENT_TO_NT does
 *                      INCOMPLETE ─▶ LAPSED after resubmit_days
 *
 * Two clocks: people are promised a decision decision_days after the final documents; the card is
 * to be there card_days after the application was received, and that is what the report counts. */
#include "backend/niramaya.h"

#include <stdio.h>
#include <string.h>

#include "backend/events.h"
#include "backend/ist.h"

static const struct {
	const char *from, *to;
} moves[] = {
    {"SUBMITTED_AT_RO", "SENT_TO_NT"},
    {"SUBMITTED_AT_RO", "INCOMPLETE"},
    {"SENT_TO_NT", "INCOMPLETE"},
    {"SENT_TO_NT", "APPROVED"},
    {"SENT_TO_NT", "REJECTED"},
    {"INCOMPLETE", "RESUBMITTED"},
    {"INCOMPLETE", "LAPSED"},
    {"RESUBMITTED", "INCOMPLETE"},
    {"RESUBMITTED", "APPROVED"},
    {"RESUBMITTED", "REJECTED"},
    {"APPROVED", "CARD_UPLOADED"},
};

static int64_t at_hour(const struct scheme *s, int64_t day)
{
	return ist_day_start_ms(day) + scheme_int(s, "reminder_hour") * 3600000;
}

/* Day of the n-th timer of an incomplete application: its reminders, then its end. */
static void incomplete_timer(const struct scheme *s, struct nir_application *a)
{
	const struct ynode *list = scheme_value(s, "resubmit_reminders");

	if (a->told < (int64_t)list->count)
		a->next_due =
		    at_hour(s, a->asked + scheme_int_at(s, "resubmit_reminders", (size_t)a->told));
	else /* the last day is theirs to its end */
		a->next_due = ist_day_start_ms(a->asked + scheme_int(s, "resubmit_days") + 1);
}

static void renewal_timer(const struct scheme *s, struct nir_application *a)
{
	int64_t day[NIR_REMINDERS_MAX];
	size_t n = nir_reminders(s, a->card, a->valid_to, day);

	a->next_due = a->told < (int64_t)n ? at_hour(s, day[a->told]) : 0;
}

/* The calendar of a card: a renewal goes on from the card before it. */
static void set_validity(struct db *d, const struct scheme *s, struct nir_application *a,
    int64_t now_ms)
{
	const int64_t today = ist_day(now_ms);
	struct nir_application old;
	char key[40];

	a->start = today;
	a->valid_to = nir_fy_end(today);
	if (strcmp(a->kind, "RENEW") || !nir_latest(d, a->msisdn, true, &old) || old.ref == a->ref)
		return;
	if (!strcmp(nir_renewal(s, old.valid_to, today, &a->valid_to), "RENEW") &&
	    today <= old.valid_to)
		a->start = old.valid_to + 1;
	snprintf(key, sizeof key, "renewal/%lld", (long long)old.ref);
	events_cancel(d, s->name, a->msisdn, key, now_ms); /* it is paid */
}

static json_t *event_data(const struct nir_application *a)
{
	return json_pack("{s:I, s:s}", "ref", (json_int_t)a->ref, "status", a->status);
}

/* Of one application: a newer state, or a reminder, replaces an older one that is not told yet. */
static void tell(struct db *d, const struct scheme *s, const struct nir_application *a,
    const char *type, json_t *data, int64_t now_ms)
{
	char key[40];

	snprintf(key, sizeof key, "%s/%lld", strcmp(type, "renewal.due") ? "application" : "renewal",
	    (long long)a->ref);
	events_add_keyed(d, type, s->name, a->msisdn, key, now_ms, data);
}

static void day_text(int64_t day, char out[IST_TEXT_CAP])
{
	ist_text(ist_day_start_ms(day), out, IST_TEXT_CAP);
	out[10] = '\0';
}

/* One event for each missing paper: each has a fixed text of its own. */
static void tell_missing(struct db *d, const struct scheme *s, const struct nir_application *a,
    int64_t now_ms)
{
	char due[IST_TEXT_CAP];

	day_text(a->asked + scheme_int(s, "resubmit_days"), due);
	for (const char *at = a->missing; *at;) {
		size_t n = strcspn(at, ",");
		json_t *data = event_data(a);

		json_object_set_new(data, "paper", json_stringn(at, n));
		json_object_set_new(data, "due", json_string(due));
		json_object_set_new(data, "days", json_integer(scheme_int(s, "resubmit_days")));
		tell(d, s, a, "application.updated", data, now_ms);
		at += n + (at[n] == ',');
	}
}

static void log_missing(struct db *d, const struct nir_application *a, int64_t now_ms)
{
	for (const char *at = a->missing; *at;) {
		size_t n = strcspn(at, ",");
		char code[16];

		snprintf(code, sizeof code, "%.*s", (int)(n < 15 ? n : 15), at);
		nir_log(d, a->ref, "MISSING", code, now_ms);
		at += n + (at[n] == ',');
	}
}

bool nir_move(struct db *d, const struct scheme *s, struct nir_application *a, const char *status,
    const char *missing, const char *reason, int64_t now_ms)
{
	const int64_t today = ist_day(now_ms);
	size_t i = 0;

	while (i < sizeof moves / sizeof moves[0] &&
	       (strcmp(moves[i].from, a->status) || strcmp(moves[i].to, status)))
		i++;
	if (i == sizeof moves / sizeof moves[0])
		return false;
	snprintf(a->status, sizeof a->status, "%s", status);
	snprintf(a->missing, sizeof a->missing, "%s", missing);
	snprintf(a->reason, sizeof a->reason, "%s", reason);
	a->next_due = a->told = 0;
	if (!strcmp(status, "SENT_TO_NT") || !strcmp(status, "RESUBMITTED")) {
		a->docs = today;
	} else if (!strcmp(status, "INCOMPLETE")) {
		a->docs = 0;
		a->asked = today;
		incomplete_timer(s, a);
		log_missing(d, a, now_ms);
	} else if (!strcmp(status, "APPROVED") || !strcmp(status, "REJECTED")) {
		a->decided = today;
		if (!strcmp(status, "APPROVED"))
			set_validity(d, s, a, now_ms);
	} else if (!strcmp(status, "CARD_UPLOADED")) {
		a->card = today;
		renewal_timer(s, a);
	}
	nir_put(d, a, now_ms);
	nir_log(d, a->ref, status, reason, now_ms);
	if (!strcmp(status, "INCOMPLETE"))
		tell_missing(d, s, a, now_ms);
	else
		tell(d, s, a, "application.updated", event_data(a), now_ms);
	return true;
}

/* ---- timers ---- */

static void remind_papers(struct db *d, const struct scheme *s, struct nir_application *a,
    int64_t now_ms)
{
	json_t *data = event_data(a);

	json_object_set_new(data, "days",
	    json_integer(a->asked + scheme_int(s, "resubmit_days") - ist_day(now_ms)));
	tell(d, s, a, "application.reminder", data, now_ms);
	do { /* after a long pause one reminder is enough */
		a->told++;
		incomplete_timer(s, a);
	} while (a->next_due <= now_ms &&
		 a->told <= (int64_t)scheme_value(s, "resubmit_reminders")->count);
	nir_put(d, a, now_ms);
}

/* A card that was renewed meanwhile is not reminded of. */
static void remind_renewal(struct db *d, const struct scheme *s, struct nir_application *a,
    int64_t now_ms)
{
	struct nir_application latest;
	char year[IST_TEXT_CAP];
	bool is_renewed = nir_latest(d, a->msisdn, true, &latest) && latest.valid_to > a->valid_to;

	do {
		a->told++;
		renewal_timer(s, a);
	} while (a->next_due > 0 && a->next_due <= now_ms);
	if (is_renewed)
		a->next_due = 0;
	nir_put(d, a, now_ms);
	if (is_renewed || ist_day(now_ms) > a->valid_to)
		return;
	day_text(a->valid_to, year);
	year[4] = '\0';
	tell(d, s, a, "renewal.due",
	    json_pack("{s:I, s:s, s:I}", "ref", (json_int_t)a->ref, "year", year, "fee_rs",
		(json_int_t)nir_fee(s, "RENEW", a->category)),
	    now_ms);
}

int nir_tick(struct db *d, const struct scheme *s, int64_t now_ms, int max)
{
	int n = 0;

	for (; n < max; n++) {
		sqlite3_stmt *st = db_use(d, SQL_NIR_DUE);
		struct nir_application a;
		int64_t ref;

		db_bind_int(st, 1, now_ms);
		ref = db_int(d, st, 0);
		if (ref == 0 || !nir_get(d, ref, &a))
			break;
		if (strcmp(a.status, "INCOMPLETE")) {
			remind_renewal(d, s, &a, now_ms);
		} else if (ist_day(now_ms) <= a.asked + scheme_int(s, "resubmit_days")) {
			remind_papers(d, s, &a, now_ms);
		} else if (!nir_move(d, s, &a, "LAPSED", a.missing, "", now_ms)) {
			db_fail(d, "an incomplete application could not lapse");
		}
	}
	return n;
}
