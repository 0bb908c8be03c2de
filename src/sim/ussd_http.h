/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_http.h - the phones' USSD as the HTTP requests of an aggregator: `generic-json` or `africastalking`, as
 * docs/ussd.md has them, to a `ussd` entry of the bridge. */
#ifndef DK_SIM_USSD_HTTP_H
#define DK_SIM_USSD_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"
#include "sim/conn.h"
#include "sim/smsc.h"

struct ussd_http;
/* profile NULL: generic-json. The strings are borrowed for its life. NULL: err says why. */
struct ussd_http *ussd_http_new(struct conns *cs, struct smsc *s, const char *url, const char *profile,
    uint64_t timeout_ms, char *err, size_t err_cap) MUSTUSE;
void ussd_http_free(struct ussd_http *u); /* before smsc_free */

#endif
