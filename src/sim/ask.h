/* SPDX-License-Identifier: BSD-2-Clause */
/* ask.h - one HTTP request and its answer, blocking: for stories, which do one thing after the other. */
#ifndef DK_SIM_ASK_H
#define DK_SIM_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ask {
	const char *url;
	const char *post; /* the body; NULL: GET */
	const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
};
struct asked {
	long status;
	struct buf body, head; /* head: the answer's header lines */
};

void *ask_open(void) MUSTUSE; /* a client; NULL: there is none to be had */
void ask_close(void *client);
/* false: no HTTP answer, err says why. Clear *out either way. */
bool ask(void *client, const struct ask *a, struct asked *out, char *err, size_t err_cap) MUSTUSE;
void asked_clear(struct asked *out);

#endif
