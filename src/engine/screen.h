/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.h - what stands on a USSD screen, as the packs have it: questions, menus, and the keys to
 * move by. Shared by the dialogue and the compiler; pager.h cuts it into pages. Pure. */
#ifndef DK_SCREEN_H
#define DK_SCREEN_H

#include "engine/pack_int.h"
#include "engine/pager.h"

/* Keys never are what an answer could be. */
struct screen_nav {
	const char *more; /* "9"; "99" where there are nine options */
	const char *back; /* "0"; "#" where 0 is an answer */
	bool has_menu; /* "00" leads to the main menu */
};
#define SCREEN_MENU_KEY "00"
bool screen_is_nav(struct sv folded); /* a word that is one of these keys */
struct screen_nav screen_nav_step(const struct step *t);

/* Appended to the body. text: the step's text or its hint. */
void screen_question(const struct step *t, const struct text *text, size_t lang, ref_value_fn *value,
    const void *arg, struct page_body *b);
void screen_main_menu(const struct packs *p, size_t lang, struct page_body *b);
void screen_pack_menu(const struct pack *k, size_t lang, struct page_body *b);
/* title: SW_RESUME or one of its kind. */
void screen_resume(const struct packs *p, size_t lang, enum screen_word title, struct page_body *b);

bool screen_has_menu(const struct packs *p); /* any pack is on it */
/* The only pack with a menu: the main menu is its menu. NULL: there are none, or several. */
const struct pack *screen_only_pack(const struct packs *p);
const struct pack *screen_menu_pack(const struct packs *p, unsigned key); /* NULL */
const struct trigger *screen_menu_trigger(const struct pack *k, unsigned key); /* NULL */
const char *screen_word(const struct packs *p, enum screen_word w, size_t lang);

/* The lines of keys below a page; the words of them live in text. */
struct screen_foot {
	char text[3][64];
	struct page_keys keys;
};
void screen_foot(const struct packs *p, size_t lang, const struct screen_nav *n, struct screen_foot *f);

#endif
