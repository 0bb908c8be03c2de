/* SPDX-License-Identifier: BSD-2-Clause */
/* recover.c - what the store holds and this process does not know yet: after a start, after the
 * store was away, when a lane has room again, every now and then; and kept questions whose time has come.
 * Pages of the store are read a few at a time; what is known is passed over. */
#include <stdlib.h>

#include "app/app_int.h"
#include "app/routes.h"
#include "base/clock.h"

#define LOADS_AT_ONCE 4u /* pages asked for at the same time */
#define PAGE 64u /* short, so that turns of the loop are: people wait for their replies meanwhile */
#define KINDS (1u + MSG_CLASSES) /* of pages of a partition: inbox, then each class */
#define DUE_AT_ONCE 32u /* partitions asked for kept questions a tick */
#define DUE_LIMIT 16u
#define DUE_LEASE_MS 60000u
#define LOOK_MS 20000u /* from one look at everything to the next, though nothing has happened */
#define RUNS_MAX 8u /* of one input, begun by recovery; then it is poison */

/* ---- ids that are finished here ---- */

static struct done_id *done_find(const struct app *a, uint64_t id)
{
	struct done_id *d;

	HASH_FIND(hh, a->done_ids, &id, sizeof(id), d);
	return d;
}

static void done_drop(struct app *a, struct done_id *d)
{
	HASH_DEL(a->done_ids, d);
	free(d);
}

void recover_done_id(struct app *a, uint64_t id, bool unmarked)
{
	struct done_id *d;

	if (!unmarked && a->loads == 0)
		return;
	d = done_find(a, id);
	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->id = id;
		HASH_ADD(hh, a->done_ids, id, sizeof(d->id), d);
	}
	d->unmarked = unmarked;
}

void recover_marked(struct app *a, uint64_t id)
{
	struct done_id *d = done_find(a, id);

	if (!d)
		return;
	d->unmarked = false;
	if (a->loads == 0)
		done_drop(a, d);
}

bool recover_is_done(const struct app *a, uint64_t id)
{
	return done_find(a, id) != NULL;
}

static void load_ended(struct app *a)
{
	struct done_id *d, *tmp;

	if (--a->loads > 0)
		return;
	HASH_ITER(hh, a->done_ids, d, tmp)
	if (!d->unmarked)
		done_drop(a, d);
}

/* ---- inputs that this process did not see ---- */

/* An input between being found and being run. */
struct found {
	struct app *a;
	uint64_t id;
	char msisdn[16];
	struct buf rec;
	UT_hash_handle hh;
};

static void inboxes_read(struct app *a);

static void found_free(void *arg)
{
	struct found *f = arg;
	struct app *a = f->a;

	HASH_DEL(a->found, f);
	buf_clear(&f->rec);
	free(f);
	inboxes_read(a);
}

/* An input during whose turn the process has ended again and again holds up everybody. */
static void bury(struct found *f)
{
	struct log_ctx ctx = {.trace = f->id};

	LOG(&ctx, LOG_ERR, "input given up", "reason=poison runs=%u", RUNS_MAX);
	app_bury(f->a, &(struct burial){f->id, f->msisdn, "poison", buf_sv(&f->rec)}, found_free, f);
}

static void on_tried(const struct store_done *d, void *arg)
{
	struct found *f = arg;
	struct app *a = f->a;
	struct in_record in;

	if (d->rc == STORE_OK && d->version > RUNS_MAX && !a->stopping) {
		bury(f);
		return;
	}
	/* The store went away meanwhile, or refused: it is found again. */
	a->missed |= d->rc != STORE_OK;
	if (d->rc == STORE_OK && !a->stopping && !app_turn(a, f->id) &&
	    in_record_decode(buf_sv(&f->rec), &in)) {
		metrics_add(a->metrics, M_RECOVERED, 1, "input", NULL);
		app_begin_stored(a, f->id, &in);
	}
	found_free(f);
}

static void found_input(struct app *a, uint64_t id, struct sv record)
{
	struct in_record in;
	struct found *f;

	HASH_FIND(hh, a->found, &id, sizeof(id), f);
	if (f || app_turn(a, id) || recover_is_done(a, id))
		return;
	if (!in_record_decode(record, &in) || in.msisdn.n >= sizeof(f->msisdn)) {
		LOG(NULL, LOG_ERR, "inbox entry not readable", "id=%016llx", (unsigned long long)id);
		return;
	}
	if (!peers_is_mine(a, in.owner))
		return;
	f = xcalloc(1, sizeof(*f));
	f->a = a;
	f->id = id;
	memcpy(f->msisdn, in.msisdn.p, in.msisdn.n);
	buf_init(&f->rec, record.n);
	buf_addsv(&f->rec, record);
	HASH_ADD(hh, a->found, id, sizeof(f->id), f);
	a->store->ops->tried(a->store, f->msisdn, id, on_tried, f);
}

/* ---- pages ---- */

static void next_page(struct app *a);
static void ask_page(struct app *a, unsigned n, uint64_t after);

static void on_page(enum store_rc rc, const struct store_entry *e, size_t count, bool more, void *arg)
{
	struct await *w = arg;
	struct app *a = w->a;
	unsigned n = w->n, kind = n % KINDS;
	struct out_record out;
	uint64_t after = 0;

	for (size_t i = 0; rc == STORE_OK && i < count; i++) {
		after = e[i].id;
		if (kind == 0)
			found_input(a, e[i].id, e[i].record);
		else if (out_record_decode(e[i].record, &out) && !peers_is_mine(a, out.owner))
			continue;
		else
			sender_add(a, e[i].id, e[i].record, 0);
	}
	if (kind > 0 && routes_full(a, (enum msg_class)(kind - 1)))
		a->resume_at = n / KINDS;
	else if (rc == STORE_OK && more)
		ask_page(a, n, after);
	a->read_failed |= rc != STORE_OK;
	a->missed |= rc != STORE_OK;
	load_ended(a);
	if (a->store_up || a->is_reading)
		next_page(a);
	if (a->loads == 0)
		sender_pump(a);
	inboxes_read(a);
	await_free(w);
}

static void ask_page(struct app *a, unsigned n, uint64_t after)
{
	unsigned p = n / KINDS, kind = n % KINDS;
	struct await *w = await_new(a, 0, n);

	a->loads++;
	if (kind == 0)
		a->store->ops->load_in(a->store, p, after, PAGE, on_page, w);
	else
		a->store->ops->load_out(a->store, p, kind - 1, after, PAGE, on_page, w);
}

static void next_page(struct app *a)
{
	unsigned all = a->store->partitions * KINDS;

	while (a->loads < LOADS_AT_ONCE && a->next_load < all) {
		unsigned n = a->next_load++, kind = n % KINDS;

		if (!(a->load_kinds >> kind & 1) ||
		    (kind > 0 && routes_full(a, (enum msg_class)(kind - 1))))
			continue; /* a full lane: what was read for it would be thrown away */
		ask_page(a, (n + a->load_from * KINDS) % all, 0);
	}
}

static void start_pass(struct app *a, unsigned kinds, unsigned from)
{
	a->next_load = 0;
	a->load_from = from;
	a->load_kinds = kinds;
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		if (kinds >> (c + 1) & 1)
			routes_clear_waits(a, (enum msg_class)c);
	next_page(a);
}

/* What was accepted before comes before what is accepted now: an older "REG" that is run after newer messages
 * of its person would begin again what they have answered. So the inboxes are read first, and nothing new
 * is taken until the last of them is in its line. */
void recover_start(struct app *a)
{
	a->missed = false;
	a->looked_ms = clock_mono_ms();
	if (a->store_up) {
		start_pass(a, (1u << KINDS) - 1, 0);
		return;
	}
	a->is_reading = true;
	a->read_failed = false;
	start_pass(a, 1, 0);
}

static void inboxes_read(struct app *a)
{
	if (!a->is_reading || a->loads > 0 || a->found || a->stopping)
		return;
	a->is_reading = false;
	if (a->read_failed)
		return; /* the next beat begins again */
	a->store_up = true;
	start_pass(a, ((1u << KINDS) - 1) & ~1u, 0);
}

/* ---- kept questions ---- */

static void on_due(enum store_rc rc, const char *const *msisdn, size_t n, void *arg)
{
	struct await *w = arg;

	for (size_t i = 0; rc == STORE_OK && i < n; i++) {
		struct in_record in = {
		    .kind = INPUT_RETRY, .msisdn = sv_from(msisdn[i]), .channel = SV("sms")};

		app_begin_stored(w->a, app_new_id(w->a), &in);
	}
	await_free(w);
}

void recover_tick(struct app *a)
{
	unsigned kinds = 0;

	if (!a->store_up || a->stopping)
		return;
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		if (routes_want(a, (enum msg_class)c))
			kinds |= 1u << (c + 1);
	/* What a connection that was given up had sent can be done by the server after the next one has looked.
	 * Nobody here would know of it, and a text in the inbox would wait for the next restart. */
	if (clock_mono_ms() - a->looked_ms >= LOOK_MS && a->loads == 0) {
		a->looked_ms = clock_mono_ms();
		kinds = (1u << KINDS) - 1;
	}
	if (kinds && a->loads == 0)
		start_pass(a, kinds, a->resume_at);
	for (unsigned i = 0; i < DUE_AT_ONCE && i < a->store->partitions && app_has_room(a, SOURCE_SMS);
	     i++) {
		a->store->ops->due(a->store, a->next_due, clock_wall_ms(), DUE_LEASE_MS, DUE_LIMIT,
		    on_due, await_new(a, 0, 0));
		a->next_due = (a->next_due + 1) % a->store->partitions;
	}
}

void recover_free(struct app *a)
{
	struct done_id *d, *tmp;

	HASH_ITER(hh, a->done_ids, d, tmp)
	done_drop(a, d);
}
