/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_receipt.c - up to the first 0xFF the text of a receipt, up to the next the id TLV, the octet after
 * it the state TLV. What is read, written in the form of SMPP 3.4 appendix B, is read as the same. */
#include "codec/receipt.h"
#include "fuzz.h"

static struct sv cut(struct sv *rest)
{
	const char *at = rest->n ? memchr(rest->p, 0xFF, rest->n) : NULL;
	struct sv head = {rest->p, at ? (size_t)(at - rest->p) : rest->n};

	rest->p += head.n + (at ? 1 : 0);
	rest->n -= head.n + (at ? 1 : 0);
	return head;
}

static void check_normal(struct sv id)
{
	char once[RECEIPT_ID_CAP], twice[RECEIPT_ID_CAP];

	receipt_id_normal(id, once);
	receipt_id_normal(sv_from(once), twice);
	MUST(strlen(once) < RECEIPT_ID_CAP && strcmp(once, twice) == 0);
}

static void check_rewritten(const struct receipt *r)
{
	struct smpp_pdu p = {.esm_class = SMPP_ESM_RECEIPT};
	struct receipt again;
	struct buf b;

	/* an id of a TLV may hold what a text cannot carry */
	if (!r->id[0] || strpbrk(r->id, " \t\r\n:") || memchr(r->err.p ? r->err.p : "", ':', r->err.n))
		return;
	buf_init(&b, 1u << 20);
	buf_addf(&b,
	    "id:%s sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:%s err:", r->id,
	    receipt_state_name(r->state));
	buf_addsv(&b, r->err);
	buf_adds(&b, " text:x");
	p.short_message = buf_sv(&b);
	MUST(receipt_read(&p, &again));
	MUST(strcmp(again.id, r->id) == 0 && again.state == r->state && sv_eq(again.err, r->err));
	MUST(receipt_is_like(&p));
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct smpp_pdu p = {.esm_class = SMPP_ESM_RECEIPT};
	void *copy = xmemdup(data, n);
	struct sv rest = {copy, n}, id;
	struct receipt r;
	bool ok;

	p.short_message = cut(&rest);
	id = cut(&rest);
	if (id.n)
		(void)!smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID, id);
	if (rest.n)
		(void)!smpp_tlv_add(&p, SMPP_TLV_MESSAGE_STATE, (struct sv){rest.p, 1});
	check_normal(id);
	MUST(receipt_is(&p));
	ok = receipt_read(&p, &r);
	MUST(r.state >= RECEIPT_ENROUTE && r.state <= RECEIPT_REJECTED);
	MUST(memchr(r.id, '\0', sizeof r.id) != NULL);
	MUST(r.err.n <= p.short_message.n);
	if (receipt_is_like(&p))
		MUST(ok && r.id[0]);
	if (ok)
		check_rewritten(&r);
	else
		MUST(!r.id[0]);
	free(copy);
	return 0;
}
