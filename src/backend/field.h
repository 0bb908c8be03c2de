/* SPDX-License-Identifier: BSD-2-Clause */
/* field.h - what callers may write into the fields of a request. Text of any script is
 * taken, cleaned (NFC, single spaces) and bounded; everything else is refused. Pure. */
#ifndef DK_BACKEND_FIELD_H
#define DK_BACKEND_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"

#define FIELD_NAME_CHARS 100 /* code points after NFC */
#define FIELD_PLACE_CHARS 160
#define FIELD_MASK_CHARS 15
#define FIELD_MSISDN_CAP 16 /* 15 digits of E.164 and a NUL */
#define FIELD_SERVICE_CAP 32
#define FIELD_LANG_CAP 4
#define FIELD_WORD_CAP 32 /* consent version and channel */
#define FIELD_AGE_MAX 125

/* One line of text: white space at the ends gone, runs of it one space, NFC. NULL when it is
 * empty, has more than max_chars code points, is no UTF-8, holds control characters or other
 * invisible ones (the joiners that Indic scripts need are kept), or has no letter at all. Long
 * numbers in it are cut (base/scrub.h): whatever a person or a desk writes goes through here.
 * The result is owned by the caller. */
char *field_text(struct sv in, size_t max_chars);
/* The form two spellings of one name share: compatibility-folded, without joiners, spaces and
 * dots. Owned by the caller; NULL when nothing is left. */
char *field_fold(const char *text);
/* A name of which each word shows only its first letter, with its signs: "सी** दे**". At most
 * FIELD_MASK_CHARS code points, of two words. Owned by the caller. */
char *field_mask(const char *name);
bool field_is_msisdn(struct sv s); /* 10 to 15 digits, the first not 0 */
bool field_is_service(struct sv s); /* [a-z][a-z0-9-]*, shorter than FIELD_SERVICE_CAP */
bool field_is_lang(struct sv s); /* two or three of [a-z] */
bool field_is_word(struct sv s); /* printable ASCII without spaces and quotes, not empty */

#endif
