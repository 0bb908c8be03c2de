/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_dialogue.c - a walk through the shipped packs, told by lines of the input:
 *
 *	>text   !   (unreadable)   =201 json   (a call's answer)   ~   (away)   @   (an hour)
 *	?   (retry)   *token.called json   (event)
 *	%1*2   (dialled)   +text   (on USSD)   -   (the USSD session is gone)   ^   (late)   /2   (screen)
 *
 * Whatever is said: every text is answered, no turn says or asks more than the maxima, every reply
 * is within two segments, every turn on USSD ends with a screen within its limits, the session stays
 * small and reads back the same. */
#include "story.h"

#include "codec/text.h"
#include "engine/pager.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct walk {
	struct packs *packs;
	struct session *s;
	uint64_t now, turn;
	size_t replies, calls;
	bool is_open, needs_reply;
	bool is_ussd, was_ussd; /* this turn; it began so */
	struct screen_limits limits;
};

static void check_reply(const struct reply *r)
{
	enum text_alphabet a;
	size_t units, segments;

	assert(r->text && r->text[0] && r->text_id && r->dlt_template_id && r->lang && r->life_ms > 0);
	text_measure(sv_from(r->text), &a, &units, &segments);
	assert(segments <= 2);
}

static void commit(struct walk *w)
{
	struct buf a, b;

	buf_init(&a, 1 << 16);
	buf_init(&b, 1 << 16);
	session_encode(w->s, &a);
	session_free(w->s);
	w->s = session_decode(w->packs, buf_sv(&a));
	assert(w->s->lost == 0);
	session_encode(w->s, &b);
	assert(a.n <= 4096 && sv_eq(buf_sv(&a), buf_sv(&b)));
	buf_clear(&a);
	buf_clear(&b);
}

static void check_screen(const struct walk *w, const struct input *in, const struct step_result *r)
{
	unsigned units, holds;

	if (!w->is_ussd || r->has_call || in->kind == INPUT_USSD_GONE) {
		assert(!r->screen && !r->screen_ends);
		return;
	}
	assert(r->screen && r->screen[0]);
	units = screen_units(sv_from(r->screen), w->limits, &holds);
	assert(units <= holds);
}

static void feed(struct walk *w, struct input in)
{
	struct step_result r;

	if ((in.kind == INPUT_ANSWER) != w->is_open)
		return;
	if (in.kind != INPUT_ANSWER) {
		w->turn++;
		w->replies = w->calls = 0;
		w->needs_reply = in.kind == INPUT_TEXT || in.kind == INPUT_UNREADABLE;
		w->is_ussd = w->was_ussd = in.channel != NULL;
	}
	in.turn_id = w->turn;
	in.msisdn = "919812345678";
	in.channel = w->is_ussd ? "ussd" : "sms";
	in.screen = w->limits;
	dialogue_step(w->packs, w->s, &in, w->now, &r);
	for (size_t i = 0; i < r.reply_count; i++)
		check_reply(&r.reply[i]);
	w->replies += r.reply_count;
	w->calls += r.has_call;
	assert(r.outcome && r.service);
	assert(w->replies <= DIALOGUE_REPLIES_MAX && w->calls <= DIALOGUE_CALLS_MAX);
	check_screen(w, &in, &r);
	assert(r.has_call || w->replies > 0 || w->is_ussd || !(w->needs_reply || w->was_ussd));
	assert(!r.has_call || (r.call.path && r.call.key[0] && r.defer_at_ms == 0));
	w->is_open = r.has_call;
	step_result_clear(&r);
	if (!w->is_open)
		commit(w);
}

static json_t *json_part(struct sv line)
{
	const char *at = line.n ? memchr(line.p, '{', line.n) : NULL;

	return at ? json_loadb(at, line.n - (size_t)(at - line.p), 0, NULL) : NULL;
}

static void answer(struct walk *w, struct sv line)
{
	json_t *body = json_part(line);
	char digits[4] = {0};

	for (size_t i = 0; i < 3 && i < line.n; i++)
		digits[i] = line.p[i];
	feed(w, (struct input){
		    .kind = INPUT_ANSWER, .status = (int)strtol(digits, NULL, 10), .data = body});
	json_decref(body);
}

static void event(struct walk *w, struct sv line)
{
	json_t *data = json_part(line);
	struct sv type = line;

	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == ' ') {
			type.n = i;
			break;
		}
	feed(w, (struct input){.kind = INPUT_EVENT,
		    .event_service = SV("esanjeevani"),
		    .event_type = type,
		    .data = data});
	json_decref(data);
}

static void ussd_line(struct walk *w, char what, struct sv rest)
{
	static const struct screen_limits size[] = {{SCREEN_GSM7_MAX, SCREEN_UCS2_MAX},
	    {SCREEN_GSM7_MIN, SCREEN_UCS2_MIN}, {0, 0}, {160, 70}, {40, 30}, {16, 8}};
	struct input in = {.kind = INPUT_TEXT, .channel = "ussd", .text = rest};

	switch (what) {
	case '%':
		in.kind = INPUT_USSD_BEGIN;
		break;
	case '-':
		in.kind = INPUT_USSD_GONE;
		break;
	case '^':
		w->is_ussd = w->is_ussd && !w->is_open;
		return;
	case '/':
		if (rest.n > 0 && !w->is_open)
			w->limits = size[(unsigned char)rest.p[0] % 6u];
		return;
	default:
		break;
	}
	feed(w, in);
}

static void line(struct walk *w, struct sv l)
{
	struct sv rest = {l.p + 1, l.n ? l.n - 1 : 0};

	switch (l.n ? l.p[0] : '>') {
	case '!':
		feed(w, (struct input){.kind = INPUT_UNREADABLE});
		break;
	case '=':
		answer(w, rest);
		break;
	case '~':
		feed(w, (struct input){.kind = INPUT_ANSWER, .away = true});
		break;
	case '@':
		w->now += 3600000;
		break;
	case '?':
		feed(w, (struct input){.kind = INPUT_RETRY});
		break;
	case '*':
		event(w, rest);
		break;
	case '%':
	case '+':
	case '-':
	case '^':
	case '/':
		ussd_line(w, l.p[0], rest);
		break;
	case '>':
		feed(w, (struct input){.kind = INPUT_TEXT, .text = rest});
		break;
	default:
		feed(w, (struct input){.kind = INPUT_TEXT, .text = l});
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct packs *packs; /* compiled once; a process of its own */
	const char *root = getenv("DK_SRCDIR");
	struct walk w = {.now = 1795329000000, .s = session_new(), .limits = {182, 80}};

	if (!packs)
		packs = load_packs(root ? root : ".", "services");
	w.packs = packs;
	for (size_t at = 0; at < n;) {
		const uint8_t *end = memchr(p + at, '\n', n - at);
		size_t len = end ? (size_t)(end - (p + at)) : n - at;

		line(&w, (struct sv){(const char *)p + at, len});
		at += len + 1;
	}
	while (w.is_open) /* the turn comes to its end, whatever the backend does */
		feed(&w, (struct input){.kind = INPUT_ANSWER, .status = 599});
	session_free(w.s);
	return 0;
}
