/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_note.c - which step of which USSD session a request is; see ussd_note.h. */
#include "engine/ussd_note.h"

#include "base/rd.h"

#define NOTE_MARK 'U' /* no version of a session begins with it */
#define NOTE_VERSION 2u
#define NOTE_PLAIN 1u /* the version before: the screen is UTF-8 */
#define STEP_VERSION 1u
#define FLAG_OVER 1u
#define ESCAPE 0x1b /* before an octet that stands for itself */

uint64_t ussd_hash(uint64_t seed, struct sv s)
{
	uint64_t h = seed ^ 0xcbf29ce484222325ull;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3ull;
	/* The last octets reach the upper bits too. */
	h = (h ^ (h >> 32)) * 0x9e3779b97f4a7c15ull;
	return h ^ (h >> 29);
}

/* ---- matching ---- */

static bool is_known(const struct ussd_note *n, const struct ussd_step *u)
{
	return n->present && n->net == u->net;
}

static bool is_live(const struct ussd_note *n, const struct ussd_step *u, uint64_t now_ms)
{
	return is_known(n, u) && !n->is_over && now_ms < n->begun_ms + u->ttl_ms;
}

static bool is_repeat(const struct ussd_note *n, const struct ussd_step *u, uint64_t now_ms)
{
	return is_known(n, u) && u->repeat_ms > 0 && n->step == u->step &&
	       now_ms <= n->at_ms + u->repeat_ms;
}

/* All inputs so far. An input may hold a '*' itself, so what is new is not what follows the last one:
 * it is what follows the inputs that were there at the last step. */
static enum ussd_is match_inputs(const struct ussd_note *n, const struct ussd_step *u, struct sv text,
    uint64_t now_ms, struct sv *in)
{
	size_t had = n->step_octets;

	if (!is_known(n, u))
		return USSD_IS_BEGIN;
	if (text.n == had && n->step == u->step)
		return USSD_IS_REPEAT;
	/* A repeated request that was long on its way: nobody waits for its answer any more. */
	if (text.n < had)
		return USSD_IS_REPEAT;
	if (!is_live(n, u, now_ms) || n->step != ussd_hash(0, (struct sv){text.p, had}) ||
	    (had > 0 && (text.n == had || text.p[had] != '*')))
		return USSD_IS_STRANGER;
	had += had > 0;
	*in = (struct sv){text.p + had, text.n - had};
	return USSD_IS_NEXT;
}

enum ussd_is ussd_note_match(const struct ussd_note *n, const struct ussd_step *u, struct sv text,
    uint64_t now_ms, struct sv *in)
{
	*in = text;
	switch (u->how) {
	case USSD_BEGIN:
		return is_repeat(n, u, now_ms) ? USSD_IS_REPEAT : USSD_IS_BEGIN;
	case USSD_NEXT:
		if (is_repeat(n, u, now_ms))
			return USSD_IS_REPEAT;
		return is_live(n, u, now_ms) ? USSD_IS_NEXT : USSD_IS_STRANGER;
	case USSD_EITHER:
		if (is_repeat(n, u, now_ms))
			return USSD_IS_REPEAT;
		if (is_live(n, u, now_ms))
			return USSD_IS_NEXT;
		if (u->begin_at <= text.n)
			*in = (struct sv){text.p + u->begin_at, text.n - u->begin_at};
		if (in->n > 0 && in->p[in->n - 1] == '#') /* of "*123*1#" */
			in->n--;
		return USSD_IS_BEGIN;
	case USSD_INPUTS:
		return match_inputs(n, u, text, now_ms, in);
	case USSD_GONE:
		return is_live(n, u, now_ms) ? USSD_IS_GONE : USSD_IS_NOTHING;
	}
	return USSD_IS_STRANGER;
}

uint64_t ussd_note_key(const struct ussd_note *n, const struct ussd_step *u, enum ussd_is is,
    uint64_t else_id)
{
	uint64_t name[3] = {n->key, n->steps, u->step};

	if (!u->is_unique || (u->repeat_ms == 0 && u->how != USSD_INPUTS))
		return else_id;
	if (is == USSD_IS_BEGIN) {
		name[0] = u->net;
		name[1] = 0;
	}
	return ussd_hash(is == USSD_IS_BEGIN, (struct sv){(const char *)name, sizeof(name)});
}

void ussd_note_put(struct ussd_note *n, const struct ussd_step *u, enum ussd_is is, uint64_t key,
    const char *screen, bool ends, uint64_t now_ms)
{
	size_t len = screen ? strlen(screen) : 0;

	if (is == USSD_IS_BEGIN || !n->present)
		*n = (struct ussd_note){.present = true, .net = u->net, .key = key, .begun_ms = now_ms};
	n->steps++;
	n->step = u->step;
	n->step_octets = u->step_octets;
	n->at_ms = now_ms;
	n->is_over = ends;
	if (len > USSD_SCREEN_OCTETS)
		len = 0;
	if (len > 0)
		memcpy(n->screen, screen, len);
	n->screen[len] = '\0';
}

/* ---- stored ---- */

static void put(struct buf *b, uint64_t v, unsigned octets)
{
	while (octets-- > 0)
		buf_addc(b, (char)(v >> (8 * octets)));
}

static uint64_t get(struct rd *r, unsigned octets)
{
	uint64_t v = 0;

	while (octets-- > 0)
		v = v << 8 | rd_u8(r);
	return v;
}

/* A screen of many sessions lies in Redis: an octet a letter, Devanagari too (U+0900 to U+097F). */
static void pack_screen(const char *s, struct buf *out)
{
	const uint8_t *p = (const uint8_t *)s;

	while (*p) {
		if (*p < 0x80 && *p != ESCAPE) {
			buf_addc(out, (char)*p++);
		} else if (p[0] == 0xe0 && (p[1] & 0xfe) == 0xa4 && (p[2] & 0xc0) == 0x80) {
			buf_addc(out, (char)(0x80 | (p[1] & 1) << 6 | (p[2] & 0x3f)));
			p += 3;
		} else {
			buf_addc(out, ESCAPE);
			buf_addc(out, (char)*p++);
		}
	}
}

/* false: it is longer than a screen, or broken off. */
static bool unpack_screen(struct sv in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = (uint8_t)in.p[i];

		if (c == ESCAPE && ++i == in.n)
			return false;
		if (c >= 0x80) {
			buf_addc(out, (char)0xe0);
			buf_addc(out, (char)(0xa4 | (c >> 6 & 1)));
			c = 0x80 | (c & 0x3f);
		} else if (c == ESCAPE) {
			c = (uint8_t)in.p[i];
		}
		if (c == 0)
			return false;
		buf_addc(out, (char)c);
	}
	return !out->full;
}

void ussd_note_encode(const struct ussd_note *n, uint64_t now_ms, struct buf *out)
{
	struct buf screen;

	if (!n->present || now_ms > n->at_ms + USSD_KEEP_MS)
		return;
	buf_init(&screen, 2 * USSD_SCREEN_OCTETS);
	pack_screen(n->screen, &screen);
	buf_addc(out, NOTE_MARK);
	put(out, NOTE_VERSION, 1);
	put(out, n->is_over ? FLAG_OVER : 0, 1);
	put(out, n->net, 8);
	put(out, n->step, 8);
	put(out, n->step_octets, 2);
	put(out, n->key, 8);
	put(out, n->steps, 2);
	put(out, n->begun_ms, 6);
	put(out, n->at_ms - n->begun_ms, 4);
	put(out, screen.n, 2);
	buf_addsv(out, buf_sv(&screen));
	buf_clear(&screen);
}

void ussd_note_decode(struct sv *blob, struct ussd_note *n)
{
	struct rd rd = rd_make(blob->p, blob->n);
	unsigned version;
	struct sv screen;
	struct buf text;
	bool ok;

	*n = (struct ussd_note){.present = false};
	if (blob->n == 0 || blob->p[0] != NOTE_MARK)
		return;
	rd_u8(&rd);
	version = rd_u8(&rd);
	if (version != NOTE_VERSION && version != NOTE_PLAIN)
		rd.err = true; /* what is behind it cannot be found */
	n->is_over = rd_u8(&rd) & FLAG_OVER;
	n->net = get(&rd, 8);
	n->step = get(&rd, 8);
	n->step_octets = rd_u16(&rd);
	n->key = get(&rd, 8);
	n->steps = rd_u16(&rd);
	n->begun_ms = get(&rd, 6);
	n->at_ms = n->begun_ms + rd_u32(&rd);
	screen = rd_octets(&rd, rd_u16(&rd));
	buf_init(&text, USSD_SCREEN_OCTETS);
	if (version == NOTE_PLAIN)
		buf_addsv(&text, screen);
	ok = !rd.err && (version == NOTE_PLAIN ? !text.full : unpack_screen(screen, &text));
	if (ok && text.n > 0)
		memcpy(n->screen, text.p, text.n);
	buf_clear(&text);
	if (!ok) {
		*n = (struct ussd_note){.present = false};
		*blob = (struct sv){0};
		return;
	}
	n->present = true;
	*blob = (struct sv){blob->p + rd.off, blob->n - rd.off};
}

void ussd_step_encode(const struct ussd_step *u, struct buf *out)
{
	put(out, STEP_VERSION, 1);
	put(out, (unsigned)u->how, 1);
	put(out, u->net, 8);
	put(out, u->step, 8);
	put(out, u->step_octets, 2);
	put(out, u->repeat_ms, 4);
	put(out, u->ttl_ms, 4);
	put(out, u->is_unique, 1);
}

bool ussd_step_decode(struct sv in, struct ussd_step *u)
{
	struct rd rd = rd_make(in.p, in.n);
	unsigned version = rd_u8(&rd), how = rd_u8(&rd);

	*u = (struct ussd_step){.net = get(&rd, 8)};
	u->step = get(&rd, 8);
	u->step_octets = rd_u16(&rd);
	u->repeat_ms = rd_u32(&rd);
	u->ttl_ms = rd_u32(&rd);
	u->is_unique = rd_u8(&rd) != 0;
	if (rd.err || version != STEP_VERSION || how > USSD_GONE)
		return false;
	u->how = (enum ussd_how)how;
	return true;
}
