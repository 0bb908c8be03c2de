/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem.c - the twin of store_redis.c: the same steps, in the process's own memory, with an
 * injected clock. For tests of what is above; the contract suite holds the two together.
 * A call does its work at once and queues its completion. */
#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/store_mem_int.h"

#define PARTS_MAX 255u /* of a long message */

static struct store_mem *self(struct store *s)
{
	return (struct store_mem *)s;
}

/* --- completions --- */

static void free_completion(struct mem_completion *c)
{
	for (size_t i = 0; i < c->who_count; i++)
		free(c->who[i]);
	free(c->who);
	mem_list_clear(&c->entries);
	free(c->text);
	free(c);
}

static struct store_entry *entries_of(const struct mem_completion *c)
{
	struct store_entry *e = xcalloc(c->entries.n + 1, sizeof *e);

	for (size_t i = 0; i < c->entries.n; i++)
		e[i] = (struct store_entry){c->entries.v[i].id, {c->entries.v[i].p, c->entries.v[i].n}};
	return e;
}

static void deliver_load(struct mem_completion *c)
{
	struct store_entry *e = entries_of(c);

	c->tell.load(c->d.rc, c->entries.n > 0 ? e : NULL, c->entries.n, c->more, c->tell.arg);
	free(e);
}

static void deliver_take(struct mem_completion *c)
{
	struct store_entry *e = entries_of(c);

	c->taken.rc = c->d.rc;
	c->taken.e = e;
	c->taken.n = c->entries.n;
	c->tell.take(&c->taken, c->tell.arg);
	free(e);
}

static void deliver_part(struct mem_completion *c)
{
	struct sv *part = xcalloc(c->entries.n + 1, sizeof *part);

	for (size_t i = 0; i < c->entries.n; i++)
		part[i] = (struct sv){c->entries.v[i].p, c->entries.v[i].n};
	c->tell.part(c->d.rc, part, c->entries.n, c->tell.arg);
	free(part);
}

static void destroy(struct store_mem *m)
{
	for (unsigned i = 0; i < m->s.partitions; i++) {
		struct mem_partition *p = &m->parts[i];

		mem_list_clear(&p->in);
		mem_list_clear(&p->dead);
		for (unsigned c = 0; c < STORE_CLASSES; c++)
			mem_list_clear(&p->out[c]);
		for (size_t j = 0; j < p->df_count; j++)
			free(p->df[j].msisdn);
		free(p->df);
		mem_waits_clear(&p->pw);
		mem_events_clear(&p->schedule);
	}
	free(m->parts);
	mem_texts_clear(&m->texts);
	if (m->later != NULL)
		event_free(m->later);
	free(m);
}

size_t store_mem_run(struct store *s)
{
	struct store_mem *m = self(s);
	STAILQ_HEAD(, mem_completion) now = STAILQ_HEAD_INITIALIZER(now);
	struct mem_completion *c;
	size_t n = 0;

	STAILQ_CONCAT(&now, &m->queue);
	while ((c = STAILQ_FIRST(&now)) != NULL) {
		STAILQ_REMOVE_HEAD(&now, next);
		if (m->closing) {
			c->d = (struct store_done){.rc = STORE_AWAY};
			mem_list_clear(&c->entries);
			c->more = false;
		}
		if (c->tell.done != NULL)
			c->tell.done(&c->d, c->tell.arg);
		else if (c->tell.load != NULL)
			deliver_load(c);
		else if (c->tell.part != NULL)
			deliver_part(c);
		else if (c->tell.take != NULL)
			deliver_take(c);
		else
			c->tell.due(c->d.rc, (const char *const *)c->who,
			    c->d.rc == STORE_OK ? c->who_count : 0, c->tell.arg);
		free_completion(c);
		n++;
	}
	if (m->closing && STAILQ_EMPTY(&m->queue))
		destroy(m);
	return n;
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	(void)store_mem_run(arg);
}

struct mem_completion *mem_begin(struct store *s, const struct mem_whom *tell)
{
	struct store_mem *m = self(s);
	struct mem_completion *c = xcalloc(1, sizeof *c);

	c->tell = *tell;
	c->d.rc = m->closing || m->fail_in == 1 ? STORE_AWAY : STORE_OK;
	if (m->fail_in > 0)
		m->fail_in--;
	STAILQ_INSERT_TAIL(&m->queue, c, next);
	if (m->later != NULL && !event_pending(m->later, EV_TIMEOUT, NULL))
		event_add(m->later, &(struct timeval){0});
	return c->d.rc == STORE_OK ? c : NULL;
}

static struct sv keep(struct mem_completion *c, const char *p, size_t n)
{
	c->text = xmalloc(n + 1);
	if (n > 0)
		memcpy(c->text, p, n);
	c->text[n] = '\0';
	return (struct sv){c->text, n};
}

/* --- what steps are made of --- */

uint64_t mem_now(const struct store_mem *m)
{
	return m->now(m->now_arg);
}

/* A text holds the version in its first octets. */
static uint64_t version_of(const struct mem_text *t)
{
	uint64_t v = 0;

	if (t != NULL)
		memcpy(&v, t->p, sizeof v);
	return v;
}

static void give_session(struct mem_completion *c, const struct mem_text *t)
{
	if (t == NULL)
		return;
	c->d.version = version_of(t);
	c->d.session = keep(c, t->p + sizeof c->d.version, t->n - sizeof c->d.version);
}

static void put_session(struct store_mem *m, struct sv key, uint64_t version, struct sv blob,
    uint64_t dies_ms)
{
	size_t n = sizeof version + blob.n;
	char *p = xmalloc(n);

	memcpy(p, &version, sizeof version);
	memcpy(p + sizeof version, blob.p, blob.n);
	mem_text_set(&m->texts, key, (struct sv){p, n}, dies_ms);
	free(p);
}

static void set_deferred(struct mem_partition *p, const char *msisdn, uint64_t at_ms)
{
	size_t i;

	for (i = 0; i < p->df_count && strcmp(p->df[i].msisdn, msisdn) != 0; i++)
		;
	if (at_ms != 0 && i == p->df_count) {
		p->df = xrealloc(p->df, (p->df_count + 1) * sizeof *p->df);
		p->df[p->df_count++] = (struct mem_deferred){xstrdup(msisdn), at_ms};
	} else if (at_ms != 0) {
		p->df[i].at_ms = at_ms;
	} else if (i < p->df_count) {
		free(p->df[i].msisdn);
		p->df[i] = p->df[--p->df_count];
	}
}

/* Parts of a long message are texts under the message's key and their place; place 0 says done. */
static struct sv part_key(struct store_keys *k, struct sv name, unsigned place, struct buf *b)
{
	buf_init(b, STORE_KEY_MAX + 16);
	buf_addsv(b, store_key_parts(k, name));
	buf_addf(b, "/%u", place);
	return buf_sv(b);
}

static void part_put(struct store_mem *m, struct store_keys *k, struct sv name, unsigned place,
    struct sv record, uint64_t dies_ms)
{
	struct buf b;

	mem_text_set(&m->texts, part_key(k, name, place, &b), record, dies_ms);
	buf_clear(&b);
}

static void part_drop(struct store_mem *m, struct store_keys *k, struct sv name, unsigned place)
{
	struct buf b;

	k->n = 0;
	mem_text_remove(&m->texts, part_key(k, name, place, &b));
	buf_clear(&b);
}

static const struct mem_text *part_get(struct store_mem *m, struct store_keys *k, struct sv name,
    unsigned place, uint64_t now)
{
	const struct mem_text *t;
	struct buf b;

	t = mem_text_get(&m->texts, part_key(k, name, place, &b), now);
	buf_clear(&b);
	return t;
}

/* --- steps --- */

static void mem_accept(struct store *s, const struct store_accept *a, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	uint64_t now = mem_now(m);
	struct store_keys k;
	struct mem_partition *p;
	struct mem_completion *c;
	bool known;

	assert(a->record.n <= STORE_RECORD_MAX && (a->parts_key.n == 0 || a->dedup_key.n > 0));
	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, a->msisdn);
	p = &m->parts[k.partition];
	mem_list_expire(&p->in, now);
	known = mem_list_has(&p->in, a->id);
	if (p->in.n >= m->cf.inbox_max && !known) {
		c->d.rc = STORE_FULL;
		return;
	}
	if (a->parts_key.n > 0 && !known && part_get(m, &k, a->parts_key, 0, now) != NULL) {
		c->d.rc = STORE_DUPLICATE;
		return;
	}
	if (a->dedup_key.n > 0) {
		struct sv key = store_key_dedup(&k, a->dedup_key);
		const struct mem_text *t = mem_text_get(&m->texts, key, now);

		if (t != NULL && sv_eq((struct sv){t->p, t->n}, a->dedup_value)) {
			if (!known) {
				c->d.rc = STORE_DUPLICATE;
				c->d.version = now + store_life(a->dedup_ms) - t->dies_ms;
				return;
			}
		} else {
			mem_text_set(&m->texts, key, a->dedup_value, now + store_life(a->dedup_ms));
		}
	}
	if (a->parts_key.n > 0) {
		for (unsigned i = 1; i <= PARTS_MAX; i++)
			part_drop(m, &k, a->parts_key, i);
		part_put(m, &k, a->parts_key, 0, SV("done"), now + store_life(a->dedup_ms));
		mem_waits_drop(&p->pw, a->msisdn, a->parts_key);
	}
	mem_list_put(&p->in, a->id, a->record);
	p->in.dies_ms = now + m->cf.inbox_ms;
	give_session(c, mem_text_get(&m->texts, store_key_session(&k), now));
}

static bool has_room(const struct store_mem *m, const struct mem_partition *p,
    const struct store_commit *c)
{
	size_t more[STORE_CLASSES] = {0};

	for (size_t i = 0; i < c->out_count; i++) {
		unsigned class = c->out[i].class;

		if (p->out[class].n + ++more[class] > m->cf.outbox_max)
			return false;
	}
	return true;
}

static void put_out(struct store_mem *m, struct store_keys *k, const struct store_out *o, uint64_t now,
    struct mem_completion *c)
{
	struct mem_list *l = &m->parts[k->partition].out[o->class];
	const struct mem_text *t;
	struct sv key;
	uint64_t old;

	mem_list_put(l, o->id, o->record);
	if (o->coalesce.n == 0)
		return;
	key = store_key_coalesce(k, o->class, o->coalesce);
	t = mem_text_get(&m->texts, key, now);
	if (t != NULL) {
		memcpy(&old, t->p, sizeof old);
		if (old != o->id && mem_list_remove(l, old))
			c->replaced[c->d.replaced_count++] = old;
	}
	mem_text_set(&m->texts, key, (struct sv){(const char *)&o->id, sizeof o->id},
	    now + store_life(o->coalesce_ms));
}

static void mem_commit(struct store *s, const struct store_commit *t, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	uint64_t now = mem_now(m);
	const struct mem_text *old;
	struct store_keys k;
	struct mem_partition *p;
	struct mem_completion *c;
	struct sv key;

	assert(t->out_count <= STORE_OUT_MAX && t->session.n <= STORE_SESSION_MAX);
	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, t->msisdn);
	p = &m->parts[k.partition];
	mem_list_expire(&p->in, now);
	key = store_key_session(&k);
	old = mem_text_get(&m->texts, key, now);
	if (t->in_id != 0 && !mem_list_has(&p->in, t->in_id)) {
		c->d.rc = STORE_DUPLICATE;
	} else if (version_of(old) != t->version) {
		c->d.rc = STORE_CLASH;
		give_session(c, old);
	} else if (!has_room(m, p, t)) {
		c->d.rc = STORE_FULL;
	}
	if (c->d.rc != STORE_OK)
		return;
	if (t->in_id != 0)
		(void)mem_list_remove(&p->in, t->in_id);
	for (size_t i = 0; i < t->out_count; i++)
		put_out(m, &k, &t->out[i], now, c);
	if (c->d.replaced_count > 0)
		c->d.replaced = c->replaced;
	if (t->session.n > 0)
		put_session(m, key, t->version + 1, t->session, now + store_life(t->session_ms));
	else
		mem_text_remove(&m->texts, key);
	set_deferred(p, t->msisdn, t->defer_at_ms);
}

static void mem_sent(struct store *s, const struct store_sent *t, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	uint64_t now = mem_now(m);
	struct store_keys k;
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, t->msisdn);
	(void)mem_list_remove(&m->parts[k.partition].out[t->class], t->out_id);
	if (t->link == NULL || t->receipt_ms == 0)
		return;
	mem_receipt_keep(&m->texts, &k, t, now, &c->receipts);
	c->d.early = c->receipts.early;
	c->d.early_count = c->receipts.early_count;
}

void mem_dead_put(struct store_mem *m, struct mem_partition *p, struct sv record)
{
	uint64_t now = mem_now(m);

	mem_list_expire(&p->dead, now);
	mem_list_put(&p->dead, ++m->dead_next, record);
	while (p->dead.n > m->cf.dead_max)
		(void)mem_list_remove(&p->dead, p->dead.v[0].id);
	p->dead.dies_ms = now + m->cf.dead_ms;
}

static void mem_dead(struct store *s, const struct store_dead *d, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct mem_partition *p;
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	p = &m->parts[store_partition(s, d->msisdn)];
	if (!mem_list_remove(d->class == STORE_CLASSES ? &p->in : &p->out[d->class], d->id))
		return;
	if (d->next_id)
		mem_list_put(&p->in, d->next_id, d->next);
	mem_dead_put(m, p, d->record);
}

static void mem_receipt(struct store *s, const struct store_receipt *r, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct store_keys k;
	struct mem_completion *c;
	struct buf text;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	buf_init(&text, STORE_RECORD_MAX + STORE_RECEIPTS_MAX + 1);
	store_keys_init(&k, s, r->msisdn);
	mem_receipt_take(&m->texts, &k, r, mem_now(m), &c->d, &text);
	c->text = buf_take(&text); /* the views of d stay good */
}

static void mem_otp_step(struct store *s, const struct store_otp *o, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct store_keys k;
	struct mem_said said;
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, o->msisdn);
	mem_otp(&m->texts, &k, o, mem_now(m), &said);
	c->d.rc = said.rc;
	c->d.version = said.number;
	c->d.record = keep(c, said.text, strlen(said.text));
}

static void mem_forget(struct store *s, const char *msisdn, struct sv dedup_key, struct sv dedup_value,
    store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	const struct mem_text *mark;
	struct store_keys k;
	struct sv key;

	if (!mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg}))
		return;
	store_keys_init(&k, s, msisdn);
	key = store_key_dedup(&k, dedup_key);
	mark = mem_text_get(&m->texts, key, mem_now(m));
	if (mark && (dedup_value.n == 0 || sv_eq((struct sv){mark->p, mark->n}, dedup_value)))
		mem_text_remove(&m->texts, key);
}

static void mem_get(struct store *s, const char *msisdn, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct store_keys k;
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, msisdn);
	give_session(c, mem_text_get(&m->texts, store_key_session(&k), mem_now(m)));
}

/* false: this very part was given before. */
static bool mark_new(struct store_mem *m, struct store_keys *k, const struct store_part *p,
    uint64_t now)
{
	struct sv key;

	if (p->mark.n == 0)
		return true;
	key = store_key_dedup(k, p->mark);
	if (mem_text_get(&m->texts, key, now) != NULL)
		return false;
	mem_text_set(&m->texts, key, SV("1"), now + store_life(p->mark_ms));
	return true;
}

static void mem_part(struct store *s, const struct store_part *p, store_part_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	uint64_t now = mem_now(m);
	const struct mem_text *t;
	struct mem_completion *c;
	struct store_keys k;
	bool is_new;

	c = mem_begin(s, &(struct mem_whom){.part = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, p->msisdn);
	is_new = mark_new(m, &k, p, now);
	if (part_get(m, &k, p->key, 0, now) != NULL ||
	    (!is_new && part_get(m, &k, p->key, p->seq, now) == NULL)) {
		c->d.rc = STORE_DUPLICATE;
		return;
	}
	if (is_new) {
		part_put(m, &k, p->key, p->seq, p->record, now + store_life(p->part_ms));
		mem_waits_put(&m->parts[k.partition].pw, p, now + store_life(p->part_ms));
	}
	for (unsigned i = 1; i <= p->total; i++) {
		k.n = 0;
		t = part_get(m, &k, p->key, i, now);
		if (t == NULL) {
			mem_list_clear(&c->entries);
			c->d.rc = STORE_NONE;
			return;
		}
		mem_list_put(&c->entries, i, (struct sv){t->p, t->n});
	}
}

static void mem_tried(struct store *s, const char *msisdn, uint64_t id, store_done_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	uint64_t now = mem_now(m), times = 0;
	const struct mem_text *t;
	struct mem_completion *c;
	struct store_keys k;
	struct buf b;

	c = mem_begin(s, &(struct mem_whom){.done = fn, .arg = arg});
	if (!c)
		return;
	store_keys_init(&k, s, msisdn);
	buf_init(&b, STORE_KEY_MAX + 32);
	buf_addsv(&b, store_key_tried(&k));
	buf_addf(&b, "/%llx", (unsigned long long)id);
	t = mem_text_get(&m->texts, buf_sv(&b), now);
	if (t != NULL)
		memcpy(&times, t->p, sizeof times);
	times++;
	mem_text_set(&m->texts, buf_sv(&b), (struct sv){(const char *)&times, sizeof times},
	    now + m->cf.inbox_ms);
	buf_clear(&b);
	c->d.version = times;
}

static void mem_stale(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_part_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.part = fn, .arg = arg});
	if (c)
		mem_waits_take(&m->parts[partition].pw, mem_now(m), now_wall_ms,
		    now_wall_ms + store_life(lease_ms), limit, &c->entries);
}

static void load(struct mem_completion *c, const struct mem_list *l, uint64_t after, size_t limit)
{
	size_t i = mem_list_after(l, after);

	for (; i < l->n && c->entries.n < limit; i++)
		mem_list_put(&c->entries, l->v[i].id, (struct sv){l->v[i].p, l->v[i].n});
	c->more = i < l->n;
}

static void mem_load_in(struct store *s, unsigned partition, uint64_t after, size_t limit,
    store_load_fn *fn, void *arg)
{
	struct store_mem *m = self(s);
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.load = fn, .arg = arg});
	if (!c)
		return;
	mem_list_expire(&m->parts[partition].in, mem_now(m));
	load(c, &m->parts[partition].in, after, limit);
}

static void mem_load_out(struct store *s, unsigned partition, unsigned class, uint64_t after,
    size_t limit, store_load_fn *fn, void *arg)
{
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.load = fn, .arg = arg});
	if (c)
		load(c, &self(s)->parts[partition].out[class], after, limit);
}

static void mem_due(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_due_fn *fn, void *arg)
{
	struct mem_partition *p = &self(s)->parts[partition];
	struct mem_completion *c;

	c = mem_begin(s, &(struct mem_whom){.due = fn, .arg = arg});
	while (c && c->who_count < limit) {
		struct mem_deferred *first = NULL;

		for (size_t i = 0; i < p->df_count; i++) {
			if (p->df[i].at_ms <= now_wall_ms &&
			    (first == NULL || p->df[i].at_ms < first->at_ms))
				first = &p->df[i];
		}
		if (first == NULL)
			break;
		c->who = xrealloc(c->who, (c->who_count + 1) * sizeof *c->who);
		c->who[c->who_count++] = xstrdup(first->msisdn);
		first->at_ms = now_wall_ms + store_life(lease_ms);
	}
}

/* --- life --- */

static bool mem_is_up(const struct store *s)
{
	return !((const struct store_mem *)s)->closing;
}

static void mem_free(struct store *s)
{
	struct store_mem *m = self(s);

	if (m == NULL)
		return;
	m->closing = true;
	if (m->later != NULL)
		event_add(m->later, &(struct timeval){0});
}

void store_mem_fail(struct store *s, size_t after)
{
	self(s)->fail_in = after + 1;
}

static const struct store_ops mem_ops = {
    .accept = mem_accept,
    .commit = mem_commit,
    .sent = mem_sent,
    .dead = mem_dead,
    .receipt = mem_receipt,
    .forget = mem_forget,
    .get = mem_get,
    .part = mem_part,
    .stale = mem_stale,
    .otp = mem_otp_step,
    .hold = mem_hold,
    .take = mem_take,
    .load_in = mem_load_in,
    .load_out = mem_load_out,
    .due = mem_due,
    .tried = mem_tried,
    .is_up = mem_is_up,
    .free = mem_free,
};

struct store *store_mem_new(struct event_base *base, const struct store_redis_conf *cf,
    uint64_t (*now_wall_ms)(void *), void *arg)
{
	struct store_mem *m = xcalloc(1, sizeof *m);

	m->s.ops = &mem_ops;
	m->s.partitions = cf->partitions;
	m->cf = *cf;
	m->now = now_wall_ms;
	m->now_arg = arg;
	m->parts = xcalloc(cf->partitions, sizeof *m->parts);
	STAILQ_INIT(&m->queue);
	if (base != NULL) {
		m->later = evtimer_new(base, on_later, m);
		if (m->later == NULL)
			abort();
	}
	return &m->s;
}
