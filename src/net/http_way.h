/* SPDX-License-Identifier: BSD-2-Clause */
/* http_way.h - what http_out gives to the two ways on the wire, http_plain and http_curl. */
#ifndef DK_HTTP_WAY_H
#define DK_HTTP_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"
#include "net/http_out.h"

/* Everything is borrowed for the call. Each that was taken completes exactly once, later, unless it is
 * cancelled. */
struct http_way_req {
	const char *method, *url;
	struct sv fields; /* "Name: value\r\n" … */
	struct sv body;
	bool has_body; /* say how long it is, if it is empty too */
	uint64_t timeout_ms;
};

#endif
