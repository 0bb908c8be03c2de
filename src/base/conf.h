/* SPDX-License-Identifier: BSD-2-Clause */
/* conf.h - a configuration described by one table of rows, read from YAML.
 * The table gives type, default, limits, unit and help, and drives the check (-t), the
 * print (-T), the manual page and the sample. All mistakes are reported at once, each as
 * "file:line:column: sentence". */
#ifndef DK_CONF_H
#define DK_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ydoc.h"

enum conf_type {
	CONF_STR, /* char *, owned */
	CONF_INT, /* int64_t; decimal or 0x..; min, max */
	CONF_MS, /* int64_t milliseconds; written 500ms, 10s, 5m, 2h, 1d or a bare number of ms */
	CONF_BOOL, /* bool */
	CONF_ENUM, /* int; choices "a|b|c" give 0, 1, 2 */
	CONF_LIST, /* struct conf_list of char *; one word stands for a list of one */
	CONF_MAP, /* struct conf_list of char *: key, value, key, value, as they are written */
	CONF_SECTION, /* struct conf_list of structs, each read by the rows of .sub */
};

enum {
	CONF_REQUIRED = 1,
	CONF_SECRET =
	    2, /* STR, printed as ***; `<name>_file: PATH` reads it from the first line of a file */
	/* SECTION written as one map instead of a list. At offset is a pointer to the struct, owned: NULL
	 * when the section is absent, unless def is "{}": then one filled with the defaults. */
	CONF_SINGLE = 4,
	CONF_LIVE = 8, /* can be changed while the program runs; conf_same does not look at it */
};

struct conf_list {
	void **v; /* owned pointers */
	size_t n;
};

struct conf_row {
	const char *name;
	enum conf_type type;
	size_t offset; /* in the struct being filled */
	const char *def; /* as it would be written, LIST: "[a, b]"; NULL: none */
	int64_t min, max; /* INT, MS: limits unless both are 0; STR: longest (octets) in max when > 0 */
	const char *choices; /* ENUM */
	unsigned flags;
	const struct conf_row *sub; /* SECTION: rows ending with a NULL name */
	size_t sub_size; /* SECTION: octets of one element */
	const char *help; /* one sentence */
};

/* Fill *out (zeroed by the caller, of the struct the rows describe) from a YAML text.
 * Returns true when there was no mistake; every mistake is appended to err. Defaults are
 * applied to what is absent. out is to be cleared with conf_clear either way. */
bool conf_read(const struct conf_row *rows, const char *name, struct sv text, void *out,
    struct buf *err) MUSTUSE;
/* Have all rows but those of CONF_LIVE the same value in both? */
bool conf_same(const struct conf_row *rows, const void *a, const void *b);
void conf_clear(const struct conf_row *rows, void *conf);
/* Print as YAML with defaults filled in and a help comment above each row; secrets as ***. */
void conf_print(const struct conf_row *rows, const void *conf, struct buf *out);

#endif
