/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_schedule.c - events that are kept until their time: hold.lua and take.lua. */
#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "store/store_redis_int.h"

#define DAY_MS (24u * 3600 * 1000)

void store_redis_hold(struct store *s, const struct store_hold *h, store_done_fn *fn, void *arg)
{
	struct store_redis *r = (struct store_redis *)s;
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct buf event;
	struct sv v[12];
	char id[STORE_ID_OCTETS], n[5][24];
	size_t i = 0, keys;

	assert(h->record.n <= STORE_RECORD_MAX);
	call->done = fn;
	store_keys_init(&k, s, h->msisdn);
	buf_init(&event, STORE_RECORD_MAX + 512);
	if (h->record.n > 0) {
		store_id_text(h->id, id);
		buf_addf(&event, "%llu %llu %.*s %d ", (unsigned long long)h->at_ms,
		    (unsigned long long)h->until_ms, (int)sizeof id, id, h->is_free);
		buf_addsv(&event, h->group);
		buf_addc(&event, '\n');
		buf_addsv(&event, h->record);
	}
	v[i++] = store_key_schedule(&k);
	v[i++] = store_key_events(&k);
	if (h->dedup_key.n > 0)
		v[i++] = store_key_dedup(&k, h->dedup_key);
	keys = i;
	v[i++] = sv_from(h->msisdn);
	v[i++] = h->key;
	v[i++] = buf_sv(&event);
	v[i++] = decimal(h->at_ms, n[0]);
	v[i++] = decimal((h->until_ms > h->now_ms ? h->until_ms - h->now_ms : 0) + STORE_EVENT_AFTER_MS,
	    n[1]);
	v[i++] = decimal(r->cf.schedule_each, n[2]);
	v[i++] = decimal(r->cf.schedule_max, n[3]);
	if (h->dedup_key.n > 0) {
		v[i++] = h->dedup_value;
		v[i++] = decimal(store_life(h->dedup_ms), n[4]);
	}
	rconn_script(r->c, SCRIPT_HOLD, keys, v, i, redis_coded_answer, call);
	buf_clear(&event);
}

static bool read_taken(const struct rval *v, struct store_taken *t, struct store_entry *e)
{
	uint64_t *number[] = {&t->expired, &t->put_off, &t->merged, &t->next_ms, &t->persons};
	bool good = true;

	for (size_t i = 0; good && i < 5; i++) {
		good = v->item[i]->type == RVAL_INT && v->item[i]->integer >= 0;
		*number[i] = good ? (uint64_t)v->item[i]->integer : 0;
	}
	for (size_t i = 5; good && i < v->count; i += 2) {
		good = store_id_read(v->item[i]->str, &e[t->n].id);
		e[t->n++].record = v->item[i + 1]->str;
	}
	return good;
}

static void on_take(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	struct store_taken t = {.rc = STORE_AWAY};
	struct store_entry *e = NULL;

	if (rc == RCONN_OK) {
		bool fits = v->type == RVAL_LIST && v->count >= 5 && v->count % 2 == 1;

		e = xcalloc(v->count + 1, sizeof *e);
		if (fits && read_taken(v, &t, e)) {
			t.rc = STORE_OK;
			t.e = e;
		} else {
			redis_odd_answer("take", v);
			t = (struct store_taken){.rc = STORE_AWAY};
		}
	}
	call->take(&t, call->arg);
	free(e);
	free(call);
}

void store_redis_take(struct store *s, const struct store_take *t, store_take_fn *fn, void *arg)
{
	struct store_redis *r = (struct store_redis *)s;
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	char n[10][24];

	call->take = fn;
	store_keys_init_partition(&k, t->partition);
	{
		struct sv v[] = {store_key_schedule(&k), store_key_inbox(&k), store_key_dead(&k),
		    decimal(t->now_ms, n[0]), decimal(t->limit, n[1]), decimal(t->cap, n[2]),
		    decimal(t->day, n[3]), decimal(2 * DAY_MS, n[4]), decimal(t->put_off_ms, n[5]),
		    t->owner, decimal(r->cf.inbox_max, n[6]), decimal(r->cf.inbox_ms, n[7]),
		    decimal(r->cf.dead_max, n[8]), decimal(r->cf.dead_ms, n[9]), store_key_events(&k),
		    store_key_told(&k)};

		rconn_script(r->c, SCRIPT_TAKE, 3, v, sizeof v / sizeof v[0], on_take, call);
	}
}
