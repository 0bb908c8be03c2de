/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_call.c - see ussd_call.h. The mirror image of src/app/ussd_http.c. */
#include "sim/ussd_call.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sim/ask.h"
#include "ussd_conf.h"

#define REQUEST_MAX 65536u
#define MARK "{text}"

struct ussd_call {
	const char *url, *code;
	const struct ussd_http_conf *f;
	void *client;
	char session[40], msisdn[24];
	unsigned step;
	struct buf inputs; /* all so far, joined by '*' */
};

enum { BODY_JSON = 1 }; /* of ussd_http_conf */
enum what { BEGIN, NEXT, HANG_UP };

struct ussd_call *ussd_call_new(const char *url, const struct ussd_conf *conf, const char *code)
{
	struct ussd_call *u = xcalloc(1, sizeof(*u));

	u->url = url;
	u->code = code;
	u->f = conf->http;
	u->client = ask_open();
	buf_init(&u->inputs, REQUEST_MAX);
	return u;
}

void ussd_call_free(struct ussd_call *u)
{
	if (!u)
		return;
	ask_close(u->client);
	buf_clear(&u->inputs);
	free(u);
}

/* ---- the request ---- */

struct fields {
	json_t *json; /* or */
	struct buf form;
};

static void add(struct fields *f, const char *name, const char *value)
{
	char *quoted;

	if (!name[0])
		return;
	if (f->json) {
		json_object_set_new(f->json, name, json_string(value));
		return;
	}
	quoted = curl_easy_escape(NULL, value, 0);
	buf_addf(&f->form, "%s%s=%s", f->form.n > 0 ? "&" : "", name, quoted ? quoted : "");
	curl_free(quoted);
}

static const char *first(const struct conf_list *l)
{
	return l->n > 0 ? l->v[0] : "";
}

static const char *event_word(const struct ussd_http_conf *f, enum what w)
{
	return first(w == BEGIN ? &f->begin : w == NEXT ? &f->next : &f->abort);
}

static void fill(struct ussd_call *u, enum what w, const char *text, struct fields *out)
{
	const struct ussd_http_conf *f = u->f;
	char step[16];

	snprintf(step, sizeof(step), "%u", u->step);
	if (!f->path)
		add(out, f->session, u->session);
	add(out, f->msisdn, u->msisdn);
	add(out, f->code, u->code);
	add(out, f->step, step);
	if (!f->path)
		add(out, f->event, event_word(f, w));
	if (w == HANG_UP && f->notice[0])
		add(out, f->notice, "Incomplete");
	add(out, f->text,
	    w == HANG_UP && f->abort_texts.n > 0 ? first(&f->abort_texts)
	    : f->inputs                          ? buf_str(&u->inputs)
						 : text);
}

static bool request(struct ussd_call *u, enum what w, const char *text, struct asked *out, char *err)
{
	const struct ussd_http_conf *f = u->f;
	bool is_post = strstr(f->methods, "POST") != NULL, is_json = is_post && f->body == BODY_JSON,
	     ok;
	const char *const headers[] = {is_json ? "Content-Type: application/json"
					       : "Content-Type: application/x-www-form-urlencoded",
	    NULL};
	struct fields v = {.json = is_json ? json_object() : NULL};
	char *url, *body;

	buf_init(&v.form, REQUEST_MAX);
	fill(u, w, text, &v);
	body = is_json ? json_dumps(v.json, JSON_COMPACT) : xstrdup(buf_str(&v.form));
	if (f->path)
		url = xasprintf("%s/%s/%s", u->url, u->session, event_word(f, w));
	else if (is_post)
		url = xstrdup(u->url);
	else
		url = xasprintf("%s%c%s", u->url, strchr(u->url, '?') ? '&' : '?', body);
	ok = ask(u->client,
	    &(struct ask){
		.url = url, .post = is_post ? body : NULL, .headers = is_post ? headers : NULL},
	    out, err, USSD_CALL_ERR_CAP);
	if (ok && out->status != 200) {
		snprintf(err, USSD_CALL_ERR_CAP, "%s: status %ld", u->url, out->status);
		ok = false;
	}
	json_decref(v.json);
	buf_clear(&v.form);
	free(url);
	free(body);
	return ok;
}

/* ---- the answer ---- */

/* What stands at the template's {text}. false: the body is another one. */
static bool fits(const char *tmpl, struct sv body, struct sv *text)
{
	const char *mark = strstr(tmpl, MARK);
	size_t before = mark ? (size_t)(mark - tmpl) : strlen(tmpl),
	       after = mark ? strlen(mark) - strlen(MARK) : 0;

	if (body.n < before + after || memcmp(body.p, tmpl, before) != 0 ||
	    (after > 0 && memcmp(body.p + body.n - after, mark + strlen(MARK), after) != 0))
		return false;
	*text = (struct sv){body.p + before, body.n - before - after};
	return true;
}

static bool has_headers(const struct conf_list *l, const char *head)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t n = strlen(l->v[i]);
		const char *at = head;

		while ((at = strchr(at, '\n')) && strncasecmp(at + 1, l->v[i], n) != 0)
			at++;
		if (!at || (at[n + 1] != '\r' && at[n + 1] != '\n'))
			return false;
	}
	return true;
}

/* As the type escapes it; owned. NULL: it is broken. */
static char *plain(const char *type, struct sv text)
{
	char *quoted, *out = NULL;
	json_t *j;

	if (!strstr(type, "json"))
		return xstrndup(text.p, text.n);
	quoted = xasprintf("\"%.*s\"", (int)text.n, text.p);
	j = json_loads(quoted, JSON_DECODE_ANY, NULL);
	if (json_is_string(j))
		out = xstrdup(json_string_value(j));
	json_decref(j);
	free(quoted);
	return out;
}

static bool read_page(const struct ussd_http_conf *f, const struct asked *a, enum ussd_call_page *page,
    char **text, char *err)
{
	const char *head = a->head.n > 0 ? a->head.p : "";
	struct sv body = buf_sv(&a->body), at = {NULL, 0};
	bool ends, goes_on;

	goes_on = has_headers(&f->more_headers, head) && fits(f->more, body, &at);
	ends = has_headers(&f->end_headers, head) && fits(f->more_end, body, &at);
	*page = ends && goes_on ? USSD_CALL_EITHER : ends ? USSD_CALL_END : USSD_CALL_MORE;
	*text = ends || goes_on ? plain(f->type, at) : NULL;
	if (!*text)
		snprintf(err, USSD_CALL_ERR_CAP, "the answer is not of this profile: %.*s",
		    (int)(body.n < 200 ? body.n : 200), body.p);
	return *text != NULL;
}

/* ---- what a person does ---- */

static bool step(struct ussd_call *u, enum what w, const char *typed, enum ussd_call_page *page,
    char **text, char *err)
{
	struct asked a;
	bool ok;

	u->step++;
	ok = request(u, w, typed, &a, err) && read_page(u->f, &a, page, text, err);
	asked_clear(&a);
	return ok;
}

bool ussd_call_dial(struct ussd_call *u, const char *msisdn, const char *dialled,
    enum ussd_call_page *page, char **text, char *err)
{
	struct sv inputs = {NULL, 0};

	snprintf(u->session, sizeof(u->session), "sim-%016" PRIx64, random_u64());
	snprintf(u->msisdn, sizeof(u->msisdn), "%s", msisdn);
	u->step = 0;
	buf_reset(&u->inputs);
	if (!ussd_dialled(sv_from(dialled), sv_from(u->code), &inputs)) {
		snprintf(err, USSD_CALL_ERR_CAP, "%s does not begin with the service code %s", dialled,
		    u->code);
		return false;
	}
	buf_addsv(&u->inputs, inputs);
	return step(u, BEGIN, dialled, page, text, err);
}

bool ussd_call_press(struct ussd_call *u, struct sv typed, enum ussd_call_page *page, char **text,
    char *err)
{
	char *t = xstrndup(typed.p, typed.n);
	bool ok;

	if (u->inputs.n > 0)
		buf_addc(&u->inputs, '*');
	buf_addsv(&u->inputs, typed);
	ok = step(u, NEXT, t, page, text, err);
	free(t);
	return ok;
}

bool ussd_call_hang_up(struct ussd_call *u, char *err)
{
	const struct ussd_http_conf *f = u->f;
	struct asked a;
	bool ok;

	if (!f->notice[0] && f->abort.n == 0 && f->abort_texts.n == 0)
		return true; /* this aggregator tells nobody */
	u->step++;
	ok = request(u, HANG_UP, "", &a, err);
	asked_clear(&a);
	return ok;
}
