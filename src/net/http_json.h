/* SPDX-License-Identifier: BSD-2-Clause */
/* http_json.h - which answers of a backend can be used. */
#ifndef DK_HTTP_JSON_H
#define DK_HTTP_JSON_H

#include <jansson.h>

#include "net/http_out.h"

/* Any status but overload and failure of the server, and a body that is JSON (or 204 without one).
 * *body: owned; NULL when false, or when there is none. */
bool http_json_usable(const struct http_out_answer *a, json_t **body) MUSTUSE;

#endif
