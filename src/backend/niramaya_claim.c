/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_claim.c - claims: is it in time, what is missing, where does it stand. Bank details are
 * on the list of papers, but no number of an account is ever taken or kept here. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/events.h"
#include "backend/field.h"
#include "backend/ist.h"
#include "backend/niramaya.h"

struct given { /* claim papers that are there */
	const struct scheme *s;
	bool has_health_id, has_unknown;
	bool has[16];
};

static void add_given(const char *word, void *arg)
{
	struct given *g = arg;
	const struct ynode *all = scheme_value(g->s, "claim_documents");

	if (!strcmp(word, "HEALTH_ID")) { /* stands for the copy of the card */
		g->has_health_id = true;
		return;
	}
	for (size_t i = 0; i < all->count && i < 16; i++)
		if (!strcmp(ynode_str(all->keys[i]), word)) {
			g->has[i] = true;
			return;
		}
	g->has_unknown = true;
}

struct facts {
	int64_t treated, discharged, filed, due;
	struct given given;
};

static bool read_facts(struct api_call *c, const struct scheme *s, struct facts *f)
{
	const int64_t today = ist_day(c->now_ms);

	f->given = (struct given){.s = s};
	if (!sapi_day(c, c->in, "treated_on", 0, &f->treated) ||
	    !sapi_day(c, c->in, "discharged_on", 0, &f->discharged) ||
	    !sapi_day(c, c->in, "filed_on", today, &f->filed) ||
	    !sapi_words(c, "documents", add_given, &f->given))
		return false;
	if (f->given.has_unknown) {
		api_bad_field(c, "documents", "Papers are C1 to C5, or HEALTH_ID for C1.");
		return false;
	}
	if (f->treated == 0 && f->discharged == 0) {
		api_bad_field(c, "treated_on", "Say when the treatment or the discharge was.");
		return false;
	}
	if (f->filed < (f->discharged > 0 ? f->discharged : f->treated)) {
		api_bad_field(c, "filed_on", "A claim is filed after the treatment.");
		return false;
	}
	f->due = nir_claim_due(s, f->treated, f->discharged);
	return true;
}

static json_t *missing_json(const struct scheme *s, const struct given *g)
{
	const struct ynode *all = scheme_value(s, "claim_documents");
	json_t *list = json_array();

	for (size_t i = 0; i < all->count && i < 16; i++)
		if (!g->has[i] && !(i == 0 && g->has_health_id))
			json_array_append_new(list, json_string(ynode_str(all->keys[i])));
	return list;
}

void api_nir_claim_check(struct api_call *c)
{
	struct scheme s;
	struct facts f;
	json_t *missing;
	bool is_late;

	if (!sapi_scheme(c, "niramaya", &s) || !read_facts(c, &s, &f))
		return;
	is_late = f.filed > f.due;
	missing = missing_json(&s, &f.given);
	api_answer(c, 200,
	    json_pack("{s:o, s:b, s:I, s:b, s:b, s:o}", "due", sapi_day_json(f.due), "late", is_late,
		"days_late", (json_int_t)(is_late ? f.filed - f.due : 0), "refused",
		is_late && scheme_bool(&s, "claim_window_hard"), "complete",
		json_array_size(missing) == 0, "missing", missing));
}

/* ---- the record ---- */

struct claim {
	int64_t ref, amount, payable, treated, filed, due;
	char msisdn[FIELD_MSISDN_CAP], section[8], sub[4], status[20], missing[NIR_CODES_CAP],
	    reason[160];
};

static bool claim_read(struct db *d, sqlite3_stmt *st, struct claim *k)
{
	bool found = db_row(d, st);

	*k = (struct claim){0};
	if (found) {
		k->ref = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, k->msisdn, sizeof k->msisdn);
		db_col_text(st, 2, k->section, sizeof k->section);
		db_col_text(st, 3, k->sub, sizeof k->sub);
		db_col_text(st, 4, k->status, sizeof k->status);
		k->amount = sqlite3_column_int64(st, 5);
		k->payable = sqlite3_column_int64(st, 6);
		k->treated = sqlite3_column_int64(st, 7);
		k->filed = sqlite3_column_int64(st, 8);
		k->due = sqlite3_column_int64(st, 9);
		db_col_text(st, 10, k->missing, sizeof k->missing);
		db_col_text(st, 11, k->reason, sizeof k->reason);
	}
	db_done(st);
	return found;
}

static json_t *claim_json(const struct claim *k)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:b, s:s}", "ref",
	    (json_int_t)k->ref, "section", k->section, "sub", k->sub, "status", k->status, "amount_rs",
	    (json_int_t)k->amount, "payable_rs", (json_int_t)k->payable, "filed_on",
	    sapi_day_json(k->filed), "due", sapi_day_json(k->due), "late", k->filed > k->due, "missing",
	    k->missing);

	if (k->reason[0])
		json_object_set_new(o, "reason", json_string(k->reason));
	return o;
}

static void join_missing(json_t *list, char out[NIR_CODES_CAP])
{
	size_t n = 0, i;
	json_t *v;

	out[0] = '\0';
	json_array_foreach(list, i, v) n += (size_t)snprintf(out + n, NIR_CODES_CAP - n, "%s%s",
	    n > 0 ? "," : "", json_string_value(v));
}

static int64_t claim_add(struct db *d, const struct claim *k, int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_CLAIM_NEW);

	db_bind_text(st, 1, k->msisdn);
	db_bind_text(st, 2, k->section);
	db_bind_text(st, 3, k->sub);
	db_bind_text(st, 4, k->status);
	db_bind_int(st, 5, k->amount);
	db_bind_int(st, 6, k->payable);
	db_bind_int(st, 7, k->treated);
	db_bind_int(st, 8, k->filed);
	db_bind_int(st, 9, k->due);
	db_bind_text(st, 10, k->missing);
	db_bind_int(st, 11, now_ms);
	db_run(d, st);
	return db_last_id(d);
}

void api_nir_claim_post(struct api_call *c)
{
	static const struct nir_used nothing = {0, 0, 0};
	struct claim k = {.status = "FILED"};
	const char *section, *sub, *limited_by;
	struct scheme s;
	struct facts f;
	int64_t limit;
	json_t *missing;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_msisdn(c, k.msisdn) ||
	    !sapi_text(c, "section", &section) || !sapi_text(c, "sub", &sub) ||
	    !sapi_int(c, c->in, "amount_rs", 0, 0, 100000000, &k.amount) || !read_facts(c, &s, &f))
		return;
	k.payable =
	    nir_payable(&s, section ? section : "", sub, k.amount, &nothing, &limited_by, &limit);
	if (k.payable < 0) {
		api_bad_field(c, "section", "It must be a section of the benefit table, with its sub.");
		return;
	}
	snprintf(k.section, sizeof k.section, "%s", section);
	snprintf(k.sub, sizeof k.sub, "%s", sub ? sub : "");
	k.treated = f.discharged > 0 ? f.discharged : f.treated;
	k.filed = f.filed;
	k.due = f.due;
	missing = missing_json(&s, &f.given);
	join_missing(missing, k.missing);
	json_decref(missing);
	k.ref = claim_add(c->a->q.db, &k, c->now_ms);
	api_answer(c, 201, claim_json(&k));
}

static bool find(struct api_call *c, const char *msisdn, struct claim *k)
{
	struct db *d = c->a->q.db;
	bool is_current = msisdn && !strcmp(c->param, "current");
	sqlite3_stmt *st = db_use(d, is_current ? SQL_NIR_CLAIM_LATEST : SQL_NIR_CLAIM_GET);

	if (is_current)
		db_bind_text(st, 1, msisdn);
	else
		db_bind_int(st, 1, strtoll(c->param, NULL, 10));
	if (claim_read(d, st, k) && (!msisdn || !strcmp(k->msisdn, msisdn)))
		return true;
	api_problem(c, "no-claim", "There is none with this number for this phone.");
	return false;
}

void api_nir_claim_get(struct api_call *c)
{
	char msisdn[FIELD_MSISDN_CAP];
	struct claim k;

	if (!sapi_query(c, "msisdn", msisdn, sizeof msisdn) || !field_is_msisdn(sv_from(msisdn)))
		api_bad_field(c, "msisdn", "Records are told only to the phone that they are of.");
	else if (find(c, msisdn, &k))
		api_answer(c, 200, claim_json(&k));
}

static const char *const claim_moves[][2] = {{"FILED", "UNDER_VERIFICATION"},
    {"FILED", "DOCS_REQUESTED"}, {"UNDER_VERIFICATION", "DOCS_REQUESTED"},
    {"UNDER_VERIFICATION", "APPROVED"}, {"UNDER_VERIFICATION", "REJECTED"},
    {"DOCS_REQUESTED", "UNDER_VERIFICATION"}, {"APPROVED", "PAID"}};

static bool claim_may(const char *from, const char *to)
{
	for (size_t i = 0; i < sizeof claim_moves / sizeof claim_moves[0]; i++)
		if (!strcmp(claim_moves[i][0], from) && !strcmp(claim_moves[i][1], to))
			return true;
	return false;
}

static void claim_put(struct api_call *c, const struct scheme *s, const struct claim *k)
{
	struct db *d = c->a->q.db;
	sqlite3_stmt *st = db_use(d, SQL_NIR_CLAIM_PUT);
	char key[40];

	db_bind_int(st, 1, k->ref);
	db_bind_text(st, 2, k->status);
	db_bind_text(st, 3, k->missing);
	db_bind_text(st, 4, k->reason);
	db_bind_int(st, 5, c->now_ms);
	db_run(d, st);
	snprintf(key, sizeof key, "claim/%lld", (long long)k->ref);
	events_add_keyed(d, "claim.updated", s->name, k->msisdn, key, c->now_ms,
	    json_pack("{s:I, s:s}", "ref", (json_int_t)k->ref, "status", k->status));
}

void api_nir_claim_status(struct api_call *c)
{
	const char *status, *raw;
	char *reason;
	struct given g;
	struct scheme s;
	struct claim k;

	if (!sapi_scheme(c, "niramaya", &s) || !sapi_text(c, "status", &status) ||
	    !sapi_text(c, "reason", &raw))
		return;
	g = (struct given){.s = &s};
	if (!sapi_words(c, "missing", add_given, &g) || !find(c, NULL, &k))
		return;
	reason = raw ? field_text(sv_from(raw), 40) : NULL;
	if (!status || !claim_may(k.status, status)) {
		json_object_set_new(api_problem(c, "wrong-state", "It cannot go on so."), "state",
		    json_string(k.status));
	} else if (g.has_unknown) {
		api_bad_field(c, "missing", "Papers are C1 to C5.");
	} else if (!strcmp(status, "REJECTED") && !reason) {
		api_bad_field(c, "reason", "The person must be told why, in at most 40 letters.");
	} else {
		const struct ynode *all = scheme_value(&s, "claim_documents");
		size_t n = 0;

		k.missing[0] = '\0';
		for (size_t i = 0; i < all->count && i < 16; i++)
			if (g.has[i])
				n += (size_t)snprintf(k.missing + n, sizeof k.missing - n, "%s%s",
				    n > 0 ? "," : "", ynode_str(all->keys[i]));
		snprintf(k.status, sizeof k.status, "%s", status);
		snprintf(k.reason, sizeof k.reason, "%s", reason ? reason : "");
		claim_put(c, &s, &k);
		api_answer(c, 200, claim_json(&k));
	}
	free(reason);
}
