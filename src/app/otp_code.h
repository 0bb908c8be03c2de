/* SPDX-License-Identifier: BSD-2-Clause */
/* otp_code.h - one-time codes as arithmetic: chance is an input, nothing is kept.
 *
 *   seal  what chance gave, as text; stands in the stored message in the code's stead
 *   code  six digits: what HMAC-SHA256 under the deployment's secret makes of seal and number
 *   mac   HMAC-SHA256 of code, number and purpose: what is kept to compare with */
#ifndef DK_OTP_CODE_H
#define DK_OTP_CODE_H

#include "base/buf.h"
#include "base/sv.h"

#define OTP_CHANCE_OCTETS 16u
#define OTP_SEAL_CAP (2 * OTP_CHANCE_OCTETS + 1)
#define OTP_CODE_CAP 7u
#define OTP_MAC_CAP 65u

void otp_seal(const unsigned char chance[OTP_CHANCE_OCTETS], char seal[OTP_SEAL_CAP]);
void otp_code(struct sv secret, struct sv seal, const char *msisdn, char code[OTP_CODE_CAP]);
void otp_mac(struct sv secret, struct sv code, const char *msisdn, struct sv purpose,
    char mac[OTP_MAC_CAP]);
/* A stored message's text with the code in its place; false: there is no place. */
bool otp_fill(struct sv text, const char *code, struct buf *out) MUSTUSE;
/* Whether a text holds a run of exactly six digits of any script: then no log shows it. */
bool otp_maybe_in(struct sv text);

#endif
