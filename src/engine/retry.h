/* SPDX-License-Identifier: BSD-2-Clause */
/* retry.h - what becomes of a submit that was not answered with OK: again, later, slower, never.
 * One table of statuses (SMPP 3.4 s.5.1.3, PROTOCOL facts on vendors). Pure. */
#ifndef DK_RETRY_H
#define DK_RETRY_H

#include <stddef.h>
#include <stdint.h>

#include "engine/dialogue.h"

/* Outcomes that are no SMPP status; the same numbers as the link layer's, restated here since the
 * engine knows no link: app asserts that they agree. */
#define RETRY_NO_ANSWER 0xFFFF0001u
#define RETRY_LOST 0xFFFF0002u

/* What the table says of a status; an operator may say otherwise for a link. */
enum retry_kind {
	RETRY_KIND_AGAIN, /* at once; then with pauses */
	RETRY_KIND_LATER, /* with growing pauses until its life is over */
	RETRY_KIND_SLOWER, /* the whole link slows down */
	RETRY_KIND_NEVER,
	RETRY_KIND_ONCE, /* once more: nobody knows; a one-time code or an alert as LATER */
	RETRY_KINDS,
};
/* Plus a kind: the status of an answer that somebody else has read already, as an HTTP provider's. */
#define RETRY_SAID 0xFFFE0000u
struct retry_rule {
	uint32_t from, to; /* statuses */
	enum retry_kind kind;
};
/* The first that names a status counts; one that none names is looked up in the table. */
struct retry_rules {
	struct retry_rule *v;
	size_t n;
};

enum retry_action {
	RETRY_AGAIN, /* at delay_ms from now */
	RETRY_SLOWER, /* the same, and the whole link holds for hold_ms */
	RETRY_NEVER, /* dead letter */
};

/* What the rules, or else the table, say of a status. rules: may be NULL. */
enum retry_kind retry_kind_of(const struct retry_rules *rules, uint32_t status);

struct retry {
	enum retry_action action;
	uint64_t delay_ms, hold_ms;
	const char *reason; /* a metric label: "throttled", "temporary", "permanent", "expired", … */
};

/* status: of the answer. attempts: submits made so far, this one included. A message whose next
 * try would be after expires_ms is not tried again. rules: may be NULL. jitter: any random number. */
struct retry retry_decide(const struct retry_rules *rules, enum msg_class class, uint32_t status,
    unsigned attempts, uint64_t now_ms, uint64_t expires_ms, uint32_t jitter);

#endif
