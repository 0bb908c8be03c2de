/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_conn.h - one connection to a Redis server that heals itself.
 *
 *   WAITING --timer--> CONNECTING --socket--> PREPARING --AUTH, SELECT, SCRIPT LOAD--> UP
 *      ^                   |                      |                                    |
 *      +---- back-off -----+---- LOADING, refused, silent, closed, READONLY -----------+
 *
 * Rules:
 *  - one command, exactly one completion, always later (never from inside the call), also when
 *    not connected and when the connection is freed;
 *  - commands of one turn of the loop leave in one write, those that can wait with the next;
 *  - a command that is not answered in time ends the connection, and with it every pending one:
 *    after that nobody can tell which answer belongs to what;
 *  - a script that the server has forgotten is loaded and run again; the caller does not see it.
 * The program must ignore SIGPIPE: hiredis writes without asking.
 * hiredis is known only to redis_conn.c and redis_glue.c. */
#ifndef DK_REDIS_CONN_H
#define DK_REDIS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

enum rconn_rc {
	RCONN_OK, /* an answer that is not an error */
	RCONN_ERROR, /* an error answer, already logged: the server did not do it */
	RCONN_LOST, /* sent, but never answered: it may or may not have happened */
	RCONN_DOWN, /* never sent: not connected */
	RCONN_FULL, /* never sent: too many are pending */
};
const char *rconn_rc_name(enum rconn_rc rc);

/* An answer. The numbers and the first four members are those of hiredis, which looks at them. */
enum rval_type {
	RVAL_STR = 1,
	RVAL_LIST = 2,
	RVAL_INT = 3,
	RVAL_NIL = 4,
	RVAL_STATUS = 5,
	RVAL_ERROR = 6
};
struct rval {
	int type; /* enum rval_type */
	long long integer; /* INT */
	size_t hiredis_octets; /* str again, */
	const char *hiredis_text; /* where hiredis looks for the sentence of an error */
	struct sv str; /* STR, STATUS, ERROR; a NUL is behind it */
	size_t count; /* LIST */
	struct rval **item; /* LIST */
};

/* v: with OK and ERROR, borrowed until the completion returns; else NULL. */
typedef void rconn_fn(enum rconn_rc rc, const struct rval *v, void *arg);
/* Edges of UP; from the loop. reason is a plain sentence part. */
typedef void rconn_state_fn(bool up, const char *reason, void *arg);

struct rconn_script {
	const char *name; /* for the log */
	const char *text; /* borrowed for the life of the connection */
};

struct rconn_conf {
	const char *address; /* unix:/path or redis://[[user]:password@]host[:port][/db] */
	uint64_t connect_ms; /* from connect to UP */
	uint64_t command_ms;
	uint64_t reconnect_min_ms, reconnect_max_ms;
	size_t max_pending;
	const struct rconn_script *scripts; /* borrowed for the life of the connection */
	size_t script_count;
};

struct rconn;
struct event_base;
/* Connects at once and again for ever. cf is copied. NULL with a sentence in err on a bad address. */
struct rconn *rconn_new(struct event_base *base, const struct rconn_conf *cf, rconn_state_fn *fn,
    void *arg, char *err, size_t err_cap) MUSTUSE;
bool rconn_is_up(const struct rconn *c);
size_t rconn_pending(const struct rconn *c);
/* A plain command; argv is copied. */
void rconn_command(struct rconn *c, const struct sv *argv, size_t n, rconn_fn *fn, void *arg);
/* The same for what nobody waits for: it leaves with the next command, at the latest after a millisecond. */
void rconn_command_soon(struct rconn *c, const struct sv *argv, size_t n, rconn_fn *fn, void *arg);
/* Run script number `script` of the table; arg[0..n) are KEYS (the first key_count), then ARGV. */
void rconn_script(struct rconn *c, size_t script, size_t key_count, const struct sv *argv, size_t n,
    rconn_fn *fn, void *arg);
/* Every pending command completes with LOST or DOWN in the next turn of the loop, then `gone`
 * (may be NULL) is called and the connection is no more. No call after this; the state function
 * is not called any more. */
void rconn_free(struct rconn *c, void (*gone)(void *arg), void *arg);

#endif
