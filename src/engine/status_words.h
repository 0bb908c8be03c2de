/* SPDX-License-Identifier: BSD-2-Clause */
/* status_words.h - what a centre's refusal means, in plain words, for dead letters and logs. Pure. */
#ifndef DK_STATUS_WORDS_H
#define DK_STATUS_WORDS_H

#include <stdint.h>

#include "base/sv.h"

/* SMPP statuses (SMPP 3.4 s.5.1.3) and India's DLT scrubbing codes, which centres give as a status.
 * "" when there is nothing to say. */
const char *status_words(uint32_t status);
/* The "err:" of a receipt: a DLT code in decimal, else "". Vendors' own codes are not explained: they
 * differ from one to the next, and stand in the log as they came. */
const char *status_words_of_err(struct sv err);

#endif
