/* SPDX-License-Identifier: BSD-2-Clause */
/* conv_run.c - plays conversations (see docs/conversations.md) through the pure engine; lines that are only
 * for a network and a clinic are skipped. The session is encoded and decoded between turns, as the store does it. With --torture each step
 * is also run again from the stored session, as after a crash, and must do exactly the same. */
#include "story.h"

#include "codec/msisdn.h"
#include "engine/dlt.h"
#include "sim/story.h"

#include <stdio.h>
#include <stdlib.h>

static bool matches(struct conv *y, const char *pattern, const char *s)
{
	return pattern_match(sv_from(pattern), sv_from(s), &y->vars);
}

/* What is sent matches its registered template: the portals would refuse it otherwise. */
static void check_template(struct conv *y, const struct reply *r)
{
	const struct dlt_message m = {.text_id = sv_from(r->text_id),
	    .lang = sv_from(r->lang),
	    .template_id = sv_from(r->dlt_template_id),
	    .text = sv_from(r->text),
	    .var_max = SHOW_CHARS_MAX};
	struct dlt_result d = dlt_check(y->r.packs, &m);

	if (d.code != DLT_GOOD || d.is_unknown)
		fail(y, "the reply does not match its DLT template", r->text);
}

static void expect_reply(struct conv *y, const struct story_line *l)
{
	const struct reply *r = &y->r.res.reply[y->seen];

	if (y->seen == y->r.res.reply_count)
		fail(y, "no such reply came", l->text);
	if (l->class[0] && strcmp(l->class, msg_class_name(r->class)) != 0)
		fail(y, "the class is another one", msg_class_name(r->class));
	if (!matches(y, l->text, r->text))
		fail(y, "the reply is another one", r->text);
	check_template(y, r);
	y->seen++;
}

/* Every member of want is in have. */
static bool is_subset(const json_t *want, const json_t *have)
{
	const char *k;
	json_t *v;

	if (!json_is_object(want))
		return json_equal(want, have);
	json_object_foreach((json_t *)(uintptr_t)want, k,
	    v) if (!is_subset(v, json_object_get(have, k))) return false;
	return true;
}

static void check_body(const struct conv *y, const json_t *want, const struct call *c)
{
	json_t *have = json_loads(c->body ? c->body : "null", JSON_DECODE_ANY, NULL);

	if (!want || !is_subset(want, have))
		fail(y, "the call's body is another one", c->body);
	json_decref(have);
}

/* With the names put in; owned. */
static char *expanded(const struct conv *y, const char *text)
{
	struct buf b;
	char *out;

	buf_init(&b, 1 << 16);
	if (!vars_expand(&y->vars, sv_from(text), &b))
		fail(y, "a name in this line is not known yet", text);
	out = xstrdup(buf_str(&b));
	buf_clear(&b);
	return out;
}

static void expect_call(struct conv *y, const char *arg)
{
	const struct call *c = &y->r.res.call;
	char *want_line = expanded(y, arg), *json = strchr(want_line, '{'), *line;
	json_t *want;

	if (!y->r.res.has_call)
		fail(y, "no call was made", NULL);
	line = xasprintf("%s %s%s", c->method, c->path, json ? " " : "");
	if (json ? strlen(line) != (size_t)(json - want_line) ||
		       strncmp(line, want_line, strlen(line)) != 0
		 : strcmp(line, want_line) != 0)
		fail(y, "another call was made", line);
	free(line);
	y->is_call_seen = true;
	want = json ? json_loads(json, 0, NULL) : NULL;
	if (json)
		check_body(y, want, c);
	free(want_line);
	json_decref(want);
}

static uint64_t ms(const struct conv *y, const char *s)
{
	char *unit;
	unsigned long long v = strtoull(s + (*s == '+'), &unit, 10);

	switch (*unit) {
	case 's':
		return v * 1000;
	case 'm':
		return v * 60000;
	case 'h':
		return v * 3600000;
	case 'd':
		return v * 86400000;
	default:
		fail(y, "a time is a number and s, m, h or d", s);
	}
}

static void expect_state(struct conv *y, const char *arg)
{
	struct buf b;

	buf_init(&b, 4096);
	rehearsal_where(&y->r, &b);
	if (strcmp(buf_str(&b), arg) != 0)
		fail(y, "the session stands elsewhere", buf_str(&b));
	buf_clear(&b);
}

/* A name stands for the first key it is given, from then on. */
static void expect_key(struct conv *y, const char *arg)
{
	bool is_other = *arg == '!';
	unsigned i = (unsigned)(arg[is_other] - 'A');

	if (i >= KEYS_MAX || !y->r.res.has_call)
		fail(y, "key A to H, after a call", arg);
	if (!y->key[i][0])
		memcpy(y->key[i], y->r.res.call.key, sizeof(y->key[i]));
	if ((strcmp(y->key[i], y->r.res.call.key) == 0) == is_other)
		fail(y, "the idempotency key is another one than said", y->r.res.call.key);
}

static void expect_defer(struct conv *y, const char *arg)
{
	uint64_t at = strcmp(arg, "none") == 0 ? 0 : y->r.now_ms + ms(y, arg);

	if (y->r.res.defer_at_ms != at)
		fail(y, "the next retry is at another time", arg);
}

static void do_packs(struct conv *y, const char *dirs)
{
	const char *root = getenv("DK_SRCDIR");

	all_seen(y);
	step_result_clear(&y->r.res);
	y->seen = 0;
	packs_free(y->packs);
	y->r.packs = y->packs = load_packs(root ? root : ".", dirs);
}

static void do_text(struct conv *y, const char *arg)
{
	step(y, (struct input){.kind = INPUT_TEXT, .text = sv_from(expanded(y, arg))});
}

static void do_unreadable(struct conv *y, const char *arg)
{
	step(y, (struct input){.kind = INPUT_UNREADABLE, .text = sv_from(xstrdup(arg ? arg : ""))});
}

static void do_retry(struct conv *y, const char *arg)
{
	(void)arg;
	step(y, (struct input){.kind = INPUT_RETRY});
}

static void do_away(struct conv *y, const char *arg)
{
	(void)arg;
	step(y, (struct input){.kind = INPUT_ANSWER, .away = true});
}

static void do_answer(struct conv *y, const char *arg)
{
	const char *body = strchr(arg, ' ');

	step(y, (struct input){.kind = INPUT_ANSWER,
		    .status = (int)strtol(arg, NULL, 10),
		    .data = body ? json_loads(body, JSON_DECODE_ANY, NULL) : NULL});
}

static void do_event(struct conv *y, const char *arg)
{
	const char *json = strchr(arg, ' ');
	size_t n = json ? (size_t)(json - arg) : strlen(arg);
	const char *colon = memchr(arg, ':', n);
	struct input in = {.kind = INPUT_EVENT, .event_service = SV("esanjeevani")};

	if (colon) { /* "bihar:token.called"; without it the main service */
		in.event_service = (struct sv){arg, (size_t)(colon - arg)};
		n -= (size_t)(colon + 1 - arg);
		arg = colon + 1;
	}
	in.event_type = (struct sv){xstrndup(arg, n), n};
	in.data = json ? json_loads(json, 0, NULL) : NULL;
	if (json && !in.data)
		fail(y, "this is no JSON", json);
	step(y, in);
}

static void do_dial(struct conv *y, const char *arg)
{
	step_begin(y);
	if (!rehearsal_dial(&y->r, arg))
		fail(y, "a code is dialled while no call is out", arg);
	step_done(y);
}

static void do_drop(struct conv *y, const char *why)
{
	bool was_calling = y->r.res.has_call;

	if (!was_calling)
		step_begin(y);
	rehearsal_drop(&y->r, why);
	if (!was_calling)
		step_done(y);
}

static void do_late(struct conv *y, const char *arg)
{
	(void)arg;
	if (!y->r.on_ussd || !y->r.res.has_call)
		fail(y, "late is said of a call of a USSD turn", NULL);
	y->r.is_late = true;
}

static void do_sms(struct conv *y, const char *arg)
{
	bool was_open = y->r.on_ussd;

	y->r.on_ussd = false;
	do_text(y, arg);
	y->r.on_ussd = was_open;
}

/* A reply of a USSD session that is over, or that another process began. */
static void do_stray(struct conv *y, const char *arg)
{
	y->r.on_ussd = true;
	y->r.is_late = false;
	do_text(y, arg);
}

static void do_limits(struct conv *y, const char *arg)
{
	char *end;

	y->r.limits.gsm7_septets = (unsigned)strtoul(arg, &end, 10);
	y->r.limits.ucs2_units = (unsigned)strtoul(end, NULL, 10);
}

/* What was dialled last is dialled again, after hanging up where something is open. */
static void do_redial(struct conv *y)
{
	if (!y->code[0])
		fail(y, "nothing was dialled before", NULL);
	if (rehearsal_is_open(&y->r))
		do_drop(y, "");
	do_dial(y, y->code);
}

static void expect_page(struct conv *y, const char *arg, bool ends)
{
	if (!y->r.res.screen)
		fail(y, "there is no screen", NULL);
	if (y->r.res.screen_ends != ends)
		fail(y, ends ? "the session goes on" : "the session ends", y->r.res.screen);
	if (!matches(y, arg, y->r.res.screen))
		fail(y, "the screen is another one", y->r.res.screen);
	y->is_screen_seen = true;
}

static void do_damage(struct conv *y, const char *arg)
{
	size_t at = strtoul(arg, NULL, 10);

	if (at >= y->r.blob.n)
		fail(y, "the session is shorter", arg);
	y->r.blob.p[at] = (char)(y->r.blob.p[at] ^ 0x15);
}

static void do_phone(struct conv *y, const char *arg)
{
	char *number = xstrdup(arg);

	for (char *c = number; *c; c++)
		if (*c == '#')
			*c = '5';
	if (!msisdn_normalise(sv_from(number), 0, y->r.msisdn))
		fail(y, "this is no phone number", arg);
	vars_set(&y->vars, SV("phone"), sv_from(y->r.msisdn));
	free(number);
}

/* Somebody of whom nothing is known writes from now on. */
static void do_stranger(struct conv *y, const char *arg)
{
	buf_reset(&y->r.blob);
	do_phone(y, arg);
}

static void expect_outcome(struct conv *y, const char *arg)
{
	if (strcmp(y->r.res.outcome, arg) != 0)
		fail(y, "the outcome is another one", y->r.res.outcome);
}

static void expect_size(struct conv *y, const char *arg)
{
	if (y->r.blob.n > strtoul(arg, NULL, 10))
		fail(y, "the stored session is longer", arg);
}

static void expect_life(struct conv *y, const char *arg)
{
	if (y->seen == 0 || y->r.res.reply[y->seen - 1].life_ms != ms(y, arg))
		fail(y, "the reply's life is another one", arg);
}

static void expect_coalesce(struct conv *y, const char *arg)
{
	const char *c = y->seen > 0 ? y->r.res.reply[y->seen - 1].coalesce : NULL;

	if (strcmp(c ? c : "none", arg) != 0)
		fail(y, "the reply's coalesce key is another one", c);
}

static const struct {
	const char *name;
	void (*fn)(struct conv *y, const char *arg);
} verb[] = {
    {"unreadable", do_unreadable},
    {"event", do_event},
    {"retry", do_retry},
    {"answer", do_answer},
    {"away", do_away},
    {"late", do_late},
    {"stray", do_stray},
    {"limits", do_limits},
    {"packs", do_packs},
    {"damage", do_damage},
    {"stranger", do_stranger},
    {"call", expect_call},
    {"=", expect_state},
    {"key", expect_key},
    {"defer", expect_defer},
    {"outcome", expect_outcome},
    {"size", expect_size},
    {"life", expect_life},
    {"coalesce", expect_coalesce},
};

static void play_engine_line(struct conv *y, const struct story_line *l)
{
	for (size_t i = 0; i < sizeof(verb) / sizeof(verb[0]); i++)
		if (strcmp(verb[i].name, l->word) == 0) {
			verb[i].fn(y, l->text);
			return;
		}
	fail(y, "no such verb", l->word);
}

static void play_line(struct conv *y, const struct story_line *l)
{
	switch (l->kind) {
	case LINE_PHONE:
		do_phone(y, l->text);
		break;
	case LINE_SEND:
		do_text(y, l->text);
		break;
	case LINE_SMS:
		do_sms(y, l->text);
		break;
	case LINE_EXPECT:
		expect_reply(y, l);
		break;
	case LINE_DIAL:
		if (!l->text[0]) {
			do_redial(y);
			break;
		}
		(void)snprintf(y->code, sizeof(y->code), "%s", l->text);
		do_dial(y, l->text);
		break;
	case LINE_SCREEN:
	case LINE_END:
		expect_page(y, l->text, l->kind == LINE_END);
		break;
	case LINE_DROP:
		do_drop(y, l->text);
		break;
	case LINE_WAIT:
		y->r.now_ms += l->ms;
		break;
	case LINE_ENGINE:
		play_engine_line(y, l);
		break;
	case LINE_STORY:
	case LINE_TO:
	case LINE_SERVICE:
	case LINE_QUIET:
	case LINE_REGISTER_OTHERS:
	case LINE_CALL_NEXT:
	case LINE_CALL_UNTIL:
	case LINE_CALL_AHEAD:
	case LINE_USED:
	case LINE_MISSED:
	case LINE_FAULT:
		break;
	}
}

static void play(const char *file, bool is_torture)
{
	struct conv y = {
	    .file = file, .is_torture = is_torture, .prints = getenv("DK_SCREENS") != NULL};
	char *text = read_file(file);
	struct story s;
	struct buf err;

	buf_init(&err, 1 << 16);
	if (!story_parse(file, sv_from(text), &s, &err)) {
		fputs(buf_str(&err), stderr);
		exit(1);
	}
	rehearsal_init(&y.r, NULL, "919812345678", 1795329000000);
	y.r.limits = (struct screen_limits){SCREEN_GSM7_MAX, SCREEN_UCS2_MIN};
	do_packs(&y, "services");
	for (size_t i = 0; i < s.n; i++) {
		y.line = s.line[i].line;
		play_line(&y, &s.line[i]);
	}
	all_seen(&y);
	rehearsal_clear(&y.r);
	packs_free(y.packs);
	vars_clear(&y.vars);
	story_clear(&s);
	buf_clear(&err);
	free(text);
}

int main(int argc, char **argv)
{
	bool is_torture = argc > 1 && strcmp(argv[1], "--torture") == 0;

	for (int i = is_torture ? 2 : 1; i < argc; i++)
		play(argv[i], is_torture);
	printf("%d stories%s\n", argc - (is_torture ? 2 : 1),
	    is_torture ? ", each turn run again at every step" : "");
	return argc > (is_torture ? 2 : 1) ? 0 : 1;
}
