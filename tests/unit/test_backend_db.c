/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_db.c - the database file, the registry, the outbox and the kept answers. */
#include "backend_test.h"

#include "backend/events.h"
#include "backend/idem.h"

#define NOW 1700000000000LL

static int open_file(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	fixture_open(f, test_rules("calendar_day", 2, "[3]", "null"));
	*state = f;
	return 0;
}

static int close_file(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void an_empty_file_is_brought_to_the_newest_migration(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_version(f->db), sql_n_migrations);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM migration"), sql_n_migrations);
	assert_int_equal(ask(f->path, "SELECT (SELECT * FROM pragma_journal_mode) = 'wal'"), 1);
	assert_int_equal(ask(f->path, "SELECT (SELECT * FROM pragma_integrity_check) = 'ok'"), 1);
}

static void a_file_opened_again_keeps_what_was_in_it(void **state)
{
	struct fixture *f = *state;

	db_begin(f->db, true);
	take(f, "opd", 1, NOW);
	assert_true(db_commit(f->db));
	for (int i = 0; i < 3; i++) {
		db_close(f->db);
		f->db = test_db_open(f->path);
		assert_int_equal(db_version(f->db), sql_n_migrations);
	}
	assert_int_equal(ask(f->path, "SELECT count(*) FROM token"), 1);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM meta"), 1);
}

static void a_file_of_a_newer_program_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf err;

	db_close(f->db);
	ask(f->path, "INSERT INTO migration (number, name) VALUES (999, 'from the future')");
	buf_init(&err, 4096);
	assert_null(db_open(f->path, false, &err));
	assert_non_null(strstr(buf_str(&err), "newer program"));
	buf_reset(&err);
	assert_null(db_open("/nonexistent/b.db", false, &err));
	assert_non_null(strstr(buf_str(&err), "/nonexistent/b.db: "));
	buf_clear(&err);
	ask(f->path, "DELETE FROM migration WHERE number = 999");
	f->db = test_db_open(f->path);
}

static void a_failed_transaction_leaves_nothing(void **state)
{
	struct fixture *f = *state;

	db_begin(f->db, true);
	take(f, "opd", 1, NOW);
	db_fail(f->db, "the test says so");
	assert_true(db_failed(f->db));
	assert_false(db_commit(f->db));
	assert_int_equal(ask(f->path, "SELECT count(*) FROM patient"), 0);
	db_begin(f->db, true);
	assert_false(db_failed(f->db));
	take(f, "opd", 1, NOW);
	assert_true(db_commit(f->db));
	assert_int_equal(ask(f->path, "SELECT count(*) FROM patient"), 1);
}

static void constraints_stop_what_the_code_must_never_do(void **state)
{
	static const char *const bad[] = {
	    "INSERT INTO token (service, day, number, patient_id, msisdn, mode, state, ord, told, "
	    "issued_at,"
	    " valid_until) SELECT service, day, number, patient_id + 1, msisdn, mode, 'USED', ord, "
	    "told, issued_at,"
	    " valid_until FROM token",
	    "INSERT INTO token (service, day, number, patient_id, msisdn, mode, state, ord, told, "
	    "issued_at,"
	    " valid_until) SELECT service, day, 99, patient_id, msisdn, mode, 'CALLED', ord, told, "
	    "issued_at,"
	    " valid_until FROM token",
	    "UPDATE token SET state = 'LOST'",
	    "UPDATE token SET valid_until = issued_at",
	    "UPDATE patient SET age = 126",
	    "UPDATE patient SET msisdn = '91x8123456'",
	    "UPDATE patient SET sex = 'X'",
	};
	struct fixture *f = *state;
	sqlite3 *h;

	db_begin(f->db, true);
	take(f, "opd", 1, NOW);
	assert_true(db_commit(f->db));
	assert_int_equal(sqlite3_open(f->path, &h), SQLITE_OK);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(sqlite3_exec(h, bad[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
	sqlite3_close(h);
}

static void a_lock_held_by_another_is_busy_not_broken(void **state)
{
	struct fixture *f = *state;
	sqlite3 *h;

	assert_int_equal(sqlite3_open(f->path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	db_begin(f->db, true);
	assert_true(db_failed(f->db));
	assert_true(db_was_busy(f->db));
	assert_false(db_commit(f->db));
	assert_int_equal(sqlite3_exec(h, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	db_begin(f->db, true);
	take(f, "opd", 1, NOW);
	assert_true(db_commit(f->db));
	sqlite3_close(h);
}

/* ---- registry ---- */

static int64_t put(struct fixture *f, const char *msisdn, const char *service, const char *name,
    int age, bool *is_new)
{
	struct registration r = {msisdn, service, name, age, "F", "Patna", "hi", "1", "sms", NULL};

	return registry_put(f->db, &r, NOW, is_new);
}

static void a_phone_may_serve_a_family(void **state)
{
	struct fixture *f = *state;
	bool is_new;
	int64_t ram, sita;
	struct patient p;

	db_begin(f->db, true);
	ram = put(f, "919812345678", "opd", "राम", 40, &is_new);
	assert_true(is_new);
	sita = put(f, "919812345678", "opd", "सीता", 35, &is_new);
	assert_true(is_new);
	assert_int_not_equal(ram, sita);
	assert_int_equal(registry_find(f->db, "919812345678", "opd", 0), sita);
	assert_int_equal(registry_find(f->db, "919812345678", "opd", ram), ram);
	assert_int_equal(put(f, "919812345678", "opd", "राम ", 41, &is_new), ram);
	assert_false(is_new);
	assert_int_equal(registry_find(f->db, "919812345678", "opd", 0), ram);
	assert_true(registry_get(f->db, ram, &p));
	assert_int_equal(p.age, 41);
	assert_string_equal(p.place, "Patna");
	registry_clear(&p);
	assert_int_equal(put(f, "919812345678", "eye", "राम", 41, &is_new), ram);
	assert_true(is_new); /* for another service */
	assert_int_equal(registry_find(f->db, "919812345678", "eye", sita), 0);
	assert_int_equal(registry_find(f->db, "919812345679", "opd", 0), 0);
	assert_int_equal(registry_find(f->db, "919812345679", "opd", ram), 0); /* not on that phone */
	assert_false(registry_get(f->db, 99, &p));
	assert_true(db_commit(f->db));
}

/* ---- outbox ---- */

static void events_of_one_number_go_one_after_the_other(void **state)
{
	struct fixture *f = *state;
	struct event_out due[8];
	size_t n;
	int64_t pending, refused;

	db_begin(f->db, true);
	assert_int_equal(events_next_due_ms(f->db), -1);
	for (int i = 0; i < 6; i++)
		events_add(f->db, "token.called", "opd", i % 2 ? "919800000001" : "919800000000", NOW,
		    json_pack("{s:i}", "token", i));
	n = events_due(f->db, 0, due, 8);
	assert_int_equal(n, 2); /* one a number */
	assert_int_equal(due[0].seq, 1);
	assert_int_equal(due[1].seq, 2);
	assert_non_null(strstr(due[0].body, "\"data\":{\"token\":0}"));
	assert_int_equal(strncmp(due[0].body, "{\"id\":\"", 7), 0);
	assert_string_not_equal(due[0].id, due[1].id);
	for (size_t i = 0; i < n; i++)
		free(due[i].body);

	events_failed(f->db, 1, 503, 5000); /* waits, and its number with it */
	events_settle(f->db, 2, true, 202, NOW);
	n = events_due(f->db, 4999, due, 8);
	assert_int_equal(n, 1);
	assert_int_equal(due[0].seq, 4);
	free(due[0].body);
	assert_int_equal(events_next_due_ms(f->db), 0);
	n = events_due(f->db, 5000, due, 1);
	assert_int_equal(n, 1); /* bounded */
	free(due[0].body);
	events_settle(f->db, 4, false, 400, NOW);
	events_settle(f->db, 4, true, 200, NOW); /* a late second answer changes nothing */
	events_settle(f->db, 6, true, 200, NOW);
	assert_int_equal(events_next_due_ms(f->db), 5000);
	events_retry_all(f->db);
	assert_int_equal(events_next_due_ms(f->db), 0);
	events_count(f->db, &pending, &refused);
	assert_int_equal(pending, 3);
	assert_int_equal(refused, 1);
	assert_int_equal(events_purge(f->db, NOW - 1, 100), 0);
	assert_int_equal(events_purge(f->db, NOW, 2), 2);
	assert_int_equal(events_purge(f->db, NOW, 100), 1);
	assert_true(db_commit(f->db));
}

/* ---- kept answers ---- */

static void a_key_gives_the_first_answer_again_until_it_is_old(void **state)
{
	struct fixture *f = *state;
	uint8_t one[IDEM_HASH_LEN], two[IDEM_HASH_LEN];
	struct idem_answer a = {0};

	assert_true(idem_hash("POST", "/v1/tokens", SV("{}"), one));
	assert_true(idem_hash("POST", "/v1/token", SV("s{}"), two));
	assert_memory_not_equal(one, two, IDEM_HASH_LEN);
	db_begin(f->db, true);
	assert_int_equal(idem_look(f->db, "k", one, NOW, &a), IDEM_NEW);
	idem_keep(f->db, "k", one, 201, "{\"a\":1}", NOW);
	assert_int_equal(idem_look(f->db, "k", two, NOW, &a), IDEM_MISMATCH);
	assert_int_equal(idem_look(f->db, "k", one, NOW + IDEM_LIFE_MS - 1, &a), IDEM_REPEAT);
	assert_int_equal(a.status, 201);
	assert_string_equal(a.body, "{\"a\":1}");
	free(a.body);
	assert_int_equal(idem_look(f->db, "k", one, NOW + IDEM_LIFE_MS, &a), IDEM_NEW);
	idem_keep(f->db, "k", two, 200, "{}", NOW + IDEM_LIFE_MS);
	assert_int_equal(idem_purge(f->db, NOW + IDEM_LIFE_MS, 10), 0);
	assert_int_equal(idem_purge(f->db, NOW + 2 * IDEM_LIFE_MS, 10), 1);
	assert_true(db_commit(f->db));
}

static void keys_are_short_printable_words(void **state)
{
	char text[IDEM_KEY_MAX + 2];

	(void)state;
	memset(text, 'k', sizeof text);
	text[IDEM_KEY_MAX + 1] = '\0';
	assert_false(idem_key_ok(text));
	assert_true(idem_key_ok(text + 1));
	assert_false(idem_key_ok(""));
	assert_false(idem_key_ok("two words"));
	assert_false(idem_key_ok("\xE0\xA4\x95"));
}

#define WITH_DB(fn) cmocka_unit_test_setup_teardown(fn, open_file, close_file)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    WITH_DB(an_empty_file_is_brought_to_the_newest_migration),
	    WITH_DB(a_file_opened_again_keeps_what_was_in_it),
	    WITH_DB(a_file_of_a_newer_program_is_refused),
	    WITH_DB(a_failed_transaction_leaves_nothing),
	    WITH_DB(constraints_stop_what_the_code_must_never_do),
	    WITH_DB(a_lock_held_by_another_is_busy_not_broken),
	    WITH_DB(a_phone_may_serve_a_family),
	    WITH_DB(events_of_one_number_go_one_after_the_other),
	    WITH_DB(a_key_gives_the_first_answer_again_until_it_is_old),
	    cmocka_unit_test(keys_are_short_printable_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
