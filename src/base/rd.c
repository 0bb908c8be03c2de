/* SPDX-License-Identifier: BSD-2-Clause */
/* rd.c - the big-endian cursors of rd.h. */
#include "base/rd.h"

#include <assert.h>
#include <string.h>

struct rd rd_make(const void *p, size_t n)
{
	return (struct rd){.p = p, .n = n};
}

size_t rd_left(const struct rd *r)
{
	return r->n - r->off;
}

/* n octets of the input, or NULL and the error. */
static const uint8_t *rd_take(struct rd *r, size_t n)
{
	const uint8_t *at;

	if (r->err || n > rd_left(r)) {
		r->err = true;
		return NULL;
	}
	at = r->p ? r->p + r->off : NULL;
	r->off += n;
	return at;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? p[0] : 0;
}

uint16_t rd_u16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t rd_u32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

struct sv rd_octets(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return (struct sv){(const char *)p, p ? n : 0};
}

struct sv rd_cstr(struct rd *r, size_t max_octets)
{
	size_t within = rd_left(r) < max_octets ? rd_left(r) : max_octets;
	const uint8_t *from, *nul;

	if (r->err || within == 0) {
		r->err = true;
		return (struct sv){NULL, 0};
	}
	from = r->p + r->off;
	nul = memchr(from, '\0', within);
	if (!nul) {
		r->err = true;
		return (struct sv){NULL, 0};
	}
	r->off += (size_t)(nul - from) + 1;
	return (struct sv){(const char *)from, (size_t)(nul - from)};
}

struct wr wr_make(void *p, size_t cap)
{
	return (struct wr){.p = p, .cap = cap};
}

/* Where to write n octets, or NULL and the error. */
static uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *at;

	if (w->err || n > w->cap - w->n) {
		w->err = true;
		return NULL;
	}
	at = w->p ? w->p + w->n : NULL;
	w->n += n;
	return at;
}

void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_take(w, 1);

	if (p)
		p[0] = v;
}

void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_take(w, 2);

	if (!p)
		return;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p)
		put_u32(p, v);
}

void wr_octets(struct wr *w, const void *p, size_t n)
{
	uint8_t *to = wr_take(w, n);

	if (to && n > 0)
		memcpy(to, p, n);
}

void wr_cstr(struct wr *w, struct sv s, size_t max_octets)
{
	/* All or nothing: a string without its NUL would swallow the next field. */
	if (w->err || s.n >= max_octets || s.n >= w->cap - w->n) {
		w->err = true;
		return;
	}
	/* A NUL inside would end the string early for the reader. */
	if (s.n > 0 && memchr(s.p, '\0', s.n)) {
		w->err = true;
		return;
	}
	wr_octets(w, s.p, s.n);
	wr_u8(w, 0);
}

void wr_patch_u32(struct wr *w, size_t at, uint32_t v)
{
	assert(w->n >= 4 && at <= w->n - 4);
	put_u32(w->p + at, v);
}
