/* SPDX-License-Identifier: BSD-2-Clause */
/* api_int.h - what the files of the API share: one call being answered. Handlers fill in
 * status and out, inside a transaction that api.c opens and ends. */
#ifndef DK_BACKEND_API_INT_H
#define DK_BACKEND_API_INT_H

#include <jansson.h>

#include "backend/api.h"
#include "backend/registry.h"
#include "base/xmalloc.h"

struct api_call {
	struct api *a;
	const struct http_in_req *req;
	int64_t now_ms;
	json_t *in; /* the body, an object; empty when there was none */
	char param[FIELD_SERVICE_CAP]; /* the {parameter} of the path */
	int status;
	json_t *out; /* owned by the call; an object */
	char *page; /* owned by the call; a GET answers this instead of out, as page_type */
	const char *page_type;
};

/* 2xx: takes out. */
void api_answer(struct api_call *c, int status, json_t *out);
/* An RFC 9457 problem, of a code in the table of api.c; returns its object, to which members
 * may be added. */
json_t *api_problem(struct api_call *c, const char *code, const char *detail);
void api_bad_field(struct api_call *c, const char *field, const char *detail);
/* The rules of a service in force, or NULL after an answer (400 for a field, 404 for a path). */
const struct service_rules *api_service(struct api_call *c, struct sv name, bool is_path);

/* A field of text; *out is empty when it is absent. False after an answer: it is no text. */
bool api_text_field(struct api_call *c, const json_t *obj, const char *key, const char *as,
    struct sv *out);
/* When the bridge verified the phone number by a one-time code: the body's mobile_verified_at, in ms;
 * 0 when it is absent, -1 after an answer. */
int64_t api_verified_at(struct api_call *c);
void api_not_verified(struct api_call *c); /* 403 mobile-not-verified */
bool api_msisdn(struct api_call *c, struct sv s, char out[FIELD_MSISDN_CAP]);
/* A field that is one word: which text, by which way. */
bool api_word(struct api_call *c, const json_t *obj, const char *key, const char *as,
    char out[FIELD_WORD_CAP]);
json_t *api_hours_json(const struct service_rules *rules); /* null: always open */

/* ---- api_member.c: what a service wants of its members ---- */
/* After a registration was written. False after an answer, which undoes it. */
bool api_member_register(struct api_call *c, const struct service_rules *rules, int64_t patient_id);
/* The rules of the line for which the person may have a token; NULL after an answer. */
const struct service_rules *api_member_line(struct api_call *c, const struct service_rules *rules,
    int64_t patient_id);
/* Adds what members have: the own centre. */
void api_member_json(struct api *a, const struct service_rules *rules, int64_t patient_id, json_t *out);

/* Token objects: what the person may know, and what the desk needs. Owned by the caller. */
json_t *api_token_json(struct api *a, const struct token *t, int64_t now_ms);
json_t *api_desk_token_json(struct api *a, const struct token *t, int64_t now_ms);
/* The same for a WAITING one whose place is known; NULL: it has none. */
json_t *api_desk_token_json_at(struct api *a, const struct token *t, const struct queue_place *place,
    int64_t now_ms);
/* The phone has more than one live token in the service. */
bool api_has_several(struct api_call *c, const struct service_rules *rules, const char *msisdn);
/* Adds how t is named, "12 Sita, Bihar telemedicine": the name's first word is enough to know whom it is for. */
void api_token_label(struct api_call *c, const struct token *t, const char *lang, json_t *o);
/* How many live tokens the phone has besides t, of whatever service. */
int api_held_besides(struct api_call *c, const struct token *t);
bool api_token_of_path(struct api_call *c, struct token *t); /* else it is answered */
json_t *api_time_json(int64_t wall_ms); /* RFC 3339 in IST */
void api_closed(struct api_call *c, const struct service_rules *rules); /* 409 service-closed */

/* ---- api_person.c ---- */
/* The number that a person typed for somebody else, with the country code; false after an answer. */
bool api_other_number(struct api_call *c, const struct service_rules *rules, const char *asker,
    char out[FIELD_MSISDN_CAP]);
/* The other number learns who has asked. */
void api_other_told(struct api_call *c, const struct service_rules *rules, const char *asker,
    const char *other);
/* Adds a page of the people of a number: of a service, or of all for NULL. How many there are. */
int64_t api_people_json(struct api *a, const char *msisdn, const char *service, int64_t after,
    json_t *out);

typedef void api_handler_fn(struct api_call *c);
api_handler_fn api_registrations_post, api_tokens_post, api_current_get, api_current_cancel,
    api_current_call, api_token_get, api_services_get, api_subcentres_get, api_member_get,
    api_member_post;
api_handler_fn api_queues_get, api_queue_get, api_queue_sent, api_queue_close, api_queue_reopen,
    api_call_next, api_token_missed, api_token_used, api_token_reconnect;
api_handler_fn api_tokens_get, api_token_cancel; /* live tokens of a phone, in all services */
api_handler_fn api_person_get, api_person_withdraw, api_person_erase, api_person_wrong_number,
    api_proxy_get;
api_handler_fn api_scheme_get, api_pmjay_estimate, api_pmjay_lookup, api_pmjay_places,
    api_pmjay_hospitals, api_pmjay_packages;
api_handler_fn api_nir_eligibility, api_nir_fee, api_nir_payable, api_nir_validity, api_nir_apply,
    api_nir_application_get, api_nir_application_status, api_nir_card_get, api_nir_claim_check,
    api_nir_claim_post, api_nir_claim_get, api_nir_claim_status, api_nir_report;
api_handler_fn api_grievance_post, api_grievance_get, api_grievance_escalate, api_grievance_resolve;
api_handler_fn api_admin_tick, api_admin_clock, api_healthz;

#endif
