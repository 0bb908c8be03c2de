/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_int.h - shared by store_redis.c (the steps of a message), store_redis_load.c
 * (recovery, deferral, parts) and the generated lua_text.c. */
#ifndef DK_STORE_REDIS_INT_H
#define DK_STORE_REDIS_INT_H

#include "net/redis_conn.h"
#include "store/store_int.h"

extern const char lua_accept[], lua_commit[], lua_dead[], lua_due[], lua_load_in[], lua_part[],
    lua_receipt[], lua_beat[], lua_stale[], lua_otp_issue[], lua_otp_try[], lua_otp_count[], lua_hold[],
    lua_take[], lua_forget[];

enum script {
	SCRIPT_ACCEPT,
	SCRIPT_COMMIT,
	SCRIPT_DEAD,
	SCRIPT_DUE,
	SCRIPT_LOAD_IN,
	SCRIPT_PART,
	SCRIPT_BEAT,
	SCRIPT_RECEIPT,
	SCRIPT_STALE,
	SCRIPT_OTP_ISSUE,
	SCRIPT_OTP_TRY,
	SCRIPT_OTP_COUNT,
	SCRIPT_HOLD,
	SCRIPT_TAKE,
	SCRIPT_FORGET,
	SCRIPTS
};

struct store_redis {
	struct store s;
	struct rconn *c;
	struct store_redis_conf cf;
	uint64_t *renewed_ms; /* a partition's inbox life was last renewed then; monotonic */
	/* store_redis_fence.c */
	store_state_fn *fn;
	void *arg;
	char name[32]; /* of our connections, at the server */
	bool was_up, is_up; /* is_up: as fn was told */
	unsigned fencing; /* commands of the fence that are not answered */
};

/* For rconn_new, with the store as arg: what the server and its connection are. */
void store_redis_on_state(bool up, const char *reason, void *arg);
void store_redis_fence_init(struct store_redis *r, store_state_fn *fn, void *arg);

/* What is kept of a call until its answer. */
struct redis_call {
	store_done_fn *done;
	store_load_fn *load;
	store_due_fn *due;
	store_part_fn *part;
	store_peers_fn *peers;
	store_take_fn *take;
	void *arg;
	size_t limit;
};
struct redis_call *redis_call_new(void *arg) MUSTUSE;
/* Log an answer that no script of ours gives. */
void redis_odd_answer(const char *step, const struct rval *v);
/* v as decimal text into out; the view of it. */
struct sv decimal(uint64_t v, char out[24]);

/* The answer {code, number[, text]} of steps of one-time codes and of the schedule, to call->done. */
void redis_coded_answer(enum rconn_rc rc, const struct rval *v, void *call);

void store_redis_hold(struct store *s, const struct store_hold *h, store_done_fn *fn, void *arg);
void store_redis_take(struct store *s, const struct store_take *t, store_take_fn *fn, void *arg);
void store_redis_sent(struct store *s, const struct store_sent *t, store_done_fn *fn, void *arg);
void store_redis_receipt(struct store *s, const struct store_receipt *r, store_done_fn *fn, void *arg);
void store_redis_load_in(struct store *s, unsigned partition, uint64_t after, size_t limit,
    store_load_fn *fn, void *arg);
void store_redis_load_out(struct store *s, unsigned partition, unsigned class, uint64_t after,
    size_t limit, store_load_fn *fn, void *arg);
void store_redis_part(struct store *s, const struct store_part *p, store_part_fn *fn, void *arg);
void store_redis_otp(struct store *s, const struct store_otp *o, store_done_fn *fn, void *arg);
void store_redis_tried(struct store *s, const char *msisdn, uint64_t id, store_done_fn *fn, void *arg);
void store_redis_stale(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_part_fn *fn, void *arg);
void store_redis_due(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
    size_t limit, store_due_fn *fn, void *arg);

#endif
