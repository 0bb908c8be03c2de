/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_screens.c - every screen of every pack in every language fits the smallest page, with the
 * longest values, once in Latin and once in Devanagari letters; and no answer is a key to move by. */
#include "engine/pack_compile.h"
#include "engine/screen.h"

#include <stdlib.h>

static const struct screen_limits smallest = {SCREEN_GSM7_MIN, SCREEN_UCS2_MIN};

/* The engine's words on screens: labels, without variables. */
void check_screen_words(struct cc *c)
{
	static const char *const last[LAST_SCREENS] = {[SCREEN_LATE] = "screen_late",
	    [SCREEN_AWAY] = "screen_away",
	    [SCREEN_FULL] = "screen_full",
	    [SCREEN_UNKNOWN] = "screen_unknown"};
	static const char *const word[SCREEN_WORDS] = {[SW_TITLE] = "ussd_title",
	    [SW_LANGUAGE] = "ussd_language",
	    [SW_MORE] = "ussd_more",
	    [SW_BACK] = "ussd_back",
	    [SW_MENU] = "ussd_menu",
	    [SW_WRONG] = "ussd_wrong",
	    [SW_RESUME] = "ussd_resume",
	    [SW_RESUME_TIMED_OUT] = "ussd_resume_timed_out",
	    [SW_RESUME_CUT] = "ussd_resume_cut",
	    [SW_CONTINUE] = "ussd_continue",
	    [SW_AFRESH] = "ussd_afresh"};

	for (size_t i = 0; i < LAST_SCREENS; i++)
		c->p->last_screen[i] = cc_text(c, NULL, last[i], true);
	for (size_t i = 0; i < SCREEN_WORDS; i++)
		c->p->screen_word[i] = cc_text(c, NULL, word[i], true);
}

/* The words of the engine alone, so that keys always leave room for what they stand below. */
static void check_word(struct cc *c, const struct text *t, size_t lang, unsigned gsm7, unsigned ucs2)
{
	const struct text_lang *l = &t->lang[lang];
	unsigned units, holds;

	if (l->t.count != 1 || l->t.part[0].kind != REF_LITERAL)
		return; /* missing, or with a variable: said elsewhere */
	units = screen_units(sv_from(l->t.part[0].literal), (struct screen_limits){gsm7, ucs2}, &holds);
	if (units <= holds)
		return;
	c->file = l->file;
	cc_error(c, l->at, "text \"%s\" is %u %s long; here a screen has room for %u", t->id, units,
	    holds == gsm7 ? "septets" : "UCS-2 units", holds);
}

/* Goes through all pages; true when each could be made without cutting a word or an option. */
static bool pages_fit(const struct cc *c, const struct page_body *b, size_t lang,
    const struct screen_nav *nav, size_t *pages)
{
	struct screen_foot foot;
	struct buf out;
	bool fits = true;
	size_t at = 0;

	buf_init(&out, 4096);
	screen_foot(c->p, lang, nav, &foot);
	*pages = 0;
	do {
		struct page page;

		buf_reset(&out);
		page = page_make(b, at, NULL, &foot.keys, smallest, &out);
		fits = fits && !page.is_forced;
		at = page.next;
		++*pages;
	} while (at > 0);
	buf_clear(&out);
	return fits;
}

static void check_statement(struct cc *c, const struct pack *k, const struct text *t, size_t lang,
    bool is_latin)
{
	const struct screen_nav nav = {"9", "0", true};
	struct longest l = {.k = k, .is_latin = is_latin};
	struct page_body b;
	size_t pages;

	page_body_init(&b);
	tmpl_render(text_words(t, lang, true), longest_value, &l, SHOW_CHARS_MAX, &b.text);
	if (!pages_fit(c, &b, lang, &nav, &pages)) {
		c->file = t->lang[lang].file;
		cc_error(c, t->lang[lang].at, "a word of text \"%s\" is longer than a screen", t->id);
	}
	page_body_clear(&b);
}

/* What is asked in free words stands on one page; lists may take several. */
static void check_question(struct cc *c, const struct pack *k, const struct step *t,
    const struct text *text, size_t lang, bool is_latin)
{
	const struct screen_nav nav = screen_nav_step(t);
	struct longest l = {.k = k, .is_latin = is_latin};
	struct screen_foot foot;
	struct page_body b;
	unsigned units, holds;
	size_t pages;
	bool fits;

	page_body_init(&b);
	screen_question(t, text, lang, longest_value, &l, &b);
	fits = pages_fit(c, &b, lang, &nav, &pages);
	c->file = text->lang[lang].file;
	if (b.solid_from == 0) {
		screen_foot(c->p, lang, &nav, &foot);
		buf_addf(&b.text, "\n%s", foot.keys.back);
		units = screen_units(buf_sv(&b.text), smallest, &holds);
		if (units > holds)
			cc_error(c, text->lang[lang].at,
			    "question \"%s\" with its key takes %u of a screen's %u %s; give it "
			    "shorter "
			    "words as \"ussd\"",
			    text->id, units, holds,
			    holds == SCREEN_GSM7_MIN ? "septets" : "UCS-2 units");
	} else if (!fits) {
		cc_error(c, text->lang[lang].at,
		    "a word or an option of question \"%s\" is longer than a screen", text->id);
	}
	page_body_clear(&b);
}

/* Called again for each menu that a pack can make. */
static void check_menu(struct cc *c, const struct pack *k, const struct text *title, size_t lang)
{
	const struct screen_nav nav = {"9", "0", true};
	struct page_body b;
	size_t pages;

	page_body_init(&b);
	screen_pack_menu(k, lang, &b);
	if (!pages_fit(c, &b, lang, &nav, &pages)) {
		c->file = title->lang[lang].file;
		cc_error(c, title->lang[lang].at, "a line of the menu \"%s\" is longer than a screen",
		    title->id);
	}
	page_body_clear(&b);
}

/* ---- keys ---- */
static void check_option(struct cc *c, const struct step *t, const struct option *o)
{
	for (size_t i = 0; i < o->word_count; i++)
		if (screen_is_nav(sv_from(o->word[i])) && !(t->is_pick && strcmp(o->word[i], "0") == 0))
			cc_error(c, cc_step_at(c, t),
			    "step \"%s\" takes \"%s\" as a word; on a screen it is a key", t->name,
			    o->word[i]);
}

static void check_keys(struct cc *c)
{
	for (size_t i = 0; i < c->p->count; i++) {
		const struct pack *k = c->p->pack[i];

		c->file = c->pack_file[i];
		for (size_t j = 0; j < k->step_count; j++) {
			const struct step *t = &k->step[j];

			for (size_t n = 0; n < t->option_count; n++)
				check_option(c, t, &t->option[n]);
			if (t->none)
				check_option(c, t, t->none);
		}
	}
	for (size_t i = 0; i < c->p->word_count[WORDS_YES] + c->p->word_count[WORDS_NO]; i++) {
		size_t yes = c->p->word_count[WORDS_YES];
		const char *w = i < yes ? c->p->word[WORDS_YES][i] : c->p->word[WORDS_NO][i - yes];

		c->file = "common/service.yaml";
		if (screen_is_nav(sv_from(w)))
			cc_error(c, NULL, "\"%s\" is a yes or a no; on a screen it is a key", w);
	}
}

static void check_pack(struct cc *c, const struct pack *k, size_t lang)
{
	for (unsigned script = 0; script < 2; script++) {
		for (size_t i = 0; i < k->text_count; i++)
			if (k->text[i]->is_used && !k->text[i]->is_label)
				check_statement(c, k, k->text[i], lang, script == 0);
		for (size_t i = 0; i < k->step_count && !c->failed; i++)
			if (step_waits(&k->step[i])) {
				check_question(c, k, &k->step[i],
				    k->step[i].kind == STEP_OTP ? k->step[i].hint : k->step[i].text,
				    lang, script == 0);
				if (k->step[i].hint != k->step[i].text)
					check_question(c, k, &k->step[i], k->step[i].hint, lang,
					    script == 0);
			}
		if (c->failed)
			return; /* once is enough */
	}
	if (k->ussd_label)
		check_menu(c, k, k->ussd_label, lang);
}

void check_screens(struct cc *c)
{
	struct packs *p = c->p;

	check_keys(c);
	for (size_t l = 0; l < p->lang_count; l++) {
		for (size_t i = 0; i < LAST_SCREENS; i++)
			check_word(c, p->last_screen[i], l, SCREEN_GSM7_MIN, SCREEN_UCS2_MIN);
		for (size_t i = 0; i < SCREEN_WORDS; i++)
			check_word(c, p->screen_word[i], l, 30, 20);
	}
	if (c->failed)
		return; /* what follows fills pages with them */
	for (size_t l = 0; l < p->lang_count; l++)
		for (size_t i = 0; i < p->count; i++)
			check_pack(c, p->pack[i], l);
}
