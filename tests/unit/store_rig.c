/* SPDX-License-Identifier: BSD-2-Clause */
/* store_rig.c - see store_rig.h. */
#include "config.h"

#include "store_rig.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define DEADLINE_MS 20000u

struct rig rig;

const char *rig_redis_server(void)
{
	return access(REDIS_SERVER, X_OK) == 0 ? REDIS_SERVER : NULL;
}

void rig_init(struct rig *r)
{
	signal(SIGPIPE, SIG_IGN);
	*r = (struct rig){.now_ms = 1700000000000u, .server = -1};
	snprintf(r->dir, sizeof r->dir, "/tmp/dk-store-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->socket, sizeof r->socket, "%s/r.sock", r->dir);
	r->base = event_base_new();
	assert_non_null(r->base);
	r->cf = (struct store_redis_conf){
	    .partitions = 16,
	    .connect_ms = 2000,
	    .command_ms = 5000,
	    .reconnect_min_ms = 10,
	    .reconnect_max_ms = 100,
	    .inbox_max = 8,
	    .outbox_max = 16,
	    .dead_max = 3,
	    .schedule_max = 4,
	    .schedule_each = 5,
	    .inbox_ms = 60000,
	    .dead_ms = 60000,
	};
}

void rig_clear(struct rig *r)
{
	char cmd[128];

	if (r->server > 0)
		rig_server_end(r, SIGKILL);
	event_base_free(r->base);
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", r->dir);
	assert_int_equal(system(cmd), 0);
}

bool rig_answers(const char *socket)
{
	redisContext *c = redisConnectUnix(socket);
	redisReply *v = c != NULL && c->err == 0 ? redisCommand(c, "PING") : NULL;
	bool good = v != NULL && v->type == REDIS_REPLY_STATUS;

	if (v != NULL)
		freeReplyObject(v);
	if (c != NULL)
		redisFree(c);
	return good;
}

void rig_server_start(struct rig *r)
{
	uint64_t end = rig_deadline();
	pid_t parent = getpid();

	r->server = fork();
	assert_true(r->server >= 0);
	if (r->server == 0) {
		int null = open("/dev/null", O_RDWR);

		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(null, 1) < 0)
			_exit(127);
		/* No everysec of its own, as redis_embed.c: it answers what it has not written. */
		execl(REDIS_SERVER, REDIS_SERVER, "--port", "0", "--unixsocket", r->socket, "--dir",
		    r->dir, "--appendonly", "yes", "--appendfsync", "no", "--save", "", (char *)NULL);
		_exit(127);
	}
	while (!rig_answers(r->socket)) {
		assert_false(rig_late(end));
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

void rig_server_signal(struct rig *r, int sig)
{
	assert_true(r->server > 0);
	assert_int_equal(kill(r->server, sig), 0);
}

void rig_server_end(struct rig *r, int sig)
{
	rig_server_signal(r, SIGCONT);
	rig_server_signal(r, sig);
	while (waitpid(r->server, NULL, 0) < 0 && errno == EINTR)
		;
	r->server = -1;
}

static size_t print(char *out, size_t cap, const redisReply *v)
{
	size_t n = 0;

	if (v->type == REDIS_REPLY_NIL)
		return (size_t)snprintf(out, cap, "(nil)");
	if (v->type == REDIS_REPLY_INTEGER)
		return (size_t)snprintf(out, cap, "%lld", v->integer);
	if (v->type != REDIS_REPLY_ARRAY)
		return (size_t)snprintf(out, cap, "%s", v->str);
	*out = '\0';
	for (size_t i = 0; i < v->elements && n + 2 < cap; i++) {
		if (i > 0)
			out[n++] = ' ';
		n += print(out + n, cap - n, v->element[i]);
	}
	return n;
}

const char *rig_redis(const char *socket, const char *fmt, ...)
{
	static char out[65536];
	redisContext *c = redisConnectUnix(socket);
	redisReply *v;
	va_list ap;

	assert_non_null(c);
	assert_int_equal(c->err, 0);
	va_start(ap, fmt);
	v = redisvCommand(c, fmt, ap);
	va_end(ap);
	assert_non_null(v);
	if (v->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", fmt, v->str);
	(void)print(out, sizeof out, v);
	freeReplyObject(v);
	redisFree(c);
	return out;
}

void rig_redis_later(const char *socket, const char *a, const char *b, const char *c)
{
	const char *argv[3] = {a, b, c};
	redisContext *ctx = redisConnectUnix(socket);
	int done = 0;

	assert_non_null(ctx);
	assert_int_equal(ctx->err, 0);
	assert_int_equal(redisAppendCommandArgv(ctx, 3, argv, NULL), REDIS_OK);
	while (!done)
		assert_int_equal(redisBufferWrite(ctx, &done), REDIS_OK);
	redisFree(ctx);
}

/* --- the loop --- */

uint64_t rig_deadline(void)
{
	return clock_mono_ms() + DEADLINE_MS;
}

bool rig_late(uint64_t deadline)
{
	return clock_mono_ms() > deadline;
}

void rig_fail(const char *cond, const char *file, int line)
{
	fail_msg("%s:%d: waited in vain for %s", file, line, cond);
}

void rig_turn(struct rig *r)
{
	struct timeval tv = {.tv_usec = 5000};

	event_base_loopexit(r->base, &tv);
	event_base_loop(r->base, EVLOOP_ONCE);
	r->now_ms += 5;
}

static uint64_t twin_now(void *arg)
{
	return ((const struct rig *)arg)->now_ms;
}

static void on_state(bool up, const char *reason, void *arg)
{
	struct rig *r = arg;

	assert_non_null(reason);
	assert_true(r->is_up != up);
	r->is_up = up;
	r->ups += up;
	r->downs += !up;
}

void rig_open(struct rig *r, bool is_redis)
{
	char err[256] = "", address[128];

	r->is_redis = is_redis;
	r->is_up = false;
	r->ups = r->downs = 0;
	if (!is_redis) {
		r->s = store_mem_new(r->base, &r->cf, twin_now, r);
		return;
	}
	snprintf(address, sizeof address, "unix:%s", r->socket);
	r->cf.address = address;
	r->s = store_redis_new(r->base, &r->cf, on_state, r, err, sizeof err);
	r->cf.address = NULL;
	assert_string_equal(err, "");
	assert_non_null(r->s);
	RIG_UNTIL(r, r->is_up);
}

void rig_close(struct rig *r)
{
	r->s->ops->free(r->s);
	r->s = NULL;
	for (int i = 0; i < 3; i++)
		rig_turn(r);
}

/* --- calls --- */

static void copy(char *out, size_t cap, struct sv s)
{
	size_t n = s.n < cap - 1 ? s.n : cap - 1;

	if (n > 0)
		memcpy(out, s.p, n);
	out[n] = '\0';
}

void rig_done(const struct store_done *d, void *arg)
{
	struct rig_got *g = arg;

	g->count++;
	g->rc = d->rc;
	g->version = d->version;
	g->session_n = d->session.n;
	copy(g->session, sizeof g->session, d->session);
	copy(g->record, sizeof g->record, d->record);
	copy(g->states, sizeof g->states, d->states);
	g->form = d->form;
	g->late = d->late;
	g->early_n = d->early_count < 8 ? d->early_count : 8;
	for (size_t i = 0; i < g->early_n; i++)
		g->early[i] = d->early[i];
	g->replaced_n = d->replaced_count;
	for (size_t i = 0; i < d->replaced_count; i++)
		g->replaced[i] = d->replaced[i];
}

void rig_load(enum store_rc rc, const struct store_entry *e, size_t n, bool more, void *arg)
{
	struct rig_got *g = arg;

	assert_true(n <= RIG_ENTRIES_MAX);
	g->count++;
	g->rc = rc;
	g->n = n;
	g->more = more;
	for (size_t i = 0; i < n; i++) {
		g->id[i] = e[i].id;
		copy(g->text[i], sizeof g->text[i], e[i].record);
	}
}

void rig_due(enum store_rc rc, const char *const *msisdn, size_t n, void *arg)
{
	struct rig_got *g = arg;

	assert_true(n <= RIG_ENTRIES_MAX);
	g->count++;
	g->rc = rc;
	g->n = n;
	for (size_t i = 0; i < n; i++)
		copy(g->text[i], sizeof g->text[i], sv_from(msisdn[i]));
}

void rig_part(enum store_rc rc, const struct sv *part, size_t n, void *arg)
{
	struct rig_got *g = arg;

	assert_true(n <= RIG_ENTRIES_MAX);
	g->count++;
	g->rc = rc;
	g->n = n;
	for (size_t i = 0; i < n; i++)
		copy(g->text[i], sizeof g->text[i], part[i]);
}

static struct rig_got *fresh(struct rig *r)
{
	memset(&r->got, 0, sizeof r->got);
	return &r->got;
}

void rig_wait(struct rig *r)
{
	assert_int_equal(r->got.count, 0); /* never from inside the call */
	RIG_UNTIL(r, r->got.count > 0);
	assert_int_equal(r->got.count, 1);
}

enum store_rc rig_accept(struct rig *r, const struct store_accept *a)
{
	r->s->ops->accept(r->s, a, rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_commit(struct rig *r, const struct store_commit *c)
{
	r->s->ops->commit(r->s, c, rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_sent(struct rig *r, const struct store_sent *t)
{
	r->s->ops->sent(r->s, t, rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_dead(struct rig *r, const char *msisdn, uint64_t id, unsigned class,
    const char *record)
{
	r->s->ops->dead(r->s,
	    &(struct store_dead){.msisdn = msisdn, .id = id, .class = class, .record = sv_from(record)},
	    rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_receipt(struct rig *r, const char *msisdn, const char *link, const char *id,
    char state)
{
	struct sv ids[1] = {sv_from(id)};
	struct store_receipt t = {.msisdn = msisdn,
	    .link = link,
	    .ids = ids,
	    .id_count = 1,
	    .state = state,
	    .keep_ms = 60000};

	return rig_receipt_any(r, &t);
}

enum store_rc rig_receipt_any(struct rig *r, const struct store_receipt *t)
{
	r->s->ops->receipt(r->s, t, rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_get(struct rig *r, const char *msisdn)
{
	r->s->ops->get(r->s, msisdn, rig_done, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_load_in(struct rig *r, unsigned partition, uint64_t after, size_t limit)
{
	r->s->ops->load_in(r->s, partition, after, limit, rig_load, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_load_out(struct rig *r, unsigned partition, unsigned class, uint64_t after,
    size_t limit)
{
	r->s->ops->load_out(r->s, partition, class, after, limit, rig_load, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

enum store_rc rig_take_due(struct rig *r, unsigned partition, uint64_t now, uint64_t lease,
    size_t limit)
{
	r->s->ops->due(r->s, partition, now, lease, limit, rig_due, fresh(r));
	rig_wait(r);
	return r->got.rc;
}

/* --- what tests are made of --- */

struct store_accept message(uint64_t id, const char *text)
{
	return (struct store_accept){.msisdn = ANA, .id = id, .record = sv_from(text)};
}

struct store_commit turn(uint64_t version, uint64_t in_id, const char *text)
{
	return (struct store_commit){.msisdn = ANA,
	    .version = version,
	    .session = sv_from(text),
	    .session_ms = 60000,
	    .in_id = in_id};
}

struct store_out out(uint64_t id, unsigned class, const char *record)
{
	return (struct store_out){.id = id, .class = class, .record = sv_from(record)};
}

unsigned part(void)
{
	return store_partition(rig.s, ANA);
}

size_t inbox_size(void)
{
	assert_int_equal(rig_load_in(&rig, part(), 0, 64), STORE_OK);
	return rig.got.n;
}

size_t outbox_size(unsigned class)
{
	assert_int_equal(rig_load_out(&rig, part(), class, 0, 64), STORE_OK);
	return rig.got.n;
}

long long rig_number(const char *text)
{
	return strtoll(text, NULL, 10);
}

int rig_each_begins(void **state)
{
	(void)state;
	rig.cf.inbox_ms = 60000;
	if (rig.is_redis)
		(void)rig_redis(rig.socket, "FLUSHALL");
	rig_open(&rig, rig.is_redis);
	return 0;
}

int rig_each_ends(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static int begin_mem(void **state)
{
	(void)state;
	rig_init(&rig);
	return 0;
}

static int begin_redis(void **state)
{
	(void)state;
	rig_init(&rig);
	rig_server_start(&rig);
	rig.is_redis = true;
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	rig_clear(&rig);
	return 0;
}

int rig_run_both_(const char *name, const struct CMUnitTest *tests, size_t n)
{
	char group[64];
	int failed;

	snprintf(group, sizeof group, "%s in memory", name);
	failed = _cmocka_run_group_tests(group, tests, n, begin_mem, end_group);
	if (rig_redis_server() == NULL) {
		fprintf(stderr, "SKIP: redis-server is missing, the store was tested in memory only\n");
		return failed != 0 ? failed : 77;
	}
	snprintf(group, sizeof group, "%s on redis", name);
	return failed + _cmocka_run_group_tests(group, tests, n, begin_redis, end_group);
}
