/* SPDX-License-Identifier: BSD-2-Clause */
/* remind.c - events that are kept until their time: those that are told later, and information that
 * must not disturb the night or come too often. They wait in the store's schedule as they came, not as
 * messages: language and STOP count as they are when their time has come. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/routes.h"
#include "base/clock.h"
#include "engine/quiet.h"

#define TAKES_AT_ONCE 32u /* partitions asked, in a tick and in all */
#define TAKE_PERSONS 16u /* of one partition: people wait for their replies meanwhile */
#define LOOK_AGAIN_MS 10000u /* another process may have put something there */
#define GATHER_MS 3000u /* what may go together waits so long for the others */
#define PERSON_FULL_S 3600u
#define SCHEDULE_FULL_S 60u

struct reminders {
	struct quiet quiet;
	uint64_t *look_ms; /* mono, of each partition: not before. A wall clock may be set back */
	uint64_t *persons; /* of each partition, when last looked */
	unsigned next; /* partition that is looked at next */
	unsigned takes; /* under way */
};

/* A request that waits for the store. */
struct held {
	struct app *a;
	uint64_t request, began_us, at_ms;
	unsigned partition;
	char dedup[EVENT_KEY_CAP];
	uint64_t dedup_ms;
	bool is_kept; /* else what it replaces is dropped, */
	bool is_told; /* and then it is told at once */
	struct buf rec; /* in_record, when is_told */
};

bool remind_start(struct app *a, struct buf *err)
{
	const struct opt_reminders *o = a->opt->reminders;
	struct reminders *r = xcalloc(1, sizeof(*r));

	a->reminders = r;
	r->look_ms = xcalloc((size_t)a->opt->partitions, sizeof(*r->look_ms));
	r->persons = xcalloc((size_t)a->opt->partitions, sizeof(*r->persons));
	if (quiet_read(sv_from(o->quiet_hours), sv_from(o->time_zone), &r->quiet))
		return true;
	buf_addf(err, "reminders: quiet_hours is \"21:00-08:00\" or off, time_zone \"+05:30\"\n");
	return false;
}

void remind_free(struct app *a)
{
	if (!a->reminders)
		return;
	free(a->reminders->look_ms);
	free(a->reminders->persons);
	free(a->reminders);
}

/* ---- what is due ---- */

static void count(struct app *a, const char *outcome, uint64_t n)
{
	if (n > 0)
		metrics_add(a->metrics, M_REMIND, (double)n, outcome, NULL);
}

static void run(struct app *a, const struct store_entry *e)
{
	struct in_record in;

	if (!in_record_decode(e->record, &in))
		LOG(NULL, LOG_ERR, "inbox entry not readable", "id=%016llx", (unsigned long long)e->id);
	else if (!app_turn(a, e->id) && peers_is_mine(a, in.owner))
		app_begin_stored(a, e->id, &in);
}

/* Not later than when the wall clock says so. */
static void look_at(struct reminders *r, unsigned partition, uint64_t wall_ms)
{
	uint64_t wall = clock_wall_ms(), now = clock_mono_ms();
	uint64_t at = wall_ms > wall ? now + (wall_ms - wall) : now;

	if (at < r->look_ms[partition])
		r->look_ms[partition] = at;
}

static void on_taken(const struct store_taken *t, void *arg)
{
	struct await *w = arg;
	struct app *a = w->a;
	struct reminders *r = a->reminders;

	watch_store(a, "take", w->began_us);
	r->takes--;
	r->look_ms[w->n] = clock_mono_ms() + LOOK_AGAIN_MS;
	if (t->rc == STORE_OK) {
		if (t->next_ms != 0)
			look_at(r, w->n, t->next_ms);
		r->persons[w->n] = t->persons;
		count(a, "due", t->n);
		count(a, "merged", t->merged);
		count(a, "put_off", t->put_off);
		count(a, "expired", t->expired);
		if (t->expired > 0)
			metrics_add(a->metrics, M_DEAD, (double)t->expired, "input", "expired", NULL);
	}
	/* When we are stopping they are in the inbox, for whoever comes next. */
	for (size_t i = 0; t->rc == STORE_OK && !a->stopping && i < t->n; i++)
		run(a, &t->e[i]);
	await_free(w);
}

/* In the quiet hours nobody is to be told anything more: all that counts is put off to their end. */
static void take(struct app *a, unsigned partition)
{
	struct reminders *r = a->reminders;
	uint64_t now = clock_wall_ms(), ends = quiet_ends_ms(&r->quiet, now);
	struct store_take t = {
	    .partition = partition,
	    .now_ms = now,
	    .limit = TAKE_PERSONS,
	    .cap = ends > now ? 0 : (uint64_t)a->opt->reminders->per_day,
	    .day = quiet_day(&r->quiet, now),
	    .put_off_ms = ends > now ? ends : quiet_tomorrow_ms(&r->quiet, now),
	    .owner = sv_from(a->owner),
	};

	r->takes++;
	r->look_ms[partition] = UINT64_MAX;
	a->store->ops->take(a->store, &t, on_taken, await_new(a, 0, partition));
}

static bool can_take(const struct app *a)
{
	return a->store_up && !a->stopping && a->owner[0] != '\0' && !peers_in_doubt(a) &&
	       a->reminders->takes < TAKES_AT_ONCE && !routes_full(a, CLASS_INFO) &&
	       a->turn_count < (size_t)a->opt->limits->turns / 2 + 1;
}

void remind_tick(struct app *a)
{
	struct reminders *r = a->reminders;
	uint64_t now = clock_mono_ms();

	for (unsigned i = 0; i < a->store->partitions && can_take(a); i++) {
		unsigned p = r->next;

		r->next = (p + 1) % a->store->partitions;
		if (r->look_ms[p] <= now)
			take(a, p);
	}
}

uint64_t remind_persons(const struct app *a)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < a->store->partitions; i++)
		n += a->reminders->persons[i];
	return n;
}

/* ---- what comes ---- */

static void answer(struct held *h, const struct store_done *d)
{
	struct app *a = h->a;
	bool is_full = d->rc == STORE_FULL;

	metrics_add(a->metrics, M_EVENT, 1,
	    d->rc == STORE_OK            ? "accepted"
	    : d->rc == STORE_DUPLICATE   ? "duplicate"
	    : is_full && d->version == 0 ? "person_full"
	    : is_full                    ? "schedule_full"
					 : "store_away",
	    NULL);
	if (d->rc == STORE_OK || d->rc == STORE_DUPLICATE)
		http_in_reply(a->events, h->request, d->rc == STORE_OK ? 202 : 200, NULL, SV(""), NULL);
	else if (is_full && d->version == 0)
		http_in_later(a->events, h->request, 429, "person-full",
		    "So much is kept for this person already.", PERSON_FULL_S);
	else if (is_full)
		http_in_later(a->events, h->request, 503, "schedule-full", "The schedule is full.",
		    SCHEDULE_FULL_S);
	else
		http_in_problem(a->events, h->request, 503, "try-again", "Not stored; send it again.");
}

static void on_held(const struct store_done *d, void *arg)
{
	struct held *h = arg;
	struct app *a = h->a;
	struct reminders *r = a->reminders;
	struct in_record in;

	watch_store(a, "hold", h->began_us);
	if (d->rc == STORE_OK) {
		count(a, h->is_kept ? "replaced" : "cancelled", d->version);
		count(a, "kept", h->is_kept);
	}
	if (d->rc == STORE_OK && h->is_told && !a->stopping && in_record_decode(buf_sv(&h->rec), &in))
		app_begin(a, &in, &(struct upstream){.kind = UPSTREAM_HTTP, .request = h->request},
		    &(struct dedup){h->dedup, "1", h->dedup_ms, NULL, false});
	else if (d->rc == STORE_OK && h->is_told)
		answer(h, &(struct store_done){.rc = STORE_AWAY});
	else
		answer(h, d);
	if (d->rc == STORE_OK && h->is_kept) {
		look_at(r, h->partition, h->at_ms);
		if (h->at_ms <= clock_wall_ms() && can_take(a))
			take(a, h->partition);
	}
	buf_clear(&h->rec);
	free(h);
}

/* A key is of a service: two services' "renewal" are two. One without a key replaces nothing. */
static void put_key(struct buf *key, const struct remind_event *ev, const struct event_plan *plan)
{
	buf_addsv(key, ev->in->event_service);
	if (ev->key || plan->coalesce)
		buf_addf(key, "/%s", ev->key ? ev->key : plan->coalesce);
	else
		buf_addf(key, "//%s", ev->dedup->key);
}

bool remind_take(struct app *a, const struct remind_event *ev)
{
	const struct reminders *r = a->reminders;
	const struct in_record *in = ev->in;
	struct event_plan plan =
	    packs_event_plan(a->packs, in->event_service, in->event_type, ev->data);
	uint64_t now = clock_wall_ms(), at = ev->not_before_ms > now ? ev->not_before_ms : now;
	bool is_quiet = plan.class == CLASS_INFO && !plan.is_loud;
	struct store_hold s = {.id = app_new_id(a), .now_ms = now, .is_free = !is_quiet};
	char msisdn[16];
	struct held *h;
	struct buf key, rec;

	if (!ev->key && !ev->is_cancel && (!plan.is_told || (!is_quiet && at == now)))
		return false;
	(void)snprintf(msisdn, sizeof(msisdn), SV_FMT, SV_ARG(in->msisdn));
	h = xcalloc(1, sizeof(*h));
	*h = (struct held){.a = a,
	    .request = ev->request,
	    .began_us = clock_mono_us(),
	    .partition = store_partition(a->store, msisdn),
	    .dedup_ms = ev->dedup->ms,
	    .is_kept = !ev->is_cancel && plan.is_told && (is_quiet || at > now)};
	(void)snprintf(h->dedup, sizeof(h->dedup), "%s", ev->dedup->key);
	h->is_told = !ev->is_cancel && !h->is_kept;
	buf_init(&h->rec, STORE_RECORD_MAX);
	buf_init(&rec, STORE_RECORD_MAX);
	buf_init(&key, 256);
	put_key(&key, ev, &plan);
	s.msisdn = msisdn;
	s.key = buf_sv(&key);
	/* As of any event: from when it happened, or else from when it is to be told. */
	s.until_ms = (at > now ? at : in->at_ms) + plan.life_ms;
	if (h->is_kept) {
		if (is_quiet)
			at = quiet_ends_ms(&r->quiet, at + (plan.group && at == now ? GATHER_MS : 0));
		h->at_ms = s.at_ms = at;
		s.group = sv_from(plan.group);
		in_record_encode_held(in, &rec);
		s.record = buf_sv(&rec);
	} else if (h->is_told) {
		in_record_encode(in, &h->rec);
	}
	/* One that is told at once is known by its turn's own step. */
	if (!h->is_told) {
		s.dedup_key = sv_from(h->dedup);
		s.dedup_value = SV("1");
		s.dedup_ms = h->dedup_ms;
	}
	a->store->ops->hold(a->store, &s, on_held, h);
	buf_clear(&key);
	buf_clear(&rec);
	return true;
}
