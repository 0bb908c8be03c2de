/* SPDX-License-Identifier: BSD-2-Clause */
/* json_at.c - see json_at.h. */
#include "codec/json_at.h"

#include <stdlib.h>
#include <string.h>

/* One reference token of a pointer, unescaped, into out. */
static const char *token_next(const char *p, char *out, size_t cap)
{
	size_t n = 0;

	for (p++; *p && *p != '/'; p++) {
		char ch = *p;

		if (ch == '~' && (p[1] == '0' || p[1] == '1'))
			ch = *++p == '0' ? '~' : '/';
		if (n + 1 < cap)
			out[n++] = ch;
	}
	out[n] = '\0';
	return p;
}

const json_t *json_at(const json_t *doc, const char *pointer)
{
	char token[64];

	while (doc && *pointer == '/') {
		pointer = token_next(pointer, token, sizeof(token));
		if (json_is_object(doc)) {
			doc = json_object_get(doc, token);
		} else if (json_is_array(doc) && *token &&
			   strspn(token, "0123456789") == strlen(token)) {
			doc = json_array_get(doc, (size_t)strtoul(token, NULL, 10));
		} else {
			return NULL;
		}
	}
	return doc;
}
