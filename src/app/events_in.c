/* SPDX-License-Identifier: BSD-2-Clause */
/* events_in.c - POST /v1/events: a backend tells of something that happened to a person.
 * Signed (HMAC-SHA256 over "<timestamp>.<body>"), inside a replay window, idempotent by id; 202
 * only when it is in the inbox. */
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "base/hex.h"
#include "codec/msisdn.h"

#define EVENT_DEDUP_MS (24u * 3600 * 1000)
#define AHEAD_MAX_MS (400ull * 24 * 3600 * 1000) /* a year's calendar, and some days */
#define CANCELLED "event.cancelled"
#define SIGNATURE_PREFIX "sha256="

static void refuse(struct app *a, const struct http_in_req *r, int status, const char *code,
    const char *detail)
{
	metrics_add(a->metrics, M_EVENT, 1, code, NULL);
	LOG(NULL, LOG_WARN, "event refused", "code=%s peer=%s", code, r->peer);
	http_in_problem(a->events, r->id, status, code, detail);
}

static bool signed_by(const struct app_backend *be, const struct http_in_req *r)
{
	const char *secret = be->opt->secret, *stamp = http_in_header(r, "X-Dakiya-Timestamp"),
		   *given = http_in_header(r, "X-Dakiya-Signature") + strlen(SIGNATURE_PREFIX);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char want[2 * EVP_MAX_MD_SIZE];
	struct buf b;

	if (!secret)
		return false;
	buf_init(&b, r->body.n + 64);
	buf_adds(&b, stamp);
	buf_addc(&b, '.');
	buf_addsv(&b, r->body);
	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)b.p, b.n, mac, &n);
	buf_clear(&b);
	hex_octets(mac, n, want);
	return strlen(given) == 2 * (size_t)n && CRYPTO_memcmp(want, given, 2 * (size_t)n) == 0;
}

const char *events_in_signature(struct app *a, const struct http_in_req *r)
{
	const char *stamp = http_in_header(r, "X-Dakiya-Timestamp");
	const char *sig = http_in_header(r, "X-Dakiya-Signature");
	uint64_t now_s = clock_wall_ms() / 1000, window_s = (uint64_t)a->opt->event_window_ms / 1000;
	char *end;
	unsigned long long at_s;

	if (!stamp || !sig || strncmp(sig, SIGNATURE_PREFIX, strlen(SIGNATURE_PREFIX)) != 0)
		return "X-Dakiya-Timestamp and X-Dakiya-Signature: sha256=<hex> are needed.";
	at_s = strtoull(stamp, &end, 10);
	if (*end != '\0' || end == stamp || strlen(stamp) > 12)
		return "X-Dakiya-Timestamp is not a number of seconds.";
	if (at_s + window_s < now_s || at_s > now_s + window_s)
		return "The timestamp is outside the replay window; check the clocks.";
	for (size_t i = 0; i < a->backend_count; i++)
		if (signed_by(&a->backends[i], r))
			return NULL;
	return "The signature fits no backend's secret.";
}

/* After events_in_signature. */
static bool speaks_for(struct app *a, const struct http_in_req *r, struct sv service)
{
	for (size_t i = 0; i < a->backend_count; i++)
		if (packs_speaks_for(a->packs, service, a->backends[i].opt->name) &&
		    signed_by(&a->backends[i], r))
			return true;
	return false;
}

/* When it happened, by our clock: the backend may have had to keep the event for long, and its clock may
 * be wrong, but the two times that it gives are of one clock. Without a good `at`: now. */
static uint64_t happened_ms(const struct http_in_req *r, const json_t *ev)
{
	const char *at = json_string_value(json_object_get(ev, "at"));
	uint64_t now = clock_wall_ms(), at_ms,
		 sent_ms = strtoull(http_in_header(r, "X-Dakiya-Timestamp"), NULL, 10) * 1000;

	if (!at || !clock_read_iso(at, &at_ms) || at_ms >= sent_ms)
		return now;
	return sent_ms - at_ms < now ? now - (sent_ms - at_ms) : 1; /* before 1970: long over */
}

/* The instant before which it is not to be told; 0: none is given. */
static bool read_not_before(const json_t *ev, uint64_t now_ms, uint64_t *ms)
{
	const json_t *v = json_object_get(ev, "not_before");

	*ms = 0;
	return !v || (json_is_string(v) && clock_read_iso(json_string_value(v), ms) &&
			 *ms <= now_ms + AHEAD_MAX_MS);
}

/* Either what is kept is dropped or replaced, or a turn begins. */
static void take_event(struct app *a, struct remind_event *e)
{
	if (!remind_take(a, e))
		app_begin(a, e->in, &(struct upstream){.kind = UPSTREAM_HTTP, .request = e->request},
		    e->dedup);
}

static void begin(struct app *a, const struct http_in_req *r, const json_t *ev)
{
	const char *id = json_string_value(json_object_get(ev, "id"));
	const char *type = json_string_value(json_object_get(ev, "type"));
	const char *service = json_string_value(json_object_get(ev, "service"));
	const char *number = json_string_value(json_object_get(ev, "msisdn"));
	const json_t *data = json_object_get(ev, "data");
	const char *coalesce = json_string_value(json_object_get(ev, "key"));
	struct remind_event e = {.request = r->id, .data = data, .key = coalesce};
	char msisdn[MSISDN_CAP], key[EVENT_KEY_CAP];
	char *text;
	struct in_record in = {
	    .kind = INPUT_EVENT, .channel = SV("event"), .at_ms = happened_ms(r, ev)};

	if (!id || !*id || strlen(id) > 64 || !type || !*type || strlen(type) > 64 || !service ||
	    strlen(service) > 64 || (data && !json_is_object(data))) {
		refuse(a, r, 400, "bad-event",
		    "An event needs id, type, service (1 to 64 characters) and data, an object.");
		return;
	}
	if (!speaks_for(a, r, sv_from(service))) {
		refuse(a, r, 403, "not-its-service",
		    "The signature is of a backend that this service does not call.");
		return;
	}
	if (!number || !msisdn_normalise(sv_from(number), 1, msisdn)) {
		refuse(a, r, 400, "bad-msisdn", "msisdn is not a phone number.");
		return;
	}
	e.is_cancel = strcmp(type, CANCELLED) == 0;
	if (!read_not_before(ev, clock_wall_ms(), &e.not_before_ms) ||
	    (coalesce && (!*coalesce || strlen(coalesce) > 64)) || (e.is_cancel && !coalesce)) {
		refuse(a, r, 400, "bad-event",
		    "not_before is a time such as 2026-12-31T09:00:00+05:30 in at most 400 days, key "
		    "has 1 "
		    "to 64 characters; event.cancelled needs one.");
		return;
	}
	text = data ? json_dumps(data, JSON_COMPACT) : xstrdup("{}");
	snprintf(key, sizeof(key), "e:%s:%s", service, id); /* two backends may count alike */
	in.msisdn = sv_from(msisdn);
	in.text = sv_from(text);
	in.event_type = sv_from(type);
	in.event_service = sv_from(service);
	e.in = &in;
	e.dedup = &(struct dedup){key, "1", EVENT_DEDUP_MS, NULL, false};
	if (in.text.n > STORE_RECORD_MAX / 2)
		refuse(a, r, 413, "too-large", "data is too large.");
	else
		take_event(a, &e);
	free(text);
}

static void on_event(const struct http_in_req *r, void *arg)
{
	struct app *a = arg;
	const char *why = events_in_signature(a, r);
	json_t *ev;

	if (why) {
		refuse(a, r, 401, "bad-signature", why);
		return;
	}
	/* In doubt we may have stood still, and the request with us: sent again it says how old the event is. */
	if (a->stopping || !a->store_up || peers_in_doubt(a) || peers_stood(a) ||
	    !app_has_room(a, SOURCE_SYSTEM)) {
		metrics_add(a->metrics, M_EVENT, 1, "not_now", NULL);
		http_in_problem(a->events, r->id, 503, "try-again", "Not now; send it again.");
		return;
	}
	ev = json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(ev))
		begin(a, r, ev);
	else
		refuse(a, r, 400, "bad-json", "The body is not a JSON object.");
	json_decref(ev);
}

void events_in_route(struct app *a)
{
	http_in_route(a->events, "POST", "/v1/events", on_event, a);
}
