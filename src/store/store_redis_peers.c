/* SPDX-License-Identifier: BSD-2-Clause */
/* store_redis_peers.c - processes that share one Redis: who lives, who inherits from whom. */
#include <stdlib.h>

#include "store/store_redis_int.h"

/* owner, inherited, how many live, those, owner, heir, owner, heir … */
static bool read_peers(const struct rval *v, const char **text, struct store_peers *p)
{
	size_t live;

	if (v->type != RVAL_LIST || v->count < 3 || v->item[1]->type != RVAL_INT ||
	    v->item[2]->type != RVAL_INT || v->item[2]->integer < 1)
		return false;
	live = (size_t)v->item[2]->integer;
	if (live > v->count - 3 || (v->count - 3 - live) % 2 != 0)
		return false;
	for (size_t i = 3; i < v->count; i++) {
		if (v->item[i]->type != RVAL_STR)
			return false;
		text[i - 3] = v->item[i]->str.p;
	}
	p->owner = v->item[0]->str.p;
	p->inherited = (size_t)v->item[1]->integer;
	p->live = text;
	p->live_count = live;
	p->heir = text + live;
	p->heir_count = (v->count - 3 - live) / 2;
	return p->owner != NULL;
}

static void on_beat(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct redis_call *call = arg;
	struct store_peers p = {.owner = ""};
	enum store_rc said = STORE_AWAY;
	const char **text = NULL;

	if (rc == RCONN_OK && v->type == RVAL_INT && v->integer == 0) {
		said = STORE_NONE;
	} else if (rc == RCONN_OK) {
		text = xcalloc(v->count + 1, sizeof *text);
		if (read_peers(v, text, &p)) {
			said = STORE_OK;
		} else {
			redis_odd_answer("beat", v);
			p = (struct store_peers){.owner = ""};
		}
	}
	call->peers(said, &p, call->arg);
	free(text);
	free(call);
}

void store_redis_beat(struct store *s, const char *owner, const char *instance, uint64_t dead_ms,
    store_peers_fn *fn, void *arg)
{
	struct redis_call *call = redis_call_new(arg);
	struct sv v[7] = {SV("dky:{peers}:beat"), SV("dky:{peers}:heir"), SV("dky:{peers}:gen"),
	    SV("dky:{peers}:look")};
	char number[24];

	call->peers = fn;
	v[4] = sv_from(owner);
	v[5] = sv_from(instance);
	v[6] = decimal(dead_ms, number);
	rconn_script(((struct store_redis *)s)->c, SCRIPT_BEAT, 4, v, 7, on_beat, call);
}
