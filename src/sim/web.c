/* SPDX-License-Identifier: BSD-2-Clause */
/* web.c - routes of the handset page; see web.h. A page asks for what is newer than the version it has; when
 * nothing is, the request waits for the next change, so that an SMS is on the screen at once. */
#include "sim/web.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/http_in.h"
#include "sim/handsets.h"

#define BODY_MAX (16u << 10)
#define WAITING_MAX 32u /* pages that wait for a change */
#define WAIT_MS 20000u
#define GATHER_MS 10 /* what happens together is told together */

struct waiting {
	uint64_t id; /* of the request; 0: free */
	uint64_t after, until_ms;
};

struct web {
	struct smsc *s;
	struct handsets *hs;
	struct http_in *http;
	struct event *tell, *tick;
	struct waiting waiting[WAITING_MAX];
};

static const char *const headers[] = {"Cache-Control: no-store", "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
    "'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    NULL};

/* ---- answers ---- */

static void reply(struct web *w, uint64_t id, int status, json_t *o)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	if (text)
		http_in_reply(w->http, id, status, "application/json", sv_from(text), headers);
	else
		http_in_problem(w->http, id, 500, "internal", NULL);
	free(text);
	json_decref(o);
}

static void done(struct web *w, uint64_t id)
{
	http_in_reply(w->http, id, 204, NULL, SV(""), headers);
}

static void wrong(struct web *w, uint64_t id, int status, const char *code, const char *detail)
{
	http_in_problem(w->http, id, status, code, detail);
}

/* ---- the page ---- */

struct file {
	struct web *w;
	const char *type, *text;
};

static void get_file(const struct http_in_req *r, void *arg)
{
	const struct file *f = arg;

	http_in_reply(f->w->http, r->id, 200, f->type, sv_from(f->text), headers);
}

static void file_route(struct web *w, const char *path, const char *type, const char *text)
{
	struct file *f = http_in_keep(w->http, sizeof(*f));

	*f = (struct file){.w = w, .type = type, .text = text};
	http_in_route(w->http, "GET", path, get_file, f);
}

/* ---- what is new ---- */

static void tell(struct web *w, bool all)
{
	uint64_t now = clock_mono_ms();

	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct waiting *q = &w->waiting[i];

		if (q->id == 0 || (!all && now < q->until_ms))
			continue;
		reply(w, q->id, 200, handsets_json(w->hs, q->after));
		q->id = 0;
	}
}

static void on_tell(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg, true);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg, false);
}

static void on_change(void *arg)
{
	struct timeval tv = {0, GATHER_MS * 1000};
	struct web *w = arg;

	if (!evtimer_pending(w->tell, NULL))
		evtimer_add(w->tell, &tv);
}

/* A number of the query, 0 when it is absent; false: it is none. */
static bool query_number(const struct http_in_req *r, const char *name, uint64_t *out)
{
	char text[24], *end;

	*out = 0;
	if (!http_in_query(r, name, text, sizeof(text)))
		return !strstr(r->query, name);
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

static void get_state(const struct http_in_req *r, void *arg)
{
	struct web *w = arg;
	uint64_t after;

	if (!query_number(r, "after", &after)) {
		wrong(w, r->id, 400, "bad-after", "after is a version that an answer gave.");
		return;
	}
	for (size_t i = 0; after > 0 && after == handsets_version(w->hs) && i < WAITING_MAX; i++) {
		if (w->waiting[i].id != 0)
			continue;
		w->waiting[i] = (struct waiting){r->id, after, clock_mono_ms() + WAIT_MS};
		return;
	}
	/* A version of another life of this program, or no room to wait: all of it, or at once. */
	reply(w, r->id, 200, handsets_json(w->hs, after > handsets_version(w->hs) ? 0 : after));
}

static void get_trace(const struct http_in_req *r, void *arg)
{
	struct web *w = arg;
	char *end;
	uint64_t id = strtoull(r->path + strlen("/api/trace/"), &end, 10);
	json_t *o = *end ? NULL : handsets_trace_json(w->hs, id);

	if (o)
		reply(w, r->id, 200, o);
	else
		wrong(w, r->id, 404, "no-such-step", "This step is not kept any more.");
}

/* ---- orders ---- */

/* The request's object, or NULL after it was answered. A type that forms of other pages cannot send keeps
 * them from pressing our buttons. */
static json_t *object_of(struct web *w, const struct http_in_req *r)
{
	const char *type = http_in_header(r, "Content-Type");
	json_t *o;

	if (!type || strncmp(type, "application/json", strlen("application/json")) != 0) {
		wrong(w, r->id, 415, "not-json", "Content-Type must be application/json.");
		return NULL;
	}
	o = json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		wrong(w, r->id, 400, "bad-json", "The body must be one JSON object.");
		return NULL;
	}
	return o;
}

static struct sv member(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_string(v) ? (struct sv){json_string_value(v), json_string_length(v)} : SV("");
}

static void post_phones(const struct http_in_req *r, void *arg)
{
	struct web *w = arg;
	json_t *o = object_of(w, r);
	struct handset *h;

	if (!o)
		return;
	switch (handsets_add(w->hs, member(o, "number"), &h)) {
	case HANDSETS_OK:
		reply(w, r->id, 201, json_pack("{s:s}", "number", handset_number(h)));
		break;
	case HANDSETS_THERE:
		wrong(w, r->id, 409, "phone-there", "This phone is on the table already.");
		break;
	case HANDSETS_FULL:
		wrong(w, r->id, 409, "too-many-phones",
		    "There is room for eight phones: put one away.");
		break;
	case HANDSETS_BAD_NUMBER:
		wrong(w, r->id, 422, "bad-number",
		    "A mobile number has ten digits, such as 9812345678.");
		break;
	}
	json_decref(o);
}

static void sms(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	struct sv to = member(o, "to"), text = member(o, "text");

	if (to.n == 0 || to.n > 20 || strlen(to.p) != to.n)
		wrong(w, id, 422, "bad-to", "A number or short code has 1 to 20 characters.");
	else if (text.n == 0)
		wrong(w, id, 422, "no-text", "There is nothing to send.");
	else if (!handset_send(h, to.p, text))
		wrong(w, id, 422, "not-sent", "The text is too long, or too many are waiting.");
	else
		done(w, id);
}

static void dial(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	char err[128];

	if (smsc_dial(w->s, handset_phone(h), member(o, "code"), sv_is(member(o, "by"), "http"), err,
		sizeof(err)))
		done(w, id);
	else
		wrong(w, id, 422, "not-dialled", err);
}

static void press(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	char err[128];

	if (smsc_press(w->s, handset_phone(h), member(o, "text"), err, sizeof(err)))
		done(w, id);
	else
		wrong(w, id, 422, "not-sent", err);
}

static void hang_up(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	(void)o;
	smsc_hang_up(handset_phone(h));
	done(w, id);
}

static void lose(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	(void)o;
	if (smsc_lose_ussd(handset_phone(h)))
		done(w, id);
	else
		wrong(w, id, 409, "no-session", "This phone has no USSD session to lose.");
}

static void put_away(struct web *w, uint64_t id, struct handset *h, const json_t *o)
{
	(void)o;
	handset_remove(h);
	done(w, id);
}

static const struct order {
	const char *name;
	void (*run)(struct web *w, uint64_t id, struct handset *h, const json_t *o);
} orders[] = {
    {"sms", sms},
    {"dial", dial},
    {"press", press},
    {"hang-up", hang_up},
    {"lose", lose},
    {"put-away", put_away},
};

/* /api/phones/919812345678/dial */
static void post_order(const struct http_in_req *r, void *arg)
{
	struct web *w = arg;
	const char *number = r->path + strlen("/api/phones/"), *slash = strchr(number, '/');
	const struct order *order = NULL;
	struct handset *h;
	json_t *o;

	for (size_t i = 0; slash && i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(slash + 1, orders[i].name) == 0)
			order = &orders[i];
	if (!order) {
		wrong(w, r->id, 404, "no-such-order", "sms, dial, press, hang-up, lose or put-away.");
		return;
	}
	h = handsets_find(w->hs, (struct sv){number, (size_t)(slash - number)});
	if (!h) {
		wrong(w, r->id, 404, "no-such-phone", "This phone is not on the table.");
		return;
	}
	o = object_of(w, r);
	if (!o)
		return;
	order->run(w, r->id, h, o);
	json_decref(o);
}

static void post_faults(const struct http_in_req *r, void *arg)
{
	struct web *w = arg;
	json_t *o = object_of(w, r);
	struct sv value;
	char err[128];

	if (!o)
		return;
	value = member(o, "value");
	if (smsc_fault(w->s, member(o, "name").p, value.n ? value.p : NULL, err, sizeof(err)))
		done(w, r->id);
	else
		wrong(w, r->id, 422, "bad-fault", err);
	json_decref(o);
}

/* ---- life ---- */

static struct event *timer(struct conns *cs, short flags, event_callback_fn fn, struct web *w)
{
	struct event *e = event_new(conns_base(cs), -1, flags, fn, w);

	if (!e)
		abort();
	return e;
}

struct web *web_new(struct conns *cs, struct smsc *s, const char *listen, char *err, size_t err_cap)
{
	struct http_in_conf cf = {.listen = listen,
	    .max_header = 8u << 10,
	    .max_body = BODY_MAX,
	    .max_open = 128,
	    .deadline_ms = WAIT_MS + 10000};
	struct timeval second = {1, 0};
	struct web *w = xcalloc(1, sizeof(*w));
	struct handset *first;

	w->http = http_in_new(conns_base(cs), &cf, err, err_cap);
	if (!w->http) {
		free(w);
		return NULL;
	}
	w->s = s;
	w->tell = timer(cs, 0, on_tell, w);
	w->tick = timer(cs, EV_PERSIST, on_tick, w);
	evtimer_add(w->tick, &second);
	w->hs = handsets_new(s, on_change, w);
	if (handsets_add(w->hs, SV(""), &first) != HANDSETS_OK)
		abort();
	file_route(w, "/", "text/html; charset=utf-8", handset_page);
	file_route(w, "/style.css", "text/css; charset=utf-8", handset_style);
	file_route(w, "/script.js", "text/javascript; charset=utf-8", handset_script);
	http_in_route(w->http, "GET", "/api/state", get_state, w);
	http_in_route(w->http, "GET", "/api/trace/*", get_trace, w);
	http_in_route(w->http, "POST", "/api/phones", post_phones, w);
	http_in_route(w->http, "POST", "/api/phones/*", post_order, w);
	http_in_route(w->http, "POST", "/api/faults", post_faults, w);
	return w;
}

unsigned web_port(const struct web *w)
{
	return http_in_port(w->http);
}

void web_free(struct web *w)
{
	if (!w)
		return;
	handsets_free(w->hs);
	http_in_free(w->http);
	event_free(w->tell);
	event_free(w->tick);
	free(w);
}
