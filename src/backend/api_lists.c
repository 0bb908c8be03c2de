/* SPDX-License-Identifier: BSD-2-Clause */
/* api_lists.c - look-ups in the lists of lists.h that anybody may make. */
#include "backend/api_int.h"

#include <string.h>

#include "backend/lists.h"

#define BLOCK_OCTETS 256

/* People are asked for a PIN code or a block and write either, in either kind of digits. */
static bool is_pin_typed(const char *typed, char pin[7])
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)typed; *p; p++) {
		if (*p == ' ' || *p == '-')
			continue;
		if (n == 6)
			return false;
		if (*p >= '0' && *p <= '9') {
			pin[n++] = (char)*p;
		} else if (p[0] == 0xe0 && p[1] == 0xa5 && p[2] >= 0xa6 &&
			   p[2] <= 0xaf) { /* U+0966.. */
			pin[n++] = (char)('0' + p[2] - 0xa6);
			p += 2;
		} else {
			return false;
		}
	}
	pin[n] = '\0';
	return n == 6;
}

void api_subcentres_get(struct api_call *c)
{
	char pin[16], block[BLOCK_OCTETS], lang[FIELD_LANG_CAP];
	bool has_pin = http_in_query(c->req, "pin", pin, sizeof pin),
	     has_block = http_in_query(c->req, "block", block, sizeof block);
	json_t *list;

	if (!http_in_query(c->req, "lang", lang, sizeof lang))
		memcpy(lang, "hi", 3);
	if (has_pin == has_block) {
		api_bad_field(c, "pin", "Ask by pin or by block.");
		return;
	}
	if (has_pin && (strlen(pin) != 6 || strspn(pin, "0123456789") != 6)) {
		api_bad_field(c, "pin", "A PIN code has six digits.");
		return;
	}
	if (has_block && is_pin_typed(block, pin))
		has_pin = true;
	list = lists_subcentres(c->a->q.db, has_pin ? pin : NULL, block, lang);
	if (json_array_size(list) == 0)
		api_problem(c, "no-subcentre", "No health sub-centre is listed there.");
	else
		api_answer(c, 200,
		    json_pack("{s:I, s:O}", "count", (json_int_t)json_array_size(list), "subcentres",
			list));
	json_decref(list);
}
