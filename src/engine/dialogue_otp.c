/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_otp.c - the step `otp`: a code goes to the phone, and comes back from the person. The bridge
 * itself is asked (DIALOGUE_BRIDGE) as a backend would be; no code passes through here on its way
 * out: the message has a place for it and a seal from which the sender makes it. */
#include "engine/dialogue_int.h"

#include <stdlib.h>

#define OTP_TIMEOUT_MS 8000u

static void call_bridge(struct dl *d, struct frame *f, enum otp_call what, const char *code)
{
	const struct step *t = &f->pack->step[f->step];
	struct session *s = d->s;
	struct call *c = &d->out->call;
	json_t *body;

	if (s->calls >= DIALOGUE_CALLS_MAX) {
		trouble(d, f);
		return;
	}
	s->calls++;
	s->otp = what;
	body = json_pack("{s:s, s:s, s:s}", "msisdn", d->in->msisdn ? d->in->msisdn : "", "purpose",
	    t->purpose, "lang", d->p->lang[lang_index(d)]);
	if (code)
		json_object_set_new(body, "code", json_string(code));
	*c = (struct call){.backend = DIALOGUE_BRIDGE, .method = "POST", .timeout_ms = OTP_TIMEOUT_MS};
	c->path = xstrdup(what == OTP_VERIFY ? "/v1/otp/verify" : "/v1/otp");
	c->body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	call_key(d, f, c->key);
	d->out->has_call = true;
	s->exec = f;
	outcome(d, "calling", f->pack);
}

void otp_begin(struct dl *d, struct frame *f)
{
	call_bridge(d, f, OTP_SEND, NULL);
}

/* The person's turn: the code, or the wish for a new one. "mera code 123 456 hai" holds one too. */
void otp_take(struct dl *d, struct frame *f, struct sv folded)
{
	char code[OTP_DIGITS + 1] = "";
	size_t n = 0;

	if (packs_word(d->p, WORDS_RESEND, folded)) {
		call_bridge(d, f, OTP_RESEND, NULL);
		return;
	}
	for (size_t i = 0; i < folded.n && n <= OTP_DIGITS; i++)
		if (folded.p[i] >= '0' && folded.p[i] <= '9') {
			if (n < OTP_DIGITS)
				code[n] = folded.p[i];
			n++;
		}
	if (n == OTP_DIGITS)
		call_bridge(d, f, OTP_VERIFY, code);
	else
		wrong_answer(d, f);
}

static struct frame *wait_for_code(struct dl *d, struct frame *f)
{
	struct session *s = d->s;

	if (f != &s->run) {
		frame_move(&s->run, f);
		f = &s->run;
	}
	f->until_ms = d->now + question_life(d, f);
	s->asks_again = false;
	if (is_on_screen(d))
		say_question(d, f, true);
	return f;
}

static void sent(struct dl *d, struct frame *f)
{
	const struct step *t = &f->pack->step[f->step];
	const json_t *seal = json_at(d->in->data, "/seal"), *end = json_at(d->in->data, "/expires_ms");

	if (!json_is_string(seal) || !json_is_integer(end)) {
		trouble(d, f);
		return;
	}
	f->wrong = 0;
	say_code(d, f->pack, t->text, f->value, t->purpose, json_string_value(seal),
	    (uint64_t)json_integer_value(end));
	f = wait_for_code(d, f);
	outcome(d, "code_sent", f->pack);
}

static void verified(struct dl *d, struct frame *f)
{
	const struct step *t = &f->pack->step[f->step];
	const char *at = json_string_value(json_at(d->in->data, "/verified_at"));

	if (t->var >= 0 && at && value_fits(&f->pack->var[t->var], sv_from(at)))
		frame_set(f, t->var, at, strlen(at));
	f->trail_count = 0; /* no way back to before it */
	f->wrong = 0;
	f->step = t->next;
	run_frame(d, f);
}

static void told(struct dl *d, struct frame *f, enum common_text text, const char *how)
{
	say(d, text, f);
	f = wait_for_code(d, f);
	outcome(d, how, f->pack);
}

/* Within the pause: the code that is on its way, or has come, is good still. */
static void too_soon(struct dl *d, struct frame *f)
{
	if (d->s->otp == OTP_RESEND) {
		told(d, f, CT_OTP_SOON, "code_too_soon");
	} else if (json_is_true(json_at(d->in->data, "/live"))) {
		f = wait_for_code(d, f);
		if (!is_on_screen(d))
			say_question(d, f, true);
		outcome(d, "code_too_soon", f->pack);
	} else {
		f->step = f->pack->step[f->step].no;
		run_frame(d, f);
	}
}

void otp_answered(struct dl *d, struct frame *f)
{
	const char *code = json_string_value(json_at(d->in->data, "/code"));
	int status = d->in->away ? 0 : d->in->status;

	if (d->s->otp == OTP_VERIFY && status == 200)
		verified(d, f);
	else if (d->s->otp == OTP_VERIFY && status == 422)
		told(d, f, CT_OTP_WRONG, "code_wrong");
	else if (d->s->otp == OTP_VERIFY && status == 410 && ++f->wrong > WRONG_MAX)
		too_many(d, f);
	else if (d->s->otp == OTP_VERIFY && status == 410)
		told(d, f, CT_OTP_OVER, "code_over");
	else if (d->s->otp != OTP_VERIFY && status == 202)
		sent(d, f);
	else if (status == 429 && code && strcmp(code, "otp-too-soon") == 0)
		too_soon(d, f);
	else if (status == 429) {
		f->step = f->pack->step[f->step].no;
		run_frame(d, f);
	} else {
		trouble(d, f);
	}
}

/* A portal asked for a code (POST /v1/otp): nobody's dialogue, in the language it named. */
void on_code(struct dl *d)
{
	const json_t *seal = json_at(d->in->data, "/seal"), *end = json_at(d->in->data, "/expires_ms");
	const char *lang = json_string_value(json_at(d->in->data, "/lang"));
	char *value[PACK_VARS_MAX] = {NULL},
	     *purpose = xstrndup(d->in->event_type.p, d->in->event_type.n);
	char kept[sizeof(d->s->lang)];

	memcpy(kept, d->s->lang, sizeof(kept));
	if (lang && packs_lang(d->p, sv_from(lang)) >= 0)
		memcpy(d->s->lang, lang, strlen(lang) + 1);
	if (!json_is_string(seal) || !json_is_integer(end) || json_integer_value(end) <= 0) {
		outcome(d, "bad_code", NULL);
	} else if ((uint64_t)json_integer_value(end) <= d->now) {
		outcome(d, "code_expired", NULL);
	} else {
		say_code(d, d->p->common, d->p->said[CT_OTP_CODE], value, purpose,
		    json_string_value(seal), (uint64_t)json_integer_value(end));
		outcome(d, "code_sent", NULL);
	}
	memcpy(d->s->lang, kept, sizeof(kept));
	free(purpose);
}
