/* SPDX-License-Identifier: BSD-2-Clause */
/* xmalloc.h - allocation that cannot fail: on no memory it says so and aborts.
 * Sizes that come from a peer are bounded by the caller before they get here. */
#ifndef DK_XMALLOC_H
#define DK_XMALLOC_H

#include <stddef.h>

#define MUSTUSE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

void *xmalloc(size_t n) MUSTUSE;
void *xcalloc(size_t count, size_t size) MUSTUSE;
void *xrealloc(void *p, size_t n) MUSTUSE;
char *xstrdup(const char *s) MUSTUSE;
char *xstrndup(const char *s, size_t n) MUSTUSE; /* copies at most n octets, always terminates */
void *xmemdup(const void *p, size_t n) MUSTUSE;
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2) MUSTUSE;

#endif
