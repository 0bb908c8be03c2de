/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_auth.c - is a request the provider's? Networks, a bearer token, basic authentication and a signature:
 * each that the link has set up must hold. */
#include "app/sms_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "codec/escape.h"
#include "codec/form.h"

#define PAIRS_MAX 100u
#define SIGNED_MAX (128u * 1024)

/* ---- what is signed ---- */

struct pair {
	char *name, *value;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

/* A pair as it is signed: bare (Twilio), or "&name=value" with these two signs replaced (Vonage). */
static void add_pair(const struct pair *p, bool is_bare, struct buf *out)
{
	if (is_bare) {
		buf_addf(out, "%s%s", p->name, p->value);
		return;
	}
	buf_addf(out, "&%s=", p->name);
	for (const char *c = p->value; *c; c++)
		buf_addc(out, *c == '&' || *c == '=' ? '_' : *c);
}

/* All pairs of a form but the signature itself, sorted by name. */
static void add_sorted(struct sv form, const char *but, bool is_bare, struct buf *out)
{
	struct pair pair[PAIRS_MAX];
	struct buf name, value;
	size_t n = 0;

	buf_init(&name, 1000);
	buf_init(&value, SIGNED_MAX);
	while (n < PAIRS_MAX && form_next(&form, &name, &value)) {
		if (strcmp(buf_str(&name), but) != 0)
			pair[n++] = (struct pair){xstrdup(buf_str(&name)), xstrdup(buf_str(&value))};
		buf_reset(&name);
		buf_reset(&value);
	}
	qsort(pair, n, sizeof(pair[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		add_pair(&pair[i], is_bare, out);
		free(pair[i].name);
		free(pair[i].value);
	}
	buf_clear(&name);
	buf_clear(&value);
}

static bool signed_value(const char *name, struct buf *out, void *arg)
{
	struct sms_request *q = arg;
	const struct sms_sign_conf *s = q->sign;
	struct sv form = q->body.n > 0 ? q->body : sv_from(q->query);

	if (strcmp(name, "body") == 0)
		buf_addsv(out, q->body);
	else if (strcmp(name, "stamp") == 0)
		buf_adds(out, q->stamp);
	else if (strcmp(name, "url") == 0)
		buf_addf(out, "%s%s%s%s", q->public_url, q->path, q->query[0] ? "?" : "", q->query);
	else if (strcmp(name, "params") == 0)
		add_sorted(q->body, s->field, true, out);
	else if (strcmp(name, "pairs") == 0)
		add_sorted(form, s->field, false, out);
	else if (strcmp(name, "secret") == 0)
		buf_adds(out, q->secret);
	else if (strcmp(name, "over") == 0)
		fill_text(s->over, FILL_RAW, signed_value, q, out);
	else
		return false;
	return true;
}

bool sms_sign_check(const struct sms_sign_conf *s, struct buf *why)
{
	/* "over" inside over would not end: it is checked as if there were none. */
	struct sms_sign_conf bare = *s;
	struct sms_request q = {
	    .query = "", .path = "", .stamp = "", .public_url = "", .secret = "", .sign = &bare};

	if (strstr(s->over, "{over")) {
		buf_adds(why, "over cannot stand in itself");
		return false;
	}
	return fill_check(s->over, signed_value, &q, why) &&
	       fill_check(s->signature, signed_value, &q, why);
}

const char *sms_sign_wrong(const struct sms_request *q, const char *given, uint64_t now_s,
    uint64_t window_s)
{
	const struct sms_sign_conf *s = q->sign;
	struct sms_request copy = *q;
	unsigned long long at_s;
	struct buf want;
	bool is_same;
	char *end;

	if (s->stamp_header[0] || s->stamp_field[0]) {
		at_s = strtoull(q->stamp, &end, 10);
		if (q->stamp[0] < '0' || q->stamp[0] > '9' || *end || strlen(q->stamp) > 12)
			return "no_stamp";
		if (at_s + window_s < now_s || at_s > now_s + window_s)
			return "stale";
	}
	buf_init(&want, 1000);
	fill_text(s->signature, FILL_RAW, signed_value, &copy, &want);
	is_same = want.n > 0 && !want.full && http_same(buf_str(&want), given);
	buf_clear(&want);
	return is_same ? NULL : "bad_signature";
}

/* ---- the rest ---- */

static bool has_basic(const struct http_in_req *r, const char *user_and_password)
{
	const char *given = http_in_header(r, "Authorization");
	struct buf want;
	bool ok;

	buf_init(&want, 1000);
	escape_base64(sv_from(user_and_password), &want);
	ok = given && strncasecmp(given, "Basic ", 6) == 0 && http_same(buf_str(&want), given + 6);
	buf_clear(&want);
	return ok;
}

static bool has_token(const struct http_in_req *r, struct http_fields *f, const struct sms_in_conf *c,
    const char *token)
{
	const char *given = http_in_header(r, "Authorization");
	char in_query[600];

	if (given && strncasecmp(given, "Bearer ", 7) == 0)
		return http_same(token, given + 7);
	if (!c->token[0])
		return false;
	/* Addresses that are given to a provider may have it, whatever else it sends. */
	if (http_in_query(r, c->token, in_query, sizeof(in_query)))
		return http_same(token, in_query);
	return http_same(token, http_field(f, c->token));
}

static const char *sign_wrong(const struct sms_link *sl, const struct http_in_req *r,
    struct http_fields *f)
{
	const struct sms_sign_conf *s = sl->p->c.sign;
	const struct opt_link *o = sl->al->opt;
	const char *stamp =
	    s->stamp_header[0] ? http_in_header(r, s->stamp_header) : http_field(f, s->stamp_field);
	char stamped[24];
	const char *given;
	struct sms_request q = {.path = r->path,
	    .query = r->query,
	    .body = r->body,
	    .public_url = o->public_url,
	    .secret = o->secret,
	    .stamp = stamped,
	    .sign = s};

	snprintf(stamped, sizeof(stamped), "%s", stamp ? stamp : "");
	given = s->header[0] ? http_in_header(r, s->header) : http_field(f, s->field);
	return sms_sign_wrong(&q, given ? given : "", clock_wall_ms() / 1000,
	    (uint64_t)sl->al->a->opt->event_window_ms / 1000);
}

const char *sms_auth_wrong(const struct sms_link *sl, const struct sms_in_conf *c,
    const struct http_in_req *r, struct http_fields *f)
{
	const struct opt_link *o = sl->al->opt;

	if (o->allow.n > 0 && !http_peer_in(&o->allow, r->peer))
		return "not_allowed";
	if (o->basic && !has_basic(r, o->basic))
		return "bad_credentials";
	if (o->token && !has_token(r, f, c, o->token))
		return "bad_credentials";
	return o->secret && sl->p->c.sign ? sign_wrong(sl, r, f) : NULL;
}
