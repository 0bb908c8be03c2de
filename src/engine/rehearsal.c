/* SPDX-License-Identifier: BSD-2-Clause */
/* rehearsal.c - turns of one person, one after the other; see rehearsal.h. */
#include "engine/rehearsal.h"

#include <stdlib.h>

#include "engine/session_int.h"

void rehearsal_init(struct rehearsal *r, const struct packs *packs, const char *msisdn, uint64_t now_ms)
{
	size_t n = strlen(msisdn);

	*r = (struct rehearsal){.packs = packs, .now_ms = now_ms};
	memcpy(r->msisdn, msisdn, n < sizeof(r->msisdn) ? n : sizeof(r->msisdn) - 1);
	buf_init(&r->blob, REHEARSAL_SESSION_MAX);
	buf_init(&r->before, REHEARSAL_SESSION_MAX);
}

static void inputs_clear(struct rehearsal *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		free((char *)(uintptr_t)r->in[i].text.p);
		free((char *)(uintptr_t)r->in[i].event_type.p);
		json_decref((json_t *)(uintptr_t)r->in[i].data);
	}
	r->steps = 0;
}

void rehearsal_clear(struct rehearsal *r)
{
	inputs_clear(r);
	step_result_clear(&r->res);
	session_free(r->s);
	buf_clear(&r->blob);
	buf_clear(&r->before);
}

static void store(struct rehearsal *r, struct session *s)
{
	buf_reset(&r->blob);
	session_encode(s, &r->blob);
	session_free(s);
}

bool rehearsal_lang(struct rehearsal *r, const char *lang)
{
	int i = packs_lang(r->packs, sv_from(lang));
	struct session *s;

	if (i < 0)
		return false;
	s = session_decode(r->packs, buf_sv(&r->blob));
	memcpy(s->lang, r->packs->lang[i], strlen(r->packs->lang[i]) + 1);
	s->lang_how = LANG_CHOSEN;
	store(r, s);
	return true;
}

static bool begin_turn(struct rehearsal *r, enum input_kind kind)
{
	if (kind == INPUT_ANSWER)
		return r->res.has_call && r->steps < REHEARSAL_STEPS_MAX;
	if (r->res.has_call)
		return false;
	inputs_clear(r);
	r->turn++;
	buf_reset(&r->before);
	buf_addsv(&r->before, buf_sv(&r->blob));
	r->s = session_decode(r->packs, buf_sv(&r->blob));
	return true;
}

bool rehearsal_step(struct rehearsal *r, struct input in)
{
	if (!begin_turn(r, in.kind))
		return false;
	in.turn_id = r->turn;
	in.msisdn = r->msisdn;
	in.watch = r->watch;
	if (in.kind == INPUT_EVENT)
		in.channel = "event";
	else
		in.channel = rehearsal_is_open(r) && in.kind != INPUT_RETRY ? "ussd" : "sms";
	in.screen = r->limits;
	r->in[r->steps++] = in;
	step_result_clear(&r->res);
	dialogue_step(r->packs, r->s, &in, r->now_ms, &r->res);
	if (in.kind == INPUT_USSD_GONE || (r->res.screen && r->res.screen_ends))
		r->on_ussd = false;
	if (!r->res.has_call) {
		store(r, r->s);
		r->s = NULL;
	}
	return true;
}

bool rehearsal_dial(struct rehearsal *r, const char *code)
{
	size_t n = strlen(code);
	const char *star = n > 1 ? strchr(code + 1, '*') : NULL;

	if (n < 3 || code[0] != '*' || code[n - 1] != '#' || r->res.has_call)
		return false;
	r->on_ussd = true;
	r->is_late = false;
	return rehearsal_step(r,
	    (struct input){.kind = INPUT_USSD_BEGIN,
		.text =
		    sv_from(star ? xstrndup(star + 1, n - 2 - (size_t)(star - code)) : xstrdup(""))});
}

void rehearsal_drop(struct rehearsal *r, const char *why)
{
	if (r->res.has_call)
		r->is_late = true;
	else
		(void)!rehearsal_step(r,
		    (struct input){.kind = INPUT_USSD_GONE, .text = sv_from(xstrdup(why))});
}

bool rehearsal_is_open(const struct rehearsal *r)
{
	return r->on_ussd && !r->is_late;
}

void rehearsal_where(const struct rehearsal *r, struct buf *out)
{
	struct session *s = session_decode(r->packs, buf_sv(&r->blob));

	session_describe(s, out);
	session_free(s);
}
