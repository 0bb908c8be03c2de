/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem_int.h - the little of Redis that the twin needs: texts with a life, and lists of
 * entries sorted by id. store_mem_kv.c has them, store_mem.c the steps made of them. */
#ifndef DK_STORE_MEM_INT_H
#define DK_STORE_MEM_INT_H

#include <sys/queue.h>
#include <uthash.h>

#include "store/store_int.h"

struct mem_text {
	UT_hash_handle hh;
	char *key, *p; /* owned */
	size_t key_n, n;
	uint64_t dies_ms;
};
struct mem_texts {
	struct mem_text *table;
};
/* The text of a key that lives at now_ms, or NULL; borrowed until the next change. */
const struct mem_text *mem_text_get(struct mem_texts *t, struct sv key, uint64_t now_ms);
void mem_text_set(struct mem_texts *t, struct sv key, struct sv value, uint64_t dies_ms);
void mem_text_remove(struct mem_texts *t, struct sv key);
void mem_texts_clear(struct mem_texts *t);

struct mem_entry {
	uint64_t id;
	char *p; /* owned */
	size_t n;
};
struct mem_list {
	struct mem_entry *v; /* rising id */
	size_t n, cap;
	uint64_t dies_ms; /* 0: never */
};
size_t mem_list_after(const struct mem_list *l, uint64_t id); /* index of the first id above */
bool mem_list_has(const struct mem_list *l, uint64_t id);
void mem_list_put(struct mem_list *l, uint64_t id, struct sv record); /* replaces one of that id */
bool mem_list_remove(struct mem_list *l, uint64_t id);
void mem_list_clear(struct mem_list *l);

/* store_mem_receipt.c */
struct mem_receipts {
	struct store_early early[STORE_RECEIPTS_MAX];
	size_t early_count;
};
void mem_receipt_keep(struct mem_texts *texts, struct store_keys *k, const struct store_sent *t,
    uint64_t now, struct mem_receipts *out);
/* d's views are into out. */
struct buf;
void mem_receipt_take(struct mem_texts *texts, struct store_keys *k, const struct store_receipt *r,
    uint64_t now, struct store_done *d, struct buf *out);
/* What a step of one-time codes says (store_mem_otp.c). */
struct mem_said {
	enum store_rc rc;
	uint64_t number;
	char text[65];
};
void mem_otp(struct mem_texts *t, struct store_keys *k, const struct store_otp *o, uint64_t clock_ms,
    struct mem_said *out);

/* Messages with missing parts, by person and name; the parts themselves are texts. */
struct mem_wait {
	char *msisdn, *name, *note; /* owned */
	size_t note_n;
	uint64_t due_ms, dies_ms;
};
struct mem_waits {
	struct mem_wait *v;
	size_t n;
};
void mem_waits_put(struct mem_waits *w, const struct store_part *p, uint64_t dies_ms); /* replaces */
void mem_waits_drop(struct mem_waits *w, const char *msisdn, struct sv name);
/* Notes of those due by due_ms, the longest waiting first, into out by their place; each is put off. */
void mem_waits_take(struct mem_waits *w, uint64_t now_ms, uint64_t due_ms, uint64_t again_ms,
    size_t limit, struct mem_list *out);
void mem_waits_clear(struct mem_waits *w);

/* The schedule (store_mem_schedule.c). */
struct mem_event {
	char *msisdn, *key, *group, *record; /* owned */
	size_t key_n, group_n, record_n;
	uint64_t id, at_ms, until_ms;
	bool is_free;
};
struct mem_events {
	struct mem_event *v;
	size_t n;
};
void mem_events_clear(struct mem_events *e);
void mem_hold(struct store *s, const struct store_hold *h, store_done_fn *fn, void *arg);
void mem_take(struct store *s, const struct store_take *t, store_take_fn *fn, void *arg);

/* ---- what the steps share (store_mem.c) ---- */
/* Whom to tell: one of the functions. */
struct mem_whom {
	store_done_fn *done;
	store_load_fn *load;
	store_due_fn *due;
	store_part_fn *part;
	store_take_fn *take;
	void *arg;
};

struct mem_completion {
	STAILQ_ENTRY(mem_completion) next;
	struct mem_whom tell;
	struct store_done d;
	char *text; /* owned: session or record of d */
	uint64_t replaced[STORE_OUT_MAX];
	struct mem_receipts receipts; /* sent */
	struct mem_list entries; /* load; part: by place */
	bool more;
	char **who; /* due: owned texts */
	size_t who_count;
	struct store_taken taken;
};

struct mem_deferred {
	char *msisdn; /* owned */
	uint64_t at_ms;
};

struct mem_partition {
	struct mem_list in, out[STORE_CLASSES], dead;
	struct mem_deferred *df;
	size_t df_count;
	struct mem_waits pw;
	struct mem_events schedule;
};

struct store_mem {
	struct store s;
	struct store_redis_conf cf;
	struct event *later; /* NULL without a base */
	uint64_t (*now)(void *arg);
	void *now_arg;
	struct mem_texts texts;
	struct mem_partition *parts;
	uint64_t dead_next;
	STAILQ_HEAD(, mem_completion) queue;
	size_t fail_in; /* calls until one fails; 0: none is to */
	bool closing;
};

/* A completion to fill in, already queued. It is AWAY and the step must not happen (go is false) when
 * this is the call that store_mem_fail() chose. */
/* The completion that comes later. NULL: it says AWAY, and nothing is to be done. */
struct mem_completion *mem_begin(struct store *s, const struct mem_whom *tell);
uint64_t mem_now(const struct store_mem *m);
void mem_dead_put(struct store_mem *m, struct mem_partition *p, struct sv record);
void mem_list_expire(struct mem_list *l, uint64_t now_ms);

#endif
