/* SPDX-License-Identifier: BSD-2-Clause */
/* buf.h - a growable octet buffer with a hard limit.
 * An append that would pass the limit changes nothing and makes the buffer
 * `full`, and later ones do nothing either: append everything, test once.
 * After any append p[n] is a NUL that is not counted, so text can be printed. */
#ifndef DK_BUF_H
#define DK_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

struct buf {
	char *p; /* owned; NULL while nothing was appended */
	size_t n, cap, max; /* octets */
	bool full;
};

void buf_init(struct buf *b, size_t max_octets);
void buf_clear(struct buf *b); /* frees; the buffer can be used again with the same limit */
void buf_reset(struct buf *b); /* n = 0, full = false, keeps the memory */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *cstr);
void buf_addsv(struct buf *b, struct sv s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_drop(struct buf *b, size_t n); /* removes n octets from the front; n <= b->n */
char *buf_take(struct buf *b) MUSTUSE; /* the terminated text, now the caller's; buffer is empty */
struct sv buf_sv(const struct buf *b); /* borrowed until the next change */
const char *buf_str(const struct buf *b); /* never NULL; borrowed until the next change */

#endif
