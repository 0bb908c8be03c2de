/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_text.c - dakiyactl text: what a text costs on a link, where it is cut, and what would save. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/text.h"
#include "ctl/ctl.h"
#include "options.h"

#define CONF_MAX (1u << 20)
#define LISTED_MAX 10 /* different characters told one by one */

struct job {
	struct text_opts o;
	bool smart;
	struct sv text;
	struct text_size now;
};

void cmd_text_usage(void)
{
	printf("usage: dakiyactl text [OPTION ...] TEXT | -\n"
	       "  -                        the text is on stdin\n"
	       "  -c FILE --link NAME      options of this link of dakiyad's configuration\n"
	       "  --alphabet-out A         what data_coding 0 means: gsm7 (default), latin1, ascii, "
	       "ucs2\n"
	       "  --long-messages M        udh8 (default), udh16, sar, payload\n"
	       "  --national-shift L,L     languages whose shift tables may be used, or all\n"
	       "  --gsm7-packed            septets packed, eight in seven octets\n"
	       "  --smart-text             plain characters where that saves\n");
}

static const char *alphabet_name(const struct text_size *s, char out[40])
{
	static const char *const name[] = {[TEXT_GSM7] = "GSM-7",
	    [TEXT_LATIN1] = "Latin-1",
	    [TEXT_ASCII] = "ASCII",
	    [TEXT_UCS2] = "UCS-2",
	    [TEXT_BINARY] = "?"};

	if (!s->national)
		return name[s->alphabet];
	snprintf(out, 40, "%s shift tables", text_national_name(s->national));
	return out;
}

static const char *unit_name(enum text_alphabet a)
{
	return a == TEXT_UCS2 ? "units" : "septets";
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Control characters would move the cursor. */
static void print_text(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			fputs("\\n", stdout);
		else if (s.p[i] == '\r')
			fputs("\\r", stdout);
		else
			putchar((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F ? '?' : s.p[i]);
}

static void print_char(uint32_t cp, struct sv utf8)
{
	if (cp >= 0x20 && cp != 0x7F && cp != 0xA0 && (cp < 0x2000 || cp > 0x200F) && cp != 0xFEFF)
		printf("%.*s ", (int)utf8.n, utf8.p);
	printf("U+%04X", (unsigned)cp);
}

/* ---- the parts ---- */

static void print_part(const struct text_parts *p, size_t i, bool is_packed)
{
	struct sv ud = p->is_payload ? (struct sv){(const char *)p->payload, p->payload_n}
				     : (struct sv){(const char *)p->seg[i].octets, p->seg[i].n};
	struct text_concat c = {0};
	struct text_size size;
	struct buf septets, text;

	if (!p->is_payload && p->seg[i].has_udh)
		(void)!text_udh_read(ud, &c);
	ud.p += c.udh_octets;
	ud.n -= c.udh_octets;
	buf_init(&septets, 2 * TEXT_PAYLOAD_OCTETS);
	buf_init(&text, 4 * TEXT_MAX_UTF8);
	if (p->alphabet == TEXT_GSM7 && is_packed)
		text_unpack(ud, c.udh_octets, &septets);
	else
		buf_addsv(&septets, ud);
	if (p->alphabet == TEXT_GSM7)
		(void)!text_decode_national(buf_sv(&septets), c.lock_lang, c.shift_lang, &text);
	else
		(void)!text_decode(p->alphabet, buf_sv(&septets), &text);
	(void)!text_size_in(buf_sv(&text), p->alphabet, p->national, &(struct text_opts){0}, &size,
	    NULL);
	printf("  %-3zu%4zu %-9s", i + 1, size.units, unit_name(p->alphabet));
	print_text(buf_sv(&text));
	putchar('\n');
	buf_clear(&septets);
	buf_clear(&text);
}

static int print_parts(const struct job *j)
{
	static const char *const split[] = {[TEXT_UDH8] = "joined by an 8-bit reference (udh8)",
	    [TEXT_UDH16] = "joined by a 16-bit reference (udh16)",
	    [TEXT_SAR] = "joined by SAR TLVs (sar)",
	    [TEXT_PAYLOAD] = "sent whole in message_payload, cut by the centre"};
	struct text_parts *p = xmalloc(sizeof(*p));
	bool fits = text_encode_for(j->text, &j->o, 1, p);

	printf("segments   %zu%s%s\n", j->now.segments, j->now.segments > 1 ? ", " : "",
	    j->now.segments > 1 ? split[j->o.split] : "");
	if (!fits)
		printf("           more than %u: such a message is not sent\n", TEXT_MAX_SEGMENTS);
	for (size_t i = 0; fits && i < p->count; i++)
		print_part(p, i, j->o.is_packed);
	if (j->now.segments > 1) {
		size_t fewer = j->now.segments - 1;
		size_t room = fewer == 1 ? j->now.single : fewer * j->now.part;
		size_t over = j->now.units > room ? j->now.units - room : 1;

		/* When cuts keep characters whole it may take one or two more. */
		printf("shorter    by %zu %.*s%s: %zu segment%s\n", over,
		    (int)strlen(unit_name(j->now.alphabet)) - 1, unit_name(j->now.alphabet),
		    plural(over), fewer, plural(fewer));
	}
	free(p);
	return fits ? 0 : 1;
}

/* ---- what would save ---- */

static void print_saving(const struct job *j, const struct text_size *s)
{
	printf("%zu %s, %zu segment%s", s->units, unit_name(s->alphabet), s->segments,
	    plural(s->segments));
	if (s->segments < j->now.segments)
		printf(": saves %zu", j->now.segments - s->segments);
	else if (s->segments > j->now.segments)
		printf(": %zu more", s->segments - j->now.segments);
	else if (s->alphabet != j->now.alphabet && j->now.alphabet == TEXT_UCS2)
		printf(": leaves UCS-2");
}

static void print_alphabet(const struct job *j, enum text_alphabet a, unsigned national)
{
	struct text_size s;
	char name[40];
	uint32_t lacks = 0;
	bool fits = text_size_in(j->text, a, national, &j->o, &s, &lacks);

	if (national && !fits)
		return; /* most texts lack most scripts */
	printf("  %-24s", alphabet_name(&s, name));
	if (fits)
		print_saving(j, &s);
	else
		printf("lacks U+%04X%s", (unsigned)lacks, lacks > 0x7F ? "" : " (a control character)");
	puts(a == j->now.alphabet && national == j->now.national ? " (this one)" : "");
}

static void print_alphabets(const struct job *j)
{
	printf("alphabets\n");
	print_alphabet(j, j->o.coding_0 == TEXT_UCS2 ? TEXT_GSM7 : j->o.coding_0, 0);
	print_alphabet(j, TEXT_UCS2, 0);
	if (j->now.alphabet != TEXT_UCS2 && !j->now.national)
		return;
	for (unsigned id = 1; id <= TEXT_NATIONAL_MAX; id++)
		if (text_national_name(id))
			print_alphabet(j, TEXT_GSM7, id);
}

/* One character replaced everywhere, or all that can be (cp 0). false: it has no plain one. */
static bool print_replaced(const struct job *j, uint32_t cp, struct sv utf8)
{
	struct text_size s;
	struct buf b, one;
	size_t n;

	buf_init(&b, 8 * TEXT_MAX_UTF8);
	buf_init(&one, 100);
	n = text_plain_one(j->text, cp, &b);
	if (n > 0) {
		text_size_for(buf_sv(&b), &j->o, &s);
		if (cp) {
			(void)text_plain_one(utf8, cp, &one);
			fputs("  ", stdout);
			print_char(cp, utf8);
			printf(", %zu time%s, by \"%s\": ", n, plural(n), buf_str(&one));
		} else {
			printf("  all of them: ");
		}
		if (s.alphabet != j->now.alphabet || s.segments != j->now.segments) {
			char name[40];

			printf("%s, ", alphabet_name(&s, name));
			print_saving(j, &s);
			putchar('\n');
		} else {
			puts("saves nothing");
		}
	}
	buf_clear(&b);
	buf_clear(&one);
	return n > 0;
}

static void print_characters(const struct job *j)
{
	uint32_t seen[LISTED_MAX];
	size_t n = 0, replaced = 0;

	for (size_t at = 0; at < j->text.n && n < LISTED_MAX;) {
		size_t from = at, k = 0;
		uint32_t cp = text_next(j->text, &at);
		struct buf plain;

		while (k < n && seen[k] != cp)
			k++;
		buf_init(&plain, 100);
		if (k == n && text_plain((struct sv){j->text.p + from, at - from}, &plain) > 0) {
			if (n == 0)
				printf("replaced characters\n");
			seen[n++] = cp;
			replaced += print_replaced(j, cp, (struct sv){j->text.p + from, at - from});
		}
		buf_clear(&plain);
	}
	if (replaced > 1)
		(void)print_replaced(j, 0, SV(""));
}

/* ---- arguments ---- */

static int word_of(const char *word, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

static bool take_languages(const char *list, struct text_opts *o)
{
	while (*list) {
		size_t n = strcspn(list, ",");
		unsigned id = text_national_id((struct sv){list, n});

		if (n == 3 && memcmp(list, "all", 3) == 0)
			o->national = UINT16_MAX;
		else if (id)
			o->national |= (uint16_t)(1u << id);
		else
			return false;
		list += n + (list[n] == ',');
	}
	return true;
}

static bool take_link(const char *file, const char *name, struct job *j)
{
	struct options o = {0};
	struct buf text, err;
	bool found = false;

	if (!ctl_read(file, CONF_MAX, &text))
		return false;
	buf_init(&err, CONF_MAX);
	if (!options_read(file, buf_sv(&text), &o, &err))
		fputs(buf_str(&err), stderr);
	for (size_t i = 0; err.n == 0 && i < o.links.n; i++) {
		const struct opt_link *l = o.links.v[i];

		if (name && strcmp(l->name, name) != 0)
			continue;
		found = true;
		j->smart = l->smart_text;
		j->o = (struct text_opts){.coding_0 = (enum text_alphabet)l->alphabet_out,
		    .split = (enum text_split)l->long_messages,
		    .is_packed = l->gsm7_packed};
		for (size_t k = 0; k < l->national_shift.n; k++)
			(void)take_languages(l->national_shift.v[k], &j->o);
		break;
	}
	if (err.n == 0 && !found)
		fprintf(stderr, "dakiyactl: %s: there is no link %s\n", file, name ? name : "");
	options_clear(&o);
	buf_clear(&text);
	buf_clear(&err);
	return found;
}

/* 0, or the exit status. *text: the argument; file, link: of -c and --link. */
static int take_arguments(int argc, char **argv, struct job *j, const char **text, const char **file,
    const char **link)
{
	static const char *const alphabets[] = {"gsm7", "latin1", "ascii", "ucs2"};
	static const char *const splits[] = {"udh8", "udh16", "sar", "payload"};
	bool is_text = false;

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		int w = 0;

		if (is_text || a[0] != '-' || strcmp(a, "-") == 0) {
			if (*text)
				return ctl_misused("one text, in quotes");
			*text = a;
		} else if (strcmp(a, "--") == 0) {
			is_text = true;
		} else if (strcmp(a, "-c") == 0) {
			*file = ctl_value(argc, argv, &i);
		} else if (strcmp(a, "--link") == 0) {
			*link = ctl_value(argc, argv, &i);
		} else if (strcmp(a, "--alphabet-out") == 0) {
			w = word_of(ctl_value(argc, argv, &i), alphabets, 4);
			j->o.coding_0 = (enum text_alphabet)w;
		} else if (strcmp(a, "--long-messages") == 0) {
			w = word_of(ctl_value(argc, argv, &i), splits, 4);
			j->o.split = (enum text_split)w;
		} else if (strcmp(a, "--national-shift") == 0) {
			w = take_languages(ctl_value(argc, argv, &i), &j->o) ? 0 : -1;
		} else if (strcmp(a, "--gsm7-packed") == 0) {
			j->o.is_packed = true;
		} else if (strcmp(a, "--smart-text") == 0) {
			j->smart = true;
		} else {
			return ctl_misused("there is no option %s", a);
		}
		if (w < 0)
			return ctl_misused("%s cannot be %s", a, argv[i]);
	}
	return *text ? 0 : ctl_misused("which text?");
}

static int tell(struct job *j)
{
	struct buf smart;
	char name[40];
	int rc;

	buf_init(&smart, 8 * TEXT_MAX_UTF8);
	if (j->smart && text_smart(j->text, &j->o, &smart)) {
		printf("smart text ");
		print_text(buf_sv(&smart));
		putchar('\n');
		j->text = buf_sv(&smart);
	}
	text_size_for(j->text, &j->o, &j->now);
	printf("characters %zu\n", text_utf8_chars(j->text));
	printf("alphabet   %s, data_coding %u\n", alphabet_name(&j->now, name),
	    j->now.alphabet == TEXT_UCS2 ? 8 : 0);
	printf("units      %zu %s; one segment holds %zu, each of several %zu\n", j->now.units,
	    unit_name(j->now.alphabet), j->now.single, j->now.part);
	rc = print_parts(j);
	print_alphabets(j);
	print_characters(j);
	buf_clear(&smart);
	return rc;
}

int cmd_text(int argc, char **argv)
{
	struct job j = {.smart = false};
	const char *text = NULL, *file = NULL, *link = NULL;
	struct buf in;
	int rc = take_arguments(argc, argv, &j, &text, &file, &link);

	buf_init(&in, TEXT_MAX_UTF8);
	if (rc == 0 && link && !file)
		rc = ctl_misused("--link needs -c FILE");
	if (rc == 0 && file && !take_link(file, link, &j))
		rc = 1;
	if (rc == 0 && strcmp(text, "-") == 0) {
		buf_clear(&in);
		if (!ctl_read(text, TEXT_MAX_UTF8, &in))
			rc = 1;
		if (in.n > 0 && in.p[in.n - 1] == '\n') /* the shell's, not the text's */
			in.n--;
		j.text = buf_sv(&in);
	} else {
		j.text = sv_from(text);
	}
	if (rc == 0 && j.text.n > TEXT_MAX_UTF8) {
		fprintf(stderr, "dakiyactl: longer than %u octets\n", TEXT_MAX_UTF8);
		rc = 1;
	}
	if (rc == 0)
		rc = tell(&j);
	buf_clear(&in);
	return rc;
}
