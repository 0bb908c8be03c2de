/* SPDX-License-Identifier: BSD-2-Clause */
/* peers.c - several dakiyad on one Redis: each says that it lives, and takes over what a dead one left.
 *
 * A record belongs to the owner whose name it carries, or to that owner's heir. While two live,
 * nobody touches the other's. A process that was stopped or cut off for long may have been taken for
 * dead: until Redis has said that it was not, it sends nothing (peers_in_doubt); if it was, it drops
 * what it has in memory and begins again. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/clock.h"

struct heir {
	char *owner, *heir; /* owned */
	UT_hash_handle hh;
};

static uint64_t dead_ms(const struct app *a)
{
	return (uint64_t)a->opt->peer_timeout_ms;
}

static void heirs_clear(struct app *a)
{
	struct heir *h, *tmp;

	HASH_ITER(hh, a->heirs, h, tmp)
	{
		HASH_DEL(a->heirs, h);
		free(h->owner);
		free(h->heir);
		free(h);
	}
}

static void heirs_set(struct app *a, const struct store_peers *p)
{
	heirs_clear(a);
	for (size_t i = 0; i < p->heir_count; i++) {
		struct heir *h = xcalloc(1, sizeof(*h));

		h->owner = xstrdup(p->heir[2 * i]);
		h->heir = xstrdup(p->heir[2 * i + 1]);
		HASH_ADD_KEYPTR(hh, a->heirs, h->owner, strlen(h->owner), h);
	}
}

static bool lives(const struct app *a, struct sv owner)
{
	for (size_t i = 0; i < a->live_count; i++)
		if (sv_is(owner, a->live[i]))
			return true;
	return false;
}

bool peers_is_mine(const struct app *a, struct sv owner)
{
	struct heir *h = NULL;

	if (owner.n == 0 || sv_is(owner, a->owner))
		return true;
	if (lives(a, owner))
		return false;
	HASH_FIND(hh, a->heirs, owner.p, owner.n, h);
	if (h && lives(a, sv_from(h->heir)))
		return strcmp(h->heir, a->owner) == 0;
	/* Nobody knows it: one of us takes it, the first by name. */
	for (size_t i = 0; i < a->live_count; i++)
		if (strcmp(a->live[i], a->owner) < 0)
			return false;
	return true;
}

static void live_set(struct app *a, const char *const *live, size_t n)
{
	for (size_t i = 0; i < a->live_count; i++)
		free(a->live[i]);
	free(a->live);
	a->live = xcalloc(n + 1, sizeof(*a->live));
	a->live_count = n;
	for (size_t i = 0; i < n; i++)
		a->live[i] = xstrdup(live[i]);
}

bool peers_in_doubt(const struct app *a)
{
	uint64_t now = clock_mono_ms();

	return a->is_doubtful || now - a->tick_ms > dead_ms(a) / 2 ||
	       (a->live_count > 1 && now - a->beat_ok_ms > dead_ms(a) / 2);
}

/* Long enough to read all that came in meanwhile. */
#define STOOD_MS 1000u

bool peers_stood(const struct app *a)
{
	return a->stood_ms != 0 && clock_mono_ms() - a->stood_ms < STOOD_MS;
}

static void beat(struct app *a);

static void on_beat(enum store_rc rc, const struct store_peers *p, void *arg)
{
	struct await *w = arg;
	struct app *a = w->a;
	bool joined = false;

	a->beating = false;
	if (rc == STORE_NONE && !a->stopping) {
		LOG(NULL, LOG_ERR, "taken over", "owner=%s silent_ms=%llu", a->owner,
		    (unsigned long long)(clock_mono_ms() - a->beat_ok_ms));
		app_drop_all(a);
		a->owner[0] = '\0';
		a->store_up = a->is_reading = false;
		beat(a);
	} else if (rc == STORE_OK) {
		joined = a->owner[0] == '\0';
		snprintf(a->owner, sizeof(a->owner), "%s", p->owner);
		heirs_set(a, p);
		live_set(a, p->live, p->live_count);
		a->beat_ok_ms = w->began_us / 1000;
		a->is_doubtful = false;
		if (p->inherited > 0 && !joined)
			LOG(NULL, LOG_WARN, "taking over", "from=%zu", p->inherited);
		app_joined(a, joined || p->inherited > 0);
	}
	await_free(w);
}

static void beat(struct app *a)
{
	if (a->beating)
		return;
	a->beating = true;
	a->beat_asked_ms = clock_mono_ms();
	store_redis_beat(a->store, a->owner, a->opt->instance, dead_ms(a), on_beat, await_new(a, 0, 0));
}

void peers_connected(struct app *a)
{
	a->beating = false;
	beat(a);
}

void peers_tick(struct app *a)
{
	uint64_t now = clock_mono_ms();

	/* The loop stood still: somebody may have taken us for dead. */
	if (now - a->tick_ms > dead_ms(a) / 2) {
		a->stood_ms = now;
		a->is_doubtful = a->is_doubtful || a->owner[0] != '\0';
	}
	a->tick_ms = now;
	if (a->store->ops->is_up(a->store) &&
	    (a->is_doubtful || now - a->beat_asked_ms >= dead_ms(a) / 5))
		beat(a);
}

void peers_free(struct app *a)
{
	heirs_clear(a);
	live_set(a, NULL, 0);
	free(a->live);
}
