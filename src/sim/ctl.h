/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.h - the other end of the control socket, for the terminal phone and the story player:
 * one thing after the other, with deadlines, so plain blocking calls and poll(2). */
#ifndef DK_SIM_CTL_H
#define DK_SIM_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"

enum ctl_kind {
	CTL_SMS,
	CTL_SCREEN,
	CTL_END, /* the USSD session with a last screen, */
	CTL_LOST, /* or without one: text says why */
	CTL_TAKEN,
	CTL_REFUSED,
	CTL_OK,
	CTL_ERROR,
	CTL_OTHER,
};
struct ctl_line {
	enum ctl_kind kind;
	struct sv from; /* SMS: sender */
	struct sv text; /* SMS, SCREEN, END: the text, newlines and all; others: the rest of the line */
};

struct ctl;
struct ctl *ctl_open(const char *addr, char *err, size_t err_cap) MUSTUSE;
void ctl_close(struct ctl *c);
int ctl_fd(const struct ctl *c);
/* "send", text -> one line, escaped. false: the other end is gone. */
bool ctl_say(struct ctl *c, const char *cmd, struct sv text) MUSTUSE;
/* The next line, borrowed until the next call.
 *	1	*out is it
 *	0	none before the deadline (clock_mono_ms; 0: only what is already there)
 *	-1	the other end is gone */
int ctl_next(struct ctl *c, uint64_t deadline_ms, struct ctl_line *out) MUSTUSE;

#endif
