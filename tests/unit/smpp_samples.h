/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_samples.h - one PDU of every kind, each field with a value of its own, within the letter of
 * SMPP 3.4: what other implementations must read as we meant it, and write as we read it. */
#ifndef DK_TEST_SMPP_SAMPLES_H
#define DK_TEST_SMPP_SAMPLES_H

#include "codec/smpp_pdu.h"

extern const struct smpp_pdu smpp_samples[];
extern const size_t smpp_samples_count;

#endif
