/* SPDX-License-Identifier: BSD-2-Clause */
/* breaker.h - a circuit breaker for one backend. Pure: time is an argument.
 *
 *   CLOSED ──trip_after failures in a row──▶ OPEN ──pause over──▶ HALF (one probe out)
 *     ▲                                       ▲                    │
 *     └────────────── success ────────────────┼──── success ───────┤
 *                                             └── failure: pause x2 ┘   (pause capped)
 *
 * A success closes it from anywhere: the backend answers again, whichever request found out. A failure
 * while OPEN is a late one and changes nothing; in HALF it cannot be told from the probe's.
 */
#ifndef DK_BREAKER_H
#define DK_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF };

struct breaker_conf {
	unsigned trip_after; /* failures in a row */
	uint64_t pause_ms, pause_max_ms;
};

struct breaker {
	struct breaker_conf cf;
	enum breaker_state state;
	unsigned failures;
	uint64_t pause_ms, until_ms;
};

void breaker_init(struct breaker *b, const struct breaker_conf *cf);
/* May a request go out now? In HALF only one may: the caller that is told yes is the probe and
 * must report its result. */
bool breaker_allow(struct breaker *b, uint64_t now_ms);
void breaker_result(struct breaker *b, bool ok, uint64_t now_ms);
const char *breaker_state_name(enum breaker_state s);

#endif
