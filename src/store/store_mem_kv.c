/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem_kv.c - see store_mem_int.h. Lives end when somebody looks. */
#include <stdlib.h>
#include <string.h>

#include "store/store_mem_int.h"

static struct mem_text *find(struct mem_texts *t, struct sv key)
{
	struct mem_text *m;

	HASH_FIND(hh, t->table, key.p, key.n, m);
	return m;
}

static void drop(struct mem_texts *t, struct mem_text *m)
{
	HASH_DEL(t->table, m);
	free(m->key);
	free(m->p);
	free(m);
}

const struct mem_text *mem_text_get(struct mem_texts *t, struct sv key, uint64_t now_ms)
{
	struct mem_text *m = find(t, key);

	if (m != NULL && m->dies_ms <= now_ms) {
		drop(t, m);
		m = NULL;
	}
	return m;
}

void mem_text_set(struct mem_texts *t, struct sv key, struct sv value, uint64_t dies_ms)
{
	struct mem_text *m = find(t, key);
	char *copy = xmemdup(value.n > 0 ? value.p : "", value.n > 0 ? value.n : 1);

	if (m == NULL) {
		m = xcalloc(1, sizeof *m);
		m->key = xmemdup(key.p, key.n);
		m->key_n = key.n;
		HASH_ADD_KEYPTR(hh, t->table, m->key, m->key_n, m);
	}
	free(m->p);
	m->p = copy;
	m->n = value.n;
	m->dies_ms = dies_ms;
}

void mem_text_remove(struct mem_texts *t, struct sv key)
{
	struct mem_text *m = find(t, key);

	if (m != NULL)
		drop(t, m);
}

void mem_texts_clear(struct mem_texts *t)
{
	struct mem_text *m, *next;

	HASH_ITER(hh, t->table, m, next)
	drop(t, m);
}

size_t mem_list_after(const struct mem_list *l, uint64_t id)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->v[mid].id <= id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool mem_list_has(const struct mem_list *l, uint64_t id)
{
	size_t i = mem_list_after(l, id);

	return i > 0 && l->v[i - 1].id == id;
}

void mem_list_put(struct mem_list *l, uint64_t id, struct sv record)
{
	size_t i;

	(void)mem_list_remove(l, id);
	i = mem_list_after(l, id);
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? l->cap * 2 : 8;
		l->v = xrealloc(l->v, l->cap * sizeof *l->v);
	}
	memmove(l->v + i + 1, l->v + i, (l->n - i) * sizeof *l->v);
	l->v[i] = (struct mem_entry){
	    id, xmemdup(record.n > 0 ? record.p : "", record.n > 0 ? record.n : 1), record.n};
	l->n++;
}

bool mem_list_remove(struct mem_list *l, uint64_t id)
{
	size_t i = mem_list_after(l, id);

	if (i == 0 || l->v[i - 1].id != id)
		return false;
	free(l->v[i - 1].p);
	memmove(l->v + i - 1, l->v + i, (l->n - i) * sizeof *l->v);
	l->n--;
	return true;
}

void mem_list_clear(struct mem_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].p);
	free(l->v);
	*l = (struct mem_list){0};
}

void mem_list_expire(struct mem_list *l, uint64_t now_ms)
{
	if (l->dies_ms != 0 && l->dies_ms <= now_ms)
		mem_list_clear(l);
}

static void wait_drop(struct mem_waits *w, size_t i)
{
	free(w->v[i].msisdn);
	free(w->v[i].name);
	free(w->v[i].note);
	w->v[i] = w->v[--w->n];
}

void mem_waits_drop(struct mem_waits *w, const char *msisdn, struct sv name)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i].msisdn, msisdn) == 0 && sv_is(name, w->v[i].name)) {
			wait_drop(w, i);
			return;
		}
	}
}

void mem_waits_put(struct mem_waits *w, const struct store_part *p, uint64_t dies_ms)
{
	mem_waits_drop(w, p->msisdn, p->key);
	w->v = xrealloc(w->v, (w->n + 1) * sizeof *w->v);
	w->v[w->n++] = (struct mem_wait){.msisdn = xstrdup(p->msisdn),
	    .name = xstrndup(p->key.p, p->key.n),
	    .note = p->note.n > 0 ? xmemdup(p->note.p, p->note.n) : xstrdup(""),
	    .note_n = p->note.n,
	    .due_ms = p->due_ms,
	    .dies_ms = dies_ms};
}

void mem_waits_take(struct mem_waits *w, uint64_t now_ms, uint64_t due_ms, uint64_t again_ms,
    size_t limit, struct mem_list *out)
{
	for (size_t i = w->n; i > 0; i--)
		if (w->v[i - 1].dies_ms <= now_ms)
			wait_drop(w, i - 1);
	while (out->n < limit) {
		struct mem_wait *first = NULL;

		for (size_t i = 0; i < w->n; i++)
			if (w->v[i].due_ms <= due_ms && (!first || w->v[i].due_ms < first->due_ms))
				first = &w->v[i];
		if (!first)
			return;
		mem_list_put(out, out->n + 1, (struct sv){first->note, first->note_n});
		first->due_ms = again_ms;
	}
}

void mem_waits_clear(struct mem_waits *w)
{
	while (w->n > 0)
		wait_drop(w, 0);
	free(w->v);
	*w = (struct mem_waits){0};
}
