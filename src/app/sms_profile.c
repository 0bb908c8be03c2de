/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_profile.c - how a provider of SMS speaks HTTP, read from a file of etc/sms. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "app/http_fields.h"
#include "app/sms.h"
#include "profile.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define REGEX_MAX 500

static const struct conf_row send_rows[] = {
    {"method", CONF_STR, AT(sms_send_conf, method), "POST", .max = 10, .help = "GET, POST or PUT."},
    {"url", CONF_STR, AT(sms_send_conf, url), "{url|raw}", .max = 4000,
	.help = "Template of the address."},
    {"type", CONF_STR, AT(sms_send_conf, type), "application/x-www-form-urlencoded", .max = 100,
	.help = "Content-Type; it says how values in the body are escaped: form, JSON, XML or not."},
    {"body", CONF_STR, AT(sms_send_conf, body), "", .max = 8000, .help = "Template of the body."},
    {"headers", CONF_LIST, AT(sms_send_conf, headers), "[]", .help = "Templates, \"Name: value\"."},
    {"values", CONF_MAP, AT(sms_send_conf, values), "{}",
	.help = "Values of the profile's own, by name; templates whose values are not escaped."},
    {"accepted_at", CONF_STR, AT(sms_send_conf, accepted_at), "", .max = 200,
	.help =
	    "JSON pointer to what tells that the message was taken; a 2xx alone is then not enough."},
    {"accepted", CONF_LIST, AT(sms_send_conf, accepted), "[]",
	.help = "What must stand there; none: anything."},
    {"accepted_match", CONF_STR, AT(sms_send_conf, accepted_match), "", .max = REGEX_MAX,
	.help = "Or a POSIX extended regular expression that the answer must match."},
    {"id_at", CONF_STR, AT(sms_send_conf, id_at), "", .max = 200,
	.help = "JSON pointer to the provider's id; without either of the two it is our {id}."},
    {"id_match", CONF_STR, AT(sms_send_conf, id_match), "", .max = REGEX_MAX,
	.help = "Or an expression whose first group is the id."},
    {"code_at", CONF_STR, AT(sms_send_conf, code_at), "", .max = 200,
	.help = "JSON pointer to the error's code."},
    {"code_match", CONF_STR, AT(sms_send_conf, code_match), "", .max = REGEX_MAX,
	.help = "Or an expression whose first group is the code."},
    {"words_at", CONF_STR, AT(sms_send_conf, words_at), "", .max = 200,
	.help = "JSON pointer to the error's words, for the dead letters."},
    {"words_match", CONF_STR, AT(sms_send_conf, words_match), "", .max = REGEX_MAX,
	.help = "Or an expression whose first group they are."},
    {"errors", CONF_MAP, AT(sms_send_conf, errors), "{}",
	.help = "By code, or http-404, http-4xx: again, later, slower, once or never, and then plain "
		"words."},
    {0},
};

#define REQUEST_ROWS \
	{"methods", CONF_STR, AT(sms_in_conf, methods), "POST", .max = 20, .help = "Methods taken."}, \
	    {"body", CONF_ENUM, AT(sms_in_conf, body), "form", .choices = "form|json", \
		.help = "What a POST carries."}, \
	    {"each", CONF_STR, AT(sms_in_conf, each), "", .max = 200, \
		.help = "JSON pointer to a list: each of it is one."}, \
	    {"token_field", CONF_STR, AT(sms_in_conf, token), "", .max = 64, \
		.help = "Field that brings the link's token."}, \
	    {"reply_status", CONF_INT, AT(sms_in_conf, reply_status), "200", 200, 299, \
		.help = "Status once it is stored."}, \
	    {"reply_type", CONF_STR, AT(sms_in_conf, reply_type), "text/plain; charset=utf-8", \
		.max = 100, .help = "Content-Type of the reply."}, \
	{ \
		"reply", CONF_STR, AT(sms_in_conf, reply), "", .max = 1000, \
							       .help = "Template of the reply's body." \
	}

static const struct conf_row receive_rows[] = {
    REQUEST_ROWS,
    {"from", CONF_STR, AT(sms_in_conf, from), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with the person's number; a name that begins with / is a JSON pointer."},
    {"to", CONF_STR, AT(sms_in_conf, to), "", .max = 64, .help = "Field with the number written to."},
    {"text", CONF_STR, AT(sms_in_conf, text), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with the text, in UTF-8."},
    {"hex_when", CONF_STR, AT(sms_in_conf, hex_when), "", .max = 64,
	.help = "Field that says that the text is UCS-2 in hexadecimal."},
    {"hex_words", CONF_LIST, AT(sms_in_conf, hex_words), "[]", .help = "When it has one of these."},
    {"id", CONF_STR, AT(sms_in_conf, id), "", .max = 64,
	.help = "Field with the provider's id: a repeated one is answered, and nothing more."},
    {"time", CONF_STR, AT(sms_in_conf, time), "", .max = 64,
	.help = "Where there is no id: field that tells two equal texts apart."},
    {"part_ref", CONF_STR, AT(sms_in_conf, part_ref), "", .max = 64,
	.help = "Where parts of long messages come alone: field with what their message is known by,"},
    {"part_total", CONF_STR, AT(sms_in_conf, part_total), "", .max = 64,
	.help = "with how many they are,"},
    {"part", CONF_STR, AT(sms_in_conf, part), "", .max = 64,
	.help = "and with which one it is, from 1."},
    {"repeat", CONF_MS, AT(sms_in_conf, repeat_ms), "60s", 0, 86400000,
	.help = "Without an id: the same text within this may be the same request."},
    {"in_response", CONF_BOOL, AT(sms_in_conf, in_response), "false",
	.help = "The answer to the person may stand in the reply, as {text}."},
    {"reply_within", CONF_MS, AT(sms_in_conf, reply_within_ms), "5s", 100, 30000,
	.help = "So long it is waited for; a later one is sent."},
    {0},
};

static const struct conf_row report_rows[] = {
    REQUEST_ROWS,
    {"id", CONF_STR, AT(sms_in_conf, id), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with the message's id."},
    {"to", CONF_STR, AT(sms_in_conf, to), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with the number it was sent to."},
    {"state", CONF_STR, AT(sms_in_conf, state), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with what became of it."},
    {"states", CONF_MAP, AT(sms_in_conf, states), "{}",
	.help =
	    "By its words: ENROUTE, DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD."},
    {"error", CONF_STR, AT(sms_in_conf, error), "", .max = 64, .help = "Field with the error's code."},
    {0},
};

static const struct conf_row sign_rows[] = {
    {"header", CONF_STR, AT(sms_sign_conf, header), "", .max = 64,
	.help = "Header with the signature."},
    {"field", CONF_STR, AT(sms_sign_conf, field), "", .max = 64, .help = "Or field with it."},
    {"stamp_header", CONF_STR, AT(sms_sign_conf, stamp_header), "", .max = 64,
	.help = "Header with the time in seconds since 1970, inside the replay window."},
    {"stamp_field", CONF_STR, AT(sms_sign_conf, stamp_field), "", .max = 64,
	.help = "Or field with it."},
    {"over", CONF_STR, AT(sms_sign_conf, over), "{body}", .max = 500,
	.help = "What is signed: {body}, {stamp}, {url}, {params}, {pairs}."},
    {"signature", CONF_STR, AT(sms_sign_conf, signature), "{over|hmac-sha256:secret|hex}", .max = 200,
	.help = "The signature as it must stand there."},
    {0},
};

static const struct conf_row rows[] = {
    {"send", CONF_SECTION, AT(sms_conf, send), NULL, .flags = CONF_SINGLE, .sub = send_rows,
	.sub_size = sizeof(struct sms_send_conf), .help = "Messages out."},
    {"receive", CONF_SECTION, AT(sms_conf, receive), NULL, .flags = CONF_SINGLE, .sub = receive_rows,
	.sub_size = sizeof(struct sms_in_conf), .help = "Messages in."},
    {"report", CONF_SECTION, AT(sms_conf, report), NULL, .flags = CONF_SINGLE, .sub = report_rows,
	.sub_size = sizeof(struct sms_in_conf), .help = "Delivery reports in."},
    {"sign", CONF_SECTION, AT(sms_conf, sign), NULL, .flags = CONF_SINGLE, .sub = sign_rows,
	.sub_size = sizeof(struct sms_sign_conf), .help = "How what comes in is signed."},
    {0},
};

/* ---- what the rows cannot say ---- */

static const char *match_of(const struct sms_send_conf *s, enum sms_find what)
{
	switch (what) {
	case SMS_FIND_ACCEPTED:
		return s->accepted_match;
	case SMS_FIND_ID:
		return s->id_match;
	case SMS_FIND_CODE:
		return s->code_match;
	case SMS_FIND_WORDS:
		return s->words_match;
	case SMS_FINDS:
		break;
	}
	return "";
}

static void compile(struct sms_profile *p, const char *path, struct buf *err)
{
	char why[128];

	for (unsigned i = 0; i < SMS_FINDS; i++) {
		const char *text = match_of(p->c.send, (enum sms_find)i);
		int rc = text[0] ? regcomp(&p->re[i], text, REG_EXTENDED) : 0;

		p->has_re[i] = text[0] && rc == 0;
		if (rc == 0)
			continue;
		regerror(rc, &p->re[i], why, sizeof(why));
		buf_addf(err, "%s:1:1: send: the expression \"%s\" is wrong: %s.\n", path, text, why);
	}
}

static bool read_action(const char *s, struct sms_error *e)
{
	static const char *const words[] = {[RETRY_KIND_AGAIN] = "again",
	    [RETRY_KIND_LATER] = "later",
	    [RETRY_KIND_SLOWER] = "slower",
	    [RETRY_KIND_NEVER] = "never",
	    [RETRY_KIND_ONCE] = "once"};
	size_t n = strcspn(s, " ");

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && memcmp(s, words[i], n) == 0) {
			e->kind = (enum retry_kind)i;
			e->words = s + n + strspn(s + n, " ");
			return true;
		}
	return false;
}

static void take_send(struct sms_profile *p, const char *path, struct buf *err)
{
	const struct sms_send_conf *s = p->c.send;

	compile(p, path, err);
	p->place = strstr(s->type, "json")         ? FILL_JSON
		   : strstr(s->type, "xml")        ? FILL_XML
		   : strstr(s->type, "urlencoded") ? FILL_URL
						   : FILL_RAW;
	p->error = xcalloc(s->errors.n / 2 + 1, sizeof(*p->error));
	for (size_t i = 0; i + 1 < s->errors.n; i += 2) {
		struct sms_error e = {.code = s->errors.v[i]};

		if (read_action(s->errors.v[i + 1], &e))
			p->error[p->errors++] = e;
		else
			buf_addf(err,
			    "%s:1:1: send: error %s: \"%s\" begins with none of again, later, slower, "
			    "once, never.\n",
			    path, e.code, (const char *)s->errors.v[i + 1]);
	}
	for (size_t i = 0; i < s->headers.n; i++)
		if (!strchr(s->headers.v[i], ':'))
			buf_addf(err, "%s:1:1: send: the header \"%s\" has no colon.\n", path,
			    (const char *)s->headers.v[i]);
}

static bool state_read(const char *name, enum receipt_state *out)
{
	for (unsigned s = RECEIPT_ENROUTE; s <= RECEIPT_REJECTED; s++)
		if (strcmp(name, receipt_state_name((enum receipt_state)s)) == 0) {
			*out = (enum receipt_state)s;
			return true;
		}
	return false;
}

bool sms_state_of(const struct sms_in_conf *c, const char *word, enum receipt_state *out)
{
	for (size_t i = 0; i + 1 < c->states.n; i += 2)
		if (strcmp(c->states.v[i], word) == 0)
			return state_read(c->states.v[i + 1], out);
	return false;
}

static void check_parts(const struct sms_in_conf *c, const char *path, struct buf *err)
{
	unsigned n = (c->part_ref[0] != '\0') + (c->part_total[0] != '\0') + (c->part[0] != '\0');

	if (n == 1 || n == 2)
		buf_addf(err, "%s:1:1: receive: part_ref, part_total and part go together.\n", path);
}

static void check_states(const struct sms_in_conf *c, const char *path, struct buf *err)
{
	enum receipt_state s;

	for (size_t i = 0; i + 1 < c->states.n; i += 2)
		if (!state_read(c->states.v[i + 1], &s))
			buf_addf(err, "%s:1:1: report: there is no state \"%s\".\n", path,
			    (const char *)c->states.v[i + 1]);
}

static void check(void *arg, const char *path, struct buf *err)
{
	struct sms_profile *p = arg;

	if (!p->c.send && !p->c.receive)
		buf_addf(err, "%s:1:1: needs send or receive.\n", path);
	if (p->c.send)
		take_send(p, path, err);
	if (p->c.receive)
		check_parts(p->c.receive, path, err);
	if (p->c.report)
		check_states(p->c.report, path, err);
}

struct sms_profile *sms_profile_read(const char *dir, const char *which, struct buf *err)
{
	struct sms_profile *p = xcalloc(1, sizeof(*p));

	if (profile_read(dir, which, "SMS", rows, &p->c, check, p, &p->name, err))
		return p;
	sms_profile_free(p);
	return NULL;
}

void sms_profile_free(struct sms_profile *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < SMS_FINDS; i++)
		if (p->has_re[i])
			regfree(&p->re[i]);
	conf_clear(rows, &p->c);
	free(p->error);
	free(p->name);
	free(p);
}

/* ---- together with a link ---- */

struct checker {
	const struct sms_profile *p;
	const struct opt_link *o;
};

static bool is_value(const char *name, struct buf *out, void *arg)
{
	const struct checker *c = arg;

	(void)out;
	return sms_value_is(c->p, c->o, name);
}

static void check_text(struct checker *c, const char *text, struct buf *err)
{
	struct buf why;

	buf_init(&why, 1000);
	if (!fill_check(text, is_value, c, &why))
		buf_addf(err, "%s:1:1: %s, which link %s would need.\n", c->o->http, buf_str(&why),
		    c->o->name);
	buf_clear(&why);
}

static void check_in(struct checker *c, struct buf *err)
{
	const struct opt_link *o = c->o;

	if (o->listen[0] == '\0')
		return;
	if (!c->p->c.receive && !c->p->c.report)
		buf_addf(err, "%s:1:1: takes nothing in: link %s needs no listen.\n", o->http, o->name);
	if (!o->token && !o->basic && !(o->secret && c->p->c.sign) && o->allow.n == 0)
		buf_addf(err,
		    "%s:1:1: link %s takes messages from anybody: give it a token, basic, allow%s.\n",
		    o->http, o->name, c->p->c.sign ? " or secret" : "");
	for (size_t i = 0; i < o->allow.n; i++)
		if (!http_network_is(o->allow.v[i]))
			buf_addf(err, "%s:1:1: link %s: \"%s\" is no address and no network.\n",
			    o->http, o->name, (const char *)o->allow.v[i]);
}

static void check_link(const struct options *o, const struct opt_link *l, struct buf *err)
{
	struct sms_profile *p = sms_profile_read(o->sms_profiles, l->http, err);
	struct checker c = {p, l};

	if (!p)
		return;
	check_in(&c, err);
	if (p->c.send) {
		check_text(&c, p->c.send->url, err);
		check_text(&c, p->c.send->body, err);
		for (size_t i = 0; i < p->c.send->headers.n; i++)
			check_text(&c, p->c.send->headers.v[i], err);
		for (size_t i = 1; i < p->c.send->values.n; i += 2)
			check_text(&c, p->c.send->values.v[i], err);
	}
	sms_profile_free(p);
}

void sms_check(const struct options *o, struct buf *err)
{
	for (size_t i = 0; i < o->links.n; i++) {
		const struct opt_link *l = o->links.v[i];

		if (l->http)
			check_link(o, l, err);
	}
}
