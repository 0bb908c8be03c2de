/* SPDX-License-Identifier: BSD-2-Clause */
/* test_lanes.c - the order in which messages leave: short scripts for every rule, then a long random
 * run beside a model so plain that it can be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/lanes.h"
#include "seed.h"

/* ---- scripts: one row, one call, one expectation ---- */

enum op { PUSH, NEXT, DONE, RETRY, DROP, TICK, DEPTH, HAS };

struct step {
	enum op op;
	uint64_t id; /* NEXT: the expected one, 0: EMPTY. DEPTH, TICK: the expected value */
	uint64_t arg; /* PUSH, DEPTH: class. NEXT: room. RETRY: at. TICK: now. DROP, HAS: expected */
	const char *who; /* PUSH */
	enum lanes_rc rc; /* PUSH */
};

#define A "919800000001"
#define B "919800000002"
#define C "919800000003"

static const struct lanes_conf roomy = {.max = {100, 100, 100, 100}, .otp_slots = 2};

static void play(const struct lanes_conf *cf, const struct step *s, size_t n)
{
	struct lanes *l = lanes_new(cf);

	for (size_t i = 0; i < n; i++, s++) {
		uint64_t id = 0;
		bool fine = true;

		switch (s->op) {
		case PUSH:
			fine = lanes_push(l, s->id, (enum msg_class)s->arg, s->who) == s->rc;
			break;
		case NEXT:
			fine = lanes_next(l, s->arg, &id) == (s->id ? LANES_OK : LANES_EMPTY) &&
			       id == s->id;
			break;
		case DONE:
			lanes_done(l, s->id);
			break;
		case RETRY:
			lanes_retry(l, s->id, s->arg);
			break;
		case DROP:
			fine = lanes_drop(l, s->id) == (s->arg != 0);
			break;
		case TICK:
			fine = lanes_tick(l, s->arg) == s->id;
			break;
		case DEPTH:
			fine = lanes_depth(l, (enum msg_class)s->arg) == s->id;
			break;
		case HAS:
			fine = lanes_has(l, s->id) == (s->arg != 0);
			break;
		}
		if (!fine)
			fail_msg("row %zu: op %u id %llu, got %llu", i, s->op,
			    (unsigned long long)s->id, (unsigned long long)id);
	}
	lanes_free(l);
}
#define PLAY(cf, rows) play(cf, rows, sizeof(rows) / sizeof((rows)[0]))

static void otp_leaves_before_everything_else_and_info_last(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_INFO, A, LANES_OK},
	    {PUSH, 2, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 3, CLASS_ALERT, A, LANES_OK},
	    {PUSH, 4, CLASS_OTP, A, LANES_OK},
	    {NEXT, 4, 9, NULL, 0},
	    {NEXT, 3, 9, NULL, 0},
	    {NEXT, 2, 9, NULL, 0},
	    {NEXT, 1, 9, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void the_last_window_slots_are_for_otp_alone(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_ALERT, A, LANES_OK},
	    {PUSH, 2, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 3, CLASS_INFO, A, LANES_OK},
	    {NEXT, 0, 1, NULL, 0},
	    {NEXT, 0, 2, NULL, 0},
	    {PUSH, 4, CLASS_OTP, A, LANES_OK},
	    {NEXT, 4, 1, NULL, 0},
	    {NEXT, 1, 3, NULL, 0},
	    {NEXT, 0, 2, NULL, 0},
	    {NEXT, 2, 3, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void alert_and_reply_take_turns_when_both_wait(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_ALERT, A, LANES_OK},
	    {PUSH, 2, CLASS_ALERT, B, LANES_OK},
	    {PUSH, 3, CLASS_ALERT, C, LANES_OK},
	    {PUSH, 4, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 5, CLASS_REPLY, B, LANES_OK},
	    {NEXT, 1, 9, NULL, 0},
	    {NEXT, 4, 9, NULL, 0},
	    {NEXT, 2, 9, NULL, 0},
	    {NEXT, 5, 9, NULL, 0},
	    {NEXT, 3, 9, NULL, 0},
	    /* the other's turn is not lost on an empty lane: whoever is there goes */
	    {DONE, 1, 0, NULL, 0},
	    {PUSH, 6, CLASS_ALERT, A, LANES_OK},
	    {NEXT, 6, 9, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void one_person_has_one_message_of_a_class_on_its_way_and_in_order(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 2, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 3, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 4, CLASS_REPLY, B, LANES_OK},
	    {PUSH, 5, CLASS_INFO, A, LANES_OK},
	    {NEXT, 1, 9, NULL, 0},
	    {NEXT, 4, 9, NULL, 0}, /* another person does not wait for A */
	    {NEXT, 5, 9, NULL, 0}, /* nor another class */
	    {NEXT, 0, 9, NULL, 0},
	    {DONE, 1, 0, NULL, 0},
	    {NEXT, 2, 9, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	    {RETRY, 2, 50, NULL, 0}, /* delayed, it still holds the place */
	    {NEXT, 0, 9, NULL, 0},
	    {TICK, 0, 50, NULL, 0},
	    {NEXT, 2, 9, NULL, 0},
	    {DONE, 2, 0, NULL, 0},
	    {NEXT, 3, 9, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void an_older_message_pushed_late_still_leaves_first(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 50, CLASS_REPLY, B, LANES_OK},
	    {PUSH, 30, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 40, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 60, CLASS_REPLY, C, LANES_OK},
	    {PUSH, 35, CLASS_REPLY, A, LANES_OK}, /* between the waiting ones */
	    {PUSH, 20, CLASS_REPLY, A, LANES_OK}, /* in the lane place of 30 */
	    {NEXT, 50, 9, NULL, 0},
	    {NEXT, 20, 9, NULL, 0},
	    {PUSH, 10, CLASS_REPLY, A, LANES_OK}, /* 20 is on its way: behind it */
	    {NEXT, 60, 9, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	    {DONE, 20, 0, NULL, 0},
	    {NEXT, 10, 9, NULL, 0},
	    {DONE, 10, 0, NULL, 0},
	    {NEXT, 30, 9, NULL, 0},
	    {DONE, 30, 0, NULL, 0},
	    {NEXT, 35, 9, NULL, 0},
	    {DONE, 35, 0, NULL, 0},
	    {NEXT, 40, 9, NULL, 0},
	    {DEPTH, 3, CLASS_REPLY, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void a_retry_goes_before_those_that_were_never_tried(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_INFO, A, LANES_OK},
	    {PUSH, 2, CLASS_INFO, B, LANES_OK},
	    {PUSH, 3, CLASS_INFO, C, LANES_OK},
	    {NEXT, 1, 9, NULL, 0},
	    {RETRY, 1, 0, NULL, 0},
	    {NEXT, 1, 9, NULL, 0},
	    {RETRY, 1, 100, NULL, 0},
	    {NEXT, 2, 9, NULL, 0},
	    {TICK, 100, 99, NULL, 0},
	    {TICK, 0, 100, NULL, 0},
	    {NEXT, 1, 9, NULL, 0},
	    {NEXT, 3, 9, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void the_delayed_come_back_by_the_time_they_are_due(void **state)
{
	struct lanes *l = lanes_new(&roomy);
	static const unsigned due[] = {70, 20, 90, 10, 50, 80, 30, 60, 100, 40};
	const size_t n = sizeof(due) / sizeof(due[0]);
	char who[16];
	uint64_t id;

	(void)state;
	for (uint64_t i = 1; i <= n; i++) {
		snprintf(who, sizeof(who), "9198%08u", (unsigned)i);
		assert_int_equal(lanes_push(l, i, CLASS_ALERT, who), LANES_OK);
		assert_int_equal(lanes_next(l, 9, &id), LANES_OK);
	}
	for (uint64_t i = 1; i <= n; i++)
		lanes_retry(l, i, due[i - 1]);
	assert_int_equal(lanes_tick(l, 9), 10);
	/* one by one ... */
	for (unsigned t = 10; t <= 50; t += 10) {
		assert_int_equal(lanes_tick(l, t), t + 10);
		assert_int_equal(lanes_next(l, 9, &id), LANES_OK);
		assert_int_equal(due[id - 1], t);
		assert_int_equal(lanes_next(l, 9, &id), LANES_EMPTY);
	}
	/* ... and all the rest at once */
	assert_int_equal(lanes_tick(l, 1000), 0);
	for (unsigned t = 60; t <= 100; t += 10) {
		assert_int_equal(lanes_next(l, 9, &id), LANES_OK);
		assert_int_equal(due[id - 1], t);
	}
	lanes_free(l);
}

static void a_message_can_be_dropped_in_every_state_but_flight(void **state)
{
	static const struct step rows[] = {
	    {DROP, 1, false, NULL, 0}, /* not known */
	    {PUSH, 1, CLASS_ALERT, A, LANES_OK},
	    {PUSH, 2, CLASS_ALERT, A, LANES_OK},
	    {PUSH, 3, CLASS_ALERT, A, LANES_OK},
	    {DROP, 2, true, NULL, 0}, /* waiting */
	    {HAS, 2, false, NULL, 0},
	    {DEPTH, 2, CLASS_ALERT, NULL, 0},
	    {DROP, 1, true, NULL, 0}, /* ready: the next of the person may go */
	    {NEXT, 3, 9, NULL, 0},
	    {DROP, 3, false, NULL, 0}, /* in flight */
	    {HAS, 3, true, NULL, 0},
	    {PUSH, 4, CLASS_ALERT, A, LANES_OK},
	    {RETRY, 3, 10, NULL, 0},
	    {DROP, 3, true, NULL, 0}, /* delayed */
	    {TICK, 0, 10, NULL, 0},
	    {NEXT, 4, 9, NULL, 0},
	    {DONE, 4, 0, NULL, 0},
	    {DEPTH, 0, CLASS_ALERT, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

static void a_full_lane_refuses_and_a_known_id_is_not_taken_twice(void **state)
{
	static const struct lanes_conf small = {.max = {1, 1, 2, 1}};
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 1, CLASS_REPLY, A, LANES_KNOWN},
	    {PUSH, 1, CLASS_INFO, B, LANES_KNOWN},
	    {PUSH, 2, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 3, CLASS_REPLY, B, LANES_FULL},
	    {HAS, 3, false, NULL, 0},
	    {PUSH, 3, CLASS_OTP, B, LANES_OK}, /* the others have bounds of their own */
	    {NEXT, 3, 9, NULL, 0},
	    {PUSH, 4, CLASS_OTP, C, LANES_FULL}, /* on its way still counts */
	    {RETRY, 3, 10, NULL, 0},
	    {PUSH, 4, CLASS_OTP, C, LANES_FULL}, /* so does delayed */
	    {PUSH, 3, CLASS_OTP, B, LANES_KNOWN},
	    {DEPTH, 1, CLASS_OTP, NULL, 0},
	    {DEPTH, 2, CLASS_REPLY, NULL, 0},
	    {DEPTH, 0, CLASS_INFO, NULL, 0},
	    {TICK, 0, 10, NULL, 0},
	    {NEXT, 3, 9, NULL, 0},
	    {DONE, 3, 0, NULL, 0},
	    {PUSH, 4, CLASS_OTP, C, LANES_OK},
	};

	(void)state;
	PLAY(&small, rows);
}

static void done_and_retry_of_what_is_not_in_flight_change_nothing(void **state)
{
	static const struct step rows[] = {
	    {PUSH, 1, CLASS_REPLY, A, LANES_OK},
	    {PUSH, 2, CLASS_REPLY, A, LANES_OK},
	    {DONE, 1, 0, NULL, 0},
	    {DONE, 2, 0, NULL, 0},
	    {DONE, 77, 0, NULL, 0},
	    {RETRY, 1, 5, NULL, 0},
	    {RETRY, 2, 0, NULL, 0},
	    {RETRY, 77, 5, NULL, 0},
	    {DEPTH, 2, CLASS_REPLY, NULL, 0},
	    {TICK, 0, 100, NULL, 0},
	    {NEXT, 1, 9, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	    {RETRY, 1, 500, NULL, 0},
	    {DONE, 1, 0, NULL, 0}, /* delayed: a late answer */
	    {RETRY, 1, 0, NULL, 0},
	    {TICK, 500, 499, NULL, 0},
	    {NEXT, 0, 9, NULL, 0},
	    {DEPTH, 2, CLASS_REPLY, NULL, 0},
	};

	(void)state;
	PLAY(&roomy, rows);
}

/* ---- the model: arrays, searched from end to end ---- */

#define PERSONS 12u
#define LANE_MAX 40u
#define ITEMS (MSG_CLASSES * LANE_MAX)
#define SLOTS 3u
#define OPS 100000u

enum where { W_NONE, W_WAITING, W_READY, W_DELAYED, W_FLIGHT };
struct item {
	uint64_t id, due;
	unsigned person, class;
	enum where where;
	unsigned pushed_at, flew_at; /* operation; 0: never flew */
};
struct model {
	struct item item[ITEMS];
	struct item *lane[MSG_CLASSES][LANE_MAX];
	size_t lane_n[MSG_CLASSES];
	bool reply_turn;
	unsigned op;
};

static struct item *m_find(struct model *m, uint64_t id)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (m->item[i].where != W_NONE && m->item[i].id == id)
			return &m->item[i];
	return NULL;
}

static size_t m_depth(const struct model *m, unsigned c)
{
	size_t n = 0;

	for (size_t i = 0; i < ITEMS; i++)
		n += m->item[i].where != W_NONE && m->item[i].class == c;
	return n;
}

static void m_lane_put(struct model *m, size_t at, struct item *x)
{
	struct item **lane = m->lane[x->class];

	for (size_t i = m->lane_n[x->class]++; i > at; i--)
		lane[i] = lane[i - 1];
	lane[at] = x;
	x->where = W_READY;
}

static size_t m_lane_cut(struct model *m, const struct item *x)
{
	struct item **lane = m->lane[x->class];
	size_t at = 0;

	while (lane[at] != x)
		at++;
	m->lane_n[x->class]--;
	for (size_t i = at; i < m->lane_n[x->class]; i++)
		lane[i] = lane[i + 1];
	return at;
}

/* The person's message of this class that is not waiting. */
static struct item *m_active(struct model *m, unsigned person, unsigned class)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (m->item[i].where > W_WAITING && m->item[i].person == person &&
		    m->item[i].class == class)
			return &m->item[i];
	return NULL;
}

static void m_promote(struct model *m, unsigned person, unsigned class)
{
	struct item *first = NULL;

	for (size_t i = 0; i < ITEMS; i++) {
		struct item *x = &m->item[i];

		if (x->where == W_WAITING && x->person == person && x->class == class &&
		    (!first || x->id < first->id))
			first = x;
	}
	if (first)
		m_lane_put(m, m->lane_n[class], first);
}

static enum lanes_rc m_push(struct model *m, uint64_t id, unsigned class, unsigned person)
{
	struct item *x = m->item, *active = m_active(m, person, class);

	if (m_find(m, id))
		return LANES_KNOWN;
	if (m_depth(m, class) == LANE_MAX)
		return LANES_FULL;
	while (x->where != W_NONE)
		x++;
	*x = (struct item){
	    .id = id, .class = class, .person = person, .where = W_WAITING, .pushed_at = m->op};
	if (!active) {
		m_lane_put(m, m->lane_n[class], x);
	} else if (active->where == W_READY && id < active->id) {
		m_lane_put(m, m_lane_cut(m, active), x);
		active->where = W_WAITING;
	}
	return LANES_OK;
}

static struct item *m_next(struct model *m, size_t room)
{
	unsigned order[] = {CLASS_OTP, m->reply_turn ? CLASS_REPLY : CLASS_ALERT,
	    m->reply_turn ? CLASS_ALERT : CLASS_REPLY, CLASS_INFO};

	for (unsigned i = 0; i < MSG_CLASSES; i++) {
		struct item *x;

		if (m->lane_n[order[i]] == 0 || (i > 0 && room <= SLOTS))
			continue;
		x = m->lane[order[i]][0];
		m_lane_cut(m, x);
		x->where = W_FLIGHT;
		if (i == 1 || i == 2)
			m->reply_turn = x->class == CLASS_ALERT;
		return x;
	}
	return NULL;
}

static void m_remove(struct model *m, struct item *x)
{
	enum where was = x->where;

	if (was == W_READY)
		m_lane_cut(m, x);
	x->where = W_NONE;
	if (was != W_WAITING)
		m_promote(m, x->person, x->class);
}

static uint64_t m_tick(struct model *m, uint64_t now)
{
	size_t at[MSG_CLASSES] = {0};

	for (;;) {
		struct item *first = NULL;

		for (size_t i = 0; i < ITEMS; i++)
			if (m->item[i].where == W_DELAYED && (!first || m->item[i].due < first->due))
				first = &m->item[i];
		if (!first || first->due > now)
			return first ? first->due : 0;
		m_lane_put(m, at[first->class]++, first);
	}
}

/* What nobody needs a model for: said of the model's items, on ids that the lanes gave. */
static void check_flight(const struct model *m, struct item *x)
{
	for (size_t i = 0; i < ITEMS; i++) {
		const struct item *y = &m->item[i];

		if (y == x || y->where == W_NONE || y->person != x->person || y->class != x->class)
			continue;
		if (y->where == W_FLIGHT)
			fail_msg("op %u: two in flight for one person and class", m->op);
		if (y->id < x->id && !(x->flew_at && y->pushed_at > x->flew_at))
			fail_msg("op %u: %llu leaves before %llu", m->op, (unsigned long long)x->id,
			    (unsigned long long)y->id);
	}
	if (!x->flew_at)
		x->flew_at = m->op;
}

static struct item *m_any(struct model *m, struct chance *ch, enum where where)
{
	size_t from = chance_below(ch, ITEMS);

	for (size_t i = 0; i < ITEMS; i++) {
		struct item *x = &m->item[(from + i) % ITEMS];

		if (x->where != W_NONE && (where == W_NONE || x->where == where))
			return x;
	}
	return NULL;
}

struct run {
	struct model m;
	struct lanes *l;
	struct chance ch;
	uint64_t now, last_id;
	unsigned long pushed, done, dropped, refused;
};

static void run_push(struct run *r)
{
	unsigned class = chance_below(&r->ch, MSG_CLASSES), person = chance_below(&r->ch, PERSONS);
	unsigned dice = chance_below(&r->ch, 20);
	struct item *known = m_any(&r->m, &r->ch, W_NONE);
	uint64_t id = r->last_id += 4;
	enum lanes_rc rc;
	char who[16];

	if (dice == 0 && known)
		id = known->id;
	else if (dice == 1 && id > 400) /* fetched late; no other push makes such a number */
		id -= 4 * chance_below(&r->ch, 100) + 1 + chance_below(&r->ch, 3);
	snprintf(who, sizeof(who), "9198%08u", person);
	rc = lanes_push(r->l, id, (enum msg_class) class, who);
	assert_int_equal(rc, m_push(&r->m, id, class, person));
	r->pushed += rc == LANES_OK;
	r->refused += rc == LANES_FULL;
}

static void run_next(struct run *r, size_t room)
{
	uint64_t id = 0;
	enum lanes_rc rc = lanes_next(r->l, room, &id);
	struct item *x = m_next(&r->m, room);

	assert_int_equal(rc, x ? LANES_OK : LANES_EMPTY);
	if (!x)
		return;
	assert_int_equal(id, x->id);
	check_flight(&r->m, x);
}

static void run_end(struct run *r)
{
	struct item *x = m_any(&r->m, &r->ch, chance_below(&r->ch, 8) ? W_FLIGHT : W_NONE);

	if (!x)
		return;
	lanes_done(r->l, x->id);
	if (x->where != W_FLIGHT)
		return;
	m_remove(&r->m, x);
	r->done++;
}

static void run_retry(struct run *r)
{
	struct item *x = m_any(&r->m, &r->ch, chance_below(&r->ch, 8) ? W_FLIGHT : W_NONE);
	/* no two at the same time: their order among themselves is nobody's business */
	uint64_t due =
	    chance_below(&r->ch, 3) ? (r->now + chance_below(&r->ch, 50)) << 20 | r->m.op : 0;

	if (!x)
		return;
	lanes_retry(r->l, x->id, due);
	if (x->where != W_FLIGHT)
		return;
	if (due == 0) {
		m_lane_put(&r->m, 0, x);
	} else {
		x->where = W_DELAYED;
		x->due = due;
	}
}

static void run_drop(struct run *r)
{
	struct item *x = m_any(&r->m, &r->ch, (enum where)chance_below(&r->ch, W_FLIGHT + 1));

	if (!x)
		return;
	assert_int_equal(lanes_drop(r->l, x->id), x->where != W_FLIGHT);
	if (x->where == W_FLIGHT)
		return;
	m_remove(&r->m, x);
	r->dropped++;
}

static void a_hundred_thousand_random_operations_agree_with_the_model(void **state)
{
	static struct run r;
	struct lanes_conf cf = {.max = {LANE_MAX, LANE_MAX, LANE_MAX, LANE_MAX}, .otp_slots = SLOTS};
	struct item *x;

	(void)state;
	r = (struct run){.l = lanes_new(&cf), .ch = chance_new("lanes", 20261122)};
	for (r.m.op = 1; r.m.op <= OPS; r.m.op++) {
		unsigned dice = chance_below(&r.ch, 100);

		/* Floods and ebbs, so that lanes are full at times and empty at others. */
		if (dice < (r.m.op / 2000 % 2 ? 20u : 40u)) {
			run_push(&r);
		} else if (dice < 65) {
			run_next(&r, 1 + chance_below(&r.ch, 8));
		} else if (dice < 82) {
			run_end(&r);
		} else if (dice < 92) {
			run_retry(&r);
		} else if (dice < 95) {
			run_drop(&r);
		} else {
			r.now += chance_below(&r.ch, 20);
			assert_int_equal(lanes_tick(r.l, r.now << 20), m_tick(&r.m, r.now << 20));
		}
		for (unsigned c = 0; c < MSG_CLASSES; c++)
			assert_int_equal(lanes_depth(r.l, (enum msg_class)c), m_depth(&r.m, c));
		x = m_any(&r.m, &r.ch, W_NONE);
		assert_true(!x || lanes_has(r.l, x->id));
	}
	/* Nothing is lost: all that is left can be had, and then nothing is left. */
	lanes_tick(r.l, UINT64_MAX);
	m_tick(&r.m, UINT64_MAX);
	while ((x = m_any(&r.m, &r.ch, W_FLIGHT)) || m_any(&r.m, &r.ch, W_READY)) {
		if (!x) {
			run_next(&r, 9);
			continue;
		}
		lanes_done(r.l, x->id);
		m_remove(&r.m, x);
		r.done++;
	}
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		assert_int_equal(lanes_depth(r.l, (enum msg_class)c), 0);
	assert_int_equal(r.pushed, r.done + r.dropped);
	assert_true(r.refused > 100 && r.dropped > 100); /* the run did come to these places */
	print_message("lanes: %lu pushed, %lu refused, %lu done, %lu dropped\n", r.pushed, r.refused,
	    r.done, r.dropped);
	lanes_free(r.l);
}

static void a_paused_notice_waits_and_freeing_frees_all_in_every_state(void **state)
{
	struct lanes *l = lanes_new(&roomy);
	uint64_t id;

	(void)state;
	for (uint64_t i = 1; i <= 6; i++)
		assert_int_equal(lanes_push(l, i, CLASS_REPLY, i < 4 ? A : i < 6 ? B : C), LANES_OK);
	assert_int_equal(lanes_next(l, 9, &id), LANES_OK);
	assert_int_equal(lanes_next(l, 9, &id), LANES_OK);
	lanes_retry(l, 4, 10);
	assert_int_equal(lanes_push(l, 7, CLASS_INFO, C), LANES_OK);
	lanes_pause_info(l, true);
	assert_true(lanes_next(l, 9, &id) == LANES_OK && id == 6);
	assert_int_equal(lanes_next(l, 9, &id), LANES_EMPTY);
	lanes_pause_info(l, false);
	assert_true(lanes_next(l, 9, &id) == LANES_OK && id == 7);
	lanes_free(l);
	lanes_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(otp_leaves_before_everything_else_and_info_last),
	    cmocka_unit_test(the_last_window_slots_are_for_otp_alone),
	    cmocka_unit_test(alert_and_reply_take_turns_when_both_wait),
	    cmocka_unit_test(one_person_has_one_message_of_a_class_on_its_way_and_in_order),
	    cmocka_unit_test(an_older_message_pushed_late_still_leaves_first),
	    cmocka_unit_test(a_retry_goes_before_those_that_were_never_tried),
	    cmocka_unit_test(the_delayed_come_back_by_the_time_they_are_due),
	    cmocka_unit_test(a_message_can_be_dropped_in_every_state_but_flight),
	    cmocka_unit_test(a_full_lane_refuses_and_a_known_id_is_not_taken_twice),
	    cmocka_unit_test(done_and_retry_of_what_is_not_in_flight_change_nothing),
	    cmocka_unit_test(a_hundred_thousand_random_operations_agree_with_the_model),
	    cmocka_unit_test(a_paused_notice_waits_and_freeing_frees_all_in_every_state),
	};

	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
