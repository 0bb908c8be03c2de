/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_smsc.c - `dakiya-sim smsc`: command line and life of the message centre. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/log.h"
#include "sim/control.h"
#include "sim/sim.h"
#include "sim/smsc.h"
#include "sim/sock.h"
#include "sim/ussd_http.h"
#include "sim/web.h"

#define ROWS_MAX 64
#define MS_MAX 86400000u

struct smsc_args {
	struct smsc_conf cf;
	const char *control, *port_file, *web, *web_port_file, *ussd_url, *ussd_profile;
};

static bool receipts(void *out, const char *name, const char *s)
{
	static const char *const names[] = {"asked", "always", "never"};

	for (size_t i = 0; i < 3; i++) {
		if (!s || strcmp(s, names[i]) == 0) {
			*(enum smsc_receipts *)out = (enum smsc_receipts)i;
			return true;
		}
	}
	fprintf(stderr, "dakiya-sim: --%s is asked, always or never\n", name);
	return false;
}

static bool level(void *unused, const char *name, const char *v)
{
	enum log_level lvl;

	(void)unused;
	if (log_level_parse(v, &lvl)) {
		log_init(lvl, LOG_LOGFMT);
		return true;
	}
	fprintf(stderr, "dakiya-sim: --%s: there is no level %s\n", name, v);
	return false;
}

static bool fault(void *to, const char *name, const char *v)
{
	char err[128];

	if (faults_set(to, name, v, err, sizeof(err)))
		return true;
	fprintf(stderr, "dakiya-sim: %s\n", err);
	return false;
}

/* -1 go on, else the exit status. */
static int parse(int argc, char **argv, struct smsc_args *a)
{
	struct smsc_conf *c = &a->cf;
	const struct arg_row own[] = {
	    ARG_STR_ROW("listen", &c->listen, "ADDR", "SMPP address, default 127.0.0.1:0"),
	    ARG_STR_ROW("control", &a->control, "ADDR", "control socket, such as unix:/path"),
	    ARG_STR_ROW("port-file", &a->port_file, "FILE", "write the SMPP port here once ready"),
	    ARG_STR_ROW("system-id", &c->system_id, "ID", "only this system_id may bind"),
	    ARG_STR_ROW("password", &c->password, "WORD", "only with this password"),
	    ARG_U64_ROW("window", &c->window, "N", 1, 10000,
		"unanswered deliver_sm of one bind, default 100"),
	    ARG_U64_ROW("enquire", &c->enquire_ms, "MS", 10, MS_MAX,
		"quiet time before enquire_link, default 30000"),
	    ARG_U64_ROW("resp-timeout", &c->resp_ms, "MS", 1, MS_MAX,
		"wait for deliver_sm_resp, default 10000"),
	    ARG_U64_ROW("retry", &c->retry_ms, "MS", 0, MS_MAX,
		"pause before sending again, default 1000"),
	    ARG_U64_ROW("retry-max", &c->retry_max, "N", 1, 1000000000,
		"tries of one message, default 600"),
	    ARG_U64_ROW("receipt-delay", &c->receipt_ms, "MS", 0, MS_MAX,
		"from submit_sm to receipt, default 200"),
	    {"receipts", ARG_MAYBE, &c->receipts, "asked|always|never", "receipts, default asked",
		.call = receipts},
	    ARG_U64_ROW("ussd-timeout", &c->ussd_ms, "MS", 1, MS_MAX,
		"a phone that dialled waits so long for a screen, default 10000"),
	    ARG_STR_ROW("ussd-url", &a->ussd_url, "URL",
		"phones of the web page may dial over HTTP too, by requests to this address"),
	    ARG_STR_ROW("ussd-profile", &a->ussd_profile, "NAME",
		"how those look: generic-json (default) or africastalking"),
	    ARG_STR_ROW("web", &a->web, "ADDR",
		"serve the handset in the browser here, such as 127.0.0.1:0"),
	    ARG_STR_ROW("web-port-file", &a->web_port_file, "FILE",
		"write the handset's port here once ready"),
	    {"log", ARG_CALL, NULL, "LEVEL", "error, warn, info, debug; default info", .call = level},
	    {.name = "Faults, also to be ordered later over the control socket:", .type = ARG_HEAD},
	};
	struct arg_row rows[ROWS_MAX] = {{0}};
	const struct arg_prog prog = {"dakiya-sim",
	    "usage: dakiya-sim smsc [options]\nAn SMPP 3.4 message centre with phones.\n", rows};
	size_t n = sizeof(own) / sizeof(own[0]);
	int first, rc;

	memcpy(rows, own, sizeof(own));
	for (const struct fault_row *r = fault_rows; r->name && n + 1 < ROWS_MAX; r++)
		if (r->kind != FAULT_ACTION)
			rows[n++] = (struct arg_row){r->name, ARG_CALL, &c->faults,
			    r->kind == FAULT_SWITCH ? "on" : "N", r->help, .call = fault};
	rc = args_read(&prog, argc, argv, &first);
	if (rc < 0 && first < argc) {
		fprintf(stderr, "dakiya-sim: %s: unexpected\n", argv[first]);
		rc = 2;
	}
	return rc;
}

static int run(struct conns *cs, const struct smsc_args *a)
{
	char err[512];
	struct smsc *s = smsc_new(cs, &a->cf, err, sizeof(err));
	struct control *ctl = NULL;
	struct ussd_http *ussd = NULL;
	struct web *web = NULL;
	int rc = 1;

	if (!s || (a->control && !(ctl = control_new(cs, s, a->control, err, sizeof(err)))) ||
	    (a->ussd_url && !(ussd = ussd_http_new(cs, s, a->ussd_url, a->ussd_profile, a->cf.ussd_ms,
				  err, sizeof(err)))) ||
	    (a->web && !(web = web_new(cs, s, a->web, err, sizeof(err)))) ||
	    (web && a->web_port_file &&
		!sock_port_file(a->web_port_file, web_port(web), err, sizeof(err))) ||
	    (a->port_file && !sock_port_file(a->port_file, smsc_port(s), err, sizeof(err)))) {
		fprintf(stderr, "dakiya-sim: %s\n", err);
	} else {
		if (web)
			printf("ready handset port %u\n", web_port(web));
		printf("ready smpp port %u\n", smsc_port(s));
		fflush(stdout);
		conns_run(cs);
		rc = 0;
	}
	ussd_http_free(ussd);
	web_free(web);
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
				  .receipt_ms = 200,
				  .ussd_ms = 10000}};
	int rc = parse(argc, argv, &a);
	struct conns *cs;

	if (rc >= 0)
		return rc;
	cs = conns_new();
	conns_catch_signals(cs);
	rc = run(cs, &a);
	conns_free(cs);
	return rc;
}
