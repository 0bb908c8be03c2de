/* SPDX-License-Identifier: BSD-2-Clause */
/* join.c - segments to messages; see join.h. */
#include "sim/join.h"

#include <stdlib.h>
#include <string.h>

#include "codec/text.h"

#define SEPTETS_MAX 160u /* unpacked GSM-7 in one message */
#define OCTETS_MAX 140u /* anything else, with its header */

struct part {
	char *p; /* owned; NULL: not here yet */
	size_t n;
};

struct partial {
	char from[21];
	uint16_t ref;
	uint8_t total, have, data_coding;
	struct part *part; /* total of them; NULL: this place is free */
	uint64_t age; /* of the last segment, in segments seen */
};

struct join {
	struct partial open[JOIN_OPEN_MAX];
	uint64_t seen;
};

struct join *join_new(void)
{
	return xcalloc(1, sizeof(struct join));
}

static void partial_clear(struct partial *m)
{
	for (size_t i = 0; m->part && i < m->total; i++)
		free(m->part[i].p);
	free(m->part);
	memset(m, 0, sizeof(*m));
}

void join_free(struct join *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < JOIN_OPEN_MAX; i++)
		partial_clear(&j->open[i]);
	free(j);
}

size_t join_open(const struct join *j)
{
	size_t n = 0;

	for (size_t i = 0; i < JOIN_OPEN_MAX; i++)
		n += j->open[i].part != NULL;
	return n;
}

/* The shift tables are those of the last part that came; parts of one message have the same. */
static void decode(uint8_t data_coding, const struct text_concat *c, struct sv octets, struct buf *out)
{
	enum text_alphabet a = text_alphabet_of(data_coding, TEXT_GSM7);

	if (a == TEXT_GSM7 ? !text_decode_national(octets, c->lock_lang, c->shift_lang, out)
			   : !text_decode(a, octets, out))
		buf_addf(out, "[binary, %zu octets]", octets.n);
}

static bool same(const struct partial *m, const struct smpp_pdu *p, const struct text_concat *c)
{
	return m->part && m->ref == c->ref && m->total == c->total &&
	       m->data_coding == p->data_coding && sv_is(p->source_addr, m->from);
}

static struct partial *partial_for(struct join *j, const struct smpp_pdu *p,
    const struct text_concat *c)
{
	struct partial *m = &j->open[0];

	for (size_t i = 0; i < JOIN_OPEN_MAX; i++)
		if (same(&j->open[i], p, c))
			return &j->open[i];
	for (size_t i = 1; i < JOIN_OPEN_MAX && m->part; i++)
		if (!j->open[i].part || j->open[i].age < m->age)
			m = &j->open[i];
	partial_clear(m);
	memcpy(m->from, p->source_addr.p,
	    p->source_addr.n < sizeof(m->from) ? p->source_addr.n : sizeof(m->from) - 1);
	m->ref = c->ref;
	m->total = c->total;
	m->data_coding = p->data_coding;
	m->part = xcalloc(c->total, sizeof(*m->part));
	return m;
}

static bool sar_u(const struct smpp_pdu *p, uint16_t tag, size_t octets, uint16_t *out)
{
	const struct smpp_tlv *t = smpp_tlv_find(p, tag);

	if (!t || t->val.n != octets)
		return false;
	*out = 0;
	for (size_t i = 0; i < octets; i++)
		*out = (uint16_t)(*out << 8 | (uint8_t)t->val.p[i]);
	return true;
}

/* Where the text stands and which part of what it is. false: unreadable. */
static bool split(const struct smpp_pdu *p, struct text_concat *c, struct sv *body)
{
	uint16_t ref, total, seq;

	memset(c, 0, sizeof(*c));
	*body = smpp_pdu_message(p);
	if (p->esm_class & SMPP_ESM_UDHI) {
		if (!text_udh_read(*body, c) || c->udh_octets > body->n)
			return false;
		body->p += c->udh_octets;
		body->n -= c->udh_octets;
		return true;
	}
	if (sar_u(p, SMPP_TLV_SAR_MSG_REF_NUM, 2, &ref) &&
	    sar_u(p, SMPP_TLV_SAR_TOTAL_SEGMENTS, 1, &total) &&
	    sar_u(p, SMPP_TLV_SAR_SEGMENT_SEQNUM, 1, &seq) && seq >= 1 && seq <= total) {
		c->present = true;
		c->ref = ref;
		c->total = (uint8_t)total;
		c->seq = (uint8_t)seq;
	}
	return true;
}

/* What fits one message on the radio; message_payload may be longer, the centre cuts it. */
static bool fits(const struct smpp_pdu *p, const struct text_concat *c, struct sv body)
{
	size_t header = c->udh_octets;

	if (p->short_message.n == 0)
		return true;
	if (text_alphabet_of(p->data_coding, TEXT_GSM7) == TEXT_GSM7)
		return body.n <= SEPTETS_MAX - (header * 8 + 6) / 7;
	return header + body.n <= OCTETS_MAX;
}

enum join_rc join_add(struct join *j, const struct smpp_pdu *p, struct buf *out)
{
	struct text_concat c;
	struct partial *m;
	struct part *part;
	struct sv body;
	struct buf all;

	if (!split(p, &c, &body) || !fits(p, &c, body))
		return JOIN_BAD;
	if (!c.present || c.total == 1) {
		decode(p->data_coding, &c, body, out);
		return JOIN_WHOLE;
	}
	m = partial_for(j, p, &c);
	m->age = ++j->seen;
	part = &m->part[c.seq - 1];
	if (!part->p) {
		part->p = xmemdup(body.n ? body.p : "", body.n ? body.n : 1);
		part->n = body.n;
		m->have++;
	}
	if (m->have < m->total)
		return JOIN_PART;
	buf_init(&all, (size_t)m->total * SMPP_PDU_MAX);
	for (size_t i = 0; i < m->total; i++)
		buf_add(&all, m->part[i].p, m->part[i].n);
	decode(m->data_coding, &c, buf_sv(&all), out);
	buf_clear(&all);
	partial_clear(m);
	return JOIN_WHOLE;
}
