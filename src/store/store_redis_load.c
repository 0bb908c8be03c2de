/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_load.c - recovery, the sweep of deferred persons, parts of long
 * messages. Not on a short message's way. */
#include <assert.h>
#include <stdlib.h>

#include "store/store_redis_int.h"

static void finish_load(struct redis_call *call, enum store_rc rc, const struct store_entry *e,
    size_t n)
{
	size_t give = n > call->limit ? call->limit : n;

	call->load(rc, give > 0 ? e : NULL, give, n > give, call->arg);
	free(call);
}

/* id, record, id, record ... */
static void on_load_in(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	struct store_entry *e;
	size_t n;
	bool good = true;

	if (rc != RCONN_OK) {
		finish_load(call, STORE_AWAY, NULL, 0);
		return;
	}
	n = v->count / 2;
	e = xcalloc(n + 1, sizeof *e);
	for (size_t i = 0; good && i < n; i++) {
		good = store_id_read(v->item[2 * i]->str, &e[i].id);
		e[i].record = v->item[2 * i + 1]->str;
	}
	if (!good || v->type != RVAL_LIST || v->count % 2 != 0) {
		redis_odd_answer("load_in", v);
		finish_load(call, STORE_AWAY, NULL, 0);
	} else {
		finish_load(call, STORE_OK, e, n);
	}
	free(e);
}

/* "<id>:<record>" ... */
static void on_load_out(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	struct store_entry *e;
	bool good;

	if (rc != RCONN_OK) {
		finish_load(call, STORE_AWAY, NULL, 0);
		return;
	}
	good = v->type == RVAL_LIST;
	e = xcalloc(v->count + 1, sizeof *e);
	for (size_t i = 0; good && i < v->count; i++) {
		struct sv m = v->item[i]->str;

		good =
		    m.n > STORE_ID_OCTETS && store_id_read((struct sv){m.p, STORE_ID_OCTETS}, &e[i].id);
		if (good)
			e[i].record = (struct sv){m.p + STORE_ID_OCTETS + 1, m.n - STORE_ID_OCTETS - 1};
	}
	if (!good) {
		redis_odd_answer("load_out", v);
		finish_load(call, STORE_AWAY, NULL, 0);
	} else {
		finish_load(call, STORE_OK, e, v->count);
	}
	free(e);
}

static void on_due(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	const char **who;

	if (rc != RCONN_OK) {
		call->due(STORE_AWAY, NULL, 0, call->arg);
		free(call);
		return;
	}
	who = xcalloc(v->count + 1, sizeof *who);
	for (size_t i = 0; i < v->count; i++)
		who[i] = v->item[i]->str.p != NULL ? v->item[i]->str.p : "";
	call->due(STORE_OK, who, v->count, call->arg);
	free(who);
	free(call);
}

static void on_part(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	enum store_rc said = STORE_AWAY;
	struct sv *part = NULL;
	size_t n = 0;

	if (rc == RCONN_OK && v->type == RVAL_INT) {
		said = v->integer == 1 ? STORE_DUPLICATE : STORE_NONE;
	} else if (rc == RCONN_OK && v->type == RVAL_LIST) {
		said = STORE_OK;
		n = v->count;
		part = xcalloc(n + 1, sizeof *part);
		for (size_t i = 0; i < n; i++)
			part[i] = v->item[i]->str;
	} else if (rc == RCONN_OK) {
		redis_odd_answer("part", v);
	}
	call->part(said, part, n, call->arg);
	free(part);
	free(call);
}

void store_redis_load_in(struct store *s, unsigned partition, uint64_t after, size_t limit,
    store_load_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[3];
	char id[STORE_ID_OCTETS], number[24];

	call->load = fn;
	call->limit = limit;
	store_keys_init_partition(&k, partition);
	store_id_text(after, id);
	v[0] = store_key_inbox(&k);
	v[1] = after != 0 ? (struct sv){id, sizeof id} : SV("");
	v[2] = decimal(limit + 1, number); /* one more tells whether there are more */
	rconn_script(((struct store_redis *)s)->c, SCRIPT_LOAD_IN, 1, v, 3, on_load_in, call);
}

void store_redis_load_out(struct store *s, unsigned partition, unsigned class, uint64_t after,
    size_t limit, store_load_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[7];
	/* ';' follows ':', so "(<id>;" begins behind every member of that id */
	char from[1 + STORE_ID_OCTETS + 1], number[24];

	call->load = fn;
	call->limit = limit;
	store_keys_init_partition(&k, partition);
	from[0] = '(';
	store_id_text(after, from + 1);
	from[sizeof from - 1] = ';';
	v[0] = SV("ZRANGEBYLEX");
	v[1] = store_key_outbox(&k, class);
	v[2] = after != 0 ? (struct sv){from, sizeof from} : SV("-");
	v[3] = SV("+");
	v[4] = SV("LIMIT");
	v[5] = SV("0");
	v[6] = decimal(limit + 1, number);
	rconn_command(((struct store_redis *)s)->c, v, 7, on_load_out, call);
}

void store_redis_due(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_due_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[4];
	char number[3][24];

	call->due = fn;
	store_keys_init_partition(&k, partition);
	v[0] = store_key_deferred(&k);
	v[1] = decimal(now_wall_ms, number[0]);
	v[2] = decimal(now_wall_ms + lease_ms, number[1]);
	v[3] = decimal(limit, number[2]);
	rconn_script(((struct store_redis *)s)->c, SCRIPT_DUE, 1, v, 4, on_due, call);
}

void store_redis_part(struct store *s, const struct store_part *p, store_part_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[10];
	char number[5][24];
	size_t n = 0;

	assert(p->seq >= 1 && p->seq <= p->total && p->total <= 255 && p->record.n <= STORE_RECORD_MAX);
	call->part = fn;
	store_keys_init(&k, s, p->msisdn);
	v[n++] = store_key_parts(&k, p->key);
	v[n++] = store_key_waiting(&k);
	if (p->mark.n > 0)
		v[n++] = store_key_dedup(&k, p->mark);
	v[n++] = decimal(p->seq, number[0]);
	v[n++] = decimal(p->total, number[1]);
	v[n++] = p->record;
	v[n++] = decimal(store_life(p->part_ms), number[2]);
	v[n++] = decimal(p->due_ms, number[3]);
	v[n++] = p->note;
	if (p->mark.n > 0)
		v[n++] = decimal(store_life(p->mark_ms), number[4]);
	rconn_script(((struct store_redis *)s)->c, SCRIPT_PART, p->mark.n > 0 ? 3 : 2, v, n, on_part,
	    call);
}

void store_redis_stale(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_part_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[4];
	char number[3][24];

	call->part = fn;
	store_keys_init_partition(&k, partition);
	v[0] = store_key_waiting(&k);
	v[1] = decimal(now_wall_ms, number[0]);
	v[2] = decimal(now_wall_ms + lease_ms, number[1]);
	v[3] = decimal(limit, number[2]);
	rconn_script(((struct store_redis *)s)->c, SCRIPT_STALE, 1, v, 4, on_part, call);
}

static void on_tried(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	struct store_done d = {.rc = STORE_AWAY};

	if (rc == RCONN_OK && v->type == RVAL_INT && v->integer > 0) {
		d.rc = STORE_OK;
		d.version = (uint64_t)v->integer;
	}
	call->done(&d, call->arg);
	free(call);
}

/* The life comes second: if it is lost, the next call sets it. */
static void on_life(enum rconn_rc rc, const struct rval *v, void *arg)
{
	(void)rc, (void)v, (void)arg;
}

void store_redis_tried(struct store *s, const char *msisdn, uint64_t id, store_done_fn *fn, void *arg)
{
	struct store_redis *r = (struct store_redis *)s;
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv key;
	char text[STORE_ID_OCTETS], number[24];

	call->done = fn;
	store_keys_init(&k, s, msisdn);
	key = store_key_tried(&k);
	store_id_text(id, text);
	rconn_command(r->c, (struct sv[]){SV("HINCRBY"), key, {text, sizeof text}, SV("1")}, 4,
	    on_tried, call);
	rconn_command(r->c, (struct sv[]){SV("PEXPIRE"), key, decimal(r->cf.inbox_ms, number)}, 3,
	    on_life, NULL);
}
