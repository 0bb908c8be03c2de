/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_ussd_pdu.c - eight octets make a vendor's profile, a text up to a NUL is shown or dialled, the rest is
 * a PDU. Whatever it is, the session's name and the texts are inside it; an answer can be encoded, goes
 * where the request came from, and says what it was given. */
#include "codec/ussd_pdu.h"
#include "fuzz.h"

enum { PROFILE = 8 };

static void make_profile(const uint8_t *p, struct ussd_profile *f)
{
	*f = (struct ussd_profile){.out_more = 2,
	    .out_end = 17,
	    .id = (enum ussd_id)(p[0] & 3),
	    .id_mask = (uint16_t)(p[1] << 8 | p[2]),
	    .end_flag = p[0] & 4,
	    .code = p[0] & 8 ? USSD_CODE_TEXT : USSD_CODE_ADDRESS,
	    .use_data_sm = p[0] & 16,
	    .payload = p[0] & 32 ? USSD_PAYLOAD_TLV : USSD_PAYLOAD_SHORT,
	    .dcs_gsm7 = 15,
	    .dcs_ucs2 = 72,
	    .service_type = "USSD"};
	for (unsigned op = 0; op < 256; op++)
		f->in[op] = (uint8_t)((op ^ p[3]) % 6);
}

static void inside(struct sv s, const char *block, size_t n)
{
	MUST(s.n == 0 || (s.p >= block && s.p + s.n <= block + n));
}

static void try_reply(const struct ussd_profile *f, const struct smpp_pdu *in, const struct ussd_mo *mo,
    struct sv text)
{
	struct ussd_back back = {
	    .id_octets = mo->id_octets, .number = in->source_addr, .code = in->destination_addr};
	enum ussd_out what = (enum ussd_out)(text.n % 3);
	uint8_t op[] = {f->out_more, f->out_end, f->out_notice};
	struct ussd_reply r;
	struct smpp_pdu out;
	struct ussd_mo seen;
	uint8_t octets[1024];
	struct wr w = wr_make(octets, sizeof(octets));
	struct buf said;

	memcpy(back.id, mo->id, sizeof(back.id));
	if (!ussd_pdu_reply(f, &back, text, what, &r))
		return;
	smpp_pdu_encode(&r.pdu, &w);
	if (w.err) /* an address of data_sm may be too long for submit_sm */
		return;
	MUST(smpp_pdu_decode(octets, w.n, &out) == SMPP_PDU_OK && ussd_pdu_is(f, &out));
	MUST(sv_eq(out.destination_addr, in->source_addr) &&
	     sv_eq(out.source_addr, in->destination_addr));
	ussd_pdu_read(f, &out, TEXT_GSM7, &seen);
	MUST(seen.raw_op == op[what]);
	MUST(seen.id_octets == mo->id_octets && seen.octets.n > 0 && seen.octets.n <= USSD_TEXT_OCTETS);
	if (f->id != USSD_ID_ITS)
		MUST(memcmp(seen.id, mo->id, mo->id_octets) == 0);
	buf_init(&said, TEXT_MAX_UTF8);
	MUST(text_decode(seen.alphabet, seen.octets, &said));
	buf_clear(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n > PROFILE ? memchr(data + PROFILE, '\0', n - PROFILE) : NULL;
	struct ussd_profile f;
	struct smpp_pdu pdu;
	struct ussd_mo mo;
	struct sv text, inputs;
	char *copy;
	uint8_t op;
	size_t at;
	enum smpp_pdu_rc rc;

	if (!nul)
		return 0;
	make_profile(data, &f);
	copy = xmemdup(data, n);
	at = (size_t)(nul - data);
	text = (struct sv){copy + PROFILE, at - PROFILE};
	if (ussd_op_parse(text.p, &op)) /* it ends with the NUL */
		MUST(text.n > 0);
	if (ussd_dialled(text, SV("*123#"), &inputs) && inputs.n > 0) {
		inside(inputs, copy, n);
		MUST(inputs.n + 4 <= text.n);
	}
	if (ussd_dialled(text, SV(""), &inputs) && inputs.n > 0)
		inside(inputs, copy, n);
	rc = smpp_pdu_decode(copy + at + 1, n - at - 1, &pdu);
	if ((rc == SMPP_PDU_OK || rc == SMPP_PDU_BAD_TLV) &&
	    (pdu.h.id == SMPP_DELIVER_SM || pdu.h.id == SMPP_DATA_SM)) {
		ussd_pdu_read(&f, &pdu, TEXT_GSM7, &mo);
		inside(mo.octets, copy, n);
		inside(mo.dialled, copy, n);
		MUST(mo.id_octets <= USSD_ID_OCTETS && mo.op <= USSD_OP_NOTICED);
		try_reply(&f, &pdu, &mo, text);
	}
	free(copy);
	return 0;
}
