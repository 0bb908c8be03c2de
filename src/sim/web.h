/* SPDX-License-Identifier: BSD-2-Clause */
/* web.h - the handset in the browser: its page, and what the page asks for, over HTTP and JSON.
 * docs/internals/simulator.md has the paths. */
#ifndef DK_SIM_WEB_H
#define DK_SIM_WEB_H

#include <stddef.h>

#include "base/xmalloc.h"
#include "sim/conn.h"
#include "sim/smsc.h"

/* The page's files, from web/handset. */
extern const char handset_page[], handset_style[], handset_script[];

struct web;
/* Begins with one phone. NULL with a sentence in err. */
struct web *web_new(struct conns *cs, struct smsc *s, const char *listen, char *err,
    size_t err_cap) MUSTUSE;
unsigned web_port(const struct web *w);
void web_free(struct web *w); /* before smsc_free */

#endif
