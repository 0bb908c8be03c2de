/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_names.c - names of commands and of statuses, for people and for metric labels. */
#include <stdbool.h>

#include "codec/smpp_pdu.h"

struct name {
	uint32_t value;
	const char *name;
};

/* SMPP 3.4 s.5.1.2.1 */
static const struct name commands[] = {
    {SMPP_BIND_RECEIVER, "bind_receiver"},
    {SMPP_BIND_RECEIVER | SMPP_RESP, "bind_receiver_resp"},
    {SMPP_BIND_TRANSMITTER, "bind_transmitter"},
    {SMPP_BIND_TRANSMITTER | SMPP_RESP, "bind_transmitter_resp"},
    {SMPP_QUERY_SM, "query_sm"},
    {SMPP_QUERY_SM | SMPP_RESP, "query_sm_resp"},
    {SMPP_SUBMIT_SM, "submit_sm"},
    {SMPP_SUBMIT_SM | SMPP_RESP, "submit_sm_resp"},
    {SMPP_DELIVER_SM, "deliver_sm"},
    {SMPP_DELIVER_SM | SMPP_RESP, "deliver_sm_resp"},
    {SMPP_UNBIND, "unbind"},
    {SMPP_UNBIND | SMPP_RESP, "unbind_resp"},
    {SMPP_REPLACE_SM, "replace_sm"},
    {SMPP_REPLACE_SM | SMPP_RESP, "replace_sm_resp"},
    {SMPP_CANCEL_SM, "cancel_sm"},
    {SMPP_CANCEL_SM | SMPP_RESP, "cancel_sm_resp"},
    {SMPP_BIND_TRANSCEIVER, "bind_transceiver"},
    {SMPP_BIND_TRANSCEIVER | SMPP_RESP, "bind_transceiver_resp"},
    {SMPP_OUTBIND, "outbind"},
    {SMPP_ENQUIRE_LINK, "enquire_link"},
    {SMPP_ENQUIRE_LINK | SMPP_RESP, "enquire_link_resp"},
    {SMPP_SUBMIT_MULTI, "submit_multi"},
    {SMPP_SUBMIT_MULTI | SMPP_RESP, "submit_multi_resp"},
    {SMPP_ALERT_NOTIFICATION, "alert_notification"},
    {SMPP_DATA_SM, "data_sm"},
    {SMPP_DATA_SM | SMPP_RESP, "data_sm_resp"},
    {(uint32_t)SMPP_GENERIC_NACK, "generic_nack"},
};

/* SMPP 3.4 s.5.1.3, table 5-2 */
static const struct name statuses[] = {
    {0x00, "ESME_ROK"},
    {0x01, "ESME_RINVMSGLEN"},
    {0x02, "ESME_RINVCMDLEN"},
    {0x03, "ESME_RINVCMDID"},
    {0x04, "ESME_RINVBNDSTS"},
    {0x05, "ESME_RALYBND"},
    {0x06, "ESME_RINVPRTFLG"},
    {0x07, "ESME_RINVREGDLVFLG"},
    {0x08, "ESME_RSYSERR"},
    {0x0A, "ESME_RINVSRCADR"},
    {0x0B, "ESME_RINVDSTADR"},
    {0x0C, "ESME_RINVMSGID"},
    {0x0D, "ESME_RBINDFAIL"},
    {0x0E, "ESME_RINVPASWD"},
    {0x0F, "ESME_RINVSYSID"},
    {0x11, "ESME_RCANCELFAIL"},
    {0x13, "ESME_RREPLACEFAIL"},
    {0x14, "ESME_RMSGQFUL"},
    {0x15, "ESME_RINVSERTYP"},
    {0x33, "ESME_RINVNUMDESTS"},
    {0x34, "ESME_RINVDLNAME"},
    {0x40, "ESME_RINVDESTFLAG"},
    {0x42, "ESME_RINVSUBREP"},
    {0x43, "ESME_RINVESMCLASS"},
    {0x44, "ESME_RCNTSUBDL"},
    {0x45, "ESME_RSUBMITFAIL"},
    {0x48, "ESME_RINVSRCTON"},
    {0x49, "ESME_RINVSRCNPI"},
    {0x50, "ESME_RINVDSTTON"},
    {0x51, "ESME_RINVDSTNPI"},
    {0x53, "ESME_RINVSYSTYP"},
    {0x54, "ESME_RINVREPFLAG"},
    {0x55, "ESME_RINVNUMMSGS"},
    {0x58, "ESME_RTHROTTLED"},
    {0x61, "ESME_RINVSCHED"},
    {0x62, "ESME_RINVEXPIRY"},
    {0x63, "ESME_RINVDFTMSGID"},
    {0x64, "ESME_RX_T_APPN"},
    {0x65, "ESME_RX_P_APPN"},
    {0x66, "ESME_RX_R_APPN"},
    {0x67, "ESME_RQUERYFAIL"},
    {0xC0, "ESME_RINVOPTPARSTREAM"},
    {0xC1, "ESME_ROPTPARNOTALLWD"},
    {0xC2, "ESME_RINVPARLEN"},
    {0xC3, "ESME_RMISSINGOPTPARAM"},
    {0xC4, "ESME_RINVOPTPARAMVAL"},
    {0xFE, "ESME_RDELIVERYFAILURE"},
    {0xFF, "ESME_RUNKNOWNERR"},
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *name_in(const struct name *names, size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return "unknown";
}

const char *smpp_cmd_name(uint32_t id)
{
	return name_in(commands, COUNT(commands), id);
}

const char *smpp_status_name(uint32_t status)
{
	if (status >= 0x400 && status <= 0x4FF) /* reserved for message centre vendors */
		return "vendor";
	return name_in(statuses, COUNT(statuses), status);
}
