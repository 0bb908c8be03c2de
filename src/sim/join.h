/* SPDX-License-Identifier: BSD-2-Clause */
/* join.h - puts the segments of long messages together, as a handset does: any order, repeats
 * ignored, a bounded number of unfinished messages (the oldest makes room). */
#ifndef DK_SIM_JOIN_H
#define DK_SIM_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/smpp_pdu.h"

#define JOIN_OPEN_MAX 16u

enum join_rc {
	JOIN_WHOLE, /* out has the text */
	JOIN_PART, /* more segments are needed */
	JOIN_BAD, /* user data header, or lengths, that no handset could read */
};

struct join;
struct join *join_new(void) MUSTUSE;
void join_free(struct join *j);
/* One submit_sm or data_sm for this phone. Binary content becomes "[binary, N octets]". */
enum join_rc join_add(struct join *j, const struct smpp_pdu *p, struct buf *out) MUSTUSE;
size_t join_open(const struct join *j); /* unfinished messages */

#endif
