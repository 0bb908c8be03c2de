/* SPDX-License-Identifier: BSD-2-Clause */
/* otp_in.c - one-time codes for portals of the same ministry, on the listener of events and signed as
 * events are: POST /v1/otp {msisdn, purpose, lang} and POST /v1/otp/verify {msisdn, purpose, code}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "codec/msisdn.h"

#define PURPOSE_MAX 31u
#define KEY_MAX 60u
#define DEDUP_MS (24u * 3600 * 1000)

struct request {
	char msisdn[MSISDN_CAP], purpose[PURPOSE_MAX + 1], lang[8], code[16], id[KEY_MAX + 4];
};

/* An HTTP request that waits for the store. */
struct held {
	struct app *a;
	uint64_t request;
	struct request r;
};

static void problem(struct app *a, uint64_t request, const struct otp_result *r, const char *detail)
{
	char type[64], wait[40];
	const char *headers[] = {wait, NULL};
	json_t *o;
	char *text;

	(void)snprintf(type, sizeof type, "urn:dakiya:problem:%s", r->code);
	(void)snprintf(wait, sizeof wait, "Retry-After: %llu",
	    (unsigned long long)(r->status == 503 ? 1 : (r->wait_ms + 999) / 1000));
	o = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title", detail, "status", r->status,
	    "code", r->code, "detail", detail);
	if (r->status == 422)
		json_object_set_new(o, "attempts_left", json_integer(r->attempts_left));
	text = json_dumps(o, JSON_COMPACT);
	http_in_reply(a->events, request, r->status, "application/problem+json", sv_from(text),
	    r->status == 429 || r->status == 503 ? headers : NULL);
	free(text);
	json_decref(o);
}

static void refuse(struct app *a, const struct http_in_req *r, int status, const char *code,
    const char *detail)
{
	metrics_add(a->metrics, M_OTP, 1, code, NULL);
	problem(a, r->id, &(struct otp_result){.status = status, .code = code}, detail);
}

static bool is_word(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(s);
}

static bool field(const json_t *o, const char *key, char *out, size_t cap)
{
	const json_t *v = json_object_get(o, key);
	size_t n = json_string_length(v);

	out[0] = '\0';
	if (!json_is_string(v) || n >= cap || strlen(json_string_value(v)) != n)
		return !v;
	memcpy(out, json_string_value(v), n + 1);
	return true;
}

/* Six digits; anything else is no code and is not compared with one. */
static bool is_code(const char *s)
{
	return strlen(s) == OTP_DIGITS && strspn(s, "0123456789") == OTP_DIGITS;
}

/* NULL: read; else what is wrong. */
static const char *read_request(const struct http_in_req *r, const json_t *o, bool is_verify,
    struct request *q)
{
	const char *key = http_in_header(r, "Idempotency-Key");
	char number[32];

	if (!field(o, "msisdn", number, sizeof number) ||
	    !msisdn_normalise(sv_from(number), 1, q->msisdn))
		return "msisdn is not a phone number.";
	if (!field(o, "purpose", q->purpose, sizeof q->purpose) || !is_word(q->purpose))
		return "purpose is 1 to 31 of a-z, 0-9, - and _.";
	if (!field(o, "lang", q->lang, sizeof q->lang))
		return "lang is a code such as hi.";
	if (!field(o, "code", q->code, sizeof q->code) || is_verify != is_code(q->code) ||
	    (!is_verify && q->code[0]))
		return is_verify ? "code is six digits." : "code is for /v1/otp/verify.";
	if (key && (strlen(key) > KEY_MAX || !*key))
		return "Idempotency-Key has 1 to 60 characters.";
	if (key)
		(void)snprintf(q->id, sizeof q->id, "h:%s", key);
	else
		(void)snprintf(q->id, sizeof q->id, "r:%016llx%016llx",
		    (unsigned long long)random_u64(), (unsigned long long)random_u64());
	return NULL;
}

static void on_sent(const struct otp_result *r, void *arg)
{
	struct held *h = arg;
	struct app *a = h->a;
	char key[KEY_MAX + 12];
	json_t *data;
	char *text;
	struct in_record in = {.kind = INPUT_CODE,
	    .msisdn = sv_from(h->r.msisdn),
	    .channel = SV("event"),
	    .event_type = sv_from(h->r.purpose),
	    .at_ms = clock_wall_ms()};

	if (r->status != 202) {
		problem(a, h->request, r,
		    r->status == 429 ? "A code was sent; wait as long as Retry-After says."
				     : "Not now; try again.");
		free(h);
		return;
	}
	data = json_pack("{s:s, s:I, s:s}", "seal", r->seal, "expires_ms", (json_int_t)r->expires_ms,
	    "lang", h->r.lang);
	text = json_dumps(data, JSON_COMPACT);
	in.text = sv_from(text);
	(void)snprintf(key, sizeof key, "otp:%s", h->r.id);
	app_begin(a, &in,
	    &(struct upstream){
		.kind = UPSTREAM_CODE, .request = h->request, .expires_ms = r->expires_ms},
	    &(struct dedup){key, "1", DEDUP_MS, NULL, false});
	free(text);
	json_decref(data);
	free(h);
}

void otp_in_accepted(struct app *a, const struct upstream *up, bool stored)
{
	json_t *o;
	char *text;

	if (!stored) {
		problem(a, up->request, &(struct otp_result){.status = 503, .code = "try-again"},
		    "Not stored; try again.");
		return;
	}
	o = json_pack("{s:o, s:I}", "expires_at", otp_time_json(up->expires_ms), "resend_after_s",
	    (json_int_t)((a->opt->otp->resend_ms + 999) / 1000));
	text = json_dumps(o, JSON_COMPACT);
	http_in_reply(a->events, up->request, 202, "application/json", sv_from(text), NULL);
	free(text);
	json_decref(o);
}

static void on_verified(const struct otp_result *r, void *arg)
{
	struct held *h = arg;
	json_t *o;
	char *text;

	if (r->status != 200) {
		problem(h->a, h->request, r,
		    r->status == 422   ? "The code is wrong."
		    : r->status == 410 ? "There is no code that could be right; send a new one."
				       : "Not now; try again.");
		free(h);
		return;
	}
	o = json_pack("{s:b, s:o}", "verified", 1, "verified_at", otp_time_json(r->verified_ms));
	text = json_dumps(o, JSON_COMPACT);
	http_in_reply(h->a->events, h->request, 200, "application/json", sv_from(text), NULL);
	free(text);
	json_decref(o);
	free(h);
}

static void take(struct app *a, const struct http_in_req *r, bool is_verify)
{
	const char *why = events_in_signature(a, r);
	struct held *h;
	json_t *o;

	if (why) {
		refuse(a, r, 401, "bad-signature", why);
		return;
	}
	if (a->stopping || !a->store_up || !app_has_room(a, SOURCE_SYSTEM)) {
		refuse(a, r, 503, "try-again", "Not now; try again.");
		return;
	}
	h = xcalloc(1, sizeof *h);
	h->a = a;
	h->request = r->id;
	o = json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, NULL);
	why =
	    json_is_object(o) ? read_request(r, o, is_verify, &h->r) : "The body is not a JSON object.";
	json_decref(o);
	if (why) {
		refuse(a, r, 400, "bad-request", why);
		free(h);
	} else if (is_verify) {
		otp_try(a, h->r.msisdn, sv_from(h->r.purpose), sv_from(h->r.id), sv_from(h->r.code),
		    on_verified, h);
	} else {
		otp_send(a, h->r.msisdn, sv_from(h->r.purpose), sv_from(h->r.id), on_sent, h);
	}
}

static void on_send(const struct http_in_req *r, void *arg)
{
	take(arg, r, false);
}

static void on_verify(const struct http_in_req *r, void *arg)
{
	take(arg, r, true);
}

void otp_in_route(struct app *a)
{
	http_in_route(a->events, "POST", "/v1/otp", on_send, a);
	http_in_route(a->events, "POST", "/v1/otp/verify", on_verify, a);
}
