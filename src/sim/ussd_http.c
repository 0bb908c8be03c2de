/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_http.c - USSD as an aggregator's requests; see ussd_http.h. */
#include "sim/ussd_http.h"

#include <event2/http.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/msisdn.h"
#include "net/http_out.h"

#define ANSWER_MAX 8192u

struct flight { /* a request on its way: whose it is */
	struct ussd_http *u;
	char number[MSISDN_CAP];
	uint16_t session;
};

struct profile {
	const char *name, *type;
	void (*write)(const struct ussd_http *u, const struct smsc_step *st, struct buf *out);
	/* false: not what this aggregator understands. */
	bool (*read)(struct sv body, bool *ends, struct buf *text);
};

struct ussd_http {
	struct smsc *s;
	struct http_out *http;
	const struct profile *profile;
	const char *url, *path;
	uint64_t timeout_ms, boot_ms;
};

/* Unlike the sessions of another life of this program. */
static void session_name(const struct ussd_http *u, const struct smsc_step *st, char out[64])
{
	snprintf(out, 64, "sim-%llx-%s-%u", (unsigned long long)u->boot_ms, st->number, st->session);
}

/* ---- generic-json ---- */

static void json_write(const struct ussd_http *u, const struct smsc_step *st, struct buf *out)
{
	static const char *const events[] = {"begin", "input", "abort"};
	char session[64], *text;
	json_t *o;

	session_name(u, st, session);
	o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s%}", "session", session, "msisdn", st->number,
	    "code", st->code, "event", events[st->did], "step", (int)st->step, "text", st->text.p,
	    st->text.n);
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	buf_adds(out, text ? text : "");
	free(text);
	json_decref(o);
}

static bool json_read(struct sv body, bool *ends, struct buf *text)
{
	json_t *o = json_loadb(body.p, body.n, 0, NULL);
	const json_t *t = json_object_get(o, "text"), *end = json_object_get(o, "end");
	bool ok = json_is_string(t) && json_is_boolean(end);

	if (ok) {
		buf_add(text, json_string_value(t), json_string_length(t));
		*ends = json_is_true(end);
	}
	json_decref(o);
	return ok;
}

/* ---- africastalking ---- */

static void form_add(struct buf *out, const char *name, struct sv value)
{
	char *text = evhttp_uriencode(value.n ? value.p : "", (ev_ssize_t)value.n, 1);

	if (!text)
		abort();
	buf_addf(out, "%s%s=%s", out->n ? "&" : "", name, text);
	free(text);
}

static void form_write(const struct ussd_http *u, const struct smsc_step *st, struct buf *out)
{
	char session[64], number[MSISDN_CAP + 1];

	session_name(u, st, session);
	snprintf(number, sizeof(number), "+%s", st->number);
	form_add(out, "sessionId", sv_from(session));
	form_add(out, "phoneNumber", sv_from(number));
	form_add(out, "networkCode", SV("40401"));
	form_add(out, "serviceCode", sv_from(st->code));
	if (st->did == SMSC_HUNG_UP)
		form_add(out, "status", SV("Incomplete"));
	else
		form_add(out, "text", st->inputs);
}

static bool con_end_read(struct sv body, bool *ends, struct buf *text)
{
	*ends = body.n >= 4 && memcmp(body.p, "END ", 4) == 0;
	if (!*ends && (body.n < 4 || memcmp(body.p, "CON ", 4) != 0))
		return false;
	buf_add(text, body.p + 4, body.n - 4);
	return true;
}

static const struct profile profiles[] = {
    {"generic-json", "application/json", json_write, json_read},
    {"africastalking", "application/x-www-form-urlencoded", form_write, con_end_read},
};
#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

/* ---- requests ---- */

static void show(struct ussd_http *u, const char *number, bool sent, const char *what, struct sv raw,
    struct sv text)
{
	const struct smsc_watcher *w = smsc_watcher(u->s);

	if (w)
		w->on_http(number, sent, what, raw, text, w->arg);
}

static void on_answer(const struct http_out_answer *a, void *arg)
{
	struct flight *f = arg;
	struct ussd_http *u = f->u;
	struct buf text, raw;
	char what[32];
	bool ends = false, ok;

	buf_init(&text, ANSWER_MAX);
	buf_init(&raw, ANSWER_MAX * 2);
	if (a->rc == HTTP_OUT_DONE) {
		snprintf(what, sizeof(what), "HTTP %d", a->status);
		buf_addf(&raw, "HTTP/1.1 %d\nContent-Type: " SV_FMT "\n\n" SV_FMT, a->status,
		    SV_ARG(a->content_type), SV_ARG(a->body));
	} else {
		snprintf(what, sizeof(what), "HTTP %s", http_out_rc_name(a->rc));
	}
	ok = a->rc == HTTP_OUT_DONE && a->status == 200 && u->profile->read(a->body, &ends, &text);
	show(u, f->number, false, what, buf_sv(&raw), buf_sv(&text));
	if (ok)
		smsc_answered(u->s, f->number, f->session, ends ? SMSC_USSD_LAST : SMSC_USSD_MENU,
		    buf_sv(&text));
	else
		smsc_answered(u->s, f->number, f->session, SMSC_USSD_FAILED,
		    a->rc == HTTP_OUT_TIMEOUT ? SV("no answer") : SV("no network"));
	buf_clear(&text);
	buf_clear(&raw);
	free(f);
}

static void on_step(const struct smsc_step *st, void *arg)
{
	struct ussd_http *u = arg;
	struct flight *f = xcalloc(1, sizeof(*f));
	struct http_out_req r = {.method = "POST", .url = u->url, .timeout_ms = u->timeout_ms};
	char type[64];
	const char *const headers[] = {type, NULL};
	struct buf body, raw;

	*f = (struct flight){.u = u, .session = st->session};
	snprintf(f->number, sizeof(f->number), "%s", st->number);
	snprintf(type, sizeof(type), "Content-Type: %s", u->profile->type);
	buf_init(&body, ANSWER_MAX);
	buf_init(&raw, ANSWER_MAX * 2);
	u->profile->write(u, st, &body);
	buf_addf(&raw, "POST %s HTTP/1.1\n%s\n\n%s", u->path, type, buf_str(&body));
	show(u, st->number, true, "HTTP POST", buf_sv(&raw), st->text);
	r.headers = headers;
	r.body = buf_sv(&body);
	http_out_send(u->http, &r, on_answer, f);
	buf_clear(&body);
	buf_clear(&raw);
}

/* ---- life ---- */

struct ussd_http *ussd_http_new(struct conns *cs, struct smsc *s, const char *url, const char *profile,
    uint64_t timeout_ms, char *err, size_t err_cap)
{
	static const struct http_out_conf cf = {
	    .max_active = 32, .max_waiting = 100, .max_idle = 8, .max_body = ANSWER_MAX};
	const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	struct ussd_http *u;
	size_t i = 0;

	while (i < PROFILES && profile && strcmp(profile, profiles[i].name) != 0)
		i++;
	if (i == PROFILES || !host || strncmp(url, "http", 4) != 0) {
		snprintf(err, err_cap,
		    "USSD over HTTP wants http://... and generic-json or africastalking");
		return NULL;
	}
	u = xcalloc(1, sizeof(*u));
	u->s = s;
	u->profile = &profiles[i];
	u->url = url;
	u->path = path ? path : "/";
	u->timeout_ms = timeout_ms;
	u->boot_ms = clock_wall_ms();
	u->http = http_out_new(conns_base(cs), &cf);
	smsc_on_step(s, on_step, u);
	return u;
}

void ussd_http_free(struct ussd_http *u)
{
	if (!u)
		return;
	smsc_on_step(u->s, NULL, NULL);
	http_out_free(u->http);
	free(u);
}
