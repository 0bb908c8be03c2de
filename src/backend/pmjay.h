/* SPDX-License-Identifier: BSD-2-Clause */
/* pmjay.h - PM-JAY: the estimate of eligibility (pure), the tables of beneficiaries and hospitals,
 * and the synthetic population for tests and demonstrations. Numbers and lists come from the
 * scheme's rules; the handlers of the API are in pmjay_api.c. */
#ifndef DK_BACKEND_PMJAY_H
#define DK_BACKEND_PMJAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/db.h"
#include "backend/field.h"
#include "backend/scheme.h"

/* ---- the estimate (pmjay_estimate.c) ---- */
enum pmjay_area { PMJAY_AREA_UNKNOWN, PMJAY_RURAL, PMJAY_URBAN };

#define PMJAY_MEMBERS_MAX 40u
#define PMJAY_CODES_MAX 24u
#define PMJAY_CODE_CAP 8

struct pmjay_member {
	int age; /* completed years */
	char sex; /* 'F', 'M', 'O', or 0: not said */
	bool is_disabled, is_able; /* able: can work; an adult who is not disabled, unless said */
};

struct pmjay_codes { /* a set of codes: "R4", "X2" */
	char code[PMJAY_CODES_MAX][PMJAY_CODE_CAP];
	size_t n;
};

struct pmjay_facts {
	enum pmjay_area area;
	struct pmjay_codes categories, exclusions; /* as claimed */
	bool has_70plus; /* as claimed; a member of that age says it too */
	bool is_unanswered; /* some question was left open */
	bool is_led_by_woman;
	/* Numbers and facts behind the exclusions; -1: not said. */
	int64_t income_rs, scooter_cc, properties;
	bool has_car, is_government, has_other_cover, pays_tax, has_formal_job;
	struct pmjay_member member[PMJAY_MEMBERS_MAX];
	size_t n_members; /* 0: ages not said */
};

enum pmjay_result {
	PMJAY_FAMILY_PLUS_TOPUP,
	PMJAY_FAMILY,
	PMJAY_SENIOR_ONLY,
	PMJAY_NOT_ELIGIBLE,
	PMJAY_NOT_MATCHED,
	PMJAY_INSUFFICIENT,
};
const char *pmjay_result_name(enum pmjay_result r); /* "LIKELY_ELIGIBLE_FAMILY", ... */

struct pmjay_estimate {
	enum pmjay_result result;
	bool is_senior; /* someone of senior_age or more: eligible whatever the rest says */
	struct pmjay_codes matched, excluded_by;
	struct pmjay_codes ignored; /* claimed, but of another area, unknown, or against the ages */
};
void pmjay_codes_add(struct pmjay_codes *c, const char *code); /* once; too many or too long: dropped */
bool pmjay_codes_has(const struct pmjay_codes *c, const char *code);
void pmjay_estimate(const struct scheme *s, const struct pmjay_facts *f, struct pmjay_estimate *out);
/* Completed years on a day; a birthday on 29 February is kept on 1 March. */
int pmjay_age(int64_t born_day, int64_t today);

/* ---- tables (pmjay_store.c); inside a transaction ---- */
struct pmjay_query {
	const char *msisdn; /* the registered mobile; always needed */
	const char *id; /* PM-JAY id or ration card; NULL: not said */
	const char *state; /* code; NULL: any */
};
struct pmjay_record { /* a family on the list */
	int64_t family_id, members, cards, seniors;
	char state[4];
	char name[FIELD_NAME_CHARS * 4 + 1]; /* of the member asked for by id, else of the eldest */
	bool is_member, has_card; /* asked for by a member's id; that member's card */
};
/* How many families fit (2: several); the first is in out. */
int pmjay_find(struct db *d, const struct pmjay_query *q, int64_t senior_born_day,
    struct pmjay_record *out) MUSTUSE;

#define PMJAY_PAGE_MAX 20
struct pmjay_hospital {
	int64_t hospital_id;
	char name_en[64], name_hi[96], district_en[64], district_hi[96], state[4], kind[8];
	int64_t pin;
};
struct pmjay_place { /* the first of the three that is said; a district says its state */
	int64_t pin; /* > 0: near this PIN code */
	int64_t district_id; /* > 0 */
	const char *state; /* code */
	const char *speciality; /* code; NULL: any */
};
/* The district that a person wrote, in Hindi or English, perhaps only its beginning; 0: unknown or
 * not one. state NULL: any. */
int64_t pmjay_district(struct db *d, const char *text, const char *state);
struct pmjay_near { /* a district that a person may have meant */
	char name_en[64], name_hi[96], state[4];
	unsigned slips;
};
/* Districts of that name or beginning, then those that are written like it, the nearest first. */
size_t pmjay_near(struct db *d, const char *text, const char *state, struct pmjay_near *out,
    size_t max);
bool pmjay_any_hospital(struct db *d, int64_t pin); /* active, in the area of the PIN code */
/* Active hospitals of a place, a page of them from offset on; *total is how many there are. */
size_t pmjay_hospitals(struct db *d, const struct pmjay_place *p, int64_t offset,
    struct pmjay_hospital *out, size_t max, int64_t *total);

struct pmjay_rate {
	char code[32], speciality[32], name_en[64], name_hi[96];
	int64_t rate_rs;
};
/* An active hospital's names and PIN code; false: there is none of this id. */
bool pmjay_hospital(struct db *d, int64_t hospital_id, struct pmjay_hospital *out);
/* Its packages of a speciality ("ANY"), a page of them from offset on; *total is how many there are. */
size_t pmjay_rates(struct db *d, int64_t hospital_id, const char *speciality, int64_t offset,
    struct pmjay_rate *out, size_t max, int64_t *total);

/* ---- synthetic people and hospitals (pmjay_seed.c) ---- */
/* Fills the empty tables, the same for the same seed, in one transaction. False: err says why. */
bool pmjay_seed(struct db *d, const struct scheme *s, int64_t beneficiaries, int64_t hospitals,
    uint64_t seed, int64_t now_ms, struct buf *err) MUSTUSE;

#endif
