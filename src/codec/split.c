/* SPDX-License-Identifier: BSD-2-Clause */
/* split.c - where a long text is cut. A cluster longer than a whole segment cannot be kept together; it
 * is cut between two code points. */
#include "codec/text_int.h"

unsigned split_cost(const struct text_units *t, size_t at)
{
	uint8_t septets[2];

	return t->alphabet == TEXT_GSM7 ? gsm7_from_code_point(t->u[at], septets) : 1;
}

static bool is_low_surrogate(uint16_t u)
{
	return (u & 0xFC00) == 0xDC00;
}

size_t split_end(const struct text_units *t, const char *starts, size_t from, size_t room)
{
	size_t whole = from, any = from, at = from;

	for (; at < t->n; at++) {
		unsigned cost = split_cost(t, at);

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
