/* SPDX-License-Identifier: BSD-2-Clause */
/* args.c - long options as a table, read by getopt_long. */
#include "base/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "config.h"

#define FIRST_VAL 256 /* what getopt_long returns for the first row; '?' is below */

static void print_row(const struct arg_row *r)
{
	if (r->type == ARG_HEAD)
		printf("\n%s\n", r->name);
	else if (r->arg)
		printf("  --%s%s%s\n\t%s\n", r->name, r->type == ARG_MAYBE ? "=" : " ", r->arg,
		    r->help);
	else
		printf("  --%s\n\t%s\n", r->name, r->help);
}

static int help(const struct arg_prog *p)
{
	puts(p->usage);
	fputs(ARGS_HELP_LINES, stdout);
	for (const struct arg_row *r = p->rows; r->name; r++)
		print_row(r);
	return 0;
}

bool args_number(const char *prog, const char *what, const char *s, uint64_t min, uint64_t max,
    uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 10);
	if (!errno && end != s && !*end && *s >= '0' && *s <= '9' && *out >= min && *out <= max)
		return true;
	fprintf(stderr, "%s: --%s is a number from %llu to %llu, not %s\n", prog, what,
	    (unsigned long long)min, (unsigned long long)max, s);
	return false;
}

static bool take(const struct arg_prog *p, const struct arg_row *r, const char *value)
{
	switch (r->type) {
	case ARG_STR:
		*(const char **)r->to = value;
		return true;
	case ARG_U64:
		return args_number(p->name, r->name, value, r->min, r->max, r->to);
	case ARG_FLAG:
		*(bool *)r->to = true;
		return true;
	case ARG_CALL:
	case ARG_MAYBE:
		return r->call(r->to, r->name, value);
	case ARG_HEAD:
		break;
	}
	return false;
}

enum args_asks args_asks(const char *arg)
{
	if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0)
		return ARGS_HELP;
	return strcmp(arg, "-V") == 0 || strcmp(arg, "--version") == 0 ? ARGS_VERSION : ARGS_NOTHING;
}

int args_version(const char *prog)
{
	printf("%s %s\n", prog, PACKAGE_VERSION);
	return 0;
}

int args_read(const struct arg_prog *p, int argc, char **argv, int *first)
{
	struct option *all;
	size_t n = 0, options = 0;
	int opt, rc = -1;

	while (p->rows[n].name)
		n++;
	all = xcalloc(n + 3, sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		const struct arg_row *r = &p->rows[i];

		if (r->type != ARG_HEAD)
			all[options++] = (struct option){r->name,
			    r->type == ARG_FLAG    ? no_argument
			    : r->type == ARG_MAYBE ? optional_argument
						   : required_argument,
			    NULL, FIRST_VAL + (int)i};
	}
	all[options++] = (struct option){"help", no_argument, NULL, 'h'};
	all[options] = (struct option){"version", no_argument, NULL, 'V'};
	while (rc < 0 && (opt = getopt_long(argc, argv, "hV", all, NULL)) != -1) {
		size_t i = (size_t)(opt - FIRST_VAL);

		if (opt == 'h' || opt == 'V')
			rc = opt == 'V' ? args_version(p->name) : help(p);
		else if (opt < FIRST_VAL)
			rc = 2;
		else if (!take(p, &p->rows[i], optarg))
			rc = 2;
	}
	free(all);
	*first = optind;
	if (rc == 2)
		fprintf(stderr, "%s --help says what there is.\n", p->name);
	return rc;
}
