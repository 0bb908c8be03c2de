/* SPDX-License-Identifier: BSD-2-Clause */
/* try_show.c - screens, messages and coverage of `dakiyactl try`. Frames are open to the right: what a
 * Devanagari line is wide only the terminal knows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/text.h"
#include "ctl/try_int.h"
#include "engine/pager.h"

void try_note(const char *fmt, ...)
{
	va_list ap;

	fputs("  · ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* The step that says it: the last that was run, or the question that still waits. */
static void put_where(const struct try *t)
{
	struct buf b;

	buf_init(&b, 4096);
	if (t->at[0])
		buf_adds(&b, t->at);
	else if (!t->r.s)
		rehearsal_where(&t->r, &b);
	if (b.n > 0 && strcmp(buf_str(&b), "-") != 0)
		printf(" %s", buf_str(&b));
	buf_clear(&b);
}

static void put_lines(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		printf("│ %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static const char *alphabet_name(enum text_alphabet a)
{
	return a == TEXT_UCS2 ? "UCS-2" : "GSM-7";
}

void try_show_screen(const struct try *t, const char *text, bool ends)
{
	enum text_alphabet a;
	size_t any, segments;
	unsigned holds, units = screen_units(sv_from(text), t->r.limits, &holds);

	text_measure(sv_from(text), &a, &any, &segments);
	puts("╭─ USSD");
	put_lines(text);
	printf("╰─ [%u of %u %s]", units, holds, alphabet_name(a));
	put_where(t);
	puts(ends ? " · the session ends" : "");
}

/* With the code in its place, as the sender puts it there. */
static char *revealed(const struct reply *r)
{
	char *text = xstrdup(r->text), *at = r->seal ? strstr(text, OTP_PLACE) : NULL;

	if (at)
		memcpy(at, TRY_CODE, strlen(TRY_CODE));
	return text;
}

void try_show_reply(const struct try *t, const struct reply *r)
{
	enum text_alphabet a;
	size_t units, segments;
	char *text = revealed(r);

	text_measure(sv_from(text), &a, &units, &segments);
	printf("╭─ SMS %s, text %s\n", msg_class_name(r->class), r->text_id);
	put_lines(text);
	printf("╰─ [%zu %s, %zu segment%s]", units, alphabet_name(a), segments,
	    segments == 1 ? "" : "s");
	put_where(t);
	putchar('\n');
	free(text);
}

void try_show_coverage(const struct try *t, size_t *never)
{
	*never = 0;
	for (size_t i = 0; i < t->packs->count; i++) {
		const struct pack *k = t->packs->pack[i];
		size_t n = 0, column = 0;

		for (size_t j = 0; j < k->step_count; j++)
			n += t->seen[i][j];
		if (k->step_count == 0)
			continue;
		printf("%s: %zu of %zu steps reached\n", k->name, n, k->step_count);
		*never += k->step_count - n;
		for (size_t j = 0; j < k->step_count; j++) {
			if (t->seen[i][j])
				continue;
			printf("%s%s", column == 0 ? "  never: " : ", ", k->step[j].name);
			column++;
		}
		if (column > 0)
			putchar('\n');
	}
}
