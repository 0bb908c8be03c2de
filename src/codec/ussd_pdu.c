/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_pdu.c - USSD operations in SMPP PDUs, both ways; see ussd_pdu.h. */
#include "codec/ussd_pdu.h"

#include <stdlib.h>
#include <unistr.h>

#include "codec/text_int.h"

enum {
	TLV_ITS_SESSION_INFO =
	    0x1383, /* s.5.3.2.43: octet 1 session number, octet 2 sequence and end bit */
	TLV_USSD_SESSION_ID = 0x1501,
	UCS2_MOST = 80,
	END_BIT = 1,
	/* 3GPP TS 23.038 s.5: coding groups of a cell broadcast or USSD string. */
	CBS_UCS2 = 0x48,
	CBS_UCS2_LANGUAGE = 0x11, /* two letters of a language before the text */
};

const char *ussd_op_name(enum ussd_op op)
{
	static const char *const names[] = {
	    "unknown", "begin", "next", "end", "abort", "timeout", "noticed"};

	return names[op];
}

bool ussd_op_parse(const char *text, uint8_t *out)
{
	unsigned long v;
	char *end;
	int base = 10;
	const char *digits = text;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		digits = text + 2;
	} else if (strncmp(text, "dec ", 4) == 0) {
		digits = text + 4;
	} else if (strlen(text) != 1) {
		return false;
	}
	if (digits[0] == '\0' ||
	    strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	v = strtoul(digits, &end, base);
	*out = (uint8_t)v;
	return *end == '\0' && v <= 255;
}

/* ---- in ---- */

static uint16_t id_tag(enum ussd_id id)
{
	switch (id) {
	case USSD_ID_NONE:
		break;
	case USSD_ID_ITS:
		return TLV_ITS_SESSION_INFO;
	case USSD_ID_REFERENCE:
		return SMPP_TLV_USER_MESSAGE_REFERENCE;
	case USSD_ID_1501:
		return TLV_USSD_SESSION_ID;
	}
	return 0;
}

size_t ussd_id_octets(enum ussd_id id)
{
	return id == USSD_ID_NONE ? 0 : id == USSD_ID_1501 ? 4 : 2;
}

bool ussd_pdu_is(const struct ussd_profile *f, const struct smpp_pdu *pdu)
{
	return smpp_tlv_find(pdu, SMPP_TLV_USSD_SERVICE_OP) ||
	       (f->service_type[0] != '\0' && sv_is(pdu->service_type, f->service_type));
}

static void read_id(const struct ussd_profile *f, const struct smpp_pdu *pdu, struct ussd_mo *out)
{
	const struct smpp_tlv *t = f->id == USSD_ID_NONE ? NULL : smpp_tlv_find(pdu, id_tag(f->id));

	if (!t || t->val.n == 0 || t->val.n > USSD_ID_OCTETS)
		return;
	out->id_octets = t->val.n;
	memcpy(out->id, t->val.p, t->val.n);
	memcpy(out->id_name, t->val.p, t->val.n);
	if (f->id == USSD_ID_ITS && t->val.n == 2) {
		out->id_name[0] &= (uint8_t)(f->id_mask >> 8);
		out->id_name[1] &= (uint8_t)f->id_mask;
		/* It ends whatever the operation says. */
		if (f->end_flag && (out->id[1] & END_BIT) && out->op != USSD_OP_ABORT &&
		    out->op != USSD_OP_TIMEOUT && out->op != USSD_OP_NOTICED)
			out->op = USSD_OP_END;
	}
}

static void read_text(const struct smpp_pdu *pdu, enum text_alphabet link_default, struct ussd_mo *out)
{
	out->octets = smpp_pdu_message(pdu);
	out->alphabet = text_alphabet_of(pdu->data_coding, link_default);
	if (pdu->data_coding == CBS_UCS2 || pdu->data_coding == CBS_UCS2_LANGUAGE)
		out->alphabet = TEXT_UCS2;
	if (pdu->data_coding == CBS_UCS2_LANGUAGE && out->octets.n >= 2)
		out->octets = (struct sv){out->octets.p + 2, out->octets.n - 2};
}

void ussd_pdu_read(const struct ussd_profile *f, const struct smpp_pdu *pdu,
    enum text_alphabet link_default, struct ussd_mo *out)
{
	const struct smpp_tlv *op = smpp_tlv_find(pdu, SMPP_TLV_USSD_SERVICE_OP);

	*out = (struct ussd_mo){.op = USSD_OP_UNKNOWN};
	if (op && op->val.n == 1) {
		out->has_op = true;
		out->raw_op = (uint8_t)op->val.p[0];
		out->op = (enum ussd_op)f->in[out->raw_op];
	}
	read_id(f, pdu, out);
	read_text(pdu, link_default, out);
	out->dialled = f->code == USSD_CODE_TEXT ? out->octets : pdu->destination_addr;
	/* Some give the bare code as address and the whole of what was dialled as text. */
	if (f->code == USSD_CODE_ADDRESS && out->alphabet != TEXT_UCS2 && out->octets.n > 0 &&
	    (out->octets.p[0] & (f->is_packed ? 0x7f : 0xff)) == '*')
		out->dialled = out->octets;
}

/* ---- out ---- */

size_t ussd_text_encode(struct sv utf8, uint8_t out[USSD_TEXT_OCTETS], enum text_alphabet *alphabet)
{
	size_t units, segments, n = 0;

	text_measure(utf8, alphabet, &units, &segments);
	if (units == 0 ||
	    units > (*alphabet == TEXT_GSM7 ? (size_t)USSD_TEXT_OCTETS : (size_t)UCS2_MOST))
		return 0;
	for (size_t at = 0; at < utf8.n;) {
		uint32_t cp;
		int step = u8_mbtouc(&cp, (const uint8_t *)utf8.p + at, utf8.n - at);

		at += step > 0 ? (size_t)step : 1;
		if (*alphabet == TEXT_GSM7) {
			n += gsm7_from_code_point(cp, out + n);
			continue;
		}
		if (cp > 0xFFFF) {
			uint32_t high = 0xD800 + ((cp - 0x10000) >> 10);

			out[n++] = (uint8_t)(high >> 8);
			out[n++] = (uint8_t)high;
			cp = 0xDC00 + (cp & 0x3FF);
		}
		out[n++] = (uint8_t)(cp >> 8);
		out[n++] = (uint8_t)cp;
	}
	return n;
}

bool ussd_pdu_reply(const struct ussd_profile *f, const struct ussd_back *back, struct sv utf8,
    enum ussd_out what, struct ussd_reply *out)
{
	struct smpp_pdu *p = &out->pdu;
	enum text_alphabet alphabet;
	uint8_t septets[USSD_TEXT_OCTETS];
	struct sv text = {(const char *)out->octets, ussd_text_encode(utf8, out->octets, &alphabet)};
	bool ok = text.n > 0;

	if (ok && f->is_packed && alphabet == TEXT_GSM7) {
		memcpy(septets, out->octets, text.n);
		memset(out->octets, 0, sizeof(out->octets));
		text.n = gsm7_pack(septets, text.n, 0, out->octets);
	}
	*p = (struct smpp_pdu){.h = {.id = f->use_data_sm ? SMPP_DATA_SM : SMPP_SUBMIT_SM}};
	p->service_type = sv_from(f->service_type);
	p->source_addr = back->code;
	p->source_addr_ton = back->code_ton;
	p->source_addr_npi = back->code_npi;
	p->destination_addr = back->number;
	p->dest_addr_ton = back->number_ton;
	p->dest_addr_npi = back->number_npi;
	p->esm_class = f->esm_class;
	p->data_coding = alphabet == TEXT_GSM7 ? f->dcs_gsm7 : f->dcs_ucs2;
	out->op = what == USSD_OUT_END    ? f->out_end
		  : what == USSD_OUT_MORE ? f->out_more
					  : f->out_notice;
	ok = ok && smpp_tlv_add(p, SMPP_TLV_USSD_SERVICE_OP, (struct sv){(const char *)&out->op, 1});
	if (back->id_octets > 0) {
		memcpy(out->id, back->id, back->id_octets);
		if (f->id == USSD_ID_ITS && f->end_flag && back->id_octets == 2)
			out->id[1] =
			    (uint8_t)((out->id[1] & ~END_BIT) | (what == USSD_OUT_MORE ? 0 : END_BIT));
		ok = ok && smpp_tlv_add(p, id_tag(f->id),
			       (struct sv){(const char *)out->id, back->id_octets});
	}
	if (f->use_data_sm || f->payload == USSD_PAYLOAD_TLV)
		ok = ok && smpp_tlv_add(p, SMPP_TLV_MESSAGE_PAYLOAD, text);
	else
		p->short_message = text;
	return ok;
}

/* ---- what was dialled ---- */

static struct sv bare(struct sv s)
{
	while (s.n > 0 && (s.p[0] == '*' || s.p[0] == ' ')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == '#' || s.p[s.n - 1] == ' '))
		s.n--;
	return s;
}

bool ussd_dialled(struct sv dialled, struct sv code, struct sv *inputs)
{
	size_t n = 0;

	dialled = bare(dialled);
	code = bare(code);
	*inputs = (struct sv){"", 0};
	if (code.n > 0) {
		if (dialled.n < code.n || memcmp(dialled.p, code.p, code.n) != 0 ||
		    (dialled.n > code.n && dialled.p[code.n] != '*' && dialled.p[code.n] != '#'))
			return false;
		n = code.n;
	} else {
		while (n < dialled.n && dialled.p[n] != '*' && dialled.p[n] != '#')
			n++;
	}
	if (n < dialled.n)
		*inputs = (struct sv){dialled.p + n + 1, dialled.n - n - 1};
	return true;
}
