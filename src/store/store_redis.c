/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis.c - the store on Redis: arguments in, one script or command, the answer out.
 * What is atomic is in lua/; connection, time-outs and repeats are in net/redis_conn. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store_redis_int.h"

#define PENDING_MAX 20000u

static const struct rconn_script scripts[SCRIPTS] = {
    [SCRIPT_ACCEPT] = {"accept", lua_accept},
    [SCRIPT_COMMIT] = {"commit", lua_commit},
    [SCRIPT_DEAD] = {"dead", lua_dead},
    [SCRIPT_DUE] = {"due", lua_due},
    [SCRIPT_LOAD_IN] = {"load_in", lua_load_in},
    [SCRIPT_PART] = {"part", lua_part},
    [SCRIPT_BEAT] = {"beat", lua_beat},
    [SCRIPT_RECEIPT] = {"receipt", lua_receipt},
    [SCRIPT_STALE] = {"stale", lua_stale},
    [SCRIPT_OTP_ISSUE] = {"otp_issue", lua_otp_issue},
    [SCRIPT_OTP_TRY] = {"otp_try", lua_otp_try},
    [SCRIPT_OTP_COUNT] = {"otp_count", lua_otp_count},
    [SCRIPT_HOLD] = {"hold", lua_hold},
    [SCRIPT_TAKE] = {"take", lua_take},
    [SCRIPT_FORGET] = {"forget", lua_forget},
};

struct redis_call *redis_call_new(void *arg)
{
	struct redis_call *call = xcalloc(1, sizeof *call);

	call->arg = arg;
	return call;
}

void redis_odd_answer(const char *step, const struct rval *v)
{
	LOG(NULL, LOG_ERR, "redis odd answer", "step=%s type=%d integer=%lld", step, v->type,
	    v->integer);
}

struct sv decimal(uint64_t v, char out[24])
{
	size_t i = 24;

	do {
		out[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return (struct sv){out + i, 24 - i};
}

/* --- answers --- */

/* "<version><mark><blob>" of a session. */
static bool read_session(struct sv text, struct store_done *d)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(text.p[i] - '0');
	if (i == 0 || i > 19 || i == text.n || (text.p[i] != ':' && text.p[i] != '!'))
		return false;
	d->version = v;
	d->session = (struct sv){text.p + i + 1, text.n - i - 1};
	return true;
}

static void finish(struct redis_call *call, const struct store_done *d)
{
	store_done_fn *fn = call->done;
	void *arg = call->arg;

	free(call);
	fn(d, arg);
}

/* rc with no session, rc with a session, or a number that says which rc. */
static bool read_session_or_code(const struct rval *v, enum store_rc rc, struct store_done *d)
{
	d->rc = rc;
	if (v->type == RVAL_NIL)
		return true;
	if (v->type == RVAL_STR)
		return read_session(v->str, d);
	if (v->type != RVAL_INT)
		return false;
	d->rc = v->integer == 1 ? STORE_DUPLICATE : STORE_FULL;
	return v->integer == 1 || v->integer == 3;
}

static void on_accept(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct store_done d = {.rc = STORE_AWAY};

	if (rc == RCONN_OK && v->type == RVAL_INT && v->integer >= 4) {
		d.rc = STORE_DUPLICATE;
		d.version = (uint64_t)v->integer - 4;
	} else if (rc == RCONN_OK && !read_session_or_code(v, STORE_OK, &d)) {
		redis_odd_answer("accept", v);
		d = (struct store_done){.rc = STORE_AWAY};
	}
	finish(arg, &d);
}

static void on_commit(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct store_done d = {.rc = STORE_AWAY};
	uint64_t replaced[STORE_OUT_MAX];
	bool good = true;

	if (rc == RCONN_OK && v->type == RVAL_INT && v->integer == 0) {
		d.rc = STORE_OK;
	} else if (rc == RCONN_OK && v->type == RVAL_LIST) {
		d.rc = STORE_OK;
		d.replaced = replaced;
		for (size_t i = 0; good && i < v->count; i++)
			good = i < STORE_OUT_MAX &&
			       store_id_read(v->item[i]->str, &replaced[d.replaced_count++]);
	} else if (rc == RCONN_OK) {
		good = read_session_or_code(v, STORE_CLASH, &d);
	}
	if (!good) {
		redis_odd_answer("commit", v);
		d = (struct store_done){.rc = STORE_AWAY};
	}
	finish(arg, &d);
}

static void on_number(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct store_done d = {.rc = rc == RCONN_OK ? STORE_OK : STORE_AWAY};

	(void)v;
	finish(arg, &d);
}

/* --- steps --- */

static struct store_redis *self(struct store *s)
{
	return (struct store_redis *)s;
}

/* The inbox's life is renewed by the script when the inbox was empty, and else only now and then. */
static bool renew_inbox(struct store_redis *r, unsigned partition)
{
	uint64_t now = clock_mono_ms();

	if (r->renewed_ms[partition] != 0 && now - r->renewed_ms[partition] < r->cf.inbox_ms / 8)
		return false;
	r->renewed_ms[partition] = now;
	return true;
}

static void redis_accept(struct store *s, const struct store_accept *a, store_done_fn *fn, void *arg)
{
	struct store_redis *r = self(s);
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[12];
	char id[STORE_ID_OCTETS], number[3][24];
	size_t n = 0, keys;

	assert(a->record.n <= STORE_RECORD_MAX && (a->parts_key.n == 0 || a->dedup_key.n > 0));
	store_keys_init(&k, s, a->msisdn);
	call->done = fn;
	v[n++] = store_key_session(&k);
	v[n++] = store_key_inbox(&k);
	if (a->dedup_key.n > 0)
		v[n++] = store_key_dedup(&k, a->dedup_key);
	if (a->parts_key.n > 0) {
		v[n++] = store_key_parts(&k, a->parts_key);
		v[n++] = store_key_waiting(&k);
	}
	keys = n;
	store_id_text(a->id, id);
	v[n++] = (struct sv){id, sizeof id};
	v[n++] = a->record;
	v[n++] = decimal(r->cf.inbox_max, number[0]);
	v[n++] = decimal(r->cf.inbox_ms, number[1]);
	v[n++] = renew_inbox(r, k.partition) ? SV("1") : SV("0");
	if (a->dedup_key.n > 0) {
		v[n++] = a->dedup_value;
		v[n++] = decimal(store_life(a->dedup_ms), number[2]);
	}
	rconn_script(r->c, SCRIPT_ACCEPT, keys, v, n, on_accept, call);
}

/* "<text>" + mark + tail as one malloced block. */
static struct sv joined(struct sv text, char mark, struct sv tail)
{
	char *p = xmalloc(text.n + 1 + tail.n);

	memcpy(p, text.p, text.n);
	p[text.n] = mark;
	if (tail.n > 0)
		memcpy(p + text.n + 1, tail.p, tail.n);
	return (struct sv){p, text.n + 1 + tail.n};
}

static void redis_commit(struct store *s, const struct store_commit *c, store_done_fn *fn, void *arg)
{
	struct store_redis *r = self(s);
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[3 + 2 * STORE_OUT_MAX + 8 + 2 * STORE_OUT_MAX];
	struct sv session = {NULL, 0}, member[STORE_OUT_MAX];
	char number[7][24], life[STORE_OUT_MAX][24], id[STORE_ID_OCTETS];
	size_t n = 0, keys;

	assert(c->out_count <= STORE_OUT_MAX && c->session.n <= STORE_SESSION_MAX);
	store_keys_init(&k, s, c->msisdn);
	call->done = fn;
	v[n++] = store_key_session(&k);
	v[n++] = store_key_inbox(&k);
	v[n++] = store_key_deferred(&k);
	for (size_t i = 0; i < c->out_count; i++) {
		v[n++] = store_key_outbox(&k, c->out[i].class);
		if (c->out[i].coalesce.n > 0)
			v[n++] = store_key_coalesce(&k, c->out[i].class, c->out[i].coalesce);
	}
	keys = n;
	if (c->session.n > 0)
		session = joined(decimal(c->version + 1, number[0]), c->defer_at_ms != 0 ? '!' : ':',
		    c->session);
	store_id_text(c->in_id, id);
	v[n++] = c->version != 0 ? decimal(c->version, number[1]) : SV("");
	v[n++] = session;
	v[n++] = decimal(store_life(c->session_ms), number[2]);
	v[n++] = c->in_id != 0 ? (struct sv){id, sizeof id} : SV("");
	v[n++] = decimal(c->defer_at_ms, number[3]);
	v[n++] = sv_from(c->msisdn);
	v[n++] = decimal(r->cf.outbox_max, number[4]);
	v[n++] = decimal(c->out_count, number[5]);
	for (size_t i = 0; i < c->out_count; i++) {
		const struct store_out *o = &c->out[i];
		char out_id[STORE_ID_OCTETS];

		assert(o->record.n <= STORE_RECORD_MAX);
		store_id_text(o->id, out_id);
		member[i] = joined((struct sv){out_id, sizeof out_id}, ':', o->record);
		v[n++] = member[i];
		v[n++] = o->coalesce.n > 0 ? decimal(store_life(o->coalesce_ms), life[i]) : SV("0");
	}
	rconn_script(r->c, SCRIPT_COMMIT, keys, v, n, on_commit, call);
	for (size_t i = 0; i < c->out_count; i++)
		free((void *)(uintptr_t)member[i].p);
	free((void *)(uintptr_t)session.p);
}

static void redis_dead(struct store *s, const struct store_dead *d, store_done_fn *fn, void *arg)
{
	struct store_redis *r = self(s);
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[9];
	char text[2][STORE_ID_OCTETS], number[2][24];
	bool is_in = d->class == STORE_CLASSES;

	assert(d->next.n <= STORE_RECORD_MAX);
	store_keys_init(&k, s, d->msisdn);
	call->done = fn;
	store_id_text(d->id, text[0]);
	store_id_text(d->next_id, text[1]);
	v[0] = is_in ? store_key_inbox(&k) : store_key_outbox(&k, d->class);
	v[1] = store_key_dead(&k);
	v[2] = (struct sv){text[0], sizeof text[0]};
	v[3] = is_in ? SV("in") : SV("out");
	v[4] = d->record;
	v[5] = decimal(r->cf.dead_max, number[0]);
	v[6] = decimal(r->cf.dead_ms, number[1]);
	v[7] = (struct sv){text[1], sizeof text[1]};
	v[8] = d->next;
	rconn_script(r->c, SCRIPT_DEAD, 2, v, d->next_id ? 9 : 7, on_number, call);
}

static void redis_get(struct store *s, const char *msisdn, store_done_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;
	struct sv v[2];

	store_keys_init(&k, s, msisdn);
	call->done = fn;
	v[0] = SV("GET");
	v[1] = store_key_session(&k);
	rconn_command(self(s)->c, v, 2, on_accept, call);
}

/* --- life --- */

static bool redis_is_up(const struct store *s)
{
	const struct store_redis *r = (const struct store_redis *)s;

	return r->is_up && rconn_is_up(r->c);
}

static void on_gone(void *arg)
{
	struct store_redis *r = arg;

	free(r->renewed_ms);
	free(r);
}

static void redis_free(struct store *s)
{
	if (s != NULL)
		rconn_free(self(s)->c, on_gone, s);
}

static void redis_forget(struct store *s, const char *msisdn, struct sv dedup_key,
    struct sv dedup_value, store_done_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct store_keys k;

	call->done = fn;
	store_keys_init(&k, s, msisdn);
	if (dedup_value.n == 0)
		rconn_command(self(s)->c, (struct sv[]){SV("DEL"), store_key_dedup(&k, dedup_key)}, 2,
		    on_number, call);
	else
		rconn_script(self(s)->c, SCRIPT_FORGET, 1,
		    (struct sv[]){store_key_dedup(&k, dedup_key), dedup_value}, 2, on_number, call);
}

static const struct store_ops redis_ops = {
    .accept = redis_accept,
    .commit = redis_commit,
    .sent = store_redis_sent,
    .dead = redis_dead,
    .receipt = store_redis_receipt,
    .forget = redis_forget,
    .get = redis_get,
    .part = store_redis_part,
    .stale = store_redis_stale,
    .otp = store_redis_otp,
    .hold = store_redis_hold,
    .take = store_redis_take,
    .load_in = store_redis_load_in,
    .load_out = store_redis_load_out,
    .due = store_redis_due,
    .tried = store_redis_tried,
    .is_up = redis_is_up,
    .free = redis_free,
};

struct store *store_redis_new(struct event_base *base, const struct store_redis_conf *cf,
    store_state_fn *fn, void *arg, char *err, size_t err_cap)
{
	struct store_redis *r = xcalloc(1, sizeof *r);
	struct rconn_conf rc = {
	    .address = cf->address,
	    .connect_ms = cf->connect_ms,
	    .command_ms = cf->command_ms,
	    .reconnect_min_ms = cf->reconnect_min_ms,
	    .reconnect_max_ms = cf->reconnect_max_ms,
	    .max_pending = PENDING_MAX,
	    .scripts = scripts,
	    .script_count = SCRIPTS,
	};

	r->s.ops = &redis_ops;
	r->s.partitions = cf->partitions;
	r->cf = *cf;
	r->cf.address = NULL;
	r->renewed_ms = xcalloc(cf->partitions, sizeof *r->renewed_ms);
	store_redis_fence_init(r, fn, arg);
	r->c = rconn_new(base, &rc, store_redis_on_state, r, err, err_cap);
	if (r->c == NULL) {
		on_gone(r);
		return NULL;
	}
	return &r->s;
}
