/* SPDX-License-Identifier: BSD-2-Clause */
/* join.c - long messages from phones: parts are kept in the store until all are there, in any order,
 * over any bind, HTTP request or process. A part is acknowledged when it is stored; the one that completes
 * the message is acknowledged when the whole message is in the inbox. When the rest does not come, a turn on an
 * unreadable message asks the person to send it again. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "base/rd.h"

#define KEEP_MS \
	(3600u * 1000) /* parts outlive the wait for the rest, so that what is late can be told */
#define STALE_AT_ONCE 8u /* partitions asked a tick */
#define STALE_LIMIT 16u
#define STALE_LEASE_MS 60000u
#define ASKED_MS 60000u /* so long a part that comes after all begins no message of its own */
#define PART_META 4u /* octets before the text: data_coding, shift tables, length of the UDH */

/* One part between its arrival and its storing. */
struct join {
	struct app *a;
	struct upstream up;
	char msisdn[16];
	struct sv address; /* owned text */
	char *key; /* owned */
	LIST_ENTRY(join) all;
};

static void join_free(struct join *j)
{
	LIST_REMOVE(j, all);
	free((char *)j->address.p);
	free(j->key);
	free(j);
}

void join_free_all(struct app *a)
{
	while (!LIST_EMPTY(&a->joins))
		join_free(LIST_FIRST(&a->joins));
}

void join_hang_up(struct app *a)
{
	struct join *j;

	LIST_FOREACH(j, &a->joins, all)
	j->up = (struct upstream){.kind = UPSTREAM_NONE};
}

static void whole(struct join *j, const struct sv *part, size_t n)
{
	struct mo_piece *piece = xcalloc(n + 1, sizeof(*piece));
	struct mo mo = {.up = j->up,
	    .msisdn = j->msisdn,
	    .address = j->address,
	    .piece = piece,
	    .parts_key = j->key};

	for (size_t i = 0; i < n; i++) {
		struct rd r = rd_make(part[i].p, part[i].n);
		struct mo_piece *p = &piece[mo.pieces];

		p->data_coding = rd_u8(&r);
		p->lock_lang = rd_u8(&r);
		p->shift_lang = rd_u8(&r);
		p->udh_octets = rd_u8(&r);
		p->octets = rd_octets(&r, rd_left(&r));
		if (!r.err)
			mo.pieces++;
	}
	mo_begin(&mo);
	free(piece);
}

static void on_part(enum store_rc rc, const struct sv *part, size_t n, void *arg)
{
	struct join *j = arg;

	if (rc == STORE_OK && !j->a->stopping)
		whole(j, part, n);
	else if (rc == STORE_NONE || rc == STORE_DUPLICATE)
		upstream_answer(&j->up, true, true, rc == STORE_NONE ? "part" : "duplicate");
	else
		upstream_answer(&j->up, false, true, rc == STORE_OK ? "stopping" : "store_away");
	join_free(j);
}

/* The parts' key, NUL, and the turn that is begun when the rest does not come. */
static void note_write(const struct join *j, struct buf *out)
{
	struct in_record in = {.kind = INPUT_UNREADABLE,
	    .msisdn = sv_from(j->msisdn),
	    .channel = SV("sms"),
	    .link = sv_from(j->up.link->opt->name),
	    .address = j->address,
	    .text = SV(INPUT_INCOMPLETE),
	    .at_ms = clock_wall_ms()};

	buf_init(out, STORE_RECORD_MAX);
	buf_add(out, j->key, strlen(j->key) + 1);
	in_record_encode(&in, out);
}

void join_part(const struct mo *mo, const struct mo_place *at)
{
	struct app *a = mo->up.link->a;
	const struct mo_piece *piece = &mo->piece[0];
	struct join *j = xcalloc(1, sizeof(*j));
	struct buf rec, note;
	struct store_part p = {.msisdn = j->msisdn, .seq = at->seq, .total = at->total};
	uint64_t wait_ms = (uint64_t)a->opt->parts_wait_ms;

	LIST_INSERT_HEAD(&a->joins, j, all);
	j->a = a;
	j->up = mo->up;
	snprintf(j->msisdn, sizeof(j->msisdn), "%s", mo->msisdn);
	j->address = (struct sv){xstrndup(mo->address.p, mo->address.n), mo->address.n};
	j->key = xasprintf("%s:" SV_FMT ":%s:%u", mo->msisdn, SV_ARG(mo->address), at->ref, at->total);
	buf_init(&rec, STORE_RECORD_MAX);
	buf_add(&rec,
	    (const uint8_t[PART_META]){
		piece->data_coding, piece->lock_lang, piece->shift_lang, piece->udh_octets},
	    PART_META);
	buf_addsv(&rec, piece->octets);
	p.key = sv_from(j->key);
	p.record = buf_sv(&rec);
	p.mark = sv_from(at->mark);
	p.mark_ms = at->mark_ms;
	p.part_ms = wait_ms + KEEP_MS;
	p.due_ms = clock_wall_ms() + wait_ms;
	note_write(j, &note);
	p.note = buf_sv(&note);
	a->store->ops->part(a->store, &p, on_part, j);
	buf_clear(&note);
	buf_clear(&rec);
}

/* ---- when the rest does not come ---- */

static void on_stale(enum store_rc rc, const struct sv *note, size_t n, void *arg)
{
	struct await *w = arg;
	struct app *a = w->a;

	for (size_t i = 0; rc == STORE_OK && i < n && !a->stopping; i++) {
		const char *end = memchr(note[i].p, '\0', note[i].n);
		struct in_record in;
		char value[17];

		/* What does not fit in now is offered again after the lease. */
		if (!end || !app_has_room(a, SOURCE_SMS) ||
		    !in_record_decode((struct sv){end + 1, note[i].n - (size_t)(end + 1 - note[i].p)},
			&in))
			continue;
		LOG(NULL, LOG_INFO, "long message incomplete", "link=" SV_FMT, SV_ARG(in.link));
		snprintf(value, sizeof(value), "%016llx",
		    (unsigned long long)(in.at_ms ^ (uint64_t)note[i].n << 56));
		app_begin(a, &in, &(struct upstream){.kind = UPSTREAM_NONE},
		    &(struct dedup){"i", value, ASKED_MS, note[i].p, false});
	}
	await_free(w);
}

void join_tick(struct app *a)
{
	if (!a->store_up || a->stopping)
		return;
	for (unsigned i = 0; i < STALE_AT_ONCE && i < a->store->partitions; i++) {
		a->store->ops->stale(a->store, a->next_stale, clock_wall_ms(), STALE_LEASE_MS,
		    STALE_LIMIT, on_stale, await_new(a, 0, 0));
		a->next_stale = (a->next_stale + 1) % a->store->partitions;
	}
}
