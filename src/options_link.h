/* SPDX-License-Identifier: BSD-2-Clause */
/* options_link.h - what the table of options cannot say about links. */
#ifndef DK_OPTIONS_LINK_H
#define DK_OPTIONS_LINK_H

#include "base/ydoc.h"
#include "options.h"

/* Check the links and fill in what is made of their options; each mistake is a line in err. root: of the
 * text, for the places. */
void options_link_check(const char *file, const struct ynode *root, struct options *o, struct buf *err);
void options_link_clear(struct options *o); /* what options_link_check made */

#endif
