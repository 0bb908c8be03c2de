/* SPDX-License-Identifier: BSD-2-Clause */
/* hex.h - octets and numbers as lower-case hexadecimal digits. Pure. */
#ifndef DK_HEX_H
#define DK_HEX_H

#include <stddef.h>
#include <stdint.h>

/* 2 n digits to out, without a NUL. */
void hex_octets(const void *p, size_t n, char *out);
void hex_u64(uint64_t v, char out[16]); /* without a NUL; the order of these is that of the numbers */

#endif
