/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_schedule.c - the schedule as store.h promises it, over the twin and over a real
 * redis-server. Times are given, so nothing waits. */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"

#define MINUTE 60000u
static const uint64_t t0 = 1700000000000u;
static struct {
	size_t count, n;
	uint64_t expired, put_off, merged, next_ms, persons, id[RIG_ENTRIES_MAX];
	char record[RIG_ENTRIES_MAX][128];
	size_t record_n[RIG_ENTRIES_MAX];
	enum store_rc rc;
} taken;

static void on_taken(const struct store_taken *t, void *arg)
{
	(void)arg;
	assert_true(t->n <= RIG_ENTRIES_MAX);
	taken.count++;
	taken.rc = t->rc;
	taken.n = t->n;
	taken.expired = t->expired;
	taken.put_off = t->put_off;
	taken.merged = t->merged;
	taken.next_ms = t->next_ms;
	taken.persons = t->persons;
	for (size_t i = 0; i < t->n; i++) {
		taken.id[i] = t->e[i].id;
		taken.record_n[i] = t->e[i].record.n;
		assert_true(t->e[i].record.n < sizeof taken.record[i]);
		memcpy(taken.record[i], t->e[i].record.p, t->e[i].record.n);
	}
}

static void take_with(struct store_take t)
{
	memset(&taken, 0, sizeof taken);
	t.partition = part();
	t.owner = SV("a:1");
	rig.s->ops->take(rig.s, &t, on_taken, NULL);
	RIG_UNTIL(&rig, taken.count > 0);
	assert_int_equal(taken.count, 1);
}

/* At an instant, three a day, put off by a day. */
static size_t take_at(uint64_t now)
{
	take_with((struct store_take){.now_ms = now,
	    .limit = 16,
	    .cap = 3,
	    .day = now / (1440 * MINUTE),
	    .put_off_ms = now + 1440 * MINUTE});
	assert_int_equal(taken.rc, STORE_OK);
	return taken.n;
}

static struct store_hold event(uint64_t id, const char *key, const char *record, uint64_t at)
{
	return (struct store_hold){.msisdn = ANA,
	    .key = sv_from(key),
	    .id = id,
	    .record = sv_from(record),
	    .at_ms = at,
	    .until_ms = at + 10000 * MINUTE,
	    .now_ms = t0};
}

static enum store_rc hold(struct store_hold h)
{
	memset(&rig.got, 0, sizeof rig.got);
	rig.s->ops->hold(rig.s, &h, rig_done, &rig.got);
	rig_wait(&rig);
	return rig.got.rc;
}

/* What take added behind the record. */
static void has_tail(size_t i, const char *record, uint64_t until, unsigned merged)
{
	char want[128], number[24], times[8];
	int n, m;

	n = snprintf(number, sizeof number, "%llu", (unsigned long long)until);
	m = snprintf(times, sizeof times, "%u", merged);
	n = snprintf(want, sizeof want, "%s%c%ca:1%c%c%s%c%c%s", record, 0, 3, 0, n, number, 0, m,
	    times);
	assert_int_equal(taken.record_n[i], n);
	assert_memory_equal(taken.record[i], want, (size_t)n);
}

static void an_event_is_in_the_inbox_once_when_its_time_has_come(void **state)
{
	(void)state;
	assert_int_equal(hold(event(7, "k", "one", t0 + MINUTE)), STORE_OK);
	assert_int_equal(take_at(t0), 0);
	assert_int_equal(taken.next_ms, t0 + MINUTE);
	assert_int_equal(taken.persons, 1);
	assert_int_equal(inbox_size(), 0);
	assert_int_equal(take_at(t0 + MINUTE), 1);
	assert_int_equal(taken.id[0], 7);
	has_tail(0, "one", t0 + 10001 * MINUTE, 1);
	assert_int_equal(taken.persons, 0);
	assert_int_equal(taken.next_ms, 0);
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(take_at(t0 + 2 * MINUTE), 0);
	assert_int_equal(rig_load_in(&rig, part(), 0, 8), STORE_OK);
	assert_int_equal(rig.got.id[0], 7);
}

static void a_newer_one_of_the_key_replaces_it_and_what_is_under_it(void **state)
{
	(void)state;
	hold(event(1, "n/papers/D1", "d1", t0));
	hold(event(2, "n/papers/D2", "d2", t0));
	hold(event(3, "n/paper", "other", t0));
	assert_int_equal(hold(event(4, "n/papers/D1", "d1 again", t0)), STORE_OK);
	assert_int_equal(rig.got.version, 1);
	assert_int_equal(hold(event(5, "n/papers", "all", t0 + MINUTE)), STORE_OK);
	assert_int_equal(rig.got.version, 2);
	assert_int_equal(take_at(t0 + MINUTE), 2);
	assert_int_equal(taken.id[0], 3);
	assert_int_equal(taken.id[1], 5);
}

static void cancelling_drops_what_the_key_names_and_keeps_nothing(void **state)
{
	struct store_hold h = event(0, "n/papers", "", 0);

	(void)state;
	hold(event(1, "n/papers/D1", "d1", t0));
	h.msisdn = BINU;
	assert_int_equal(hold(h), STORE_OK);
	assert_int_equal(rig.got.version, 0);
	h.msisdn = ANA;
	assert_int_equal(hold(h), STORE_OK);
	assert_int_equal(rig.got.version, 1);
	assert_int_equal(hold(h), STORE_OK);
	assert_int_equal(rig.got.version, 0);
	assert_int_equal(take_at(t0), 0);
	assert_int_equal(taken.persons, 0);
}

static void the_same_event_again_is_a_duplicate_and_changes_nothing(void **state)
{
	struct store_hold h = event(1, "k", "one", t0);

	(void)state;
	h.dedup_key = SV("e:1");
	h.dedup_value = SV("1");
	h.dedup_ms = 10 * MINUTE;
	assert_int_equal(hold(h), STORE_OK);
	h.id = 2;
	assert_int_equal(hold(h), STORE_DUPLICATE);
	assert_int_equal(take_at(t0), 1);
	assert_int_equal(taken.id[0], 1);
	assert_int_equal(hold(h), STORE_DUPLICATE);
	assert_int_equal(take_at(t0), 0);
}

static void above_the_cap_the_one_of_use_longest_waits_for_the_next_day(void **state)
{
	char key[] = "k0";

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		struct store_hold h = event(10 + i, key, "r", t0);

		key[1]++;
		h.until_ms = t0 + (i % 2 ? 9000 : 5000) * MINUTE + i;
		assert_int_equal(hold(h), STORE_OK);
	}
	assert_int_equal(take_at(t0), 3); /* 10, 12, 14 end first */
	assert_int_equal(taken.id[2], 14);
	assert_int_equal(taken.put_off, 2);
	assert_int_equal(taken.next_ms, t0 + 1440 * MINUTE);
	hold(event(20, "later", "r", t0));
	assert_int_equal(take_at(t0 + MINUTE), 0);
	assert_int_equal(taken.put_off, 1);
	assert_int_equal(take_at(t0 + 1441 * MINUTE), 3);
	assert_int_equal(taken.id[0], 11);
}

static void what_the_cap_does_not_count_goes_beside_it(void **state)
{
	struct store_hold h = event(2, "free", "r", t0);

	(void)state;
	hold(event(1, "k", "r", t0));
	h.is_free = true;
	hold(h);
	take_with((struct store_take){
	    .now_ms = t0, .limit = 16, .cap = 0, .day = 1, .put_off_ms = t0 + MINUTE});
	assert_int_equal(taken.n, 1);
	assert_int_equal(taken.id[0], 2);
	assert_int_equal(taken.next_ms, t0 + MINUTE);
	assert_int_equal(take_at(t0 + MINUTE), 1);
}

static void those_of_a_group_that_are_due_together_go_as_one(void **state)
{
	struct store_hold h;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char key[] = "k0";

		key[1] = (char)(key[1] + (char)i);
		h = event(1 + i, key, "r", t0 + (i == 2 ? MINUTE : 0));
		h.group = SV("n/many");
		hold(h);
	}
	hold(event(9, "alone", "s", t0));
	assert_int_equal(take_at(t0), 2);
	assert_int_equal(taken.merged, 1);
	has_tail(0, "r", t0 + 10000 * MINUTE, 2);
	has_tail(1, "s", t0 + 10000 * MINUTE, 1);
	assert_int_equal(take_at(t0 + MINUTE), 1);
	assert_int_equal(taken.id[0], 3);
}

static void past_its_use_it_is_a_dead_letter_and_counted(void **state)
{
	struct store_hold h = event(1, "k", "late", t0);

	(void)state;
	h.until_ms = t0 + MINUTE;
	hold(h);
	hold(event(2, "l", "good", t0));
	assert_int_equal(take_at(t0 + MINUTE), 1);
	assert_int_equal(taken.id[0], 2);
	assert_int_equal(taken.expired, 1);
	assert_int_equal(taken.persons, 0);
	if (rig.is_redis) {
		char key[64];

		snprintf(key, sizeof key, "dky:{p%u}:dead", part());
		assert_string_equal(rig_redis(rig.socket, "LINDEX %s 0", key), "expired\nlate");
	}
}

static void a_full_person_and_a_full_schedule_are_an_answer(void **state)
{
	struct store_hold h = event(100, "k1", "r", t0);

	(void)state;
	for (unsigned i = 0; i < rig.cf.schedule_each; i++) {
		char key[] = "k0";

		key[1] = (char)(key[1] + (char)i);
		assert_int_equal(hold(event(1 + i, key, "r", t0)), STORE_OK);
	}
	assert_int_equal(hold(event(50, "more", "r", t0)), STORE_FULL);
	assert_int_equal(rig.got.version, 0);
	assert_int_equal(hold(h), STORE_OK); /* takes the place of another */
	for (unsigned i = 0, found = 1; i < 4000; i++) {
		static char number[24];

		snprintf(number, sizeof number, "9198000%05u", i);
		if (store_partition(rig.s, number) != part())
			continue;
		h.msisdn = number;
		assert_int_equal(hold(h), found < rig.cf.schedule_max ? STORE_OK : STORE_FULL);
		if (found++ == rig.cf.schedule_max)
			break;
	}
	assert_int_equal(rig.got.rc, STORE_FULL);
	assert_int_equal(rig.got.version, 1);
}

static void a_full_inbox_leaves_the_rest_in_the_schedule(void **state)
{
	struct store_accept a = message(0, "x");

	(void)state;
	for (unsigned i = 0; i + 1 < rig.cf.inbox_max; i++) {
		a.id = 1000 + i;
		assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	}
	hold(event(1, "a", "r", t0));
	hold(event(2, "b", "r", t0));
	assert_int_equal(take_at(t0), 1);
	assert_int_equal(taken.persons, 1);
	assert_int_equal(take_at(t0), 0);
	assert_int_equal(inbox_size(), rig.cf.inbox_max);
}

/* Records hold any octets. */
static void a_record_of_any_octets_comes_back_whole(void **state)
{
	struct store_hold h = event(1, "k", "", t0);

	(void)state;
	h.record = (struct sv){"a\n\0 1 2\n\xff", 10};
	hold(h);
	assert_int_equal(take_at(t0), 1);
	assert_memory_equal(taken.record[0], h.record.p, h.record.n);
}

static void what_is_kept_survives_a_kill_of_the_server(void **state)
{
	(void)state;
	if (!rig.is_redis)
		return;
	hold(event(1, "k", "one", t0));
	rig_redis(rig.socket, "CONFIG SET appendfsync always");
	rig_server_end(&rig, 9);
	rig_server_start(&rig);
	RIG_UNTIL(&rig, rig.downs > 0 && rig.s->ops->is_up(rig.s));
	assert_int_equal(take_at(t0), 1);
	assert_int_equal(taken.id[0], 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    T(an_event_is_in_the_inbox_once_when_its_time_has_come),
	    T(a_newer_one_of_the_key_replaces_it_and_what_is_under_it),
	    T(cancelling_drops_what_the_key_names_and_keeps_nothing),
	    T(the_same_event_again_is_a_duplicate_and_changes_nothing),
	    T(above_the_cap_the_one_of_use_longest_waits_for_the_next_day),
	    T(what_the_cap_does_not_count_goes_beside_it),
	    T(those_of_a_group_that_are_due_together_go_as_one),
	    T(past_its_use_it_is_a_dead_letter_and_counted),
	    T(a_full_person_and_a_full_schedule_are_an_answer),
	    T(a_full_inbox_leaves_the_rest_in_the_schedule),
	    T(a_record_of_any_octets_comes_back_whole),
	    T(what_is_kept_survives_a_kill_of_the_server),
	};

	return rig_run_both(tests, sizeof tests / sizeof tests[0]);
}
