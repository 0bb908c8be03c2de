/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_pdu.h - SMPP 3.4 PDUs to and from octets, from one table of fields (SMPP 3.4 s.4, s.5).
 * Pure: no I/O, no allocation, no clock, no globals. Text fields are views into the input,
 * valid as long as the input is. Unknown TLVs are kept. */
#ifndef DK_SMPP_PDU_H
#define DK_SMPP_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/sv.h"
#include "base/xmalloc.h"

#define SMPP_HDR_LEN 16u
#define SMPP_PDU_MAX 65536u /* a longer command_length closes the link */
#define SMPP_TLV_MAX 32u /* TLVs kept of one PDU; later ones are counted in tlv_dropped */

enum smpp_cmd { /* SMPP 3.4 s.5.1.2.1 */
	SMPP_GENERIC_NACK = (int)0x80000000,
	SMPP_BIND_RECEIVER = 0x1,
	SMPP_BIND_TRANSMITTER = 0x2,
	SMPP_QUERY_SM = 0x3,
	SMPP_SUBMIT_SM = 0x4,
	SMPP_DELIVER_SM = 0x5,
	SMPP_UNBIND = 0x6,
	SMPP_REPLACE_SM = 0x7,
	SMPP_CANCEL_SM = 0x8,
	SMPP_BIND_TRANSCEIVER = 0x9,
	SMPP_OUTBIND = 0xB,
	SMPP_ENQUIRE_LINK = 0x15,
	SMPP_SUBMIT_MULTI = 0x21,
	SMPP_ALERT_NOTIFICATION = 0x102,
	SMPP_DATA_SM = 0x103,
};
#define SMPP_RESP 0x80000000u /* the response's bit of command_id */

enum { /* command_status, SMPP 3.4 s.5.1.3; smpp_status_name() knows all of them */
	ESME_ROK = 0x00,
	ESME_RINVMSGLEN = 0x01,
	ESME_RINVCMDLEN = 0x02,
	ESME_RINVCMDID = 0x03,
	ESME_RINVBNDSTS = 0x04,
	ESME_RALYBND = 0x05,
	ESME_RSYSERR = 0x08,
	ESME_RINVSRCADR = 0x0A,
	ESME_RINVDSTADR = 0x0B,
	ESME_RBINDFAIL = 0x0D,
	ESME_RINVPASWD = 0x0E,
	ESME_RINVSYSID = 0x0F,
	ESME_RCANCELFAIL = 0x11,
	ESME_RREPLACEFAIL = 0x13,
	ESME_RMSGQFUL = 0x14,
	ESME_RINVESMCLASS = 0x43,
	ESME_RSUBMITFAIL = 0x45,
	ESME_RINVSYSTYP = 0x53,
	ESME_RTHROTTLED = 0x58,
	ESME_RX_T_APPN = 0x64,
	ESME_RX_P_APPN = 0x65,
	ESME_RX_R_APPN = 0x66,
	ESME_RQUERYFAIL = 0x67,
	ESME_RUNKNOWNERR = 0xFF,
};

enum { /* TLV tags used by name, SMPP 3.4 s.5.3.2 */
	SMPP_TLV_RECEIPTED_MESSAGE_ID = 0x001E,
	SMPP_TLV_SC_INTERFACE_VERSION = 0x0210,
	SMPP_TLV_USER_MESSAGE_REFERENCE = 0x0204,
	SMPP_TLV_SAR_MSG_REF_NUM = 0x020C,
	SMPP_TLV_SAR_TOTAL_SEGMENTS = 0x020E,
	SMPP_TLV_SAR_SEGMENT_SEQNUM = 0x020F,
	SMPP_TLV_NETWORK_ERROR_CODE = 0x0423,
	SMPP_TLV_MESSAGE_PAYLOAD = 0x0424,
	SMPP_TLV_MESSAGE_STATE = 0x0427,
	SMPP_TLV_CONGESTION_STATE = 0x0428, /* SMPP 5.0 s.4.8.4.18 */
	SMPP_TLV_USSD_SERVICE_OP = 0x0501,
};

enum { /* esm_class bits, SMPP 3.4 s.5.2.12 */
	SMPP_ESM_TYPE_MASK = 0x3C,
	SMPP_ESM_RECEIPT = 0x04,
	SMPP_ESM_UDHI = 0x40,
};

struct smpp_hdr {
	uint32_t len, id, status, seq; /* len includes the header */
};

enum smpp_frame_rc { SMPP_FRAME_OK, SMPP_FRAME_MORE, SMPP_FRAME_BAD };

/* Look for one PDU at the start of buf[0..n); never consumes.
 *	OK	*h is valid; h->len octets (header included) are present
 *	MORE	fewer octets than the PDU needs
 *	BAD	length below SMPP_HDR_LEN or above SMPP_PDU_MAX: close the link */
MUSTUSE enum smpp_frame_rc smpp_frame_peek(const uint8_t *buf, size_t n, struct smpp_hdr *h);

struct smpp_tlv {
	uint16_t tag;
	struct sv val;
};

/* One struct for every PDU; which fields a command uses is in the table in smpp_pdu.c. */
struct smpp_pdu {
	struct smpp_hdr h;
	struct sv system_id, password, system_type, address_range;
	uint8_t interface_version, addr_ton, addr_npi;
	struct sv service_type;
	uint8_t source_addr_ton, source_addr_npi;
	struct sv source_addr;
	uint8_t dest_addr_ton, dest_addr_npi;
	struct sv destination_addr;
	uint8_t esm_class, protocol_id, priority_flag;
	struct sv schedule_delivery_time, validity_period;
	uint8_t registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id;
	struct sv short_message; /* sm_length octets; message_payload is in the TLVs */
	struct sv message_id, final_date;
	uint8_t message_state, error_code;
	uint8_t esme_addr_ton, esme_addr_npi;
	struct sv esme_addr;
	struct smpp_tlv tlv[SMPP_TLV_MAX];
	size_t tlv_count, tlv_dropped;
};

enum smpp_pdu_rc {
	SMPP_PDU_OK,
	SMPP_PDU_UNKNOWN, /* command_id not in the table: generic_nack ESME_RINVCMDID, carry on */
	SMPP_PDU_BAD_LEN, /* a field runs past the PDU, or a string has no end: ESME_RINVCMDLEN */
	SMPP_PDU_BAD_TLV, /* mandatory part is good, a TLV runs past the end: fields are valid */
};

/* Decode one whole PDU of exactly n octets. p->h is valid on every result but a short header.
 * A response may stop after the header, as one whose status is not 0 does (SMPP 3.4 s.4.1.2 and others). */
MUSTUSE enum smpp_pdu_rc smpp_pdu_decode(const void *in, size_t n, struct smpp_pdu *p);
/* Encode; command_length is worked out, sm_length from short_message. On a field that is too long or
 * a buffer that is too small w->err is set. A response with status != 0 is the header alone. */
void smpp_pdu_encode(const struct smpp_pdu *p, struct wr *w);
const struct smpp_tlv *smpp_tlv_find(const struct smpp_pdu *p, uint16_t tag); /* first, or NULL */
bool smpp_tlv_add(struct smpp_pdu *p, uint16_t tag, struct sv val); /* val borrowed until encode */
/* The message text octets: short_message, or message_payload when sm_length is 0. */
struct sv smpp_pdu_message(const struct smpp_pdu *p);
const char *smpp_cmd_name(uint32_t id); /* "deliver_sm", "deliver_sm_resp", "unknown" */
const char *smpp_status_name(uint32_t status); /* "ESME_RTHROTTLED"; "vendor" 0x400-0x4FF; "unknown" */
/* One line for WIRE logs: command, seq, status and the fields, passwords as ***. */
void smpp_pdu_print(const struct smpp_pdu *p, struct buf *out);

#endif
