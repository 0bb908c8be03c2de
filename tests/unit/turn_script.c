/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_script.c - the scripted dialogue of turn_script.h: it has the names of the engine's, so that the
 * linker takes this one. */
#include "turn_script.h"

#include <stdio.h>
#include <stdlib.h>

struct turn_script script;

struct session {
	char base[64]; /* the blob it was decoded from */
	unsigned asked;
};

static void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void say(const char *fmt, ...)
{
	size_t n = strlen(script.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(script.log + n, sizeof(script.log) - n, fmt, ap);
	va_end(ap);
}

struct session *session_decode(const struct packs *p, struct sv blob)
{
	struct session *s = xcalloc(1, sizeof(*s));

	(void)p;
	snprintf(s->base, sizeof(s->base), SV_FMT, SV_ARG(blob));
	return s;
}

void session_encode(const struct session *s, struct buf *out)
{
	buf_addf(out, "%s+", s->base);
	for (size_t i = 0; i < script.session_octets; i++)
		buf_addc(out, 'x');
}

void session_free(struct session *s)
{
	free(s);
}

uint64_t session_life_ms(const struct session *s, uint64_t now_wall_ms)
{
	(void)s;
	return now_wall_ms - NOW + 5000;
}

const char *session_lang(const struct session *s)
{
	(void)s;
	return "en";
}

const char *dialogue_last_screen(const struct packs *p, const char *lang, enum last_screen why)
{
	static const char *const text[] = {"LATE", "AWAY", "FULL", "UNKNOWN"};

	(void)p, (void)lang;
	return text[why];
}

void dialogue_step(const struct packs *p, struct session *s, const struct input *in,
    uint64_t now_wall_ms, struct step_result *r)
{
	(void)p, (void)now_wall_ms;
	*r = (struct step_result){
	    .outcome = "scripted", .service = "test", .defer_at_ms = script.calls + 7};
	script.steps++;
	script.last = *in;
	if (in->kind != INPUT_ANSWER)
		snprintf(script.first_text, sizeof(script.first_text), SV_FMT, SV_ARG(in->text));
	snprintf(script.last_text, sizeof(script.last_text), SV_FMT, SV_ARG(in->text));
	say("%u %s %llx", in->kind, s->base, (unsigned long long)in->turn_id);
	for (unsigned i = 0; i < script.replies && i < DIALOGUE_REPLIES_MAX; i++) {
		struct reply *y = &r->reply[r->reply_count++];

		*y = (struct reply){.class = i % 2 ? CLASS_OTP : CLASS_REPLY,
		    .text_id = "t/x",
		    .lang = "en",
		    .life_ms = LIFE,
		    .coalesce = i % 2 ? xstrdup("c") : NULL};
		y->text = xasprintf("%s.%u.%u%*s", s->base, s->asked, i, (int)script.reply_octets, "");
	}
	if (s->asked < script.calls) {
		r->has_call = true;
		r->call = (struct call){.backend = "b",
		    .method = "POST",
		    .path = xstrdup("/p"),
		    .body = xstrdup("{}"),
		    .timeout_ms = 9};
		snprintf(r->call.key, sizeof(r->call.key), "%llx-%u", (unsigned long long)in->turn_id,
		    ++s->asked);
		say(" key %s", r->call.key);
	}
	if (!r->has_call && strcmp(in->channel, "ussd") == 0 && in->kind != INPUT_USSD_GONE &&
	    !script.is_dumb) {
		r->screen = xasprintf("%s|%s", s->base, script.first_text);
		r->screen_ends = script.ends;
	}
	say("\n");
}

void step_result_clear(struct step_result *r)
{
	for (size_t i = 0; i < r->reply_count; i++) {
		free(r->reply[i].text);
		free(r->reply[i].coalesce);
	}
	free(r->call.path);
	free(r->call.body);
	free(r->screen);
	*r = (struct step_result){0};
}

/* ---- rows ---- */

const struct in_record text_in = {.kind = INPUT_TEXT,
    .msisdn = {WHO, 12},
    .channel = {"sms", 3},
    .link = {"smsc1", 5},
    .address = {"56161", 5},
    .text = {"hello", 5},
    .at_ms = NOW};

void feed(struct turn *t, const struct row *row, size_t i)
{
	struct turn_fx out;

	turn_step(t, &row->ev, NOW, &out);
	if (t->state != row->then || out.count != row->n)
		fail_msg("row %zu: %s, %zu effects", i, turn_state_name(t->state), out.count);
	for (size_t k = 0; k < out.count; k++)
		if (out.fx[k] != row->fx[k])
			fail_msg("row %zu: effect %zu is %u", i, k, out.fx[k]);
}

struct turn *begin(const struct in_record *in, unsigned calls, unsigned replies)
{
	memset(&script, 0, sizeof(script));
	script.calls = calls;
	script.replies = replies;
	return turn_new(ID, NULL, in);
}

void play(struct turn *t, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		feed(t, &rows[i], i);
}

struct sv session_behind(const struct turn *t, const char *link, const char *address)
{
	struct sv s = buf_sv(&t->blob);
	struct way w;

	way_decode(&s, &w);
	assert_true(sv_is(w.link, link) && sv_is(w.address, address));
	return s;
}
