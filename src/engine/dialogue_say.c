/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_say.c - replies: texts filled in, with class, life and language. */
#include "engine/dialogue_int.h"

#include "codec/text.h"

#include <stdio.h>
#include <stdlib.h>

const char *msg_class_name(enum msg_class c)
{
	static const char *const name[MSG_CLASSES] = {[CLASS_OTP] = "otp",
	    [CLASS_ALERT] = "alert",
	    [CLASS_REPLY] = "reply",
	    [CLASS_INFO] = "info"};

	return (unsigned)c < MSG_CLASSES ? name[c] : "?";
}

void outcome(struct dl *d, const char *name, const struct pack *k)
{
	d->out->outcome = name;
	d->out->service = k ? k->name : d->p->common->name;
}

size_t lang_index(const struct dl *d)
{
	int i = packs_lang(d->p, sv_from(d->s->lang));

	return i < 0 ? 0 : (size_t)i;
}

static const char *builtin_value(const struct scope *sc, enum builtin b)
{
	const struct dl *d = sc->d;

	switch (b) {
	case BUILTIN_MSISDN:
		return d->in->msisdn ? d->in->msisdn : "";
	case BUILTIN_SERVICE:
		return sc->pack->name;
	case BUILTIN_LANG:
		if (sc->is_kept_call && d->s->kept_lang[0])
			return d->s->kept_lang;
		return d->p->lang[lang_index(d)];
	case BUILTIN_CHANNEL:
		if (sc->is_kept_call)
			return d->s->kept_ussd ? "ussd" : "sms";
		return d->in->channel ? d->in->channel : "";
	case BUILTIN_STOPPED:
		return d->s->is_stopped ? "yes" : "no";
	case BUILTIN_OTP:
		return OTP_PLACE;
	case BUILTIN_COUNT:
		return sc->count ? sc->count : "";
	case BUILTINS:
		break;
	}
	return "";
}

const char *scope_value(const void *scope, const struct ref *r)
{
	const struct scope *sc = scope;

	switch (r->kind) {
	case REF_LITERAL:
		return r->literal;
	case REF_VAR:
		return sc->value[r->index];
	case REF_BUILTIN:
		return builtin_value(sc, (enum builtin)r->index);
	}
	return NULL;
}

/* Takes sms and, on a screen, screen. The compiler keeps turns under the maximum. */
static struct reply *add(struct dl *d, const struct text *t, char *sms, char *screen)
{
	struct session *s = d->s;
	struct step_result *o = d->out;
	struct reply *r;

	if (s->replies >= DIALOGUE_REPLIES_MAX || o->reply_count >= DIALOGUE_REPLIES_MAX) {
		free(sms);
		free(screen);
		return NULL;
	}
	s->replies++;
	if (is_on_screen(d)) {
		s->said[s->said_count] = (struct said){.screen = screen, .keeps = t->keeps};
		r = &s->said[s->said_count++].sms;
	} else {
		r = &o->reply[o->reply_count++];
	}
	*r = (struct reply){.class = CLASS_REPLY,
	    .text = sms,
	    .text_id = t->full_id,
	    .dlt_template_id = t->lang[lang_index(d)].dlt,
	    .lang = d->p->lang[lang_index(d)]};
	return r;
}

static char *rendered(const struct text *t, const struct scope *sc, bool on_screen)
{
	struct buf b;

	buf_init(&b, TEXT_MAX_UTF8);
	tmpl_render(text_words(t, lang_index(sc->d), on_screen), scope_value, sc, SHOW_CHARS_MAX, &b);
	buf_adds(&b, "");
	return b.p ? buf_take(&b) : xstrdup("");
}

static char *question(const struct step *menu, const struct text *t, const struct scope *sc)
{
	struct buf b;

	buf_init(&b, TEXT_MAX_UTF8);
	question_render(menu, t, lang_index(sc->d), scope_value, sc, &b);
	buf_adds(&b, "");
	return b.p ? buf_take(&b) : xstrdup("");
}

static void remember(struct dl *d, const struct pack *k, const struct text *t, char *const *value)
{
	struct session *s = d->s;

	if (k->is_home)
		s->home = k;
	if (s->last.value == value) /* it is being repeated */
		return;
	last_clear(s);
	s->last.text = t;
	s->last.pack = k;
	for (size_t l = 0; l < d->p->lang_count; l++)
		for (size_t i = 0; i < t->lang[l].t.count; i++) {
			const struct ref *r = &t->lang[l].t.part[i];

			if (r->kind == REF_VAR && value[r->index] && !s->last.value[r->index])
				s->last.value[r->index] = xstrdup(value[r->index]);
		}
}

void say_text(struct dl *d, const struct pack *k, const struct text *t, char *const *value,
    bool is_answer)
{
	const struct scope sc = {.d = d, .pack = k, .value = value};
	struct reply *r =
	    add(d, t, rendered(t, &sc, false), is_on_screen(d) ? rendered(t, &sc, true) : NULL);

	if (r)
		r->life_ms = k->reply_ms;
	if (is_answer)
		remember(d, k, t, value);
}

void say_word(struct dl *d, enum common_text t, const char *keyword)
{
	char *value[PACK_VARS_MAX] = {NULL};
	char *copy = xstrdup(keyword);

	if (d->p->said_var >= 0)
		value[d->p->said_var] = copy;
	say_text(d, d->p->common, d->p->said[t], value, false);
	free(copy);
}

void say(struct dl *d, enum common_text t, const struct frame *f)
{
	say_word(d, t, f && f->pack ? f->pack->trigger[f->trigger].shown[lang_index(d)] : "");
}

/* run's question on the screen; a long one is shown again where it stood, with a word above it. */
static void show_question(struct dl *d, bool with_hint)
{
	struct session *s = d->s;

	s->screen.view = VIEW_RUN;
	s->screen.pack = NULL;
	if (with_hint && (s->screen.at > 0 || s->screen.next > 0)) {
		s->keeps_said = s->is_wrong_key = true;
		return;
	}
	s->screen.is_hint = with_hint;
	s->screen.at = s->screen.next = 0;
}

void say_question(struct dl *d, const struct frame *f, bool with_hint)
{
	const struct step *t = &f->pack->step[f->step];
	const struct text *text = with_hint || t->kind == STEP_OTP ? t->hint : t->text;
	const struct scope sc = {.d = d, .pack = f->pack, .value = f->value};
	struct reply *r;

	if (is_on_screen(d)) {
		show_question(d, with_hint);
		return;
	}
	r = add(d, text, question(t, text, &sc), NULL);
	if (r)
		r->life_ms = f->pack->reply_ms;
}

void say_again(struct dl *d)
{
	say_text(d, d->s->last.pack, d->s->last.text, d->s->last.value, true);
}

/* An SMS also when the dialogue is on a screen: that is how the code proves the phone. */
void say_code(struct dl *d, const struct pack *k, const struct text *t, char *const *value,
    const char *purpose, const char *seal, uint64_t until_ms)
{
	const struct scope sc = {.d = d, .pack = k, .value = value};
	struct step_result *o = d->out;

	if (d->s->replies >= DIALOGUE_REPLIES_MAX || o->reply_count >= DIALOGUE_REPLIES_MAX)
		return;
	d->s->replies++;
	o->reply[o->reply_count++] = (struct reply){.class = CLASS_OTP,
	    .text = rendered(t, &sc, false),
	    .text_id = t->full_id,
	    .dlt_template_id = t->lang[lang_index(d)].dlt,
	    .lang = d->p->lang[lang_index(d)],
	    .life_ms = until_ms > d->now ? until_ms - d->now : 1,
	    .coalesce = xasprintf("%s/otp/%s", d->in->msisdn ? d->in->msisdn : "", purpose),
	    .seal = xstrdup(seal)};
}

/* The key holds the number, because the outbox looks it up beside other people's. */
void say_event(struct dl *d, const struct pack *k, const struct event_rule *e, const struct text *t,
    char *const *value)
{
	char count[12];
	const struct scope sc = {.d = d, .pack = k, .value = value, .count = count};
	struct reply *r;

	snprintf(count, sizeof(count), "%u", d->in->merged > 1 ? d->in->merged : 1);
	r = add(d, t, rendered(t, &sc, false), NULL);

	if (!r)
		return;
	if (k->is_home) /* the words that it tells people to send are its own */
		d->s->home = k;
	r->class = e->class;
	r->life_ms = e->life_ms;
	r->keeps = e->keeps;
	if (e->class == CLASS_ALERT)
		r->screen = rendered(t, &sc, true);
	r->press = e->expect ? e->expect->shown[lang_index(d)] : NULL;
	if (e->coalesce)
		r->coalesce =
		    xasprintf("%s/%s/%s", d->in->msisdn ? d->in->msisdn : "", k->name, e->coalesce);
}
