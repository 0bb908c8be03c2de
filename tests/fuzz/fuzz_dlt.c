/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_dlt.c - two octets choose a shipped text and its language; the rest are values, each up to a NUL, or
 * (odd) a text of its own. A text made from its template fits the template whatever the values are; when
 * each value may stand where it is, nothing is wrong. A good text holds every fixed word. It never takes
 * long: libFuzzer has a time-out. */
#include "story.h"

#include <stdlib.h>

#include "engine/dlt.h"
#include "engine/pack_int.h"
#include "fuzz.h"

enum { VAR_MAX = 30 };

static const struct packs *shipped(void)
{
	static struct packs *p; /* compiled once; a process of its own */
	const char *root = getenv("DK_SRCDIR");

	if (!p)
		p = load_packs(root ? root : ".", "services");
	return p;
}

static const struct text *choose(unsigned n, size_t lang)
{
	const struct packs *p = shipped();
	const struct text *t;
	size_t all = 0, at = 0;

	for (size_t i = 0; i < p->count; i++)
		all += p->pack[i]->text_count;
	for (at = n % all, all = 0; at >= p->pack[all]->text_count; all++)
		at -= p->pack[all]->text_count;
	t = p->pack[all]->text[at];
	return t->lang[lang].has && t->lang[lang].dlt ? t : NULL;
}

static struct sv value(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *nul = *p < end ? memchr(*p, '\0', (size_t)(end - *p)) : NULL;
	struct sv s = {(const char *)*p, (size_t)((nul ? nul : end) - *p)};

	*p = nul ? nul + 1 : end;
	return s;
}

/* Digits, but no number to call: good for every kind that a shipped text has. */
static bool is_plain(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n >= 3 && s.n <= 6;
}

static bool holds_words(const struct tmpl *t, struct sv text)
{
	size_t at = 0;

	for (size_t i = 0; i < t->count; i++) {
		const char *word = t->part[i].literal;
		size_t n = t->part[i].kind == REF_LITERAL ? strlen(word) : 0;

		while (n > 0 && at + n <= text.n && memcmp(text.p + at, word, n) != 0)
			at++;
		if (at + n > text.n)
			return false;
		at += n;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t lang = n > 1 ? data[1] & 1 : 0;
	const struct text *t = n > 3 ? choose(data[0] | (unsigned)(data[1] >> 2) << 8, lang) : NULL;
	const uint8_t *p = data + 2;
	struct dlt_message m = {.var_max = VAR_MAX};
	struct dlt_result r;
	bool all_plain = true;
	const struct tmpl *tm;
	struct buf b;

	if (!t || n > 2048)
		return 0;
	tm = &t->lang[lang].t;
	buf_init(&b, 8192);
	if (data[1] & 2)
		buf_add(&b, (const char *)p, n - 2);
	for (size_t i = 0; i < tm->count && !(data[1] & 2); i++) {
		struct sv v = tm->part[i].kind == REF_LITERAL ? sv_from(tm->part[i].literal)
							      : value(&p, data + n);

		all_plain = all_plain && (tm->part[i].kind == REF_LITERAL || is_plain(v));
		buf_addsv(&b, v);
	}
	m.text_id = sv_from(t->full_id);
	m.lang = sv_from(shipped()->lang[lang]);
	m.template_id = sv_from(t->lang[lang].dlt);
	m.text = buf_sv(&b);
	r = dlt_check(shipped(), &m);
	MUST(!r.is_unknown);
	if (data[1] & 2)
		MUST(r.code != DLT_GOOD || holds_words(tm, m.text));
	else
		MUST(r.code == DLT_GOOD || (r.variable > 0 && !all_plain));
	buf_clear(&b);
	return 0;
}
