/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_conn.c - see redis_conn.h. Encoding of commands, pairing with answers, time-outs,
 * reconnecting. What the commands mean is the caller's business (store_redis.c).
 *
 * A command lives in c->pending from the moment hiredis has it until its answer. When the
 * connection is lost all of them move to c->failed, from where they complete in the next turn.
 * hiredis then still calls back once for each, with a NULL answer and a pointer that means
 * nothing any more: on_answer() looks at neither. */
#include "net/redis_conn.h"

#include <assert.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/redis_addr.h"
#include "net/redis_glue.h"

#define SHA_OCTETS 40
#define SCRIPT_TRIES_MAX 3u /* of one command, when the server forgets scripts all the time */
#define START_ATTEMPTS 4u /* in the first second or so */
#define ERROR_LOG_MS 5000u /* at most one line in that time for one kind of error answer */

enum rconn_state {
	RCONN_WAITING, /* for the reconnect timer */
	RCONN_CONNECTING, /* socket on its way */
	RCONN_PREPARING, /* AUTH, SELECT and the scripts are on their way */
	RCONN_UP,
	RCONN_CLOSING, /* rconn_free was called */
};

enum { NO_SCRIPT = -1 };
enum pending_kind { PENDING_CALLER, PENDING_PREPARE, PENDING_RELOAD };

struct pending {
	STAILQ_ENTRY(pending) next;
	enum pending_kind kind;
	enum rconn_rc failure; /* in c->failed: what to complete with */
	int script; /* index, or NO_SCRIPT */
	unsigned tries;
	uint64_t sent_ms;
	rconn_fn *fn;
	void *arg;
	size_t n; /* octets of cmd */
	char cmd[]; /* as on the wire, NUL behind it (hiredis looks for a letter in it) */
};
STAILQ_HEAD(pending_list, pending);

/* Error answers that need more than passing on. */
static const struct error_row {
	const char *word;
	bool leave; /* the server cannot serve us now: end the connection and come back later */
} error_rows[] = {
    {"LOADING", true}, /* reads its data from disk */
    {"READONLY", true}, /* became a replica: a new connection may find the master */
    {"MASTERDOWN", true}, {"NOAUTH", true}, {"WRONGPASS", true}, /* the password was changed */
    {"MISCONF", false}, /* cannot write to disk, refuses writes, still answers reads */
    {"OOM", false}, /* maxmemory; what frees memory still works */
    {"BUSY", false}, /* a script runs too long; passes */
    {"NOSCRIPT", false}, /* was tried SCRIPT_TRIES_MAX times */
};
#define ERROR_ROWS (sizeof error_rows / sizeof *error_rows)

struct rconn {
	struct event_base *base;
	struct rconn_conf cf;
	struct redis_addr addr;
	rconn_state_fn *fn;
	void *arg;
	enum rconn_state state;
	struct redis_glue glue;
	redisAsyncContext *ac; /* NULL: not connected; hiredis owns it */
	struct event *timer; /* reconnect, or the limit of connect_ms */
	struct event *watch; /* looks at the oldest pending command */
	struct event *later; /* completes c->failed */
	struct pending_list pending, failed;
	size_t pending_count; /* of both lists */
	size_t preparing; /* answers still missing before UP */
	unsigned attempts; /* to connect, since it was last up for a while */
	uint64_t up_ms; /* since when it is */
	bool watch_armed, watch_overdue;
	char (*sha)[SHA_OCTETS + 1];
	uint64_t error_logged_ms[ERROR_ROWS + 1];
	void (*gone)(void *arg);
	void *gone_arg;
	char name[160]; /* for the log, without the password */
};

static void on_answer(redisAsyncContext *ac, void *reply, void *privdata);

const char *rconn_rc_name(enum rconn_rc rc)
{
	static const char *const names[] = {"ok", "error", "lost", "down", "full"};

	return (unsigned)rc < sizeof names / sizeof *names ? names[rc] : "?";
}

static void timer_set(struct event *ev, uint64_t ms)
{
	struct timeval tv = {
	    .tv_sec = (time_t)(ms / 1000u), .tv_usec = (suseconds_t)(ms % 1000u * 1000u)};

	event_add(ev, &tv);
}

/* --- encoding --- */

static size_t digits(size_t v)
{
	size_t n = 1;

	while (v >= 10) {
		v /= 10;
		n++;
	}
	return n;
}

static char *put_head(char *at, char kind, size_t v)
{
	size_t n = digits(v);

	*at++ = kind;
	for (size_t i = n; i > 0; i--, v /= 10)
		at[i - 1] = (char)('0' + v % 10);
	at += n;
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

static size_t arg_octets(struct sv s)
{
	return 1 + digits(s.n) + 2 + s.n + 2;
}

static char *put_arg(char *at, struct sv s)
{
	at = put_head(at, '$', s.n);
	if (s.n > 0)
		memcpy(at, s.p, s.n);
	at += s.n;
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

/* head[0..head_n) and argv[0..n) as one command. */
static struct pending *pending_new(const struct sv *head, size_t head_n, const struct sv *argv,
    size_t n)
{
	size_t octets = 1 + digits(head_n + n) + 2;
	struct pending *p;
	char *at;

	for (size_t i = 0; i < head_n; i++)
		octets += arg_octets(head[i]);
	for (size_t i = 0; i < n; i++)
		octets += arg_octets(argv[i]);
	p = xmalloc(sizeof *p + octets + 1);
	memset(p, 0, sizeof *p);
	p->script = NO_SCRIPT;
	p->n = octets;
	at = put_head(p->cmd, '*', head_n + n);
	for (size_t i = 0; i < head_n; i++)
		at = put_arg(at, head[i]);
	for (size_t i = 0; i < n; i++)
		at = put_arg(at, argv[i]);
	*at = '\0';
	assert((size_t)(at - p->cmd) == octets);
	return p;
}

/* --- failing, always in the next turn --- */

static void fail_later(struct rconn *c, struct pending *p, enum rconn_rc rc)
{
	p->failure = rc;
	STAILQ_INSERT_TAIL(&c->failed, p, next);
	if (!event_pending(c->later, EV_TIMEOUT, NULL))
		timer_set(c->later, 0);
}

static void free_now(struct rconn *c)
{
	void (*gone)(void *) = c->gone;
	void *gone_arg = c->gone_arg;

	event_free(c->timer);
	event_free(c->watch);
	event_free(c->later);
	redis_addr_clear(&c->addr);
	free(c->sha);
	free(c);
	if (gone != NULL)
		gone(gone_arg);
}

/* What the callers ask for while this runs waits for the turn after, or a caller that repeats at
 * once would keep us here for ever. */
static void on_later(evutil_socket_t fd, short what, void *arg)
{
	struct rconn *c = arg;
	struct pending_list now = STAILQ_HEAD_INITIALIZER(now);
	struct pending *p;

	(void)fd, (void)what;
	STAILQ_CONCAT(&now, &c->failed);
	while ((p = STAILQ_FIRST(&now)) != NULL) {
		STAILQ_REMOVE_HEAD(&now, next);
		c->pending_count--;
		if (p->kind == PENDING_CALLER)
			p->fn(p->failure, NULL, p->arg);
		free(p);
	}
	if (c->state == RCONN_CLOSING && STAILQ_EMPTY(&c->failed))
		free_now(c);
}

/* --- going down --- */

static void wait_and_retry(struct rconn *c)
{
	uint64_t ms = c->cf.reconnect_min_ms;

	for (unsigned i = 0; i < c->attempts && ms < c->cf.reconnect_max_ms; i++)
		ms *= 2;
	if (ms > c->cf.reconnect_max_ms)
		ms = c->cf.reconnect_max_ms;
	ms = ms / 2 + random_u64() % (ms / 2 + 1); /* many bridges must not come back in step */
	c->attempts++;
	c->state = RCONN_WAITING;
	timer_set(c->timer, ms);
	LOG(NULL, LOG_DEBUG, "redis waits", "server=%s ms=%llu attempt=%u", c->name,
	    (unsigned long long)ms, c->attempts);
}

/* The connection is over, c->ac already forgotten or to be freed here. */
static void go_down(struct rconn *c, const char *reason)
{
	bool was_up = c->state == RCONN_UP;
	redisAsyncContext *ac = c->ac;
	struct pending *p;

	if (c->state == RCONN_WAITING)
		return;
	/* One that lets us in and sends us away again (READONLY) is asked slower and slower, too. */
	if (was_up && clock_mono_ms() - c->up_ms >= c->cf.reconnect_max_ms)
		c->attempts = 0;
	c->ac = NULL;
	c->preparing = 0;
	if (c->watch_armed)
		event_del(c->watch);
	c->watch_armed = c->watch_overdue = false;
	while ((p = STAILQ_FIRST(&c->pending)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->pending, next);
		fail_later(c, p, RCONN_LOST);
	}
	/* At the first start a server of our own is not there yet. */
	if (was_up || (c->up_ms == 0 && c->attempts == START_ATTEMPTS))
		LOG(NULL, LOG_WARN, "redis away", "server=%s reason=\"%s\"", c->name, reason);
	else
		LOG(NULL, LOG_DEBUG, "redis still away", "server=%s reason=\"%s\"", c->name, reason);
	if (c->state != RCONN_CLOSING)
		wait_and_retry(c);
	if (ac != NULL) {
		ac->data = NULL; /* its callbacks are not for us any more */
		redisAsyncFree(ac);
	}
	if (was_up)
		c->fn(false, reason, c->arg);
}

/* --- sending --- */

static void send_pending(struct rconn *c, struct pending *p)
{
	p->sent_ms = clock_mono_ms();
	if (redisAsyncFormattedCommand(c->ac, on_answer, p, p->cmd, p->n) != REDIS_OK) {
		fail_later(c, p, RCONN_DOWN);
		return;
	}
	STAILQ_INSERT_TAIL(&c->pending, p, next);
	if (!c->watch_armed) {
		c->watch_armed = true;
		timer_set(c->watch, c->cf.command_ms);
	}
}

/* One timer for all: it looks at the oldest command and is set again for the rest of its time.
 * When this process itself stood still, answers may lie in the socket unread; so the oldest one
 * gets a little more before the connection is given up. */
static void on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct rconn *c = arg;
	const struct pending *oldest = STAILQ_FIRST(&c->pending);
	uint64_t now = clock_mono_ms(), due;

	(void)fd, (void)what;
	c->watch_armed = false;
	if (oldest == NULL) {
		c->watch_overdue = false;
		return;
	}
	due = oldest->sent_ms + c->cf.command_ms;
	if (now >= due && c->watch_overdue) {
		go_down(c, "no answer in time");
		return;
	}
	c->watch_overdue = now >= due;
	c->watch_armed = true;
	timer_set(c->watch, now >= due ? c->cf.command_ms / 10 + 1 : due - now);
}

static void submit(struct rconn *c, struct pending *p, rconn_fn *fn, void *arg)
{
	p->fn = fn;
	p->arg = arg;
	c->pending_count++;
	if (c->state != RCONN_UP)
		fail_later(c, p, RCONN_DOWN);
	else if (c->pending_count > c->cf.max_pending)
		fail_later(c, p, RCONN_FULL);
	else
		send_pending(c, p);
}

void rconn_command(struct rconn *c, const struct sv *argv, size_t n, rconn_fn *fn, void *arg)
{
	submit(c, pending_new(argv, n, NULL, 0), fn, arg);
}

void rconn_command_soon(struct rconn *c, const struct sv *argv, size_t n, rconn_fn *fn, void *arg)
{
	c->glue.can_wait = true;
	rconn_command(c, argv, n, fn, arg);
	c->glue.can_wait = false;
}

void rconn_script(struct rconn *c, size_t script, size_t key_count, const struct sv *argv, size_t n,
    rconn_fn *fn, void *arg)
{
	char keys[24];
	struct sv head[3] = {SV("EVALSHA"), {c->sha[script], SHA_OCTETS}, {keys, 0}};
	struct pending *p;

	assert(script < c->cf.script_count && key_count <= n && n < 1000);
	head[2].n = (size_t)snprintf(keys, sizeof keys, "%zu", key_count);
	p = pending_new(head, 3, argv, n);
	p->script = (int)script;
	submit(c, p, fn, arg);
}

static void send_script_load(struct rconn *c, size_t script, enum pending_kind kind)
{
	struct sv argv[3] = {SV("SCRIPT"), SV("LOAD"), sv_from(c->cf.scripts[script].text)};
	struct pending *p = pending_new(argv, 3, NULL, 0);

	p->kind = kind;
	p->script = (int)script;
	c->pending_count++;
	send_pending(c, p);
}

/* --- answers --- */

static void log_error(struct rconn *c, size_t row, const struct rval *v)
{
	uint64_t now = clock_mono_ms();

	if (c->error_logged_ms[row] != 0 && now - c->error_logged_ms[row] < ERROR_LOG_MS)
		return;
	c->error_logged_ms[row] = now;
	LOG(NULL, LOG_ERR, "redis error", "server=%s answer=\"" SV_FMT "\"", c->name,
	    (int)(v->str.n < 200 ? v->str.n : 200), v->str.p);
}

static size_t error_row(const struct rval *v)
{
	size_t i;

	for (i = 0; i < ERROR_ROWS; i++) {
		struct sv w = sv_from(error_rows[i].word);

		if (v->str.n >= w.n && memcmp(v->str.p, w.p, w.n) == 0 &&
		    (v->str.n == w.n || v->str.p[w.n] == ' '))
			break;
	}
	return i;
}

static bool is_error(const struct rval *v, const char *word)
{
	size_t row;

	if (v->type != RVAL_ERROR)
		return false;
	row = error_row(v);
	return row < ERROR_ROWS && strcmp(error_rows[row].word, word) == 0;
}

/* AUTH, SELECT or SCRIPT LOAD of the beginning. */
static void prepared(struct rconn *c, const struct pending *p, const struct rval *v)
{
	if (v->type == RVAL_ERROR) {
		char reason[160];

		snprintf(reason, sizeof reason, SV_FMT, (int)(v->str.n < 150 ? v->str.n : 150),
		    v->str.p);
		if (!is_error(v, "LOADING"))
			log_error(c, error_row(v), v);
		go_down(c, reason);
		return;
	}
	if (p->script != NO_SCRIPT) {
		if (v->type != RVAL_STR || v->str.n != SHA_OCTETS) {
			go_down(c, "odd answer to SCRIPT LOAD");
			return;
		}
		memcpy(c->sha[p->script], v->str.p, SHA_OCTETS);
	}
	if (--c->preparing > 0)
		return;
	c->state = RCONN_UP;
	c->up_ms = clock_mono_ms();
	event_del(c->timer);
	LOG(NULL, LOG_INFO, "redis up", "server=%s", c->name);
	c->fn(true, "connected", c->arg);
}

static void answered(struct rconn *c, struct pending *p, const struct rval *v)
{
	size_t row;

	if (v->type != RVAL_ERROR) {
		c->pending_count--;
		p->fn(RCONN_OK, v, p->arg);
		free(p);
		return;
	}
	if (p->script != NO_SCRIPT && ++p->tries < SCRIPT_TRIES_MAX && is_error(v, "NOSCRIPT")) {
		LOG(NULL, LOG_WARN, "redis forgot a script", "server=%s script=%s", c->name,
		    c->cf.scripts[p->script].name);
		send_script_load(c, (size_t)p->script, PENDING_RELOAD);
		send_pending(c, p);
		return;
	}
	row = error_row(v);
	log_error(c, row, v);
	c->pending_count--;
	p->fn(RCONN_ERROR, v, p->arg);
	free(p);
	if (row < ERROR_ROWS && error_rows[row].leave && c->ac != NULL)
		go_down(c, error_rows[row].word);
}

/* --- doors of hiredis, in the order of a connection's life --- */

static void on_connect(const redisAsyncContext *ac, int status)
{
	struct rconn *c = ac->data;

	if (c == NULL)
		return;
	if (status != REDIS_OK) {
		c->ac = NULL; /* hiredis frees it after this */
		go_down(c, ac->errstr != NULL && *ac->errstr != '\0' ? ac->errstr : "cannot connect");
		return;
	}
	c->glue.is_connected = true;
	c->state = RCONN_PREPARING;
	if (c->addr.password != NULL) {
		struct sv argv[3] = {SV("AUTH"), sv_from(c->addr.user), sv_from(c->addr.password)};
		struct pending *p;

		if (c->addr.user == NULL)
			argv[1] = argv[2];
		p = pending_new(argv, c->addr.user != NULL ? 3 : 2, NULL, 0);
		p->kind = PENDING_PREPARE;
		c->pending_count++;
		c->preparing++;
		send_pending(c, p);
	}
	/* SELECT also when it is 0, so that there is always an answer to wait for. */
	{
		char db[16];
		struct sv argv[2] = {SV("SELECT"), {db, 0}};
		struct pending *p;

		argv[1].n = (size_t)snprintf(db, sizeof db, "%d", c->addr.db);
		p = pending_new(argv, 2, NULL, 0);
		p->kind = PENDING_PREPARE;
		c->pending_count++;
		c->preparing++;
		send_pending(c, p);
	}
	for (size_t i = 0; i < c->cf.script_count; i++) {
		c->preparing++;
		send_script_load(c, i, PENDING_PREPARE);
	}
}

static void on_answer(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct rconn *c = ac->data;
	struct pending *p = privdata;

	if (c == NULL || c->ac != ac || reply == NULL)
		return; /* lost, see the head of this file */
	assert(p == STAILQ_FIRST(&c->pending));
	STAILQ_REMOVE_HEAD(&c->pending, next);
	c->watch_overdue = false;
	if (p->kind == PENDING_CALLER) {
		answered(c, p, reply);
		return;
	}
	c->pending_count--;
	if (p->kind == PENDING_PREPARE)
		prepared(c, p, reply);
	free(p);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
	struct rconn *c = ac->data;

	(void)status;
	if (c == NULL)
		return;
	c->ac = NULL; /* hiredis frees it after this */
	go_down(c, ac->errstr != NULL && *ac->errstr != '\0' ? ac->errstr : "connection closed");
}

/* --- connecting --- */

static void start(struct rconn *c)
{
	redisAsyncContext *ac = c->addr.path != NULL ? redisAsyncConnectUnix(c->addr.path)
						     : redisAsyncConnect(c->addr.host, c->addr.port);

	c->state = RCONN_CONNECTING;
	if (ac == NULL || ac->err != 0) {
		char reason[160];

		snprintf(reason, sizeof reason, "%s", ac != NULL ? ac->errstr : "no memory");
		if (ac != NULL)
			redisAsyncFree(ac);
		go_down(c, reason);
		return;
	}
	/* hiredis 0.14 does not, and our children must not hold the connection. */
	(void)fcntl(ac->c.fd, F_SETFD, FD_CLOEXEC);
	ac->data = c;
	c->ac = ac;
	redis_glue_attach(&c->glue, c->base, ac);
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
	timer_set(c->timer, c->cf.connect_ms);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct rconn *c = arg;

	(void)fd, (void)what;
	switch (c->state) {
	case RCONN_WAITING:
		start(c);
		break;
	case RCONN_CONNECTING:
	case RCONN_PREPARING:
		go_down(c, "connecting took too long");
		break;
	case RCONN_UP:
	case RCONN_CLOSING:
		break;
	}
}

struct rconn *rconn_new(struct event_base *base, const struct rconn_conf *cf, rconn_state_fn *fn,
    void *arg, char *err, size_t err_cap)
{
	struct redis_addr addr;
	struct rconn *c;

	if (!redis_addr_parse(&addr, cf->address, err, err_cap)) {
		redis_addr_clear(&addr);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->base = base;
	c->cf = *cf;
	c->cf.address = NULL;
	c->addr = addr;
	c->fn = fn;
	c->arg = arg;
	if (addr.path != NULL)
		snprintf(c->name, sizeof c->name, "unix:%s", addr.path);
	else
		snprintf(c->name, sizeof c->name, "%s:%d/%d", addr.host, addr.port, addr.db);
	STAILQ_INIT(&c->pending);
	STAILQ_INIT(&c->failed);
	c->sha = xcalloc(cf->script_count + 1, sizeof *c->sha);
	c->timer = evtimer_new(base, on_timer, c);
	c->watch = evtimer_new(base, on_watch, c);
	c->later = evtimer_new(base, on_later, c);
	if (c->timer == NULL || c->watch == NULL || c->later == NULL)
		abort();
	c->state = RCONN_WAITING;
	timer_set(c->timer, 0); /* from the loop, so that the state function is never called in here */
	return c;
}

bool rconn_is_up(const struct rconn *c)
{
	return c->state == RCONN_UP;
}

size_t rconn_pending(const struct rconn *c)
{
	return c->pending_count;
}

static void ignore_state(bool up, const char *reason, void *arg)
{
	(void)up, (void)reason, (void)arg;
}

void rconn_free(struct rconn *c, void (*gone)(void *arg), void *arg)
{
	redisAsyncContext *ac = c->ac;
	struct pending *p;

	c->fn = ignore_state;
	c->gone = gone;
	c->gone_arg = arg;
	c->state = RCONN_CLOSING;
	c->ac = NULL;
	event_del(c->timer);
	event_del(c->watch);
	while ((p = STAILQ_FIRST(&c->pending)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->pending, next);
		fail_later(c, p, RCONN_LOST);
	}
	if (ac != NULL) {
		ac->data = NULL;
		redisAsyncFree(ac);
	}
	timer_set(c->later, 0);
}
