/* SPDX-License-Identifier: BSD-2-Clause */
/* lists.c - the lists of lists.h: from YAML into tables, and the look-ups. */
#include "backend/lists.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "backend/field.h"
#include "backend/ist.h"
#include "base/hex.h"
#include "base/ydoc.h"

#define LIST_NAME_CHARS 60

struct loader {
	struct db *d;
	const char *name;
	struct buf *err;
};

static const char *need(const struct loader *l, const struct ynode *map, const char *key)
{
	const char *s = ynode_str(ynode_get(map, key));

	if (!s || !*s)
		ydoc_error(l->err, l->name, map, "%s is missing", key);
	return s ? s : "";
}

/* A name in both languages, {hi, en}. */
static void both(const struct loader *l, const struct ynode *map, const char *key, const char **hi,
    const char **en)
{
	const struct ynode *n = ynode_get(map, key);

	*hi = *en = "";
	if (!n || n->kind != YNODE_MAP) {
		ydoc_error(l->err, l->name, n ? n : map, "%s must be {hi: ..., en: ...}", key);
		return;
	}
	*hi = need(l, n, "hi");
	*en = need(l, n, "en");
}

static const struct ynode *list_of(const struct loader *l, const struct ynode *root, const char *key)
{
	static const struct ynode none = {.kind = YNODE_LIST};
	const struct ynode *n = ynode_get(root, key);

	if (n && n->kind != YNODE_LIST)
		ydoc_error(l->err, l->name, n, "%s must be a list", key);
	return n && n->kind == YNODE_LIST ? n : &none;
}

static bool is_pin(const char *s)
{
	return strlen(s) == 6 && strspn(s, "0123456789") == 6 && s[0] != '0';
}

/* Days of birth are before 1970, where ist.h begins. */
static bool is_date(const char *s)
{
	static const char shape[] = "0000-00-00";
	long month, day;

	for (size_t i = 0; i < sizeof shape; i++) /* with the terminator */
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return false;
	month = strtol(s + 5, NULL, 10);
	day = strtol(s + 8, NULL, 10);
	return s[0] > '0' && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void put_block(const struct loader *l, int64_t id, const char *name)
{
	char *folded = field_fold(name);
	sqlite3_stmt *st;

	if (!folded)
		return;
	st = db_use(l->d, SQL_SUBCENTRE_BLOCK_NEW);
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, folded);
	db_run(l->d, st);
	free(folded);
}

static void put_subcentre(const struct loader *l, const struct ynode *n)
{
	const struct ynode *pins = list_of(l, n, "pins"), *also = list_of(l, n, "also");
	const char *hi, *en, *block_hi, *block_en, *district_hi, *district_en;
	sqlite3_stmt *st;
	int64_t id;

	both(l, n, "name", &hi, &en);
	both(l, n, "block", &block_hi, &block_en);
	both(l, n, "district", &district_hi, &district_en);
	st = db_use(l->d, SQL_SUBCENTRE_NEW);
	db_bind_text(st, 1, hi);
	db_bind_text(st, 2, en);
	db_bind_text(st, 3, block_hi);
	db_bind_text(st, 4, block_en);
	db_bind_text(st, 5, district_hi);
	db_bind_text(st, 6, district_en);
	db_run(l->d, st);
	id = db_last_id(l->d);
	put_block(l, id, block_hi);
	put_block(l, id, block_en);
	for (size_t i = 0; i < also->count; i++) /* other spellings of the block */
		put_block(l, id, ynode_str(also->vals[i]) ? ynode_str(also->vals[i]) : "");
	if (pins->count == 0)
		ydoc_error(l->err, l->name, n, "pins is missing");
	for (size_t i = 0; i < pins->count; i++) {
		const char *pin = ynode_str(pins->vals[i]);

		if (!pin || !is_pin(pin)) {
			ydoc_error(l->err, l->name, pins->vals[i], "a PIN code has six digits");
			continue;
		}
		st = db_use(l->d, SQL_SUBCENTRE_PIN_NEW);
		db_bind_text(st, 1, pin);
		db_bind_int(st, 2, id);
		db_run(l->d, st);
	}
}

static void put_centre(const struct loader *l, const struct ynode *n)
{
	const char *hi, *en;
	sqlite3_stmt *st;

	both(l, n, "name", &hi, &en);
	st = db_use(l->d, SQL_CENTRE_NEW);
	db_bind_text(st, 1, need(l, n, "id"));
	db_bind_text(st, 2, hi);
	db_bind_text(st, 3, en);
	db_run(l->d, st);
}

static void put_beneficiary(const struct loader *l, const struct ynode *n)
{
	const char *born = need(l, n, "born"), *active = ynode_str(ynode_get(n, "active"));
	char id[LISTS_BENEFICIARY_MAX + 1];
	sqlite3_stmt *st;

	if (!lists_beneficiary_id(sv_from(need(l, n, "id")), id)) {
		ydoc_error(l->err, l->name, n, "an id is %d to %d letters and digits",
		    LISTS_BENEFICIARY_MIN, LISTS_BENEFICIARY_MAX);
		return;
	}
	if (!is_date(born))
		ydoc_error(l->err, l->name, n, "born must be a date such as 1960-01-31");
	st = db_use(l->d, SQL_BENEFICIARY_NEW);
	db_bind_text(st, 1, id);
	db_bind_text(st, 2, born);
	db_bind_text(st, 3, need(l, n, "region"));
	db_bind_text(st, 4, need(l, n, "centre"));
	db_bind_int(st, 5, !active || strcmp(active, "false") != 0);
	db_run(l->d, st);
}

static void put_all(const struct loader *l, const struct ynode *root)
{
	const struct ynode *subcentres = list_of(l, root, "subcentres"),
			   *centres = list_of(l, root, "wellness_centres"),
			   *people = list_of(l, root, "cghs_beneficiaries");

	for (int id = SQL_LISTS_CLEAR_FIRST; id <= SQL_LISTS_CLEAR_LAST; id++)
		db_run(l->d, db_use(l->d, (enum sql_id)id));
	for (size_t i = 0; i < subcentres->count; i++)
		put_subcentre(l, subcentres->vals[i]);
	for (size_t i = 0; i < centres->count; i++)
		put_centre(l, centres->vals[i]);
	for (size_t i = 0; i < people->count; i++)
		put_beneficiary(l, people->vals[i]);
}

static void digest(struct sv text, char out[65])
{
	uint8_t md[32];

	if (EVP_Digest(text.p, text.n, md, NULL, EVP_sha256(), NULL) != 1)
		memset(md, 0, sizeof md);
	hex_octets(md, sizeof md, out);
	out[64] = '\0';
}

static bool is_loaded(struct db *d, const char *mark)
{
	sqlite3_stmt *st = db_use(d, SQL_LISTS_MARK_GET);

	db_bind_text(st, 1, mark);
	return db_int(d, st, 0) > 0;
}

bool lists_load(struct db *d, const char *name, struct sv text, struct buf *err)
{
	struct loader l = {d, name, err};
	size_t before = err->n;
	struct ydoc *doc;
	char mark[65];
	sqlite3_stmt *st;

	digest(text, mark);
	db_begin(d, true);
	if (is_loaded(d, mark)) {
		db_rollback(d);
		return true;
	}
	doc = ydoc_parse(name, text, err);
	if (doc)
		put_all(&l, ydoc_root(doc));
	ydoc_free(doc);
	st = db_use(d, SQL_LISTS_MARK_PUT);
	db_bind_text(st, 1, mark);
	db_run(d, st);
	if (err->n > before || err->full) {
		db_rollback(d);
		return false;
	}
	if (db_commit(d))
		return true;
	buf_addf(err,
	    "%s: the lists contradict each other: an id twice, or a centre that is not listed\n", name);
	return false;
}

bool lists_beneficiary_id(struct sv typed, char out[LISTS_BENEFICIARY_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		char c = typed.p[i];

		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (((c < 'A' || c > 'Z') && (c < '0' || c > '9')) || n == LISTS_BENEFICIARY_MAX)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n >= LISTS_BENEFICIARY_MIN;
}

bool lists_beneficiary(struct db *d, const char *id, struct beneficiary *out)
{
	sqlite3_stmt *st = db_use(d, SQL_BENEFICIARY_GET);

	*out = (struct beneficiary){0};
	db_bind_text(st, 1, id);
	if (!db_row(d, st))
		return false;
	db_col_text(st, 0, out->born, sizeof out->born);
	db_col_text(st, 1, out->region, sizeof out->region);
	out->is_active = sqlite3_column_int(st, 2) != 0;
	db_col_text(st, 3, out->centre_hi, sizeof out->centre_hi);
	db_col_text(st, 4, out->centre_en, sizeof out->centre_en);
	db_done(st);
	return true;
}

int lists_age(const char *born, int64_t on_day)
{
	char day[IST_TEXT_CAP];
	int years;

	/* Years apart, less one when the day of the year has not come. */
	ist_text(ist_day_start_ms(on_day), day, sizeof day);
	years = (int)(strtol(day, NULL, 10) - strtol(born, NULL, 10));
	return strncmp(day + 5, born + 5, 5) < 0 ? years - 1 : years;
}

json_t *lists_subcentres(struct db *d, const char *pin, const char *block, const char *lang)
{
	bool is_hindi = !strcmp(lang, "hi");
	char *folded = pin ? NULL : field_fold(block);
	json_t *list = json_array();
	sqlite3_stmt *st;

	if (pin || folded) {
		st = db_use(d, pin ? SQL_SUBCENTRE_BY_PIN : SQL_SUBCENTRE_BY_BLOCK);
		db_bind_text(st, 1, pin ? pin : folded);
		db_bind_int(st, 2, LISTS_FOUND_MAX);
		while (db_row(d, st)) {
			int at = is_hindi ? 0 : 1;

			json_array_append_new(list,
			    json_pack("{s:s, s:s, s:s}", "name", sqlite3_column_text(st, at), "block",
				sqlite3_column_text(st, at + 2), "district",
				sqlite3_column_text(st, at + 4)));
		}
	}
	free(folded);
	return list;
}
