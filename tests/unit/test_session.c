/* SPDX-License-Identifier: BSD-2-Clause */
/* test_session.c - the stored form of a session: the same after a round trip, and never a crash, a
 * wrong value or a silent loss when it is damaged. */
#include "mini_pack.h"

static struct packs *packs;

static int setup(void **state)
{
	struct buf err;

	(void)state;
	buf_init(&err, 1 << 20);
	packs = mini_compile(NULL, NULL, NULL, &err, NULL);
	fputs(buf_str(&err), stderr);
	buf_clear(&err);
	return packs ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	packs_free(packs);
	return 0;
}

static void feed(struct session *s, const char *text)
{
	const struct input in = {.kind = INPUT_TEXT,
	    .turn_id = 7,
	    .msisdn = "919812345678",
	    .channel = "sms",
	    .text = sv_from(text)};
	struct step_result r;

	dialogue_step(packs, s, &in, 1000, &r);
	assert_true(r.reply_count > 0 || r.has_call);
	step_result_clear(&r);
}

static void away(struct session *s)
{
	const struct input in = {.kind = INPUT_ANSWER,
	    .turn_id = 7,
	    .msisdn = "919812345678",
	    .channel = "sms",
	    .away = true};
	struct step_result r;

	dialogue_step(packs, s, &in, 1000, &r);
	step_result_clear(&r);
}

/* In the middle of a dialogue, a question kept beside it: every section is there. */
static struct session *full_session(void)
{
	struct session *s = session_new();
	struct input in = {.kind = INPUT_EVENT,
	    .turn_id = 6,
	    .msisdn = "919812345678",
	    .channel = "sms",
	    .event_type = SV("mini.called"),
	    .event_service = SV("mini")};
	json_t *data = json_pack("{s:s, s:i}", "kind", "turn", "token", 12);
	struct step_result r;

	in.data = data;
	dialogue_step(packs, s, &in, 1000, &r);
	assert_int_equal(r.reply_count, 1);
	step_result_clear(&r);
	json_decref(data);
	feed(s, "ENG");
	feed(s, "LOOK");
	feed(s, "STOP");
	feed(s, "MINI");
	feed(s, "Ram Kumar");
	feed(s, "35");
	feed(s, "1");
	feed(s, "5-3-1990");
	feed(s, "८००००१");
	feed(s, "yes");
	away(s);
	return s;
}

static void test_a_round_trip_changes_nothing(void **state)
{
	struct session *s = full_session(), *t;
	struct buf a, b;

	(void)state;
	buf_init(&a, 1 << 16);
	buf_init(&b, 1 << 16);
	session_encode(s, &a);
	t = session_decode(packs, buf_sv(&a));
	session_encode(t, &b);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	assert_true(a.n < 400);
	assert_string_equal(session_lang(t), "en");
	assert_true(t->is_stopped);
	assert_string_equal(t->kept.value[pack_var(t->kept.pack, SV("pin"))], "800001");
	assert_string_equal(t->kept.value[pack_var(t->kept.pack, SV("when"))], "1990-03-05");
	assert_int_equal(t->lost, 0);
	assert_non_null(t->expect.pack);
	assert_non_null(t->last.text);
	session_free(s);
	session_free(t);
	buf_clear(&a);
	buf_clear(&b);
}

static void test_an_empty_blob_is_a_new_session(void **state)
{
	struct session *s = session_decode(packs, SV(""));

	(void)state;
	assert_int_equal(s->lost, 0);
	assert_null(s->run.pack);
	assert_string_equal(session_lang(s), "hi");
	session_free(s);
}

/* An exact-size heap block of every prefix: a read past the end is seen by the sanitizer. */
static void test_every_prefix_is_read_without_fear(void **state)
{
	struct session *s = full_session();
	struct buf a;

	(void)state;
	buf_init(&a, 1 << 16);
	session_encode(s, &a);
	session_free(s);
	for (size_t n = 1; n < a.n; n++) {
		char *part = xmemdup(a.p, n);

		s = session_decode(packs, (struct sv){part, n});
		assert_true(s->lost & LOST_RUN);
		session_free(s);
		free(part);
	}
	buf_clear(&a);
}

/* One octet changed anywhere: what is left is as it was, or is told as lost. */
static void test_every_damaged_octet_is_seen(void **state)
{
	struct session *s = full_session();
	struct buf a;
	size_t told = 0;

	(void)state;
	buf_init(&a, 1 << 16);
	session_encode(s, &a);
	for (size_t i = 0; i < a.n; i++) {
		struct session *t;

		a.p[i] = (char)(a.p[i] ^ 0x41);
		t = session_decode(packs, buf_sv(&a));
		a.p[i] = (char)(a.p[i] ^ 0x41);
		if (t->kept.pack) {
			assert_string_equal(t->kept_key, s->kept_key);
			for (size_t v = 0; v < PACK_VARS_MAX; v++)
				if (s->kept.value[v])
					assert_string_equal(t->kept.value[v], s->kept.value[v]);
		} else {
			assert_true(t->lost != 0);
			told++;
		}
		session_free(t);
	}
	assert_true(told > 20);
	session_free(s);
	buf_clear(&a);
}

static void test_a_record_lives_longer_than_its_dialogue(void **state)
{
	struct session *s = session_new();
	const uint64_t day = 86400000;

	(void)state;
	assert_true(session_life_ms(s, 1000) >= 30 * day);
	feed(s, "MINI");
	assert_true(session_life_ms(s, 1000) >= 8 * day);
	feed(s, "STOP");
	assert_true(session_life_ms(s, 1000) >= 365 * day);
	session_free(s);
}

/* Values that do not fit the packs of today are not carried on. */
static void test_a_narrower_variable_starts_over(void **state)
{
	struct session *s = session_new(), *t;
	struct packs *narrow;
	struct buf blob, err;

	(void)state;
	buf_init(&blob, 1 << 16);
	buf_init(&err, 1 << 16);
	feed(s, "MINI");
	feed(s, "Ram Kumar Singh");
	session_encode(s, &blob);
	narrow = mini_compile("service.yaml", "  name: text 60", "  name: number 6", &err, NULL);
	assert_null(narrow); /* a question of a name does not fit a number: the compiler sees it */
	narrow = mini_compile("service.yaml", "  age: {ask: age", "  years: {ask: age", &err, NULL);
	assert_null(narrow);
	buf_reset(&err);
	narrow = mini_compile("service.yaml", "    next: age\n  age: {", "    next: years\n  years: {",
	    &err, NULL);
	assert_string_equal(buf_str(&err), "");
	t = session_decode(narrow, buf_sv(&blob));
	assert_null(t->run.pack);
	assert_int_equal(t->lost, LOST_RUN);
	assert_non_null(t->lost_pack);
	session_free(t);
	packs_free(narrow);
	session_free(s);
	buf_clear(&blob);
	buf_clear(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_round_trip_changes_nothing),
	    cmocka_unit_test(test_an_empty_blob_is_a_new_session),
	    cmocka_unit_test(test_every_prefix_is_read_without_fear),
	    cmocka_unit_test(test_every_damaged_octet_is_seen),
	    cmocka_unit_test(test_a_record_lives_longer_than_its_dialogue),
	    cmocka_unit_test(test_a_narrower_variable_starts_over),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
