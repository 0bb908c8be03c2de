/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_say.c - replies: texts filled in, with class, life and language. */
#include "engine/dialogue_int.h"

#include "codec/text.h"

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

static const char *builtin_value(const struct dl *d, const struct pack *k, enum builtin b)
{
	switch (b) {
	case BUILTIN_MSISDN:
		return d->in->msisdn ? d->in->msisdn : "";
	case BUILTIN_SERVICE:
		return k->name;
	case BUILTIN_LANG:
		return d->p->lang[lang_index(d)];
	case BUILTIN_CHANNEL:
		return d->in->channel ? d->in->channel : "";
	case BUILTIN_STOPPED:
		return d->s->is_stopped ? "yes" : "no";
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
		return builtin_value(sc->d, sc->pack, (enum builtin)r->index);
	}
	return NULL;
}

/* Takes text. The compiler keeps turns under the maximum. */
static struct reply *add(struct dl *d, const struct text *t, char *text)
{
	struct step_result *o = d->out;
	struct reply *r;

	if (d->s->replies >= DIALOGUE_REPLIES_MAX || o->reply_count >= DIALOGUE_REPLIES_MAX) {
		free(text);
		return NULL;
	}
	d->s->replies++;
	r = &o->reply[o->reply_count++];
	r->class = CLASS_REPLY;
	r->text = text;
	r->text_id = t->full_id;
	r->dlt_template_id = t->lang[lang_index(d)].dlt;
	r->lang = d->p->lang[lang_index(d)];
	return r;
}

static char *rendered(const struct dl *d, const struct step *menu, const struct text *t,
    const struct scope *sc)
{
	static const struct step plain = {.option_count = 0};
	struct buf b;

	buf_init(&b, TEXT_MAX_UTF8);
	question_render(menu ? menu : &plain, t, lang_index(d), scope_value, sc, &b);
	buf_adds(&b, "");
	return b.p ? buf_take(&b) : xstrdup("");
}

static void remember(struct dl *d, const struct pack *k, const struct text *t, char *const *value)
{
	struct session *s = d->s;

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
	const struct scope sc = {d, k, value};
	struct reply *r = add(d, t, rendered(d, NULL, t, &sc));

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

void say_question(struct dl *d, const struct frame *f, bool with_hint)
{
	const struct step *t = &f->pack->step[f->step];
	const struct text *text = with_hint ? t->hint : t->text;
	const struct scope sc = {d, f->pack, f->value};
	struct reply *r = add(d, text, rendered(d, t, text, &sc));

	if (r)
		r->life_ms = f->pack->reply_ms;
}

void say_again(struct dl *d)
{
	say_text(d, d->s->last.pack, d->s->last.text, d->s->last.value, true);
}

/* The key holds the number, because the outbox looks it up beside other people's. */
void say_event(struct dl *d, const struct pack *k, const struct event_rule *e, char *const *value)
{
	const struct scope sc = {d, k, value};
	struct reply *r = add(d, e->text, rendered(d, NULL, e->text, &sc));

	if (!r)
		return;
	r->class = e->class;
	r->life_ms = e->life_ms;
	if (e->coalesce)
		r->coalesce =
		    xasprintf("%s/%s/%s", d->in->msisdn ? d->in->msisdn : "", k->name, e->coalesce);
}
