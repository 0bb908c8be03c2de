/* SPDX-License-Identifier: BSD-2-Clause */
/* registry.c - patients and registrations; see registry.h. */
#include "backend/registry.h"

#include <stdlib.h>
#include <string.h>

#include "backend/field.h"
#include "backend/person.h"

static int64_t patient_put(struct db *d, const struct registration *r, const char *folded,
    int64_t now_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_PATIENT_BY_NAME);
	int64_t id;

	db_bind_text(st, 1, r->msisdn);
	db_bind_text(st, 2, folded);
	id = db_int(d, st, 0);
	if (id > 0) {
		st = db_use(d, SQL_PATIENT_UPDATE);
		db_bind_int(st, 1, id);
		db_bind_text(st, 2, r->name);
		db_bind_int(st, 3, r->age);
		db_bind_text(st, 4, r->sex);
		db_bind_text(st, 5, r->place);
		db_bind_text(st, 6, r->lang);
		db_bind_int(st, 7, now_ms);
		db_run(d, st);
		return id;
	}
	st = db_use(d, SQL_PATIENT_NEW);
	db_bind_text(st, 1, r->msisdn);
	db_bind_text(st, 2, r->name);
	db_bind_text(st, 3, folded);
	db_bind_int(st, 4, r->age);
	db_bind_text(st, 5, r->sex);
	db_bind_text(st, 6, r->place);
	db_bind_text(st, 7, r->lang);
	db_bind_int(st, 8, now_ms);
	db_run(d, st);
	return db_last_id(d);
}

/* Registering is consent: it ends a withdrawal, and the number is the patient's again. */
static void note_consent(struct db *d, const struct registration *r, int64_t id, int64_t now_ms)
{
	const struct consent_act act = {r->msisdn, id, r->service,
	    r->phone ? "GIVEN_FOR_OTHER" : "GIVEN", r->consent_version, r->consent_channel, r->lang};
	sqlite3_stmt *st;

	person_back(d, id, r->msisdn);
	person_consent_add(d, &act, now_ms);
	if (!r->phone)
		return;
	st = db_use(d, SQL_PERSON_PHONE_PUT);
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, r->phone);
	db_run(d, st);
}

int64_t registry_put(struct db *d, const struct registration *r, int64_t now_ms, bool *is_new)
{
	char *folded = field_fold(r->name);
	int64_t id;
	sqlite3_stmt *st;

	if (!folded) {
		db_fail(d, "a name folds to nothing");
		return 0;
	}
	id = patient_put(d, r, folded, now_ms);
	free(folded);
	st = db_use(d, SQL_REG_GET);
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, r->service);
	*is_new = db_int(d, st, 0) == 0;
	st = db_use(d, *is_new ? SQL_REG_NEW : SQL_REG_UPDATE);
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, r->msisdn);
	db_bind_text(st, 3, r->service);
	db_bind_text(st, 4, r->consent_version);
	db_bind_text(st, 5, r->consent_channel);
	db_bind_int(st, 6, now_ms);
	db_run(d, st);
	note_consent(d, r, id, now_ms);
	return id;
}

int64_t registry_find(struct db *d, const char *msisdn, const char *service, int64_t patient_id)
{
	sqlite3_stmt *st = db_use(d, patient_id > 0 ? SQL_REG_BY_PATIENT : SQL_REG_LATEST);

	db_bind_text(st, 1, msisdn);
	db_bind_text(st, 2, service);
	if (patient_id > 0)
		db_bind_int(st, 3, patient_id);
	return db_int(d, st, 0);
}

bool registry_get(struct db *d, int64_t patient_id, struct patient *out)
{
	sqlite3_stmt *st = db_use(d, SQL_PATIENT_GET);
	const char *place;

	db_bind_int(st, 1, patient_id);
	if (!db_row(d, st))
		return false;
	out->name = xstrdup((const char *)sqlite3_column_text(st, 0));
	out->age = sqlite3_column_int(st, 1);
	db_col_text(st, 2, out->sex, sizeof out->sex);
	place = (const char *)sqlite3_column_text(st, 3);
	out->place = place ? xstrdup(place) : NULL;
	db_col_text(st, 4, out->lang, sizeof out->lang);
	db_done(st);
	return true;
}

void registry_clear(struct patient *p)
{
	free(p->name);
	free(p->place);
	*p = (struct patient){0};
}
