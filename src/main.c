/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiyad: arguments, configuration, signals, the loop. SIGHUP reads the configuration and the
 * packs again: packs are changed in place, and what else is new needs the app to stop and start, in this
 * process, with all that is under way in the store. */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/args.h"
#include "base/log.h"
#include "options.h"

#define CONF_FILE_MAX (1u << 20)

/* A configuration as it was read. */
struct setup {
	struct options o;
	struct packs *packs; /* while no app has them */
};

struct run {
	const char *path;
	struct event_base *base;
	struct event *reload;
	struct app *app;
	struct setup *now, *next; /* next: to be started when the app has stopped; NULL: leave */
	bool over;
	bool leaves; /* told to end: nothing is started any more */
	bool is_asked; /* to reload, while an app stops or the next is not there yet */
};

static void usage(FILE *to)
{
	fprintf(to,
	    "usage: dakiyad [-c FILE] [-t | -T]\n"
	    "  -c FILE  configuration (default " DK_SYSCONFDIR "/dakiya/dakiyad.yaml)\n"
	    "  -t       check configuration and service packs, then exit\n"
	    "  -T       print the configuration with its defaults, then exit\n" ARGS_HELP_LINES);
}

static bool read_text(const char *path, struct buf *out, struct buf *err)
{
	FILE *f = fopen(path, "re");
	char tmp[4096];
	size_t n;

	buf_init(out, CONF_FILE_MAX);
	if (!f) {
		buf_addf(err, "dakiyad: %s: %s\n", path, strerror(errno));
		return false;
	}
	while ((n = fread(tmp, 1, sizeof(tmp), f)) > 0)
		buf_add(out, tmp, n);
	fclose(f);
	if (out->full)
		buf_addf(err, "dakiyad: %s: longer than %u octets\n", path, CONF_FILE_MAX);
	return !out->full;
}

static void setup_free(struct setup *s)
{
	if (!s)
		return;
	packs_free(s->packs);
	options_clear(&s->o);
	free(s);
}

/* NULL: every mistake stands in err. Without packs their mistakes are not looked for. */
static struct setup *setup_read(const char *path, bool with_packs, struct buf *err, struct buf *warn)
{
	struct setup *s = xcalloc(1, sizeof(*s));
	struct buf text;

	if (read_text(path, &text, err) && options_read(path, buf_sv(&text), &s->o, err) && with_packs)
		s->packs = app_read_packs(&s->o, err, warn);
	buf_clear(&text);
	if (err->n == 0)
		return s;
	setup_free(s);
	return NULL;
}

static void log_lines(const struct buf *b, enum log_level lvl, const char *verb)
{
	const char *line = b->n > 0 ? buf_str(b) : "";

	while (*line) {
		size_t n = strcspn(line, "\n");
		char *one = xasprintf("%.*s", (int)n, line);

		LOG(NULL, lvl, verb, "reason=%s", LOGQ(one));
		free(one);
		line += n + (line[n] == '\n');
	}
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
	r->leaves = true;
	setup_free(r->next);
	r->next = NULL;
	if (r->app)
		app_stop(r->app, on_stopped, r);
}

static void log_as(const struct options *o)
{
	log_init((enum log_level)o->log->level, (enum log_format)o->log->format);
}

/* NULL: refused; why stands in the log. */
static struct setup *read_again(struct run *r)
{
	struct buf err, warn;
	struct setup *s;

	r->is_asked = false;
	buf_init(&err, CONF_FILE_MAX);
	buf_init(&warn, CONF_FILE_MAX);
	s = setup_read(r->path, true, &err, &warn);
	log_lines(&warn, LOG_WARN, "pack");
	log_lines(&err, LOG_ERR, "reload refused");
	buf_clear(&err);
	buf_clear(&warn);
	return s;
}

static void reload(struct run *r)
{
	struct setup *s = read_again(r);

	if (!s)
		return;
	if (!conf_same(options_rows, &s->o, &r->now->o)) {
		LOG(NULL, LOG_INFO, "reload", "changes=configuration");
		r->next = s;
		app_stop(r->app, on_stopped, r);
		return;
	}
	log_as(&s->o);
	app_set_packs(r->app, s->packs);
	app_renew_tls(r->app);
	s->packs = NULL;
	setup_free(s);
	LOG(NULL, LOG_INFO, "reloaded", "changes=packs");
}

static void on_hangup(evutil_socket_t sig, short what, void *arg)
{
	struct run *r = arg;

	(void)sig, (void)what;
	/* Once, however many have come since the loop's last turn. */
	event_active(r->reload, EV_TIMEOUT, 0);
}

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd, (void)what;
	if (r->leaves)
		return;
	r->is_asked = true;
	if (r->app && !app_is_stopping(r->app))
		reload(r);
	else
		LOG(NULL, LOG_INFO, "reload", "waits_for=stop");
}

static bool start(struct run *r)
{
	struct buf err;

	buf_init(&err, CONF_FILE_MAX);
	r->over = false;
	log_as(&r->now->o);
	r->app = app_new(r->base, &r->now->o, r->now->packs, &err);
	r->now->packs = NULL;
	if (!r->app)
		log_lines(&err, LOG_ERR, "not started");
	buf_clear(&err);
	return r->app != NULL;
}

/* What was reloaded, or what ran before when that does not start. */
static bool start_next(struct run *r)
{
	struct setup *old = r->now, *newest = r->is_asked ? read_again(r) : NULL;

	if (newest)
		setup_free(r->next);
	r->now = newest ? newest : r->next;
	r->next = NULL;
	if (start(r)) {
		setup_free(old);
		return true;
	}
	setup_free(r->now);
	r->now = old; /* with its packs as they were: those on the disk may be the new ones' */
	return !r->leaves && start(r);
}

static int serve(struct run *r)
{
	struct event *term, *intr, *hup;
	bool up;

	r->base = event_base_new();
	term = evsignal_new(r->base, SIGTERM, on_signal, r);
	intr = evsignal_new(r->base, SIGINT, on_signal, r);
	hup = evsignal_new(r->base, SIGHUP, on_hangup, r);
	r->reload = event_new(r->base, -1, 0, on_reload, r);
	signal(SIGPIPE, SIG_IGN);
	up = start(r);
	if (up) {
		event_add(term, NULL);
		event_add(intr, NULL);
		event_add(hup, NULL);
	}
	while (up) {
		while (event_base_loop(r->base, EVLOOP_ONCE) == 0 && !event_base_got_exit(r->base))
			app_reap(r->app);
		r->now->packs = app_free(r->app);
		r->app = NULL;
		up = r->next && start_next(r);
		if (up && r->is_asked)
			reload(r);
	}
	event_free(term);
	event_free(intr);
	event_free(hup);
	event_free(r->reload);
	event_base_free(r->base);
	return r->over || r->leaves ? 0 : 1;
}

static void print_options(const struct options *o)
{
	struct buf out;

	buf_init(&out, CONF_FILE_MAX);
	conf_print(options_rows, o, &out);
	fputs(buf_str(&out), stdout);
	buf_clear(&out);
}

int main(int argc, char **argv)
{
	static const struct option words[] = {
	    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	const char *path = DK_SYSCONFDIR "/dakiya/dakiyad.yaml";
	bool check = false, print = false;
	struct run r = {0};
	struct buf err, warn;
	int c, rc = 1;

	while ((c = getopt_long(argc, argv, "c:tThV", words, NULL)) != -1) {
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
			return args_version("dakiyad");
		default:
			usage(stderr);
			return 1;
		}
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	buf_init(&err, CONF_FILE_MAX);
	buf_init(&warn, CONF_FILE_MAX);
	r.path = path;
	r.now = setup_read(path, !print, &err, &warn);
	fputs(buf_str(&warn), stderr);
	fputs(buf_str(&err), stderr);
	if (r.now && print) {
		print_options(&r.now->o);
		rc = 0;
	} else if (r.now && check) {
		printf("%s: good\n", path);
		rc = 0;
	} else if (r.now) {
		rc = serve(&r);
	}
	setup_free(r.now);
	buf_clear(&err);
	buf_clear(&warn);
	curl_global_cleanup();
	return rc;
}
