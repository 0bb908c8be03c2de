/* SPDX-License-Identifier: BSD-2-Clause */
/* idem.c - the idempotency table; see idem.h. */
#include "backend/idem.h"

#include <string.h>

#include <openssl/evp.h>

bool idem_key_ok(const char *key)
{
	size_t n = strlen(key);

	if (n == 0 || n > IDEM_KEY_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (key[i] < '!' || key[i] > '~')
			return false;
	return true;
}

bool idem_hash(const char *method, const char *path, struct sv body, uint8_t out[IDEM_HASH_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;
	/* The NULs end each part, so that no two requests share one text. */
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		  EVP_DigestUpdate(ctx, method, strlen(method) + 1) == 1 &&
		  EVP_DigestUpdate(ctx, path, strlen(path) + 1) == 1 &&
		  EVP_DigestUpdate(ctx, body.p, body.n) == 1 && EVP_DigestFinal_ex(ctx, out, &n) == 1 &&
		  n == IDEM_HASH_LEN;

	EVP_MD_CTX_free(ctx);
	return ok;
}

enum idem_rc idem_look(struct db *d, const char *key, const uint8_t hash[IDEM_HASH_LEN], int64_t now_ms,
    struct idem_answer *out)
{
	sqlite3_stmt *st = db_use(d, SQL_IDEM_GET);
	enum idem_rc rc = IDEM_NEW;

	db_bind_text(st, 1, key);
	db_bind_int(st, 2, now_ms);
	if (db_row(d, st)) {
		if (sqlite3_column_bytes(st, 0) != IDEM_HASH_LEN ||
		    memcmp(sqlite3_column_blob(st, 0), hash, IDEM_HASH_LEN) != 0) {
			rc = IDEM_MISMATCH;
		} else {
			rc = IDEM_REPEAT;
			out->status = sqlite3_column_int(st, 1);
			out->body = xstrdup((const char *)sqlite3_column_text(st, 2));
		}
	}
	db_done(st);
	return rc;
}

void idem_keep(struct db *d, const char *key, const uint8_t hash[IDEM_HASH_LEN], int status,
    const char *body, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_IDEM_PUT);

	db_bind_text(st, 1, key);
	db_bind_blob(st, 2, hash, IDEM_HASH_LEN);
	db_bind_int(st, 3, status);
	db_bind_text(st, 4, body);
	db_bind_int(st, 5, now_ms + IDEM_LIFE_MS);
	db_run(d, st);
}

int idem_purge(struct db *d, int64_t now_ms, int max)
{
	sqlite3_stmt *st = db_use(d, SQL_IDEM_PURGE);

	db_bind_int(st, 1, now_ms);
	db_bind_int(st, 2, max);
	db_run(d, st);
	return db_failed(d) ? 0 : db_changes(d);
}
