/* SPDX-License-Identifier: BSD-2-Clause */
/* conf_print.c - print a configuration as YAML that conf_read accepts again. What is not set is printed
 * as a comment, so that the print also shows what could be set. */
#include <inttypes.h>
#include <string.h>

#include "base/conf.h"
#include "base/conf_int.h"

#define HELP_COLUMN 100

static void indent(struct buf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		buf_adds(out, "  ");
}

/* Plain where no reader can take it for anything else than this word. */
static bool is_plain_word(const char *s)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

	return *s && *s != '-' && s[strspn(s, plain)] == '\0' && strcmp(s, ".") != 0 &&
	       strncmp(s, "...", 3) != 0;
}

/* Characters that YAML takes for a line break, refuses, or eats, as they stand in UTF-8 (YAML 1.1 s.5.1). */
static const struct {
	const char *utf8, *escape;
} unprintable[] = {
    {"\xE2\x80\xA8", "\\u2028"},
    {"\xE2\x80\xA9", "\\u2029"},
    {"\xEF\xBB\xBF", "\\uFEFF"},
    {"\xEF\xBF\xBE", "\\uFFFE"},
    {"\xEF\xBF\xBF", "\\uFFFF"},
};

/* Appends one character as it may stand between double quotes; returns its octets. */
static size_t print_char(struct buf *out, const char *s)
{
	unsigned char c = (unsigned char)s[0], next = (unsigned char)s[1];

	if (c == '"' || c == '\\') {
		buf_addf(out, "\\%c", c);
		return 1;
	}
	if (c < 0x20 || c == 0x7F) {
		buf_addf(out, "\\x%02X", c);
		return 1;
	}
	if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
		buf_addf(out, "\\x%02X", next);
		return 2;
	}
	for (size_t i = 0; i < sizeof unprintable / sizeof unprintable[0]; i++) {
		if (strncmp(s, unprintable[i].utf8, 3) == 0) {
			buf_adds(out, unprintable[i].escape);
			return 3;
		}
	}
	buf_addc(out, s[0]);
	return 1;
}

static void print_word(struct buf *out, const char *s)
{
	if (is_plain_word(s)) {
		buf_adds(out, s);
		return;
	}
	buf_addc(out, '"');
	while (*s)
		s += print_char(out, s);
	buf_addc(out, '"');
}

static void print_ms(struct buf *out, int64_t v)
{
	const struct conf_unit *u = conf_units;

	while (u[1].name && (v == 0 || v % u->ms != 0))
		u++;
	buf_addf(out, "%" PRId64 "%s", v / u->ms, u->name);
}

static void print_choice(struct buf *out, const char *choices, int v)
{
	while (v-- > 0 && *choices)
		choices += strcspn(choices, "|") + (choices[strcspn(choices, "|")] == '|');
	buf_add(out, choices, strcspn(choices, "|"));
}

static void print_list(struct buf *out, const struct conf_list *list)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		buf_adds(out, i ? ", " : "");
		print_word(out, list->v[i]);
	}
	buf_addc(out, ']');
}

static void print_pairs(struct buf *out, const struct conf_list *list)
{
	buf_addc(out, '{');
	for (size_t i = 0; i + 1 < list->n; i += 2) {
		buf_adds(out, i ? ", " : "");
		print_word(out, list->v[i]);
		buf_adds(out, ": ");
		print_word(out, list->v[i + 1]);
	}
	buf_addc(out, '}');
}

static void print_help(struct buf *out, const struct conf_row *row, unsigned depth)
{
	const char *s = row->help;

	while (s && *s) {
		size_t room = HELP_COLUMN - 2 * depth - 2, n = strlen(s);

		if (n > room) {
			for (n = room; n > 0 && s[n] != ' ';)
				n--;
			if (n == 0) /* one word longer than a line */
				n = strcspn(s, " ");
		}
		indent(out, depth);
		buf_adds(out, "# ");
		buf_add(out, s, n);
		buf_addc(out, '\n');
		s += n + (s[n] == ' ');
	}
}

static void print_rows(const struct conf_row *rows, const void *conf, struct buf *out, unsigned depth,
    bool is_item, bool with_help);

static void print_section(const struct conf_row *row, const void *at, struct buf *out, unsigned depth)
{
	const struct conf_list *list = at;
	const void *single;

	indent(out, depth);
	if (row->flags & CONF_SINGLE) {
		memcpy(&single, at, sizeof single);
		buf_addf(out, single ? "%s:\n" : "# %s:\n", row->name);
		if (single)
			print_rows(row->sub, single, out, depth + 1, false, true);
		return;
	}
	buf_addf(out, list->n ? "%s:\n" : "%s: []\n", row->name);
	for (size_t i = 0; i < list->n; i++)
		print_rows(row->sub, list->v[i], out, depth + 1, true, i == 0);
}

/* False when there is nothing to print: a text that is not set. */
static bool print_value(const struct conf_row *row, const void *at, struct buf *out)
{
	const char *s;

	switch (row->type) {
	case CONF_STR:
		memcpy(&s, at, sizeof s);
		if (s)
			print_word(out, row->flags & CONF_SECRET ? "***" : s);
		return s != NULL;
	case CONF_INT:
		buf_addf(out, "%" PRId64, *(const int64_t *)at);
		break;
	case CONF_MS:
		print_ms(out, *(const int64_t *)at);
		break;
	case CONF_BOOL:
		buf_adds(out, *(const bool *)at ? "true" : "false");
		break;
	case CONF_ENUM:
		print_choice(out, row->choices, *(const int *)at);
		break;
	case CONF_LIST:
		print_list(out, at);
		break;
	case CONF_MAP:
		print_pairs(out, at);
		break;
	case CONF_SECTION:
		break;
	}
	return true;
}

/* is_item: the rows are one element of a list, whose first line begins with "- ". Its rows stand two
 * columns further in, and because a comment cannot follow the dash, the dash gets a line of its own. */
static void print_rows(const struct conf_row *rows, const void *conf, struct buf *out, unsigned depth,
    bool is_item, bool with_help)
{
	struct buf value;

	buf_init(&value, out->max);
	if (is_item) {
		indent(out, depth);
		buf_adds(out, "-\n");
		depth++;
	}
	for (const struct conf_row *row = rows; row->name; row++) {
		const void *at = conf_at_const(conf, row);
		bool is_set;

		if (with_help)
			print_help(out, row, depth);
		if (row->type == CONF_SECTION) {
			print_section(row, at, out, depth);
			continue;
		}
		buf_reset(&value);
		is_set = print_value(row, at, &value);
		indent(out, depth);
		buf_addf(out, is_set ? "%s: %s\n" : "# %s:%s\n", row->name, buf_str(&value));
		if (value.full)
			out->full = true;
	}
	buf_clear(&value);
}

void conf_print(const struct conf_row *rows, const void *conf, struct buf *out)
{
	print_rows(rows, conf, out, 0, false, true);
}
