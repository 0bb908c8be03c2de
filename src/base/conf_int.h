/* SPDX-License-Identifier: BSD-2-Clause */
/* conf_int.h - what conf.c (reading) and conf_print.c (printing) share. */
#ifndef DK_CONF_INT_H
#define DK_CONF_INT_H

#include "base/conf.h"

struct conf_unit {
	const char *name;
	int64_t ms;
};

/* Largest first; the last row has no name. */
extern const struct conf_unit conf_units[];

static inline void *conf_at(void *conf, const struct conf_row *row)
{
	return (char *)conf + row->offset;
}

static inline const void *conf_at_const(const void *conf, const struct conf_row *row)
{
	return (const char *)conf + row->offset;
}

#endif
