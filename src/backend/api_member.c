/* SPDX-License-Identifier: BSD-2-Clause */
/* api_member.c - services for members only: the phone number verified first, then registration
 * with a beneficiary id, then a token for a speciality if the person was referred or is senior.
 * Which of these a service wants is in its rules. */
#include "backend/api_int.h"

#include <string.h>

#include "backend/ist.h"
#include "backend/lists.h"

struct member {
	char id[LISTS_BENEFICIARY_MAX + 1];
	int64_t verified_at; /* ms; 0: never */
};

#define CLOCKS_APART_MS (10 * 60 * 1000LL) /* the bridge's and ours */

int64_t api_verified_at(struct api_call *c)
{
	const json_t *v = json_object_get(c->in, "mobile_verified_at");
	const char *text = json_string_value(v);
	int64_t ms;

	if (!v || json_is_null(v))
		return 0;
	if (text && ist_parse(text, &ms) && ms > 0 && ms <= c->now_ms + CLOCKS_APART_MS)
		return ms;
	api_bad_field(c, "mobile_verified_at",
	    "It must be a time that has been: 2026-11-22T10:00:00+05:30.");
	return -1;
}

void api_not_verified(struct api_call *c)
{
	api_problem(c, "mobile-not-verified", "Verify the phone number by a one-time code first.");
}

static bool is_verified(const struct service_rules *rules, int64_t verified_at, int64_t now_ms)
{
	return verified_at > 0 && (rules->mobile_valid_days == 0 ||
				      now_ms < verified_at + rules->mobile_valid_days * IST_DAY_MS);
}

static bool check_verified(struct api_call *c, const struct service_rules *rules, int64_t verified_at)
{
	if (!rules->needs_mobile || is_verified(rules, verified_at, c->now_ms))
		return true;
	api_not_verified(c);
	return false;
}

static bool is_in_region(const struct service_rules *rules, const char *region)
{
	for (size_t i = 0; i < rules->n_regions; i++)
		if (!strcmp(rules->regions[i], region))
			return true;
	return false;
}

/* The beneficiary of the list, if the service is for him. */
static bool check_beneficiary(struct api_call *c, const struct service_rules *rules, const char *id,
    struct beneficiary *b)
{
	if (!lists_beneficiary(c->a->q.db, id, b) || !b->is_active)
		api_problem(c, "unknown-beneficiary",
		    "The list has no active beneficiary with this id.");
	else if (rules->is_region_enforced && !is_in_region(rules, b->region))
		api_problem(c, "region-not-served", "The service is for other regions as yet.");
	else
		return true;
	return false;
}

static bool member_get(struct api_call *c, const struct service_rules *rules, int64_t patient_id,
    struct member *m)
{
	sqlite3_stmt *st = db_use(c->a->q.db, SQL_MEMBER_GET);

	*m = (struct member){0};
	db_bind_int(st, 1, patient_id);
	db_bind_text(st, 2, rules->parent);
	if (!db_row(c->a->q.db, st))
		return false;
	db_col_text(st, 0, m->id, sizeof m->id);
	m->verified_at = sqlite3_column_int64(st, 1);
	db_done(st);
	return true;
}

bool api_member_register(struct api_call *c, const struct service_rules *rules, int64_t patient_id)
{
	int64_t verified_at = api_verified_at(c);
	struct beneficiary b;
	struct sv typed;
	char id[LISTS_BENEFICIARY_MAX + 1];
	sqlite3_stmt *st;

	if (!rules->needs_beneficiary && !rules->needs_mobile)
		return true;
	if (verified_at < 0 || !check_verified(c, rules, verified_at) ||
	    !api_text_field(c, c->in, "beneficiary_id", "beneficiary_id", &typed))
		return false;
	id[0] = '\0';
	if (rules->needs_beneficiary) {
		if (!lists_beneficiary_id(typed, id)) {
			api_bad_field(c, "beneficiary_id", "It is 4 to 20 digits and letters.");
			return false;
		}
		if (!check_beneficiary(c, rules, id, &b))
			return false;
	}
	st = db_use(c->a->q.db, SQL_MEMBER_PUT);
	db_bind_int(st, 1, patient_id);
	db_bind_text(st, 2, rules->parent);
	db_bind_text(st, 3, id);
	if (verified_at > 0)
		db_bind_int(st, 4, verified_at);
	db_run(c->a->q.db, st);
	return true;
}

/* C11: specialists are seen by those whom the medical officer referred, and by senior citizens. */
static bool check_referral(struct api_call *c, const struct service_rules *rules,
    const struct beneficiary *b, int64_t patient_id)
{
	const json_t *v = json_object_get(c->in, "referral");
	struct patient p;
	int age = 0;

	if (!rules->needs_referral)
		return true;
	if (v && !json_is_boolean(v)) {
		api_bad_field(c, "referral", "It must be true or false.");
		return false;
	}
	if (rules->needs_beneficiary) {
		age = lists_age(b->born, ist_day(c->now_ms));
	} else if (registry_get(c->a->q.db, patient_id, &p)) {
		age = p.age;
		registry_clear(&p);
	}
	if (json_is_true(v) || age >= rules->senior_age)
		return true;
	api_problem(c, "referral-needed",
	    "Get a referral from the medical officer of the own centre; senior citizens need none.");
	return false;
}

static void put_verified(struct api_call *c, const struct service_rules *rules, int64_t patient_id,
    int64_t verified_at)
{
	sqlite3_stmt *st = db_use(c->a->q.db, SQL_MEMBER_VERIFIED);

	db_bind_int(st, 1, patient_id);
	db_bind_text(st, 2, rules->parent);
	db_bind_int(st, 3, verified_at);
	db_run(c->a->q.db, st);
}

static const struct service_rules *speciality(struct api_call *c, const struct service_rules *rules)
{
	const struct service_rules *line;
	struct sv code;

	if (!rules->has_specialities)
		return rules;
	if (!api_text_field(c, c->in, "speciality", "speciality", &code))
		return NULL;
	if (!code.p) {
		api_bad_field(c, "speciality", "Say which speciality.");
		return NULL;
	}
	line = rules_line(c->a->q.rules, rules, code, c->now_ms);
	if (!line)
		api_problem(c, "unknown-speciality", "The service has no such speciality.");
	return line;
}

const struct service_rules *api_member_line(struct api_call *c, const struct service_rules *rules,
    int64_t patient_id)
{
	int64_t verified_at = api_verified_at(c);
	struct beneficiary b = {0};
	struct member m;

	if (verified_at < 0)
		return NULL;
	if (!rules->needs_mobile && !rules->needs_beneficiary)
		return speciality(c, rules);
	if (!member_get(c, rules, patient_id, &m)) {
		api_problem(c, "not-registered", "Register first.");
		return NULL;
	}
	if (verified_at > m.verified_at) {
		put_verified(c, rules, patient_id, verified_at);
		m.verified_at = verified_at;
	}
	if (!check_verified(c, rules, m.verified_at) ||
	    (rules->needs_beneficiary && !check_beneficiary(c, rules, m.id, &b)))
		return NULL;
	rules = speciality(c, rules);
	return rules && check_referral(c, rules, &b, patient_id) ? rules : NULL;
}

void api_member_json(struct api *a, const struct service_rules *rules, int64_t patient_id, json_t *out)
{
	struct api_call c = {.a = a};
	struct beneficiary b;
	struct member m;

	if (!rules->needs_beneficiary || !member_get(&c, rules, patient_id, &m) ||
	    !lists_beneficiary(a->q.db, m.id, &b))
		return;
	json_object_set_new(out, "centre",
	    json_pack("{s:s, s:s}", "hi", b.centre_hi, "en", b.centre_en));
}

/* What is known of a member: so that a dialogue asks for a code or an id only when it must. */
static void answer_member(struct api_call *c, const struct service_rules *rules, int64_t patient_id,
    const struct member *m)
{
	char lang[FIELD_LANG_CAP] = "";
	struct beneficiary b;
	json_t *o = json_pack("{s:I, s:s, s:b, s:b}", "patient_id", (json_int_t)patient_id, "service",
	    rules->parent, "open", rules_issue_day(rules, c->now_ms) >= 0, "mobile_verified",
	    !rules->needs_mobile || is_verified(rules, m->verified_at, c->now_ms));

	if (rules->needs_beneficiary && lists_beneficiary(c->a->q.db, m->id, &b)) {
		json_object_set_new(o, "referral_needed",
		    json_boolean(rules->needs_referral &&
				 lists_age(b.born, ist_day(c->now_ms)) < rules->senior_age));
		if (http_in_query(c->req, "lang", lang, sizeof lang))
			json_object_set_new(o, "centre_name",
			    json_string(strcmp(lang, "hi") ? b.centre_en : b.centre_hi));
	}
	api_member_json(c->a, rules, patient_id, o);
	api_answer(c, 200, o);
}

/* The member whom a number means, or an answer. */
static bool member_of(struct api_call *c, const struct service_rules *rules, const char *msisdn,
    int64_t *patient_id, struct member *m)
{
	if (!field_is_msisdn(sv_from(msisdn))) {
		api_bad_field(c, "msisdn",
		    "A phone number is 10 to 15 digits with the country code, without +.");
		return false;
	}
	*m = (struct member){0};
	*patient_id = registry_find(c->a->q.db, msisdn, rules->parent, 0);
	if (*patient_id > 0 && ((!rules->needs_beneficiary && !rules->needs_mobile) ||
				   member_get(c, rules, *patient_id, m)))
		return true;
	json_object_set_new(api_problem(c, "not-registered", "Register first."), "open",
	    json_boolean(rules_issue_day(rules, c->now_ms) >= 0));
	return false;
}

void api_member_get(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);
	char msisdn[FIELD_MSISDN_CAP];
	struct member m;
	int64_t patient_id;

	if (!rules)
		return;
	if (!http_in_query(c->req, "msisdn", msisdn, sizeof msisdn))
		msisdn[0] = '\0';
	if (member_of(c, rules, msisdn, &patient_id, &m))
		answer_member(c, rules, patient_id, &m);
}

/* The number was verified anew. */
void api_member_post(struct api_call *c)
{
	const struct service_rules *rules = api_service(c, sv_from(c->param), true);
	const char *msisdn = json_string_value(json_object_get(c->in, "msisdn"));
	int64_t verified_at = rules ? api_verified_at(c) : -1, patient_id;
	struct member m;

	if (verified_at < 0 || !member_of(c, rules, msisdn ? msisdn : "", &patient_id, &m))
		return;
	if (verified_at > m.verified_at) {
		put_verified(c, rules, patient_id, verified_at);
		m.verified_at = verified_at;
	}
	answer_member(c, rules, patient_id, &m);
}
