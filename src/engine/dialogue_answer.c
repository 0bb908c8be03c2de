/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_answer.c - whether a text answers a question, and the value it gives. Generous in what
 * people type, strict in what comes out: every value fits its variable. */
#include "engine/dialogue_int.h"

#include "base/scrub.h"
#include "codec/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool in_words(char *const *word, size_t n, struct sv s)
{
	for (size_t i = 0; i < n; i++)
		if (sv_is(s, word[i]))
			return true;
	return false;
}

/* Words of folded text without the punctuation between them. */
bool answer_next_word(struct sv *rest, struct sv *word)
{
	static const char stops[] = " ,.!?:;()-/\"'";

	while (rest->n > 0 && strchr(stops, *rest->p))
		rest->p++, rest->n--;
	word->p = rest->p;
	word->n = 0;
	while (word->n < rest->n && !strchr(stops, word->p[word->n]))
		word->n++;
	rest->p += word->n;
	rest->n -= word->n;
	return word->n > 0;
}

/* "ji" alone is a yes; "ji nahi" is a no. */
enum yesno answer_yesno(const struct packs *p, struct sv folded)
{
	bool yes = packs_word(p, WORDS_YES, folded), no = packs_word(p, WORDS_NO, folded),
	     polite = false;
	struct sv rest = folded, word;
	long number = packs_number(p, folded);

	if (yes != no)
		return yes ? SAID_YES : SAID_NO;
	if (number == 1 || number == 2) /* alone only: "ek minute" is no yes */
		return number == 1 ? SAID_YES : SAID_NO;
	while (answer_next_word(&rest, &word)) {
		if (is_digit(*word.p)) /* "1" counts alone only */
			return SAID_NEITHER;
		yes = yes || packs_word(p, WORDS_YES, word);
		no = no || packs_word(p, WORDS_NO, word);
		polite = polite || packs_word(p, WORDS_POLITE, word);
	}
	if (yes && no)
		return SAID_NEITHER;
	if (no)
		return SAID_NO;
	return yes || (polite && packs_word(p, WORDS_POLITE, folded)) ? SAID_YES : SAID_NEITHER;
}

/* ---- menus ---- */
bool answer_fits_option(const struct dl *d, const struct option *o, struct sv s)
{
	const char *label = o->label->lang[lang_index(d)].folded;

	return (label && sv_is(s, label)) || in_words(o->word, o->word_count, s);
}

static int option_exact(const struct dl *d, const struct step *t, struct sv folded)
{
	struct sv rest = folded;
	size_t key = 0;

	for (size_t i = 0; i < t->option_count; i++)
		if (answer_fits_option(d, &t->option[i], folded))
			return (int)i;
	if (folded.n == 0 || !is_digit(folded.p[0]))
		return -1;
	key = (size_t)(folded.p[0] - '0');
	rest.p++, rest.n--;
	while (rest.n > 0 && strchr(" .):-", *rest.p))
		rest.p++, rest.n--;
	if (key < 1 || key > t->option_count || (rest.n > 0 && is_digit(*rest.p)))
		return -1;
	/* "1 mahila": the words must be those of the number. */
	if (rest.n > 0 && !answer_fits_option(d, &t->option[key - 1], rest))
		return -1;
	return (int)key - 1;
}

bool answer_is_option(const struct dl *d, const struct step *t, struct sv folded)
{
	return t->kind == STEP_MENU &&
	       (option_exact(d, t, folded) >= 0 || (t->none && answer_fits_option(d, t->none, folded)));
}

static int option_in_sentence(const struct dl *d, const struct step *t, struct sv folded)
{
	struct sv rest = folded, word;
	int found = -1;

	while (answer_next_word(&rest, &word)) {
		bool is_number = is_digit(*word.p);

		if (is_number &&
		    (word.n > 1 || *word.p == '0' || (size_t)(*word.p - '0') > t->option_count))
			return -1;
		for (size_t i = 0; i < t->option_count; i++) {
			if (is_number ? *word.p != (char)('1' + i)
				      : word.n < 3 || !answer_fits_option(d, &t->option[i], word))
				continue;
			if (found >= 0 && found != (int)i)
				return -1;
			found = (int)i;
		}
	}
	return found;
}

static bool take_menu(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	int i = option_exact(d, t, folded);
	long number = i < 0 ? packs_number(d->p, folded) : -1;

	if (number >= 1 && (size_t)number <= t->option_count)
		i = (int)number - 1;
	if (i < 0)
		i = option_in_sentence(d, t, folded);
	if (i < 0)
		return false;
	a->next = t->option[i].next;
	if (t->option[i].value)
		(void)snprintf(a->value, sizeof(a->value), "%s", t->option[i].value);
	return true;
}

/* ---- words ---- */
/* As typed, composed (NFC), white space collapsed, without punctuation at the end; empty when it
 * is longer than any value or has a character that no value may have. */
static void clean(struct sv raw, char out[VALUE_OCTETS_MAX + 1])
{
	size_t n = 0, i = 0, end = 0;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)raw.p, raw.n, NULL, &n);
	struct buf b;

	buf_init(&b, 8192);
	out[0] = '\0';
	while (nfc && i < n) {
		ucs4_t c;
		int k = u8_mbtouc(&c, nfc + i, n - i);

		if (uc_is_property_white_space(c)) {
			if (b.n > 0 && b.p[b.n - 1] != ' ')
				buf_addc(&b, ' ');
		} else if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C) && c != 0x200c &&
			   c != 0x200d) {
			goto out; /* control and unassigned characters */
		} else {
			buf_add(&b, nfc + i, (size_t)k);
		}
		i += (size_t)k;
	}
	end = b.n;
	for (;;) {
		if (end > 0 && strchr(" .,!;:?", b.p[end - 1]))
			end--;
		else if (end >= 3 && memcmp(b.p + end - 3, "\xe0\xa5\xa4", 3) == 0) /* danda */
			end -= 3;
		else
			break;
	}
	if (end <= VALUE_OCTETS_MAX && end > 0) {
		memcpy(out, b.p, end);
		out[end] = '\0';
	}
out:
	buf_clear(&b);
	free(nfc);
}

static bool count_fits(const struct step *t, const char *s)
{
	size_t n = text_utf8_chars(sv_from(s));

	return n >= (size_t)t->min && n <= (size_t)t->max;
}

/* "mera naam Sita hai" is Sita; "Nam Dev" stays: two such words must stand in front. */
static void strip_name_words(const struct packs *p, char *s)
{
	struct sv rest = sv_from(s), word, kept;
	unsigned lead = 0;

	kept = rest;
	while (sv_next_word(&rest, &word)) {
		char *folded = text_folded(word);
		bool is_filler = packs_word(p, WORDS_NAME, sv_from(folded));

		free(folded);
		if (!is_filler)
			break;
		lead++;
		kept = rest;
	}
	if (lead < 2 || word.n == 0)
		return;
	while (kept.n > 0 && *kept.p == ' ')
		kept.p++, kept.n--;
	for (;;) { /* "hai" at the end */
		size_t at = kept.n;
		char *folded;
		bool is_filler;

		while (at > 0 && kept.p[at - 1] != ' ')
			at--;
		folded = text_folded((struct sv){kept.p + at, kept.n - at});
		is_filler = at > 0 && packs_word(p, WORDS_NAME, sv_from(folded));
		free(folded);
		if (!is_filler)
			break;
		kept.n = at - 1;
	}
	memmove(s, kept.p, kept.n);
	s[kept.n] = '\0';
}

/* "Kumar, Ram" as in a register: a comma only parts the words. */
static void drop_commas(char *s)
{
	char *start = s, *to = s;

	for (; *s; s++) {
		char c = *s == ',' ? ' ' : *s;

		if (c != ' ' || (to > start && to[-1] != ' '))
			*to++ = c;
	}
	*to = '\0';
}

static bool take_name(const struct dl *d, const struct step *t, struct sv raw, struct answer *a)
{
	bool has_letter = false;
	struct sv v;

	clean(raw, a->value);
	drop_commas(a->value);
	strip_name_words(d->p, a->value);
	for (v = sv_from(a->value); v.n > 0;) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)v.p, v.n);

		if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L))
			has_letter = true;
		else if (!uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M) && c != 0x200c &&
			 c != 0x200d && c != 0x2019 && (c >= 0x80 || !strchr(" .'-", (int)c)))
			return false;
		v.p += k;
		v.n -= (size_t)k;
	}
	return has_letter && count_fits(t, a->value);
}

static bool take_place(const struct step *t, struct sv raw, struct answer *a)
{
	bool has_letter = false;
	struct sv v;

	clean(raw, a->value);
	for (v = sv_from(a->value); v.n > 0 && !has_letter;) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)v.p, v.n);

		has_letter = uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
		v.p += k;
		v.n -= (size_t)k;
	}
	scrub_numbers(a->value, !has_letter);
	return (has_letter || t->ask == ASK_TEXT) && count_fits(t, a->value);
}

/* ---- numbers ---- */
/* Adds a number in words to *n: -1, or what was said before it. "thirty five" is one number. */
static bool add_number(long *n, long number, bool *is_tens)
{
	bool joins = *is_tens && number >= 1 && number <= 9;

	if (*n >= 0 && !joins)
		return false;
	*is_tens = *n < 0 && number >= 20 && number < 100 && number % 10 == 0;
	*n = joins ? *n + number : number;
	return true;
}

/* One number, in digits or in words, and nothing else but words that go with an age: "35",
 * "35 saal", "umar paintees hai". */
static bool take_age(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	struct sv rest = folded;
	long n = -1, number;
	bool is_tens = false;

	while (rest.n > 0) {
		struct sv word = {rest.p, 0};
		bool is_number = is_digit(*rest.p);

		if (strchr(" ,.:", *rest.p) &&
		    !(*rest.p == '.' && rest.n > 1 && is_digit(rest.p[1]) && n >= 0)) {
			rest.p++, rest.n--;
			continue;
		}
		while (word.n < rest.n && !strchr(" ,.:", word.p[word.n]) &&
		       is_digit(word.p[word.n]) == is_number)
			word.n++;
		if (word.n == 0)
			return false; /* "35.5" */
		rest.p += word.n;
		rest.n -= word.n;
		if (!is_number && packs_word(d->p, WORDS_AGE, word))
			continue;
		if (is_number && word.n > 3)
			return false;
		number = is_number ? strtol(word.p, NULL, 10) : packs_number(d->p, word);
		if (number < 0 || (is_number && n >= 0) || !add_number(&n, number, &is_tens))
			return false;
		is_tens = is_tens && !is_number;
	}
	if (n < t->min || n > t->max)
		return false;
	(void)snprintf(a->value, sizeof(a->value), "%ld", n);
	return true;
}

static bool take_digits(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	long number = t->max == 1 ? packs_number(d->p, folded) : -1;
	size_t n = 0;

	if (number >= 0 && number <= 9) {
		(void)snprintf(a->value, sizeof(a->value), "%ld", number);
		return true;
	}
	for (size_t i = 0; i < folded.n; i++) {
		if (folded.p[i] == ' ' || folded.p[i] == '-' || (folded.p[i] == '+' && n == 0))
			continue; /* "+91 98123-40000" */
		if (!is_digit(folded.p[i]) || (long)n == t->max)
			return false;
		a->value[n++] = folded.p[i];
	}
	a->value[n] = '\0';
	return (long)n >= t->min;
}

static int days_in(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Days since 1970 of a civil date: years begin in March, so that leap days come last. */
static long day_number(int year, int month, int day)
{
	long y = month <= 2 ? year - 1 : year;
	long era = y / 400, yoe = y - era * 400;
	long doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Day, month, year as people write them in India: 5/3/1990, 05-03-1990, 5.3.1990, 05031990. */
static bool take_date(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	const long today = (long)((d->now + 19800000u) / 86400000u); /* in India, +05:30 */
	bool is_run = folded.n == 8;
	int part[3] = {0, 0, 0};
	size_t n = 0, digits = 0;

	for (size_t i = 0; i < folded.n; i++)
		is_run = is_run && is_digit(folded.p[i]);

	for (size_t i = 0; i < folded.n; i++) {
		if (!is_digit(folded.p[i])) {
			if (!strchr(" /-.", folded.p[i]))
				return false;
			n += digits > 0 ? 1 : 0;
			digits = 0;
			continue;
		}
		if (n > 2 || digits == 8)
			return false;
		if (is_run && (i == 2 || i == 4))
			n++;
		digits++;
		part[n] = part[n] * 10 + (folded.p[i] - '0');
	}
	if (n != 2 || digits == 0 || part[2] < 1850 || part[2] > 2200 || part[1] < 1 || part[1] > 12 ||
	    part[0] < 1 || part[0] > days_in(part[1], part[2]))
		return false;
	if (t->is_past && day_number(part[2], part[1], part[0]) > today)
		return false;
	(void)snprintf(a->value, sizeof(a->value), "%04d-%02d-%02d", part[2], part[1], part[0]);
	return true;
}

static bool take_yesno(const struct dl *d, const struct step *t, struct sv folded, struct answer *a)
{
	enum yesno said = answer_yesno(d->p, folded);

	if (said == SAID_NEITHER)
		return false;
	a->next = said == SAID_YES ? t->yes : t->no;
	(void)snprintf(a->value, sizeof(a->value), "%s", said == SAID_YES ? "yes" : "no");
	return true;
}

bool answer_take(const struct dl *d, const struct step *t, struct sv raw, struct sv folded,
    struct answer *a)
{
	a->value[0] = '\0';
	a->next = t->next;
	if (t->is_pick)
		return answer_pick(d, t, folded, a);
	if (t->kind == STEP_MENU)
		return take_menu(d, t, folded, a);
	switch (t->ask) {
	case ASK_NAME:
		return take_name(d, t, raw, a);
	case ASK_AGE:
		return take_age(d, t, folded, a);
	case ASK_YESNO:
		return take_yesno(d, t, folded, a);
	case ASK_TEXT:
	case ASK_PLACE:
		return take_place(t, raw, a);
	case ASK_DIGITS:
		return take_digits(d, t, folded, a);
	case ASK_DATE:
		return take_date(d, t, folded, a);
	}
	return false;
}
