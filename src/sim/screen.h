/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.h - a conversation on a terminal: the phone's side at the left margin, the service's
 * side indented, each with its clock time; long texts wrapped at words by display width, so that
 * Devanagari with its combining signs stays readable. */
#ifndef DK_SIM_SCREEN_H
#define DK_SIM_SCREEN_H

#include <stdio.h>

#include "base/sv.h"
#include "base/xmalloc.h"

void screen_phone(FILE *f, const char *who, struct sv text); /* what the phone sends */
void screen_service(FILE *f, const char *from, struct sv text); /* what comes to the phone */
void screen_note(FILE *f, const char *fmt, ...) PRINTF_LIKE(2, 3); /* something beside the two */

#endif
