/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_pace.h - how fast a bind may send: the agreed rate, or less after the centre said it is too
 * much. Halved at once, then a twentieth more each second. Time is an argument. */
#ifndef DK_SMPP_PACE_H
#define DK_SMPP_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct smpp_pace {
	double agreed; /* submits a second; 0: no limit */
	double now; /* what holds, 0: no limit */
	double goal, step; /* while slowed: up to where, by how much a second */
	uint64_t stepped_us, slowed_us; /* last */
	uint64_t second_us; /* began */
	unsigned in_second, last_second; /* submits */
	bool is_slowed;
};

void smpp_pace_init(struct smpp_pace *p, double agreed);
void smpp_pace_sent(struct smpp_pace *p, uint64_t now_us);
/* The centre asks for less. Answers to what left before the last halving do not halve again. */
void smpp_pace_slower(struct smpp_pace *p, uint64_t now_us);
/* It is near its limit: a little less each second that it says so, down to half of what was agreed. */
void smpp_pace_ease(struct smpp_pace *p, uint64_t now_us);
/* The rate that holds now, after what time has given back. 0: no limit. */
double smpp_pace_rate(struct smpp_pace *p, uint64_t now_us);

#endif
