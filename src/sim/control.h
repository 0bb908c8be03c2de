/* SPDX-License-Identifier: BSD-2-Clause */
/* control.h - the message centre's control socket: phones to hold, faults to order, figures.
 * One line, one command or happening; docs/internals/simulator.md has the list. */
#ifndef DK_SIM_CONTROL_H
#define DK_SIM_CONTROL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/sv.h"
#include "sim/conn.h"
#include "sim/smsc.h"

struct control;
/* NULL with a sentence in err. */
struct control *control_new(struct conns *cs, struct smsc *s, const char *addr, char *err,
    size_t err_cap) MUSTUSE;
void control_free(struct control *c); /* after conns_close_all, before smsc_free */

/* Texts in a line: newline as \n, carriage return as \r, backslash as \\. */
void line_escape(struct sv text, struct buf *out);
void line_unescape(struct sv line, struct buf *out);

#endif
