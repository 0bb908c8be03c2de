/* SPDX-License-Identifier: BSD-2-Clause */
/* buf.c - the growable octet buffer of buf.h. Once full it takes nothing more until buf_reset or
 * buf_clear, so what it holds is always an unbroken beginning of what was appended. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64u

void buf_init(struct buf *b, size_t max_octets)
{
	*b = (struct buf){.max = max_octets};
}

void buf_clear(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->full = false;
	if (b->p)
		b->p[0] = '\0';
}

/* Room for n more octets and the NUL. cap counts the NUL. */
static bool make_room(struct buf *b, size_t n)
{
	size_t need, cap;

	if (b->full)
		return false;
	if (n > b->max - b->n) {
		b->full = true;
		return false;
	}
	need = b->n + n + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap : FIRST_CAP;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap > b->max + 1 && b->max < SIZE_MAX)
		cap = b->max + 1;
	b->p = xrealloc(b->p, cap);
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!make_room(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *cstr)
{
	buf_add(b, cstr, strlen(cstr));
}

void buf_addsv(struct buf *b, struct sv s)
{
	buf_add(b, s.p, s.n);
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t space = b->p ? b->cap - b->n : 0;
	int n;

	if (b->full)
		return;
	va_copy(again, ap);
	n = vsnprintf(space ? b->p + b->n : NULL, space, fmt, ap);
	if (n < 0)
		abort(); /* a format of ours is wrong */
	if ((size_t)n >= space && make_room(b, (size_t)n))
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	va_end(again);
	if (!b->full)
		b->n += (size_t)n;
	else if (b->p)
		b->p[b->n] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->n);
	if (n == 0)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n + 1);
}

char *buf_take(struct buf *b)
{
	char *p = b->p ? b->p : xstrdup("");

	buf_init(b, b->max);
	return p;
}

struct sv buf_sv(const struct buf *b)
{
	return (struct sv){buf_str(b), b->n};
}

const char *buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}
