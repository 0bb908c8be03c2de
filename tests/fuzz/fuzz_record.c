/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_record.c - any octets as a record: refused, or read into views inside them that, written again,
 * read the same; and written into less room, noticed. The note and the steps of USSD likewise. */
#include "engine/record.h"
#include "engine/ussd_note.h"
#include "fuzz.h"

static const char *block;
static size_t block_n;

static void inside(struct sv s)
{
	MUST(s.n == 0 || (s.p >= block && s.p + s.n <= block + block_n));
}

static bool in_same(const struct in_record *a, const struct in_record *b)
{
	return a->kind == b->kind && a->at_ms == b->at_ms && a->until_ms == b->until_ms &&
	       a->merged == b->merged && sv_eq(a->msisdn, b->msisdn) && sv_eq(a->channel, b->channel) &&
	       sv_eq(a->link, b->link) && sv_eq(a->address, b->address) && sv_eq(a->text, b->text) &&
	       sv_eq(a->event_type, b->event_type) && sv_eq(a->event_service, b->event_service);
}

static void try_in(void)
{
	struct in_record r, again;
	struct buf b;

	if (!in_record_decode((struct sv){block, block_n}, &r))
		return;
	inside(r.msisdn), inside(r.channel), inside(r.link), inside(r.address), inside(r.text);
	inside(r.event_type), inside(r.event_service);
	MUST(r.msisdn.n > 0 && r.msisdn.n <= 15);
	buf_init(&b, 10 * 65536);
	in_record_encode(&r, &b);
	MUST(!b.full && in_record_decode(buf_sv(&b), &again) && in_same(&r, &again));
	b.max = b.n - 1;
	buf_reset(&b);
	in_record_encode(&r, &b);
	MUST(b.full);
	buf_clear(&b);
}

static bool out_same(const struct out_record *a, const struct out_record *b)
{
	return a->class == b->class && a->trace == b->trace && a->at_ms == b->at_ms &&
	       a->expires_ms == b->expires_ms && sv_eq(a->msisdn, b->msisdn) &&
	       sv_eq(a->link, b->link) && sv_eq(a->address, b->address) && sv_eq(a->text, b->text) &&
	       sv_eq(a->text_id, b->text_id) && sv_eq(a->lang, b->lang) &&
	       sv_eq(a->dlt_template_id, b->dlt_template_id);
}

static void try_out(void)
{
	struct out_record r, again;
	struct buf b;

	if (!out_record_decode((struct sv){block, block_n}, &r))
		return;
	inside(r.msisdn), inside(r.link), inside(r.address), inside(r.text), inside(r.text_id);
	inside(r.lang), inside(r.dlt_template_id);
	MUST(r.msisdn.n > 0 && r.msisdn.n <= 15);
	buf_init(&b, 10 * 65536);
	out_record_encode(&r, &b);
	MUST(!b.full && out_record_decode(buf_sv(&b), &again) && out_same(&r, &again));
	b.max = b.n - 1;
	buf_reset(&b);
	out_record_encode(&r, &b);
	MUST(b.full);
	buf_clear(&b);
}

/* The way in front of a session, and the session behind it: all of the octets, or none. */
static void try_way(void)
{
	struct sv rest = {block, block_n}, again;
	struct way w, v;
	struct buf b;

	way_decode(&rest, &w);
	inside(w.link), inside(w.address), inside(rest);
	MUST(rest.n == 0 || rest.p + rest.n == block + block_n);
	buf_init(&b, 10 * 65536);
	way_encode(&w, &b);
	buf_addsv(&b, rest);
	again = buf_sv(&b);
	way_decode(&again, &v);
	MUST(sv_eq(v.link, w.link) && sv_eq(v.address, w.address) && sv_eq(again, rest));
	buf_clear(&b);
}

/* The note of a USSD session in front of it, and a step as an inbox entry names it. */
static void try_note(void)
{
	struct sv rest = {block, block_n}, again;
	struct ussd_note n, m;
	struct ussd_step u, v;
	struct buf b;

	buf_init(&b, 10 * 65536);
	ussd_note_decode(&rest, &n);
	inside(rest);
	if (n.present) {
		MUST(strlen(n.screen) <= USSD_SCREEN_OCTETS);
		ussd_note_encode(&n, n.at_ms, &b);
		again = buf_sv(&b);
		ussd_note_decode(&again, &m);
		MUST(again.n == 0 && m.present && m.net == n.net && m.step == n.step && m.key == n.key);
		MUST(m.steps == n.steps && m.begun_ms == n.begun_ms && m.at_ms == n.at_ms);
		MUST(m.is_over == n.is_over && strcmp(m.screen, n.screen) == 0);
	}
	if (ussd_step_decode((struct sv){block, block_n}, &u)) {
		buf_reset(&b);
		ussd_step_encode(&u, &b);
		MUST(ussd_step_decode(buf_sv(&b), &v) && u.how == v.how && u.net == v.net);
		MUST(u.step == v.step && u.repeat_ms == v.repeat_ms && u.is_unique == v.is_unique);
	}
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* In a block of exactly the size: a step past the end is one into poison. */
	char *copy = n ? xmemdup(data, n) : NULL;

	block = copy;
	block_n = n;
	try_in();
	try_out();
	try_way();
	try_note();
	free(copy);
	return 0;
}
