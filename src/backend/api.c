/* SPDX-License-Identifier: BSD-2-Clause */
/* api.c - the way of every request: route, limits, idempotency, transaction, answer. What a
 * request does is in api_patient.c, api_desk.c and api_admin.c. */
#include "backend/api_int.h"

#include <stdlib.h>
#include <string.h>

#include "backend/events.h"
#include "backend/idem.h"
#include "backend/niramaya.h"
#include "base/clock.h"
#include "base/log.h"

#define TICK_BATCH 256
#define PURGE_BATCH 500
#define EVENT_KEEP_MS (7 * 24 * 3600 * 1000LL)

static void desk_page(struct api_call *c);

static const struct route {
	const char *method, *path;
	api_handler_fn *fn;
} routes[] = {
    {"POST", "/v1/registrations", api_registrations_post},
    {"POST", "/v1/tokens", api_tokens_post},
    {"GET", "/v1/tokens/current", api_current_get},
    {"POST", "/v1/tokens/current/cancel", api_current_cancel},
    {"POST", "/v1/tokens/current/call", api_current_call},
    {"GET", "/v1/tokens", api_tokens_get},
    {"POST", "/v1/tokens/{token_id}/cancel", api_token_cancel},
    {"GET", "/v1/tokens/{token_id}", api_token_get},
    {"POST", "/v1/tokens/{token_id}/missed", api_token_missed},
    {"POST", "/v1/tokens/{token_id}/used", api_token_used},
    {"POST", "/v1/tokens/{token_id}/reconnect", api_token_reconnect},
    {"GET", "/v1/services", api_services_get},
    {"GET", "/v1/services/{service}/member", api_member_get},
    {"POST", "/v1/services/{service}/member", api_member_post},
    {"GET", "/v1/subcentres", api_subcentres_get},
    {"GET", "/v1/queues", api_queues_get},
    {"GET", "/v1/queues/{service}", api_queue_get},
    {"GET", "/v1/queues/{service}/sent", api_queue_sent},
    {"POST", "/v1/queues/{service}/call-next", api_call_next},
    {"POST", "/v1/queues/{service}/close", api_queue_close},
    {"POST", "/v1/queues/{service}/reopen", api_queue_reopen},
    {"GET", "/v1/schemes/{scheme}", api_scheme_get},
    {"POST", "/v1/pmjay/estimate", api_pmjay_estimate},
    {"POST", "/v1/pmjay/lookup", api_pmjay_lookup},
    {"GET", "/v1/pmjay/places", api_pmjay_places},
    {"GET", "/v1/pmjay/hospitals", api_pmjay_hospitals},
    {"GET", "/v1/pmjay/hospitals/{hospital_id}/packages", api_pmjay_packages},
    {"POST", "/v1/niramaya/eligibility", api_nir_eligibility},
    {"POST", "/v1/niramaya/fee", api_nir_fee},
    {"POST", "/v1/niramaya/payable", api_nir_payable},
    {"POST", "/v1/niramaya/validity", api_nir_validity},
    {"POST", "/v1/niramaya/applications", api_nir_apply},
    {"GET", "/v1/niramaya/applications/{ref}", api_nir_application_get},
    {"POST", "/v1/niramaya/applications/{ref}/status", api_nir_application_status},
    {"GET", "/v1/niramaya/card", api_nir_card_get},
    {"POST", "/v1/niramaya/claims/check", api_nir_claim_check},
    {"POST", "/v1/niramaya/claims", api_nir_claim_post},
    {"GET", "/v1/niramaya/claims/{ref}", api_nir_claim_get},
    {"POST", "/v1/niramaya/claims/{ref}/status", api_nir_claim_status},
    {"GET", "/v1/niramaya/report", api_nir_report},
    {"POST", "/v1/grievances", api_grievance_post},
    {"GET", "/v1/grievances/{ticket}", api_grievance_get},
    {"POST", "/v1/grievances/{ticket}/escalate", api_grievance_escalate},
    {"POST", "/v1/grievances/{ticket}/resolve", api_grievance_resolve},
    {"GET", "/v1/person", api_person_get},
    {"POST", "/v1/person/withdraw", api_person_withdraw},
    {"POST", "/v1/person/erase", api_person_erase},
    {"POST", "/v1/person/wrong-number", api_person_wrong_number},
    {"GET", "/v1/proxy", api_proxy_get},
    {"POST", "/v1/admin/tick", api_admin_tick},
    {"POST", "/v1/admin/clock", api_admin_clock},
    {"GET", "/healthz", api_healthz},
    {"GET", "/desk", desk_page},
    {"GET", "/", desk_page},
};
#define N_ROUTES (sizeof routes / sizeof routes[0])

static const struct problem {
	const char *code;
	int status;
	const char *title;
} problems[] = {
    {"invalid-json", 400, "The body is not a JSON object"},
    {"invalid-field", 400, "A field is missing or not allowed"},
    {"invalid-idempotency-key", 400, "The Idempotency-Key is not allowed"},
    {"cross-origin", 403, "Pages of other origins may not call"},
    {"no-test-clock", 403, "The clock cannot be set"},
    {"mobile-not-verified", 403, "The phone number is not verified"},
    {"referral-needed", 403, "A referral is needed"},
    {"region-not-served", 403, "The service is not for this region"},
    {"not-found", 404, "There is no such resource"},
    {"unknown-service", 404, "There is no such service"},
    {"not-registered", 404, "The phone is not registered for the service"},
    {"no-token", 404, "There is no token"},
    {"no-record", 404, "There is no record for this phone number"},
    {"unknown-place", 404, "The place is not known"},
    {"unknown-hospital", 404, "There is no such hospital"},
    {"unknown-pin", 404, "The PIN code is not known"},
    {"no-application", 404, "There is no such application"},
    {"no-card", 404, "There is no card"},
    {"no-claim", 404, "There is no such claim"},
    {"no-grievance", 404, "There is no such grievance"},
    {"queue-empty", 404, "Nobody is waiting"},
    {"no-subcentre", 404, "There is no sub-centre listed there"},
    {"unknown-beneficiary", 404, "There is no such beneficiary"},
    {"method-not-allowed", 405, "The method is not allowed here"},
    {"several-people", 409, "Several people are registered from this phone"},
    {"in-consultation", 409, "A doctor is speaking with the person"},
    {"own-number", 409, "The number is the asker's own"},
    {"number-objected", 409, "The number may not be asked for"},
    {"too-many-askers", 409, "Others ask for this number already"},
    {"too-many-today", 409, "No more people can be registered today"},
    {"service-closed", 409, "The service is closed now"},
    {"several-tokens", 409, "There are several tokens of this phone"},
    {"not-cancellable", 409, "The token can no longer be cancelled"},
    {"turn-not-come", 409, "The turn has not come"},
    {"already-used", 409, "The token has been used"},
    {"wrong-state", 409, "The token's state does not allow it"},
    {"state-excluded", 409, "The scheme is not offered in the state"},
    {"several-records", 409, "Several records fit"},
    {"not-due", 409, "The time for an answer is not over"},
    {"last-level", 409, "There is no higher level"},
    {"grace-over", 409, "The time to reconnect is over"},
    {"expired", 410, "The token is no longer valid"},
    {"unsupported-media-type", 415, "The body must be application/json"},
    {"consent-missing", 422, "Consent was not given"},
    {"unknown-speciality", 422, "The service has no such speciality"},
    {"idempotency-mismatch", 422, "The Idempotency-Key was used for another request"},
    {"internal", 500, "Something went wrong here"},
    {"database-busy", 503, "The database is busy"},
};
#define N_PROBLEMS (sizeof problems / sizeof problems[0])

void api_print_routes(FILE *out)
{
	for (size_t i = 0; i < N_ROUTES; i++)
		fprintf(out, "%s %s\n", routes[i].method, routes[i].path);
}

void api_print_problems(FILE *out)
{
	for (size_t i = 0; i < N_PROBLEMS; i++)
		fprintf(out, "%d %s\n", problems[i].status, problems[i].code);
}

int64_t api_clock_now(const struct api_clock *c)
{
	long long ms = 0;
	FILE *f;

	if (c->fixed_ms > 0)
		return c->fixed_ms;
	if (!c->file)
		return (int64_t)clock_wall_ms();
	f = fopen(c->file, "re");
	if (f) {
		char line[32];

		if (fgets(line, sizeof line, f))
			ms = strtoll(line, NULL, 10);
		fclose(f);
	}
	return ms > 0 ? ms : (int64_t)clock_wall_ms();
}

/* ---- answers ---- */

void api_answer(struct api_call *c, int status, json_t *out)
{
	json_decref(c->out);
	c->status = status;
	c->out = out;
}

json_t *api_problem(struct api_call *c, const char *code, const char *detail)
{
	char type[64];
	size_t i = 0;

	while (i < N_PROBLEMS - 1 && strcmp(problems[i].code, code))
		i++;
	snprintf(type, sizeof type, "urn:dakiya:problem:%s", problems[i].code);
	api_answer(c, problems[i].status,
	    json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title", problems[i].title, "status",
		problems[i].status, "code", problems[i].code, "detail", detail));
	return c->out;
}

void api_bad_field(struct api_call *c, const char *field, const char *detail)
{
	json_object_set_new(api_problem(c, "invalid-field", detail), "field", json_string(field));
}

static void reply(struct api_call *c, const char *body)
{
	static const char *const again[] = {"Retry-After: 1", NULL};

	http_in_reply(c->a->http, c->req->id, c->status,
	    c->status >= 400 ? "application/problem+json" : "application/json", sv_from(body),
	    c->status == 503 ? again : NULL);
}

static char *dump(const json_t *o)
{
	char *s = o ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

	return s ? s : xstrdup("{}");
}

static void reply_out(struct api_call *c)
{
	char *body = dump(c->out);

	reply(c, body);
	free(body);
}

static const char *const page_headers[] = {
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'unsafe-inline'; style-src "
    "'unsafe-inline';"
    " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store", NULL};

static void desk_page(struct api_call *c)
{
	c->status = 200;
	http_in_reply(c->a->http, c->req->id, 200, "text/html; charset=utf-8", c->a->desk_page,
	    page_headers);
}

/* ---- time ---- */

static int tick_tokens(struct api *a, int64_t now_ms)
{
	return queue_tick(&a->q, now_ms, TICK_BATCH);
}

static int tick_niramaya(struct api *a, int64_t now_ms)
{
	struct scheme s;

	return scheme_now(a->q.rules, "niramaya", now_ms, &s)
		   ? nir_tick(a->q.db, &s, now_ms, TICK_BATCH)
		   : 0;
}

/* Runs fn while there is more to do. False: the database refused. */
static bool tick_due(struct api *a, int64_t now_ms, int64_t due_ms, const char *what,
    int (*fn)(struct api *a, int64_t now_ms))
{
	int n = due_ms < 0 || due_ms > now_ms ? 0 : TICK_BATCH;
	bool is_any = false;

	while (n == TICK_BATCH) {
		db_begin(a->q.db, true);
		n = fn(a, now_ms);
		if (!db_commit(a->q.db))
			return false;
		is_any = is_any || n > 0;
		LOG(NULL, LOG_INFO, what, "count=%d reason=time", n);
	}
	if (is_any && a->on_events)
		a->on_events(a->on_events_arg);
	return true;
}

bool api_tick(struct api *a, int64_t now_ms)
{
	int64_t tokens_ms, niramaya_ms;

	db_begin(a->q.db, false);
	tokens_ms = queue_next_due_ms(&a->q);
	niramaya_ms = nir_next_due_ms(a->q.db);
	if (!db_commit(a->q.db))
		return false;
	return tick_due(a, now_ms, tokens_ms, "tokens ended", tick_tokens) &&
	       tick_due(a, now_ms, niramaya_ms, "reminders sent", tick_niramaya);
}

void api_purge(struct api *a, int64_t now_ms)
{
	db_begin(a->q.db, true);
	idem_purge(a->q.db, now_ms, PURGE_BATCH);
	events_purge(a->q.db, now_ms - EVENT_KEEP_MS, PURGE_BATCH);
	if (!db_commit(a->q.db))
		LOG(NULL, LOG_WARN, "purge put off", "now=%lld", (long long)now_ms);
}

/* ---- routing ---- */

/* "/v1/queues/{service}/call-next" against a path; the one {parameter} goes to param. */
static bool path_matches(const char *pattern, const char *path, char *param, size_t cap)
{
	while (*pattern && *path) {
		if (*pattern == '{') {
			size_t n = strcspn(path, "/");

			if (n == 0 || n >= cap)
				return false;
			memcpy(param, path, n);
			param[n] = '\0';
			path += n;
			pattern = strchr(pattern, '}') + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *pattern == *path;
}

static const struct route *route_find(struct api_call *c, const char **allow)
{
	*allow = NULL;
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (!path_matches(routes[i].path, c->req->path, c->param, sizeof c->param))
			continue;
		if (!strcmp(routes[i].method, c->req->method))
			return &routes[i];
		/* "current" also fits {token_id}: the first row that fits names the method. */
		if (!*allow)
			*allow = routes[i].method;
	}
	return NULL;
}

static void no_route(struct api_call *c, const char *allow)
{
	char header[32];
	const char *const headers[] = {header, NULL};
	char *body;

	if (!allow) {
		api_problem(c, "not-found", "There is nothing at this address.");
		reply_out(c);
		return;
	}
	api_problem(c, "method-not-allowed", "Use the method that Allow names.");
	snprintf(header, sizeof header, "Allow: %s", allow);
	body = dump(c->out);
	http_in_reply(c->a->http, c->req->id, c->status, "application/problem+json", sv_from(body),
	    headers);
	free(body);
}

/* ---- what a POST must bring ---- */

/* A page of another site may not press our buttons: browsers name where a POST comes from. */
static bool is_cross_origin(const struct http_in_req *r)
{
	const char *origin = http_in_header(r, "Origin"), *host = http_in_header(r, "Host");
	const char *at = origin ? strstr(origin, "://") : NULL;

	return origin && (!at || !host || strcmp(at + 3, host));
}

static bool is_json_type(const char *type)
{
	size_t n = strlen("application/json");

	return !type || (!strncmp(type, "application/json", n) && strchr("; ", type[n]));
}

/* False: answered. */
static bool read_body(struct api_call *c)
{
	if (c->req->body.n > 0) {
		json_error_t e;

		if (!is_json_type(http_in_header(c->req, "Content-Type"))) {
			api_problem(c, "unsupported-media-type",
			    "Send Content-Type: application/json.");
			return false;
		}
		c->in = json_loadb(c->req->body.p, c->req->body.n, JSON_REJECT_DUPLICATES, &e);
		if (!json_is_object(c->in)) {
			api_problem(c, "invalid-json", c->in ? "The body must be an object." : e.text);
			return false;
		}
	} else {
		c->in = json_object();
	}
	return true;
}

static bool check_post(struct api_call *c, const char *key)
{
	if (is_cross_origin(c->req))
		api_problem(c, "cross-origin", "The Origin of the request is another host.");
	else if (key && !idem_key_ok(key))
		api_problem(c, "invalid-idempotency-key",
		    "1 to 200 printable ASCII characters without spaces.");
	else
		return read_body(c);
	return false;
}

/* ---- transactions ---- */

static void database_failed(struct api_call *c)
{
	if (db_was_busy(c->a->q.db))
		api_problem(c, "database-busy", "Try again in a second.");
	else
		api_problem(c, "internal", "The request had no effect.");
	reply_out(c);
}

/* The answer is kept with its effect; an error has no effect and is kept alone. */
static void commit_and_reply(struct api_call *c, const char *key, const uint8_t *hash)
{
	struct db *db = c->a->q.db;
	char *body;

	if (db_failed(db)) {
		db_rollback(db);
		database_failed(c);
		return;
	}
	body = dump(c->out);
	if (c->status >= 400) {
		db_rollback(db);
		db_begin(db, true);
	}
	if (key)
		idem_keep(db, key, hash, c->status, body, c->now_ms);
	if (!db_commit(db)) {
		database_failed(c);
	} else {
		reply(c, body);
		if (c->status < 400 && c->a->on_events)
			c->a->on_events(c->a->on_events_arg);
	}
	free(body);
}

static void do_post(struct api_call *c, const struct route *route)
{
	const char *key = http_in_header(c->req, "Idempotency-Key");
	struct idem_answer kept = {0};
	uint8_t hash[IDEM_HASH_LEN];
	enum idem_rc rc = IDEM_NEW;
	struct db *db = c->a->q.db;

	if (!check_post(c, key)) {
		reply_out(c);
		return;
	}
	if (key && !idem_hash(c->req->method, c->req->path, c->req->body, hash)) {
		api_problem(c, "internal", "The request had no effect.");
		reply_out(c);
		return;
	}
	db_begin(db, true);
	if (key)
		rc = idem_look(db, key, hash, c->now_ms, &kept);
	if (rc == IDEM_NEW) {
		route->fn(c);
		commit_and_reply(c, key, hash);
		return;
	}
	db_rollback(db);
	if (rc == IDEM_REPEAT) {
		c->status = kept.status;
		reply(c, kept.body);
		free(kept.body);
	} else {
		api_problem(c, "idempotency-mismatch", "Use a new key for a new request.");
		reply_out(c);
	}
}

static void do_get(struct api_call *c, const struct route *route)
{
	if (route->fn == desk_page) {
		desk_page(c);
		return;
	}
	db_begin(c->a->q.db, false);
	route->fn(c);
	if (!db_commit(c->a->q.db))
		database_failed(c);
	else if (c->page)
		http_in_reply(c->a->http, c->req->id, c->status, c->page_type, sv_from(c->page),
		    page_headers);
	else
		reply_out(c);
}

static void on_request(const struct http_in_req *req, void *arg)
{
	struct api *a = arg;
	struct api_call c = {.a = a, .req = req, .now_ms = api_clock_now(&a->clock)};
	uint64_t begin_us = clock_mono_us();
	const char *allow;
	const struct route *route = route_find(&c, &allow);

	if (!route)
		no_route(&c, allow);
	else if (!api_tick(a, c.now_ms))
		database_failed(&c);
	else if (!strcmp(route->method, "POST"))
		do_post(&c, route);
	else
		do_get(&c, route);
	/* A test that moved the clock need not wait for the timer. */
	if (a->clock.is_test && !api_tick(a, api_clock_now(&a->clock)))
		LOG(NULL, LOG_WARN, "tick put off", "now=%lld", (long long)c.now_ms);
	/* The pattern, not the path or query: those may hold numbers of people. */
	LOG(NULL, c.status >= 500 ? LOG_ERR : LOG_INFO, "request",
	    "method=%s route=%s status=%d took_us=%llu", route ? route->method : "-",
	    route ? route->path : "-", c.status, (unsigned long long)(clock_mono_us() - begin_us));
	json_decref(c.in);
	json_decref(c.out);
	free(c.page);
}

void api_routes(struct api *a)
{
	http_in_route(a->http, "GET,POST", "/*", on_request, a);
}
