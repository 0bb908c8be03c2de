/* SPDX-License-Identifier: BSD-2-Clause */
/* store_rig.h - what the tests of the store share: a real redis-server of their own, a loop that
 * waits for a condition with a deadline, and calls that wait for their completion. */
#ifndef DK_STORE_RIG_H
#define DK_STORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "store/store.h"

#define ANA "919812345678"
#define BINU "919800000002"

#define RIG_REPLACED_MAX STORE_OUT_MAX
#define RIG_ENTRIES_MAX 64u

/* The last completion, copied. */
struct rig_got {
	size_t count; /* completions of this call: must end at 1 */
	enum store_rc rc;
	uint64_t version;
	char session[STORE_SESSION_MAX + 1], record[STORE_RECORD_MAX + 1];
	char states[16]; /* receipt */
	size_t form;
	bool late;
	struct store_early early[8]; /* sent */
	size_t early_n;
	size_t session_n;
	uint64_t replaced[RIG_REPLACED_MAX];
	size_t replaced_n;
	uint64_t id[RIG_ENTRIES_MAX];
	char text[RIG_ENTRIES_MAX][64]; /* of a loaded record or a due number, cut */
	size_t n;
	bool more;
};

struct rig {
	struct event_base *base;
	struct store *s;
	bool is_redis, is_up;
	size_t ups, downs;
	uint64_t now_ms; /* the twin's wall clock */
	char dir[64], socket[96];
	pid_t server;
	struct rig_got got;
	struct store_redis_conf cf;
};

extern struct rig rig; /* the one of this program */

/* Runs the tests over the twin, then over a redis-server; a fresh store and an empty server for
 * each. The result of main. */
int rig_run_both_(const char *name, const struct CMUnitTest *tests, size_t n);
#define rig_run_both(tests, n) rig_run_both_(#tests, tests, n)
int rig_each_begins(void **state);
int rig_each_ends(void **state);
#define T(f) cmocka_unit_test_setup_teardown(f, rig_each_begins, rig_each_ends)

/* Of Ana: a message, a turn whose session then says `text`, and what goes out. */
struct store_accept message(uint64_t id, const char *text);
struct store_commit turn(uint64_t version, uint64_t in_id, const char *text);
struct store_out out(uint64_t id, unsigned class, const char *record);
unsigned part(void);
size_t inbox_size(void);
size_t outbox_size(unsigned class);

/* NULL when redis-server is missing. */
const char *rig_redis_server(void);
void rig_init(struct rig *r); /* temp dir, loop, default configuration */
void rig_clear(struct rig *r); /* ends the server, removes the dir */
void rig_server_start(struct rig *r); /* again after an end: the same data */
void rig_server_end(struct rig *r, int sig);
void rig_server_signal(struct rig *r, int sig);
/* The answer of a command as text ("(nil)", numbers, lists joined by blanks); owned by the rig's
 * next call. Fails the test on an error answer. */
const char *rig_redis(const char *socket, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Sends a command and does not wait for its answer. */
void rig_redis_later(const char *socket, const char *a, const char *b, const char *c);
bool rig_answers(const char *socket); /* to PING */
long long rig_number(const char *text);

void rig_open(struct rig *r, bool is_redis); /* makes r->s and waits until it is up */
void rig_close(struct rig *r); /* frees r->s and runs the loop until it is gone */
void rig_turn(struct rig *r); /* one turn of the loop, at most some milliseconds */
/* Turns until *flag, at most 10 s; then fails the test. */
#define RIG_UNTIL(r, cond) \
	do { \
		uint64_t rig_end = rig_deadline(); \
		while (!(cond) && !rig_late(rig_end)) \
			rig_turn(r); \
		if (!(cond)) \
			rig_fail(#cond, __FILE__, __LINE__); \
	} while (0)
uint64_t rig_deadline(void);
bool rig_late(uint64_t deadline);
void rig_fail(const char *cond, const char *file, int line);

/* Completions into r->got; the arg of each is &r->got. */
store_done_fn rig_done;
store_load_fn rig_load;
store_due_fn rig_due;
store_part_fn rig_part;
/* Call, then wait for exactly one completion; returns its rc. */
enum store_rc rig_accept(struct rig *r, const struct store_accept *a);
enum store_rc rig_commit(struct rig *r, const struct store_commit *c);
enum store_rc rig_sent(struct rig *r, const struct store_sent *t);
enum store_rc rig_dead(struct rig *r, const char *msisdn, uint64_t id, unsigned class,
    const char *record);
enum store_rc rig_receipt(struct rig *r, const char *msisdn, const char *link, const char *id,
    char state);
enum store_rc rig_receipt_any(struct rig *r, const struct store_receipt *t);
enum store_rc rig_get(struct rig *r, const char *msisdn);
enum store_rc rig_load_in(struct rig *r, unsigned partition, uint64_t after, size_t limit);
enum store_rc rig_load_out(struct rig *r, unsigned partition, unsigned class, uint64_t after,
    size_t limit);
enum store_rc rig_take_due(struct rig *r, unsigned partition, uint64_t now, uint64_t lease,
    size_t limit);
void rig_wait(struct rig *r); /* for the one completion */

#endif
