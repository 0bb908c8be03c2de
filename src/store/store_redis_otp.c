/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_otp.c - one-time codes: three scripts. What each does is in lua/otp_*.lua. */
#include <stdlib.h>

#include "store/store_redis_int.h"

void redis_coded_answer(enum rconn_rc rc, const struct rval *v, void *arg)
{
	static const enum store_rc answers[] = {
	    STORE_OK, STORE_DUPLICATE, STORE_CLASH, STORE_FULL, STORE_NONE};
	struct redis_call *call = arg;
	struct store_done d = {.rc = STORE_AWAY};
	store_done_fn *fn = call->done;
	void *fn_arg = call->arg;

	if (rc == RCONN_OK) {
		if (v->type == RVAL_LIST && v->count >= 2 && v->item[0]->type == RVAL_INT &&
		    v->item[0]->integer >= 0 && v->item[0]->integer <= 4 &&
		    v->item[1]->type == RVAL_INT && v->item[1]->integer >= 0) {
			d.rc = answers[v->item[0]->integer];
			d.version = (uint64_t)v->item[1]->integer;
			if (v->count > 2 && v->item[2]->type == RVAL_STR)
				d.record = v->item[2]->str;
		} else {
			redis_odd_answer("coded", v);
		}
	}
	free(call);
	fn(&d, fn_arg);
}

void store_redis_otp(struct store *s, const struct store_otp *o, store_done_fn *fn, void *arg)
{
	struct rconn *c = ((struct store_redis *)s)->c;
	struct redis_call *call = redis_call_new(arg);
	const struct store_otp_limits *l = o->limits;
	struct store_keys k;
	char n[7][24];

	call->done = fn;
	store_keys_init(&k, s, o->msisdn);
	switch (o->kind) {
	case STORE_OTP_ISSUE: {
		struct sv v[] = {store_key_otp(&k, o->purpose), store_key_otp_times(&k), o->id, o->mac,
		    o->seal, decimal(o->now_ms, n[0]), decimal(store_life(l->life_ms), n[1]),
		    decimal(l->resend_ms, n[2]), decimal(l->burst, n[3]), decimal(l->burst_ms, n[4]),
		    decimal(l->day, n[5]), decimal(l->day_ms, n[6])};

		rconn_script(c, SCRIPT_OTP_ISSUE, 2, v, sizeof v / sizeof v[0], redis_coded_answer,
		    call);
		break;
	}
	case STORE_OTP_TRY: {
		struct sv v[] = {store_key_otp(&k, o->purpose), o->id, o->mac, decimal(o->now_ms, n[0]),
		    decimal(l->attempts, n[1])};

		rconn_script(c, SCRIPT_OTP_TRY, 1, v, sizeof v / sizeof v[0], redis_coded_answer, call);
		break;
	}
	case STORE_OTP_COUNT: {
		struct sv v[] = {store_key_otp_prefix(&k), decimal(l->prefix, n[0]),
		    decimal(store_life(l->prefix_ms), n[1])};

		rconn_script(c, SCRIPT_OTP_COUNT, 1, v, sizeof v / sizeof v[0], redis_coded_answer,
		    call);
		break;
	}
	}
}
