/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_screen.c - what a USSD screen shows. */
#include "engine/dialogue_int.h"

const char *dialogue_last_screen(const struct packs *p, const char *lang, enum last_screen s)
{
	int l = lang ? packs_lang(p, sv_from(lang)) : -1;

	return p->last_screen[s]->lang[l < 0 ? 0 : l].t.part[0].literal;
}
