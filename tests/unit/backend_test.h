/* SPDX-License-Identifier: BSD-2-Clause */
/* backend_test.h - for the backend's tests: a database in a folder of its own, rules written
 * in the test, and times said in IST. */
#ifndef DK_BACKEND_TEST_H
#define DK_BACKEND_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/db.h"
#include "backend/ist.h"
#include "backend/queue.h"
#include "backend/registry.h"
#include "backend/rules.h"

struct fixture {
	char dir[64], path[80];
	struct db *db;
	struct rules *rules;
	struct queue q;
};

/* Rules of one service with the values that tests vary. */
static inline struct rules *test_rules(const char *validity, int missed_max, const char *thresholds,
    const char *hours)
{
	struct buf text, err;
	struct rules *r;

	buf_init(&text, 65536);
	buf_init(&err, 65536);
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			buf_adds(&text, "services:\n");
		buf_addf(&text,
		    "  %s:\n"
		    "    rules:\n"
		    "      - from: 2020-01-01\n"
		    "        token_validity: {value: %s, source: t}\n"
		    "        missed_turn_max: {value: %d, source: t}\n"
		    "        reconnect_grace_s: {value: 300, source: t}\n"
		    "        minutes_per_patient: {value: 3, source: t}\n"
		    "        thresholds: {value: %s, source: t}\n"
		    "        auto_token_on_registration: {value: false, source: t}\n"
		    "        hours: {value: %s, source: t}\n",
		    i == 0 ? "opd" : "eye", validity, missed_max, thresholds, hours);
	}
	r = rules_read("test", buf_sv(&text), &err);
	if (!r)
		fail_msg("%s", buf_str(&err));
	buf_clear(&text);
	buf_clear(&err);
	return r;
}

/* The rules that are shipped, with the first `from` of their text turned into `to`; NULL: as they are.
 * NULL when a change makes them wrong. */
static inline struct rules *shipped_rules(const char *from, const char *to)
{
	const char *root = getenv("DK_SRCDIR");
	char *path = xasprintf("%s/etc/backend-rules.yaml", root ? root : ".");
	FILE *f = fopen(path, "r");
	struct buf text, err;
	char part[4096];
	struct rules *r;
	const char *at;

	if (!f)
		fail_msg("%s is not there", path);
	buf_init(&text, 1 << 20);
	buf_init(&err, 1 << 16);
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&text, part, n);
	fclose(f);
	if (from) {
		char *whole = buf_take(&text);

		at = strstr(whole, from);
		assert_non_null(at);
		buf_init(&text, 1 << 20);
		buf_addf(&text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
		free(whole);
	}
	r = rules_read(path, buf_sv(&text), &err);
	if (!r && !from)
		fail_msg("%s", buf_str(&err));
	buf_clear(&text);
	buf_clear(&err);
	free(path);
	return r;
}

static inline struct db *test_db_open(const char *path)
{
	struct buf err;
	struct db *d;

	buf_init(&err, 4096);
	d = db_open(path, false, &err);
	if (!d)
		fail_msg("%s", buf_str(&err));
	buf_clear(&err);
	return d;
}

static inline void fixture_open(struct fixture *f, struct rules *rules)
{
	snprintf(f->dir, sizeof f->dir, "/tmp/dk-backend-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/b.db", f->dir);
	f->db = test_db_open(f->path);
	f->rules = rules;
	f->q = (struct queue){f->db, rules};
}

static inline void fixture_close(struct fixture *f)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[96];

	db_close(f->db);
	rules_free(f->rules);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
}

static inline int64_t at(const char *text)
{
	int64_t ms = 0;

	if (!ist_parse(text, &ms))
		fail_msg("not a time: %s", text);
	return ms;
}

/* A registered person; the number is made from n. */
static inline int64_t person(struct fixture *f, const char *service, int n, int64_t now_ms)
{
	char msisdn[FIELD_MSISDN_CAP], name[32];
	struct registration r = {msisdn, service, name, 40, "F", NULL, "hi", "1", "sms", NULL};
	bool is_new;

	snprintf(msisdn, sizeof msisdn, "9198%08d", n);
	snprintf(name, sizeof name, "Person %d", n);
	return registry_put(f->db, &r, now_ms, &is_new);
}

static inline const char *phone_of(int n)
{
	static char msisdn[FIELD_MSISDN_CAP];

	snprintf(msisdn, sizeof msisdn, "9198%08d", n);
	return msisdn;
}

/* Registers person n and takes a token, in the open transaction. */
static inline struct token take(struct fixture *f, const char *service, int n, int64_t now_ms)
{
	struct token t;
	int64_t id = person(f, service, n, now_ms);

	assert_int_equal(queue_issue(&f->q, rules_find(f->rules, service, now_ms), id, phone_of(n),
			     "AUDIO", now_ms, &t),
	    QUEUE_OK);
	return t;
}

/* A test begins in an open transaction of an empty database. */
static inline int open_with(void **state, const char *validity, int missed_max, const char *thresholds)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	fixture_open(f, test_rules(validity, missed_max, thresholds, "null"));
	db_begin(f->db, true);
	*state = f;
	return 0;
}

static inline int open_calendar(void **state)
{
	return open_with(state, "calendar_day", 2, "[3]");
}

static inline int close_fixture(void **state)
{
	struct fixture *f = *state;

	db_rollback(f->db);
	fixture_close(f);
	free(f);
	return 0;
}

static inline struct token get(struct fixture *f, int64_t token_id)
{
	struct token t;

	assert_int_equal(queue_get(&f->q, token_id, &t), QUEUE_OK);
	return t;
}

static inline int64_t position(struct fixture *f, int64_t token_id, int64_t now_ms)
{
	struct token t = get(f, token_id);

	assert_int_equal(t.state, TOKEN_WAITING);
	return queue_place(&f->q, &t, now_ms).position;
}

/* A single number that a query of the test gives. */
static inline int64_t ask(const char *path, const char *sql)
{
	sqlite3 *h;
	sqlite3_stmt *st;
	int64_t v = -1;

	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(h);
	return v;
}

#endif
