/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_window.h - the submits of one bind that have no response yet, by sequence number and in the
 * order in which they left, and the rate at which further ones may leave. Time is an argument. */
#ifndef DK_SMPP_WINDOW_H
#define DK_SMPP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

#define SMPP_SEQ_MAX 0x7FFFFFFFu /* SMPP 3.4 s.3.2: 1 to 0x7FFFFFFF */

struct smpp_pending;
struct smpp_window {
	struct smpp_pending *by_seq; /* a hash whose order is that of adding: the head is the oldest */
	struct smpp_pending *slots, *free; /* slots owned; free: those not in the hash */
	size_t max, used;
	double rate, burst, tokens; /* a second; most at once; now */
	uint64_t tokens_at_us; /* when `tokens` was right */
};

/* rate 0: no limit. */
void smpp_window_init(struct smpp_window *w, size_t max, double rate, uint64_t now_us);
void smpp_window_clear(struct smpp_window *w);
void smpp_window_set_rate(struct smpp_window *w, double rate, uint64_t now_us);
/* Submits that may leave now. */
size_t smpp_window_room(const struct smpp_window *w, uint64_t now_us);
/* The time at which the rate allows as many as are worth waking up for; now_us if it does now. */
uint64_t smpp_window_rate_at(const struct smpp_window *w, uint64_t now_us);
bool smpp_window_has(const struct smpp_window *w, uint32_t seq);
/* Only when there is room; seq is not in the window. */
void smpp_window_add(struct smpp_window *w, uint32_t seq, uint64_t id, uint64_t now_us);
/* false: no such submit (late, or never sent). */
bool smpp_window_take(struct smpp_window *w, uint32_t seq, uint64_t *id) MUSTUSE;
/* The oldest: when it left. false: the window is empty. */
bool smpp_window_oldest(const struct smpp_window *w, uint32_t *seq, uint64_t *sent_us) MUSTUSE;

#endif
