/* SPDX-License-Identifier: BSD-2-Clause */
/* scrub.h - long numbers (Aadhaar, bank accounts) are cut out of what people write, before any of it
 * is kept. Digits are ASCII or Devanagari; single spaces and hyphens may stand between them. */
#ifndef DK_BASE_SCRUB_H
#define DK_BASE_SCRUB_H

#include <stdbool.h>

/* In place: a number of 9 digits or of 11 and more becomes XXXX and its last four; a mobile number of
 * 10 stays. Of a text without words (is_bare) only 12 digits are cut: it may be an id that was asked for. */
void scrub_numbers(char *text, bool is_bare);

#endif
