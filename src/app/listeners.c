/* SPDX-License-Identifier: BSD-2-Clause */
/* listeners.c - see listeners.h. */
#include "app/listeners.h"

#include <stdlib.h>

#define HEADER_MAX 16384u /* a GET may carry a long text in its query */
#define BODY_MAX 65536u

struct listener {
	char *listen;
	struct http_in *in;
	struct listener *next;
};

struct http_in *listener_get(struct app *a, const char *listen, uint64_t deadline_ms, const char *who,
    struct buf *err)
{
	struct http_in_conf cf = {.listen = listen,
	    .max_header = HEADER_MAX,
	    .max_body = BODY_MAX,
	    .max_open = (size_t)a->opt->limits->turns + 100,
	    .deadline_ms = deadline_ms};
	struct listener *l = a->listeners;
	char why[256] = "";

	while (l && strcmp(l->listen, listen) != 0)
		l = l->next;
	if (l)
		return l->in;
	l = xcalloc(1, sizeof(*l));
	l->in = http_in_new(a->base, &cf, why, sizeof(why));
	if (!l->in) {
		buf_addf(err, "%s: cannot listen on %s\n", who, why);
		free(l);
		return NULL;
	}
	l->listen = xstrdup(listen);
	l->next = a->listeners;
	a->listeners = l;
	return l->in;
}

void listeners_pause(struct app *a)
{
	for (struct listener *l = a->listeners; l; l = l->next)
		http_in_pause(l->in);
}

void listeners_free(struct app *a)
{
	while (a->listeners) {
		struct listener *l = a->listeners;

		a->listeners = l->next;
		http_in_free(l->in);
		free(l->listen);
		free(l);
	}
}
