/* SPDX-License-Identifier: BSD-2-Clause */
/* acks.c - which of our deliver_sm_resp the centre may not have seen. An answer of the centre to a request
 * that left after an acknowledgement shows that it has read so far. What was not shown when the bind
 * went, the centre may offer again on another one: that is an echo, and no second message. While the
 * bind lives, or once it is shown, the same text is the person's; and so it is when another message of that
 * person came in between: a centre offers what it still has in a phone's order. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "codec/msisdn.h"

/* A centre that rebinds offers again at once, or within its own answer time-out. */
#define ECHO_MS 60000u
#define ACKS_MAX 20000u /* ten seconds of what one process takes; beyond it the oldest counts as seen */
#define NEVER_READ UINT32_MAX

struct ack {
	uint64_t key;
	char msisdn[MSISDN_CAP]; /* whose; "": not said */
	struct app_link *al; /* lives as long as the app */
	uint64_t bind_no;
	uint32_t seq; /* the answer to this request of ours, or a later one, shows that it was read */
	uint64_t until_ms; /* mono */
	TAILQ_ENTRY(ack) all; /* in order of until_ms */
	UT_hash_handle hh;
};

static void drop(struct app *a, struct ack *k)
{
	HASH_DEL(a->acks, k);
	TAILQ_REMOVE(&a->acks_by_age, k, all);
	free(k);
}

static bool bind_lives(const struct ack *k)
{
	return k->bind_no == k->al->bind_no && smpp_link_state(k->al->link) == SMPP_LINK_BOUND;
}

static bool is_shown(const struct ack *k)
{
	return k->bind_no == k->al->bind_no && smpp_link_heard(k->al->link) >= k->seq;
}

static struct ack *find(const struct app *a, uint64_t key)
{
	struct ack *k;

	HASH_FIND(hh, a->acks, &key, sizeof(key), k);
	return k;
}

void acks_new_input(struct app *a, const char *msisdn)
{
	struct ack *k, *next;

	if (clock_mono_ms() >= a->echo_until_ms)
		return; /* nothing is in doubt */
	for (k = TAILQ_FIRST(&a->acks_by_age); k; k = next) {
		next = TAILQ_NEXT(k, all);
		if (!bind_lives(k) && strcmp(k->msisdn, msisdn) == 0)
			drop(a, k);
	}
}

void acks_note(struct app_link *al, uint64_t bind_no, uint64_t key, const char *msisdn)
{
	struct app *a = al->a;
	struct ack *k = find(a, key);
	uint64_t now = clock_mono_ms();

	if (k)
		drop(a, k);
	while ((k = TAILQ_FIRST(&a->acks_by_age)) != NULL &&
	       (now >= k->until_ms || HASH_COUNT(a->acks) >= ACKS_MAX ||
		   (bind_lives(k) && is_shown(k))))
		drop(a, k);
	k = xcalloc(1, sizeof(*k));
	k->key = key;
	snprintf(k->msisdn, sizeof(k->msisdn), "%s", msisdn);
	k->al = al;
	k->bind_no = bind_no;
	k->until_ms = now + ECHO_MS;
	k->seq = bind_lives(k) ? smpp_link_acked(al->link) : NEVER_READ;
	TAILQ_INSERT_TAIL(&a->acks_by_age, k, all);
	HASH_ADD(hh, a->acks, key, sizeof(k->key), k);
}

bool acks_is_echo(const struct app *a, uint64_t key)
{
	const struct ack *k = find(a, key);

	return k && !bind_lives(k) && clock_mono_ms() < k->until_ms;
}

void acks_bind_lost(struct app_link *al)
{
	struct ack *k, *tmp;

	al->a->echo_until_ms = clock_mono_ms() + ECHO_MS;
	HASH_ITER(hh, al->a->acks, k, tmp)
	if (k->al == al && is_shown(k))
		drop(al->a, k);
}

void acks_free(struct app *a)
{
	struct ack *k, *tmp;

	HASH_ITER(hh, a->acks, k, tmp)
	drop(a, k);
}
