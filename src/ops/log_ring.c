/* SPDX-License-Identifier: BSD-2-Clause */
/* log_ring.c - two rings that turn together: one of octets, one of where each line begins.
 * The oldest lines leave when either is full. */
#include "ops/log_ring.h"

#include <stdlib.h>
#include <string.h>

struct line {
	size_t at, octets; /* in the ring of octets; may wrap */
	uint64_t trace;
	enum log_level lvl;
};

struct log_ring {
	char *octets;
	size_t cap, used, head; /* head: where the next octet goes */
	struct line *lines;
	size_t line_cap, first, count;
};

struct log_ring *log_ring_new(size_t max_lines, size_t max_octets)
{
	struct log_ring *r = xcalloc(1, sizeof(*r));

	r->line_cap = max_lines > 0 ? max_lines : 1;
	r->cap = max_octets > 0 ? max_octets : 1;
	r->lines = xcalloc(r->line_cap, sizeof(*r->lines));
	r->octets = xmalloc(r->cap);
	return r;
}

void log_ring_free(struct log_ring *r)
{
	if (!r)
		return;
	free(r->lines);
	free(r->octets);
	free(r);
}

static void drop_oldest(struct log_ring *r)
{
	r->used -= r->lines[r->first].octets;
	r->first = (r->first + 1) % r->line_cap;
	r->count--;
}

void log_ring_put(enum log_level lvl, uint64_t wall_ms, uint64_t trace, const char *line, size_t n,
    void *arg)
{
	struct log_ring *r = arg;
	size_t to_end;

	(void)wall_ms; /* it is in the line */
	if (n > r->cap)
		n = r->cap;
	while (r->count == r->line_cap || r->used + n > r->cap)
		drop_oldest(r);
	r->lines[(r->first + r->count) % r->line_cap] = (struct line){r->head, n, trace, lvl};
	r->count++;
	to_end = r->cap - r->head;
	memcpy(r->octets + r->head, line, n < to_end ? n : to_end);
	if (n > to_end)
		memcpy(r->octets, line + to_end, n - to_end);
	r->head = (r->head + n) % r->cap;
	r->used += n;
}

void log_ring_print(const struct log_ring *r, enum log_level lvl, uint64_t trace, size_t limit,
    struct buf *out)
{
	size_t from = r->count, i;

	for (i = r->count; i > 0 && limit > 0; i--) { /* the newest `limit` that fit the question */
		const struct line *l = &r->lines[(r->first + i - 1) % r->line_cap];

		if (l->lvl <= lvl && (trace == 0 || l->trace == trace)) {
			from = i - 1;
			limit--;
		}
	}
	for (i = from; i < r->count; i++) {
		const struct line *l = &r->lines[(r->first + i) % r->line_cap];
		size_t to_end = r->cap - l->at;

		if (l->lvl > lvl || (trace != 0 && l->trace != trace))
			continue;
		buf_add(out, r->octets + l->at, l->octets < to_end ? l->octets : to_end);
		if (l->octets > to_end)
			buf_add(out, r->octets, l->octets - to_end);
		buf_addc(out, '\n');
	}
}
