/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_tell.c - `dakiya-sim tell`: one line for the control socket and its answer, for scripts:
 * order a fault, read the figures, send one text. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sim/ctl.h"
#include "sim/sim.h"

#define ANSWER_MS 5000u

static int usage(FILE *f)
{
	fputs("usage: dakiya-sim tell --control ADDR WORD...\n"
	      "Says one line to the control socket and prints the answer; status 0 when it is not an "
	      "error.\n"
	      "  dakiya-sim tell stats\n"
	      "  dakiya-sim tell fault throttle 3\n"
	      "  dakiya-sim tell help\n"
	      "  --control ADDR  default: what DAKIYA_CONTROL in the environment says\n",
	    f);
	return f == stderr ? 2 : 0;
}

static int tell(struct ctl *c, const char *first, struct sv rest)
{
	uint64_t deadline = clock_mono_ms() + ANSWER_MS;
	struct ctl_line l;

	if (!ctl_say(c, first, rest))
		return 1;
	while (ctl_next(c, deadline, &l) > 0) {
		printf(SV_FMT "\n", SV_ARG(l.text));
		if (l.kind == CTL_OK || l.kind == CTL_ERROR ||
		    (l.kind == CTL_OTHER && l.text.n >= 5 && memcmp(l.text.p, "stats", 5) == 0))
			return l.kind == CTL_ERROR;
	}
	fputs("dakiya-sim: no answer\n", stderr);
	return 1;
}

int sim_tell(int argc, char **argv)
{
	static const struct option opts[] = {{"control", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	const char *control = getenv("DAKIYA_CONTROL");
	struct buf rest;
	struct ctl *c;
	char err[512];
	int opt, rc = 1;

	while ((opt = getopt_long(argc, argv, "+h", opts, NULL)) != -1) {
		if (opt != 'c')
			return usage(opt == 'h' ? stdout : stderr);
		control = optarg;
	}
	if (optind >= argc || !control)
		return usage(stderr);
	buf_init(&rest, 64u << 10);
	for (int i = optind + 1; i < argc; i++) {
		buf_adds(&rest, argv[i]);
		if (i + 1 < argc)
			buf_addc(&rest, ' ');
	}
	c = ctl_open(control, err, sizeof(err));
	if (c)
		rc = tell(c, argv[optind], (struct sv){buf_str(&rest), rest.n});
	else
		fprintf(stderr, "dakiya-sim: %s\n", err);
	ctl_close(c);
	buf_clear(&rest);
	return rc;
}
