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

#define ANSWER_MS 5000u /* the message centre itself answers at once */
#define CALLS_MAX 2000u /* of call-next in one step */
#define LAST_QUIET_MS 500u /* after the story: nothing more may come */

struct kept {
	char *from, *text; /* owned */
	STAILQ_ENTRY(kept) link;
};

struct play {
	const struct play_conf *cf;
	const struct story *story;
	const struct step *step;
	struct ctl *ctl;
	struct desk *desk;
	struct vars vars;
	char phone[24];
	STAILQ_HEAD(, kept) kept;
	struct kept *shown; /* what next_sms gave out of kept last */
};

static bool fail(struct play *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool fail(struct play *p, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	printf("FAILED %s:%d: ", p->story->name, p->step->line);
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
	if (!vars_expand(&p->vars, sv_from(p->step->text), &b)) {
		buf_clear(&b);
		fail(p, "%s: a name in this line is not known yet", p->step->text);
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

	if (!ctl_say(p->ctl, cmd, sv_from(text)))
		return fail(p, "the message centre went away");
	while (ctl_next(p->ctl, deadline, &l) > 0) {
		if (l.kind == CTL_OK && l.text.n >= strlen(cmd) &&
		    memcmp(l.text.p, cmd, strlen(cmd)) == 0)
			return true;
		if (l.kind == CTL_ERROR)
			return fail(p, "the message centre says: " SV_FMT, SV_ARG(l.text));
		if (l.kind == CTL_SMS)
			keep(p, &l);
	}
	return fail(p, "the message centre does not answer");
}

static void drain(struct play *p)
{
	struct ctl_line l;

	while (ctl_next(p->ctl, clock_mono_ms() + 50, &l) > 0)
		if (l.kind == CTL_SMS)
			screen_note(stdout, "waiting from before: " SV_FMT, SV_ARG(l.text));
}

static bool step_phone(struct play *p)
{
	char digits[MSISDN_CAP];

	snprintf(p->phone, sizeof(p->phone), "%s", p->step->text);
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

static bool step_send(struct play *p)
{
	char *text = expanded(p);
	bool ok;

	if (!text)
		return false;
	nap(p);
	screen_phone(stdout, p->phone, sv_from(text));
	ok = ctl_say(p->ctl, "send", sv_from(text));
	free(text);
	return ok || fail(p, "the message centre went away");
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
	int rc = next_sms(p, p->step->ms, &l);

	if (rc < 0)
		return false;
	if (rc == 0)
		return fail(p, "expected  %s\n       but nothing came within %" PRIu64 " ms",
		    p->step->text, p->step->ms);
	if (pattern_match(sv_from(p->step->text), l.text, &p->vars))
		return true;
	return fail(p, "expected  %s\n       arrived   " SV_FMT, p->step->text, SV_ARG(l.text));
}

static bool step_quiet(struct play *p)
{
	struct ctl_line l;
	int rc = next_sms(p, p->step->ms, &l);

	if (rc > 0)
		return fail(p, "nothing should come, but this did: " SV_FMT, SV_ARG(l.text));
	return rc == 0;
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
		if (mine.ahead < 0 || (uint64_t)mine.ahead < p->step->n)
			return fail(p, "the phone's place in the line is past that");
		if ((uint64_t)mine.ahead == p->step->n)
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
	bool used = p->step->kind == STEP_USED, ok;

	if (!id)
		return false;
	nap(p);
	ok = used ? desk_used(p->desk, id, p->step->is_prescription, err)
		  : desk_missed(p->desk, id, err);
	if (ok)
		screen_note(stdout, "desk: token id %s %s%s", id, used ? "seen" : "missed",
		    p->step->is_prescription ? ", prescription written" : "");
	free(id);
	return ok || fail(p, "%s", err);
}

static bool step_others(struct play *p)
{
	char err[DESK_ERR_CAP];

	if (!desk_register_others(p->desk, p->step->n, err))
		return fail(p, "%s", err);
	screen_note(stdout, "desk: %" PRIu64 " others take tokens", p->step->n);
	return true;
}

static bool run_step(struct play *p)
{
	struct desk_token t;

	switch (p->step->kind) {
	case STEP_STORY:
		printf("\n%s\n\n", p->step->text);
		return true;
	case STEP_PHONE:
		return step_phone(p);
	case STEP_TO:
		return order(p, "to", p->step->text);
	case STEP_FAULT:
		return order(p, "fault", p->step->text);
	case STEP_SERVICE:
		if (p->desk)
			desk_service(p->desk, p->step->text);
		return true;
	case STEP_SEND:
		return step_send(p);
	case STEP_EXPECT:
		return step_expect(p);
	case STEP_QUIET:
		return step_quiet(p);
	case STEP_REGISTER_OTHERS:
		return has_desk(p) && step_others(p);
	case STEP_CALL_NEXT:
		return has_desk(p) && call_next(p, &t);
	case STEP_CALL_UNTIL:
		return has_desk(p) && step_call_until(p);
	case STEP_CALL_AHEAD:
		return has_desk(p) && step_call_ahead(p);
	case STEP_USED:
	case STEP_MISSED:
		return has_desk(p) && step_on_token(p);
	}
	return false;
}

static bool run_steps(struct play *p)
{
	struct step last = {.kind = STEP_QUIET, .ms = LAST_QUIET_MS};

	if (!order(p, "to", p->cf->to))
		return false;
	for (size_t i = 0; i < p->story->n; i++) {
		p->step = &p->story->step[i];
		if (!run_step(p))
			return false;
	}
	last.line = p->step->line;
	p->step = &last;
	return step_quiet(p);
}

bool play_story(const struct play_conf *cf, const struct story *s)
{
	struct play p = {.cf = cf, .story = s, .step = s->step};
	char err[512];
	bool ok = false;

	STAILQ_INIT(&p.kept);
	p.ctl = ctl_open(cf->control, err, sizeof(err));
	if (!p.ctl)
		return fail(&p, "%s", err);
	p.desk = cf->desk ? desk_new(cf->desk) : NULL;
	ok = run_steps(&p);
	kept_free(p.shown);
	while ((p.shown = STAILQ_FIRST(&p.kept))) {
		STAILQ_REMOVE_HEAD(&p.kept, link);
		kept_free(p.shown);
	}
	ctl_close(p.ctl);
	desk_free(p.desk);
	vars_clear(&p.vars);
	return ok;
}
