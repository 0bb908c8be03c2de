/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_smpp_pdu.c - any octets as one PDU. What can be read can be written, and reading that again gives
 * the same fields and the same octets. */
#include "codec/smpp_pdu.h"
#include "fuzz.h"

#define SM_MAX 254u /* s.5.2.21: 255 is read but not written */

static void check_frame(const uint8_t *data, size_t n)
{
	struct smpp_hdr h = {0};
	enum smpp_frame_rc rc = smpp_frame_peek(data, n, &h);

	if (rc == SMPP_FRAME_OK)
		MUST(h.len >= SMPP_HDR_LEN && h.len <= n && h.len <= SMPP_PDU_MAX);
	if (rc == SMPP_FRAME_MORE)
		MUST(n < SMPP_PDU_MAX);
}

static void check_same(const struct smpp_pdu *a, const struct smpp_pdu *b)
{
	struct buf x, y;

	buf_init(&x, 1u << 20);
	buf_init(&y, 1u << 20);
	smpp_pdu_print(a, &x);
	smpp_pdu_print(b, &y);
	MUST(!x.full && sv_eq(buf_sv(&x), buf_sv(&y)));
	MUST(sv_eq(a->password, b->password)); /* not printed */
	MUST(a->tlv_count == b->tlv_count);
	for (size_t i = 0; i < a->tlv_count; i++) /* printed only in part */
		MUST(a->tlv[i].tag == b->tlv[i].tag && sv_eq(a->tlv[i].val, b->tlv[i].val));
	MUST(sv_eq(smpp_pdu_message(a), smpp_pdu_message(b)));
	buf_clear(&x);
	buf_clear(&y);
}

static void check_round_trip(struct smpp_pdu *a)
{
	/* a response of the header alone, or an id without its NUL, is written longer than it was read */
	size_t cap = a->h.len + 200;
	uint8_t *once = xmalloc(cap), *twice = xmalloc(cap);
	struct wr w1 = wr_make(once, cap), w2 = wr_make(twice, cap);
	struct smpp_pdu b;

	a->tlv_dropped = 0;
	smpp_pdu_encode(a, &w1);
	MUST(!w1.err);
	MUST(smpp_pdu_decode(once, w1.n, &b) == SMPP_PDU_OK);
	MUST(b.h.len == w1.n && b.h.id == a->h.id && b.h.status == a->h.status && b.h.seq == a->h.seq);
	if (!((a->h.id & SMPP_RESP) && a->h.status)) /* an error response is written without its body */
		check_same(a, &b);
	smpp_pdu_encode(&b, &w2);
	MUST(!w2.err && w1.n == w2.n && memcmp(once, twice, w1.n) == 0);
	free(once);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct smpp_pdu p;
	enum smpp_pdu_rc rc;
	uint8_t *pdu;

	check_frame(data, n);
	if (n < 4 || n > SMPP_PDU_MAX)
		return 0;
	pdu = xmemdup(data, n);
	pdu[0] = 0, pdu[1] = (uint8_t)(n >> 16), pdu[2] = (uint8_t)(n >> 8), pdu[3] = (uint8_t)n;
	rc = smpp_pdu_decode(pdu, n, &p);
	if ((rc == SMPP_PDU_OK || rc == SMPP_PDU_BAD_TLV) && p.short_message.n <= SM_MAX)
		check_round_trip(&p);
	free(pdu);
	return 0;
}
