/* SPDX-License-Identifier: BSD-2-Clause */
/* story.c - see story.h. */
#include "sim/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/pattern.h"

struct parse {
	struct story *out;
	struct buf *err;
	int line;
	uint64_t within_ms;
};

static void mistake(struct parse *p, const char *sentence)
{
	buf_addf(p->err, "%s:%d: %s\n", p->out->name, p->line, sentence);
}

static struct story_line *add(struct parse *p, enum line_kind kind, struct sv text)
{
	struct story *s = p->out;

	s->line = xrealloc(s->line, (s->n + 1) * sizeof(*s->line));
	s->line[s->n] =
	    (struct story_line){.kind = kind, .line = p->line, .text = xstrndup(text.p, text.n)};
	return &s->line[s->n++];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct sv trim(struct sv s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct sv word(struct sv *rest)
{
	struct sv w = {rest->p, 0};

	while (w.n < rest->n && !is_blank(w.p[w.n]))
		w.n++;
	*rest = trim((struct sv){rest->p + w.n, rest->n - w.n});
	return w;
}

static bool number(struct sv s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || *out > 100000000)
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0;
}

/* "500ms", "10s", "2m", "1h", "1d" */
static bool duration(struct sv s, uint64_t *ms)
{
	static const struct {
		struct sv unit;
		uint64_t ms;
	} units[] = {{{"ms", 2}, 1}, {{"s", 1}, 1000}, {{"m", 1}, 60000}, {{"h", 1}, 3600000},
	    {{"d", 1}, 86400000}};
	size_t digits = 0;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!sv_eq(units[i].unit, (struct sv){s.p + digits, s.n - digits}))
			continue;
		if (!number((struct sv){s.p, digits}, ms))
			return false;
		*ms *= units[i].ms;
		return true;
	}
	return false;
}

static void desk_call_next(struct parse *p, struct sv rest)
{
	struct sv token;
	uint64_t n;

	if (rest.n == 0) {
		(void)add(p, LINE_CALL_NEXT, rest);
		return;
	}
	if (!sv_is(word(&rest), "until")) {
		mistake(p, "after `desk call-next` comes nothing, `until {token}` or `until N ahead`");
		return;
	}
	token = word(&rest);
	if (token.n > 0 && rest.n == 0)
		(void)add(p, LINE_CALL_UNTIL, token);
	else if (number(token, &n) && sv_is(rest, "ahead"))
		add(p, LINE_CALL_AHEAD, rest)->n = n;
	else
		mistake(p, "after `until` comes a token such as {token}, or a number and `ahead`");
}

static void desk_used(struct parse *p, struct sv rest)
{
	struct sv id = word(&rest);

	if (id.n == 0 || (rest.n > 0 && !sv_is(rest, "prescription")))
		mistake(p,
		    "`desk used` wants a token id such as {token_id}, then nothing or `prescription`");
	else
		add(p, LINE_USED, id)->is_prescription = rest.n > 0;
}

static void line_desk(struct parse *p, struct sv rest)
{
	struct sv verb = word(&rest);
	uint64_t n;

	if (sv_is(verb, "call-next")) {
		desk_call_next(p, rest);
	} else if (sv_is(verb, "used")) {
		desk_used(p, rest);
	} else if (sv_is(verb, "missed") && rest.n > 0) {
		(void)add(p, LINE_MISSED, rest);
	} else if (sv_is(verb, "register-others") && number(rest, &n) && n <= 1000) {
		add(p, LINE_REGISTER_OTHERS, rest)->n = n;
	} else {
		mistake(p,
		    "the desk knows call-next, used <id>, missed <id> and register-others <number>");
	}
}

static void line_phone(struct parse *p, struct sv rest)
{
	bool ok = rest.n >= 10;

	for (size_t i = 0; i < rest.n; i++)
		ok = ok && ((rest.p[i] >= '0' && rest.p[i] <= '9') || rest.p[i] == '#');
	if (!ok)
		mistake(p, "a phone has at least ten digits; # is a random one");
	(void)add(p, LINE_PHONE, rest);
}

static void line_within(struct parse *p, struct sv rest)
{
	if (!duration(rest, &p->within_ms))
		mistake(p, "`within` wants a time such as 500ms, 10s or 2m");
}

static void line_quiet(struct parse *p, struct sv rest)
{
	uint64_t ms;

	if (duration(rest, &ms))
		add(p, LINE_QUIET, rest)->ms = ms;
	else
		mistake(p, "`quiet` wants a time such as 500ms, 10s or 2m");
}

static void line_send(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_SEND, rest);
}

static void line_sms(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_SMS, rest);
}

/* class: what stands right behind the "<" */
static void line_expect(struct parse *p, struct sv class, struct sv rest)
{
	static const char *const classes[] = {"", "otp", "alert", "reply", "info"};
	struct story_line *l;
	size_t i = 0;

	if (rest.n == 0 || !pattern_ok(rest))
		mistake(p, "no pattern, or a { without its name and }");
	while (i < sizeof(classes) / sizeof(classes[0]) && !sv_is(class, classes[i]))
		i++;
	if (i == sizeof(classes) / sizeof(classes[0])) {
		mistake(p, "behind the < stands nothing, or otp, alert, reply or info");
		return;
	}
	l = add(p, LINE_EXPECT, rest);
	l->ms = p->within_ms;
	snprintf(l->class, sizeof(l->class), "%s", classes[i]);
}

static void line_page(struct parse *p, enum line_kind kind, struct sv rest)
{
	if (!pattern_ok(rest))
		mistake(p, "a { without its name and }");
	add(p, kind, rest)->ms = p->within_ms;
}

static void line_screen(struct parse *p, struct sv rest)
{
	line_page(p, LINE_SCREEN, rest);
}

static void line_end(struct parse *p, struct sv rest)
{
	line_page(p, LINE_END, rest);
}

static void line_dial(struct parse *p, struct sv rest)
{
	if (rest.n < 3 || rest.p[0] != '*' || rest.p[rest.n - 1] != '#')
		mistake(p, "a code is dialled as *123# or *123*1*2#");
	(void)add(p, LINE_DIAL, rest);
}

static void line_redial(struct parse *p, struct sv rest)
{
	if (rest.n > 0)
		mistake(p, "`redial` dials the last code again");
	(void)add(p, LINE_DIAL, SV(""));
}

static void line_drop(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_DROP, rest);
}

static void line_wait(struct parse *p, struct sv rest)
{
	uint64_t ms;

	if (rest.n > 0 && rest.p[0] == '+')
		rest = (struct sv){rest.p + 1, rest.n - 1};
	if (duration(rest, &ms))
		add(p, LINE_WAIT, rest)->ms = ms;
	else
		mistake(p, "to wait takes a time such as 500ms, 10s, 2m, 1h or 1d");
}

static void line_to(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_TO, rest);
}

static void line_service(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_SERVICE, rest);
}

static void line_fault(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_FAULT, rest);
}

static void line_story(struct parse *p, struct sv rest)
{
	(void)add(p, LINE_STORY, rest);
}

static const struct {
	const char *word;
	void (*read)(struct parse *p, struct sv rest);
	bool may_be_empty;
} lines[] = {
    {">", line_send, true},
    {"phone", line_phone, true},
    {"dial", line_dial, false},
    {"redial", line_redial, true},
    {"screen", line_screen, false},
    {"end", line_end, false},
    {"drop", line_drop, true},
    {"gone", line_drop, true},
    {"wait", line_wait, true},
    {"@", line_wait, true},
    {"sms", line_sms, false},
    {"desk", line_desk, true},
    {"within", line_within, true},
    {"quiet", line_quiet, true},
    {"to", line_to, false},
    {"service", line_service, false},
    {"fault", line_fault, false},
    {"story", line_story, false},
};

/* What only the pure engine can be told, or asked. */
static const char *const engine_words[] = {"call", "answer", "away", "late", "event", "retry", "key",
    "=", "outcome", "defer", "life", "coalesce", "size", "packs", "limits", "stray", "unreadable",
    "damage", "stranger"};

static bool read_engine_line(struct parse *p, struct sv first, struct sv rest)
{
	for (size_t i = 0; i < sizeof(engine_words) / sizeof(engine_words[0]); i++)
		if (sv_is(first, engine_words[i])) {
			add(p, LINE_ENGINE, rest)->word = engine_words[i];
			return true;
		}
	return false;
}

static void read_line(struct parse *p, struct sv line)
{
	struct sv rest = trim(line), first;

	if (rest.n == 0 || rest.p[0] == '#')
		return;
	first = word(&rest);
	if (first.p[0] == '<') {
		line_expect(p, (struct sv){first.p + 1, first.n - 1}, rest);
		return;
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!sv_is(first, lines[i].word))
			continue;
		if (rest.n == 0 && !lines[i].may_be_empty)
			mistake(p, "something is missing after this word");
		else
			lines[i].read(p, rest);
		return;
	}
	if (!read_engine_line(p, first, rest))
		mistake(p, "no line of a conversation begins with this word");
}

bool story_parse(const char *name, struct sv text, struct story *out, struct buf *err)
{
	struct parse p = {.out = out, .err = err, .within_ms = STORY_WITHIN_MS};
	size_t mistakes = err->n, off = 0;

	*out = (struct story){.name = xstrdup(name)};
	while (off < text.n) {
		const char *nl = memchr(text.p + off, '\n', text.n - off);
		size_t n = nl ? (size_t)(nl - text.p) - off : text.n - off;

		p.line++;
		read_line(&p, (struct sv){text.p + off, n});
		off += n + 1;
	}
	if (out->n == 0)
		mistake(&p, "an empty story");
	return err->n == mistakes;
}

void story_clear(struct story *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->line[i].text);
	free(s->line);
	free(s->name);
	*s = (struct story){0};
}
