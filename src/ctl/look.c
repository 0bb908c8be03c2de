/* SPDX-License-Identifier: BSD-2-Clause */
/* look.c - see look.h. */
#include "ctl/look.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/ctl.h"

#define CONF_MAX (1u << 20)
#define CONNECT_MS 3000u
#define COMMAND_MS 10000u

static bool read_conf(struct look *l, const char *conf)
{
	struct buf text, err;
	bool ok = ctl_read(conf, CONF_MAX, &text);

	if (ok) {
		buf_init(&err, CONF_MAX);
		ok = options_read(conf, buf_sv(&text), &l->o, &err);
		fputs(buf_str(&err), stderr);
		if (!ok)
			options_clear(&l->o);
		buf_clear(&err);
	}
	buf_clear(&text);
	return ok;
}

static void on_state(bool up, const char *reason, void *arg)
{
	struct look *l = arg;

	l->is_up = up;
	if (!up)
		snprintf(l->why, sizeof(l->why), "%s", reason);
}

bool look_open(struct look *l, const char *conf)
{
	struct rconn_conf cf = {.connect_ms = CONNECT_MS,
	    .command_ms = COMMAND_MS,
	    .reconnect_min_ms = 100,
	    .reconnect_max_ms = 500,
	    .max_pending = 16};
	bool is_embedded;
	char *own;
	uint64_t end = clock_mono_ms() + CONNECT_MS;

	memset(l, 0, sizeof(*l));
	log_init(LOG_ERR, LOG_LOGFMT);
	if (!read_conf(l, conf))
		return false;
	is_embedded = strcmp(l->o.redis, "embedded") == 0;
	own = xasprintf("unix:%s/redis.sock", l->o.state_dir);
	cf.address = is_embedded ? own : l->o.redis;
	signal(SIGPIPE, SIG_IGN);
	l->base = event_base_new();
	snprintf(l->why, sizeof(l->why), "no answer");
	l->redis = rconn_new(l->base, &cf, on_state, l, l->why, sizeof(l->why));
	while (l->redis && !l->is_up && clock_mono_ms() < end) {
		event_base_loopexit(l->base, &(struct timeval){0, 20000});
		event_base_loop(l->base, EVLOOP_ONCE);
	}
	if (!l->is_up)
		fprintf(stderr, "dakiyactl: redis %s: %s%s\n",
		    is_embedded ? own : "of the configuration", l->why,
		    is_embedded ? " (it runs while dakiyad does)" : "");
	free(own);
	if (!l->is_up)
		look_close(l);
	return l->is_up;
}

static void on_gone(void *arg)
{
	*(bool *)arg = true;
}

void look_close(struct look *l)
{
	bool is_gone = !l->redis;

	if (l->redis)
		rconn_free(l->redis, on_gone, &is_gone);
	while (!is_gone)
		event_base_loop(l->base, EVLOOP_ONCE);
	event_base_free(l->base);
	options_clear(&l->o);
}

struct question {
	struct look *l;
	look_fn *fn;
	void *arg;
	bool is_over;
};

static void on_answer(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct question *q = arg;

	q->is_over = true;
	if (rc == RCONN_OK) {
		q->fn(v, q->arg);
		return;
	}
	if (!q->l->failed)
		fprintf(stderr, "dakiyactl: redis: %s\n", rconn_rc_name(rc));
	q->l->failed = true;
}

void look_ask(struct look *l, const struct sv *argv, size_t n, look_fn *fn, void *arg)
{
	struct question q = {l, fn, arg, false};

	if (l->failed)
		return;
	rconn_command(l->redis, argv, n, on_answer, &q);
	while (!q.is_over)
		event_base_loop(l->base, EVLOOP_ONCE);
}

struct scan {
	look_fn *fn;
	void *arg;
	char cursor[24];
};

static void on_page(const struct rval *v, void *arg)
{
	struct scan *s = arg;

	if (v->type != RVAL_LIST || v->count != 2 || v->item[0]->str.n >= sizeof(s->cursor)) {
		s->cursor[0] = '0', s->cursor[1] = '\0';
		return;
	}
	snprintf(s->cursor, sizeof(s->cursor), "%.*s", (int)v->item[0]->str.n, v->item[0]->str.p);
	s->fn(v->item[1], s->arg);
}

void look_scan(struct look *l, struct sv *argv, size_t n, size_t at, look_fn *fn, void *arg)
{
	struct scan s = {fn, arg, "0"};

	do {
		argv[at] = sv_from(s.cursor);
		look_ask(l, argv, n, on_page, &s);
	} while (!l->failed && strcmp(s.cursor, "0") != 0);
}
