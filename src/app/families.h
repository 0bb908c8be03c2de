/* SPDX-License-Identifier: BSD-2-Clause */
/* families.h - the metric families of dakiyad, by name; the table is in watch.c. */
#ifndef DK_FAMILIES_H
#define DK_FAMILIES_H

#include "ops/metrics.h"

enum family {
	M_MO, /* link, outcome */
	M_MT, /* class, outcome */
	M_SUBMIT, /* link, status */
	M_RECEIPT, /* link, state */
	M_RECEIPT_MATCH, /* link, outcome */
	M_RECEIPT_FORM, /* link, form */
	M_MT_STATE, /* class, state */
	M_EVENT, /* outcome */
	M_TURN, /* service, outcome */
	M_TURN_SECONDS, /* */
	M_BACKEND, /* backend, outcome */
	M_BACKEND_SECONDS, /* backend */
	M_BACKEND_RETRY, /* backend */
	M_BREAKER, /* backend */
	M_STORE_SECONDS, /* step */
	M_STORE_UP, /* */
	M_LINK_STATE, /* link, state */
	M_LINK_BINDS, /* link */
	M_LINK_WINDOW, /* link */
	M_LINK_RATE, /* link */
	M_LINK_PDU, /* link, direction */
	M_LINK_BAD_PDU, /* link */
	M_LINK_NOTICE, /* link, kind */
	M_LANE_DEPTH, /* class */
	M_TURNS_OPEN, /* */
	M_RETRY, /* class, reason */
	M_DLT, /* link, code */
	M_DEAD, /* class, reason */
	M_RECOVERED, /* kind */
	M_OTP, /* outcome */
	M_REMIND, /* outcome */
	M_REMIND_PERSONS, /* */
	M_RESIDENT, /* */
	M_USSD_STEP, /* profile, kind */
	M_USSD_SCREEN, /* profile, outcome */
	M_USSD_SESSION, /* profile, outcome */
	M_USSD_SECONDS, /* profile */
	M_USSD_OVERDUE, /* profile */
	M_USSD_PUSH, /* profile, outcome */
	M_USSD_PUSH_SMS, /* profile, reason */
	M_FAMILIES,
};

extern const struct metric_family app_families[M_FAMILIES];

#endif
