/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_pick.c - answers to a list of which several may be chosen: "1 3", "1,3", "13",
 * "1 aur 3", a label, or 0 for none. */
#include "engine/dialogue_int.h"

#include <stdio.h>

enum { PICK_BAD = 1u << 31, PICK_NONE = 1u << 30 }; /* beside one bit for each option */

/* "13" is 1 and 3; "11" and "2024" are no choice. */
static uint32_t pick_digits(const struct step *t, struct sv word)
{
	uint32_t set = 0;

	for (size_t i = 0; i < word.n; i++) {
		unsigned digit = (unsigned)(word.p[i] - '0');
		uint32_t bit;

		if (digit > 9 || digit > t->option_count)
			return PICK_BAD;
		bit = digit == 0 ? PICK_NONE : 1u << (digit - 1);
		if ((set & bit) != 0)
			return PICK_BAD;
		set |= bit;
	}
	return set;
}

static uint32_t pick_words(const struct dl *d, const struct step *t, struct sv folded)
{
	struct sv rest = folded, word;
	uint32_t by_digit = 0, by_word = 0;

	while (answer_next_word(&rest, &word)) {
		if (*word.p >= '0' && *word.p <= '9')
			by_digit |= pick_digits(t, word);
		for (size_t i = 0; i < t->option_count; i++)
			if (word.n > 1 && answer_fits_option(d, &t->option[i], word))
				by_word |= 1u << i;
	}
	/* "1 mahila": a word beside digits must be one of those that the digits name. */
	if (by_digit != 0)
		return (by_word & ~by_digit) != 0 ? PICK_BAD : by_digit;
	if (by_word == 0 && answer_yesno(d->p, folded) == SAID_NO)
		return PICK_NONE;
	return by_word;
}

static uint32_t pick_set(const struct dl *d, const struct step *t, struct sv folded)
{
	long number;

	if (answer_fits_option(d, t->none, folded))
		return PICK_NONE;
	for (size_t i = 0; i < t->option_count; i++)
		if (answer_fits_option(d, &t->option[i], folded))
			return 1u << i;
	number = packs_number(d->p, folded);
	if (number >= 1 && (size_t)number <= t->option_count)
		return 1u << (number - 1);
	return pick_words(d, t, folded);
}

bool answer_pick(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	uint32_t set = pick_set(d, t, folded);
	size_t n = 0;

	if (set == PICK_NONE) {
		a->next = t->none->next;
		(void)snprintf(a->value, sizeof(a->value), "%s", t->none->value);
		return true;
	}
	if (set == 0 || (set & (PICK_BAD | PICK_NONE)) != 0)
		return false;
	for (size_t i = 0; i < t->option_count; i++) {
		const struct option *o = &t->option[i];

		if (!(set & 1u << i))
			continue;
		if (o->is_alone && set != 1u << i)
			return false;
		a->next = o->next;
		n += (size_t)snprintf(a->value + n, sizeof(a->value) - n, "%s%s", n > 0 ? "," : "",
		    o->value);
		if (n >= sizeof(a->value))
			return false;
	}
	return true;
}
