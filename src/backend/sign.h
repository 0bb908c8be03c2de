/* SPDX-License-Identifier: BSD-2-Clause */
/* sign.h - the signature of a pushed event: HMAC-SHA256 over "<unix seconds>.<body>". Pure. */
#ifndef DK_BACKEND_SIGN_H
#define DK_BACKEND_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define SIGN_CAP 72 /* "sha256=", 64 hex digits, NUL */

bool sign_event(struct sv secret, int64_t unix_s, struct sv body, char out[SIGN_CAP]) MUSTUSE;

#endif
