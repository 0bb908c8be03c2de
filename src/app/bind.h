/* SPDX-License-Identifier: BSD-2-Clause */
/* bind.h - one bind as routes, the sender and the metrics see it: an SMPP session, or a provider's HTTP
 * interface. The calls are those of smpp_link.h. */
#ifndef DK_BIND_H
#define DK_BIND_H

#include "app/app_int.h"

size_t bind_room(const struct app_link *al);
size_t bind_slots(const struct app_link *al);
void bind_want_room(struct app_link *al);
void bind_hold(struct app_link *al, uint64_t ms);
void bind_slower(struct app_link *al);
bool bind_is_held(const struct app_link *al);
bool bind_sends(const struct app_link *al);
enum smpp_link_state bind_state(const struct app_link *al);
void bind_stats(const struct app_link *al, struct smpp_link_stats *out);
void bind_stop(struct app_link *al);

#endif
