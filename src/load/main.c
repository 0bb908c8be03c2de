/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiya-load: a load generator that is the operator on one side of dakiyad and its
 * backend on the other, and prints what it saw as one line of JSON. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "load/drive.h"
#include "load/instant.h"
#include "load/procfs.h"
#include "sim/sock.h"

#define PIDS_MAX 8u

enum {
	OPT_LISTEN = 1,
	OPT_PORT_FILE,
	OPT_BACKEND,
	OPT_BACKEND_PORT_FILE,
	OPT_BACKEND_DELAY,
	OPT_BACKEND_PLAIN,
	OPT_WINDOW,
	OPT_RATE,
	OPT_USERS,
	OPT_BINDS,
	OPT_BIND_WAIT,
	OPT_WARM,
	OPT_SECONDS,
	OPT_TIMEOUT,
	OPT_TO,
	OPT_TEXT,
	OPT_PID,
	OPT_RECEIPTS,
	OPT_NAME,
	OPT_HELP
};

static const struct opt_row {
	struct option o;
	const char *arg, *help;
} rows[] = {
    {{"listen", required_argument, NULL, OPT_LISTEN}, "ADDR", "SMPP address, default 127.0.0.1:0"},
    {{"port-file", required_argument, NULL, OPT_PORT_FILE}, "FILE",
	"write the SMPP port here once ready"},
    {{"backend-listen", required_argument, NULL, OPT_BACKEND}, "ADDR", "serve an instant HTTP backend"},
    {{"backend-port-file", required_argument, NULL, OPT_BACKEND_PORT_FILE}, "FILE",
	"write its port here"},
    {{"backend-delay", required_argument, NULL, OPT_BACKEND_DELAY}, "MS", "it answers so much later"},
    {{"backend-plain", no_argument, NULL, OPT_BACKEND_PLAIN}, "",
	"it answers with the text for the phone, not with JSON"},
    {{"window", required_argument, NULL, OPT_WINDOW}, "N",
	"closed loop: so many phones at once, default 10"},
    {{"rate", required_argument, NULL, OPT_RATE}, "N", "fixed rate instead: so many a second"},
    {{"users", required_argument, NULL, OPT_USERS}, "N",
	"phones, default 10000 and at least twice the window"},
    {{"binds", required_argument, NULL, OPT_BINDS}, "N", "begin when so many are bound, default 1"},
    {{"bind-wait", required_argument, NULL, OPT_BIND_WAIT}, "MS", "give up when not, default 30000"},
    {{"warm-up", required_argument, NULL, OPT_WARM}, "MS",
	"not counted at the beginning, default 1000"},
    {{"seconds", required_argument, NULL, OPT_SECONDS}, "N", "measured, default 10"},
    {{"timeout", required_argument, NULL, OPT_TIMEOUT}, "MS",
	"no answer by then is a loss, default 20000"},
    {{"to", required_argument, NULL, OPT_TO}, "CODE", "short code, default 56161"},
    {{"text", required_argument, NULL, OPT_TEXT}, "TEXT",
	"%N is the number that the answer must hold too; default: BENCH %N balances"},
    {{"pid", required_argument, NULL, OPT_PID}, "NAME=PID,...",
	"say what these processes cost; @FILE instead of a PID: it stands there when measuring begins"},
    {{"receipts", no_argument, NULL, OPT_RECEIPTS}, "", "send a receipt for each message that asks"},
    {{"name", required_argument, NULL, OPT_NAME}, "WORD", "first thing in the line"},
    {{"help", no_argument, NULL, OPT_HELP}, "", "this text"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct watched {
	char name[32], where[256]; /* a number, or @file */
	long pid;
	struct proc_use begin, end;
	bool ok;
};

struct load {
	struct drive_conf drive;
	const char *name, *port_file, *backend, *backend_port_file;
	uint64_t backend_delay_ms;
	struct watched pid[PIDS_MAX];
	size_t pids;
	struct drive *d;
	struct instant *instant;
};

static void usage(FILE *f)
{
	fputs("usage: dakiya-load [options]\nDrives conversations through whoever binds to it; prints "
	      "one line of"
	      " JSON.\n\n",
	    f);
	for (size_t i = 0; i < ROWS; i++)
		fprintf(f, "  --%s %s\n\t%s\n", rows[i].o.name, rows[i].arg, rows[i].help);
}

static bool number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 10);
	if (errno || end == s || *end || *s == '-' || *out < min || *out > max) {
		fprintf(stderr, "dakiya-load: %s is not a number from %llu to %llu\n", s,
		    (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	return true;
}

/* "dakiyad=12,redis=@/path" */
static bool pids(struct load *l, const char *s)
{
	while (*s) {
		struct watched *w = &l->pid[l->pids];
		size_t name = strcspn(s, "=,"), value = strcspn(s, ",");

		if (l->pids + 1 == PIDS_MAX || s[name] != '=' || name == 0 || name >= sizeof(w->name) ||
		    value - name - 1 >= sizeof(w->where) || value == name + 1)
			return false;
		memcpy(w->name, s, name);
		memcpy(w->where, s + name + 1, value - name - 1);
		l->pids++;
		s += value + (s[value] == ',');
	}
	return true;
}

static long pid_of(const struct watched *w)
{
	long pid = 0;
	FILE *f;

	if (w->where[0] != '@')
		return strtol(w->where, NULL, 10);
	f = fopen(w->where + 1, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

/* 0 go on, else exit status + 1. */
static int take(struct load *l, int opt, const char *v)
{
	uint64_t n = 0;
	bool ok = true;

	switch (opt) {
	case OPT_LISTEN:
		l->drive.listen = v;
		break;
	case OPT_PORT_FILE:
		l->port_file = v;
		break;
	case OPT_BACKEND:
		l->backend = v;
		break;
	case OPT_BACKEND_PORT_FILE:
		l->backend_port_file = v;
		break;
	case OPT_BACKEND_DELAY:
		ok = number(v, 0, 600000, &l->backend_delay_ms);
		break;
	case OPT_BACKEND_PLAIN:
		l->drive.plain = true;
		break;
	case OPT_WINDOW:
		ok = number(v, 1, 1000000, &n);
		l->drive.window = (size_t)n;
		l->drive.rate = 0;
		break;
	case OPT_RATE:
		ok = number(v, 1, 1000000, &l->drive.rate);
		l->drive.window = 0;
		break;
	case OPT_USERS:
		ok = number(v, 1, 10000000, &n);
		l->drive.users = (size_t)n;
		break;
	case OPT_BINDS:
		ok = number(v, 1, 64, &n);
		l->drive.binds = (size_t)n;
		break;
	case OPT_BIND_WAIT:
		ok = number(v, 0, 86400000, &l->drive.bind_ms);
		break;
	case OPT_WARM:
		ok = number(v, 0, 86400000, &l->drive.warm_ms);
		break;
	case OPT_SECONDS:
		ok = number(v, 1, 86400, &n);
		l->drive.measure_ms = n * 1000;
		break;
	case OPT_TIMEOUT:
		ok = number(v, 1, 86400000, &l->drive.timeout_ms);
		break;
	case OPT_TO:
		l->drive.to = v;
		break;
	case OPT_TEXT:
		l->drive.text = v;
		break;
	case OPT_PID:
		ok = pids(l, v);
		if (!ok)
			fputs("dakiya-load: --pid wants NAME=PID,...\n", stderr);
		break;
	case OPT_RECEIPTS:
		l->drive.receipts = true;
		break;
	case OPT_NAME:
		l->name = v;
		break;
	case OPT_HELP:
		usage(stdout);
		return 1;
	default:
		return 3;
	}
	return ok ? 0 : 3;
}

static int parse(int argc, char **argv, struct load *l)
{
	struct option all[ROWS + 1] = {{0}};
	int opt, rc = 0;

	for (size_t i = 0; i < ROWS; i++)
		all[i] = rows[i].o;
	while (rc == 0 && (opt = getopt_long(argc, argv, "", all, NULL)) != -1)
		rc = take(l, opt, optarg);
	if (rc == 0 && optind < argc) {
		fprintf(stderr, "dakiya-load: %s: unexpected\n", argv[optind]);
		rc = 3;
	}
	if (l->drive.users < l->drive.window * 2)
		l->drive.users = l->drive.window * 2;
	return rc;
}

static void on_mark(bool begin, void *arg)
{
	struct load *l = arg;

	for (size_t i = 0; i < l->pids; i++) {
		struct watched *w = &l->pid[i];

		if (begin)
			w->ok = proc_read(w->pid = pid_of(w), &w->begin);
		else
			w->ok = w->ok && proc_read(w->pid, &w->end);
	}
}

/* The phone's number stands somewhere in the target: its first run of twelve digits. */
static int on_request(struct sv target, struct buf *body, void *arg)
{
	struct load *l = arg;
	size_t run = 0, i;

	for (i = 0; i < target.n && run < 12; i++)
		run = target.p[i] >= '0' && target.p[i] <= '9' ? run + 1 : 0;
	return drive_backend(l->d, (struct sv){target.p + i - run, run}, body);
}

static json_t *costs(const struct load *l, double per)
{
	json_t *all = json_object();

	for (size_t i = 0; i < l->pids; i++) {
		const struct watched *w = &l->pid[i];

		if (!w->ok)
			continue;
		json_object_set_new(all, w->name,
		    json_pack("{s:f,s:f,s:I,s:I}", "cpu_s", w->end.cpu_s - w->begin.cpu_s,
			"cpu_s_per_10000",
			per > 0 ? (w->end.cpu_s - w->begin.cpu_s) * 10000 / per : 0.0, "rss_kib",
			(json_int_t)w->end.rss_kib, "peak_rss_kib", (json_int_t)w->end.peak_kib));
	}
	return all;
}

static void report(const struct load *l)
{
	const struct drive_result *r = drive_result(l->d);
	const struct hist *h = &r->latency;
	json_t *j = json_pack("{s:s,s:s,s:I,s:I,s:f,s:f}", "name", l->name, "mode",
	    l->drive.window ? "window" : "rate", "value",
	    (json_int_t)(l->drive.window ? l->drive.window : l->drive.rate), "backend_delay_ms",
	    (json_int_t)l->backend_delay_ms, "seconds", r->seconds, "per_second",
	    r->seconds > 0 ? (double)r->n.answered / r->seconds : 0.0);
	json_t *us = json_pack("{s:I,s:I,s:I,s:I,s:I,s:f}", "p50", (json_int_t)hist_quantile(h, 0.5),
	    "p90", (json_int_t)hist_quantile(h, 0.9), "p99", (json_int_t)hist_quantile(h, 0.99), "p999",
	    (json_int_t)hist_quantile(h, 0.999), "max", (json_int_t)h->max, "mean",
	    h->count ? (double)h->sum / (double)h->count : 0.0);
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"begun", r->n.begun}, {"answered", r->n.answered},
	    {"duplicates", r->n.duplicates}, {"lost", r->n.lost}, {"refused", r->n.refused},
	    {"unexpected", r->n.unexpected}, {"put_off", r->n.no_phone},
	    {"backend_calls", r->n.backend_calls}, {"backend_repeats", r->n.backend_repeats},
	    {"receipts", r->n.receipts}, {"receipts_taken", r->n.receipts_taken}};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(j, counts[i].name, json_integer((json_int_t)counts[i].n));
	json_object_set_new(j, "latency_us", us);
	json_object_set_new(j, "processes", costs(l, (double)r->n.answered));
	json_dumpf(j, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	fflush(stdout);
	json_decref(j);
}

static bool start(struct load *l, struct conns *cs, char *err, size_t err_cap)
{
	l->d = drive_new(cs, &l->drive, on_mark, l, err, err_cap);
	if (!l->d)
		return false;
	if (l->backend) {
		l->instant = instant_new(cs, l->backend, l->backend_delay_ms,
		    l->drive.plain ? "text/plain" : "application/json", on_request, l, err, err_cap);
		if (!l->instant)
			return false;
		if (l->backend_port_file &&
		    !sock_port_file(l->backend_port_file, instant_port(l->instant), err, err_cap))
			return false;
	}
	return !l->port_file || sock_port_file(l->port_file, drive_port(l->d), err, err_cap);
}

int main(int argc, char **argv)
{
	static struct load l = {.name = "dakiya",
	    .drive = {.listen = "127.0.0.1:0",
		.to = "56161",
		.text = "BENCH %N balances",
		.window = 10,
		.users = 10000,
		.binds = 1,
		.bind_ms = 30000,
		.warm_ms = 1000,
		.measure_ms = 10000,
		.timeout_ms = 20000}};
	struct conns *cs;
	char err[512];
	int rc = parse(argc, argv, &l);

	if (rc != 0)
		return rc - 1;
	snprintf(l.pid[l.pids].name, sizeof(l.pid[0].name), "load");
	snprintf(l.pid[l.pids].where, sizeof(l.pid[0].where), "%ld", (long)getpid());
	l.pids++;
	cs = conns_new();
	conns_catch_signals(cs);
	rc = 1;
	if (start(&l, cs, err, sizeof(err))) {
		conns_run(cs);
		if (drive_result(l.d)->is_done) {
			report(&l);
			rc = 0;
		}
	} else {
		fprintf(stderr, "dakiya-load: %s\n", err);
	}
	conns_close_all(cs);
	instant_free(l.instant);
	drive_free(l.d);
	conns_free(cs);
	return rc;
}
