/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_out.c - a message as a provider's HTTP request, and what its answer means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bind.h"
#include "app/sms.h"
#include "base/clock.h"
#include "codec/json_at.h"
#include "engine/status_words.h"

#define URL_MAX 32768u
#define BODY_MAX (128u * 1024)
#define HEADERS_MAX 12u
#define MATCH_MAX 4096u /* octets of an answer that expressions look at */
#define HOLD_MAX_S 60
#define CREDENTIALS_HOLD_MS 30000u

/* ---- the answer ---- */

static const char *pointer_of(const struct sms_send_conf *s, enum sms_find what)
{
	const char *const at[SMS_FINDS] = {s->accepted_at, s->id_at, s->code_at, s->words_at};

	return at[what];
}

/* By the expression's first group, or all that it matches where it has none. */
static bool find_match(const regex_t *re, const char *body, struct buf *out)
{
	regmatch_t m[2] = {{-1, -1}, {-1, -1}};

	if (regexec(re, body, 2, m, 0) != 0)
		return false;
	if (m[1].rm_so < 0)
		m[1] = m[0];
	buf_add(out, body + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
	return true;
}

bool sms_find(const struct sms_profile *p, enum sms_find what, const json_t *doc, const char *body,
    struct buf *out)
{
	const char *pointer = pointer_of(p->c.send, what);
	const json_t *j = pointer[0] && doc ? json_at(doc, pointer) : NULL;

	buf_reset(out);
	if (json_is_string(j))
		buf_adds(out, json_string_value(j));
	else if (json_is_integer(j))
		buf_addf(out, "%lld", (long long)json_integer_value(j));
	else if (json_is_boolean(j))
		buf_adds(out, json_is_true(j) ? "true" : "false");
	if (j && !json_is_null(j))
		return true;
	return p->has_re[what] && find_match(&p->re[what], body, out);
}

static bool is_accepted(const struct sms_profile *p, const json_t *doc, const char *body,
    struct buf *tmp)
{
	const struct sms_send_conf *s = p->c.send;

	if (s->accepted_at[0] == '\0' && s->accepted_match[0] == '\0')
		return true;
	if (!sms_find(p, SMS_FIND_ACCEPTED, doc, body, tmp))
		return false;
	for (size_t i = 0; i < s->accepted.n; i++)
		if (strcmp(s->accepted.v[i], buf_str(tmp)) == 0)
			return true;
	return s->accepted.n == 0;
}

static const struct sms_error *error_of(const struct sms_profile *p, const char *code)
{
	for (size_t i = 0; i < p->errors; i++)
		if (strcmp(p->error[i].code, code) == 0)
			return &p->error[i];
	return NULL;
}

/* Letters, digits and a few signs, and no long row of digits: it may stand in a log. */
static void take_code(const char *s, char out[SMS_CODE_CAP])
{
	size_t digits = 0, n = strlen(s);

	for (size_t i = 0; i < n; i++) {
		bool is_digit = s[i] >= '0' && s[i] <= '9';
		bool is_letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');

		digits = is_digit ? digits + 1 : 0;
		if (digits > 6 || (!is_digit && !is_letter && !strchr("_.:-", s[i])))
			n = 0;
	}
	snprintf(out, SMS_CODE_CAP, "%s", n > 0 && n < SMS_CODE_CAP ? s : "unknown");
}

static enum retry_kind kind_of_http(int status)
{
	if (status == 429)
		return RETRY_KIND_SLOWER;
	if (status >= 500 || status == 408 || status == 425 || status == 401 || status == 403 ||
	    (status >= 300 && status < 400)) /* credentials and addresses are mended by people */
		return RETRY_KIND_LATER;
	return status >= 400 ? RETRY_KIND_NEVER : RETRY_KIND_ONCE;
}

static void say(struct sms_verdict *v, enum retry_kind kind, const char *words, const char *label)
{
	v->status = RETRY_SAID + (uint32_t)kind;
	v->words = words;
	snprintf(v->label, sizeof(v->label), "%s", label);
}

static void take_error(const struct sms_profile *p, const struct http_out_answer *a,
    struct sms_verdict *v)
{
	char exact[24], family[24];
	const struct sms_error *e = v->code[0] ? error_of(p, v->code) : NULL;
	const char *dlt = status_words_of_err(sv_from(v->code));

	snprintf(exact, sizeof(exact), "http-%d", a->status);
	snprintf(family, sizeof(family), "http-%dxx", a->status / 100);
	if (e) {
		say(v, e->kind, e->words, e->code);
		return;
	}
	if (dlt[0]) {
		say(v, retry_kind_of(NULL, (uint32_t)strtoul(v->code, NULL, 10)), dlt, v->code);
		return;
	}
	e = error_of(p, exact);
	e = e ? e : error_of(p, family);
	if (e)
		say(v, e->kind, e->words, exact);
	else if (a->status / 100 != 2)
		say(v, kind_of_http(a->status), "", exact);
	else
		say(v, RETRY_KIND_ONCE, "the answer is not what the profile knows",
		    v->code[0] ? "unknown-code" : "not-understood");
	if (!v->code[0])
		snprintf(v->code, sizeof(v->code), "%s", a->status / 100 != 2 ? exact : v->label);
}

static void take_answer(const struct sms_profile *p, const struct http_out_answer *a,
    struct sms_verdict *v)
{
	char *body =
	    xstrndup(a->body.p ? a->body.p : "", a->body.n < MATCH_MAX ? a->body.n : MATCH_MAX);
	json_t *doc = json_loadb(a->body.p ? a->body.p : "", a->body.n, JSON_REJECT_DUPLICATES, NULL);
	struct buf tmp;

	buf_init(&tmp, MATCH_MAX);
	if (a->status / 100 == 2 && is_accepted(p, doc, body, &tmp)) {
		v->status = ESME_ROK;
		snprintf(v->label, sizeof(v->label), "ok");
		if (sms_find(p, SMS_FIND_ID, doc, body, &tmp) && tmp.n < sizeof(v->id))
			snprintf(v->id, sizeof(v->id), "%s", buf_str(&tmp));
	} else {
		if (sms_find(p, SMS_FIND_CODE, doc, body, &tmp))
			take_code(buf_str(&tmp), v->code);
		take_error(p, a, v);
		if (sms_find(p, SMS_FIND_WORDS, doc, body, &tmp))
			snprintf(v->said, sizeof(v->said), "%.*s", (int)sizeof(v->said) - 1,
			    buf_str(&tmp));
		for (char *c = v->said; *c; c++)
			*c = (unsigned char)*c < ' ' ? ' ' : *c;
	}
	buf_clear(&tmp);
	json_decref(doc);
	free(body);
}

void sms_verdict(const struct sms_profile *p, const struct http_out_answer *a, struct sms_verdict *v)
{
	*v = (struct sms_verdict){.words = ""};
	switch (a->rc) {
	case HTTP_OUT_DONE:
		take_answer(p, a, v);
		return;
	case HTTP_OUT_NO_CONNECT:
	case HTTP_OUT_CANCELLED:
	case HTTP_OUT_FULL:
		v->status = RETRY_LOST;
		break;
	case HTTP_OUT_TIMEOUT:
	case HTTP_OUT_BROKEN:
		v->status = RETRY_NO_ANSWER;
		break;
	case HTTP_OUT_TOO_BIG:
		say(v, RETRY_KIND_ONCE, "the answer is too long", "too-big");
		return;
	}
	snprintf(v->label, sizeof(v->label), "%s", v->status == RETRY_LOST ? "lost" : "no_answer");
	snprintf(v->code, sizeof(v->code), "%s", v->label);
}

static void on_answer(struct http_link *l, uint64_t id, const struct http_out_answer *a, void *arg)
{
	struct app_link *al = arg;
	struct sms_verdict v;

	sms_verdict(al->sms->p, a, &v);
	if (a->rc == HTTP_OUT_DONE && a->retry_after_s > 0 && v.status != ESME_ROK)
		http_link_hold(l,
		    1000u * (uint64_t)(a->retry_after_s < HOLD_MAX_S ? a->retry_after_s : HOLD_MAX_S));
	/* A profile may know a 403 that is about one message. */
	if (a->rc == HTTP_OUT_DONE && (a->status == 401 || a->status == 403) &&
	    v.status != RETRY_SAID + (uint32_t)RETRY_KIND_NEVER) {
		LOG(&(struct log_ctx){.link = al->opt->name}, LOG_ERR, "credentials refused",
		    "status=%d", a->status);
		http_link_hold(l, CREDENTIALS_HOLD_MS);
	}
	sender_answered(al, id, &v);
}

static void on_room(struct http_link *l, void *arg)
{
	(void)l;
	sender_link_room(arg);
}

/* ---- the request ---- */

static enum smpp_submit_rc send_request(struct app_link *al, struct sms_message *msg,
    uint64_t submit_id)
{
	const struct sms_profile *p = al->sms->p;
	const struct sms_send_conf *s = p->c.send;
	const char *headers[HEADERS_MAX + 2] = {NULL};
	char *type = xasprintf("Content-Type: %s", s->type), *owned[HEADERS_MAX] = {NULL};
	int64_t ms = al->opt->timeouts->ms[msg->m->r.class];
	enum smpp_submit_rc rc = SMPP_SUBMIT_BAD;
	struct buf url, body, tmp;
	size_t n = 0;

	buf_init(&url, URL_MAX);
	buf_init(&body, BODY_MAX);
	buf_init(&tmp, URL_MAX);
	fill_text(s->url, FILL_URL, sms_value, msg, &url);
	fill_text(s->body, p->place, sms_value, msg, &body);
	for (size_t i = 0; i < s->headers.n && i < HEADERS_MAX; i++) {
		buf_reset(&tmp);
		fill_text(s->headers.v[i], FILL_HEADER, sms_value, msg, &tmp);
		headers[n] = owned[i] = xstrdup(buf_str(&tmp));
		n++;
	}
	if (body.n > 0)
		headers[n] = type;
	if (!url.full && !body.full)
		rc = http_link_submit(al->sms->out,
		    &(struct http_out_req){.method = s->method,
			.url = buf_str(&url),
			.body = buf_sv(&body),
			.headers = headers,
			.timeout_ms = (uint64_t)(ms > 0 ? ms : al->opt->response_ms)},
		    submit_id);
	for (size_t i = 0; i < HEADERS_MAX; i++)
		free(owned[i]);
	free(type);
	buf_clear(&tmp);
	buf_clear(&body);
	buf_clear(&url);
	return rc;
}

enum smpp_submit_rc sms_submit(struct app_link *al, struct out_msg *m, uint64_t submit_id)
{
	struct sms_message msg = {.link = al->sms, .m = m};
	enum smpp_submit_rc rc = SMPP_SUBMIT_BAD;
	struct buf text;

	buf_init(&text, 4 * TEXT_MAX_UTF8);
	if (sender_text(al, m, &text)) {
		msg.text = buf_sv(&text);
		text_size_for(msg.text, &al->text, &msg.size);
		snprintf(msg.id, sizeof(msg.id), "%016llx", (unsigned long long)m->id);
		msg.wants_receipt = al->sms->p->c.report && al->opt->listen[0] &&
				    (al->opt->receipt_classes >> m->r.class & 1);
		rc = send_request(al, &msg, submit_id);
	}
	buf_clear(&text);
	return rc;
}

/* ---- a link ---- */

bool sms_link_start(struct app_link *al, struct buf *err)
{
	static const struct http_link_ops ops = {.on_answer = on_answer, .on_room = on_room};
	const struct opt_link *o = al->opt;
	struct sms_link *sl = xcalloc(1, sizeof(*sl));

	al->sms = sl;
	sl->al = al;
	sl->p = sms_profile_read(al->a->opt->sms_profiles, o->http, err);
	if (!sl->p)
		return false;
	if (sl->p->c.send)
		sl->out = http_link_new(al->a->base,
		    &(struct http_link_conf){.name = o->name,
			.window = (size_t)o->window,
			.rate = (double)o->rate,
			.pause_min_ms = (uint64_t)o->reconnect_min_ms,
			.pause_max_ms = (uint64_t)o->reconnect_max_ms},
		    &ops, al);
	return sms_in_start(sl, err);
}

void sms_link_free(struct sms_link *sl)
{
	if (!sl)
		return;
	sms_in_free(sl);
	http_link_free(sl->out);
	sms_profile_free(sl->p);
	free(sl);
}
