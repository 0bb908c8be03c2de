/* SPDX-License-Identifier: BSD-2-Clause */
/* instant.h - the load generator's HTTP backend: every request is answered with 200 and a
 * body that its owner writes, at once or after a fixed delay. HTTP/1.1, kept connections. */
#ifndef DK_LOAD_INSTANT_H
#define DK_LOAD_INSTANT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "sim/conn.h"

/* target: path and query as they came. body: append the answer. Returns its status. */
typedef int instant_fn(struct sv target, struct buf *body, void *arg);

struct instant;
/* content_type: borrowed. NULL with a sentence in err. */
struct instant *instant_new(struct conns *cs, const char *listen, uint64_t delay_ms,
    const char *content_type, instant_fn *fn, void *arg, char *err, size_t err_cap) MUSTUSE;
unsigned instant_port(const struct instant *i);
void instant_free(struct instant *i); /* after conns_close_all, before conns_free */

#endif
