/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c - the story player; see play.h. Steps run one after the other; the first that fails
 * ends the story. */
#include "sim/play.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "base/clock.h"
#include "codec/msisdn.h"
#include "sim/ctl.h"
#include "sim/desk.h"
#include "sim/pattern.h"
#include "sim/screen.h"
#include "sim/ussd_call.h"

#define ANSWER_MS 5000u /* the message centre itself answers at once */
#define CALLS_MAX 2000u /* of call-next in one step */
#define WAIT_MAX_MS 10000u /* of one `wait`: further only the engine's clock can be moved */
#define SOME_PHONE "98########"
#define LAST_QUIET_MS 500u /* after the story: nothing more may come */

struct kept {
	char *from, *text; /* owned */
	STAILQ_ENTRY(kept) link;
};

enum page { PAGE_NONE, PAGE_MORE, PAGE_END, PAGE_EITHER, PAGE_LOST };

struct play {
	const struct play_conf *cf;
	const struct story *story;
	const struct story_line *line;
	struct ctl *ctl;
	struct desk *desk;
	struct vars vars;
	char phone[24], dialled[64]; /* dialled: last */
	struct ussd_call *http; /* NULL: USSD by the centre */
	bool in_ussd;
	enum page page; /* not yet looked at */
	char *page_text; /* owned */
	STAILQ_HEAD(, kept) kept;
	struct kept *shown; /* what next_sms gave out of kept last */
};

static bool fail(struct play *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool fail(struct play *p, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	printf("FAILED %s:%d: ", p->story->name, p->line->line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return false;
}

/* The step's text with the names put in. NULL: one is not known yet (said). */
static char *expanded(struct play *p)
{
	struct buf b;
	char *text;

	buf_init(&b, 64u << 10);
	if (!vars_expand(&p->vars, sv_from(p->line->text), &b)) {
		buf_clear(&b);
		fail(p, "%s: a name in this line is not known yet", p->line->text);
		return NULL;
	}
	text = xstrdup(buf_str(&b));
	buf_clear(&b);
	return text;
}

/* ---- the phone ---- */

/* A text that comes while the centre is being told something waits for its expectation. */
static void keep(struct play *p, const struct ctl_line *l)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->from = xstrndup(l->from.p, l->from.n);
	k->text = xstrndup(l->text.p, l->text.n);
	STAILQ_INSERT_TAIL(&p->kept, k, link);
}

/* What a session has come to waits in the same way. */
static void keep_page(struct play *p, enum page page, struct sv text)
{
	free(p->page_text);
	p->page = page;
	p->page_text = xstrndup(text.p, text.n);
	p->in_ussd = page == PAGE_MORE || page == PAGE_EITHER;
}

/* true: the line was of somebody's phone, and is kept. */
static bool keep_line(struct play *p, const struct ctl_line *l)
{
	if (l->kind == CTL_SMS)
		keep(p, l);
	else if (l->kind == CTL_SCREEN)
		keep_page(p, PAGE_MORE, l->text);
	else if (l->kind == CTL_END)
		keep_page(p, PAGE_END, l->text);
	else if (l->kind == CTL_LOST)
		keep_page(p, PAGE_LOST, l->text);
	else
		return false;
	return true;
}

static void kept_free(struct kept *k)
{
	if (!k)
		return;
	free(k->from);
	free(k->text);
	free(k);
}

/* Tell the centre and wait for its ok to this very command. */
static bool order(struct play *p, const char *cmd, const char *text)
{
	struct ctl_line l;
	uint64_t deadline = clock_mono_ms() + ANSWER_MS;

	if (!p->ctl)
		return true; /* USSD by HTTP alone */
	if (!ctl_say(p->ctl, cmd, sv_from(text)))
		return fail(p, "the message centre went away");
	while (ctl_next(p->ctl, deadline, &l) > 0) {
		if (l.kind == CTL_OK && l.text.n >= strlen(cmd) &&
		    memcmp(l.text.p, cmd, strlen(cmd)) == 0)
			return true;
		if (l.kind == CTL_ERROR)
			return fail(p, "the message centre says: " SV_FMT, SV_ARG(l.text));
		(void)keep_line(p, &l);
	}
	return fail(p, "the message centre does not answer");
}

static void drain(struct play *p)
{
	struct ctl_line l;

	while (p->ctl && ctl_next(p->ctl, clock_mono_ms() + 50, &l) > 0)
		if (l.kind == CTL_SMS)
			screen_note(stdout, "waiting from before: " SV_FMT, SV_ARG(l.text));
}

static bool take_phone(struct play *p, const char *number)
{
	char digits[MSISDN_CAP];

	snprintf(p->phone, sizeof(p->phone), "%s", number);
	for (char *c = p->phone; *c; c++)
		if (*c == '#')
			*c = (char)('0' + random_u64() % 10);
	if (!order(p, "phone", p->phone))
		return false;
	if (msisdn_normalise(sv_from(p->phone), 0, digits))
		vars_set(&p->vars, SV("phone"), sv_from(digits));
	drain(p);
	screen_note(stdout, "phone %s is on", p->phone);
	return true;
}

static void nap(const struct play *p)
{
	struct timespec ts = {
	    (time_t)(p->cf->pause_ms / 1000), (long)(p->cf->pause_ms % 1000) * 1000000};

	if (p->cf->pause_ms > 0)
		(void)nanosleep(&ts, NULL);
}

static bool send_sms(struct play *p, const char *text)
{
	nap(p);
	screen_phone(stdout, p->phone, sv_from(text));
	if (!p->ctl)
		return fail(p, "an SMS needs --control");
	return ctl_say(p->ctl, "send", sv_from(text)) || fail(p, "the message centre went away");
}

static void show(const struct ctl_line *l)
{
	char from[32];

	snprintf(from, sizeof(from), SV_FMT, SV_ARG(l->from));
	screen_service(stdout, from, l->text);
}

/* The next text: 1 it came, 0 it did not (deadline), -1 something else went wrong (said). */
static int next_sms(struct play *p, uint64_t ms, struct ctl_line *l)
{
	uint64_t deadline = clock_mono_ms() + ms;
	int rc;

	kept_free(p->shown);
	p->shown = STAILQ_FIRST(&p->kept);
	if (p->shown) {
		STAILQ_REMOVE_HEAD(&p->kept, link);
		*l = (struct ctl_line){CTL_SMS, sv_from(p->shown->from), sv_from(p->shown->text)};
		show(l);
		return 1;
	}
	while ((rc = ctl_next(p->ctl, deadline, l)) > 0) {
		if (l->kind == CTL_SMS) {
			show(l);
			return 1;
		}
		if (keep_line(p, l))
			continue;
		if (l->kind == CTL_REFUSED || l->kind == CTL_ERROR) {
			fail(p, "the network refused the message: " SV_FMT, SV_ARG(l->text));
			return -1;
		}
	}
	if (rc < 0)
		fail(p, "the message centre went away");
	return rc;
}

static bool step_expect(struct play *p)
{
	struct ctl_line l;
	int rc;

	if (!p->ctl) {
		screen_note(stdout, "no --control: nobody looks for the SMS  %s", p->line->text);
		return true;
	}
	rc = next_sms(p, p->line->ms, &l);
	if (rc < 0)
		return false;
	if (rc == 0)
		return fail(p, "expected  %s\n       but nothing came within %" PRIu64 " ms",
		    p->line->text, p->line->ms);
	if (pattern_match(sv_from(p->line->text), l.text, &p->vars))
		return true;
	return fail(p, "expected  %s\n       arrived   " SV_FMT, p->line->text, SV_ARG(l.text));
}

static bool no_page(struct play *p)
{
	return p->page == PAGE_NONE ||
	       fail(p, "nothing should be on the screen, but this is: %s", p->page_text);
}

static bool step_quiet(struct play *p)
{
	struct ctl_line l;
	int rc = p->ctl ? next_sms(p, p->line->ms, &l) : 0;

	if (rc > 0)
		return fail(p, "nothing should come, but this did: " SV_FMT, SV_ARG(l.text));
	return rc == 0 && no_page(p);
}

/* ---- USSD ---- */

static bool http_page(struct play *p, bool ok, enum ussd_call_page page, char *text, const char *err)
{
	static const enum page of[] = {
	    [USSD_CALL_MORE] = PAGE_MORE, [USSD_CALL_END] = PAGE_END, [USSD_CALL_EITHER] = PAGE_EITHER};

	if (!ok)
		return fail(p, "%s", err);
	keep_page(p, of[page], sv_from(text));
	free(text);
	return true;
}

static bool press(struct play *p, const char *typed)
{
	enum ussd_call_page page = USSD_CALL_MORE;
	char err[USSD_CALL_ERR_CAP] = "", *text = NULL;
	bool ok;

	nap(p);
	screen_phone(stdout, p->phone, sv_from(typed));
	if (!no_page(p))
		return false;
	if (!p->http)
		return order(p, "press", typed);
	ok = ussd_call_press(p->http, sv_from(typed), &page, &text, err);
	return http_page(p, ok, page, text, err);
}

static bool drop(struct play *p)
{
	char err[USSD_CALL_ERR_CAP] = "";

	nap(p);
	screen_note(stdout, "the signal is lost");
	p->in_ussd = false;
	if (p->http)
		return ussd_call_hang_up(p->http, err) || fail(p, "%s", err);
	return order(p, "hangup", "");
}

static bool dial(struct play *p, const char *code)
{
	enum ussd_call_page page = USSD_CALL_MORE;
	char err[USSD_CALL_ERR_CAP] = "", *text = NULL;
	bool ok;
	const char *msisdn = vars_get(&p->vars, SV("phone"));

	if (!*code && !p->dialled[0])
		return fail(p, "nothing was dialled before");
	if (!*code && p->in_ussd && !drop(p))
		return false;
	if (*code)
		snprintf(p->dialled, sizeof(p->dialled), "%s", code);
	nap(p);
	screen_phone(stdout, p->phone, sv_from(p->dialled));
	if (!no_page(p))
		return false;
	if (!p->http)
		return order(p, "dial", p->dialled);
	ok = ussd_call_dial(p->http, msisdn ? msisdn : p->phone, p->dialled, &page, &text, err);
	return http_page(p, ok, page, text, err);
}

static bool step_page(struct play *p, enum page want)
{
	uint64_t deadline = clock_mono_ms() + p->line->ms;
	struct ctl_line l;
	enum page page;

	while (p->page == PAGE_NONE && p->ctl && ctl_next(p->ctl, deadline, &l) > 0)
		(void)keep_line(p, &l);
	page = p->page;
	p->page = PAGE_NONE;
	if (page == PAGE_NONE)
		return fail(p, "expected  %s\n       but no screen came within %" PRIu64 " ms",
		    p->line->text, p->line->ms);
	if (page == PAGE_LOST)
		return fail(p, "expected  %s\n       but the session is lost: %s", p->line->text,
		    p->page_text);
	screen_service(stdout, "USSD", sv_from(p->page_text));
	if (page != PAGE_EITHER && page != want)
		return fail(p, "the session %s with this screen",
		    page == PAGE_END ? "ends" : "does not end");
	if (page == PAGE_EITHER)
		p->in_ussd = want == PAGE_MORE;
	if (pattern_match(sv_from(p->line->text), sv_from(p->page_text), &p->vars))
		return true;
	return fail(p, "expected  %s\n       arrived   %s", p->line->text, p->page_text);
}

/* What the line says, typed or sent. */
static bool step_typed(struct play *p, bool is_sms)
{
	char *text = expanded(p);
	bool ok;

	if (!text)
		return false;
	ok = p->in_ussd && !is_sms ? press(p, text) : send_sms(p, text);
	free(text);
	return ok;
}

static bool step_wait(struct play *p)
{
	struct timespec ts = {(time_t)(p->line->ms / 1000), (long)(p->line->ms % 1000) * 1000000};

	if (p->line->ms > WAIT_MAX_MS)
		return fail(p, "only the clock of the pure engine can be moved so far");
	screen_note(stdout, "%s pass", p->line->text);
	(void)nanosleep(&ts, NULL);
	return true;
}

/* ---- the clinic ---- */

static bool has_desk(struct play *p)
{
	return p->desk || fail(p, "no --desk URL was given");
}

static bool call_next(struct play *p, struct desk_token *t)
{
	char err[DESK_ERR_CAP], id[24];

	nap(p);
	if (!desk_call_next(p->desk, t, err))
		return fail(p, "%s", err);
	screen_note(stdout, "desk: call next, token %" PRId64, t->token);
	snprintf(id, sizeof(id), "%" PRId64, t->token_id);
	vars_set(&p->vars, SV("token_id"), sv_from(id));
	return true;
}

static bool step_call_until(struct play *p)
{
	char err[DESK_ERR_CAP], *want = expanded(p), have[24];
	struct desk_token t;
	bool ok = want != NULL, found = false;

	for (unsigned i = 0; ok && !found && i < CALLS_MAX; i++) {
		ok = call_next(p, &t);
		if (!ok)
			break;
		snprintf(have, sizeof(have), "%" PRId64, t.token);
		found = strcmp(have, want) == 0;
		if (!found && !desk_see(p->desk, &t, err))
			ok = fail(p, "%s", err);
	}
	if (ok && !found)
		ok = fail(p, "token %s did not come up", want);
	free(want);
	return ok;
}

static bool step_call_ahead(struct play *p)
{
	const char *me = vars_get(&p->vars, SV("phone"));
	char err[DESK_ERR_CAP];
	struct desk_token mine, t;

	for (unsigned i = 0; i < CALLS_MAX; i++) {
		if (!desk_current(p->desk, me ? me : "", &mine, err))
			return fail(p, "%s", err);
		if (mine.ahead < 0 || (uint64_t)mine.ahead < p->line->n)
			return fail(p, "the phone's place in the line is past that");
		if ((uint64_t)mine.ahead == p->line->n)
			return true;
		if (!call_next(p, &t))
			return false;
		if (!desk_see(p->desk, &t, err))
			return fail(p, "%s", err);
	}
	return fail(p, "the line does not move");
}

static bool step_on_token(struct play *p)
{
	char err[DESK_ERR_CAP], *id = expanded(p);
	bool used = p->line->kind == LINE_USED, ok;

	if (!id)
		return false;
	nap(p);
	ok = used ? desk_used(p->desk, id, p->line->is_prescription, err)
		  : desk_missed(p->desk, id, err);
	if (ok)
		screen_note(stdout, "desk: token id %s %s%s", id, used ? "seen" : "missed",
		    p->line->is_prescription ? ", prescription written" : "");
	free(id);
	return ok || fail(p, "%s", err);
}

static bool step_others(struct play *p)
{
	char err[DESK_ERR_CAP];

	if (!desk_register_others(p->desk, p->line->n, err))
		return fail(p, "%s", err);
	screen_note(stdout, "desk: %" PRIu64 " others take tokens", p->line->n);
	return true;
}

static bool run_step(struct play *p)
{
	struct desk_token t;

	switch (p->line->kind) {
	case LINE_STORY:
		printf("\n%s\n\n", p->line->text);
		return true;
	case LINE_PHONE:
		return take_phone(p, p->line->text);
	case LINE_TO:
		return order(p, "to", p->line->text);
	case LINE_FAULT:
		return order(p, "fault", p->line->text);
	case LINE_SERVICE:
		if (p->desk)
			desk_service(p->desk, p->line->text);
		return true;
	case LINE_SEND:
	case LINE_SMS:
		return step_typed(p, p->line->kind == LINE_SMS);
	case LINE_DIAL:
		return dial(p, p->line->text);
	case LINE_SCREEN:
		return step_page(p, PAGE_MORE);
	case LINE_END:
		return step_page(p, PAGE_END);
	case LINE_DROP:
		return drop(p);
	case LINE_WAIT:
		return step_wait(p);
	case LINE_ENGINE:
		return true; /* the real thing is here */
	case LINE_EXPECT:
		return step_expect(p);
	case LINE_QUIET:
		return step_quiet(p);
	case LINE_REGISTER_OTHERS:
		return has_desk(p) && step_others(p);
	case LINE_CALL_NEXT:
		return has_desk(p) && call_next(p, &t);
	case LINE_CALL_UNTIL:
		return has_desk(p) && step_call_until(p);
	case LINE_CALL_AHEAD:
		return has_desk(p) && step_call_ahead(p);
	case LINE_USED:
	case LINE_MISSED:
		return has_desk(p) && step_on_token(p);
	}
	return false;
}

static bool has_phone_line(const struct story *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->line[i].kind == LINE_PHONE)
			return true;
	return false;
}

static bool run_steps(struct play *p)
{
	struct story_line last = {.kind = LINE_QUIET, .ms = LAST_QUIET_MS};

	if (!order(p, "to", p->cf->to) || (!has_phone_line(p->story) && !take_phone(p, SOME_PHONE)))
		return false;
	for (size_t i = 0; i < p->story->n; i++) {
		p->line = &p->story->line[i];
		if (!run_step(p))
			return false;
	}
	last.line = p->line->line;
	p->line = &last;
	return step_quiet(p);
}

static void play_clear(struct play *p)
{
	kept_free(p->shown);
	while ((p->shown = STAILQ_FIRST(&p->kept))) {
		STAILQ_REMOVE_HEAD(&p->kept, link);
		kept_free(p->shown);
	}
	free(p->page_text);
	ctl_close(p->ctl);
	desk_free(p->desk);
	ussd_call_free(p->http);
	vars_clear(&p->vars);
}

bool play_story(const struct play_conf *cf, const struct story *s)
{
	struct play p = {.cf = cf, .story = s, .line = s->line};
	char err[512];
	bool ok = false;

	STAILQ_INIT(&p.kept);
	if (cf->control) {
		p.ctl = ctl_open(cf->control, err, sizeof(err));
		if (!p.ctl)
			return fail(&p, "%s", err);
	}
	p.desk = cf->desk ? desk_new(cf->desk) : NULL;
	p.http = cf->ussd_url ? ussd_call_new(cf->ussd_url, cf->ussd, cf->code) : NULL;
	ok = run_steps(&p);
	play_clear(&p);
	return ok;
}
