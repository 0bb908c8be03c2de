/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd_call.h - an aggregator's other end: the HTTP requests of somebody who dials and presses, as a USSD
 * profile says, and the screens in the answers. Blocking; for stories. */
#ifndef DK_SIM_USSD_CALL_H
#define DK_SIM_USSD_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define USSD_CALL_ERR_CAP 512

struct ussd_conf;
struct ussd_call;
enum ussd_call_page { USSD_CALL_MORE, USSD_CALL_END, USSD_CALL_EITHER /* this profile does not say */ };

/* All are borrowed. url: where the endpoint is, without what the profile adds; values in its query stay. */
struct ussd_call *ussd_call_new(const char *url, const struct ussd_conf *conf,
    const char *code) MUSTUSE;
void ussd_call_free(struct ussd_call *u);
/* A new session. false: err says what went wrong. *text: owned by the caller. */
bool ussd_call_dial(struct ussd_call *u, const char *msisdn, const char *dialled,
    enum ussd_call_page *page, char **text, char *err) MUSTUSE;
bool ussd_call_press(struct ussd_call *u, struct sv typed, enum ussd_call_page *page, char **text,
    char *err) MUSTUSE;
/* The endpoint is told, where the profile has words for that. */
bool ussd_call_hang_up(struct ussd_call *u, char *err) MUSTUSE;

#endif
