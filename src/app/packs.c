/* SPDX-License-Identifier: BSD-2-Clause */
/* packs.c - the service packs, changed while people talk. Each turn goes
 * on with the packs it began with; the next one of the same person takes the new ones. */
#include <stdlib.h>

#include "app/app_int.h"
#include "app/sms.h"
#include "pack_files.h"
#include "ussd_conf.h"

struct packs_in_use {
	struct packs *packs; /* owned */
	size_t turns; /* that began with them */
};

struct packs_in_use *packs_enter(struct app *a)
{
	a->packs_in_use->turns++;
	return a->packs_in_use;
}

static void free_unused(const struct app *a, struct packs_in_use *u)
{
	if (u == a->packs_in_use || u->turns > 0)
		return;
	packs_free(u->packs);
	free(u);
}

void packs_leave(struct app *a, struct packs_in_use *u)
{
	u->turns--;
	free_unused(a, u);
}

void app_set_packs(struct app *a, struct packs *packs)
{
	struct packs_in_use *old = a->packs_in_use;

	a->packs = packs;
	a->packs_in_use = xcalloc(1, sizeof(*a->packs_in_use));
	a->packs_in_use->packs = packs;
	if (old)
		free_unused(a, old);
}

struct packs *packs_take(struct app *a)
{
	struct packs *packs = a->packs_in_use->packs;

	free(a->packs_in_use);
	a->packs_in_use = NULL;
	return packs;
}

struct packs *app_read_packs(const struct options *o, struct buf *err, struct buf *warn)
{
	ussd_check(o, err);
	sms_check(o, err);
	return pack_files_read((const char *const *)o->services.v, o->services.n, err, warn);
}
