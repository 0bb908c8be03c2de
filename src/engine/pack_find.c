/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_find.c - look-ups in compiled packs: by name, and by what people type (exact, inside a
 * sentence, nearest by edit distance over folded text). */
#include "engine/pack_int.h"

#include "base/near.h"
#include "codec/text.h"

#include <stdlib.h>
#include <string.h>

const char *const builtin_name[BUILTINS] = {
    "msisdn", "service", "lang", "channel", "stopped", "otp", "count"};

struct pack *pack_find(const struct packs *p, struct sv name)
{
	for (size_t i = 0; i < p->count; i++)
		if (sv_is(name, p->pack[i]->name))
			return p->pack[i];
	return NULL;
}

int pack_step(const struct pack *k, struct sv name)
{
	for (size_t i = 0; i < k->step_count; i++)
		if (sv_is(name, k->step[i].name))
			return (int)i;
	return -1;
}

int pack_var(const struct pack *k, struct sv name)
{
	for (size_t i = 0; i < k->var_count; i++)
		if (sv_is(name, k->var[i].name))
			return (int)i;
	return -1;
}

struct text *pack_text(const struct pack *k, struct sv id)
{
	for (size_t i = 0; i < k->text_count; i++)
		if (sv_is(id, k->text[i]->id))
			return k->text[i];
	return NULL;
}

struct trigger *pack_trigger(const struct pack *k, struct sv name)
{
	for (size_t i = 0; i < k->trigger_count; i++)
		if (sv_is(name, k->step[k->trigger[i].step].name))
			return &k->trigger[i];
	return NULL;
}

int packs_lang(const struct packs *p, struct sv name)
{
	for (size_t i = 0; i < p->lang_count; i++)
		if (sv_is(name, p->lang[i]))
			return (int)i;
	return -1;
}

const char *packs_backend(const struct packs *p, size_t i)
{
	return i < p->backend_count ? p->backend[i] : NULL;
}

bool packs_speaks_for(const struct packs *p, struct sv service, const char *backend)
{
	const struct pack *k = pack_find(p, service);
	bool calls = false;

	for (size_t i = 0; k && i < k->step_count; i++) {
		if (!k->step[i].call)
			continue;
		if (strcmp(k->step[i].call->backend, backend) == 0)
			return true;
		calls = true;
	}
	return !calls;
}

bool step_waits(const struct step *t)
{
	return t->kind == STEP_ASK || t->kind == STEP_MENU || t->kind == STEP_OTP;
}

char *text_folded(struct sv utf8)
{
	struct buf b;

	buf_init(&b, 4 * TEXT_MAX_UTF8);
	text_fold(utf8, &b);
	if (!b.p)
		buf_adds(&b, "");
	return b.p ? buf_take(&b) : xstrdup("");
}

bool sv_next_word(struct sv *rest, struct sv *word)
{
	while (rest->n > 0 && *rest->p == ' ')
		rest->p++, rest->n--;
	word->p = rest->p;
	word->n = 0;
	while (word->n < rest->n && word->p[word->n] != ' ')
		word->n++;
	rest->p += word->n;
	rest->n -= word->n;
	return word->n > 0;
}

bool packs_word(const struct packs *p, enum word_list l, struct sv folded)
{
	for (size_t i = 0; i < p->word_count[l]; i++)
		if (sv_is(folded, p->word[l][i]))
			return true;
	return false;
}

long packs_number(const struct packs *p, struct sv folded)
{
	for (size_t i = 0; i < p->word_count[WORDS_NUMBER]; i++) {
		struct sv rest = sv_from(p->word[WORDS_NUMBER][i]), word;

		while (sv_next_word(&rest, &word))
			if (word.n == folded.n && memcmp(word.p, folded.p, word.n) == 0)
				return (long)i;
	}
	return -1;
}

const struct keyword *packs_keyword(const struct packs *p, struct sv folded)
{
	for (size_t i = 0; i < p->keyword_count; i++)
		if (sv_is(folded, p->keyword[i].folded))
			return &p->keyword[i];
	return NULL;
}

/* Letters and marks of any script, and digits, are word characters; in folded text everything
 * outside ASCII is taken as one, and punctuation of ASCII is not. */
static bool is_word_octet(unsigned char c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool holds_phrase(struct sv text, const char *phrase)
{
	size_t n = strlen(phrase);

	for (size_t i = 0; i + n <= text.n; i++) {
		if (memcmp(text.p + i, phrase, n) != 0)
			continue;
		if ((i == 0 || !is_word_octet((unsigned char)text.p[i - 1])) &&
		    (i + n == text.n || !is_word_octet((unsigned char)text.p[i + n])))
			return true;
	}
	return false;
}

/* Most words first; then what a pack has for its own; then the packs' own order. */
static bool is_before(const struct keyword *a, const struct keyword *b)
{
	bool a_shared = a->trigger && a->trigger->is_shared,
	     b_shared = b->trigger && b->trigger->is_shared;

	if (a->words != b->words)
		return a->words > b->words;
	if (a_shared != b_shared)
		return b_shared;
	return a->order < b->order;
}

const struct keyword *packs_keyword_in(const struct packs *p, struct sv folded)
{
	const struct keyword *best = NULL;
	bool begins[256] = {false}; /* the octets with which a word of the text begins */

	for (size_t i = 0; i < folded.n; i++)
		if (i == 0 || !is_word_octet((unsigned char)folded.p[i - 1]))
			begins[(unsigned char)folded.p[i]] = true;
	for (size_t i = 0; i < p->keyword_count; i++) {
		const struct keyword *w = &p->keyword[i];

		if (!begins[(unsigned char)w->folded[0]] || w->is_exact ||
		    (best && !is_before(w, best)))
			continue;
		if (holds_phrase(folded, w->folded))
			best = w;
	}
	return best;
}

static void near_try(const struct packs *p, struct sv typed, const struct keyword **best,
    unsigned *least)
{
	struct near_word a, b;

	near_read(typed, &a);
	for (size_t i = 0; i < p->keyword_count; i++) {
		unsigned d;

		near_read(sv_from(p->keyword[i].folded), &b);
		d = near_meant(&a, &b);
		if (d < *least) {
			*least = d;
			*best = &p->keyword[i];
		}
	}
}

enum { SLIP_CHARS_MIN = 5 }; /* of shorter words too many are one slip apart */

const struct keyword *packs_keyword_slip(const struct packs *p, struct sv folded)
{
	const struct keyword *found = NULL;
	struct near_word a, b;

	near_read(folded, &a);
	for (size_t i = 0; a.n >= SLIP_CHARS_MIN && i < p->keyword_count; i++) {
		const struct keyword *w = &p->keyword[i];

		near_read(sv_from(w->folded), &b);
		if (b.n < SLIP_CHARS_MIN || near_distance(&a, &b, 1) > 1)
			continue;
		if (found && strcmp(found->folded, w->folded) != 0 &&
		    (found->cmd != w->cmd || found->trigger != w->trigger))
			return NULL; /* it could be either */
		found = w;
	}
	/* What stops, ends or calls is not done for a word that was not written. */
	if (found && (found->cmd == CMD_NONE ? found->is_exact : found->cmd != CMD_HELP))
		return NULL;
	return found;
}

const struct keyword *packs_keyword_near(const struct packs *p, struct sv folded)
{
	const struct keyword *best = NULL;
	unsigned least = UINT32_MAX;
	struct sv rest = folded, word;

	near_try(p, folded, &best, &least);
	for (unsigned i = 0; i < 8 && !best && sv_next_word(&rest, &word); i++)
		near_try(p, word, &best, &least);
	return best;
}
