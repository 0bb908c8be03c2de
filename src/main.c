/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiyad: arguments, configuration, signals, the loop. */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/log.h"
#include "config.h"
#include "options.h"

#define CONF_FILE_MAX (1u << 20)

struct run {
	struct event_base *base;
	struct app *app;
	bool over;
};

static void usage(FILE *to)
{
	fprintf(to, "usage: dakiyad [-c FILE] [-t | -T]\n"
		    "       dakiyad -h | -V\n"
		    "  -c FILE  configuration (default " DK_SYSCONFDIR "/dakiya/dakiyad.yaml)\n"
		    "  -t       check configuration and service packs, then exit\n"
		    "  -T       print the configuration with its defaults, then exit\n"
		    "  -V       print the version\n");
}

static bool read_text(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	char tmp[4096];
	size_t n;

	buf_init(out, CONF_FILE_MAX);
	if (!f) {
		fprintf(stderr, "dakiyad: %s: %s\n", path, strerror(errno));
		return false;
	}
	while ((n = fread(tmp, 1, sizeof(tmp), f)) > 0)
		buf_add(out, tmp, n);
	fclose(f);
	if (out->full)
		fprintf(stderr, "dakiyad: %s: longer than %u octets\n", path, CONF_FILE_MAX);
	return !out->full;
}

static void on_stopped(void *arg)
{
	struct run *r = arg;
	struct timeval grace = {0, 300000}; /* for unbind and its answer */

	r->over = true;
	event_base_loopexit(r->base, &grace);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct run *r = arg;

	(void)what;
	LOG(NULL, LOG_INFO, "signal", "number=%d", (int)sig);
	app_stop(r->app, on_stopped, r);
}

static int serve(const struct options *o, const struct packs *packs)
{
	struct run r = {.base = event_base_new()};
	struct event *term = evsignal_new(r.base, SIGTERM, on_signal, &r);
	struct event *intr = evsignal_new(r.base, SIGINT, on_signal, &r);
	struct buf err;

	buf_init(&err, 4096);
	signal(SIGPIPE, SIG_IGN);
	event_add(term, NULL);
	event_add(intr, NULL);
	r.app = app_new(r.base, o, packs, &err);
	if (!r.app)
		fprintf(stderr, "dakiyad: %s", buf_str(&err));
	while (r.app && !event_base_got_exit(r.base) && event_base_loop(r.base, EVLOOP_ONCE) == 0)
		app_reap(r.app);
	app_free(r.app);
	event_free(term);
	event_free(intr);
	event_base_free(r.base);
	buf_clear(&err);
	return r.over ? 0 : 1;
}

/* Check, print or run; packs are checked with the configuration, so that -t means ready. */
static int with_options(const char *path, const struct options *o, bool check, bool print)
{
	struct buf err, warn, out;
	struct packs *packs = NULL;
	int rc = 1;

	buf_init(&err, 1u << 20);
	buf_init(&warn, 1u << 20);
	buf_init(&out, 1u << 20);
	if (print) {
		conf_print(options_rows, o, &out);
		fputs(buf_str(&out), stdout);
		rc = 0;
	} else {
		packs = app_read_packs(o, &err, &warn);
		fputs(buf_str(&warn), stderr);
		fputs(buf_str(&err), stderr);
	}
	if (packs && check) {
		printf("%s: good\n", path);
		rc = 0;
	} else if (packs) {
		log_init((enum log_level)o->log->level, (enum log_format)o->log->format);
		rc = serve(o, packs);
	}
	packs_free(packs);
	buf_clear(&err);
	buf_clear(&warn);
	buf_clear(&out);
	return rc;
}

int main(int argc, char **argv)
{
	const char *path = DK_SYSCONFDIR "/dakiya/dakiyad.yaml";
	bool check = false, print = false;
	struct options o = {0};
	struct buf text, err;
	int c, rc = 1;

	while ((c = getopt(argc, argv, "c:tThV")) != -1) {
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 't':
			check = true;
			break;
		case 'T':
			print = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("dakiyad " PACKAGE_VERSION);
			return 0;
		default:
			usage(stderr);
			return 1;
		}
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	buf_init(&err, 1u << 20);
	if (read_text(path, &text)) {
		if (options_read(path, buf_sv(&text), &o, &err))
			rc = with_options(path, &o, check, print);
		else
			fputs(buf_str(&err), stderr);
	}
	options_clear(&o);
	buf_clear(&text);
	buf_clear(&err);
	curl_global_cleanup();
	return rc;
}
