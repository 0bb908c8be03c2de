/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_glue.c - see redis_glue.h. What happens with the events and answers is in redis_conn.c. */
#include "net/redis_glue.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)RVAL_STR == REDIS_REPLY_STRING && (int)RVAL_LIST == REDIS_REPLY_ARRAY &&
		  (int)RVAL_INT == REDIS_REPLY_INTEGER && (int)RVAL_NIL == REDIS_REPLY_NIL &&
		  (int)RVAL_STATUS == REDIS_REPLY_STATUS && (int)RVAL_ERROR == REDIS_REPLY_ERROR,
    "rval types are those of hiredis");
static_assert(offsetof(struct rval, type) == offsetof(redisReply, type) &&
		  offsetof(struct rval, hiredis_text) == offsetof(redisReply, str),
    "hiredis reads them");

/* --- answers: one block each, the text behind the struct --- */

static void *rval_put(const redisReadTask *task, struct rval *v)
{
	if (task->parent != NULL) {
		struct rval *p = task->parent->obj;

		assert(task->idx >= 0 && (size_t)task->idx < p->count);
		p->item[task->idx] = v;
	}
	return v;
}

static void set_text(struct rval *v, const char *p, size_t n)
{
	v->str = (struct sv){p, n};
	v->hiredis_text = p;
	v->hiredis_octets = n;
}

/* hiredis aborts on an answer that nobody asked for, unless it is an error: then it hangs up. */
static struct rval *rval_new(const redisReadTask *task, int type, size_t extra)
{
	const struct redis_glue *g = task->privdata;
	struct rval *v = xmalloc(sizeof *v + extra);

	memset(v, 0, sizeof *v);
	v->type = type;
	if (task->parent == NULL && g->ac->replies.head == NULL) {
		v->type = RVAL_ERROR;
		set_text(v, "an answer that nobody asked for", 31);
	}
	return v;
}

static void *make_string(const redisReadTask *task, char *p, size_t n)
{
	struct rval *v = rval_new(task, task->type, n + 1);
	char *text = (char *)(v + 1);

	memcpy(text, p, n);
	text[n] = '\0';
	set_text(v, text, n);
	return rval_put(task, v);
}

static void *make_list(const redisReadTask *task, int n)
{
	size_t count = n > 0 ? (size_t)n : 0;
	struct rval *v = rval_new(task, RVAL_LIST, count * sizeof *v->item);

	v->item = (struct rval **)(v + 1);
	v->count = count;
	for (size_t i = 0; i < count; i++)
		v->item[i] = NULL;
	return rval_put(task, v);
}

static void *make_integer(const redisReadTask *task, long long n)
{
	struct rval *v = rval_new(task, RVAL_INT, 0);

	v->integer = n;
	return rval_put(task, v);
}

static void *make_nil(const redisReadTask *task)
{
	/* the task says what else it could have been */
	return rval_put(task, rval_new(task, RVAL_NIL, 0));
}

static void free_rval(void *arg)
{
	struct rval *v = arg;

	if (v == NULL)
		return;
	for (size_t i = 0; i < v->count; i++)
		free_rval(v->item[i]);
	free(v);
}

static redisReplyObjectFunctions answer_functions = {
    make_string,
    make_list,
    make_integer,
    make_nil,
    free_rval,
};

/* --- events --- */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct redis_glue *g = arg;

	(void)fd, (void)what;
	redisAsyncHandleRead(g->ac);
}

/* The socket is writable, or the turn ends with something to write. The context may be gone
 * after the call; g is not. */
static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct redis_glue *g = arg;

	(void)fd, (void)what;
	g->is_writing = true;
	redisAsyncHandleWrite(g->ac);
	g->is_writing = false;
}

static void add_read(void *arg)
{
	struct redis_glue *g = arg;

	if (g->rev != NULL && !event_pending(g->rev, EV_READ, NULL))
		event_add(g->rev, NULL);
}

static void del_read(void *arg)
{
	struct redis_glue *g = arg;

	if (g->rev != NULL)
		event_del(g->rev);
}

/* From inside a write: the kernel took a part only, so wait for it. Else write when this turn's
 * other events are through, so that their commands go along; or with the next turn's, when it can wait. */
static void add_write(void *arg)
{
	static const struct timeval longest = {.tv_usec = 1000};
	struct redis_glue *g = arg;

	if (g->wev == NULL)
		return;
	if (g->is_writing || !g->is_connected)
		event_add(g->wev, NULL);
	else if (g->can_wait) {
		if (!event_pending(g->flush, EV_TIMEOUT, NULL))
			event_add(g->flush, &longest);
	} else
		event_active(g->flush, EV_WRITE, 1);
}

static void del_write(void *arg)
{
	struct redis_glue *g = arg;

	if (g->wev != NULL && event_pending(g->wev, EV_WRITE, NULL))
		event_del(g->wev);
}

static void cleanup(void *arg)
{
	struct redis_glue *g = arg;
	struct event **all[] = {&g->rev, &g->wev, &g->flush};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (*all[i] != NULL)
			event_free(*all[i]);
		*all[i] = NULL;
	}
}

void redis_glue_attach(struct redis_glue *g, struct event_base *base, redisAsyncContext *ac)
{
	assert(g->rev == NULL);
	*g = (struct redis_glue){.base = base, .ac = ac};
	g->rev = event_new(base, ac->c.fd, EV_READ | EV_PERSIST, on_readable, g);
	g->wev = event_new(base, ac->c.fd, EV_WRITE | EV_PERSIST, on_writable, g);
	g->flush = event_new(base, -1, 0, on_writable, g);
	if (g->rev == NULL || g->wev == NULL || g->flush == NULL)
		abort();
	ac->ev.data = g;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	ac->c.reader->fn = &answer_functions;
	ac->c.reader->privdata = g;
}
