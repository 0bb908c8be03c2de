/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_tmpl.c - texts and paths with their variables filled in. */
#include "engine/pack_int.h"

#include <unictype.h>
#include <unistr.h>

enum { SHOWN_TIME_CAP = 24 };

/* A code point that belongs to the letter before it. */
static bool is_mark(ucs4_t c)
{
	return c == 0x200d || uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M);
}

struct sv utf8_cut(struct sv s, size_t n)
{
	size_t at = 0, chars = 0, edge = 0;

	while (at < s.n) {
		ucs4_t c;
		int k = u8_mbtouc(&c, (const uint8_t *)s.p + at, s.n - at);

		if (!is_mark(c))
			edge = at;
		if (chars == n)
			return (struct sv){s.p, edge};
		chars++;
		at += (size_t)k;
	}
	return s;
}

/* s has the form, in which d is a digit. */
static bool has_form(const char *s, const char *form)
{
	while (*form && (*form == 'd' ? *s >= '0' && *s <= '9' : *s == *form))
		form++, s++;
	return !*form && !*s;
}

/* A day as backends write it, 2026-12-22, is shown as people write it, 22-12-2026; a time in India,
 * 2026-12-22T09:00:00+05:30, as 22-12-2026 09:00, and its midnight as the day; all else as it is. */
static const char *shown_day(const char *v, char out[SHOWN_TIME_CAP])
{
	bool is_time = has_form(v, "dddd-dd-ddTdd:dd:dd+05:30");

	if (!is_time && !has_form(v, "dddd-dd-dd"))
		return v;
	is_time = is_time && strncmp(v + 11, "00:00", 5) != 0;
	snprintf(out, SHOWN_TIME_CAP, "%.2s-%.2s-%.4s%s%.5s", v + 8, v + 5, v, is_time ? " " : "",
	    is_time ? v + 11 : "");
	return out;
}

void tmpl_render(const struct tmpl *t, ref_value_fn *value, const void *arg, size_t show,
    struct buf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const char *v =
		    t->part[i].kind == REF_LITERAL ? t->part[i].literal : value(arg, &t->part[i]);
		bool is_value = t->part[i].kind != REF_LITERAL;
		char day[SHOWN_TIME_CAP];
		struct sv s = sv_from(!v ? "" : is_value ? shown_day(v, day) : v);

		if (is_value && show > 0)
			s = utf8_cut(s, show);
		buf_addsv(out, s);
	}
}

static void add_percent(struct buf *out, const char *s)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *s; s++)
		if (strchr(plain, *s))
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)*s);
}

void tmpl_path(const struct tmpl *t, ref_value_fn *value, const void *arg, struct buf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const char *v;

		if (t->part[i].kind == REF_LITERAL) {
			buf_adds(out, t->part[i].literal);
			continue;
		}
		v = value(arg, &t->part[i]);
		add_percent(out, v ? v : "");
	}
}

const struct tmpl *text_words(const struct text *t, size_t lang, bool on_screen)
{
	const struct text_lang *l = &t->lang[lang];

	return on_screen && l->ussd.count > 0 ? &l->ussd : &l->t;
}

void question_render(const struct step *t, const struct text *text, size_t lang, ref_value_fn *value,
    const void *arg, struct buf *out)
{
	tmpl_render(&text->lang[lang].t, value, arg, SHOW_CHARS_MAX, out);
	for (size_t i = 0; i < t->option_count; i++) {
		buf_addf(out, "\n%u ", (unsigned)i + 1);
		tmpl_render(&t->option[i].label->lang[lang].t, value, arg, SHOW_CHARS_MAX, out);
	}
	if (t->none && t->none->label) {
		buf_adds(out, "\n0 ");
		tmpl_render(&t->none->label->lang[lang].t, value, arg, SHOW_CHARS_MAX, out);
	}
}
