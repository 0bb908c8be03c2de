/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.c - which links may carry a message, and which of their binds takes it. Each route has lanes of
 * its own, so that a message whose links are away holds up none that has another way. A message is given
 * to a bind only when the bind has room: what waits moves by itself when a link dies. */
#include "app/routes.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "app/bind.h"

struct app_route {
	const struct opt_route *opt; /* NULL: the last one, for what no route names */
	struct lanes *lanes;
	uint64_t links, backup; /* bit a link of the options */
	bool waits[MSG_CLASSES]; /* the store holds messages that the lane had no room for */
};

static uint64_t links_named(const struct app *a, const struct conf_list *names)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < a->opt->links.n; i++)
		for (size_t k = 0; k < names->n; k++)
			if (strcmp(((const struct opt_link *)a->opt->links.v[i])->name, names->v[k]) ==
			    0)
				mask |= UINT64_C(1) << i;
	return mask;
}

static struct lanes *new_lanes(const struct app *a)
{
	struct lanes_conf cf = {0};
	size_t window = SIZE_MAX;

	for (unsigned c = 0; c < MSG_CLASSES; c++)
		cf.max[c] = (size_t)a->opt->limits->queue;
	for (size_t i = 0; i < a->opt->links.n; i++) {
		size_t w = (size_t)((const struct opt_link *)a->opt->links.v[i])->window;

		window = w < window ? w : window;
	}
	/* An eighth of the smallest window belongs to one-time codes; a window of 1 cannot be shared. */
	cf.otp_slots = window == SIZE_MAX ? 0 : window >= 8 ? window / 8 : window > 1;
	return lanes_new(&cf);
}

void routes_start(struct app *a)
{
	size_t n = a->opt->routes.n;

	a->route_count = n + 1;
	a->routes = xcalloc(n + 1, sizeof(*a->routes));
	for (size_t i = 0; i <= n; i++) {
		struct app_route *r = &a->routes[i];

		r->opt = i < n ? a->opt->routes.v[i] : NULL;
		r->links = r->opt ? links_named(a, &r->opt->links) : UINT64_MAX;
		r->backup = r->opt ? links_named(a, &r->opt->backup) : 0;
		r->lanes = new_lanes(a);
	}
}

void routes_free(struct app *a)
{
	for (size_t i = 0; i < a->route_count; i++)
		lanes_free(a->routes[i].lanes);
	free(a->routes);
	a->routes = NULL;
	a->route_count = 0;
}

struct lanes *routes_lanes(const struct app *a, unsigned route)
{
	return a->routes[route].lanes;
}

bool routes_waits(const struct app *a, unsigned route, enum msg_class c)
{
	return a->routes[route].waits[c];
}

void routes_set_waits(struct app *a, unsigned route, enum msg_class c)
{
	a->routes[route].waits[c] = true;
}

void routes_clear_waits(struct app *a, enum msg_class c)
{
	for (size_t i = 0; i < a->route_count; i++)
		a->routes[i].waits[c] = false;
}

bool routes_full(const struct app *a, enum msg_class c)
{
	for (size_t i = 0; i < a->route_count; i++)
		if (!a->routes[i].waits[c])
			return false;
	return true;
}

bool routes_want(const struct app *a, enum msg_class c)
{
	for (size_t i = 0; i < a->route_count; i++)
		if (a->routes[i].waits[c] &&
		    lanes_depth(a->routes[i].lanes, c) * 2 < (size_t)a->opt->limits->queue)
			return true;
	return false;
}

size_t routes_depth(const struct app *a, enum msg_class c)
{
	size_t n = 0;

	for (size_t i = 0; i < a->route_count; i++)
		n += lanes_depth(a->routes[i].lanes, c);
	return n;
}

/* ---- which route ---- */

static bool has(const struct conf_list *l, struct sv s)
{
	for (size_t i = 0; i < l->n; i++)
		if (sv_is(s, l->v[i]))
			return true;
	return l->n == 0;
}

static bool begins(const struct conf_list *l, struct sv s)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t n = strlen(l->v[i]);

		if (s.n >= n && memcmp(s.p, l->v[i], n) == 0)
			return true;
	}
	return l->n == 0;
}

unsigned routes_of(const struct app *a, const struct out_record *r)
{
	unsigned i = 0;

	for (; i + 1 < a->route_count; i++) {
		const struct opt_route *o = a->routes[i].opt;

		if (begins(&o->prefix, r->msisdn) && has(&o->header, r->address) &&
		    (o->class.n == 0 || has(&o->class, sv_from(msg_class_name(r->class)))))
			break;
	}
	return i;
}

/* ---- which bind ---- */

static size_t room(const struct app_link *al)
{
	return al->partial ? 0 : bind_room(al);
}

static struct app_link *most_room(const struct app *a, uint64_t links, struct sv name)
{
	struct app_link *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < a->link_count; i++) {
		struct app_link *al = &a->links[i];
		size_t n;

		if (!(links >> al->opt_index & 1) || (name.n > 0 && !sv_is(name, al->opt->name)))
			continue;
		n = room(al);
		if (n > most) {
			most = n;
			best = al;
		}
	}
	return best;
}

/* One of them is bound and was not asked to slow down: then there will be room. */
static bool is_usable(const struct app *a, uint64_t links)
{
	for (size_t i = 0; i < a->link_count; i++) {
		const struct app_link *al = &a->links[i];

		if ((links >> al->opt_index & 1) && bind_state(al) == SMPP_LINK_BOUND &&
		    bind_sends(al) && !bind_is_held(al))
			return true;
	}
	return false;
}

struct app_link *routes_link(const struct app *a, unsigned route)
{
	const struct app_route *r = &a->routes[route];
	struct app_link *al = most_room(a, r->links, SV(""));

	if (!al && r->backup && !is_usable(a, r->links))
		al = most_room(a, r->backup, SV(""));
	return al;
}

struct app_link *routes_own_link(const struct app *a, unsigned route, struct sv name,
    struct app_link *other)
{
	struct app_link *al = name.n > 0 ? most_room(a, a->routes[route].links, name) : NULL;

	return al ? al : other;
}

void routes_want_room(struct app *a, unsigned route)
{
	const struct app_route *r = &a->routes[route];

	for (size_t i = 0; i < a->link_count; i++)
		if (((r->links | r->backup) >> a->links[i].opt_index & 1) && room(&a->links[i]) == 0)
			bind_want_room(&a->links[i]);
}
