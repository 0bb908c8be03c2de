/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the command line of dakiya-backend. */
#include "backend/options.h"

#include <stdio.h>
#include <string.h>

#include "backend/api.h"
#include "backend/ist.h"
#include "base/args.h"

/* *is_second: which of the two words of an option it is. */
static bool one_of(const char *name, const char *v, const char *first, const char *second,
    bool *is_second)
{
	*is_second = strcmp(v, second) == 0;
	if (*is_second || strcmp(v, first) == 0)
		return true;
	fprintf(stderr, "dakiya-backend: --%s is %s or %s, not %s\n", name, first, second, v);
	return false;
}

static bool sync_option(void *to, const char *name, const char *v)
{
	struct backend_options *o = to;

	return one_of(name, v, "normal", "full", &o->is_full_sync);
}

static bool format_option(void *to, const char *name, const char *v)
{
	struct backend_options *o = to;
	bool is_json;

	if (!one_of(name, v, "logfmt", "json", &is_json))
		return false;
	o->format = is_json ? LOG_JSON : LOG_LOGFMT;
	return true;
}

static bool level_option(void *to, const char *name, const char *v)
{
	struct backend_options *o = to;

	if (log_level_parse(v, &o->level))
		return true;
	fprintf(stderr, "dakiya-backend: --%s: there is no log level %s\n", name, v);
	return false;
}

static bool clock_option(void *to, const char *name, const char *v)
{
	struct backend_options *o = to;

	o->is_test_clock = true;
	if (!v || (ist_parse(v, &o->fixed_ms) && o->fixed_ms > 0))
		return true;
	fprintf(stderr, "dakiya-backend: --%s: %s is no time such as 2026-11-22T10:00:00Z\n", name, v);
	return false;
}

/* What the table cannot say. */
static bool check(const struct backend_options *o, const char *more)
{
	const char *wrong = more                           ? "there are no arguments without --"
			    : !o->db                       ? "--db FILE is needed"
			    : o->bridge && !o->secret_file ? "--bridge needs --secret-file"
							   : NULL;

	if (wrong)
		fprintf(stderr, "dakiya-backend: %s\n", wrong);
	return !wrong;
}

int backend_options_read(struct backend_options *o, int argc, char **argv)
{
	bool routes = false, problems = false;
	const struct arg_row rows[] = {
	    ARG_STR_ROW("listen", &o->listen, "ADDR:PORT",
		"where to serve (127.0.0.1:8090); port 0: the kernel chooses"),
	    ARG_STR_ROW("db", &o->db, "FILE", "the SQLite file; made when absent"),
	    {"sync", ARG_CALL, o, "normal|full",
		"normal (default): a power cut may lose the last transactions; full: not",
		.call = sync_option},
	    ARG_STR_ROW("bridge", &o->bridge, "URL",
		"push events to URL/v1/events; without it they are kept"),
	    ARG_STR_ROW("secret-file", &o->secret_file, "FILE",
		"the secret that signs events; needed with --bridge"),
	    ARG_STR_ROW("rules", &o->rules, "FILE",
		"the services' rules (" INSTALLED_RULES ", or " SOURCE_RULES " when that is absent)"),
	    ARG_STR_ROW("lists", &o->lists, "FILE",
		"sub-centres, wellness centres, beneficiaries (backend-lists.yaml beside the rules)"),
	    ARG_STR_ROW("port-file", &o->port_file, "FILE", "write the port there once ready"),
	    {"log", ARG_CALL, o, "LEVEL", "error, warn, info (default) or debug", .call = level_option},
	    {"log-format", ARG_CALL, o, "FORMAT", "logfmt (default) or json", .call = format_option},
	    ARG_FLAG_ROW("routes", &routes, "print the table of routes"),
	    ARG_FLAG_ROW("problems", &problems, "print the table of problem codes"),
	    {.name = "Of the command seed:", .type = ARG_HEAD},
	    ARG_U64_ROW("beneficiaries", &o->beneficiaries, "N", 0, 10000000, "families, default 2000"),
	    ARG_U64_ROW("hospitals", &o->hospitals, "N", 0, 100000, "default 200"),
	    ARG_U64_ROW("seed", &o->seed, "N", 0, INT64_MAX, "another seed, other people; default 1"),
	    {.name = "For tests only:", .type = ARG_HEAD},
	    {"test-clock", ARG_MAYBE, o, "TIME", "allow POST /v1/admin/clock, begin at TIME (RFC 3339)",
		.call = clock_option},
	    ARG_STR_ROW("clock-file", &o->clock_file, "FILE",
		"take the time from this file (ms since 1970)"),
	    {0},
	};
	const struct arg_prog prog = {"dakiya-backend",
	    "Usage: dakiya-backend --db FILE [option]...\n"
	    "       dakiya-backend seed --db FILE [option]...\n"
	    "The reference backend of Dakiya: registrations, tokens and queues over HTTP. seed fills "
	    "the\n"
	    "empty tables of PM-JAY with synthetic people and hospitals, the same for the same seed, "
	    "and "
	    "ends.\n",
	    rows};
	int first, rc;

	*o = (struct backend_options){.listen = "127.0.0.1:8090",
	    .level = LOG_INFO,
	    .format = LOG_LOGFMT,
	    .is_seed = argc > 1 && !strcmp(argv[1], "seed"),
	    .beneficiaries = 2000,
	    .hospitals = 200,
	    .seed = 1};
	rc = args_read(&prog, argc - o->is_seed, argv + o->is_seed, &first);
	first += o->is_seed;
	if (rc >= 0)
		return rc == 0 ? 0 : 1;
	if (routes)
		api_print_routes(stdout);
	if (problems)
		api_print_problems(stdout);
	if (routes || problems)
		return 0;
	return check(o, first < argc ? argv[first] : NULL) ? -1 : 1;
}
