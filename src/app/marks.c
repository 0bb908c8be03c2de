/* SPDX-License-Identifier: BSD-2-Clause */
/* marks.c - sent messages of which the store has yet to hear: until it knows, a restart would send them
 * again, so each is told until the store has it. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/routes.h"
#include "base/clock.h"

#define RECEIPT_MS (48u * 3600 * 1000) /* how long a receipt is waited for */
#define REMARK_MS 1000u /* between tries */

struct mark {
	struct app *a;
	uint64_t id;
	unsigned class;
	char msisdn[16];
	struct app_link *al; /* lives as long as the app */
	char ids[TEXT_MAX_SEGMENTS][66];
	struct app_link *by[TEXT_MAX_SEGMENTS]; /* likewise */
	size_t id_count;
	struct buf rec;
	uint64_t began_us; /* mono */
	struct event *timer; /* owned; NULL: never waited */
	LIST_ENTRY(mark) all;
};

static void tell(struct mark *k);

static void mark_free(struct mark *k)
{
	LIST_REMOVE(k, all);
	k->a->mark_count--;
	if (k->timer)
		event_free(k->timer);
	buf_clear(&k->rec);
	free(k);
}

static void on_remark(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	tell(arg);
}

static void on_sent(const struct store_done *d, void *arg)
{
	struct mark *k = arg;
	struct app *a = k->a;
	struct timeval tv = {REMARK_MS / 1000, 0};

	watch_store(a, "sent", k->began_us);
	for (size_t i = 0; i < d->early_count; i++)
		receipt_was_early(k->by[d->early[i].part], k->msisdn, k->ids[d->early[i].part],
		    d->early[i].state);
	if (d->rc == STORE_AWAY && (!a->stopping || a->stopped)) {
		/* Until the store knows, a restart would send it again: who is stopping waits for it, too. */
		if (!k->timer && !(k->timer = evtimer_new(a->base, on_remark, k)))
			abort();
		event_add(k->timer, &tv);
		return;
	}
	recover_marked(a, k->id);
	mark_free(k);
	if (routes_depth(a, CLASS_INFO) > 0)
		sender_pump(a);
}

static void tell(struct mark *k)
{
	struct sv ids[TEXT_MAX_SEGMENTS];
	const char *links[TEXT_MAX_SEGMENTS];
	struct store_sent s = {.msisdn = k->msisdn,
	    .out_id = k->id,
	    .class = k->class,
	    .link = k->id_count > 0 ? k->al->opt->name : NULL,
	    .links = links,
	    .message_ids = ids,
	    .message_id_count = k->id_count,
	    .receipt_ms = RECEIPT_MS,
	    .record = buf_sv(&k->rec)};

	k->began_us = clock_mono_us();
	for (size_t i = 0; i < k->id_count; i++) {
		ids[i] = sv_from(k->ids[i]);
		links[i] = k->by[i]->opt->name;
	}
	k->a->store->ops->sent(k->a->store, &s, on_sent, k);
}

/* The receipt needs to know whose it is, not what was said. */
static void keep_for_receipt(const struct out_msg *m, struct buf *out)
{
	struct out_record r = m->r;

	r.text = SV("");
	out_record_encode(&r, out);
}

static struct mark *mark_new(struct app_link *al, uint64_t id, enum msg_class c, const char *msisdn)
{
	struct mark *k = xcalloc(1, sizeof(*k));

	LIST_INSERT_HEAD(&al->a->marks, k, all);
	al->a->mark_count++;
	k->a = al->a;
	k->id = id;
	k->class = c;
	snprintf(k->msisdn, sizeof(k->msisdn), "%s", msisdn);
	buf_init(&k->rec, STORE_RECORD_MAX);
	k->al = al;
	return k;
}

void mark_sent(const struct out_msg *m)
{
	struct mark *k = mark_new(m->via, m->id, m->r.class, m->msisdn);

	for (size_t i = 0; i < m->parts->count; i++) {
		if (m->ids[i][0] == '\0' || !(m->by[i]->opt->receipt_classes & 1u << m->r.class))
			continue;
		k->by[k->id_count] = m->by[i];
		memcpy(k->ids[k->id_count++], m->ids[i], sizeof(k->ids[0]));
	}
	if (k->id_count > 0)
		keep_for_receipt(m, &k->rec);
	tell(k);
}

void mark_bare(struct app_link *al, uint64_t id, enum msg_class c, const char *msisdn)
{
	tell(mark_new(al, id, c, msisdn));
}

void marks_free(struct app *a)
{
	while (!LIST_EMPTY(&a->marks))
		mark_free(LIST_FIRST(&a->marks));
}
