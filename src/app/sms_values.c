/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_values.c - what the templates of an SMS profile can name. */
#include <string.h>

#include "app/sms.h"
#include "base/clock.h"
#include "codec/escape.h"
#include "engine/dlt.h"

#define DEPTH_MAX 4u /* values made of values */

enum value {
	V_URL,
	V_PUBLIC_URL,
	V_USER,
	V_PASSWORD,
	V_KEY,
	V_SECRET,
	V_TOKEN,
	V_ENTITY_ID,
	V_CHAIN,
	V_TO,
	V_FROM,
	V_TEXT,
	V_ID,
	V_TEXT_ID,
	V_TEMPLATE_ID,
	V_LANG,
	V_CLASS,
	V_VALIDITY_S,
	V_VALIDITY_MIN,
	V_VALIDITY_MS,
	V_OTP,
	V_SENDER,
	V_VARS,
	V_RECEIPT_URL,
	V_UNICODE,
	V_LONG,
	V_SEGMENTS,
	V_NOW_S,
	V_COUNT
};

static const char *const names[V_COUNT] = {
    [V_URL] = "url", /* of the link, as the next six are */
    [V_PUBLIC_URL] = "public_url",
    [V_USER] = "user",
    [V_PASSWORD] = "password",
    [V_KEY] = "key",
    [V_SECRET] = "secret",
    [V_TOKEN] = "token",
    [V_ENTITY_ID] = "entity_id", /* of its dlt, as the next */
    [V_CHAIN] = "chain", /* telemarketers' ids with commas */
    [V_TO] = "to", /* digits, with country code */
    [V_FROM] = "from",
    [V_TEXT] = "text",
    [V_ID] = "id", /* ours; the same when it is tried again */
    [V_TEXT_ID] = "text_id",
    [V_TEMPLATE_ID] = "template_id",
    [V_LANG] = "lang",
    [V_CLASS] = "class",
    [V_VALIDITY_S] = "validity_s", /* what is left of the message's life */
    [V_VALIDITY_MIN] = "validity_min", /* at least 1 */
    [V_VALIDITY_MS] = "validity_ms",
    [V_OTP] = "otp", /* "1" for a one-time code */
    [V_VARS] = "vars", /* of the DLT template, as JSON objects with Key (var1, ...) and Value */
    [V_SENDER] = "sender", /* from, with a plus before a long number */
    [V_RECEIPT_URL] = "receipt_url", /* empty: no receipt is wanted */
    [V_UNICODE] = "unicode", /* "1" when GSM 7-bit cannot hold the text */
    [V_LONG] = "long", /* "1" when it takes several segments */
    [V_SEGMENTS] = "segments",
    [V_NOW_S] = "now_s", /* since 1970 */
};

static enum value value_named(const char *name)
{
	unsigned i = 0;

	while (i < V_COUNT && strcmp(names[i], name) != 0)
		i++;
	return (enum value)i;
}

/* NULL: none of that name. */
static const char *in_map(const struct conf_list *map, const char *name)
{
	for (size_t i = 0; i + 1 < map->n; i += 2)
		if (strcmp(map->v[i], name) == 0)
			return map->v[i + 1];
	return NULL;
}

bool sms_value_is(const struct sms_profile *p, const struct opt_link *o, const char *name)
{
	return value_named(name) < V_COUNT || (p->c.send && in_map(&p->c.send->values, name)) ||
	       in_map(&o->values, name);
}

static void add_chain(const struct opt_dlt *dlt, struct buf *out)
{
	for (size_t i = 0; i < dlt->chain.n; i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "", (const char *)dlt->chain.v[i]);
}

static void add_link(const struct opt_link *o, enum value v, struct buf *out)
{
	const char *const text[V_TOKEN + 1] = {
	    o->url, o->public_url, o->user, o->password, o->key, o->secret, o->token};

	if (v <= V_TOKEN)
		buf_adds(out, text[v] ? text[v] : "");
	else if (v == V_ENTITY_ID)
		buf_adds(out, o->dlt->entity_id);
	else if (v == V_CHAIN)
		add_chain(o->dlt, out);
}

static uint64_t left_s(const struct out_msg *m)
{
	uint64_t now = clock_wall_ms();

	return m->r.expires_ms > now ? (m->r.expires_ms - now + 999) / 1000 : 0;
}

static struct sv sender_of(const struct sms_message *s)
{
	const char *own = s->link->al->opt->source_addr;

	return own[0] ? sv_from(own) : s->m->r.address;
}

/* A long number is international; a short code and a header stand as they are. */
static void add_sender(struct sv from, struct buf *out)
{
	bool is_long = from.n > 8;

	for (size_t i = 0; i < from.n; i++)
		is_long = is_long && from.p[i] >= '0' && from.p[i] <= '9';
	if (is_long)
		buf_addc(out, '+');
	buf_addsv(out, from);
}

static void add_vars(const struct sms_message *s, struct buf *out)
{
	const struct out_record *r = &s->m->r;
	const struct app *a = s->link->al->a;
	struct sv value[DLT_VALUES_MAX];
	size_t n = dlt_values(a->packs,
	    &(struct dlt_message){.text_id = r->text_id,
		.lang = r->lang,
		.template_id = r->dlt_template_id,
		.text = s->text,
		.var_max = (unsigned)s->link->al->opt->dlt->var_max},
	    value);

	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%s{\"Key\":\"var%zu\",\"Value\":\"", i > 0 ? "," : "", i + 1);
		escape_json(value[i], out);
		buf_adds(out, "\"}");
	}
}

static void add_message(const struct sms_message *s, enum value v, struct buf *out)
{
	const struct out_record *r = &s->m->r;
	const struct opt_link *o = s->link->al->opt;

	switch (v) {
	case V_TO:
		buf_adds(out, s->m->msisdn);
		break;
	case V_FROM:
		buf_addsv(out, sender_of(s));
		break;
	case V_VARS:
		add_vars(s, out);
		break;
	case V_SENDER:
		add_sender(sender_of(s), out);
		break;
	case V_TEXT:
		buf_addsv(out, s->text);
		break;
	case V_ID:
		buf_adds(out, s->id);
		break;
	case V_TEXT_ID:
		buf_addsv(out, r->text_id);
		break;
	case V_TEMPLATE_ID:
		buf_addsv(out, r->dlt_template_id);
		break;
	case V_LANG:
		buf_addsv(out, r->lang);
		break;
	case V_CLASS:
		buf_adds(out, msg_class_name(r->class));
		break;
	case V_VALIDITY_S:
		buf_addf(out, "%llu", (unsigned long long)left_s(s->m));
		break;
	case V_VALIDITY_MIN:
		buf_addf(out, "%llu", (unsigned long long)(left_s(s->m) / 60 + (left_s(s->m) < 60)));
		break;
	case V_VALIDITY_MS:
		buf_addf(out, "%llu", (unsigned long long)(left_s(s->m) * 1000));
		break;
	case V_OTP:
		buf_adds(out, r->class == CLASS_OTP ? "1" : "");
		break;
	case V_RECEIPT_URL:
		if (s->wants_receipt)
			buf_addf(out, "%s%s", o->public_url, o->report_path);
		break;
	case V_UNICODE:
		buf_adds(out, s->size.alphabet == TEXT_UCS2 ? "1" : "");
		break;
	case V_LONG:
		buf_adds(out, s->size.segments > 1 ? "1" : "");
		break;
	case V_SEGMENTS:
		buf_addf(out, "%zu", s->size.segments);
		break;
	case V_NOW_S:
		buf_addf(out, "%llu", (unsigned long long)(clock_wall_ms() / 1000));
		break;
	case V_URL:
	case V_PUBLIC_URL:
	case V_USER:
	case V_PASSWORD:
	case V_KEY:
	case V_SECRET:
	case V_TOKEN:
	case V_ENTITY_ID:
	case V_CHAIN:
	case V_COUNT:
		add_link(o, v, out);
		break;
	}
}

/* The link's own come first, so that a deployment may say otherwise than the profile. */
bool sms_value(const char *name, struct buf *out, void *arg)
{
	struct sms_message *s = arg;
	const char *own = in_map(&s->link->al->opt->values, name), *made;
	enum value v = value_named(name);

	if (own) {
		buf_adds(out, own);
		return true;
	}
	made = in_map(&s->link->p->c.send->values, name);
	if (made && s->depth < DEPTH_MAX) {
		s->depth++;
		fill_text(made, FILL_RAW, sms_value, s, out);
		s->depth--;
		return true;
	}
	if (v == V_COUNT)
		return false;
	add_message(s, v, out);
	return true;
}
