/* SPDX-License-Identifier: BSD-2-Clause */
/* form.h - values of an application/x-www-form-urlencoded text: a query or a body (WHATWG URL s.5). Pure. */
#ifndef DK_FORM_H
#define DK_FORM_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/sv.h"

/* The first value of that name, decoded, appended to out. false: absent. A '%' that begins no octet
 * stands for itself; %00 is left out. */
bool form_get(struct sv form, const char *name, struct buf *out);

/* Take the first pair off *form: its name and value, decoded, appended. false: there is none. */
bool form_next(struct sv *form, struct buf *name, struct buf *value);

#endif
