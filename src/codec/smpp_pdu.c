/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_pdu.c - the table of fields of every PDU, and the three loops that walk it: decode, encode and
 * print. Another PDU is another row of `layouts`. submit_multi has no row: its list of destinations
 * fits no field of struct smpp_pdu and nothing here sends it, so it is answered as unknown. */
#include "codec/smpp_pdu.h"

#include <stddef.h>
#include <string.h>

enum field_kind {
	FIELD_END,
	FIELD_U8,
	FIELD_CSTR, /* max octets with its NUL */
	FIELD_ID, /* as CSTR; at the end of a PDU its NUL may be missing, as some message centres send it */
	FIELD_SM, /* sm_length and short_message */
	FIELD_TLVS, /* optional parameters to the end of the PDU; always the last field */
};

struct field {
	enum field_kind kind;
	size_t offset;
	size_t max;
	const char *name;
};

#define U8(m) \
	{ \
		FIELD_U8, offsetof(struct smpp_pdu, m), 1, #m \
	}
#define CSTR(m, max) \
	{ \
		FIELD_CSTR, offsetof(struct smpp_pdu, m), max, #m \
	}
#define ID(m) \
	{ \
		FIELD_ID, offsetof(struct smpp_pdu, m), 65, #m \
	}
#define SM \
	{ \
		FIELD_SM, offsetof(struct smpp_pdu, short_message), 254, "short_message" \
	}
#define TLVS \
	{ \
		FIELD_TLVS, 0, 0, "tlv" \
	}
#define END \
	{ \
		FIELD_END, 0, 0, NULL \
	}
#define SOURCE(max) U8(source_addr_ton), U8(source_addr_npi), CSTR(source_addr, max)
#define DEST(max) U8(dest_addr_ton), U8(dest_addr_npi), CSTR(destination_addr, max)

/* s.4.1.1 bind_transmitter, s.4.1.3 bind_receiver, s.4.1.5 bind_transceiver */
static const struct field bind[] = {CSTR(system_id, 16), CSTR(password, 9), CSTR(system_type, 13),
    U8(interface_version), U8(addr_ton), U8(addr_npi), CSTR(address_range, 41), TLVS, END};
/* s.4.1.2, s.4.1.4, s.4.1.6 */
static const struct field bind_resp[] = {CSTR(system_id, 16), TLVS, END};
/* s.4.1.7.1 */
static const struct field outbind[] = {CSTR(system_id, 16), CSTR(password, 9), TLVS, END};
/* s.4.2, s.4.3, s.4.11: the header alone; what follows it is kept if it can be read as TLVs */
static const struct field header_only[] = {TLVS, END};
/* s.4.4.1 submit_sm, s.4.6.1 deliver_sm */
static const struct field submit_sm[] = {CSTR(service_type, 6), SOURCE(21), DEST(21), U8(esm_class),
    U8(protocol_id), U8(priority_flag), CSTR(schedule_delivery_time, 17), CSTR(validity_period, 17),
    U8(registered_delivery), U8(replace_if_present_flag), U8(data_coding), U8(sm_default_msg_id), SM,
    TLVS, END};
/* s.4.4.2, s.4.6.2, s.4.7.2 */
static const struct field message_id_resp[] = {ID(message_id), TLVS, END};
/* s.4.7.1 */
static const struct field data_sm[] = {CSTR(service_type, 6), SOURCE(65), DEST(65), U8(esm_class),
    U8(registered_delivery), U8(data_coding), TLVS, END};
/* s.4.8.1 */
static const struct field query_sm[] = {CSTR(message_id, 65), SOURCE(21), TLVS, END};
/* s.4.8.2 */
static const struct field query_sm_resp[] = {
    CSTR(message_id, 65), CSTR(final_date, 17), U8(message_state), U8(error_code), TLVS, END};
/* s.4.9.1 */
static const struct field cancel_sm[] = {
    CSTR(service_type, 6), CSTR(message_id, 65), SOURCE(21), DEST(21), TLVS, END};
/* s.4.10.1 */
static const struct field replace_sm[] = {CSTR(message_id, 65), SOURCE(21),
    CSTR(schedule_delivery_time, 17), CSTR(validity_period, 17), U8(registered_delivery),
    U8(sm_default_msg_id), SM, TLVS, END};
/* s.4.12.1 */
static const struct field alert_notification[] = {
    SOURCE(65), U8(esme_addr_ton), U8(esme_addr_npi), CSTR(esme_addr, 65), TLVS, END};

static const struct layout {
	uint32_t id;
	const struct field *fields;
} layouts[] = {
    {SMPP_DELIVER_SM, submit_sm},
    {SMPP_SUBMIT_SM | SMPP_RESP, message_id_resp},
    {SMPP_SUBMIT_SM, submit_sm},
    {SMPP_DELIVER_SM | SMPP_RESP, message_id_resp},
    {SMPP_ENQUIRE_LINK, header_only},
    {SMPP_ENQUIRE_LINK | SMPP_RESP, header_only},
    {SMPP_DATA_SM, data_sm},
    {SMPP_DATA_SM | SMPP_RESP, message_id_resp},
    {SMPP_BIND_RECEIVER, bind},
    {SMPP_BIND_RECEIVER | SMPP_RESP, bind_resp},
    {SMPP_BIND_TRANSMITTER, bind},
    {SMPP_BIND_TRANSMITTER | SMPP_RESP, bind_resp},
    {SMPP_BIND_TRANSCEIVER, bind},
    {SMPP_BIND_TRANSCEIVER | SMPP_RESP, bind_resp},
    {SMPP_OUTBIND, outbind},
    {SMPP_UNBIND, header_only},
    {SMPP_UNBIND | SMPP_RESP, header_only},
    {(uint32_t)SMPP_GENERIC_NACK, header_only},
    {SMPP_QUERY_SM, query_sm},
    {SMPP_QUERY_SM | SMPP_RESP, query_sm_resp},
    {SMPP_CANCEL_SM, cancel_sm},
    {SMPP_CANCEL_SM | SMPP_RESP, header_only},
    {SMPP_REPLACE_SM, replace_sm},
    {SMPP_REPLACE_SM | SMPP_RESP, header_only},
    {SMPP_ALERT_NOTIFICATION, alert_notification},
};

static const struct field *fields_of(uint32_t id)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i].id == id)
			return layouts[i].fields;
	return NULL;
}

enum smpp_frame_rc smpp_frame_peek(const uint8_t *buf, size_t n, struct smpp_hdr *h)
{
	struct rd r = rd_make(buf, n);
	uint32_t len = rd_u32(&r);

	if (r.err)
		return SMPP_FRAME_MORE;
	if (len < SMPP_HDR_LEN || len > SMPP_PDU_MAX)
		return SMPP_FRAME_BAD;
	if (n < len)
		return SMPP_FRAME_MORE;
	*h = (struct smpp_hdr){.len = len, .id = rd_u32(&r), .status = 0, .seq = 0};
	h->status = rd_u32(&r);
	h->seq = rd_u32(&r);
	return SMPP_FRAME_OK;
}

/* False when a TLV runs past the end; those before it stay. */
static bool decode_tlvs(struct rd *r, struct smpp_pdu *p)
{
	while (rd_left(r) > 0) {
		uint16_t tag = rd_u16(r), len = rd_u16(r);
		struct sv val = rd_octets(r, len);

		if (r->err)
			return false;
		if (!smpp_tlv_add(p, tag, val))
			p->tlv_dropped++;
	}
	return true;
}

static struct sv decode_id(struct rd *r, size_t max)
{
	size_t left = rd_left(r);

	if (left > 0 && left < max && !memchr(r->p + r->off, '\0', left))
		return rd_octets(r, left);
	return rd_cstr(r, max);
}

enum smpp_pdu_rc smpp_pdu_decode(const void *in, size_t n, struct smpp_pdu *p)
{
	struct rd r = rd_make(in, n);
	const struct field *f;

	memset(p, 0, sizeof *p);
	p->h.len = rd_u32(&r);
	p->h.id = rd_u32(&r);
	p->h.status = rd_u32(&r);
	p->h.seq = rd_u32(&r);
	if (r.err || p->h.len != n)
		return SMPP_PDU_BAD_LEN;
	f = fields_of(p->h.id);
	if (!f)
		return SMPP_PDU_UNKNOWN;
	/* An error response may end here by the specification; peers end good ones here too
	 * (deliver_sm_resp, whose message_id is unused), and nothing is lost by taking that. */
	if ((p->h.id & SMPP_RESP) && n == SMPP_HDR_LEN)
		return SMPP_PDU_OK;
	for (; f->kind != FIELD_END; f++) {
		void *to = (char *)p + f->offset;

		switch (f->kind) {
		case FIELD_U8:
			*(uint8_t *)to = rd_u8(&r);
			break;
		case FIELD_CSTR:
			*(struct sv *)to = rd_cstr(&r, f->max);
			break;
		case FIELD_ID:
			*(struct sv *)to = decode_id(&r, f->max);
			break;
		case FIELD_SM:
			*(struct sv *)to = rd_octets(&r, rd_u8(&r));
			break;
		case FIELD_TLVS:
			if (!r.err && !decode_tlvs(&r, p))
				return SMPP_PDU_BAD_TLV;
			break;
		case FIELD_END:
			break;
		}
	}
	return r.err ? SMPP_PDU_BAD_LEN : SMPP_PDU_OK;
}

static void encode_sm(struct wr *w, struct sv sm, size_t max)
{
	if (sm.n > max) {
		w->err = true;
		return;
	}
	wr_u8(w, (uint8_t)sm.n);
	wr_octets(w, sm.p, sm.n);
}

static void encode_tlvs(struct wr *w, const struct smpp_pdu *p)
{
	for (size_t i = 0; i < p->tlv_count; i++) {
		wr_u16(w, p->tlv[i].tag);
		wr_u16(w, (uint16_t)p->tlv[i].val.n);
		wr_octets(w, p->tlv[i].val.p, p->tlv[i].val.n);
	}
}

void smpp_pdu_encode(const struct smpp_pdu *p, struct wr *w)
{
	static const struct field none[] = {END};
	const struct field *f = fields_of(p->h.id);
	size_t at = w->n;

	if (!f) {
		w->err = true;
		return;
	}
	wr_u32(w, 0);
	wr_u32(w, p->h.id);
	wr_u32(w, p->h.status);
	wr_u32(w, p->h.seq);
	if ((p->h.id & SMPP_RESP) && p->h.status != ESME_ROK)
		f = none;
	for (; f->kind != FIELD_END; f++) {
		const void *from = (const char *)p + f->offset;

		switch (f->kind) {
		case FIELD_U8:
			wr_u8(w, *(const uint8_t *)from);
			break;
		case FIELD_CSTR:
		case FIELD_ID:
			wr_cstr(w, *(const struct sv *)from, f->max);
			break;
		case FIELD_SM:
			encode_sm(w, *(const struct sv *)from, f->max);
			break;
		case FIELD_TLVS:
			encode_tlvs(w, p);
			break;
		case FIELD_END:
			break;
		}
	}
	if (!w->err && w->n - at > SMPP_PDU_MAX)
		w->err = true;
	if (!w->err)
		wr_patch_u32(w, at, (uint32_t)(w->n - at));
}

const struct smpp_tlv *smpp_tlv_find(const struct smpp_pdu *p, uint16_t tag)
{
	for (size_t i = 0; i < p->tlv_count; i++)
		if (p->tlv[i].tag == tag)
			return &p->tlv[i];
	return NULL;
}

bool smpp_tlv_add(struct smpp_pdu *p, uint16_t tag, struct sv val)
{
	if (p->tlv_count >= SMPP_TLV_MAX || val.n > UINT16_MAX)
		return false;
	p->tlv[p->tlv_count++] = (struct smpp_tlv){tag, val};
	return true;
}

struct sv smpp_pdu_message(const struct smpp_pdu *p)
{
	const struct smpp_tlv *payload =
	    p->short_message.n ? NULL : smpp_tlv_find(p, SMPP_TLV_MESSAGE_PAYLOAD);

	return payload ? payload->val : p->short_message;
}

/* ---- printing ---- */

#define PRINT_OCTETS_MAX 400u /* of one value: a log line, not an archive */

static void print_hex(struct sv s, struct buf *out)
{
	size_t n = s.n < PRINT_OCTETS_MAX ? s.n : PRINT_OCTETS_MAX;

	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%02x", (unsigned char)s.p[i]);
	if (n < s.n)
		buf_addf(out, "...%zu", s.n);
}

static void print_text(struct sv s, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7E)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

void smpp_pdu_print(const struct smpp_pdu *p, struct buf *out)
{
	const struct field *f = fields_of(p->h.id);

	buf_addf(out, "%s id=0x%08x seq=%u status=0x%02x", smpp_cmd_name(p->h.id), p->h.id, p->h.seq,
	    p->h.status);
	if (p->h.status != ESME_ROK)
		buf_addf(out, " (%s)", smpp_status_name(p->h.status));
	for (; f && f->kind != FIELD_END; f++) {
		const void *from = (const char *)p + f->offset;
		const struct sv *s = from;

		if (f->kind == FIELD_U8) {
			buf_addf(out, " %s=%u", f->name, *(const uint8_t *)from);
		} else if (f->kind == FIELD_CSTR || f->kind == FIELD_ID) {
			buf_addf(out, " %s=", f->name);
			print_text(s == &p->password && s->n ? SV("***") : *s, out);
		} else if (f->kind == FIELD_SM) {
			buf_addf(out, " sm_length=%zu %s=", s->n, f->name);
			print_hex(*s, out);
		}
	}
	for (size_t i = 0; i < p->tlv_count; i++) {
		buf_addf(out, " tlv_0x%04x=", p->tlv[i].tag);
		print_hex(p->tlv[i].val, out);
	}
	if (p->tlv_dropped)
		buf_addf(out, " tlv_dropped=%zu", p->tlv_dropped);
}
