/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_smsc.c - `dakiya-sim smsc`: command line and life of the message centre. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/control.h"
#include "sim/sim.h"
#include "sim/smsc.h"
#include "sim/sock.h"

#define FAULT_OPTION 1000 /* getopt value of the first fault row */
#define FAULTS_MAX 32

enum {
	OPT_LISTEN = 1,
	OPT_CONTROL,
	OPT_PORT_FILE,
	OPT_SYSTEM_ID,
	OPT_PASSWORD,
	OPT_WINDOW,
	OPT_ENQUIRE,
	OPT_RESP,
	OPT_RETRY,
	OPT_RETRY_MAX,
	OPT_RECEIPT,
	OPT_RECEIPTS,
	OPT_LOG,
	OPT_HELP
};

static const struct opt_row {
	struct option o;
	const char *arg, *help;
} rows[] = {
    {{"listen", required_argument, NULL, OPT_LISTEN}, "ADDR", "SMPP address, default 127.0.0.1:0"},
    {{"control", required_argument, NULL, OPT_CONTROL}, "ADDR", "control socket, such as unix:/path"},
    {{"port-file", required_argument, NULL, OPT_PORT_FILE}, "FILE",
	"write the SMPP port here once ready"},
    {{"system-id", required_argument, NULL, OPT_SYSTEM_ID}, "ID", "only this system_id may bind"},
    {{"password", required_argument, NULL, OPT_PASSWORD}, "WORD", "only with this password"},
    {{"window", required_argument, NULL, OPT_WINDOW}, "N",
	"unanswered deliver_sm of one bind, default 100"},
    {{"enquire", required_argument, NULL, OPT_ENQUIRE}, "MS",
	"quiet time before enquire_link, default 30000"},
    {{"resp-timeout", required_argument, NULL, OPT_RESP}, "MS",
	"wait for deliver_sm_resp, default 10000"},
    {{"retry", required_argument, NULL, OPT_RETRY}, "MS", "pause before sending again, default 1000"},
    {{"retry-max", required_argument, NULL, OPT_RETRY_MAX}, "N", "tries of one message, default 600"},
    {{"receipt-delay", required_argument, NULL, OPT_RECEIPT}, "MS",
	"from submit_sm to receipt, default 200"},
    {{"receipts", optional_argument, NULL, OPT_RECEIPTS}, "asked|always|never",
	"receipts, default asked"},
    {{"log", required_argument, NULL, OPT_LOG}, "LEVEL", "error, warn, info, debug; default info"},
    {{"help", no_argument, NULL, OPT_HELP}, "", "this text"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct smsc_args {
	struct smsc_conf cf;
	const char *control, *port_file;
};

static void usage(FILE *f)
{
	fputs("usage: dakiya-sim smsc [options]\nAn SMPP 3.4 message centre with phones.\n\n", f);
	for (size_t i = 0; i < ROWS; i++)
		fprintf(f, "  --%s %s\n\t%s\n", rows[i].o.name, rows[i].arg, rows[i].help);
	fputs("\nFaults, also to be ordered later over the control socket:\n", f);
	for (const struct fault_row *r = fault_rows; r->name; r++)
		if (r->kind != FAULT_ACTION)
			fprintf(f, "  --%s %s\n\t%s\n", r->name, r->kind == FAULT_SWITCH ? "on" : "N",
			    r->help);
}

static bool number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 10);
	if (errno || end == s || *end || *s == '-' || *out < min || *out > max) {
		fprintf(stderr, "dakiya-sim: %s is not a number from %llu to %llu\n", s,
		    (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	return true;
}

static bool receipts(const char *s, enum smsc_receipts *out)
{
	static const char *const names[] = {"asked", "always", "never"};

	for (size_t i = 0; i < 3; i++) {
		if (!s || strcmp(s, names[i]) == 0) {
			*out = (enum smsc_receipts)i;
			return true;
		}
	}
	fprintf(stderr, "dakiya-sim: --receipts is asked, always or never\n");
	return false;
}

/* 0 go on, else exit status + 1. */
static int take(struct smsc_args *a, int opt, const char *v)
{
	enum log_level lvl;
	uint64_t n;
	char err[128];
	bool ok = true;

	switch (opt) {
	case OPT_LISTEN:
		a->cf.listen = v;
		break;
	case OPT_CONTROL:
		a->control = v;
		break;
	case OPT_PORT_FILE:
		a->port_file = v;
		break;
	case OPT_SYSTEM_ID:
		a->cf.system_id = v;
		break;
	case OPT_PASSWORD:
		a->cf.password = v;
		break;
	case OPT_WINDOW:
		ok = number(v, 1, 10000, &n);
		a->cf.window = (size_t)n;
		break;
	case OPT_ENQUIRE:
		ok = number(v, 10, 86400000, &a->cf.enquire_ms);
		break;
	case OPT_RESP:
		ok = number(v, 1, 86400000, &a->cf.resp_ms);
		break;
	case OPT_RETRY:
		ok = number(v, 0, 86400000, &a->cf.retry_ms);
		break;
	case OPT_RETRY_MAX:
		ok = number(v, 1, 1000000000, &a->cf.retry_max);
		break;
	case OPT_RECEIPT:
		ok = number(v, 0, 86400000, &a->cf.receipt_ms);
		break;
	case OPT_RECEIPTS:
		ok = receipts(v, &a->cf.receipts);
		break;
	case OPT_LOG:
		ok = log_level_parse(v, &lvl);
		if (ok)
			log_init(lvl, LOG_LOGFMT);
		else
			fprintf(stderr, "dakiya-sim: %s is no log level\n", v);
		break;
	case OPT_HELP:
		usage(stdout);
		return 1;
	default:
		if (opt < FAULT_OPTION)
			return 3;
		ok = faults_set(&a->cf.faults, fault_rows[opt - FAULT_OPTION].name, v, err,
			 sizeof(err)) != NULL;
		if (!ok)
			fprintf(stderr, "dakiya-sim: %s\n", err);
		break;
	}
	return ok ? 0 : 3;
}

static int parse(int argc, char **argv, struct smsc_args *a)
{
	struct option all[ROWS + FAULTS_MAX + 1] = {{0}};
	size_t n = 0;
	int opt, rc = 0;

	for (; n < ROWS; n++)
		all[n] = rows[n].o;
	for (int i = 0; fault_rows[i].name && i < FAULTS_MAX; i++)
		if (fault_rows[i].kind != FAULT_ACTION)
			all[n++] = (struct option){
			    fault_rows[i].name, required_argument, NULL, FAULT_OPTION + i};
	while (rc == 0 && (opt = getopt_long(argc, argv, "", all, NULL)) != -1)
		rc = take(a, opt, optarg);
	if (rc == 0 && optind < argc) {
		fprintf(stderr, "dakiya-sim: %s: unexpected\n", argv[optind]);
		rc = 3;
	}
	return rc;
}

static int run(struct conns *cs, const struct smsc_args *a)
{
	char err[512];
	struct smsc *s = smsc_new(cs, &a->cf, err, sizeof(err));
	struct control *ctl = NULL;
	int rc = 1;

	if (!s || (a->control && !(ctl = control_new(cs, s, a->control, err, sizeof(err)))) ||
	    (a->port_file && !sock_port_file(a->port_file, smsc_port(s), err, sizeof(err)))) {
		fprintf(stderr, "dakiya-sim: %s\n", err);
	} else {
		printf("ready smpp port %u\n", smsc_port(s));
		fflush(stdout);
		conns_run(cs);
		rc = 0;
	}
	conns_close_all(cs);
	control_free(ctl);
	smsc_free(s);
	return rc;
}

int sim_smsc(int argc, char **argv)
{
	struct smsc_args a = {.cf = {.listen = "127.0.0.1:0",
				  .window = 100,
				  .enquire_ms = 30000,
				  .resp_ms = 10000,
				  .retry_ms = 1000,
				  .retry_max = 600,
				  .receipt_ms = 200}};
	int rc = parse(argc, argv, &a);
	struct conns *cs;

	if (rc != 0)
		return rc - 1;
	cs = conns_new();
	conns_catch_signals(cs);
	rc = run(cs, &a);
	conns_free(cs);
	return rc;
}
