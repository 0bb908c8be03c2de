/* SPDX-License-Identifier: BSD-2-Clause */
/* msisdn.h - phone numbers as they arrive on Indian links, to E.164 digits without '+'
 * (TON/NPI: SMPP 3.4 s.5.2.5). Pure. */
#ifndef DK_MSISDN_H
#define DK_MSISDN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define MSISDN_CAP 16u /* 15 digits and a NUL */

/* "9812345678", "09812345678", "919812345678", "+91...", "0091..." -> "919812345678".
 * Other countries' numbers are kept when they come with '+', "00" or TON 1 (7 to 15 digits).
 * false: not a number a person can be answered at (short code, alphanumeric, wrong length). */
bool msisdn_normalise(struct sv in, unsigned ton, char out[MSISDN_CAP]) MUSTUSE;

#endif
