/* SPDX-License-Identifier: BSD-2-Clause */
/* fill.h - texts of profiles in which values are filled in.
 *
 *   {name}              the value, escaped for the place where it stands
 *   {name|f|g}          changed by f, then by g, then escaped for the place
 *   {?name}...{/}       only where the value is not empty; {!name}...{/} only where it is
 *
 * Filters: trim upper lower url json xml hex base64 ucs2hex entities national max-N, md5 sha1 sha256 sha512 and
 * hmac-sha1:KEY hmac-sha256:KEY hmac-sha512:KEY (octets, so hex or base64 comes next; KEY is a value's
 * name), and raw, which ends the escaping. A brace that begins none of these stands for itself. */
#ifndef DK_FILL_H
#define DK_FILL_H

#include "base/buf.h"
#include "base/sv.h"

enum fill_place { FILL_RAW, FILL_URL, FILL_JSON, FILL_XML, FILL_HEADER };

/* Append a value; false: there is none of that name. */
typedef bool fill_value_fn(const char *name, struct buf *out, void *arg);

/* What cannot be filled in is left out. */
void fill_text(const char *text, enum fill_place place, fill_value_fn *fn, void *arg, struct buf *out);
/* false: what is wrong is appended to why. fn's values are not used. */
bool fill_check(const char *text, fill_value_fn *fn, void *arg, struct buf *why) MUSTUSE;

#endif
