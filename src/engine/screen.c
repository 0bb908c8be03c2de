/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.c - questions, menus and keys as they stand on a screen. */
#include "engine/screen.h"

#include <stdio.h>

bool screen_is_nav(struct sv s)
{
	static const char *const key[] = {"0", SCREEN_MENU_KEY, "9", "99", "#"};

	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		if (sv_is(s, key[i]))
			return true;
	return false;
}

struct screen_nav screen_nav_step(const struct step *t)
{
	struct screen_nav n = {"9", "0", true};

	if (t->kind == STEP_MENU) {
		if (t->option_count == PACK_OPTIONS_MAX)
			n.more = "99";
		if (t->is_pick)
			n.back = "#";
	} else if (t->kind == STEP_ASK && t->ask == ASK_AGE) {
		if (t->min == 0)
			n.back = "#";
	} else if (t->kind == STEP_ASK && t->ask == ASK_DIGITS) {
		if (t->min <= 1)
			n.back = "#";
		n.has_menu = t->min > 2 || t->max < 2;
	}
	return n;
}

static const char *label(const struct text *t, size_t lang)
{
	const struct tmpl *m = &t->lang[lang].t;

	return m->count > 0 ? m->part[0].literal : "";
}

const char *screen_word(const struct packs *p, enum screen_word w, size_t lang)
{
	return label(p->screen_word[w], lang);
}

const char *dialogue_last_screen(const struct packs *p, const char *lang, enum last_screen s)
{
	int l = lang ? packs_lang(p, sv_from(lang)) : -1;

	return label(p->last_screen[s], l < 0 ? 0 : (size_t)l);
}

/* ---- questions ---- */
static void add_option(struct page_body *b, unsigned key, const char *label)
{
	buf_addf(&b->text, "\n%u %s", key, label);
}

void screen_question(const struct step *t, const struct text *text, size_t lang, ref_value_fn *value,
    const void *arg, struct page_body *b)
{
	size_t start = b->text.n;

	tmpl_render(text_words(text, lang, true), value, arg, SHOW_CHARS_MAX, &b->text);
	if (t->kind == STEP_MENU) {
		b->solid_from = b->text.n;
		b->has_options = true;
		for (size_t i = 0; i < t->option_count; i++)
			add_option(b, (unsigned)i + 1, label(t->option[i].label, lang));
		if (t->none && t->none->label)
			add_option(b, 0, label(t->none->label, lang));
	} else if (t->ask != ASK_YESNO) {
		b->solid_from = start; /* what is asked stands together */
	} else {
		b->whole_from = start; /* "1 Yes 2 No" with its question, though a long one may break */
	}
}

/* ---- menus ---- */
const struct pack *screen_only_pack(const struct packs *p)
{
	const struct pack *only = NULL;

	for (size_t i = 0; i < p->count; i++) {
		if (p->pack[i]->ussd_key && only)
			return NULL;
		if (p->pack[i]->ussd_key)
			only = p->pack[i];
	}
	return only;
}

bool screen_has_menu(const struct packs *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->pack[i]->ussd_key)
			return true;
	return false;
}

const struct pack *screen_menu_pack(const struct packs *p, unsigned key)
{
	for (size_t i = 0; key && i < p->count; i++)
		if (p->pack[i]->ussd_key == key)
			return p->pack[i];
	return NULL;
}

const struct trigger *screen_menu_trigger(const struct pack *k, unsigned key)
{
	for (size_t i = 0; key && i < k->trigger_count; i++)
		if (k->trigger[i].ussd_key == key)
			return &k->trigger[i];
	return NULL;
}

static void title(struct page_body *b, const char *text)
{
	buf_adds(&b->text, text);
	b->solid_from = b->text.n;
	b->has_options = true;
}

void screen_pack_menu(const struct pack *k, size_t lang, struct page_body *b)
{
	title(b, label(k->ussd_label, lang));
	for (unsigned key = 1; key <= MENU_KEYS; key++) {
		const struct trigger *t = screen_menu_trigger(k, key);

		if (t)
			add_option(b, key, label(t->ussd_label, lang));
	}
}

void screen_main_menu(const struct packs *p, size_t lang, struct page_body *b)
{
	const struct pack *only = screen_only_pack(p);

	if (only) {
		screen_pack_menu(only, lang, b);
	} else {
		title(b, screen_word(p, SW_TITLE, lang));
		for (unsigned key = 1; key <= MENU_KEYS; key++) {
			const struct pack *k = screen_menu_pack(p, key);

			if (k)
				add_option(b, key, label(k->ussd_label, lang));
		}
	}
	if (p->lang_count > 1)
		add_option(b, LANGUAGE_KEY, screen_word(p, SW_LANGUAGE, lang));
}

void screen_resume(const struct packs *p, size_t lang, enum screen_word title_word, struct page_body *b)
{
	title(b, screen_word(p, title_word, lang));
	add_option(b, 1, screen_word(p, SW_CONTINUE, lang));
	add_option(b, 2, screen_word(p, SW_AFRESH, lang));
}

/* ---- keys ---- */
static const char *foot_line(char out[64], const char *key, const char *word)
{
	if (!key)
		return NULL;
	(void)snprintf(out, 64, "%s %s", key, word);
	return out;
}

void screen_foot(const struct packs *p, size_t lang, const struct screen_nav *n, struct screen_foot *f)
{
	f->keys = (struct page_keys){
	    .more = foot_line(f->text[0], n->more, screen_word(p, SW_MORE, lang)),
	    .back = foot_line(f->text[1], n->back, screen_word(p, SW_BACK, lang)),
	    .menu = foot_line(f->text[2], n->has_menu ? SCREEN_MENU_KEY : NULL,
		screen_word(p, SW_MENU, lang)),
	};
}
