/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay_seed.c - a synthetic population for PM-JAY: families, beneficiaries, hospitals. The same
 * seed gives the same rows. Nobody in it is real: names are drawn from two short lists, ids and
 * numbers are counted; what a hospital is paid is invented. */
#include "backend/pmjay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/places.h"

/* splitmix64: the same everywhere, and good enough to look various. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int64_t below(uint64_t *state, int64_t n)
{
	return (int64_t)(draw(state) % (uint64_t)n);
}

static const char *const first_f[] = {
    "सीता", "गीता", "सुनीता", "मीना", "रेखा", "शांति", "कमला", "फातिमा", "पूजा", "राधा", "सरोज", "मंजू"};
static const char *const first_m[] = {
    "राम", "श्याम", "मोहन", "सुरेश", "रमेश", "अजय", "विजय", "सलीम", "हरि", "दिनेश", "महेश", "किशन"};
static const char *const last[] = {
    "कुमार", "देवी", "यादव", "पासवान", "मांझी", "साह", "खातून", "टुडू", "मीणा", "चौहान"};

static void seed_districts(struct db *d)
{
	for (size_t i = 0; i < places_n_districts; i++) {
		const struct places_district *p = &places_districts[i];
		char *en = places_fold(p->name_en), *hi = places_fold(p->name_hi);
		sqlite3_stmt *st = db_use(d, SQL_PMJAY_DISTRICT_NEW);

		db_bind_int(st, 1, (int64_t)i + 1);
		db_bind_text(st, 2, p->state);
		db_bind_text(st, 3, p->name_en);
		db_bind_text(st, 4, p->name_hi);
		db_bind_text(st, 5, en);
		db_bind_text(st, 6, hi);
		db_run(d, st);
		free(en);
		free(hi);
	}
}

/* One in ten families has no mobile; one in 97 shares that of the family before it. */
static void family_mobile(int64_t family, char out[FIELD_MSISDN_CAP])
{
	if (family % 97 == 0)
		family--;
	if (family % 10 == 0)
		out[0] = '\0';
	else
		snprintf(out, FIELD_MSISDN_CAP, "9198%08u", (unsigned)(10000000 + family) % 100000000u);
}

static void seed_family(struct db *d, const struct scheme *s, int64_t family, uint64_t *rng)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_FAMILY_NEW);
	int64_t district = below(rng, (int64_t)places_n_districts) + 1;
	const struct ynode *list = scheme_value(s, below(rng, 10) < 7 ? "rural" : "urban");
	char msisdn[FIELD_MSISDN_CAP], card[16];

	/* Multiplying by an odd number that 10 does not divide keeps the numbers apart. */
	snprintf(card, sizeof card, "%s%08lld", places_districts[district - 1].state,
	    (long long)(family * 48271 % 100000000));
	family_mobile(family, msisdn);
	db_bind_int(st, 1, family);
	db_bind_text(st, 2, card);
	db_bind_text(st, 3, msisdn[0] ? msisdn : NULL);
	db_bind_int(st, 4, district);
	db_bind_text(st, 5, ynode_str(list->vals[below(rng, (int64_t)list->count)]));
	db_run(d, st);
}

static void seed_beneficiary(struct db *d, int64_t n, int64_t family, int64_t today, uint64_t *rng)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_BENEFICIARY_NEW);
	bool is_f = below(rng, 2) == 0;
	char id[16], name[96];

	snprintf(id, sizeof id, "P%08lld", (long long)(n * 69621 % 100000000));
	snprintf(name, sizeof name, "%s %s", is_f ? first_f[below(rng, 12)] : first_m[below(rng, 12)],
	    last[below(rng, 10)]);
	db_bind_text(st, 1, id);
	db_bind_int(st, 2, family);
	db_bind_text(st, 3, name);
	db_bind_int(st, 4, today - below(rng, 365 * 90));
	db_bind_text(st, 5, is_f ? "F" : "M");
	db_bind_int(st, 6, below(rng, 10) < 6);
	db_run(d, st);
}

static const struct {
	const char *en, *hi;
	bool is_govt;
} kinds[] = {
    {"District Hospital", "जिला अस्पताल", true},
    {"Medical College", "मेडिकल कॉलेज", true},
    {"Health Centre", "स्वास्थ्य केंद्र", true},
    {"Arogya Hospital", "आरोग्य अस्पताल", false},
    {"Sanjivani Hospital", "संजीवनी अस्पताल", false},
    {"Asha Nursing Home", "आशा नर्सिंग होम", false},
};
#define N_KINDS ((int64_t)(sizeof kinds / sizeof kinds[0]))

static void seed_packages(struct db *d, const struct ynode *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct ynode *p = map->vals[i];
		sqlite3_stmt *st = db_use(d, SQL_PMJAY_PACKAGE_NEW);

		db_bind_text(st, 1, ynode_str(map->keys[i]));
		db_bind_text(st, 2, ynode_str(ynode_get(p, "speciality")));
		db_bind_text(st, 3, ynode_str(ynode_get(p, "en")));
		db_bind_text(st, 4, ynode_str(ynode_get(p, "hi")));
		db_run(d, st);
	}
}

/* Each hospital has rates of its own, up to 15 % around the package's, in full hundreds. */
static void seed_rates(struct db *d, const struct ynode *map, int64_t hospital, const char *speciality,
    uint64_t *rng)
{
	for (size_t i = 0; i < map->count; i++) {
		sqlite3_stmt *st;
		long long rate = 0;

		if (strcmp(ynode_str(ynode_get(map->vals[i], "speciality")), speciality))
			continue;
		(void)ynode_int(ynode_get(map->vals[i], "rate_rs"), &rate);
		rate = rate * (85 + below(rng, 31)) / 10000 * 100;
		st = db_use(d, SQL_PMJAY_RATE_NEW);
		db_bind_int(st, 1, hospital);
		db_bind_text(st, 2, ynode_str(map->keys[i]));
		db_bind_int(st, 3, rate > 0 ? rate : 100);
		db_run(d, st);
	}
}

static void seed_speciality(struct db *d, const struct scheme *s, int64_t hospital, const char *code,
    uint64_t *rng)
{
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_HOSPITAL_SPECIALITY_NEW);

	db_bind_int(st, 1, hospital);
	db_bind_text(st, 2, code);
	db_run(d, st);
	seed_rates(d, scheme_value(s, "packages"), hospital, code, rng);
}

static void seed_hospital(struct db *d, const struct scheme *s, int64_t n, uint64_t *rng)
{
	const struct ynode *list = scheme_value(s, "specialities");
	/* The first of each district is its district hospital, active and with half of the fields. */
	bool is_first = n <= (int64_t)places_n_districts;
	int64_t district = is_first ? n : below(rng, (int64_t)places_n_districts) + 1;
	int64_t kind = is_first ? 0 : 1 + below(rng, N_KINDS - 1), fate = below(rng, 100);
	const char *status = is_first || fate < 85 ? "ACTIVE" : fate < 96 ? "INACTIVE" : "SUSPENDED";
	sqlite3_stmt *st = db_use(d, SQL_PMJAY_HOSPITAL_NEW);
	char en[64], hi[96], number[24];
	uint64_t rates = *rng; /* drawn apart: who is where does not hang on the packages */

	snprintf(number, sizeof number, " %lld", (long long)n);
	snprintf(en, sizeof en, "%s%s", kinds[kind].en, is_first ? "" : number);
	snprintf(hi, sizeof hi, "%s%s", kinds[kind].hi, is_first ? "" : number);
	db_bind_int(st, 1, n);
	db_bind_text(st, 2, en);
	db_bind_text(st, 3, hi);
	db_bind_text(st, 4, kinds[kind].is_govt ? "GOVT" : "PRIVATE");
	db_bind_text(st, 5, status);
	db_bind_int(st, 6, district);
	db_bind_int(st, 7, places_districts[district - 1].pin_area * 1000 + 1 + below(rng, 40));
	db_run(d, st);
	for (size_t i = 0; i < list->count; i++) {
		if (below(rng, 100) >= (is_first ? 50 : 20))
			continue;
		seed_speciality(d, s, n, ynode_str(list->keys[i]), &rates);
	}
	seed_speciality(d, s, n, "GENMED", &rates);
}

bool pmjay_seed(struct db *d, const struct scheme *s, int64_t beneficiaries, int64_t hospitals,
    uint64_t seed, int64_t now_ms, struct buf *err)
{
	uint64_t rng = seed;
	int64_t today = ist_day(now_ms), family = 0, left = 0;

	db_begin(d, true);
	if (db_int(d, db_use(d, SQL_PMJAY_IS_EMPTY), 0) != 1) {
		db_rollback(d);
		buf_adds(err, "the tables of PM-JAY are not empty");
		return false;
	}
	seed_districts(d);
	seed_packages(d, scheme_value(s, "packages"));
	for (int64_t n = 1; n <= beneficiaries; n++) {
		if (left == 0) {
			seed_family(d, s, ++family, &rng);
			left = 1 + below(&rng, 8);
		}
		seed_beneficiary(d, n, family, today, &rng);
		left--;
	}
	for (int64_t n = 1; n <= hospitals; n++)
		seed_hospital(d, s, n, &rng);
	if (db_commit(d))
		return true;
	buf_adds(err, "the database refused; nothing was written");
	return false;
}
