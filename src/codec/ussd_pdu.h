/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_pdu.h - USSD over SMPP as a vendor's profile says: what a deliver_sm is, and the submit_sm or
 * data_sm that answers it. There is no standard for it: SMPP 3.4 s.5.3.2.44 numbers the operations, and
 * every vendor does the rest in its own way, so a profile is data. Pure. */
#ifndef DK_USSD_PDU_H
#define DK_USSD_PDU_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/smpp_pdu.h"
#include "codec/text.h"

#define USSD_TEXT_OCTETS 182u /* of one string: 182 unpacked septets, or 80 UTF-16 units */
#define USSD_ID_OCTETS 8u

enum ussd_op { /* what an operation means */
	USSD_OP_UNKNOWN, /* not in the profile */
	USSD_OP_BEGIN,
	USSD_OP_NEXT,
	USSD_OP_END, /* ended in good order */
	USSD_OP_ABORT, /* the person hung up */
	USSD_OP_TIMEOUT, /* the network gave up */
	USSD_OP_NOTICED, /* a notice of ours was shown */
};
const char *ussd_op_name(enum ussd_op op);

enum ussd_id { /* where the session's name is */
	USSD_ID_NONE, /* number and service code are all there is */
	USSD_ID_ITS, /* its_session_info 0x1383 */
	USSD_ID_REFERENCE, /* user_message_reference 0x0204 */
	USSD_ID_1501, /* vendor TLV 0x1501 */
};
enum ussd_code { USSD_CODE_ADDRESS, USSD_CODE_TEXT };
enum ussd_payload { USSD_PAYLOAD_SHORT, USSD_PAYLOAD_TLV };

enum ussd_out { /* what goes out */
	USSD_OUT_MORE, /* a screen that is to be answered */
	USSD_OUT_END, /* the last one */
	USSD_OUT_NOTICE, /* one that nobody asked for */
};

struct ussd_profile {
	uint8_t in[256]; /* enum ussd_op of each operation */
	uint8_t out_more, out_end, out_notice;
	bool has_notice;
	enum ussd_id id;
	uint16_t id_mask; /* of its_session_info: what names the session */
	bool is_packed; /* GSM 7-bit text is packed, both ways */
	bool end_flag; /* its_session_info's lowest bit ends the session, both ways */
	enum ussd_code code; /* what was dialled stands in destination_addr, or is the first text */
	bool use_data_sm;
	enum ussd_payload payload;
	uint8_t esm_class, dcs_gsm7, dcs_ucs2;
	char service_type[6];
};

/* An operation as a profile writes it: 0x11, "dec 17", or one digit. A bare 11 is refused: half of the
 * vendors' papers mean 17 by it. */
bool ussd_op_parse(const char *text, uint8_t *out) MUSTUSE;

/* A deliver_sm or data_sm that belongs to USSD. */
struct ussd_mo {
	bool has_op;
	uint8_t raw_op;
	enum ussd_op op;
	uint8_t id[USSD_ID_OCTETS]; /* as it came: to be echoed */
	size_t id_octets; /* 0: there was none */
	uint8_t id_name[USSD_ID_OCTETS]; /* the part that names the session */
	struct sv dialled; /* BEGIN: what was dialled, with its code; may be empty. View into the PDU */
	struct sv octets; /* the text, perhaps packed; view into the PDU */
	enum text_alphabet alphabet;
};
/* Does it bear the marks: ussd_service_op, or the profile's service_type? */
bool ussd_pdu_is(const struct ussd_profile *f, const struct smpp_pdu *pdu);
void ussd_pdu_read(const struct ussd_profile *f, const struct smpp_pdu *pdu,
    enum text_alphabet link_default, struct ussd_mo *out);

/* The answer. out's views look at its own octets and at text. */
struct ussd_reply {
	struct smpp_pdu pdu;
	uint8_t octets[USSD_TEXT_OCTETS];
	uint8_t op, id[USSD_ID_OCTETS];
};
struct ussd_back { /* what the request leaves for its answer */
	uint8_t id[USSD_ID_OCTETS];
	size_t id_octets;
	struct sv number, code; /* as they stood on the wire */
	uint8_t number_ton, number_npi, code_ton, code_npi;
};
size_t ussd_id_octets(enum ussd_id id); /* of a session's name that we choose; 0: it has none */
/* false: the text does not fit one USSD string. The addresses are those of back, turned round. */
bool ussd_pdu_reply(const struct ussd_profile *f, const struct ussd_back *back, struct sv utf8,
    enum ussd_out what, struct ussd_reply *out) MUSTUSE;

/* "*123*1*2#", "123*1*2", "*123#": what follows the service code, inputs joined by '*'. code: "*123#",
 * or empty: the code ends at the first '*' or '#' behind it. false: dialled does not begin with code. */
bool ussd_dialled(struct sv dialled, struct sv code, struct sv *inputs) MUSTUSE;

/* One text as a USSD string: GSM 7-bit unpacked, or UCS-2. 0: it does not fit. */
size_t ussd_text_encode(struct sv utf8, uint8_t out[USSD_TEXT_OCTETS], enum text_alphabet *alphabet);

#endif
