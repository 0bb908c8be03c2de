/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.h - the routes of the options, as sender.c uses them; see routes.c. */
#ifndef DK_ROUTES_H
#define DK_ROUTES_H

#include "engine/lanes.h"
#include "engine/record.h"

struct app;
struct app_link;

void routes_start(struct app *a);
void routes_free(struct app *a);
unsigned routes_of(const struct app *a,
    const struct out_record *r); /* the first that fits, or the last */
struct lanes *routes_lanes(const struct app *a, unsigned route);
/* The store holds messages of a class that the route's lane had no room for. */
bool routes_waits(const struct app *a, unsigned route, enum msg_class c);
void routes_set_waits(struct app *a, unsigned route, enum msg_class c);
void routes_clear_waits(struct app *a, enum msg_class c);
bool routes_full(const struct app *a,
    enum msg_class c); /* no route has room: reading on is for nothing */
bool routes_want(const struct app *a, enum msg_class c); /* one that waits is half empty again */
size_t routes_depth(const struct app *a, enum msg_class c); /* of all lanes */
/* The bind with most room of the route's links, or of its backup when they are dead or throttled. NULL: none has room. */
struct app_link *routes_link(const struct app *a, unsigned route);
/* The bind with most room of the link that the person wrote by, if the route has it; else other. */
struct app_link *routes_own_link(const struct app *a, unsigned route, struct sv name,
    struct app_link *other);
/* Those of the route that have none say when they have. */
void routes_want_room(struct app *a, unsigned route);

#endif
