/* SPDX-License-Identifier: BSD-2-Clause */
/* db.h - the backend's SQLite file: write-ahead log, migrations, prepared statements.
 * Errors are sticky inside a transaction: after the first one reads give no rows, writes do
 * nothing, and db_commit rolls back and says no. So a caller checks once, at the end.
 *
 * synchronous=NORMAL in WAL mode: a killed process loses nothing; a power cut may lose the
 * last transactions, never the file's consistency. db_open with is_full_sync waits for the
 * disk at each commit. */
#ifndef DK_BACKEND_DB_H
#define DK_BACKEND_DB_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "backend/sql.h"
#include "base/buf.h"
#include "base/sv.h"
#include "base/xmalloc.h"

struct db;

/* Opens or makes the file and brings it to the newest migration. NULL: err says why. */
struct db *db_open(const char *path, bool is_full_sync, struct buf *err) MUSTUSE;
void db_close(struct db *d);
int db_version(const struct db *d); /* number of the newest migration in the file */

void db_begin(struct db *d, bool is_write);
bool db_commit(struct db *d) MUSTUSE; /* false: nothing of the transaction happened */
void db_rollback(struct db *d);
bool db_failed(const struct db *d); /* an error since db_begin */
bool db_was_busy(const struct db *d); /* the last error was a lock that another process held */

/* A statement ready for binding. Parameters are numbered from 1; text is borrowed until the
 * statement is done. */
sqlite3_stmt *db_use(struct db *d, enum sql_id id);
void db_bind_int(sqlite3_stmt *st, int at, int64_t v);
void db_bind_text(sqlite3_stmt *st, int at, const char *s); /* NULL: SQL NULL */
void db_bind_blob(sqlite3_stmt *st, int at, const void *p, size_t n);
bool db_row(struct db *d, sqlite3_stmt *st); /* false: no more rows, or an error */
void db_done(sqlite3_stmt *st); /* after the last row that is wanted */
void db_run(struct db *d, sqlite3_stmt *st); /* a statement without rows; done after it */
int64_t db_last_id(const struct db *d);
int db_changes(const struct db *d);
/* First column of the first row; `none` when there is none or it is NULL. */
int64_t db_int(struct db *d, sqlite3_stmt *st, int64_t none);
void db_fail(struct db *d, const char *why); /* our own reason to roll back */
/* Column text into out; cut to fit, always terminated. */
void db_col_text(sqlite3_stmt *st, int col, char *out, size_t cap);

#endif
