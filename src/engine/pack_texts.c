/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_texts.c - text catalogues: reading, and the rules of length and of DLT registration. */
#include "engine/pack_compile.h"

#include "codec/text.h"
#include "engine/dlt.h"

#include <stdlib.h>
#include <unistr.h>

/* What the engine says itself, and whether it fills in {keyword}. */
static const struct {
	const char *id;
	bool has_keyword, has_otp;
} said[CT_COUNT] = {
    [CT_HELP] = {"help", false},
    [CT_HELP_DIALOGUE] = {"help_dialogue", false},
    [CT_UNKNOWN] = {"unknown", false},
    [CT_UNKNOWN_NEAR] = {"unknown_near", true},
    [CT_NOTHING_ASKED] = {"nothing_asked", false},
    [CT_UNREADABLE] = {"unreadable", false},
    [CT_INCOMPLETE] = {"incomplete", false},
    [CT_GIVEN_UP] = {"given_up", false},
    [CT_LANGUAGE_SET] = {"language_set", false},
    [CT_STOPPED] = {"stopped", false},
    [CT_STARTED] = {"started", false},
    [CT_CANCELLED] = {"cancelled", true},
    [CT_NOTHING_TO_CANCEL] = {"nothing_to_cancel", false},
    [CT_NOTHING_TO_REPEAT] = {"nothing_to_repeat", false},
    [CT_WHO] = {"who", false},
    [CT_BUSY] = {"busy", true},
    [CT_RESUMED] = {"resumed", true},
    [CT_TOO_MANY] = {"too_many", true},
    [CT_LATE] = {"late", true},
    [CT_STARTED_OVER] = {"started_over", false},
    [CT_TROUBLE] = {"trouble", true},
    [CT_KEPT] = {"kept", false},
    [CT_KEPT_WAIT] = {"kept_wait", false},
    [CT_KEPT_BUSY] = {"kept_busy", false},
    [CT_KEPT_DROPPED] = {"kept_dropped", false},
    [CT_KEPT_EXPIRED] = {"kept_expired", true},
    [CT_KEPT_LOST] = {"kept_lost", false, false},
    [CT_OTP_CODE] = {"otp_code", false, true},
    [CT_OTP_WRONG] = {"otp_wrong", false, false},
    [CT_OTP_OVER] = {"otp_over", false, false},
    [CT_OTP_SOON] = {"otp_soon", false, false},
};

static struct text *text_entry(struct cc *c, const char *id)
{
	struct pack *k = c->k;
	struct text *t = pack_text(k, sv_from(id));

	if (t)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->id = xstrdup(id);
	t->full_id = xasprintf("%s/%s", k->name, id);
	k->text = xrealloc(k->text, (k->text_count + 1) * sizeof(struct text *));
	k->text[k->text_count++] = t;
	return t;
}

struct text *cc_text(struct cc *c, const struct ynode *at, const char *id, bool is_label)
{
	struct text *t = text_entry(c, id);

	if (t->is_used && t->is_label != is_label)
		cc_error(c, at, "text \"%s\" is a menu option in one place and a message in another",
		    id);
	if (!t->is_used) {
		t->is_used = true;
		t->is_label = is_label;
		t->used_at = at;
		t->used_file = c->file;
	}
	return t;
}

static void read_dlt(struct cc *c, const struct ynode *at, struct text_lang *l, const char *id)
{
	if (strlen(id) != 19 || strspn(id, "0123456789") != 19)
		cc_error(c, at, "a DLT template id has 19 digits, not \"%s\"", id);
	l->dlt = xstrdup(id);
}

static const char *ref_name(const struct pack *k, const struct ref *r)
{
	return r->kind == REF_VAR ? k->var[r->index].name : builtin_name[r->index];
}

static unsigned char *dlt_tag(struct text_lang *l, const struct ref *r)
{
	return r->kind == REF_VAR ? &l->dlt_var[r->index] : &l->dlt_builtin[r->index];
}

/* {token: numeric}: what a variable may hold, as it is registered. */
static void read_dlt_vars(struct cc *c, const struct ynode *map, struct text_lang *l)
{
	if (!map)
		return;
	if (map->kind != YNODE_MAP) {
		cc_error(c, map,
		    "dlt_vars is a map of variables and their tags, such as {token: numeric}");
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		const char *name = ynode_str(map->keys[i]), *tag = ynode_str(map->vals[i]);
		enum dlt_kind kind = tag ? dlt_kind_of(sv_from(tag)) : DLT_DERIVED;
		bool is_used = false;

		if (kind == DLT_DERIVED)
			cc_error(c, map->vals[i],
			    "a DLT tag is numeric, alphanumeric, url, urlott, cbn or email, not \"%s\"",
			    tag ? tag : "");
		for (size_t k = 0; name && k < l->t.count; k++) {
			const struct ref *r = &l->t.part[k];

			if (r->kind == REF_LITERAL || strcmp(ref_name(c->k, r), name) != 0)
				continue;
			is_used = true;
			*dlt_tag(l, r) = (unsigned char)kind;
			if (kind == DLT_NUMERIC && r->kind == REF_VAR && !c->k->var[r->index].is_number)
				cc_error(c, map->vals[i],
				    "\"%s\" is declared as text and may hold letters: not numeric",
				    name);
			else if (kind > DLT_ALPHANUMERIC && kind != DLT_CBN && r->kind == REF_VAR &&
				 c->k->var[r->index].is_number)
				cc_error(c, map->vals[i], "\"%s\" is declared as a number", name);
		}
		if (!is_used)
			cc_error(c, map->keys[i], "the text has no variable \"%s\"", name ? name : "");
	}
}

static bool is_words(const char *text)
{
	return text && *text && !u8_check((const uint8_t *)text, strlen(text));
}

void cc_catalogue(struct cc *c, const struct ynode *root, int lang)
{
	const struct ynode *map;
	const char *code;

	if (root->kind != YNODE_MAP) {
		cc_error(c, root, "a text catalogue is a map");
		return;
	}
	cc_fields(c, root, "a text catalogue", "language texts");
	map = cc_need(c, root, "texts", YNODE_MAP);
	code = ynode_str(cc_need(c, root, "language", YNODE_SCALAR));
	if (code && strcmp(code, c->p->lang[lang]) != 0)
		cc_error(c, ynode_get(root, "language"), "the file's name says \"%s\"",
		    c->p->lang[lang]);
	for (size_t i = 0; map && i < map->count; i++) {
		const struct ynode *n = map->vals[i];
		const char *text = ynode_str(n), *screen = NULL, *dlt = NULL;
		struct text_lang *l;

		if (!cc_name(c, map->keys[i], map->keys[i]->scalar))
			continue;
		l = &text_entry(c, map->keys[i]->scalar)->lang[lang];
		if (n->kind == YNODE_MAP) {
			cc_fields(c, n, "a text", "text ussd keep dlt dlt_vars");
			text = ynode_str(cc_need(c, n, "text", YNODE_SCALAR));
			screen = cc_str(c, n, "ussd");
			dlt = cc_str(c, n, "dlt");
			l->keeps = cc_flag(c, n, "keep", false);
		}
		l->has = true;
		l->at = n;
		l->file = c->file;
		if (!is_words(text) || (screen && !is_words(screen))) {
			cc_error(c, n, "a text has words in it");
			continue;
		}
		cc_tmpl(c, n, text, &l->t);
		if (screen)
			cc_tmpl(c, n, screen, &l->ussd);
		l->folded = text_folded(sv_from(text));
		if (dlt)
			read_dlt(c, ynode_get(n, "dlt"), l, dlt);
		if (n->kind == YNODE_MAP)
			read_dlt_vars(c, ynode_get(n, "dlt_vars"), l);
	}
}

/* ---- rules ---- */
const char *longest_value(const void *arg, const struct ref *r)
{
	struct longest *l = (struct longest *)(uintptr_t)arg;
	const struct var *v = r->kind == REF_VAR ? &l->k->var[r->index] : NULL;
	/* A Devanagari letter: the dearest that a value usually is. Builtins are short ASCII. */
	const char *unit = v && !v->is_number && !l->is_latin ? "\xe0\xa4\x95" : "8";
	size_t n = v ? v->max : 15;

	l->value[0] = '\0';
	for (size_t i = 0, at = 0; i < n; i++, at += strlen(unit))
		memcpy(l->value + at, unit, strlen(unit) + 1);
	return l->value;
}

/* menu: the step whose options stand below the text, or NULL. */
static void check_budget(struct cc *c, const struct pack *k, const struct text *t,
    const struct step *menu)
{
	for (size_t i = 0; i < c->p->lang_count; i++) {
		struct longest l = {.k = k};
		const struct step plain = {.option_count = 0};
		enum text_alphabet a;
		size_t units, segments;
		struct buf b;

		if (!t->lang[i].has)
			continue;
		buf_init(&b, 65536);
		question_render(menu ? menu : &plain, t, i, longest_value, &l, &b);
		text_measure(buf_sv(&b), &a, &units, &segments);
		buf_clear(&b);
		if (segments <= k->budget)
			continue;
		c->file = t->lang[i].file;
		cc_error(c, t->lang[i].at,
		    "text \"%s\"%s may need %zu segments (%zu %s), its budget is %u", t->id,
		    menu ? " with its options" : "", segments, units,
		    a == TEXT_GSM7 ? "septets" : "UCS-2 units", k->budget);
	}
}

static void check_dlt(struct cc *c, const struct text *t, const struct text_lang *l)
{
	size_t vars = 0;
	bool is_apart = true;

	c->file = l->file;
	for (size_t i = 0; i < l->t.count; i++) {
		if (l->t.part[i].kind == REF_LITERAL) {
			is_apart = is_apart || text_has_word(sv_from(l->t.part[i].literal));
			continue;
		}
		if (!is_apart)
			cc_error(c, l->at,
			    "text \"%s\" has two variables without a word between them (DLT)", t->id);
		is_apart = false;
		vars++;
		if (l->t.part[i].kind == REF_BUILTIN && l->t.part[i].index == BUILTIN_MSISDN &&
		    l->dlt_builtin[BUILTIN_MSISDN] != DLT_CBN)
			cc_error(c, l->at,
			    "text \"%s\" has a phone number in a variable; DLT needs it tagged cbn "
			    "(dlt_vars)",
			    t->id);
	}
	if (t->is_label && l->ussd.count > 0)
		cc_error(c, l->at,
		    "text \"%s\" is a menu option: it has no words of its own for screens", t->id);
	if (t->is_label && vars > 0)
		cc_error(c, l->at, "text \"%s\" is a menu option and has a variable", t->id);
	if (vars > 3)
		cc_error(c, l->at, "text \"%s\" has %zu variables, DLT allows 3", t->id, vars);
	else if (vars == 3)
		cc_warn(c, l->at, "text \"%s\" has 3 variables; DLT normally allows 2", t->id);
	if (!t->is_label && !l->dlt)
		cc_error(c, l->at, "text \"%s\" has no DLT template id (dlt: 19 digits)", t->id);
}

/* Templates are registered one by one: an id belongs to one text of one language. */
static void check_dlt_once(struct cc *c, const struct text *t, const struct text_lang *l)
{
	for (size_t i = 0; l->dlt && i < c->p->count; i++)
		for (size_t j = 0; j < c->p->pack[i]->text_count; j++)
			for (size_t g = 0; g < c->p->lang_count; g++) {
				const struct text *o = c->p->pack[i]->text[j];

				if (&o->lang[g] == l)
					return; /* those before it were looked at */
				/* A fragment's text is one, in however many packs. */
				if (o->lang[g].at != l->at && o->lang[g].dlt &&
				    strcmp(o->lang[g].dlt, l->dlt) == 0) {
					c->file = l->file;
					cc_error(c, l->at,
					    "text \"%s\" has the DLT template id of \"%s\"", t->id,
					    o->full_id);
					return;
				}
			}
}

/* What is worth keeping is so in every language. */
static void check_keeps(struct cc *c, struct text *t)
{
	for (size_t i = 0; i < c->p->lang_count; i++)
		t->keeps = t->keeps || t->lang[i].keeps;
	for (size_t i = 0; i < c->p->lang_count; i++)
		if (t->keeps && t->lang[i].has && !t->lang[i].keeps) {
			c->file = t->lang[i].file;
			cc_error(c, t->lang[i].at, "text \"%s\" is kept in another language", t->id);
		}
}

static void check_text(struct cc *c, const struct pack *k, struct text *t)
{
	check_keeps(c, t);
	for (size_t i = 0; i < c->p->lang_count; i++) {
		const struct text_lang *l = &t->lang[i];

		if (l->has && !t->is_used) {
			c->file = l->file;
			cc_warn(c, l->at, "text \"%s\" is not used", t->id);
		} else if (l->has) {
			check_dlt(c, t, l);
			check_dlt_once(c, t, l);
		} else if (t->is_used) {
			c->file = t->used_file;
			cc_error(c, t->used_at, "text \"%s\" is missing in language \"%s\"", t->id,
			    c->p->lang[i]);
		}
	}
	if (t->is_used)
		check_budget(c, k, t, NULL);
}

/* The message with a code has exactly one place for it. */
static void check_code(struct cc *c, const struct text *t)
{
	for (size_t l = 0; l < c->p->lang_count; l++) {
		const struct text_lang *x = &t->lang[l];
		size_t n = 0;

		for (size_t i = 0; i < x->t.count; i++)
			n += x->t.part[i].kind == REF_BUILTIN && x->t.part[i].index == BUILTIN_OTP;
		if (!x->has || n == 1)
			continue;
		c->file = x->file;
		cc_error(c, x->at, "text \"%s\" is the message with a code: it has {otp} once", t->id);
	}
}

void check_texts(struct cc *c)
{
	for (size_t i = 0; i < c->p->count; i++) {
		const struct pack *k = c->p->pack[i];

		for (size_t j = 0; j < k->text_count; j++)
			check_text(c, k, k->text[j]);
		for (size_t j = 0; j < k->step_count; j++) {
			const struct step *t = &k->step[j];

			if (t->kind == STEP_OTP && t->text)
				check_code(c, t->text);
			if (t->kind != STEP_MENU || !t->text || !t->hint)
				continue;
			check_budget(c, k, t->text, t);
			check_budget(c, k, t->hint, t);
		}
	}
}

static bool has_variable(const struct tmpl *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->part[i].kind != REF_LITERAL)
			return true;
	return false;
}

/* The engine's own texts. */
void check_said(struct cc *c)
{
	struct packs *p = c->p;

	c->k = p->common;
	p->said_var = pack_var(p->common, SV("keyword"));
	check_screen_words(c);
	for (size_t i = 0; i < CT_COUNT; i++) {
		struct text *t = cc_text(c, NULL, said[i].id, false);

		p->said[i] = t;
		if (said[i].has_otp)
			check_code(c, t);
		for (size_t l = 0; l < p->lang_count; l++)
			if (!said[i].has_keyword && !said[i].has_otp &&
			    (has_variable(&t->lang[l].t) || has_variable(&t->lang[l].ussd))) {
				c->file = t->lang[l].file;
				cc_error(c, t->lang[l].at, "text \"%s\" is said without any variable",
				    t->id);
			}
	}
}
