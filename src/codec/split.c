/* SPDX-License-Identifier: BSD-2-Clause */
/* split.c - where a long text is cut. A cluster longer than a whole segment cannot be kept together; it
 * is cut between two code points. */
#include "codec/text_int.h"

static bool is_low_surrogate(uint16_t u)
{
	return (u & 0xFC00) == 0xDC00;
}

size_t split_end(const struct text_units *t, const char *starts, size_t from, size_t room)
{
	size_t whole = from, any = from, at = from;

	for (; at < t->n; at++) {
		unsigned cost =
		    t->alphabet == TEXT_UCS2 ? 1 : text_cost(t->alphabet, t->national, t->u[at]);

		if (starts[at])
			whole = at;
		if (!is_low_surrogate(t->u[at]))
			any = at;
		if (cost > room)
			break;
		room -= cost;
	}
	if (at == t->n)
		return at;
	return whole > from ? whole : any;
}
