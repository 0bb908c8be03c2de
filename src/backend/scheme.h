/* SPDX-License-Identifier: BSD-2-Clause */
/* scheme.h - rules of the schemes (PM-JAY, Niramaya) as dated configuration: the map `schemes` of
 * the rules file. Every rule is {value, source}; which rules a scheme has and what they may be is
 * one table in scheme.c, checked when the file is read, so that the getters below never miss. */
#ifndef DK_BACKEND_SCHEME_H
#define DK_BACKEND_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "backend/rules.h"
#include "base/ydoc.h"

/* Adds every mistake to err as "name:line:col: sentence". schemes may be NULL: none are run. */
void scheme_check(const char *name, const struct ynode *schemes, struct buf *err);

struct scheme { /* one version of one scheme */
	const char *name; /* borrowed from the rules, as all */
	const char *from; /* the day it came into force */
	const struct ynode *map;
};
/* The version in force; false: the scheme is not run here. */
bool scheme_now(const struct rules *r, const char *name, int64_t now_ms, struct scheme *out) MUSTUSE;
const char *scheme_title(const struct rules *r, const char *name, const char *lang); /* or "" */

int64_t scheme_int(const struct scheme *s, const char *rule);
bool scheme_bool(const struct scheme *s, const char *rule);
const char *scheme_text(const struct scheme *s, const char *rule);
const struct ynode *scheme_value(const struct scheme *s, const char *rule); /* a list or a map */
int64_t scheme_int_at(const struct scheme *s, const char *rule, size_t i); /* of a list of numbers */
bool scheme_lists(const struct scheme *s, const char *rule, const char *word);
/* Every rule with its value and source. Owned by the caller. */
json_t *scheme_json(const struct scheme *s);
json_t *scheme_value_json(const struct ynode *value); /* owned by the caller */

#endif
