/* SPDX-License-Identifier: BSD-2-Clause */
/* try_call.c - answers for the calls of packs under trial: from a real backend, from who sits at the
 * terminal (with proposals from the pack), or from the bridge itself for one-time codes. */
#include <ctype.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/try_int.h"
#include "engine/session_int.h"
#include "net/http_json.h"

#define BODY_MAX 65536u
#define TIMEOUT_MS 30000u /* of a call whose pack says none */
#define CODE_LIFE_MS 600000u
#define INDEX_MAX 20ul

static bool step_answer(struct try *t, int status, json_t *body, bool away)
{
	return rehearsal_step(&t->r,
	    (struct input){.kind = INPUT_ANSWER, .status = status, .data = body, .away = away});
}

/* ---- a real backend ---- */

static const char *url_of(const struct try *t, const char *backend)
{
	const char *any = NULL;

	for (size_t i = 0; i < t->backends; i++) {
		if (strcmp(t->backend[i].name, backend) == 0)
			return t->backend[i].url;
		if (!t->backend[i].name[0])
			any = t->backend[i].url;
	}
	return any;
}

struct got {
	struct event_base *base;
	enum http_out_rc rc;
	int status;
	bool is_usable;
	json_t *body; /* owned */
	uint64_t took_ms;
};

static void on_done(const struct http_out_answer *a, void *arg)
{
	struct got *g = arg;

	g->rc = a->rc;
	g->status = a->status;
	g->took_ms = a->took_ms;
	g->is_usable = http_json_usable(a, &g->body);
	event_base_loopbreak(g->base);
}

static void ask_backend(const struct call *c, const char *base_url, struct got *g)
{
	struct http_out_conf cf = {
	    .max_active = 1, .max_waiting = 1, .max_idle = 1, .max_body = BODY_MAX};
	char *url = xasprintf("%s%s", base_url, c->path),
	     *key = xasprintf("Idempotency-Key: %s", c->key);
	const char *headers[] = {key, "Accept: application/json, application/problem+json",
	    c->body ? "Content-Type: application/json" : NULL, NULL};
	struct http_out *h;

	*g = (struct got){.base = event_base_new(), .rc = HTTP_OUT_CANCELLED};
	h = http_out_new(g->base, &cf);
	http_out_send(h,
	    &(struct http_out_req){.method = c->method,
		.url = url,
		.body = sv_from(c->body),
		.headers = headers,
		.timeout_ms = c->timeout_ms ? c->timeout_ms : TIMEOUT_MS},
	    on_done, g);
	event_base_dispatch(g->base);
	http_out_free(h);
	event_base_free(g->base);
	free(url);
	free(key);
}

static bool answer_backend(struct try *t, const char *url)
{
	struct got g;
	char *text;

	ask_backend(&t->r.res.call, url, &g);
	text = g.body ? json_dumps(g.body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	if (g.rc == HTTP_OUT_DONE)
		printf("← %d %s (%llu ms)%s\n", g.status, text ? text : "",
		    (unsigned long long)g.took_ms,
		    g.is_usable ? "" : " · no answer to a dialogue: away");
	else
		printf("← %s after %llu ms: away\n", http_out_rc_name(g.rc),
		    (unsigned long long)g.took_ms);
	free(text);
	if (g.took_ms > t->answer_ms)
		try_late(t);
	if (!g.is_usable) {
		json_decref(g.body);
		g.body = NULL;
	}
	return step_answer(t, g.is_usable ? g.status : 0, g.body, !g.is_usable);
}

/* ---- the bridge: docs/internals/otp.md ---- */

static bool answer_bridge(struct try *t)
{
	json_t *asked = json_loads(t->r.res.call.body ? t->r.res.call.body : "{}", 0, NULL);
	const char *code = json_string_value(json_object_get(asked, "code"));
	bool is_good = code && strcmp(code, TRY_CODE) == 0;
	int status = !code ? 202 : is_good ? 200 : 422;
	json_t *body;
	char at[32];

	if (!code)
		body = json_pack("{s:s, s:I}", "seal", "00", "expires_ms",
		    (json_int_t)(t->r.now_ms + CODE_LIFE_MS));
	else if (is_good)
		body = json_pack("{s:b, s:s}", "verified", 1, "verified_at",
		    clock_iso(t->r.now_ms, at, sizeof(at)));
	else
		body = json_pack("{s:s}", "code", "otp-wrong");
	json_decref(asked);
	printf("← %d, by the bridge itself%s\n", status, code ? "" : "; the code is " TRY_CODE);
	return step_answer(t, status, body, false);
}

/* ---- proposals: the least that each outcome of the pack takes ---- */

/* value put where the JSON pointer says, below at (taken; NULL: nothing there yet). */
static json_t *put(json_t *at, const char *pointer, json_t *value)
{
	char name[128];
	size_t n = 0;
	json_t *below;
	bool is_index;

	if (*pointer != '/') {
		json_decref(at);
		return value;
	}
	for (pointer++; *pointer && *pointer != '/'; pointer++) {
		char c = *pointer;

		if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
			c = *++pointer == '1' ? '/' : '~';
		if (n + 1 < sizeof(name))
			name[n++] = c;
	}
	name[n] = '\0';
	is_index = n > 0 && strspn(name, "0123456789") == n && strtoul(name, NULL, 10) <= INDEX_MAX;
	if (is_index ? !json_is_array(at) : !json_is_object(at)) {
		json_decref(at);
		at = is_index ? json_array() : json_object();
	}
	if (is_index) {
		size_t i = strtoul(name, NULL, 10);

		while (json_array_size(at) <= i)
			json_array_append_new(at, json_null());
		below = json_incref(json_array_get(at, i));
		json_array_set_new(at, i, put(below, pointer, value));
	} else {
		below = json_incref(json_object_get(at, name));
		json_object_set_new(at, name, put(below, pointer, value));
	}
	return at;
}

/* As conditions compare: by the value's text. */
static json_t *typed_value(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

	if (json_is_integer(v) || json_is_boolean(v))
		return v;
	json_decref(v);
	return json_string(text);
}

static json_t *sample(const struct var *v)
{
	struct sv name = sv_from(v->name);

	if (v->is_number)
		return json_integer(1);
	name.n = name.n > v->max ? v->max : name.n;
	return json_stringn(name.p, name.n);
}

/* "201 {...}" */
static char *proposal(const struct pack *k, const struct outcome *o)
{
	json_t *doc = json_object();
	char *body, *line;

	if (o->code)
		json_object_set_new(doc, "code", json_string(o->code));
	for (size_t i = 0; i < o->m.get_count; i++)
		doc = put(doc, o->m.get[i].pointer, sample(&k->var[o->m.get[i].var]));
	for (size_t i = 0; i < o->m.cond_count; i++) {
		const struct cond *c = &o->m.cond[i];

		doc =
		    put(doc, c->pointer, c->is_at_most ? json_integer(c->max) : typed_value(c->equals));
	}
	body = json_dumps(doc, JSON_COMPACT);
	line = xasprintf("%d %s", o->status_count > 0 ? o->status[0] : 200, body ? body : "{}");
	free(body);
	json_decref(doc);
	return line;
}

/* ---- answers that are typed ---- */

static char *call_name(const struct call *c)
{
	return xasprintf("%s %s %.*s", c->backend, c->method, (int)strcspn(c->path, "?"), c->path);
}

static const char *recall(const struct try *t, const char *call)
{
	for (size_t i = 0; i < t->remembereds; i++)
		if (strcmp(t->remembered[i].call, call) == 0)
			return t->remembered[i].line;
	return NULL;
}

static void remember(struct try *t, const char *call, const char *line)
{
	size_t i = 0;

	while (i < t->remembereds && strcmp(t->remembered[i].call, call) != 0)
		i++;
	if (i == TRY_REMEMBERED_MAX)
		return;
	if (i == t->remembereds)
		t->remembered[t->remembereds++].call = xstrdup(call);
	free(t->remembered[i].line);
	t->remembered[i].line = xstrdup(line);
}

void try_forget(struct try *t)
{
	for (size_t i = 0; i < t->remembereds; i++) {
		free(t->remembered[i].call);
		free(t->remembered[i].line);
	}
	t->remembereds = 0;
}

static void list(const struct try *t, const struct call_spec *spec, const struct pack *k)
{
	char *call = call_name(&t->r.res.call);
	const char *before = recall(t, call);

	for (size_t i = 0; i < spec->outcome_count; i++) {
		const struct outcome *o = &spec->outcome[i];
		char *line = proposal(k, o);

		printf("  %zu  %s → %s\n", i + 1, line,
		    o->next == NEXT_END ? "the end" : k->step[o->next].name);
		free(line);
	}
	if (before)
		printf("  =  %s\n", before);
	printf("  (status JSON, a number of the list, away, late, drop; nothing: %s)\n",
	    before ? "=" : "1");
	free(call);
}

/* "201 {...}", "204". false: it is neither. */
static bool read_answer(const char *line, int *status, json_t **body)
{
	char *end;
	unsigned long n = strtoul(line, &end, 10);

	*body = NULL;
	*status = (int)n;
	if (!isdigit((unsigned char)line[0]) || n < 200 || n > 599 || (*end && *end != ' '))
		return false;
	while (*end == ' ')
		end++;
	if (!*end)
		return true;
	*body = json_loads(end, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	return *body != NULL;
}

/* What the line stands for: itself, one of the list, what was said before. Owned. */
static char *meant(const struct try *t, const struct call_spec *spec, const struct pack *k,
    const char *line)
{
	char *call = call_name(&t->r.res.call), *end;
	const char *before = recall(t, call);
	unsigned long n = strtoul(line, &end, 10);
	char *out;

	if ((!*line || strcmp(line, "=") == 0) && before)
		out = xstrdup(before);
	else if (!*line && spec->outcome_count > 0)
		out = proposal(k, &spec->outcome[0]);
	else if (n >= 1 && n <= spec->outcome_count && !*end)
		out = proposal(k, &spec->outcome[n - 1]);
	else
		out = xstrdup(line);
	free(call);
	return out;
}

/* 1 it was one, -1 it is nothing. */
static int take_answer(struct try *t, const char *line)
{
	json_t *body;
	char *call;
	int status;

	if (strcmp(line, "away") == 0)
		return step_answer(t, 0, NULL, true) ? 1 : -1;
	if (!read_answer(line, &status, &body))
		return -1;
	call = call_name(&t->r.res.call);
	remember(t, call, line);
	free(call);
	if (status >= 500 || status == 429) {
		json_decref(body);
		return step_answer(t, 0, NULL, true) ? 1 : -1;
	}
	return step_answer(t, status, body, false) ? 1 : -1;
}

/* The same, and 0: something else. */
static int take_typed(struct try *t, const char *line)
{
	if (*line == ':')
		line++;
	if (strcmp(line, "late") == 0)
		try_late(t);
	else if (strcmp(line, "drop") == 0)
		rehearsal_drop(&t->r, "");
	else if (strcmp(line, "quit") == 0)
		t->is_over = true;
	else
		return take_answer(t, line);
	return 0;
}

static bool answer_typed(struct try *t)
{
	const struct frame *f = t->r.s->exec;
	const struct call_spec *spec = f->pack->step[f->step].call;
	int rc = 0;

	list(t, spec, f->pack);
	while (rc <= 0) {
		const char *typed = try_read(t, "answer");
		char *line;

		if (!typed)
			return false;
		line = meant(t, spec, f->pack, typed);
		if (line[0] && strcmp(line, typed) != 0)
			printf("← %s\n", line);
		rc = take_typed(t, line);
		if (rc < 0) {
			t->has_mistake = true;
			try_note("that is no answer: a status from 200 to 599, then JSON");
		}
		free(line);
	}
	return true;
}

bool try_answer(struct try *t)
{
	const struct call *c = &t->r.res.call;
	const char *url = url_of(t, c->backend);

	printf("→ %s %s %s%s%s\n", c->backend, c->method, c->path, c->body ? " " : "",
	    c->body ? c->body : "");
	if (strcmp(c->backend, DIALOGUE_BRIDGE) == 0)
		return answer_bridge(t);
	return url ? answer_backend(t, url) : answer_typed(t);
}
