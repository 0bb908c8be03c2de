/* SPDX-License-Identifier: BSD-2-Clause */
/* acks.c - which of our deliver_sm_resp the centre may not have seen. An answer of the centre to a request
 * that left after an acknowledgement shows that it has read so far. What was not shown when the bind
 * went, the centre may offer again on another one: that is an echo, and no second message. While the
 * bind lives, or once it is shown, the same text is the person's; and so it is when another message of that
 * person came in between: a centre offers what it still has in a phone's order. When the person may have
 * read an answer by now, it can be either: they are told again what was said last.
 *
 * The mark by which accept knows the same text stays in the store until it is shown. So another process,
 * or this one after a restart, knows what may be an echo too, but not when the person was told. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "base/hex.h"
#include "codec/msisdn.h"

/* A centre that rebinds offers again at once, or within its own answer time-out. */
#define ECHO_MS 60000u
#define ACKS_MAX 20000u /* ten seconds of what one process takes; beyond it the oldest counts as seen */
#define NEVER_READ UINT32_MAX

struct ack_person {
	char msisdn[MSISDN_CAP];
	LIST_HEAD(, ack) acks; /* never empty */
	UT_hash_handle hh;
};

struct ack {
	uint64_t key;
	struct ack_person *who; /* NULL: not said */
	struct app_link *al; /* lives as long as the app */
	uint64_t bind_no;
	uint32_t seq; /* the answer to this request of ours, or a later one, shows that it was read */
	bool is_marked; /* the store's mark is of it */
	bool is_done; /* its turn is over: the same text would be another one */
	bool was_shown; /* before its bind went */
	uint64_t until_ms; /* mono */
	uint64_t told_ms; /* mono; when the first message to this person left since; 0: none */
	LIST_ENTRY(ack) of; /* the person */
	TAILQ_ENTRY(ack) all; /* in order of until_ms */
	UT_hash_handle hh;
};

static void drop(struct app *a, struct ack *k)
{
	HASH_DEL(a->acks, k);
	TAILQ_REMOVE(&a->acks_by_age, k, all);
	if (k->who) {
		LIST_REMOVE(k, of);
		if (LIST_EMPTY(&k->who->acks)) {
			HASH_DEL(a->ack_persons, k->who);
			free(k->who);
		}
	}
	free(k);
}

void acks_value(uint64_t key, char out[ACKS_VALUE_CAP])
{
	hex_u64(key, out);
	out[ACKS_VALUE_CAP - 1] = '\0';
}

static void on_forgotten(const struct store_done *d, void *arg)
{
	(void)d;
	await_free(arg);
}

/* Only another process can have put another mark in its place that we do not know of; to look costs redis-server
 * more than all the rest of it, and thousands may be shown at once. */
static void unmark(struct app *a, struct ack *k)
{
	char value[ACKS_VALUE_CAP] = "";

	if (a->live_count > 1)
		acks_value(k->key, value);
	if (k->is_marked)
		a->store->ops->forget(a->store, k->who->msisdn, SV(ACKS_MARK), sv_from(value),
		    on_forgotten, await_new(a, 0, 0));
	k->is_marked = false;
}

/* Nothing of it is in doubt any more. */
static void settle(struct app *a, struct ack *k)
{
	unmark(a, k);
	drop(a, k);
}

static bool bind_lives(const struct ack *k)
{
	return k->bind_no == k->al->bind_no && smpp_link_state(k->al->link) == SMPP_LINK_BOUND;
}

static bool is_shown(const struct ack *k)
{
	return k->was_shown || (k->bind_no == k->al->bind_no && smpp_link_heard(k->al->link) >= k->seq);
}

static struct ack *find(const struct app *a, uint64_t key)
{
	struct ack *k;

	HASH_FIND(hh, a->acks, &key, sizeof(key), k);
	return k;
}

static struct ack_person *person(const struct app *a, const char *msisdn)
{
	struct ack_person *p;

	HASH_FIND_STR(a->ack_persons, msisdn, p);
	return p;
}

static struct ack_person *person_of(struct app *a, const char *msisdn)
{
	struct ack_person *p = person(a, msisdn);

	if (!p) {
		p = xcalloc(1, sizeof(*p));
		snprintf(p->msisdn, sizeof(p->msisdn), "%s", msisdn);
		HASH_ADD_STR(a->ack_persons, msisdn, p);
	}
	return p;
}

void acks_new_input(struct app *a, const char *msisdn)
{
	struct ack_person *p = person(a, msisdn);
	struct ack *k, *next;

	for (k = p ? LIST_FIRST(&p->acks) : NULL; k; k = next) {
		next = LIST_NEXT(k, of); /* p goes with its last one */
		k->is_marked = false; /* it is the new one's */
		if (!bind_lives(k))
			drop(a, k);
	}
}

void acks_told(struct app *a, const char *msisdn)
{
	struct ack_person *p = person(a, msisdn);
	struct ack *k;

	for (k = p ? LIST_FIRST(&p->acks) : NULL; k; k = LIST_NEXT(k, of))
		if (k->told_ms == 0)
			k->told_ms = clock_mono_ms();
}

void acks_note(struct app_link *al, uint64_t bind_no, uint64_t key, const char *msisdn)
{
	struct app *a = al->a;
	struct ack *k = find(a, key);
	uint64_t now = clock_mono_ms(), told_ms = k && !bind_lives(k) ? k->told_ms : 0;
	bool is_done = msisdn[0] == '\0' || (k && k->is_done);

	if (k) /* an echo of it, or on a bind that lives the person's next */
		drop(a, k);
	while ((k = TAILQ_FIRST(&a->acks_by_age)) != NULL &&
	       (now >= k->until_ms || HASH_COUNT(a->acks) >= ACKS_MAX)) {
		k->is_marked = k->is_marked && now < k->until_ms;
		settle(a, k);
	}
	k = xcalloc(1, sizeof(*k));
	k->key = key;
	if (msisdn[0]) {
		k->who = person_of(a, msisdn);
		LIST_INSERT_HEAD(&k->who->acks, k, of);
	}
	k->al = al;
	k->bind_no = bind_no;
	k->told_ms = told_ms;
	k->is_marked = msisdn[0] != '\0';
	k->is_done = is_done;
	k->until_ms = now + ECHO_MS;
	k->seq = bind_lives(k) ? smpp_link_acked(al->link) : NEVER_READ;
	TAILQ_INSERT_TAIL(&a->acks_by_age, k, all);
	HASH_ADD(hh, a->acks, key, sizeof(k->key), k);
}

enum acks_same acks_same(const struct app *a, uint64_t key)
{
	const struct ack *k = find(a, key);
	uint64_t now = clock_mono_ms();

	if (!k || now >= k->until_ms)
		return ACKS_UNKNOWN;
	if (bind_lives(k) || k->was_shown)
		return ACKS_NEW;
	return k->told_ms != 0 && now - k->told_ms >= ACKS_READ_MS ? ACKS_UNSURE : ACKS_ECHO;
}

void acks_bind_lost(struct app_link *al)
{
	struct ack *k, *tmp;

	HASH_ITER(hh, al->a->acks, k, tmp)
	if (k->al == al && is_shown(k)) {
		k->was_shown = true;
		if (k->is_done)
			settle(al->a, k);
	}
}

void acks_done(struct app *a, uint64_t key)
{
	struct ack *k = find(a, key);

	if (k)
		k->is_done = true;
}

void acks_again(struct app *a, uint64_t key)
{
	struct ack *k = find(a, key);

	if (k && k->is_done)
		unmark(a, k);
}

void acks_tick(struct app *a)
{
	struct ack *k, *next;

	for (k = TAILQ_FIRST(&a->acks_by_age); k; k = next) {
		next = TAILQ_NEXT(k, all);
		if (k->is_done && is_shown(k))
			settle(a, k);
	}
}

void acks_free(struct app *a)
{
	struct ack *k, *tmp;

	HASH_ITER(hh, a->acks, k, tmp)
	drop(a, k);
}
