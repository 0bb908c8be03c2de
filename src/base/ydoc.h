/* SPDX-License-Identifier: BSD-2-Clause */
/* ydoc.h - a YAML text as a tree whose every node knows its line and column.
 * A thin layer over libyaml; used for the configuration and for service packs.
 * Bounded: YDOC_MAX_OCTETS, YDOC_MAX_DEPTH, YDOC_MAX_NODES. Anchors and aliases are
 * refused (they can blow up), as are duplicate keys and more than one document. */
#ifndef DK_YDOC_H
#define DK_YDOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/sv.h"

#define YDOC_MAX_OCTETS (4u << 20)
#define YDOC_MAX_DEPTH 32u
#define YDOC_MAX_NODES 200000u

enum ynode_kind { YNODE_SCALAR, YNODE_LIST, YNODE_MAP };

struct ynode {
	enum ynode_kind kind;
	int line, col; /* from 1 */
	char *scalar; /* SCALAR: terminated text, owned by the document */
	size_t scalar_octets;
	bool is_plain; /* SCALAR: written without quotes */
	size_t count; /* LIST, MAP: children */
	struct ynode **keys; /* MAP: scalars */
	struct ynode **vals; /* LIST, MAP */
};

struct ydoc; /* owns every node */

/* Parse text. On a mistake returns NULL and appends one "name:line:col: sentence\n" to err. */
struct ydoc *ydoc_parse(const char *name, struct sv text, struct buf *err) MUSTUSE;
void ydoc_free(struct ydoc *d);
const struct ynode *ydoc_root(const struct ydoc *d); /* borrowed until ydoc_free */
const char *ydoc_name(const struct ydoc *d);

/* The value of a key, or NULL. n may be NULL or of another kind. */
const struct ynode *ynode_get(const struct ynode *map, const char *key);
/* The text of a scalar, or NULL when n is NULL or no scalar. */
const char *ynode_str(const struct ynode *n);
bool ynode_int(const struct ynode *n, long long *out); /* plain decimal, whole scalar */
bool ynode_bool(const struct ynode *n, bool *out); /* true|false|yes|no|on|off */
/* Appends "name:line:col: " and the sentence and a newline. */
void ydoc_error(struct buf *err, const char *name, const struct ynode *at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
