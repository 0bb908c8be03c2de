/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_fence.c - before the store is up again, what is left of our earlier connections is ended.
 *
 * What one of them had sent may stand in a slow network, or with a server that stood still, and be done after the
 * new connection has looked at what there is: a text that was refused would be in the inbox all the same. The
 * server knows our connections by their name; those that it has ended do nothing any more. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_redis_int.h"

static void tell(struct store_redis *r, bool up, const char *reason)
{
	if (r->is_up == up)
		return;
	r->is_up = up;
	r->fn(up, reason, r->arg);
}

/* A server that refuses this is used as it is; the connection has logged why. */
static void on_fenced(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct store_redis *r = arg;

	(void)rc, (void)v;
	if (--r->fencing == 0 && rconn_is_up(r->c))
		tell(r, true, "connected");
}

static void end(struct store_redis *r, uint64_t id)
{
	char number[24];

	/* It spares the connection that asks. */
	r->fencing++;
	rconn_command(r->c, (struct sv[]){SV("CLIENT"), SV("KILL"), SV("ID"), decimal(id, number)}, 4,
	    on_fenced, r);
}

/* Lines of "id=3 addr=/run/redis.sock:0 … name=dakiyad-0123456789abcdef …". */
static void on_list(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct store_redis *r = arg;
	const char *text = rc == RCONN_OK && v->type == RVAL_STR ? v->str.p : "";

	for (const char *at = strstr(text, r->name); at != NULL; at = strstr(at + 1, r->name)) {
		const char *line = at;

		while (line > text && line[-1] != '\n')
			line--;
		if (strncmp(line, "id=", 3) == 0)
			end(r, strtoull(line + 3, NULL, 10));
	}
	on_fenced(rc, v, r);
}

static void on_named(enum rconn_rc rc, const struct rval *v, void *arg)
{
	(void)rc, (void)v, (void)arg;
}

void store_redis_on_state(bool up, const char *reason, void *arg)
{
	struct store_redis *r = arg;
	struct sv name = sv_from(r->name);

	if (!up) {
		tell(r, false, reason);
		return;
	}
	rconn_command(r->c, (struct sv[]){SV("CLIENT"), SV("SETNAME"), name}, 3, on_named, NULL);
	if (!r->was_up) {
		r->was_up = true;
		tell(r, true, reason);
		return;
	}
	r->fencing++;
	rconn_command(r->c, (struct sv[]){SV("CLIENT"), SV("LIST"), SV("TYPE"), SV("normal")}, 4,
	    on_list, r);
}

void store_redis_fence_init(struct store_redis *r, store_state_fn *fn, void *arg)
{
	r->fn = fn;
	r->arg = arg;
	snprintf(r->name, sizeof r->name, "dakiyad-%016" PRIx64, random_u64());
}
