/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiya-load: a load generator that is the operator on one side of dakiyad and its
 * backend on the other, and prints what it saw as one line of JSON. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "load/drive.h"
#include "load/instant.h"
#include "load/procfs.h"
#include "sim/sock.h"

#define PIDS_MAX 8u
#define MS_MAX 86400000u

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

/* "dakiyad=12,redis=@/path" */
static bool pids(void *to, const char *name_of_option, const char *s)
{
	struct load *l = to;

	while (*s) {
		struct watched *w = &l->pid[l->pids];
		size_t name = strcspn(s, "=,"), value = strcspn(s, ",");

		if (l->pids + 1 == PIDS_MAX || s[name] != '=' || name == 0 || name >= sizeof(w->name) ||
		    value - name - 1 >= sizeof(w->where) || value == name + 1) {
			fprintf(stderr, "dakiya-load: --%s wants NAME=PID,...\n", name_of_option);
			return false;
		}
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

/* The window is a closed loop, the rate a fixed one: the one said last counts. */
static bool window(void *to, const char *name, const char *v)
{
	struct load *l = to;

	l->drive.rate = 0;
	return args_number("dakiya-load", name, v, 1, 1000000, &l->drive.window);
}

static bool rate(void *to, const char *name, const char *v)
{
	struct load *l = to;

	l->drive.window = 0;
	return args_number("dakiya-load", name, v, 1, 1000000, &l->drive.rate);
}

/* -1 go on, else the exit status. */
static int parse(int argc, char **argv, struct load *l)
{
	struct drive_conf *d = &l->drive;
	uint64_t seconds = 10;
	const struct arg_row rows[] = {
	    ARG_STR_ROW("listen", &d->listen, "ADDR", "SMPP address, default 127.0.0.1:0"),
	    ARG_STR_ROW("port-file", &l->port_file, "FILE", "write the SMPP port here once ready"),
	    ARG_STR_ROW("backend-listen", &l->backend, "ADDR", "serve an instant HTTP backend"),
	    ARG_STR_ROW("backend-port-file", &l->backend_port_file, "FILE", "write its port here"),
	    ARG_U64_ROW("backend-delay", &l->backend_delay_ms, "MS", 0, 600000,
		"it answers so much later"),
	    ARG_FLAG_ROW("backend-plain", &d->plain,
		"it answers with the text for the phone, not with JSON"),
	    {"window", ARG_CALL, l, "N", "closed loop: so many phones at once, default 10",
		.call = window},
	    {"rate", ARG_CALL, l, "N", "fixed rate instead: so many a second", .call = rate},
	    ARG_U64_ROW("users", &d->users, "N", 1, 10000000,
		"phones, default 10000 and at least twice the window"),
	    ARG_U64_ROW("binds", &d->binds, "N", 1, 64, "begin when so many are bound, default 1"),
	    ARG_U64_ROW("bind-wait", &d->bind_ms, "MS", 0, MS_MAX, "give up when not, default 30000"),
	    ARG_U64_ROW("warm-up", &d->warm_ms, "MS", 0, MS_MAX,
		"not counted at the beginning, default 1000"),
	    ARG_U64_ROW("seconds", &seconds, "N", 1, 86400, "measured, default 10"),
	    ARG_U64_ROW("timeout", &d->timeout_ms, "MS", 1, MS_MAX,
		"no answer by then is a loss, default 20000"),
	    ARG_STR_ROW("to", &d->to, "CODE", "short code, default 56161"),
	    ARG_STR_ROW("text", &d->text, "TEXT",
		"%N is the number that the answer must hold too; default: BENCH %N balances"),
	    {"pid", ARG_CALL, l, "NAME=PID,...",
		"say what these processes cost; @FILE instead of a PID: it stands there when measuring "
		"begins",
		.call = pids},
	    ARG_FLAG_ROW("receipts", &d->receipts, "send a receipt for each message that asks"),
	    ARG_STR_ROW("name", &l->name, "WORD", "first thing in the line"),
	    {0},
	};
	const struct arg_prog prog = {"dakiya-load",
	    "usage: dakiya-load [options]\n"
	    "Drives conversations through whoever binds to it; prints one line of JSON.\n",
	    rows};
	int first, rc = args_read(&prog, argc, argv, &first);

	if (rc < 0 && first < argc) {
		fprintf(stderr, "dakiya-load: %s: unexpected\n", argv[first]);
		rc = 2;
	}
	d->measure_ms = seconds * 1000;
	if (d->users < d->window * 2)
		d->users = d->window * 2;
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
		.timeout_ms = 20000}};
	struct conns *cs;
	char err[512];
	int rc = parse(argc, argv, &l);

	if (rc >= 0)
		return rc;
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
