/* SPDX-License-Identifier: BSD-2-Clause */
/* grievance.c - see grievance.h. */
#include "backend/grievance.h"

#include <string.h>

#include "base/buf.h"

int64_t grievance_new(struct db *d, const struct grievance *g, const char *text, const char *lang,
    int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_GRIEVANCE_NEW);

	db_bind_text(st, 1, g->service);
	db_bind_text(st, 2, g->msisdn);
	db_bind_text(st, 3, g->topic);
	db_bind_text(st, 4, text);
	db_bind_text(st, 5, lang);
	db_bind_text(st, 6, g->level);
	db_bind_int(st, 7, now_ms);
	db_bind_int(st, 8, g->due);
	db_run(d, st);
	return db_last_id(d);
}

static bool read_row(struct db *d, sqlite3_stmt *st, struct grievance *g)
{
	bool found = db_row(d, st);

	if (found) {
		g->ticket = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, g->service, sizeof g->service);
		db_col_text(st, 2, g->msisdn, sizeof g->msisdn);
		db_col_text(st, 3, g->topic, sizeof g->topic);
		db_col_text(st, 6, g->state, sizeof g->state);
		db_col_text(st, 7, g->level, sizeof g->level);
		g->created_at = sqlite3_column_int64(st, 8);
		g->due = sqlite3_column_int64(st, 10);
	}
	db_done(st);
	return found;
}

bool grievance_get(struct db *d, int64_t ticket, struct grievance *out)
{
	sqlite3_stmt *st = db_use(d, SQL_GRIEVANCE_GET);

	db_bind_int(st, 1, ticket);
	return read_row(d, st, out);
}

bool grievance_latest(struct db *d, const char *msisdn, const char *service, struct grievance *out)
{
	sqlite3_stmt *st = db_use(d, SQL_GRIEVANCE_LATEST);

	db_bind_text(st, 1, msisdn);
	db_bind_text(st, 2, service);
	return read_row(d, st, out);
}

void grievance_level(struct db *d, int64_t ticket, const char *level, int64_t due, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_GRIEVANCE_LEVEL);

	db_bind_int(st, 1, ticket);
	db_bind_text(st, 2, level);
	db_bind_int(st, 3, now_ms);
	db_bind_int(st, 4, due);
	db_run(d, st);
}

void grievance_resolve(struct db *d, int64_t ticket, const char *answer, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_GRIEVANCE_RESOLVE);

	db_bind_int(st, 1, ticket);
	db_bind_int(st, 2, now_ms);
	db_bind_text(st, 3, answer);
	db_run(d, st);
}
