/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_samples.c - see smpp_samples.h. deliver_sm and its answer leave empty what the specification
 * wants empty there; TLVs stand where it allows them, known ones and a vendor's. */
#include "smpp_samples.h"

#define SOURCE(a) .source_addr_ton = 1, .source_addr_npi = 8, .source_addr = SV(a)
#define DEST(a) .dest_addr_ton = 5, .dest_addr_npi = 9, .destination_addr = SV(a)
#define TIMES \
	.schedule_delivery_time = SV("261122101500004+"), .validity_period = SV("000002000000000R")
#define BIND \
	.system_id = SV("dakiya"), .password = SV("secret08"), .system_type = SV("SMS"), \
	.interface_version = 0x34, .addr_ton = 6, .addr_npi = 18, .address_range = SV("^5616[0-9]$")
#define MESSAGE \
	.esm_class = 0x43, .protocol_id = 0x11, .priority_flag = 2, .registered_delivery = 0x15, \
	.replace_if_present_flag = 1, .data_coding = 8, .sm_default_msg_id = 7, \
	.short_message = {"\x05\x00\x03\x2a\x02\x01\x09\x15\x09\x3e\x00 ", 12}
#define TLV_LIST(...) .tlv = {__VA_ARGS__}
#define TLV(t, v) \
	{ \
		t, \
		{ \
			v, sizeof(v) - 1 \
		} \
	}
#define MESSAGE_TLVS \
	TLV_LIST(TLV(0x0204, "\xAB\xCD"), TLV(0x020C, "\x01\x02"), TLV(0x020E, "\x03"), \
	    TLV(0x020F, "\x02"), TLV(0x1400, "\x07")), \
	    .tlv_count = 5

const struct smpp_pdu smpp_samples[] = {
    {.h = {.id = SMPP_BIND_RECEIVER, .seq = 1}, BIND},
    {.h = {.id = SMPP_BIND_TRANSMITTER, .seq = 2}, BIND},
    {.h = {.id = SMPP_BIND_TRANSCEIVER, .seq = 0x7FFFFFFF}, BIND},
    {.h = {.id = SMPP_BIND_RECEIVER | SMPP_RESP, .seq = 3},
	.system_id = SV("smsc"),
	TLV_LIST(TLV(0x0210, "\x34")),
	.tlv_count = 1},
    {.h = {.id = SMPP_BIND_TRANSMITTER | SMPP_RESP, .seq = 4}, .system_id = SV("smsc")},
    {.h = {.id = SMPP_BIND_TRANSCEIVER | SMPP_RESP, .seq = 5},
	.system_id = SV("fifteen-octets-"),
	TLV_LIST(TLV(0x0210, "\x50")),
	.tlv_count = 1},
    {.h = {.id = SMPP_OUTBIND, .seq = 6}, .system_id = SV("smsc"), .password = SV("secret08")},
    {.h = {.id = SMPP_UNBIND, .seq = 7}},
    {.h = {.id = SMPP_UNBIND | SMPP_RESP, .seq = 8}},
    {.h = {.id = (uint32_t)SMPP_GENERIC_NACK, .status = 0x03, .seq = 9}},
    {.h = {.id = SMPP_ENQUIRE_LINK, .seq = 10}},
    {.h = {.id = SMPP_ENQUIRE_LINK | SMPP_RESP, .seq = 11}},
    {.h = {.id = SMPP_SUBMIT_SM, .seq = 12},
	.service_type = SV("CMT"),
	SOURCE("919812345678"),
	DEST("DAKIYA"),
	TIMES,
	MESSAGE,
	MESSAGE_TLVS},
    {.h = {.id = SMPP_SUBMIT_SM, .seq = 13},
	.service_type = SV("USSD"),
	SOURCE("12345678901234567890"),
	DEST("12345678901234567890"),
	TLV_LIST(TLV(0x0424, "as a payload"), TLV(0x0501, "\x02")),
	.tlv_count = 2},
    {.h = {.id = SMPP_SUBMIT_SM | SMPP_RESP, .seq = 14}, .message_id = SV("0A1b-2C")},
    {.h = {.id = SMPP_SUBMIT_SM | SMPP_RESP, .status = 0x58, .seq = 15}},
    {.h = {.id = SMPP_DELIVER_SM, .seq = 16},
	.service_type = SV("CMT"),
	SOURCE("919812345678"),
	DEST("56161"),
	MESSAGE,
	TLV_LIST(TLV(0x001E, "0A1b-2C\0"), TLV(0x0427, "\x02"), TLV(0x0423, "\x03\x00\x15")),
	.tlv_count = 3},
    {.h = {.id = SMPP_DELIVER_SM | SMPP_RESP, .seq = 17}},
    {.h = {.id = SMPP_DATA_SM, .seq = 18},
	.service_type = SV("WAP"),
	SOURCE("919812345678"),
	DEST("56161"),
	.esm_class = 3,
	.registered_delivery = 1,
	.data_coding = 3,
	TLV_LIST(TLV(0x0424, "data by TLV"), TLV(0x1383, "\x12\x35")),
	.tlv_count = 2},
    {.h = {.id = SMPP_DATA_SM | SMPP_RESP, .seq = 19},
	.message_id = SV("77"),
	TLV_LIST(TLV(0x0425, "\x01")),
	.tlv_count = 1},
    {.h = {.id = SMPP_QUERY_SM, .seq = 20}, .message_id = SV("77"), SOURCE("56161")},
    {.h = {.id = SMPP_QUERY_SM | SMPP_RESP, .seq = 21},
	.message_id = SV("77"),
	.final_date = SV("261122101500004+"),
	.message_state = 2,
	.error_code = 21},
    {.h = {.id = SMPP_CANCEL_SM, .seq = 22},
	.service_type = SV("CMT"),
	.message_id = SV("77"),
	SOURCE("56161"),
	DEST("919812345678")},
    {.h = {.id = SMPP_CANCEL_SM | SMPP_RESP, .seq = 23}},
    {.h = {.id = SMPP_REPLACE_SM, .seq = 24},
	.message_id = SV("77"),
	SOURCE("56161"),
	TIMES,
	.registered_delivery = 1,
	.sm_default_msg_id = 9,
	.short_message = SV("another text")},
    {.h = {.id = SMPP_REPLACE_SM | SMPP_RESP, .seq = 25}},
    {.h = {.id = SMPP_ALERT_NOTIFICATION, .seq = 26},
	SOURCE("919812345678"),
	.esme_addr_ton = 3,
	.esme_addr_npi = 10,
	.esme_addr = SV("56161"),
	TLV_LIST(TLV(0x0422, "\x01")),
	.tlv_count = 1},
};
const size_t smpp_samples_count = sizeof(smpp_samples) / sizeof(smpp_samples[0]);
