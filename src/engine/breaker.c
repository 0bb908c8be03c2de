/* SPDX-License-Identifier: BSD-2-Clause */
/* breaker.c - circuit breaker; see breaker.h. */
#include "engine/breaker.h"

void breaker_init(struct breaker *b, const struct breaker_conf *cf)
{
	*b = (struct breaker){.cf = *cf, .state = BREAKER_CLOSED, .pause_ms = cf->pause_ms};
}

bool breaker_allow(struct breaker *b, uint64_t now_ms)
{
	switch (b->state) {
	case BREAKER_CLOSED:
		return true;
	case BREAKER_OPEN:
	case BREAKER_HALF:
		/* HALF keeps a deadline too: a probe that never reports must not shut the door for good. */
		if (now_ms < b->until_ms)
			return false;
		b->state = BREAKER_HALF;
		b->until_ms = now_ms + b->pause_ms;
		return true;
	}
	return false;
}

void breaker_result(struct breaker *b, bool ok, uint64_t now_ms)
{
	if (ok) {
		b->state = BREAKER_CLOSED;
		b->failures = 0;
		b->pause_ms = b->cf.pause_ms;
		return;
	}
	b->failures++;
	switch (b->state) {
	case BREAKER_CLOSED:
		if (b->failures < b->cf.trip_after)
			return;
		break;
	case BREAKER_OPEN:
		return; /* a late failure of a request from before */
	case BREAKER_HALF:
		b->pause_ms =
		    b->pause_ms * 2 > b->cf.pause_max_ms ? b->cf.pause_max_ms : b->pause_ms * 2;
		break;
	}
	b->state = BREAKER_OPEN;
	b->until_ms = now_ms + b->pause_ms;
}

const char *breaker_state_name(enum breaker_state s)
{
	static const char *const names[] = {"closed", "open", "half-open"};

	return names[s];
}
