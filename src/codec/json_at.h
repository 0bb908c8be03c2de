/* SPDX-License-Identifier: BSD-2-Clause */
/* json_at.h - a place in a JSON document. Pure. */
#ifndef DK_JSON_AT_H
#define DK_JSON_AT_H

#include <jansson.h>

const json_t *json_at(const json_t *doc, const char *pointer); /* RFC 6901; NULL: nothing there */

#endif
