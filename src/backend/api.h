/* SPDX-License-Identifier: BSD-2-Clause */
/* api.h - the HTTP API of docs/backend-api.yaml: one table of routes, one transaction a
 * request in which effect, events and the kept answer stand or fall together.
 *
 *   http_in ─▶ api: route, key ─▶ tick what is due ─▶ BEGIN ─▶ kept answer? ─▶ handler
 *           ◀─ answer ◀─ COMMIT ◀─ keep answer ◀────────────────────────────────┘
 *   an error answer of the handler rolls its effect back and is kept alone. */
#ifndef DK_BACKEND_API_H
#define DK_BACKEND_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/queue.h"
#include "base/sv.h"
#include "net/http_in.h"

struct api_clock {
	bool is_test; /* POST /v1/admin/clock is allowed */
	int64_t fixed_ms; /* > 0: the time stands here until set again */
	const char *file; /* NULL, or a file whose text is the wall ms */
};
int64_t api_clock_now(const struct api_clock *c);

struct api {
	struct queue q;
	struct http_in *http; /* borrowed; set before the first request */
	struct api_clock clock;
	struct sv desk_page; /* borrowed */
	void (*on_events)(void *arg); /* a transaction with events may have been committed */
	void *on_events_arg;
};

void api_routes(struct api *a); /* registers with a->http */
/* Let tokens expire whose time has come. Returns false when the database refused. */
bool api_tick(struct api *a, int64_t now_ms);
void api_purge(struct api *a, int64_t now_ms); /* forget old answers and settled events */
/* For the test that compares docs/backend-api.yaml with the program: "METHOD /path/{parameter}"
 * and "status code" lines. */
void api_print_routes(FILE *out);
void api_print_problems(FILE *out);

#endif
