/* SPDX-License-Identifier: BSD-2-Clause */
/* args.h - long options of our programs as one table: what they take, where it goes, what the help
 * says. */
#ifndef DK_ARGS_H
#define DK_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arg_type {
	ARG_STR, /* const char *; points into argv */
	ARG_U64, /* uint64_t, from min to max */
	ARG_FLAG, /* bool; set to true */
	ARG_CALL, /* call(to, name, value) */
	ARG_MAYBE, /* the same; the value may be absent: NULL */
	ARG_HEAD, /* no option: its name is a line above the next ones in the help */
};

struct arg_row {
	const char *name; /* without the two dashes; NULL ends a table */
	enum arg_type type;
	void *to;
	const char *arg; /* what the help calls the value */
	const char *help;
	uint64_t min, max;
	bool (*call)(void *to, const char *name,
	    const char *value); /* false: it has said why on stderr */
};

struct arg_prog {
	const char *name; /* as it stands before an error */
	const char *usage; /* lines above the options in the help, with their last newline */
	const struct arg_row *rows;
};

/* A row for an object; the type of `to` is the one that enum arg_type names. */
#define ARG_STR_ROW(name, to, arg, help) \
	{ \
		name, ARG_STR, to, arg, help, 0, 0, NULL \
	}
#define ARG_U64_ROW(name, to, arg, min, max, help) \
	{ \
		name, ARG_U64, to, arg, help, min, max, NULL \
	}
#define ARG_FLAG_ROW(name, to, help) \
	{ \
		name, ARG_FLAG, to, NULL, help, 0, 0, NULL \
	}

/* What every program of ours answers, on stdout and with status 0. */
enum args_asks { ARGS_NOTHING, ARGS_HELP, ARGS_VERSION };
#define ARGS_HELP_LINES "  -h, --help\n\tthis text\n  -V, --version\n\tthe version\n"
enum args_asks args_asks(const char *arg); /* of -h, --help, -V and --version */
int args_version(const char *prog); /* prints it; the exit status */

/* Reads the options of argv; those that every program answers are always there. Returns -1 to go on, with *first the index of the
 * first argument that is no option, or the exit status: 0 after the help or the version, 2 after a mistake, which
 * has been said on stderr. */
int args_read(const struct arg_prog *p, int argc, char **argv, int *first);

/* A whole number from min to max; false after a sentence on stderr that begins with prog. */
bool args_number(const char *prog, const char *what, const char *s, uint64_t min, uint64_t max,
    uint64_t *out);

#endif
