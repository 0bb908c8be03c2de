/* SPDX-License-Identifier: BSD-2-Clause */
/* play.h - plays one story and prints it as a conversation. A person's SMS go by the message centre, and so
 * does USSD, unless there is an HTTP endpoint for it. */
#ifndef DK_SIM_PLAY_H
#define DK_SIM_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/xmalloc.h"
#include "sim/story.h"

struct ussd_conf;
struct play_conf {
	const char
	    *control; /* address of the message centre's control socket; NULL: no SMS, USSD by HTTP */
	const char *ussd_url; /* NULL: USSD by the message centre */
	const struct ussd_conf *ussd; /* with ussd_url; borrowed */
	const char *code; /* with ussd_url: the service code */
	const char *desk; /* URL of the backend; NULL: stories with `desk` lines fail */
	const char *to; /* short code until the story says another */
	uint64_t pause_ms; /* before each message of the phone and each act of the desk: to watch it */
};
/* true: every expected message came, in order, in time, and no other. What went wrong is printed. */
bool play_story(const struct play_conf *cf, const struct story *s) MUSTUSE;

#endif
