/* SPDX-License-Identifier: BSD-2-Clause */
/* bind.c - see bind.h. An HTTP link whose profile only takes messages sends nothing and has no room. */
#include "app/bind.h"

#include "app/sms.h"

size_t bind_room(const struct app_link *al)
{
	if (!al->sms)
		return smpp_link_room(al->link);
	return al->sms->out ? http_link_room(al->sms->out) : 0;
}

size_t bind_slots(const struct app_link *al)
{
	if (!al->sms)
		return smpp_link_slots(al->link);
	return al->sms->out ? http_link_slots(al->sms->out) : 0;
}

void bind_want_room(struct app_link *al)
{
	if (!al->sms)
		smpp_link_want_room(al->link);
	else if (al->sms->out)
		http_link_want_room(al->sms->out);
}

void bind_hold(struct app_link *al, uint64_t ms)
{
	if (al->sms)
		http_link_hold(al->sms->out, ms);
	else
		smpp_link_hold(al->link, ms);
}

void bind_slower(struct app_link *al)
{
	if (al->sms)
		http_link_slower(al->sms->out);
	else
		smpp_link_slower(al->link);
}

bool bind_is_held(const struct app_link *al)
{
	if (!al->sms)
		return smpp_link_is_held(al->link);
	return al->sms->out && http_link_is_held(al->sms->out);
}

bool bind_sends(const struct app_link *al)
{
	return al->sms ? al->sms->out != NULL : smpp_link_sends(al->link);
}

enum smpp_link_state bind_state(const struct app_link *al)
{
	if (!al->sms)
		return smpp_link_state(al->link);
	if (al->sms->out)
		return http_link_state(al->sms->out);
	return al->sms->is_stopped ? SMPP_LINK_DOWN : SMPP_LINK_BOUND;
}

void bind_stats(const struct app_link *al, struct smpp_link_stats *out)
{
	*out = (struct smpp_link_stats){0};
	if (!al->sms)
		smpp_link_stats(al->link, out);
	else if (al->sms->out)
		http_link_stats(al->sms->out, out);
}

void bind_stop(struct app_link *al)
{
	if (!al->sms) {
		smpp_link_stop(al->link);
		return;
	}
	al->sms->is_stopped = true;
	if (al->sms->out)
		http_link_stop(al->sms->out);
}
