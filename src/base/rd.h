/* SPDX-License-Identifier: BSD-2-Clause */
/* rd.h - read and write cursors with a sticky error, big-endian as SMPP is.
 * Read every field, then test r.err once. A read past the end returns zero or an
 * empty view, consumes nothing and sets err; later reads do the same.
 * wr: a write past the capacity writes nothing and sets err. No allocation. */
#ifndef DK_RD_H
#define DK_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

struct rd {
	const uint8_t *p;
	size_t n, off;
	bool err;
};

struct rd rd_make(const void *p, size_t n);
size_t rd_left(const struct rd *r);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
struct sv rd_octets(struct rd *r, size_t n); /* borrowed from the input */
/* A NUL-terminated string of at most max_octets including its NUL; the view has no NUL.
 * No NUL within min(max_octets, what is left): err. */
struct sv rd_cstr(struct rd *r, size_t max_octets);

struct wr {
	uint8_t *p;
	size_t cap, n;
	bool err;
};

struct wr wr_make(void *p, size_t cap);
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_octets(struct wr *w, const void *p, size_t n);
/* The string and a NUL; a string that with its NUL is longer than max_octets: err. */
void wr_cstr(struct wr *w, struct sv s, size_t max_octets);
void wr_patch_u32(struct wr *w, size_t at, uint32_t v); /* at + 4 <= w->n */

#endif
