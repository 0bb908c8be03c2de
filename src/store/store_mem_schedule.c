/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem_schedule.c - the twin of lua/hold.lua and lua/take.lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/store_mem_int.h"

static void drop(struct mem_events *l, size_t i)
{
	struct mem_event *e = &l->v[i];

	free(e->msisdn);
	free(e->key);
	free(e->group);
	free(e->record);
	memmove(e, e + 1, (--l->n - i) * sizeof *e);
}

void mem_events_clear(struct mem_events *l)
{
	while (l->n > 0)
		drop(l, l->n - 1);
	free(l->v);
	*l = (struct mem_events){0};
}

static bool is_named(const struct mem_event *e, const struct store_hold *h)
{
	return strcmp(e->msisdn, h->msisdn) == 0 && e->key_n >= h->key.n &&
	       memcmp(e->key, h->key.p, h->key.n) == 0 &&
	       (e->key_n == h->key.n || e->key[h->key.n] == '/');
}

/* Different numbers that have events; of one: how many. */
static size_t persons(const struct mem_events *l, const char *msisdn, size_t *events)
{
	size_t n = 0, mine = 0;

	for (size_t i = 0; i < l->n; i++) {
		size_t j = 0;

		mine += strcmp(l->v[i].msisdn, msisdn) == 0;
		while (j < i && strcmp(l->v[j].msisdn, l->v[i].msisdn) != 0)
			j++;
		n += j == i;
	}
	if (events != NULL)
		*events = mine;
	return n;
}

static void keep(struct mem_events *l, const struct store_hold *h)
{
	l->v = xrealloc(l->v, (l->n + 1) * sizeof *l->v);
	l->v[l->n++] = (struct mem_event){.msisdn = xstrdup(h->msisdn),
	    .key = xstrndup(h->key.p, h->key.n),
	    .key_n = h->key.n,
	    .group = xstrndup(h->group.n > 0 ? h->group.p : "", h->group.n),
	    .group_n = h->group.n,
	    .record = xmemdup(h->record.p, h->record.n),
	    .record_n = h->record.n,
	    .id = h->id,
	    .at_ms = h->at_ms,
	    .until_ms = h->until_ms,
	    .is_free = h->is_free};
}

void mem_hold(struct store *s, const struct store_hold *h, store_done_fn *fn, void *arg)
{
	struct store_mem *m = (struct store_mem *)s;
	struct mem_completion *c;
	struct mem_events *l;
	const struct mem_text *t;
	struct store_keys k;
	size_t named = 0, have, all;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, h->msisdn);
	l = &m->parts[k.partition].schedule;
	if (h->dedup_key.n > 0) {
		t = mem_text_get(&m->texts, store_key_dedup(&k, h->dedup_key), mem_now(m));
		if (t != NULL && sv_eq((struct sv){t->p, t->n}, h->dedup_value)) {
			c->d.rc = STORE_DUPLICATE;
			return;
		}
	}
	for (size_t i = 0; i < l->n; i++)
		named += is_named(&l->v[i], h);
	all = persons(l, h->msisdn, &have);
	if (h->record.n > 0 && have - named >= m->cf.schedule_each) {
		c->d.rc = STORE_FULL;
		return;
	}
	if (h->record.n > 0 && have == 0 && all >= m->cf.schedule_max) {
		c->d.rc = STORE_FULL;
		c->d.version = 1;
		return;
	}
	if (h->dedup_key.n > 0)
		mem_text_set(&m->texts, store_key_dedup(&k, h->dedup_key), h->dedup_value,
		    mem_now(m) + store_life(h->dedup_ms));
	for (size_t i = l->n; i > 0; i--)
		if (is_named(&l->v[i - 1], h))
			drop(l, i - 1);
	if (h->record.n > 0)
		keep(l, h);
	c->d.version = named;
}

/* ---- take ---- */

struct person_take {
	struct store_mem *m;
	struct mem_partition *p;
	const struct store_take *t;
	struct mem_completion *c;
	const char *msisdn;
	uint64_t told;
};

/* "<day> <number>", as Redis has it. */
static uint64_t told_on(struct person_take *w, struct store_keys *k)
{
	const struct mem_text *t = mem_text_get(&w->m->texts, store_key_told(k), mem_now(w->m));
	unsigned long long day, n;

	return t != NULL && sscanf(t->p, "%llu %llu", &day, &n) == 2 && day == w->t->day ? n : 0;
}

static void field(struct buf *b, struct sv s)
{
	buf_addc(b, (char)(s.n >> 8));
	buf_addc(b, (char)(s.n & 0xFF));
	buf_addsv(b, s);
}

static void number(struct buf *b, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	field(b, sv_from(text));
}

static void bury(struct person_take *w, const struct mem_event *e)
{
	struct buf b;

	buf_init(&b, STORE_RECORD_MAX + 16);
	buf_adds(&b, "expired\n");
	buf_add(&b, e->record, e->record_n);
	mem_dead_put(w->m, w->p, buf_sv(&b));
	buf_clear(&b);
}

/* The person's next one to be looked at: due, not looked at in this step (at_ms is above now then),
 * that loses its use first. */
static struct mem_event *next_due(const struct person_take *w)
{
	struct mem_event *best = NULL;

	for (size_t i = 0; i < w->p->schedule.n; i++) {
		struct mem_event *e = &w->p->schedule.v[i];

		if (strcmp(e->msisdn, w->msisdn) != 0 ||
		    (e->at_ms > w->t->now_ms && e->until_ms > w->t->now_ms))
			continue;
		if (best == NULL || e->until_ms < best->until_ms ||
		    (e->until_ms == best->until_ms && e->id < best->id))
			best = e;
	}
	return best;
}

static void hand_over(struct person_take *w, struct mem_event *e)
{
	struct mem_events *l = &w->p->schedule;
	struct buf b;
	uint64_t n = 1;

	for (size_t i = l->n; e->group_n > 0 && i > 0; i--) {
		struct mem_event *o = &l->v[i - 1];

		if (o == e || strcmp(o->msisdn, e->msisdn) != 0 || o->at_ms > w->t->now_ms ||
		    o->until_ms <= w->t->now_ms || strcmp(o->group, e->group) != 0)
			continue;
		drop(l, i - 1);
		if (i - 1 < (size_t)(e - l->v))
			e--;
		n++;
	}
	buf_init(&b, STORE_RECORD_MAX + 512);
	buf_add(&b, e->record, e->record_n);
	field(&b, w->t->owner);
	number(&b, e->until_ms);
	number(&b, n);
	mem_list_put(&w->p->in, e->id, buf_sv(&b));
	mem_list_put(&w->c->entries, e->id, buf_sv(&b));
	buf_clear(&b);
	w->c->taken.merged += n - 1;
	w->told += !e->is_free;
	drop(l, (size_t)(e - l->v));
}

static void take_of_person(struct person_take *w)
{
	struct mem_event *e;

	while ((e = next_due(w)) != NULL) {
		if (e->until_ms <= w->t->now_ms) {
			bury(w, e);
			w->c->taken.expired++;
			drop(&w->p->schedule, (size_t)(e - w->p->schedule.v));
		} else if (!e->is_free && w->told >= w->t->cap) {
			e->at_ms = w->t->put_off_ms;
			w->c->taken.put_off++;
		} else if (w->p->in.n >= w->m->cf.inbox_max) {
			return;
		} else {
			hand_over(w, e);
		}
	}
}

/* The person whose first event is due, the longest waiting first. */
static const char *first_person(const struct mem_events *l, uint64_t now)
{
	const struct mem_event *first = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].at_ms <= now && (first == NULL || l->v[i].at_ms < first->at_ms))
			first = &l->v[i];
	return first != NULL ? first->msisdn : NULL;
}

void mem_take(struct store *s, const struct store_take *t, store_take_fn *fn, void *arg)
{
	struct store_mem *m = (struct store_mem *)s;
	struct mem_partition *p = &m->parts[t->partition];
	struct mem_completion *c;
	const char *who;

	c = mem_begin(s, &(struct mem_whom){.take = fn, .arg = arg});
	if (!c)
		return;
	mem_list_expire(&p->in, mem_now(m));
	for (size_t i = 0; i < t->limit && p->in.n < m->cf.inbox_max &&
			   (who = first_person(&p->schedule, t->now_ms)) != NULL;
	     i++) {
		char *copy = xstrdup(who);
		struct person_take w = {m, p, t, c, copy, 0};
		struct store_keys k;
		uint64_t before;
		char told[48];

		store_keys_init(&k, s, copy);
		w.told = before = told_on(&w, &k);
		take_of_person(&w);
		snprintf(told, sizeof told, "%llu %llu", (unsigned long long)t->day,
		    (unsigned long long)w.told);
		if (w.told > before) /* with its end, for sscanf */
			mem_text_set(&m->texts, store_key_told(&k), (struct sv){told, strlen(told) + 1},
			    mem_now(m) + 2u * 24 * 3600 * 1000);
		free(copy);
	}
	if (c->entries.n > 0)
		p->in.dies_ms = mem_now(m) + m->cf.inbox_ms;
	c->taken.persons = persons(&p->schedule, "", NULL);
	for (size_t i = 0; i < p->schedule.n; i++)
		if (c->taken.next_ms == 0 || p->schedule.v[i].at_ms < c->taken.next_ms)
			c->taken.next_ms = p->schedule.v[i].at_ms;
}
