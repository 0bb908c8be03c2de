/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.c - two-sided transcript; see screen.h. */
#include "sim/screen.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/clock.h"

#define TEXT_COLUMNS 64 /* of a text, before it is wrapped */
#define SERVICE_INDENT 30

static void put_time(FILE *f)
{
	uint64_t now = clock_wall_ms();
	time_t t = (time_t)(now / 1000);
	struct tm tm;

	(void)localtime_r(&t, &tm);
	fprintf(f, "%02d:%02d:%02d.%03d  ", tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now % 1000));
}

static int columns(const char *p, size_t n)
{
	return u8_width((const uint8_t *)p, n, "UTF-8");
}

static void indent(FILE *f, int n)
{
	fprintf(f, "\n%*s", n, "");
}

/* Words of text from column `left` on, in lines of TEXT_COLUMNS; a newline in the text is kept. */
static void put_wrapped(FILE *f, int left, struct sv text)
{
	int col = 0, gap = 0; /* gap: spaces before the next word, unless a line begins with it */
	size_t i = 0, begin;
	int w;

	while (i < text.n) {
		if (text.p[i] == ' ') {
			gap++;
			i++;
			continue;
		}
		if (text.p[i] == '\n') {
			indent(f, left);
			col = gap = 0;
			i++;
			continue;
		}
		for (begin = i; i < text.n && text.p[i] != ' ' && text.p[i] != '\n';)
			i++;
		w = columns(text.p + begin, i - begin);
		if (col > 0 && col + gap + w > TEXT_COLUMNS) {
			indent(f, left);
			col = gap = 0;
		}
		fprintf(f, "%*s", gap, "");
		fwrite(text.p + begin, 1, i - begin, f);
		col += gap + w;
		gap = 0;
	}
	fputc('\n', f);
	fflush(f);
}

void screen_phone(FILE *f, const char *who, struct sv text)
{
	put_time(f);
	fprintf(f, "%s ▶ ", who);
	put_wrapped(f, 14 + columns(who, strlen(who)) + 3, text);
}

void screen_service(FILE *f, const char *from, struct sv text)
{
	put_time(f);
	fprintf(f, "%*s%s ◀ ", SERVICE_INDENT - 14, "", from);
	put_wrapped(f, SERVICE_INDENT + columns(from, strlen(from)) + 3, text);
}

void screen_note(FILE *f, const char *fmt, ...)
{
	va_list ap;

	put_time(f);
	fputs("· ", f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fputc('\n', f);
	fflush(f);
}
