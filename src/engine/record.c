/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - inbox and outbox records as octets; see record.h. */
#include "engine/record.h"

#include <stdio.h>

#include "base/rd.h"
#include "codec/msisdn.h"

#define RECORD_VERSION 1u

static void put_u8(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v & 0xFF));
}

static void put_u64(struct buf *b, uint64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		put_u8(b, (unsigned)(v >> shift));
}

/* 16 bits of length. What is longer makes the buffer full, as what passes its limit does: a record
 * is whole or it is none. */
static void put_sv(struct buf *b, struct sv s)
{
	if (s.n > 0xFFFF) {
		b->full = true;
		return;
	}
	put_u8(b, (unsigned)(s.n >> 8));
	put_u8(b, (unsigned)s.n);
	buf_add(b, s.p, s.n);
}

/* One that is longer than E.164 allows would be cut to another person's number later on. */
static bool is_number(struct sv s)
{
	return s.n > 0 && s.n < MSISDN_CAP;
}

static uint64_t get_u64(struct rd *r)
{
	uint64_t hi = rd_u32(r);

	return hi << 32 | rd_u32(r);
}

/* An absent field at the end is empty: an older writer did not know it. */
static struct sv get_sv(struct rd *r)
{
	if (!r->err && rd_left(r) == 0)
		return SV("");
	return rd_octets(r, rd_u16(r));
}

static uint64_t get_number(struct rd *r)
{
	struct sv s = get_sv(r);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n && i < 18 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	return v;
}

static void put_number(struct buf *b, uint64_t v)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)v);

	put_sv(b, (struct sv){text, (size_t)n});
}

void in_record_encode_held(const struct in_record *r, struct buf *out)
{
	put_u8(out, RECORD_VERSION);
	put_u8(out, (unsigned)r->kind);
	put_u64(out, r->at_ms);
	put_sv(out, r->msisdn);
	put_sv(out, r->channel);
	put_sv(out, r->link);
	put_sv(out, r->address);
	put_sv(out, r->text);
	put_sv(out, r->event_type);
	put_sv(out, r->event_service);
}

void in_record_encode(const struct in_record *r, struct buf *out)
{
	in_record_encode_held(r, out);
	put_sv(out, r->owner);
	if (r->until_ms == 0 && r->merged == 0)
		return;
	put_number(out, r->until_ms);
	put_number(out, r->merged);
}

bool in_record_decode(struct sv in, struct in_record *r)
{
	struct rd rd = rd_make(in.p, in.n);
	unsigned version = rd_u8(&rd), kind = rd_u8(&rd);

	*r = (struct in_record){0};
	r->at_ms = get_u64(&rd);
	r->msisdn = get_sv(&rd);
	r->channel = get_sv(&rd);
	r->link = get_sv(&rd);
	r->address = get_sv(&rd);
	r->text = get_sv(&rd);
	r->event_type = get_sv(&rd);
	r->event_service = get_sv(&rd);
	r->owner = get_sv(&rd);
	r->until_ms = get_number(&rd);
	r->merged = (unsigned)get_number(&rd);
	if (rd.err || version != RECORD_VERSION || !is_number(r->msisdn) ||
	    (kind > INPUT_EVENT && kind != INPUT_USSD_BEGIN && kind != INPUT_REPEATED &&
		kind != INPUT_CODE))
		return false;
	r->kind = (enum input_kind)kind;
	return true;
}

void out_record_encode(const struct out_record *r, struct buf *out)
{
	bool for_screen = r->screen.n > 0 || r->press.n > 0 || r->keeps;

	put_u8(out, RECORD_VERSION);
	put_u8(out, (unsigned)r->class);
	put_u64(out, r->trace);
	put_u64(out, r->at_ms);
	put_u64(out, r->expires_ms);
	put_sv(out, r->msisdn);
	put_sv(out, r->link);
	put_sv(out, r->address);
	put_sv(out, r->text);
	put_sv(out, r->text_id);
	put_sv(out, r->lang);
	put_sv(out, r->dlt_template_id);
	put_sv(out, r->owner);
	if (r->seal.n > 0 || for_screen) /* absent is empty */
		put_sv(out, r->seal);
	if (!for_screen)
		return;
	put_sv(out, r->screen);
	put_sv(out, r->press);
	put_sv(out, r->keeps ? SV("1") : SV(""));
}

bool out_record_decode(struct sv in, struct out_record *r)
{
	struct rd rd = rd_make(in.p, in.n);
	unsigned version = rd_u8(&rd), class = rd_u8(&rd);

	*r = (struct out_record){0};
	r->trace = get_u64(&rd);
	r->at_ms = get_u64(&rd);
	r->expires_ms = get_u64(&rd);
	r->msisdn = get_sv(&rd);
	r->link = get_sv(&rd);
	r->address = get_sv(&rd);
	r->text = get_sv(&rd);
	r->text_id = get_sv(&rd);
	r->lang = get_sv(&rd);
	r->dlt_template_id = get_sv(&rd);
	r->owner = get_sv(&rd);
	r->seal = get_sv(&rd);
	r->screen = get_sv(&rd);
	r->press = get_sv(&rd);
	r->keeps = get_sv(&rd).n > 0;
	if (rd.err || version != RECORD_VERSION || class >= MSG_CLASSES || !is_number(r->msisdn))
		return false;
	r->class = (enum msg_class) class;
	return true;
}

void way_encode(const struct way *w, struct buf *out)
{
	put_u8(out, RECORD_VERSION);
	put_sv(out, w->link);
	put_sv(out, w->address);
}

void way_decode(struct sv *blob, struct way *w)
{
	struct rd rd = rd_make(blob->p, blob->n);
	unsigned version = rd_u8(&rd);

	w->link = get_sv(&rd);
	w->address = get_sv(&rd);
	if (rd.err || version != RECORD_VERSION) {
		*w = (struct way){0};
		*blob = (struct sv){0};
		return;
	}
	*blob = (struct sv){blob->p + rd.off, blob->n - rd.off};
}
