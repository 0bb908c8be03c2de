/* SPDX-License-Identifier: BSD-2-Clause */
/* http_fields.h - what a request says, by field: query, form or JSON; and who may ask. */
#ifndef DK_HTTP_FIELDS_H
#define DK_HTTP_FIELDS_H

#include <jansson.h>

#include "base/conf.h"
#include "net/http_in.h"

enum http_body { HTTP_BODY_FORM, HTTP_BODY_JSON };

struct http_fields {
	struct sv query, form; /* borrowed with the request */
	json_t *doc; /* owned; NULL: no JSON */
	const json_t *at; /* where names are looked up: doc, or a part of it */
	struct buf v; /* the last one asked for */
};
/* is_closed: a request that has a body says nothing by its query, which a signature may not cover. */
void http_fields_init(struct http_fields *f, const char *query, struct sv body, enum http_body kind,
    bool is_closed, size_t value_max);
void http_fields_clear(struct http_fields *f);
/* "": absent or empty. A name that begins with '/' is a JSON pointer. Borrowed until the next call; one that
 * is too long sets v.full. */
const char *http_field(struct http_fields *f, const char *name);

/* Whether peer is one of these addresses and networks, "10.1.2.3" or "10.0.0.0/8". */
bool http_peer_in(const struct conf_list *l, const char *peer);
bool http_network_is(const char *network); /* can be read */
/* Compares in a time that does not tell where they differ. */
bool http_same(const char *want, const char *given);

#endif
