/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_auth.h - is a request the provider's? */
#ifndef DK_SMS_AUTH_H
#define DK_SMS_AUTH_H

#include "app/http_fields.h"
#include "app/sms.h"

/* What a signature is made over; all borrowed. */
struct sms_request {
	const char *path, *query, *stamp, *public_url, *secret;
	struct sv body;
	const struct sms_sign_conf *sign;
};
/* NULL: given is the signature, in time; else a word for the metrics. */
const char *sms_sign_wrong(const struct sms_request *q, const char *given, uint64_t now_s,
    uint64_t window_s);
bool sms_sign_check(const struct sms_sign_conf *s, struct buf *why) MUSTUSE;
/* NULL: all that the link asks for holds; else a word for the metrics. */
const char *sms_auth_wrong(const struct sms_link *sl, const struct sms_in_conf *c,
    const struct http_in_req *r, struct http_fields *f);

#endif
