/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_store.c - the table of Niramaya applications; see niramaya.h. */
#include "backend/niramaya.h"

#include <string.h>

static void bind_common(sqlite3_stmt *st, const struct nir_application *a, int64_t now_ms)
{
	db_bind_text(st, 2, a->status);
	db_bind_text(st, 3, a->missing);
	db_bind_text(st, 4, a->reason);
	db_bind_int(st, 5, a->docs);
	db_bind_int(st, 6, a->asked);
	db_bind_int(st, 7, a->decided);
	db_bind_int(st, 8, a->card);
	db_bind_int(st, 9, a->start);
	db_bind_int(st, 10, a->valid_to);
	db_bind_int(st, 11, a->next_due);
	db_bind_int(st, 12, a->told);
	db_bind_int(st, 13, now_ms);
}

void nir_log(struct db *d, int64_t ref, const char *status, const char *detail, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_LOG);

	db_bind_int(st, 1, ref);
	db_bind_int(st, 2, now_ms);
	db_bind_text(st, 3, status);
	db_bind_text(st, 4, detail);
	db_run(d, st);
}

int64_t nir_add(struct db *d, const struct nir_application *a, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_NEW);
	int64_t ref;

	db_bind_text(st, 1, a->msisdn);
	db_bind_text(st, 2, a->kind);
	db_bind_text(st, 3, a->category);
	db_bind_text(st, 4, a->disability);
	db_bind_text(st, 5, a->state);
	db_bind_text(st, 6, a->lang);
	db_bind_text(st, 7, a->status);
	db_bind_int(st, 8, a->received);
	db_bind_int(st, 9, now_ms);
	db_run(d, st);
	ref = db_last_id(d);
	nir_log(d, ref, a->status, "", now_ms);
	return ref;
}

static bool read_row(struct db *d, sqlite3_stmt *st, struct nir_application *a)
{
	bool found = db_row(d, st);

	*a = (struct nir_application){0};
	if (found) {
		a->ref = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, a->msisdn, sizeof a->msisdn);
		db_col_text(st, 2, a->kind, sizeof a->kind);
		db_col_text(st, 3, a->category, sizeof a->category);
		db_col_text(st, 4, a->disability, sizeof a->disability);
		db_col_text(st, 5, a->state, sizeof a->state);
		db_col_text(st, 6, a->lang, sizeof a->lang);
		db_col_text(st, 7, a->status, sizeof a->status);
		db_col_text(st, 8, a->missing, sizeof a->missing);
		db_col_text(st, 9, a->reason, sizeof a->reason);
		a->received = sqlite3_column_int64(st, 10);
		a->docs = sqlite3_column_int64(st, 11);
		a->asked = sqlite3_column_int64(st, 12);
		a->decided = sqlite3_column_int64(st, 13);
		a->card = sqlite3_column_int64(st, 14);
		a->start = sqlite3_column_int64(st, 15);
		a->valid_to = sqlite3_column_int64(st, 16);
		a->next_due = sqlite3_column_int64(st, 17);
		a->told = sqlite3_column_int64(st, 18);
	}
	db_done(st);
	return found;
}

bool nir_get(struct db *d, int64_t ref, struct nir_application *out)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_GET);

	db_bind_int(st, 1, ref);
	return read_row(d, st, out);
}

bool nir_latest(struct db *d, const char *msisdn, bool with_card, struct nir_application *out)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_LATEST);

	db_bind_text(st, 1, msisdn);
	db_bind_int(st, 2, with_card);
	return read_row(d, st, out);
}

void nir_put(struct db *d, const struct nir_application *a, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_PUT);

	db_bind_int(st, 1, a->ref);
	bind_common(st, a, now_ms);
	db_run(d, st);
}

int64_t nir_next_due_ms(struct db *d)
{
	return db_int(d, db_use(d, SQL_NIR_NEXT_DUE), -1);
}
