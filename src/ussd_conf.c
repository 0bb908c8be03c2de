/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_conf.c - reads the profiles; see ussd_conf.h. */
#include "ussd_conf.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dialogue.h"
#include "profile.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct conf_row smpp_rows[] = {
    {"service_type", CONF_STR, AT(ussd_smpp_conf, service_type), "USSD", .max = 5,
	.help = "service_type, in and out."},
    {"begin", CONF_LIST, AT(ussd_smpp_conf, begin), "[]", .help = "Operations in: somebody dialled."},
    {"next", CONF_LIST, AT(ussd_smpp_conf, next), "[]", .help = "Operations in: a reply."},
    {"end", CONF_LIST, AT(ussd_smpp_conf, end), "[]", .help = "Operations in: ended in good order."},
    {"abort", CONF_LIST, AT(ussd_smpp_conf, abort), "[]", .help = "Operations in: the person hung up."},
    {"timeout", CONF_LIST, AT(ussd_smpp_conf, timeout), "[]",
	.help = "Operations in: the network gave up."},
    {"noticed", CONF_LIST, AT(ussd_smpp_conf, noticed), "[]",
	.help =
	    "Operations in: a notice of ours was shown; where there was none, ended in good order."},
    {"out_more", CONF_STR, AT(ussd_smpp_conf, out_more), NULL, .flags = CONF_REQUIRED,
	.help = "Operation out: a screen that is to be answered."},
    {"out_end", CONF_STR, AT(ussd_smpp_conf, out_end), NULL, .flags = CONF_REQUIRED,
	.help = "Operation out: the last screen."},
    {"out_notice", CONF_STR, AT(ussd_smpp_conf, out_notice), "",
	.help = "Operation out: a notice that nobody dialled for; empty: this network has none."},
    {"session", CONF_ENUM, AT(ussd_smpp_conf, id), "its_session_info",
	.choices = "none|its_session_info|user_message_reference|0x1501",
	.help = "Where the session's name is."},
    {"session_mask", CONF_INT, AT(ussd_smpp_conf, id_mask), "0xffff", 1, 0xffff,
	.help = "Bits of its_session_info that name the session."},
    {"end_flag", CONF_BOOL, AT(ussd_smpp_conf, end_flag), "false",
	.help = "The lowest bit of its_session_info ends the session, both ways."},
    {"code", CONF_ENUM, AT(ussd_smpp_conf, code), "destination_addr",
	.choices = "destination_addr|first_text", .help = "Where that stands which was dialled."},
    {"reply", CONF_ENUM, AT(ussd_smpp_conf, reply), "submit_sm", .choices = "submit_sm|data_sm",
	.help = "What a screen goes out as."},
    {"payload", CONF_ENUM, AT(ussd_smpp_conf, payload), "short_message",
	.choices = "short_message|message_payload", .help = "Where its text goes."},
    {"esm_class", CONF_INT, AT(ussd_smpp_conf, esm_class), "0", 0, 255, .help = "esm_class out."},
    {"dcs_gsm7", CONF_INT, AT(ussd_smpp_conf, dcs_gsm7), "0", 0, 255,
	.help = "data_coding of GSM 7-bit text out."},
    {"dcs_ucs2", CONF_INT, AT(ussd_smpp_conf, dcs_ucs2), "8", 0, 255,
	.help = "data_coding of UCS-2 text out."},
    {0},
};

static const struct conf_row http_rows[] = {
    {"methods", CONF_STR, AT(ussd_http_conf, methods), "GET,POST", .max = 20, .help = "Methods taken."},
    {"body", CONF_ENUM, AT(ussd_http_conf, body), "form", .choices = "form|json",
	.help = "What a POST carries."},
    {"session", CONF_STR, AT(ussd_http_conf, session), "", .max = 64,
	.help = "Field with the session's name; empty: number and code are all there is."},
    {"msisdn", CONF_STR, AT(ussd_http_conf, msisdn), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with the number."},
    {"code", CONF_STR, AT(ussd_http_conf, code), "", .max = 64, .help = "Field with the service code."},
    {"text", CONF_STR, AT(ussd_http_conf, text), NULL, .max = 64, .flags = CONF_REQUIRED,
	.help = "Field with what was typed."},
    {"inputs", CONF_BOOL, AT(ussd_http_conf, inputs), "false",
	.help = "The text is all inputs so far, joined by a star."},
    {"step", CONF_STR, AT(ussd_http_conf, step), "", .max = 64,
	.help = "Field that names the step; a repeated one is answered the same."},
    {"repeat", CONF_MS, AT(ussd_http_conf, repeat_ms), "0", 0, 60000,
	.help = "Where steps have no name: the same input within this counts as the same request."},
    {"path", CONF_BOOL, AT(ussd_http_conf, path), "false", .help = "The path ends in /SESSION/EVENT."},
    {"event", CONF_STR, AT(ussd_http_conf, event), "", .max = 64,
	.help = "Field that says what this is."},
    {"begin", CONF_LIST, AT(ussd_http_conf, begin), "[]", .help = "Its values: somebody dialled."},
    {"next", CONF_LIST, AT(ussd_http_conf, next), "[]", .help = "Its values: a reply."},
    {"end", CONF_LIST, AT(ussd_http_conf, end), "[]", .help = "Its values: ended in good order."},
    {"abort", CONF_LIST, AT(ussd_http_conf, abort), "[]", .help = "Its values: the person hung up."},
    {"timeout", CONF_LIST, AT(ussd_http_conf, timeout), "[]",
	.help = "Its values: the network gave up."},
    {"abort_texts", CONF_LIST, AT(ussd_http_conf, abort_texts), "[]",
	.help = "Texts that mean: the person hung up."},
    {"timeout_texts", CONF_LIST, AT(ussd_http_conf, timeout_texts), "[]",
	.help = "Texts that mean: the network gave up."},
    {"notice", CONF_STR, AT(ussd_http_conf, notice), "", .max = 64,
	.help = "A request with this field tells of a session's end."},
    {"notice_good", CONF_LIST, AT(ussd_http_conf, notice_good), "[]",
	.help = "Its values: ended in good order."},
    {"notice_timeout", CONF_LIST, AT(ussd_http_conf, notice_timeout), "[]",
	.help = "Its values: the network gave up; any other: the person hung up."},
    {"user", CONF_STR, AT(ussd_http_conf, user), "", .max = 64, .help = "Field with the user's name."},
    {"password", CONF_STR, AT(ussd_http_conf, password), "", .max = 64,
	.help = "Field with the password."},
    {"type", CONF_STR, AT(ussd_http_conf, type), "text/plain; charset=utf-8", .max = 100,
	.help = "Content-Type of a screen; {text} is escaped for JSON or XML where it says so."},
    {"reply_more", CONF_STR, AT(ussd_http_conf, more), "{text}", .max = 1000,
	.help = "A screen that is to be answered, with {text} and {session}."},
    {"reply_end", CONF_STR, AT(ussd_http_conf, more_end), "{text}", .max = 1000,
	.help = "The last screen."},
    {"headers_more", CONF_LIST, AT(ussd_http_conf, more_headers), "[]",
	.help = "Headers of a screen that is to be answered."},
    {"headers_end", CONF_LIST, AT(ussd_http_conf, end_headers), "[]",
	.help = "Headers of the last screen."},
    {0},
};

static const struct conf_row rows[] = {
    {"answer", CONF_MS, AT(ussd_conf, answer_ms), "10s", 500, 60000,
	.help = "The network waits so long for a screen."},
    {"session", CONF_MS, AT(ussd_conf, session_ms), "180s", 5000, 600000,
	.help = "The network ends a session after this."},
    {"gsm7", CONF_INT, AT(ussd_conf, gsm7), "160", SCREEN_GSM7_MIN, SCREEN_GSM7_MAX,
	.help = "Septets of one screen."},
    {"ucs2", CONF_INT, AT(ussd_conf, ucs2), "70", SCREEN_UCS2_MIN, SCREEN_UCS2_MAX,
	.help = "UTF-16 units of one screen."},
    {"smpp", CONF_SECTION, AT(ussd_conf, smpp), NULL, .flags = CONF_SINGLE, .sub = smpp_rows,
	.sub_size = sizeof(struct ussd_smpp_conf), .help = "USSD over SMPP."},
    {"http", CONF_SECTION, AT(ussd_conf, http), NULL, .flags = CONF_SINGLE, .sub = http_rows,
	.sub_size = sizeof(struct ussd_http_conf), .help = "USSD over HTTP."},
    {0},
};

static void op(const char *path, const char *text, uint8_t *out, struct buf *err)
{
	if (!ussd_op_parse(text, out))
		buf_addf(err,
		    "%s:1:1: operation %s: write 0x11 or dec 17; a bare number of two digits may mean "
		    "either.\n",
		    path, text);
}

static void ops_in(const char *path, const struct conf_list *l, enum ussd_op as, struct ussd_profile *f,
    struct buf *err)
{
	uint8_t v;

	for (size_t i = 0; i < l->n; i++) {
		v = 0;
		op(path, l->v[i], &v, err);
		if (f->in[v] != USSD_OP_UNKNOWN)
			buf_addf(err, "%s:1:1: operation %s stands there twice.\n", path,
			    (char *)l->v[i]);
		f->in[v] = (uint8_t)as;
	}
}

static void take_smpp(const char *path, struct ussd_conf *c, struct buf *err)
{
	const struct ussd_smpp_conf *s = c->smpp;
	struct ussd_profile *f = &c->pdu;

	ops_in(path, &s->begin, USSD_OP_BEGIN, f, err);
	ops_in(path, &s->next, USSD_OP_NEXT, f, err);
	ops_in(path, &s->end, USSD_OP_END, f, err);
	ops_in(path, &s->abort, USSD_OP_ABORT, f, err);
	ops_in(path, &s->timeout, USSD_OP_TIMEOUT, f, err);
	ops_in(path, &s->noticed, USSD_OP_NOTICED, f, err);
	f->has_notice = s->out_notice[0] != '\0';
	if (f->has_notice)
		op(path, s->out_notice, &f->out_notice, err);
	if (f->has_notice && s->noticed.n == 0)
		buf_addf(err, "%s:1:1: out_notice needs noticed: what tells that it was shown.\n",
		    path);
	op(path, s->out_more, &f->out_more, err);
	op(path, s->out_end, &f->out_end, err);
	f->id = (enum ussd_id)s->id;
	f->id_mask = (uint16_t)s->id_mask;
	f->end_flag = s->end_flag;
	f->code = (enum ussd_code)s->code;
	f->use_data_sm = s->reply;
	f->payload = (enum ussd_payload)s->payload;
	f->esm_class = (uint8_t)s->esm_class;
	f->dcs_gsm7 = (uint8_t)s->dcs_gsm7;
	f->dcs_ucs2 = (uint8_t)s->dcs_ucs2;
	snprintf(f->service_type, sizeof(f->service_type), "%s", s->service_type);
}

static void check(void *arg, const char *path, struct buf *err)
{
	struct ussd_conf *c = arg;

	if (!c->smpp && !c->http)
		buf_addf(err, "%s:1:1: needs smpp or http.\n", path);
	if (c->smpp)
		take_smpp(path, c, err);
}

struct ussd_conf *ussd_conf_read(const char *dir, const char *which, struct buf *err)
{
	struct ussd_conf *c = xcalloc(1, sizeof(*c));

	if (profile_read(dir, which, "USSD", rows, c, check, c, &c->name, err))
		return c;
	ussd_conf_free(c);
	return NULL;
}

void ussd_conf_free(struct ussd_conf *c)
{
	if (!c)
		return;
	conf_clear(rows, c);
	free(c->name);
	free(c);
}

void ussd_check(const struct options *o, struct buf *err)
{
	for (size_t i = 0; i < o->links.n; i++) {
		const struct opt_link *l = o->links.v[i];
		struct ussd_conf *c = l->ussd ? ussd_conf_read(o->ussd_profiles, l->ussd, err) : NULL;

		if (c && !c->smpp)
			buf_addf(err, "%s:1:1: is no profile for SMPP, as link %s needs.\n", l->ussd,
			    l->name);
		if (c && c->smpp && l->ussd_push == OPT_PUSH_NOTICE && !c->pdu.has_notice)
			buf_addf(err,
			    "%s:1:1: has no out_notice, as ussd_push: notice of link %s needs.\n",
			    l->ussd, l->name);
		ussd_conf_free(c);
	}
	for (size_t i = 0; i < o->ussd.n; i++) {
		const struct opt_ussd *u = o->ussd.v[i];
		struct ussd_conf *c = ussd_conf_read(o->ussd_profiles, u->profile, err);

		if (c && !c->http)
			buf_addf(err, "%s:1:1: is no profile for HTTP, as ussd %s needs.\n", u->profile,
			    u->name);
		ussd_conf_free(c);
	}
}
