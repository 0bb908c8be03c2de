/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_store.c - look-ups in the tables of PM-JAY; see pmjay.h. */
#include "backend/pmjay.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/places.h"
#include "base/near.h"

int pmjay_find(struct db *d, const struct pmjay_query *q, int64_t senior_born_day,
    struct pmjay_record *out)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_FAMILIES);
	int n = 0;

	*out = (struct pmjay_record){0};
	db_bind_text(st, 1, q->msisdn);
	db_bind_text(st, 2, q->id);
	db_bind_text(st, 3, q->state);
	while (db_row(d, st)) {
		if (n++ > 0)
			continue;
		out->family_id = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, out->state, sizeof out->state);
	}
	if (n == 0)
		return 0;
	st = db_use(d, SQL_PMJAY_FAMILY_COUNTS);
	db_bind_int(st, 1, out->family_id);
	db_bind_int(st, 2, senior_born_day);
	if (db_row(d, st)) {
		out->members = sqlite3_column_int64(st, 0);
		out->cards = sqlite3_column_int64(st, 1);
		out->seniors = sqlite3_column_int64(st, 2);
	}
	db_done(st);
	st = db_use(d, SQL_PMJAY_MEMBER);
	db_bind_int(st, 1, out->family_id);
	db_bind_text(st, 2, q->id);
	if (db_row(d, st)) {
		db_col_text(st, 0, out->name, sizeof out->name);
		out->has_card = sqlite3_column_int(st, 1);
		out->is_member = sqlite3_column_int(st, 2);
	}
	db_done(st);
	return n;
}

static int64_t one_district(struct db *d, enum sql_id id, const char *folded, const char *state)
{
	sqlite3_stmt *st = db_use(d, id);
	int64_t district = 0;

	db_bind_text(st, 1, folded);
	db_bind_text(st, 2, state);
	if (db_row(d, st) && sqlite3_column_int64(st, 1) == 1)
		district = sqlite3_column_int64(st, 0);
	db_done(st);
	return district;
}

int64_t pmjay_district(struct db *d, const char *text, const char *state)
{
	char *folded = places_fold(text), *official = NULL;
	int64_t id = 0;

	if (folded && strlen(folded) >= 3) {
		id = one_district(d, SQL_PMJAY_DISTRICT, folded, state);
		if (id == 0)
			id = one_district(d, SQL_PMJAY_DISTRICT_BEGINS, folded, state);
		if (id == 0 && (official = places_usual(folded)) != NULL)
			id = one_district(d, SQL_PMJAY_DISTRICT, official, state);
	}
	free(official);
	free(folded);
	return id;
}

/* UINT_MAX: too far to be meant. */
static unsigned far_is(const struct near_word *typed, struct sv typed_sv, const char *name)
{
	struct sv name_sv = sv_from(name);
	struct near_word w;

	if (typed_sv.n >= 3 && name_sv.n >= typed_sv.n && !memcmp(name, typed_sv.p, typed_sv.n))
		return 0;
	near_read(name_sv, &w);
	return near_meant(typed, &w);
}

static void near_add(struct pmjay_near *out, size_t *n, size_t max, const struct pmjay_near *one)
{
	size_t at = *n;

	while (at > 0 && out[at - 1].slips > one->slips)
		at--;
	if (at == max)
		return;
	if (*n < max)
		++*n;
	memmove(out + at + 1, out + at, (*n - 1 - at) * sizeof *out);
	out[at] = *one;
}

size_t pmjay_near(struct db *d, const char *text, const char *state, struct pmjay_near *out, size_t max)
{
	char *folded = places_fold(text);
	sqlite3_stmt *st;
	struct near_word typed;
	size_t n = 0;

	if (!folded)
		return 0;
	near_read(sv_from(folded), &typed);
	st = db_use(d, SQL_PMJAY_DISTRICTS);
	db_bind_text(st, 1, state);
	while (db_row(d, st)) {
		struct pmjay_near one;
		char en[64], hi[96];
		unsigned by_en, by_hi;

		db_col_text(st, 0, one.name_en, sizeof one.name_en);
		db_col_text(st, 1, one.name_hi, sizeof one.name_hi);
		db_col_text(st, 2, one.state, sizeof one.state);
		db_col_text(st, 3, en, sizeof en);
		db_col_text(st, 4, hi, sizeof hi);
		by_en = far_is(&typed, sv_from(folded), en);
		by_hi = far_is(&typed, sv_from(folded), hi);
		one.slips = by_en < by_hi ? by_en : by_hi;
		if (one.slips != UINT_MAX)
			near_add(out, &n, max, &one);
	}
	db_done(st);
	free(folded);
	return n;
}

static void bind_place(sqlite3_stmt *st, const struct pmjay_place *p)
{
	db_bind_int(st, 1, p->pin);
	db_bind_int(st, 2, p->district_id);
	db_bind_text(st, 3, p->state);
	db_bind_text(st, 4, p->speciality ? p->speciality : "ANY");
}

bool pmjay_any_hospital(struct db *d, int64_t pin)
{
	struct pmjay_place p = {.pin = pin};
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_HOSPITALS_COUNT_AREA);

	bind_place(st, &p);
	return db_int(d, st, 0) > 0;
}

size_t pmjay_hospitals(struct db *d, const struct pmjay_place *p, int64_t offset,
    struct pmjay_hospital *out, size_t max, int64_t *total)
{
	bool is_area = p->pin > 0, is_district = p->district_id > 0;
	sqlite3_stmt *st = db_use(d, is_area       ? SQL_PMJAY_HOSPITALS_COUNT_AREA
				     : is_district ? SQL_PMJAY_HOSPITALS_COUNT_DISTRICT
						   : SQL_PMJAY_HOSPITALS_COUNT_STATE);
	size_t n = 0;

	bind_place(st, p);
	*total = db_int(d, st, 0);
	st = db_use(d, is_area       ? SQL_PMJAY_HOSPITALS_AREA
		       : is_district ? SQL_PMJAY_HOSPITALS_DISTRICT
				     : SQL_PMJAY_HOSPITALS_STATE);
	bind_place(st, p);
	db_bind_int(st, 5, (int64_t)max);
	db_bind_int(st, 6, offset);
	while (n < max && db_row(d, st)) {
		struct pmjay_hospital *h = &out[n++];

		h->hospital_id = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, h->name_en, sizeof h->name_en);
		db_col_text(st, 2, h->name_hi, sizeof h->name_hi);
		db_col_text(st, 3, h->kind, sizeof h->kind);
		h->pin = sqlite3_column_int64(st, 4);
		db_col_text(st, 5, h->district_en, sizeof h->district_en);
		db_col_text(st, 6, h->district_hi, sizeof h->district_hi);
		db_col_text(st, 7, h->state, sizeof h->state);
	}
	db_done(st);
	return n;
}

bool pmjay_hospital(struct db *d, int64_t hospital_id, struct pmjay_hospital *out)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_HOSPITAL);
	bool is_there;

	*out = (struct pmjay_hospital){.hospital_id = hospital_id};
	db_bind_int(st, 1, hospital_id);
	is_there = db_row(d, st);
	if (is_there) {
		db_col_text(st, 0, out->name_en, sizeof out->name_en);
		db_col_text(st, 1, out->name_hi, sizeof out->name_hi);
		out->pin = sqlite3_column_int64(st, 2);
	}
	db_done(st);
	return is_there;
}

size_t pmjay_rates(struct db *d, int64_t hospital_id, const char *speciality, int64_t offset,
    struct pmjay_rate *out, size_t max, int64_t *total)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_RATES_COUNT);
	size_t n = 0;

	db_bind_int(st, 1, hospital_id);
	db_bind_text(st, 2, speciality);
	*total = db_int(d, st, 0);
	st = db_use(d, SQL_PMJAY_RATES);
	db_bind_int(st, 1, hospital_id);
	db_bind_text(st, 2, speciality);
	db_bind_int(st, 3, (int64_t)max);
	db_bind_int(st, 4, offset);
	while (n < max && db_row(d, st)) {
		struct pmjay_rate *r = &out[n++];

		db_col_text(st, 0, r->code, sizeof r->code);
		db_col_text(st, 1, r->speciality, sizeof r->speciality);
		db_col_text(st, 2, r->name_en, sizeof r->name_en);
		db_col_text(st, 3, r->name_hi, sizeof r->name_hi);
		r->rate_rs = sqlite3_column_int64(st, 4);
	}
	db_done(st);
	return n;
}
