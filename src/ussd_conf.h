/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_conf.h - how a vendor or an aggregator does USSD, read from a file of etc/ussd: for dakiyad, which
 * serves it, and for the programs that play its other end. */
#ifndef DK_USSD_CONF_H
#define DK_USSD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/xmalloc.h"
#include "codec/ussd_pdu.h"
#include "options.h"

struct ussd_smpp_conf {
	char *service_type;
	struct conf_list begin, next, end, abort, timeout, noticed; /* operations in */
	char *out_more, *out_end, *out_notice;
	int id, code, reply, payload;
	int64_t id_mask, esm_class, dcs_gsm7, dcs_ucs2;
	bool end_flag;
};
struct ussd_http_conf {
	char *methods;
	int body; /* form, json */
	char *session, *msisdn, *code, *text, *step, *event, *notice, *user, *password;
	bool path, inputs;
	struct conf_list begin, next, end, abort,
	    timeout; /* values of event, or last part of the path */
	struct conf_list abort_texts, timeout_texts, notice_good, notice_timeout;
	int64_t repeat_ms;
	char *type, *more, *more_end;
	struct conf_list more_headers, end_headers;
};
struct ussd_conf { /* a file */
	char *name; /* owned; of the profile */
	int64_t answer_ms, session_ms, gsm7, ucs2;
	struct ussd_smpp_conf *smpp; /* either is NULL */
	struct ussd_http_conf *http;
	struct ussd_profile pdu; /* from smpp */
};
/* which: a name, found in dir, or a path. NULL: every mistake stands in err. */
struct ussd_conf *ussd_conf_read(const char *dir, const char *which, struct buf *err) MUSTUSE;
void ussd_conf_free(struct ussd_conf *c);

/* Every profile that the options name can be read; mistakes stand in err. */
void ussd_check(const struct options *o, struct buf *err);

#endif
