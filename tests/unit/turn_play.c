/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_play.c - conversations in the small world; see turn_play.h. */
/* Before cmocka, whose fail() is a macro. */
#include "story.h"

#include "turn_play.h"

#include <stdio.h>
#include <stdlib.h>

#define DIALS_MAX 3u /* until the person gives up */
#define TTL_MS 180000u
#define REPEAT_MS 60000u

struct play {
	const struct tale *tale;
	const struct heard *want;
	struct heard *out;
	struct world w;
	bool is_used[SCRIPT_MAX];
	struct buf said;
	char number[24];
	/* the USSD session */
	bool by_inputs, is_open, is_lost;
	uint64_t session, step;
	char inputs[600], code[80];
	size_t dialled,
	    last; /* acts: that which began the session, that whose screen the first one saw last */
};

/* ---- reading ---- */

static void add_answer(struct tale *t, const struct story_line *l, bool is_late)
{
	const char *end = l->text + strcspn(l->text, "?{");

	assert_true(t->script_n < SCRIPT_MAX);
	while (end > l->text && end[-1] == ' ')
		end--;
	t->script[t->script_n].call = l->text;
	t->script[t->script_n].n = (size_t)(end - l->text);
	t->script[t->script_n++].is = (struct answer){.is_away = true, .is_late = is_late};
}

static void read_line(struct tale *t, const struct story_line *l, bool *is_calling)
{
	struct answer *is = t->script_n > 0 ? &t->script[t->script_n - 1].is : NULL;
	const char *body;

	t->is_ussd |= l->kind == LINE_DIAL;
	if (*is_calling && l->kind == LINE_DROP)
		is->is_late = true;
	if (l->kind != LINE_ENGINE)
		return;
	if (strcmp(l->word, "call") == 0) {
		add_answer(t, l, false);
		*is_calling = true;
	} else if (*is_calling && strcmp(l->word, "late") == 0) {
		is->is_late = true;
	} else if (*is_calling && strcmp(l->word, "away") == 0) {
		t->is_away = true;
		*is_calling = false;
	} else if (*is_calling && strcmp(l->word, "answer") == 0) {
		body = strchr(l->text, ' ');
		is->status = (int)strtol(l->text, NULL, 10);
		is->is_away = is->status >= 500; /* no answer either: asked again */
		t->is_away |= is->is_away;
		is->body = body ? xstrdup(body + 1) : NULL;
		*is_calling = false;
	}
}

void tale_read(struct tale *t, const char *file, packs_fn *fn, void *arg)
{
	char *text = read_file(file);
	const struct packs *now = fn(arg, "services");
	bool is_calling = false;
	struct buf err;

	*t = (struct tale){0};
	buf_init(&err, 1 << 16);
	if (!story_parse(file, sv_from(text), &t->s, &err))
		fail_msg("%s", buf_str(&err));
	t->packs = xcalloc(t->s.n, sizeof(*t->packs));
	for (size_t i = 0; i < t->s.n; i++) {
		const struct story_line *l = &t->s.line[i];

		if (l->kind == LINE_ENGINE && strcmp(l->word, "packs") == 0)
			now = fn(arg, l->text);
		t->packs[i] = now;
		read_line(t, l, &is_calling);
	}
	buf_clear(&err);
	free(text);
}

void tale_clear(struct tale *t)
{
	for (size_t i = 0; i < t->script_n; i++)
		free((char *)(uintptr_t)t->script[i].is.body);
	free(t->packs);
	story_clear(&t->s);
}

/* ---- the backend: what the file says next of such a call, then what it said last ---- */

static void answer(void *arg, const struct call *c, struct answer *out)
{
	struct play *p = arg;
	const struct tale *t = p->tale;
	char *line = xasprintf("%s %s", c->method, c->path);
	size_t found = t->script_n;

	for (size_t i = 0; i < t->script_n; i++)
		if (strncmp(line, t->script[i].call, t->script[i].n) == 0 &&
		    (!p->is_used[i] || !t->script[i].is.is_away)) {
			found = i;
			if (!p->is_used[i])
				break;
		}
	free(line);
	*out = (struct answer){.status = 404, .body = "{\"code\":\"not-registered\"}"};
	if (found == t->script_n) {
		p->out->unscripted++;
		return;
	}
	p->out->answers += !p->is_used[found];
	p->is_used[found] = true;
	*out = t->script[found].is;
}

/* ---- messages ---- */

static void on_said(void *arg, uint64_t id, unsigned class, const struct out_record *r)
{
	struct play *p = arg;
	struct heard *o = p->out;

	for (size_t i = 0; i < o->acts; i++)
		o->act[i].messages += id > o->act[i].from && id < o->act[i].to + TURN_ID_STEP;
	if (sv_is(r->text_id, "common/kept"))
		o->kept++;
	else
		buf_addf(&p->said, "%u " SV_FMT ": " SV_FMT "\f\n", class, SV_ARG(r->text_id),
		    SV_ARG(r->text));
}

/* Who speaks from now on is another person, who comes when all of the one before is over. */
static void next_person(struct play *p, const char *number)
{
	const struct plan *f = p->w.plan;
	/* After a death the outbox is read again; a screen's turn has no inbox entry either. */
	bool all_sent = f[0].wrong < DEAD_BEFORE && f[1].wrong < DEAD_BEFORE && !p->tale->is_ussd;

	world_settle(&p->w);
	world_said(&p->w, all_sent, on_said, p);
	if (!number)
		return;
	snprintf(p->number, sizeof(p->number), "91%s", number + (strlen(number) > 10 ? 2 : 0));
	for (char *c = p->number; *c; c++)
		*c = *c == '#' ? '5' : *c;
	p->w.who = p->number;
	p->is_open = p->is_lost = false;
}

/* ---- USSD ---- */

static void ussd(struct play *p, enum ussd_how how, enum input_kind kind, const char *text)
{
	struct ussd_step u = {.how = how,
	    .net = p->session,
	    .step = ++p->step,
	    .repeat_ms = REPEAT_MS,
	    .ttl_ms = TTL_MS,
	    .is_unique = true,
	    .limits = p->w.limits};

	if (p->by_inputs && how != USSD_GONE) {
		size_t n = how == USSD_BEGIN ? 0 : strlen(p->inputs);

		snprintf(p->inputs + n, sizeof(p->inputs) - n, "%s%s", n > 0 ? "*" : "", text);
		text = p->inputs;
		u.how = USSD_INPUTS;
		u.step = ussd_hash(0, sv_from(text));
		u.step_octets = strlen(text);
		u.repeat_ms = 0;
	}
	p->w.screen[0] = '\0';
	world_ussd(&p->w, &u, kind, text);
	p->is_open = how != USSD_GONE && !p->w.screen_ends;
	if (how != USSD_GONE)
		assert_true(p->w.screen[0] != '\0');
}

static void dial(struct play *p, const char *code)
{
	const char *star = strchr(code + 1, '*');
	char *inputs = star ? xstrndup(star + 1, strlen(star) - 2) : xstrdup("");

	p->session++;
	p->out->dials++;
	ussd(p, USSD_BEGIN, INPUT_TEXT, inputs);
	free(inputs);
}

static bool stands_at(const struct play *p, size_t act)
{
	return p->is_open != p->want->act[act].ends && p->want->act[act].screen &&
	       strcmp(p->w.screen, p->want->act[act].screen) == 0;
}

/* What was begun may be gone on with, or thrown away. */
static bool is_offered(const struct play *p)
{
	return p->is_open && (strstr(p->w.screen, "1 Continue") || strstr(p->w.screen, "1 आगे बढ़ें"));
}

/* All again, as it was done since the code was dialled, as long as the screens are those of then. */
static void begin_again(struct play *p)
{
	size_t i = p->dialled;

	dial(p, p->code);
	if (is_offered(p) && !stands_at(p, i)) {
		ussd(p, USSD_NEXT, INPUT_TEXT, "2");
		dial(p, p->code);
	}
	while (i < p->last && stands_at(p, i)) {
		do
			i++;
		while (!p->want->act[i].on_ussd);
		ussd(p, USSD_NEXT, INPUT_TEXT, p->want->act[i].text);
	}
}

/* "Not now, please dial later." */
static bool is_put_off(const struct play *p)
{
	return strcmp(p->w.screen, dialogue_last_screen(p->w.packs, "hi", SCREEN_AWAY)) == 0 ||
	       strcmp(p->w.screen, dialogue_last_screen(p->w.packs, "en", SCREEN_AWAY)) == 0;
}

/* The first one saw a screen and pressed something, which is this act. This one gets to the same screen, if need be
 * by dialling again and going on with what was begun, or else from the start; or past it, as what was pressed had
 * been taken though no screen said so. */
static void press(struct play *p, enum input_kind kind, const char *text)
{
	size_t act = p->out->acts;

	for (unsigned i = 0; !p->is_lost; i++) {
		if (!p->want || stands_at(p, p->last)) {
			ussd(p, USSD_NEXT, p->by_inputs ? INPUT_TEXT : kind, text);
			if (!p->want || !is_put_off(p) || stands_at(p, act))
				return;
		}
		p->is_lost = i == DIALS_MAX;
		world_settle(&p->w);
		dial(p, "*1#");
		if (is_offered(p))
			ussd(p, USSD_NEXT, INPUT_TEXT, "1");
		if (stands_at(p, act))
			return;
		if (!stands_at(p, p->last))
			begin_again(p);
	}
	p->out->is_lost = true;
}

/* ---- what the person does ---- */

static void begin_act(struct play *p, bool on_ussd, const char *text)
{
	struct heard *o = p->out;

	assert_true(o->acts < ACTS_MAX);
	o->act[o->acts].on_ussd = on_ussd;
	o->act[o->acts].text = text;
	o->act[o->acts].from = p->w.last_id + TURN_ID_STEP;
}

static void end_act(struct play *p)
{
	struct heard *o = p->out;

	if (o->act[o->acts].on_ussd) {
		o->act[o->acts].screen = xstrdup(p->w.screen);
		o->act[o->acts].ends = p->w.screen_ends;
		p->last = o->acts;
	}
	if (!p->is_open)
		world_settle(&p->w);
	o->act[o->acts++].to = p->w.last_id;
}

static void do_dial(struct play *p, const char *code)
{
	if (code[0])
		snprintf(p->code, sizeof(p->code), "%s", code);
	else if (p->is_open)
		ussd(p, USSD_GONE, INPUT_USSD_GONE, "");
	world_settle(&p->w);
	p->is_lost = false;
	p->dialled = p->out->acts;
	begin_act(p, true, p->code);
	dial(p, p->code);
	for (unsigned i = 0; i < DIALS_MAX && is_put_off(p); i++)
		dial(p, p->code);
	end_act(p);
}

static void do_typed(struct play *p, enum input_kind kind, const char *text, bool is_sms)
{
	bool on_ussd = !is_sms && (p->want ? p->want->act[p->out->acts].on_ussd : p->is_open);

	begin_act(p, on_ussd, text);
	if (!on_ussd)
		world_sms(&p->w, kind, text);
	else
		press(p, kind, text);
	end_act(p);
}

static void do_event(struct play *p, const char *line)
{
	const char *json = strchr(line, ' ');
	struct sv type = {line, json ? (size_t)(json - line) : strlen(line)},
		  service = SV("esanjeevani");
	const char *colon = memchr(type.p, ':', type.n);

	if (colon) {
		service = (struct sv){line, (size_t)(colon - line)};
		type = (struct sv){colon + 1, type.n - service.n - 1};
	}
	begin_act(p, false, line);
	world_event(&p->w, service, type, json ? sv_from(json + 1) : SV("{}"));
	end_act(p);
}

static void do_engine(struct play *p, const struct story_line *l)
{
	char *end;

	if (strcmp(l->word, "event") == 0)
		do_event(p, l->text);
	else if (strcmp(l->word, "unreadable") == 0)
		do_typed(p, INPUT_UNREADABLE, l->text, false);
	else if (strcmp(l->word, "stranger") == 0)
		next_person(p, l->text);
	else if (strcmp(l->word, "limits") == 0) {
		p->w.limits.gsm7_septets = (unsigned)strtoul(l->text, &end, 10);
		p->w.limits.ucs2_units = (unsigned)strtoul(end, NULL, 10);
	}
}

static void do_line(struct play *p, const struct story_line *l)
{
	if (l->kind == LINE_PHONE)
		next_person(p, l->text);
	else if (l->kind == LINE_SEND || l->kind == LINE_SMS)
		do_typed(p, INPUT_TEXT, l->text, l->kind == LINE_SMS);
	else if (l->kind == LINE_DIAL)
		do_dial(p, l->text);
	else if (l->kind == LINE_DROP && p->is_open)
		ussd(p, USSD_GONE, INPUT_USSD_GONE, "");
	else if (l->kind == LINE_WAIT)
		p->w.now += l->ms;
	else if (l->kind == LINE_ENGINE)
		do_engine(p, l);
}

void tale_play(const struct tale *t, bool by_inputs, struct plan one, struct plan two,
    const struct heard *want, struct heard *out)
{
	struct play p = {.tale = t, .want = want, .out = out, .by_inputs = by_inputs, .session = 1000};

	*out = (struct heard){0};
	buf_init(&p.said, SAID_MAX);
	world_open(&p.w, NULL, answer, &p, one, two);
	for (size_t i = 0; i < t->s.n; i++) {
		p.w.packs = t->packs[i];
		do_line(&p, &t->s.line[i]);
	}
	next_person(&p, NULL);
	out->said = buf_take(&p.said);
	out->writes = p.w.writes;
	out->effects = p.w.effects;
	memcpy(out->could, p.w.could, sizeof(out->could));
	out->happened = p.w.happened;
	out->calls_away = p.w.calls_away;
	out->told_ok = p.w.told_ok;
	out->told_again = p.w.told_again;
	world_close(&p.w);
}

void heard_clear(struct heard *h)
{
	for (size_t i = 0; i < h->acts; i++)
		free(h->act[i].screen);
	free(h->said);
}
