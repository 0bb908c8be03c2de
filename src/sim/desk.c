/* SPDX-License-Identifier: BSD-2-Clause */
/* desk.c - the backend's HTTP API as a story needs it; see desk.h. */
#include "sim/desk.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sim/ask.h"

#define PATH_CAP 160

struct other {
	int64_t token_id;
	char msisdn[16];
};

struct desk {
	void *client; /* of ask.h */
	char *url, *service; /* owned */
	struct other *other; /* owned */
	size_t others;
};

struct answer {
	long status;
	json_t *body; /* owned; NULL: no JSON */
};

struct desk *desk_new(const char *url)
{
	struct desk *d = xcalloc(1, sizeof(*d));

	d->client = ask_open();
	if (!d->client) {
		free(d);
		return NULL;
	}
	d->url = xstrdup(url);
	d->service = xstrdup("esanjeevani");
	return d;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	ask_close(d->client);
	free(d->url);
	free(d->service);
	free(d->other);
	free(d);
}

void desk_service(struct desk *d, const char *service)
{
	free(d->service);
	d->service = xstrdup(service);
}

/* One request; body (may be NULL) is taken. false: no HTTP answer. */
static bool request(struct desk *d, bool post, const char *path, json_t *body, struct answer *out,
    char *err)
{
	char *url = xasprintf("%s%s", d->url, path), key[64],
	     *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	const char *const headers[] = {key, "Content-Type: application/json", NULL};
	struct asked a;
	bool ok;

	snprintf(key, sizeof(key), "Idempotency-Key: sim-%016" PRIx64, random_u64());
	ok = ask(d->client,
	    &(struct ask){.url = url,
		.post = post ? (text ? text : "{}") : NULL,
		.headers = post ? headers : NULL},
	    &a, err, DESK_ERR_CAP);
	*out = (struct answer){.status = a.status};
	if (ok)
		out->body = json_loadb(buf_str(&a.body), a.body.n, 0, NULL);
	asked_clear(&a);
	free(text);
	free(url);
	json_decref(body);
	return ok;
}

static int64_t int_of(const json_t *o, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? (int64_t)json_integer_value(v) : otherwise;
}

/* A request whose answer must be 200 or 201; token (may be NULL) is read from it. */
static bool expect_ok(struct desk *d, bool post, const char *path, json_t *body,
    struct desk_token *token, char *err)
{
	struct answer a;
	const char *code;
	bool ok;

	if (!request(d, post, path, body, &a, err))
		return false;
	ok = a.status == 200 || a.status == 201;
	if (ok && token) {
		token->token_id = int_of(a.body, "token_id", 0);
		token->token = int_of(a.body, "token", 0);
		token->ahead = int_of(a.body, "ahead", -1);
		ok = token->token_id > 0 && token->token > 0;
	}
	if (!ok) {
		code = json_string_value(json_object_get(a.body, "code"));
		snprintf(err, DESK_ERR_CAP, "%s %s: answer %ld %s", post ? "POST" : "GET", path,
		    a.status, code ? code : "");
	}
	json_decref(a.body);
	return ok;
}

static bool one_other(struct desk *d, uint64_t i, char *err)
{
	struct other *o = &d->other[d->others];
	struct desk_token t;
	json_t *body;

	snprintf(o->msisdn, sizeof(o->msisdn), "9197%08" PRIu64, random_u64() % 100000000);
	body = json_pack("{s:s,s:s,s:o,s:i,s:s,s:s,s:s,s:{s:b,s:s,s:s}}", "msisdn", o->msisdn,
	    "service", d->service, "name", json_sprintf("Patient %c", (int)('A' + i % 26)), "age",
	    (int)(20 + i % 60), "sex", i % 2 ? "F" : "M", "place", "Bihar, Patna", "lang", "en",
	    "consent", "given", 1, "text_version", "1", "channel", "desk");
	if (!expect_ok(d, true, "/v1/registrations", body, NULL, err))
		return false;
	body = json_pack("{s:s,s:s,s:s}", "msisdn", o->msisdn, "service", d->service, "mode", "AUDIO");
	if (!expect_ok(d, true, "/v1/tokens", body, &t, err))
		return false;
	o->token_id = t.token_id;
	d->others++;
	return true;
}

bool desk_register_others(struct desk *d, uint64_t count, char *err)
{
	d->other = xrealloc(d->other, (d->others + count) * sizeof(*d->other));
	for (uint64_t i = 0; i < count; i++)
		if (!one_other(d, i, err))
			return false;
	return true;
}

bool desk_call_next(struct desk *d, struct desk_token *called, char *err)
{
	char path[PATH_CAP];

	snprintf(path, sizeof(path), "/v1/queues/%s/call-next", d->service);
	return expect_ok(d, true, path, NULL, called, err);
}

static bool on_token(struct desk *d, const char *token_id, const char *what, json_t *body, char *err)
{
	char path[PATH_CAP];

	snprintf(path, sizeof(path), "/v1/tokens/%s/%s", token_id, what);
	return expect_ok(d, true, path, body, NULL, err);
}

bool desk_see(struct desk *d, const struct desk_token *t, char *err)
{
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, t->token_id);
	for (size_t i = 0; i < d->others; i++) {
		if (d->other[i].token_id != t->token_id)
			continue;
		return expect_ok(d, true, "/v1/tokens/current/call",
			   json_pack("{s:s,s:s,s:s}", "service", d->service, "msisdn",
			       d->other[i].msisdn, "mode", "AUDIO"),
			   NULL, err) &&
		       desk_used(d, id, false, err);
	}
	return desk_missed(d, id, err);
}

bool desk_used(struct desk *d, const char *token_id, bool prescription, char *err)
{
	return on_token(d, token_id, "used", json_pack("{s:b}", "prescription", (int)prescription),
	    err);
}

bool desk_missed(struct desk *d, const char *token_id, char *err)
{
	return on_token(d, token_id, "missed", NULL, err);
}

bool desk_current(struct desk *d, const char *msisdn, struct desk_token *out, char *err)
{
	char path[PATH_CAP];

	snprintf(path, sizeof(path), "/v1/tokens/current?service=%s&msisdn=%s", d->service, msisdn);
	return expect_ok(d, false, path, NULL, out, err);
}
