/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.c - the order in which messages leave; see lanes.h. */
#include "engine/lanes.h"

#include <assert.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

enum entry_state { WAITING, READY, DELAYED, FLIGHT };

#define PERSON_CAP 18u /* class digit, up to 15 digits, NUL */

struct entry {
	uint64_t id;
	enum msg_class class;
	enum entry_state state;
	size_t heap_at; /* DELAYED: place in the heap */
	uint64_t due_ms; /* DELAYED */
	struct person *person;
	TAILQ_ENTRY(entry) link; /* READY: in its lane; WAITING: in its person */
	UT_hash_handle hh;
};
TAILQ_HEAD(entries, entry);

/* Exists while at least one message of this class and person does. */
struct person {
	char key[PERSON_CAP];
	struct entry
	    *active; /* the one that is READY, DELAYED or FLIGHT; NULL only while there is none */
	struct entries waiting; /* the others, by id */
	size_t count;
	UT_hash_handle hh;
};

struct lanes {
	struct lanes_conf cf;
	struct entry *by_id;
	struct person *persons;
	struct entries ready[MSG_CLASSES];
	size_t depth[MSG_CLASSES];
	bool reply_turn; /* alert and reply take turns */
	bool info_paused;
	struct entry **heap; /* DELAYED, earliest first */
	size_t heap_n, heap_cap;
};

struct lanes *lanes_new(const struct lanes_conf *cf)
{
	struct lanes *l = xcalloc(1, sizeof(*l));

	l->cf = *cf;
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		TAILQ_INIT(&l->ready[c]);
	return l;
}

void lanes_free(struct lanes *l)
{
	struct entry *e, *etmp;
	struct person *p, *ptmp;

	if (!l)
		return;
	HASH_ITER(hh, l->by_id, e, etmp)
	{
		HASH_DEL(l->by_id, e);
		free(e);
	}
	HASH_ITER(hh, l->persons, p, ptmp)
	{
		HASH_DEL(l->persons, p);
		free(p);
	}
	free(l->heap);
	free(l);
}

/* ---- heap of the delayed ---- */

static void heap_set(struct lanes *l, size_t at, struct entry *e)
{
	l->heap[at] = e;
	e->heap_at = at;
}

static void heap_up(struct lanes *l, size_t at)
{
	struct entry *e = l->heap[at];

	while (at > 0 && l->heap[(at - 1) / 2]->due_ms > e->due_ms) {
		heap_set(l, at, l->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(l, at, e);
}

static void heap_down(struct lanes *l, size_t at)
{
	struct entry *e = l->heap[at];

	for (;;) {
		size_t kid = 2 * at + 1;

		if (kid >= l->heap_n)
			break;
		if (kid + 1 < l->heap_n && l->heap[kid + 1]->due_ms < l->heap[kid]->due_ms)
			kid++;
		if (l->heap[kid]->due_ms >= e->due_ms)
			break;
		heap_set(l, at, l->heap[kid]);
		at = kid;
	}
	heap_set(l, at, e);
}

static void heap_add(struct lanes *l, struct entry *e)
{
	if (l->heap_n == l->heap_cap) {
		l->heap_cap = l->heap_cap ? 2 * l->heap_cap : 64;
		l->heap = xrealloc(l->heap, l->heap_cap * sizeof(*l->heap));
	}
	heap_set(l, l->heap_n++, e);
	heap_up(l, e->heap_at);
}

static void heap_remove(struct lanes *l, struct entry *e)
{
	size_t at = e->heap_at;
	struct entry *last = l->heap[--l->heap_n];

	if (last == e)
		return;
	heap_set(l, at, last);
	heap_up(l, at);
	heap_down(l, last->heap_at);
}

/* ---- entries ---- */

static struct entry *find(const struct lanes *l, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, l->by_id, &id, sizeof(id), e);
	return e;
}

static struct person *person_of(struct lanes *l, enum msg_class c, const char *msisdn)
{
	char key[PERSON_CAP] = {(char)('0' + c)};
	struct person *p;

	strncpy(key + 1, msisdn, sizeof(key) - 2);
	HASH_FIND_STR(l->persons, key, p);
	if (!p) {
		p = xcalloc(1, sizeof(*p));
		memcpy(p->key, key, sizeof(key));
		TAILQ_INIT(&p->waiting);
		HASH_ADD_STR(l->persons, key, p);
	}
	return p;
}

/* In its place by id: mostly the last one, but for what is fetched again from the store. */
static void person_wait(struct person *p, struct entry *e)
{
	struct entry *at;

	e->state = WAITING;
	TAILQ_FOREACH_REVERSE(at, &p->waiting, entries, link)
	if (at->id < e->id) {
		TAILQ_INSERT_AFTER(&p->waiting, at, e, link);
		return;
	}
	TAILQ_INSERT_HEAD(&p->waiting, e, link);
}

/* An older message that came later takes the lane place of one that has not left yet. */
static void person_overtake(struct lanes *l, struct person *p, struct entry *e)
{
	struct entry *late = p->active;

	TAILQ_INSERT_BEFORE(late, e, link);
	TAILQ_REMOVE(&l->ready[e->class], late, link);
	e->state = READY;
	p->active = e;
	person_wait(p, late);
}

/* The person's first one in line may go. */
static void person_next(struct lanes *l, struct person *p)
{
	struct entry *e = TAILQ_FIRST(&p->waiting);

	p->active = e;
	if (!e)
		return;
	TAILQ_REMOVE(&p->waiting, e, link);
	e->state = READY;
	TAILQ_INSERT_TAIL(&l->ready[e->class], e, link);
}

static void forget(struct lanes *l, struct entry *e)
{
	struct person *p = e->person;

	l->depth[e->class]--;
	HASH_DEL(l->by_id, e);
	if (e->state != WAITING)
		person_next(l, p);
	if (--p->count == 0) {
		HASH_DEL(l->persons, p);
		free(p);
	}
	free(e);
}

enum lanes_rc lanes_push(struct lanes *l, uint64_t id, enum msg_class c, const char *msisdn)
{
	struct entry *e;

	if (find(l, id))
		return LANES_KNOWN;
	if (l->depth[c] >= l->cf.max[c])
		return LANES_FULL;
	e = xcalloc(1, sizeof(*e));
	e->id = id;
	e->class = c;
	e->person = person_of(l, c, msisdn);
	e->person->count++;
	HASH_ADD(hh, l->by_id, id, sizeof(e->id), e);
	l->depth[c]++;
	if (e->person->active && e->person->active->state == READY && id < e->person->active->id) {
		person_overtake(l, e->person, e);
		return LANES_OK;
	}
	person_wait(e->person, e);
	if (!e->person->active)
		person_next(l, e->person);
	return LANES_OK;
}

enum lanes_rc lanes_next(struct lanes *l, size_t room, uint64_t *id)
{
	enum msg_class second = l->reply_turn ? CLASS_REPLY : CLASS_ALERT;
	enum msg_class third = l->reply_turn ? CLASS_ALERT : CLASS_REPLY;
	const enum msg_class order[MSG_CLASSES] = {CLASS_OTP, second, third, CLASS_INFO};

	for (unsigned i = 0; i < MSG_CLASSES; i++) {
		enum msg_class c = order[i];
		struct entry *e = TAILQ_FIRST(&l->ready[c]);

		if (c != CLASS_OTP && room <= l->cf.otp_slots)
			break;
		if (!e || (c == CLASS_INFO && l->info_paused))
			continue;
		TAILQ_REMOVE(&l->ready[c], e, link);
		e->state = FLIGHT;
		if (c == CLASS_ALERT || c == CLASS_REPLY)
			l->reply_turn = c == CLASS_ALERT;
		*id = e->id;
		return LANES_OK;
	}
	return LANES_EMPTY;
}

void lanes_pause_info(struct lanes *l, bool paused)
{
	l->info_paused = paused;
}

void lanes_done(struct lanes *l, uint64_t id)
{
	struct entry *e = find(l, id);

	if (e && e->state == FLIGHT)
		forget(l, e);
}

void lanes_retry(struct lanes *l, uint64_t id, uint64_t at_ms)
{
	struct entry *e = find(l, id);

	if (!e || e->state != FLIGHT)
		return;
	if (at_ms == 0) {
		e->state = READY;
		TAILQ_INSERT_HEAD(&l->ready[e->class], e, link);
		return;
	}
	e->state = DELAYED;
	e->due_ms = at_ms;
	heap_add(l, e);
}

bool lanes_drop(struct lanes *l, uint64_t id)
{
	struct entry *e = find(l, id);

	if (!e)
		return false;
	switch (e->state) {
	case FLIGHT:
		return false;
	case WAITING:
		TAILQ_REMOVE(&e->person->waiting, e, link);
		break;
	case READY:
		TAILQ_REMOVE(&l->ready[e->class], e, link);
		break;
	case DELAYED:
		heap_remove(l, e);
		break;
	}
	forget(l, e);
	return true;
}

uint64_t lanes_tick(struct lanes *l, uint64_t now_ms)
{
	struct entry *last[MSG_CLASSES] = {NULL};

	while (l->heap_n > 0 && l->heap[0]->due_ms <= now_ms) {
		struct entry *e = l->heap[0];

		heap_remove(l, e);
		e->state = READY;
		/* Before those that were never tried, and among themselves the longest due first. */
		if (last[e->class])
			TAILQ_INSERT_AFTER(&l->ready[e->class], last[e->class], e, link);
		else
			TAILQ_INSERT_HEAD(&l->ready[e->class], e, link);
		last[e->class] = e;
	}
	return l->heap_n > 0 ? l->heap[0]->due_ms : 0;
}

size_t lanes_depth(const struct lanes *l, enum msg_class c)
{
	return l->depth[c];
}

bool lanes_has(const struct lanes *l, uint64_t id)
{
	return find(l, id) != NULL;
}
