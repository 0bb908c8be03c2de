/* SPDX-License-Identifier: BSD-2-Clause */
/* session_codec.c - a session as octets.
 *
 *   version u8, sections: tag u8, length u16, check u16, payload; at last the tag SEC_END alone
 *
 * Each section stands alone: what cannot be read, or does not fit the packs any more, is left out
 * and told as lost; the rest stays. Inside: u8 flags, varints, strings with a length octet. */
#include "engine/session_int.h"

#include "base/rd.h"

#include <stdlib.h>

enum section {
	SEC_PROFILE = 1,
	SEC_RUN,
	SEC_KEPT,
	SEC_EXPECT,
	SEC_LAST,
	SEC_LOST,
	SEC_SCREEN,
	SEC_HOME,
	SEC_MEANT,
	SEC_ASIDE,
	SEC_END = 0xff
};

/* Fletcher's two sums: an octet changed, lost or swapped is seen. */
static uint16_t check_sum(unsigned tag, const uint8_t *p, size_t n)
{
	unsigned a = 1 + tag, b = 0;

	for (size_t i = 0; i < n; i++) {
		a = (a + p[i]) % 255;
		b = (b + a) % 255;
	}
	return (uint16_t)(b << 8 | a);
}

/* ---- writing ---- */
static void put_u16(struct buf *b, size_t v)
{
	buf_addc(b, (char)(v >> 8));
	buf_addc(b, (char)v);
}

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_addc(b, (char)(0x80 | (v & 0x7f)));
	buf_addc(b, (char)v);
}

static void put_str(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	n = n > 255 ? 255 : n; /* names and values are shorter */
	buf_addc(b, (char)n);
	buf_add(b, s, n);
}

static void put_section(struct buf *out, enum section tag, struct buf *payload)
{
	buf_addc(out, (char)tag);
	put_u16(out, payload->n);
	put_u16(out, check_sum(tag, (const uint8_t *)buf_str(payload), payload->n));
	buf_addsv(out, buf_sv(payload));
	buf_reset(payload);
}

static void put_values(struct buf *b, const struct pack *k, char *const value[PACK_VARS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < k->var_count; i++)
		n += value[i] ? 1 : 0;
	buf_addc(b, (char)n);
	for (size_t i = 0; i < k->var_count; i++) {
		if (!value[i])
			continue;
		put_str(b, k->var[i].name);
		put_str(b, value[i]);
	}
}

static const char *trigger_name(const struct pack *k, int trigger)
{
	return k->step[k->trigger[trigger].step].name;
}

static void put_frame(struct buf *b, const struct frame *f)
{
	put_str(b, f->pack->name);
	put_str(b, trigger_name(f->pack, f->trigger));
	put_str(b, f->pack->step[f->step].name);
	put_varint(b, f->until_ms);
	buf_addc(b, (char)(f->wrong | f->refused << 4)); /* both are small */
	put_values(b, f->pack, f->value);
}

static void put_trail(struct buf *b, const struct frame *f)
{
	size_t n = f->pack ? f->trail_count : 0;

	buf_addc(b, (char)n);
	for (size_t i = 0; i < n; i++)
		put_str(b, f->pack->step[f->trail[i]].name);
}

static void put_screen(struct buf *b, const struct session *s)
{
	const char *said = s->screen.said ? s->screen.said : "";

	buf_addc(b, (char)s->screen.view);
	buf_addc(b, (char)((s->screen.is_hint ? 1 : 0) | (s->run.is_sent ? 2 : 0) |
			   (s->run.pack ? (unsigned)s->run.ended << 2 : 0)));
	put_str(b, s->screen.pack ? s->screen.pack->name : "");
	put_varint(b, s->screen.at);
	put_varint(b, s->screen.next);
	put_varint(b, s->screen.sum);
	put_varint(b, s->screen.wrong);
	put_varint(b, strlen(said));
	buf_adds(b, said);
	put_trail(b, &s->run);
}

static bool has_screen(const struct session *s)
{
	return s->screen.view != VIEW_NONE ||
	       (s->run.pack && (s->run.trail_count > 0 || s->run.is_sent || s->run.ended));
}

void session_encode(const struct session *s, struct buf *out)
{
	struct buf b;

	buf_init(&b, 65535);
	buf_addc(out, SESSION_VERSION);
	put_str(&b, s->lang);
	buf_addc(&b, (char)((int)s->lang_how | (s->is_stopped ? 4 : 0)));
	put_section(out, SEC_PROFILE, &b);
	if (s->run.pack) {
		put_frame(&b, &s->run);
		put_section(out, SEC_RUN, &b);
	}
	if (s->aside.pack) {
		put_frame(&b, &s->aside);
		buf_addc(&b, (char)s->aside.is_sent);
		put_trail(&b, &s->aside);
		put_section(out, SEC_ASIDE, &b);
	}
	if (s->kept.pack) {
		put_frame(&b, &s->kept);
		put_str(&b, s->kept_key);
		put_varint(&b, s->kept_tries);
		put_varint(&b, s->kept_next_ms);
		put_varint(&b, s->kept_until_ms);
		buf_addc(&b, (char)s->kept_ussd);
		put_str(&b, s->kept_lang);
		put_section(out, SEC_KEPT, &b);
	}
	if (s->expect.pack) {
		put_str(&b, s->expect.pack->name);
		put_str(&b, trigger_name(s->expect.pack, s->expect.trigger));
		put_str(&b, s->expect.pack->event[s->expect.event].type);
		put_varint(&b, s->expect.until_ms);
		put_section(out, SEC_EXPECT, &b);
	}
	if (s->last.text) {
		put_str(&b, s->last.pack->name);
		put_str(&b, s->last.text->id);
		put_values(&b, s->last.pack, s->last.value);
		put_section(out, SEC_LAST, &b);
	}
	if (s->home) {
		put_str(&b, s->home->name);
		put_section(out, SEC_HOME, &b);
	}
	if (s->meant.word[0]) {
		put_str(&b, s->meant.word);
		put_varint(&b, s->meant.until_ms);
		put_section(out, SEC_MEANT, &b);
	}
	if (has_screen(s)) {
		put_screen(&b, s);
		put_section(out, SEC_SCREEN, &b);
	}
	if (s->lost) {
		buf_addc(&b, (char)s->lost);
		put_str(&b, s->lost_pack ? s->lost_pack->name : "");
		put_str(&b, s->lost_pack ? trigger_name(s->lost_pack, s->lost_trigger) : "");
		put_section(out, SEC_LOST, &b);
	}
	buf_addc(out, (char)SEC_END);
	buf_clear(&b);
}

/* ---- reading ---- */
static uint64_t take_varint(struct rd *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t c = rd_u8(r);

		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	r->err = true;
	return 0;
}

static struct sv take_str(struct rd *r)
{
	return rd_octets(r, rd_u8(r));
}

static int take_trigger(struct rd *r, const struct pack *k)
{
	struct sv name = take_str(r);

	for (size_t i = 0; k && i < k->trigger_count; i++)
		if (sv_is(name, trigger_name(k, (int)i)))
			return (int)i;
	return -1;
}

/* false: a value is missing its variable, or does not fit it any more. */
static bool take_values(struct rd *r, const struct pack *k, char *value[PACK_VARS_MAX])
{
	bool ok = true;

	for (unsigned n = rd_u8(r); n > 0 && !r->err; n--) {
		struct sv name = take_str(r), v = take_str(r);
		int i = k && !r->err ? pack_var(k, name) : -1;

		if (i < 0 || !value_fits(&k->var[i], v)) {
			ok = false;
			continue;
		}
		free(value[i]);
		value[i] = xstrndup(v.p, v.n);
	}
	return ok && !r->err;
}

/* true: the frame goes on. Else it is empty, and lost_pack says what to start over with, if that
 * is still there. */
static bool take_frame(struct rd *r, const struct packs *p, struct frame *f, struct session *s,
    enum step_kind call)
{
	struct pack *k = pack_find(p, take_str(r));
	int trigger = take_trigger(r, k), step = k ? pack_step(k, take_str(r)) : (take_str(r), -1);
	bool ok, fits = trigger >= 0 && step >= 0;

	f->until_ms = take_varint(r);
	f->wrong = rd_u8(r);
	f->refused = f->wrong >> 4;
	f->wrong &= 15;
	ok = take_values(r, k, f->value);
	if (ok && fits) {
		const struct step *t = &k->step[step];

		fits = call == STEP_CALL ? t->kind == STEP_CALL : step_waits(t);
		for (size_t i = 0; i < k->var_count; i++)
			if ((t->given >> i & 1) && !f->value[i])
				fits = false;
	}
	if (ok && fits) {
		f->pack = k;
		f->trigger = trigger;
		f->step = step;
		return true;
	}
	frame_clear(f);
	if (!r->err && trigger >= 0 && call != STEP_CALL) {
		s->lost_pack = k;
		s->lost_trigger = trigger;
	}
	return false;
}

static void take_profile(struct rd *r, const struct packs *p, struct session *s)
{
	struct sv lang = take_str(r);
	unsigned flags = rd_u8(r);

	if (r->err)
		return;
	s->is_stopped = flags & 4;
	if (packs_lang(p, lang) < 0)
		return;
	s->lang_how = (flags & 3) <= LANG_CHOSEN ? (enum lang_how)(flags & 3) : LANG_DEFAULT;
	memcpy(s->lang, lang.p, lang.n);
	s->lang[lang.n] = '\0';
}

static void take_kept(struct rd *r, const struct packs *p, struct session *s)
{
	struct sv key, lang = SV("");
	bool ok = take_frame(r, p, &s->kept, s, STEP_CALL);

	key = take_str(r);
	s->kept_tries = (unsigned)take_varint(r);
	s->kept_next_ms = take_varint(r);
	s->kept_until_ms = take_varint(r);
	if (rd_left(r) > 0) { /* an older record has no more */
		s->kept_ussd = rd_u8(r) != 0;
		lang = take_str(r);
	}
	memset(s->kept_lang, 0, sizeof(s->kept_lang));
	if (packs_lang(p, lang) >= 0)
		memcpy(s->kept_lang, lang.p, lang.n);
	if (ok && !r->err && key.n > 0 && key.n < sizeof(s->kept_key)) {
		memcpy(s->kept_key, key.p, key.n);
		s->kept_key[key.n] = '\0';
		return;
	}
	frame_clear(&s->kept);
	s->lost |= LOST_KEPT;
}

static void take_expect(struct rd *r, const struct packs *p, struct session *s)
{
	struct pack *k = pack_find(p, take_str(r));
	int trigger = take_trigger(r, k);
	struct sv type = take_str(r);
	uint64_t until = take_varint(r);

	for (size_t i = 0; k && !r->err && trigger >= 0 && i < k->event_count; i++)
		if (sv_is(type, k->event[i].type) && k->event[i].expect == &k->trigger[trigger]) {
			s->expect.pack = k;
			s->expect.trigger = trigger;
			s->expect.event = (int)i;
			s->expect.until_ms = until;
			return;
		}
}

static void take_last(struct rd *r, const struct packs *p, struct session *s)
{
	struct pack *k = pack_find(p, take_str(r));
	struct sv id = take_str(r);

	s->last.text = k && !r->err ? pack_text(k, id) : NULL;
	s->last.pack = k;
	if (!take_values(r, k, s->last.value) || !s->last.text || !s->last.text->is_used ||
	    s->last.text->is_label)
		last_clear(s);
}

static void take_lost(struct rd *r, const struct packs *p, struct session *s)
{
	unsigned lost = rd_u8(r);
	struct pack *k = pack_find(p, take_str(r));
	int trigger = take_trigger(r, k);

	if (r->err)
		return;
	s->lost |= lost & (LOST_RUN | LOST_KEPT);
	if (trigger >= 0 && !s->lost_pack) {
		s->lost_pack = k;
		s->lost_trigger = trigger;
	}
}

/* The way back, as far as it still leads somewhere. */
static void take_trail(struct rd *r, struct frame *f)
{
	for (unsigned n = rd_u8(r); n > 0 && !r->err; n--) {
		struct sv name = take_str(r);
		int step = f->pack ? pack_step(f->pack, name) : -1;

		if (step < 0 || !step_waits(&f->pack->step[step]) || f->trail_count == TRAIL_MAX) {
			f->trail_count = 0;
			f->is_sent = true;
			return;
		}
		f->trail[f->trail_count++] = step;
	}
}

/* What cannot be read of it is not told: the person is with another work. */
static void take_aside(struct rd *r, const struct packs *p, struct session *s)
{
	const struct pack *lost_pack = s->lost_pack;
	int lost_trigger = s->lost_trigger;
	bool ok = take_frame(r, p, &s->aside, s, STEP_ASK);

	s->lost_pack = lost_pack;
	s->lost_trigger = lost_trigger;
	if (!ok)
		return;
	s->aside.is_sent = rd_u8(r) != 0;
	take_trail(r, &s->aside);
	if (r->err)
		frame_clear(&s->aside);
}

/* What was on a screen; without it a USSD session is told where it stands. */
static void take_screen(struct rd *r, const struct packs *p, struct session *s)
{
	unsigned view = rd_u8(r), flags = rd_u8(r);
	struct sv pack = take_str(r), said;

	s->screen.at = (size_t)take_varint(r);
	s->screen.next = (size_t)take_varint(r);
	s->screen.sum = (unsigned)take_varint(r);
	s->screen.wrong = (unsigned)take_varint(r);
	said = rd_octets(r, (size_t)take_varint(r));
	s->screen.said = said.n > 0 && !r->err ? xstrndup(said.p, said.n) : NULL;
	s->screen.pack = pack_find(p, pack);
	s->screen.is_hint = flags & 1;
	s->screen.view = view <= VIEW_TEXT ? (enum screen_view)view : VIEW_NONE;
	if (s->run.pack) {
		s->run.is_sent = flags & 2;
		s->run.ended =
		    flags >> 2 <= ENDED_BY_NETWORK ? (enum run_ended)(flags >> 2) : ENDED_BY_PERSON;
		take_trail(r, &s->run);
	}
	if (r->err || (pack.n > 0 && !s->screen.pack) ||
	    (!s->run.pack && (view == VIEW_RUN || view == VIEW_RESUME)) ||
	    (view == VIEW_TEXT && !s->screen.said))
		screen_clear(s);
}

static void take_home(struct rd *r, const struct packs *p, struct session *s)
{
	struct pack *k = pack_find(p, take_str(r));

	s->home = k && k->is_home ? k : NULL;
}

static void take_meant(struct rd *r, const struct packs *p, struct session *s)
{
	struct sv word = take_str(r);
	uint64_t until = take_varint(r);

	if (r->err || word.n > MEANT_OCTETS_MAX || !packs_keyword(p, word))
		return;
	memcpy(s->meant.word, word.p, word.n);
	s->meant.word[word.n] = '\0';
	s->meant.until_ms = until;
}

static void take_section(const struct packs *p, struct session *s, unsigned tag, struct sv payload)
{
	struct rd r = rd_make(payload.p, payload.n);

	switch (tag) {
	case SEC_PROFILE:
		take_profile(&r, p, s);
		break;
	case SEC_RUN:
		if (!take_frame(&r, p, &s->run, s, STEP_ASK))
			s->lost |= LOST_RUN;
		break;
	case SEC_KEPT:
		take_kept(&r, p, s);
		break;
	case SEC_EXPECT:
		take_expect(&r, p, s);
		break;
	case SEC_LAST:
		take_last(&r, p, s);
		break;
	case SEC_LOST:
		take_lost(&r, p, s);
		break;
	case SEC_SCREEN:
		take_screen(&r, p, s);
		break;
	case SEC_ASIDE:
		take_aside(&r, p, s);
		break;
	case SEC_HOME:
		take_home(&r, p, s);
		break;
	case SEC_MEANT:
		take_meant(&r, p, s);
		break;
	default: /* of a later version: not needed to go on */
		break;
	}
}

struct session *session_decode(const struct packs *p, struct sv blob)
{
	struct session *s = session_new();
	struct rd r = rd_make(blob.p, blob.n);

	if (blob.n == 0)
		return s;
	if (rd_u8(&r) != SESSION_VERSION)
		r.err = true;
	for (unsigned tag = rd_u8(&r); !r.err && tag != SEC_END; tag = rd_u8(&r)) {
		size_t n = rd_u16(&r);
		unsigned sum = rd_u16(&r);
		struct sv payload = rd_octets(&r, n);

		if (r.err)
			break;
		if (check_sum(tag, (const uint8_t *)payload.p, payload.n) == sum)
			take_section(p, s, tag, payload);
		else if (tag == SEC_KEPT)
			s->lost |= LOST_KEPT;
		else if (tag != SEC_SCREEN && tag != SEC_HOME && tag != SEC_MEANT && tag != SEC_ASIDE)
			s->lost |= LOST_RUN;
	}
	if (r.err) /* cut short or not ours: something was here */
		s->lost |= LOST_RUN;
	if (s->run.pack)
		s->lost &= ~(unsigned)LOST_RUN;
	return s;
}
