/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_http.c - USSD by an aggregator's HTTP requests, as a profile says: which fields, which words,
 * which reply; see ussd.h. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "app/http_fields.h"
#include "app/listeners.h"
#include "app/ussd.h"
#include "base/clock.h"
#include "codec/escape.h"
#include "codec/msisdn.h"

#define VALUE_MAX 2000u /* of one field */
#define HEADERS_MAX 8u
#define SLACK_MS 5000u /* our own last screen comes before the listener's 503 */

struct door { /* one entry of the options */
	struct app *a;
	const struct opt_ussd *opt;
	struct ussd_conf *conf; /* owned */
	struct ussd_source src;
	struct http_in *http; /* shared */
};

struct ussd_http {
	struct door *door;
	size_t n;
};

static bool has(const struct conf_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->v[i], word) == 0)
			return true;
	return false;
}

static bool in_text(const struct conf_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(text, l->v[i]) == 0)
			return true;
	return false;
}

static bool is_allowed(const struct door *d, const char *peer, struct http_fields *vs)
{
	const struct ussd_http_conf *f = d->conf->http;

	if (d->opt->allow.n > 0 && !http_peer_in(&d->opt->allow, peer))
		return false;
	if (d->opt->user && !http_same(d->opt->user, http_field(vs, f->user)))
		return false;
	return !d->opt->password || http_same(d->opt->password, http_field(vs, f->password));
}

/* ---- what it is ---- */

static enum ussd_op op_of(const struct door *d, const char *word)
{
	const struct ussd_http_conf *f = d->conf->http;

	if (has(&f->begin, word))
		return USSD_OP_BEGIN;
	if (has(&f->next, word))
		return USSD_OP_NEXT;
	if (has(&f->end, word))
		return USSD_OP_END;
	if (has(&f->abort, word))
		return USSD_OP_ABORT;
	return has(&f->timeout, word) ? USSD_OP_TIMEOUT : USSD_OP_UNKNOWN;
}

struct request {
	char msisdn[MSISDN_CAP];
	char *session, *text; /* owned */
	enum ussd_op op; /* UNKNOWN: not said */
	uint64_t step; /* 0: not said */
};

/* ".../SESSION/EVENT" */
static bool read_path(const char *path, char **session, const char **event)
{
	const char *last = strrchr(path, '/'), *from = last;

	if (!last || last == path)
		return false;
	while (from > path && from[-1] != '/')
		from--;
	*session = xstrndup(from, (size_t)(last - from));
	*event = last + 1;
	return (*session)[0] != '\0';
}

/* false: not a request that can be answered. */
static bool read_request(const struct door *d, const char *path, struct http_fields *vs,
    struct request *q)
{
	const struct ussd_http_conf *f = d->conf->http;
	const char *event = NULL, *s;
	bool ok = true;

	*q = (struct request){.op = USSD_OP_UNKNOWN};
	if (f->path)
		ok = read_path(path, &q->session, &event);
	else
		q->session = xstrdup(http_field(vs, f->session));
	if (!f->path && f->session[0] != '\0' && q->session[0] == '\0')
		ok = false;
	if (event) {
		q->op = op_of(d, event);
		ok = ok && q->op != USSD_OP_UNKNOWN;
	} else if (f->event[0] != '\0')
		q->op = op_of(d, http_field(vs, f->event));
	s = http_field(vs, f->notice);
	if (s[0] != '\0')
		q->op = has(&f->notice_good, s)      ? USSD_OP_END
			: has(&f->notice_timeout, s) ? USSD_OP_TIMEOUT
						     : USSD_OP_ABORT;
	s = http_field(vs, f->msisdn);
	if (!msisdn_normalise(sv_from(s), s[0] == '+' || strlen(s) > 10, q->msisdn))
		ok = false;
	s = http_field(vs, f->step);
	if (s[0] != '\0')
		q->step = ussd_hash(3, sv_from(s));
	q->text = xstrdup(http_field(vs, f->text));
	if (in_text(&f->abort_texts, q->text))
		q->op = USSD_OP_ABORT;
	else if (in_text(&f->timeout_texts, q->text))
		q->op = USSD_OP_TIMEOUT;
	return ok && !vs->v.full;
}

/* Names the step, where the aggregator lets us. */
static void set_step(const struct door *d, const struct request *q, struct ussd_step *u)
{
	const struct ussd_http_conf *f = d->conf->http;

	u->is_unique = f->path || f->session[0] != '\0';
	if (f->inputs) {
		u->step = ussd_hash(0, sv_from(q->text));
		u->step_octets = strlen(q->text);
	} else if (q->step != 0) {
		u->step = q->step;
		u->repeat_ms = (uint64_t)d->conf->session_ms;
	} else if (f->repeat_ms > 0) {
		u->step = ussd_hash(4 + (q->op == USSD_OP_BEGIN), sv_from(q->text));
		u->repeat_ms = (uint64_t)f->repeat_ms;
	}
}

/* The text that this is to the dialogue, and how it is to be taken. */
static struct sv set_how(const struct door *d, const struct request *q, struct ussd_step *u)
{
	struct sv text = sv_from(q->text), inputs;
	bool is_code;

	if (d->conf->http->inputs &&
	    (q->op == USSD_OP_UNKNOWN || q->op == USSD_OP_NEXT || q->op == USSD_OP_BEGIN)) {
		u->how = USSD_INPUTS;
		return text;
	}
	is_code = ussd_dialled(text, sv_from(d->src.code), &inputs);
	switch (q->op) {
	case USSD_OP_BEGIN:
		u->how = USSD_BEGIN;
		return is_code ? inputs : SV("");
	case USSD_OP_NEXT:
		u->how = USSD_NEXT;
		return text;
	case USSD_OP_UNKNOWN:
		/* A new call where the session has no name would look like a reply. */
		u->how = is_code && !u->is_unique && q->text[0] == '*' ? USSD_BEGIN : USSD_EITHER;
		if (u->how == USSD_BEGIN)
			return inputs;
		u->begin_at = is_code && inputs.n > 0 ? (size_t)(inputs.p - text.p) : text.n;
		if (!is_code && d->src.code[0] != '\0' && text.n > 0)
			u->how = USSD_NEXT; /* not the code: it must be a reply to something */
		return text;
	case USSD_OP_END:
	case USSD_OP_ABORT:
	case USSD_OP_TIMEOUT:
	case USSD_OP_NOTICED:
		break;
	}
	u->how = USSD_GONE;
	return SV("");
}

static void take(struct door *d, const struct http_in_req *r, const struct request *q)
{
	static const char *const outcome[] = {[USSD_OP_END] = INPUT_NETWORK_ENDED,
	    [USSD_OP_ABORT] = "aborted",
	    [USSD_OP_TIMEOUT] = INPUT_TIMED_OUT};
	struct ussd_ask ask = {.src = &d->src, .msisdn = q->msisdn, .http = d->http, .request = r->id};

	ussd_count(d->a, &d->src, q->op == USSD_OP_UNKNOWN ? "step" : ussd_op_name(q->op));
	ask.step.net = ussd_hash(ussd_hash(ussd_hash(5, sv_from(d->opt->profile)), sv_from(q->msisdn)),
	    sv_from(q->session));
	set_step(d, q, &ask.step);
	ask.text = set_how(d, q, &ask.step);
	if (ask.step.how == USSD_GONE) {
		ask.text = sv_from(outcome[q->op]);
		metrics_add(d->a->metrics, M_USSD_SESSION, 1, d->conf->name, outcome[q->op], NULL);
		http_in_reply(d->http, r->id, 200, "text/plain", SV("OK"), NULL);
	}
	ussd_begin(d->a, &ask);
}

static void on_request(const struct http_in_req *r, void *arg)
{
	struct door *d = arg;
	struct http_fields vs;
	struct request q = {.session = NULL};

	http_fields_init(&vs, r->query, r->body, (enum http_body)d->conf->http->body, false, VALUE_MAX);
	if (!is_allowed(d, r->peer, &vs)) {
		ussd_count(d->a, &d->src, "not_allowed");
		LOG(NULL, LOG_WARN, "ussd request refused", "name=%s peer=%s", d->opt->name, r->peer);
		http_in_problem(d->http, r->id, 403, "not-allowed", NULL);
	} else if (!read_request(d, r->path, &vs, &q)) {
		ussd_count(d->a, &d->src, "bad_request");
		http_in_problem(d->http, r->id, 400, "bad-request",
		    "The session or the number is missing, or a field is too long.");
	} else {
		take(d, r, &q);
	}
	free(q.session);
	free(q.text);
	http_fields_clear(&vs);
}

/* ---- the reply ---- */

static void add_text(struct buf *out, const char *type, const char *text)
{
	if (strstr(type, "json"))
		escape_json(sv_from(text), out);
	else if (strstr(type, "xml"))
		escape_xml(sv_from(text), out);
	else
		buf_adds(out, text);
}

void ussd_http_answer(const struct ussd_ask *ask, uint64_t request, const char *text, bool ends)
{
	const struct ussd_http_conf *f = ask->src->conf->http;
	const struct conf_list *given = ends ? &f->end_headers : &f->more_headers;
	const char *headers[HEADERS_MAX + 1] = {NULL}, *at = ends ? f->more_end : f->more, *mark;
	struct buf body;

	buf_init(&body, 8192);
	while ((mark = strstr(at, "{text}")) != NULL) {
		buf_add(&body, at, (size_t)(mark - at));
		add_text(&body, f->type, text);
		at = mark + strlen("{text}");
	}
	buf_adds(&body, at);
	for (size_t i = 0; i < given->n && i < HEADERS_MAX; i++)
		headers[i] = given->v[i];
	http_in_reply(ask->http, request, 200, f->type, buf_sv(&body), headers);
	buf_clear(&body);
}

/* ---- start and stop ---- */

static bool open_door(struct app *a, struct door *d, struct buf *err)
{
	char *who = xasprintf("ussd %s", d->opt->name);

	d->http = listener_get(a, d->opt->listen, (uint64_t)d->conf->answer_ms + SLACK_MS, who, err);
	free(who);
	if (d->http)
		http_in_route(d->http, d->conf->http->methods, d->opt->path, on_request, d);
	return d->http != NULL;
}

bool ussd_http_start(struct app *a, struct buf *err)
{
	const struct conf_list *l = &a->opt->ussd;

	a->ussd_http = xcalloc(1, sizeof(*a->ussd_http));
	a->ussd_http->door = xcalloc(l->n + 1, sizeof(*a->ussd_http->door));
	for (size_t i = 0; i < l->n; i++) {
		struct door *d = &a->ussd_http->door[a->ussd_http->n++];

		d->a = a;
		d->opt = l->v[i];
		d->conf = ussd_conf_read(a->opt->ussd_profiles, d->opt->profile, err);
		if (!d->conf)
			return false;
		d->src = (struct ussd_source){.name = d->opt->name,
		    .conf = d->conf,
		    .code = d->opt->code,
		    .sms_link = d->opt->sms_link,
		    .sms_from = d->opt->sms_from};
		if (!open_door(a, d, err))
			return false;
	}
	return true;
}

void ussd_http_ports(const struct app *a, FILE *f)
{
	for (size_t i = 0; a->ussd_http && i < a->ussd_http->n; i++)
		fprintf(f, "ussd_%s=%u\n", a->ussd_http->door[i].opt->name,
		    http_in_port(a->ussd_http->door[i].http));
}

void ussd_http_free(struct app *a)
{
	if (!a->ussd_http)
		return;
	for (size_t i = 0; i < a->ussd_http->n; i++)
		ussd_conf_free(a->ussd_http->door[i].conf);
	free(a->ussd_http->door);
	free(a->ussd_http);
	a->ussd_http = NULL;
}
