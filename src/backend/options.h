/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - the command line of dakiya-backend. */
#ifndef DK_BACKEND_OPTIONS_H
#define DK_BACKEND_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define INSTALLED_RULES DK_SYSCONFDIR "/dakiya/backend-rules.yaml"
#define SOURCE_RULES "etc/backend-rules.yaml"

struct backend_options {
	const char *listen, *db, *bridge, *secret_file, *rules, *lists, *port_file, *clock_file;
	bool is_test_clock, is_full_sync;
	int64_t fixed_ms; /* where the test clock begins; 0: now */
	enum log_level level;
	enum log_format format;
	bool is_seed; /* the command `seed`, and how much of what */
	uint64_t beneficiaries, hospitals, seed;
};

/* -1 go on, else the exit status: what was asked for is printed, or a mistake is said on stderr. Texts
 * point into argv. */
int backend_options_read(struct backend_options *o, int argc, char **argv);

#endif
