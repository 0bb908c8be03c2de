/* SPDX-License-Identifier: BSD-2-Clause */
/* db.c - SQLite behind db.h. The process is the file's only writer; the busy time-out is for
 * a person with the sqlite3 shell. */
#include "backend/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define BUSY_MS 1000

struct db {
	sqlite3 *h;
	sqlite3_stmt *st[SQL_N];
	bool is_open_tx, has_failed, was_busy;
};

static bool exec(struct db *d, const char *sql, struct buf *err)
{
	char *msg = NULL;

	if (sqlite3_exec(d->h, sql, NULL, NULL, &msg) == SQLITE_OK)
		return true;
	buf_addf(err, "%s", msg ? msg : sqlite3_errmsg(d->h));
	sqlite3_free(msg);
	return false;
}

int db_version(const struct db *d)
{
	sqlite3_stmt *st;
	int v = -1;

	if (sqlite3_prepare_v2(d->h, "SELECT coalesce(max(number), 0) FROM migration", -1, &st, NULL) !=
	    SQLITE_OK)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* Each migration and its row are one transaction: a crash in the middle leaves none of it. */
static bool migrate_one(struct db *d, size_t i, struct buf *err)
{
	char *row = sqlite3_mprintf("INSERT INTO migration (number, name) VALUES (%d, %Q)", (int)i + 1,
	    sql_migrations[i].name);
	bool ok = exec(d, "BEGIN IMMEDIATE", err) && exec(d, sql_migrations[i].sql, err) &&
		  exec(d, row, err) && exec(d, "COMMIT", err);

	sqlite3_free(row);
	if (!ok)
		sqlite3_exec(d->h, "ROLLBACK", NULL, NULL, NULL);
	return ok;
}

static bool migrate(struct db *d, struct buf *err)
{
	int have;

	if (!exec(d,
		"CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
		" applied_at TEXT NOT NULL DEFAULT (datetime('now')))",
		err))
		return false;
	have = db_version(d);
	if (have < 0 || (size_t)have > sql_n_migrations) {
		buf_addf(err,
		    "the file is at migration %d, this program knows %zu: use a newer program", have,
		    sql_n_migrations);
		return false;
	}
	for (size_t i = (size_t)have; i < sql_n_migrations; i++)
		if (!migrate_one(d, i, err))
			return false;
	return true;
}

static bool prepare(struct db *d, struct buf *err)
{
	for (int i = 0; i < SQL_N; i++) {
		if (sqlite3_prepare_v3(d->h, sql_text[i], -1, SQLITE_PREPARE_PERSISTENT, &d->st[i],
			NULL) != SQLITE_OK) {
			buf_addf(err, "statement %d: %s", i, sqlite3_errmsg(d->h));
			return false;
		}
	}
	return true;
}

struct db *db_open(const char *path, bool is_full_sync, struct buf *err)
{
	struct db *d = xcalloc(1, sizeof *d);

	buf_addf(err, "%s: ", path);
	if (sqlite3_open_v2(path, &d->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK) {
		buf_addf(err, "%s", d->h ? sqlite3_errmsg(d->h) : "no memory");
		db_close(d);
		return NULL;
	}
	sqlite3_busy_timeout(d->h, BUSY_MS);
	if (!exec(d,
		"PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384;"
		" PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF",
		err) ||
	    !exec(d, is_full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err) ||
	    !migrate(d, err) || !prepare(d, err)) {
		db_close(d);
		return NULL;
	}
	buf_reset(err);
	return d;
}

void db_close(struct db *d)
{
	if (!d)
		return;
	for (int i = 0; i < SQL_N; i++)
		sqlite3_finalize(d->st[i]);
	sqlite3_close(d->h);
	free(d);
}

static void failed(struct db *d, int rc)
{
	if (!d->has_failed)
		LOG(NULL, LOG_ERR, "database failed", "code=%d reason=\"%s\"", rc,
		    sqlite3_errmsg(d->h));
	d->has_failed = true;
	d->was_busy = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

void db_fail(struct db *d, const char *why)
{
	if (!d->has_failed)
		LOG(NULL, LOG_ERR, "transaction given up", "reason=\"%s\"", why);
	d->has_failed = true;
	d->was_busy = false;
}

sqlite3_stmt *db_use(struct db *d, enum sql_id id)
{
	sqlite3_stmt *st = d->st[id];

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return st;
}

void db_bind_int(sqlite3_stmt *st, int at, int64_t v)
{
	sqlite3_bind_int64(st, at, v);
}

void db_bind_text(sqlite3_stmt *st, int at, const char *s)
{
	if (s)
		sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, at);
}

void db_bind_blob(sqlite3_stmt *st, int at, const void *p, size_t n)
{
	sqlite3_bind_blob64(st, at, p, n, SQLITE_STATIC);
}

bool db_row(struct db *d, sqlite3_stmt *st)
{
	int rc;

	if (d->has_failed)
		return false;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		failed(d, rc);
	sqlite3_reset(st);
	return false;
}

void db_done(sqlite3_stmt *st)
{
	sqlite3_reset(st);
}

void db_run(struct db *d, sqlite3_stmt *st)
{
	while (db_row(d, st))
		;
}

int64_t db_int(struct db *d, sqlite3_stmt *st, int64_t none)
{
	int64_t v = none;

	if (db_row(d, st)) {
		if (sqlite3_column_type(st, 0) != SQLITE_NULL)
			v = sqlite3_column_int64(st, 0);
		/* Run to the end: an INSERT ... RETURNING is complete only then. */
		db_run(d, st);
	}
	return v;
}

int64_t db_last_id(const struct db *d)
{
	return sqlite3_last_insert_rowid(d->h);
}

int db_changes(const struct db *d)
{
	return sqlite3_changes(d->h);
}

void db_col_text(sqlite3_stmt *st, int col, char *out, size_t cap)
{
	const unsigned char *t = sqlite3_column_text(st, col);

	snprintf(out, cap, "%s", t ? (const char *)t : "");
}

void db_begin(struct db *d, bool is_write)
{
	d->has_failed = d->was_busy = false;
	db_run(d, db_use(d, is_write ? SQL_BEGIN_WRITE : SQL_BEGIN));
	d->is_open_tx = !d->has_failed;
}

/* A statement left in the middle of its rows would keep a snapshot and stop checkpoints. */
static void reset_all(struct db *d)
{
	for (int i = 0; i < SQL_N; i++)
		if (sqlite3_stmt_busy(d->st[i]))
			sqlite3_reset(d->st[i]);
}

bool db_commit(struct db *d)
{
	reset_all(d);
	if (!d->has_failed)
		db_run(d, db_use(d, SQL_COMMIT));
	if (d->has_failed) {
		db_rollback(d);
		return false;
	}
	d->is_open_tx = false;
	return true;
}

void db_rollback(struct db *d)
{
	bool has_failed = d->has_failed, was_busy = d->was_busy;

	reset_all(d);
	/* Some errors have rolled back already; asking SQLite avoids a second complaint. */
	if (d->is_open_tx && !sqlite3_get_autocommit(d->h)) {
		d->has_failed = false;
		db_run(d, db_use(d, SQL_ROLLBACK));
	}
	d->is_open_tx = false;
	d->has_failed = has_failed;
	d->was_busy = was_busy;
}

bool db_failed(const struct db *d)
{
	return d->has_failed;
}

bool db_was_busy(const struct db *d)
{
	return d->was_busy;
}
