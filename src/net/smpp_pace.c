/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_pace.c - see smpp_pace.h. */
#include "net/smpp_pace.h"

#include <string.h>

#define SECOND_US UINT64_C(1000000)
#define LEAST 1.0 /* a second: slower, a one-time code would wait too long */
#define STEPS 20.0 /* seconds from nothing to the goal */

void smpp_pace_init(struct smpp_pace *p, double agreed)
{
	memset(p, 0, sizeof(*p));
	p->agreed = p->now = agreed > 0 ? agreed : 0;
}

static void turn_second(struct smpp_pace *p, uint64_t now)
{
	if (now - p->second_us < SECOND_US)
		return;
	p->last_second = now - p->second_us < 2 * SECOND_US ? p->in_second : 0;
	p->in_second = 0;
	p->second_us = now;
}

void smpp_pace_sent(struct smpp_pace *p, uint64_t now)
{
	turn_second(p, now);
	p->in_second++;
}

/* Down to a share of what holds now, but by that not below a share of the goal. */
static void slow(struct smpp_pace *p, uint64_t now, double share, double least_of_goal)
{
	double was, to, least;

	if (p->is_slowed && now - p->slowed_us < SECOND_US)
		return;
	was = smpp_pace_rate(p, now);
	turn_second(p, now);
	if (was <= 0) /* no limit was agreed: what was really sent is what was too much */
		was = p->in_second > p->last_second ? p->in_second : p->last_second;
	if (!p->is_slowed)
		p->goal = p->agreed > 0 ? p->agreed : 2 * (was > LEAST ? was : LEAST);
	p->step = p->goal / STEPS;
	to = was * share;
	least = p->goal * least_of_goal < was ? p->goal * least_of_goal : was;
	to = to > least ? to : least;
	p->now = to > LEAST ? to : LEAST;
	if (p->agreed > 0 && p->now > p->agreed)
		p->now = p->agreed;
	p->is_slowed = true;
	p->slowed_us = p->stepped_us = now;
}

void smpp_pace_slower(struct smpp_pace *p, uint64_t now)
{
	slow(p, now, 0.5, 0);
}

void smpp_pace_ease(struct smpp_pace *p, uint64_t now)
{
	/* The step that a second gives back, and one more. */
	slow(p, now, 1 - 2 / STEPS, 0.5);
}

double smpp_pace_rate(struct smpp_pace *p, uint64_t now)
{
	uint64_t n;

	if (!p->is_slowed)
		return p->now;
	n = (now - p->stepped_us) / SECOND_US;
	p->stepped_us += n * SECOND_US;
	p->now += (double)n * p->step;
	if (p->now >= p->goal) {
		p->is_slowed = false;
		p->now = p->agreed;
	}
	return p->now;
}
