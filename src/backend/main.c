/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiya-backend: the reference backend. Options, then everything is opened in order,
 * and a mistake before "ready" is one sentence on stderr and exit 1. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>
#include <openssl/crypto.h>

#include "backend/api.h"
#include "backend/desk_html.h"
#include "backend/ist.h"
#include "backend/lists.h"
#include "backend/pmjay.h"
#include "backend/pusher.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/http_out.h"

#define INSTALLED_RULES DK_SYSCONFDIR "/dakiya/backend-rules.yaml"
#define SOURCE_RULES "etc/backend-rules.yaml"
#define FILE_MAX (1u << 20)
#define SECRET_MIN 8

struct options {
	const char *listen, *db, *bridge, *secret_file, *rules, *lists, *port_file, *clock_file;
	bool is_test_clock, is_full_sync;
	int64_t fixed_ms;
	enum log_level level;
	enum log_format format;
	struct {
		bool is_on;
		int64_t beneficiaries, hospitals, seed;
	} seed; /* the command `seed` */
};

struct program {
	struct options o;
	struct event_base *base;
	struct event *sig_term, *sig_int, *second;
	struct rules *rules;
	struct db *db;
	struct http_in *in;
	struct http_out *out;
	struct pusher *pusher;
	struct api api;
	unsigned seconds;
};

static const char help[] =
    "Usage: dakiya-backend --db FILE [option]...\n"
    "       dakiya-backend seed --db FILE [--beneficiaries N] [--hospitals N] [--seed N]\n"
    "The reference backend of Dakiya: registrations, tokens and queues over HTTP.\n"
    "\n"
    "  --listen ADDR:PORT  where to serve (127.0.0.1:8090); port 0: the kernel chooses\n"
    "  --db FILE           the SQLite file; made when absent\n"
    "  --sync normal|full  normal (default): a power cut may lose the last transactions; full: not\n"
    "  --bridge URL        push events to URL/v1/events; without it they are kept\n"
    "  --secret-file FILE  the secret that signs events; needed with --bridge\n"
    "  --rules FILE        the services' rules (" INSTALLED_RULES ",\n"
    "                      or " SOURCE_RULES " when that is absent)\n"
    "  --lists FILE        sub-centres, wellness centres, beneficiaries (backend-lists.yaml beside\n"
    "                      the rules, if it is there)\n"
    "  --port-file FILE    write the port there once ready\n"
    "  --log LEVEL         error, warn, info (default) or debug\n"
    "  --log-format FORMAT logfmt (default) or json\n"
    "  --test-clock[=TIME] allow POST /v1/admin/clock, begin at TIME (RFC 3339); for tests only\n"
    "  --clock-file FILE   take the time from this file (ms since 1970); for tests only\n"
    "  --routes, --problems  print the table of routes, of problem codes\n"
    "  --help, --version\n"
    "\n"
    "seed fills the empty tables of PM-JAY with synthetic people and hospitals (2000, 200), the\n"
    "same for the same seed, and ends.\n";

enum opt {
	OPT_LISTEN = 256,
	OPT_DB,
	OPT_SYNC,
	OPT_BRIDGE,
	OPT_SECRET,
	OPT_RULES,
	OPT_LISTS,
	OPT_PORT,
	OPT_LOG,
	OPT_LOG_FORMAT,
	OPT_TEST_CLOCK,
	OPT_CLOCK_FILE,
	OPT_ROUTES,
	OPT_PROBLEMS,
	OPT_BENEFICIARIES,
	OPT_HOSPITALS,
	OPT_SEED,
	OPT_HELP,
	OPT_VERSION
};
static const struct option longs[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"db", required_argument, NULL, OPT_DB},
    {"sync", required_argument, NULL, OPT_SYNC},
    {"bridge", required_argument, NULL, OPT_BRIDGE},
    {"secret-file", required_argument, NULL, OPT_SECRET},
    {"rules", required_argument, NULL, OPT_RULES},
    {"lists", required_argument, NULL, OPT_LISTS},
    {"port-file", required_argument, NULL, OPT_PORT},
    {"log", required_argument, NULL, OPT_LOG},
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"test-clock", optional_argument, NULL, OPT_TEST_CLOCK},
    {"clock-file", required_argument, NULL, OPT_CLOCK_FILE},
    {"routes", no_argument, NULL, OPT_ROUTES},
    {"problems", no_argument, NULL, OPT_PROBLEMS},
    {"beneficiaries", required_argument, NULL, OPT_BENEFICIARIES},
    {"hospitals", required_argument, NULL, OPT_HOSPITALS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

/* One of two words; exits when it is neither. */
static bool is_second(const char *opt, const char *arg, const char *first, const char *second)
{
	if (!strcmp(arg, second))
		return true;
	if (!strcmp(arg, first))
		return false;
	fprintf(stderr, "dakiya-backend: %s is %s or %s, not %s\n", opt, first, second, arg);
	exit(1);
}

static int64_t number_option(const char *name, const char *arg, int64_t max)
{
	char *end;
	long long v = strtoll(arg, &end, 10);

	if (*arg && !*end && v >= 0 && v <= max)
		return v;
	fprintf(stderr, "dakiya-backend: --%s is a whole number up to %lld, not %s\n", name,
	    (long long)max, arg);
	exit(1);
}

static void set_option(struct options *o, int c)
{
	switch (c) {
	case OPT_LISTEN:
		o->listen = optarg;
		break;
	case OPT_DB:
		o->db = optarg;
		break;
	case OPT_SYNC:
		o->is_full_sync = is_second("--sync", optarg, "normal", "full");
		break;
	case OPT_BRIDGE:
		o->bridge = optarg;
		break;
	case OPT_SECRET:
		o->secret_file = optarg;
		break;
	case OPT_RULES:
		o->rules = optarg;
		break;
	case OPT_LISTS:
		o->lists = optarg;
		break;
	case OPT_PORT:
		o->port_file = optarg;
		break;
	case OPT_LOG:
		if (!log_level_parse(optarg, &o->level)) {
			fprintf(stderr, "dakiya-backend: there is no log level %s\n", optarg);
			exit(1);
		}
		break;
	case OPT_LOG_FORMAT:
		o->format = is_second("--log-format", optarg, "logfmt", "json") ? LOG_JSON : LOG_LOGFMT;
		break;
	case OPT_TEST_CLOCK:
		o->is_test_clock = true;
		if (optarg && (!ist_parse(optarg, &o->fixed_ms) || o->fixed_ms <= 0)) {
			fprintf(stderr,
			    "dakiya-backend: --test-clock: %s is no time such as "
			    "2026-11-22T10:00:00Z\n",
			    optarg);
			exit(1);
		}
		break;
	case OPT_CLOCK_FILE:
		o->clock_file = optarg;
		break;
	case OPT_BENEFICIARIES:
		o->seed.beneficiaries = number_option("beneficiaries", optarg, 10000000);
		break;
	case OPT_HOSPITALS:
		o->seed.hospitals = number_option("hospitals", optarg, 100000);
		break;
	case OPT_SEED:
		o->seed.seed = number_option("seed", optarg, INT64_MAX);
		break;
	default:
		fprintf(stderr, "Try dakiya-backend --help.\n");
		exit(1);
	}
}

static void parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){.listen = "127.0.0.1:8090",
	    .level = LOG_INFO,
	    .format = LOG_LOGFMT,
	    .seed = {argc > 1 && !strcmp(argv[1], "seed"), 2000, 200, 1}};
	if (o->seed.is_on)
		optind = 2;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case OPT_HELP:
			fputs(help, stdout);
			exit(0);
		case OPT_VERSION:
			puts("dakiya-backend " PACKAGE_VERSION);
			exit(0);
		case OPT_ROUTES:
			api_print_routes(stdout);
			exit(0);
		case OPT_PROBLEMS:
			api_print_problems(stdout);
			exit(0);
		default:
			set_option(o, c);
		}
	}
	if (optind < argc || !o->db || (o->bridge && !o->secret_file)) {
		fprintf(stderr, "dakiya-backend: %s\n",
		    optind < argc ? "there are no arguments without --"
		    : !o->db      ? "--db FILE is needed"
				  : "--bridge needs --secret-file");
		exit(1);
	}
}

/* Whole file, at most FILE_MAX; NULL after a sentence on stderr. Owned by the caller. */
static char *file_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (!f) {
		fprintf(stderr, "dakiya-backend: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	text = xmalloc(FILE_MAX + 1);
	*n = fread(text, 1, FILE_MAX, f);
	text[*n] = '\0';
	fclose(f);
	return text;
}

static bool open_rules(struct program *p)
{
	const char *path = p->o.rules;
	struct buf err;
	char *text;
	size_t n;

	if (!path)
		path = access(INSTALLED_RULES, R_OK) == 0 ? INSTALLED_RULES : SOURCE_RULES;
	text = file_read(path, &n);
	if (!text)
		return false;
	buf_init(&err, 65536);
	p->rules = rules_read(path, (struct sv){text, n}, &err);
	if (!p->rules)
		fputs(buf_str(&err), stderr);
	buf_clear(&err);
	free(text);
	return p->rules != NULL;
}

static bool open_db(struct program *p)
{
	struct buf err;

	buf_init(&err, 4096);
	p->db = db_open(p->o.db, p->o.is_full_sync, &err);
	if (!p->db)
		fprintf(stderr, "dakiya-backend: %s\n", buf_str(&err));
	buf_clear(&err);
	return p->db != NULL;
}

static bool open_lists(struct program *p)
{
	const char *rules = p->o.rules                           ? p->o.rules
			    : access(INSTALLED_RULES, R_OK) == 0 ? INSTALLED_RULES
								 : SOURCE_RULES;
	const char *slash = strrchr(rules, '/');
	char *path = p->o.lists ? xstrdup(p->o.lists)
				: xasprintf("%.*sbackend-lists.yaml",
				      slash ? (int)(slash + 1 - rules) : 0, rules);
	struct buf err;
	char *text;
	size_t n;
	bool ok = true;

	buf_init(&err, 65536);
	if (!p->o.lists && access(path, R_OK) != 0) {
		LOG(NULL, LOG_WARN, "no lists", "file=%s", path);
	} else {
		text = file_read(path, &n);
		ok = text && lists_load(p->db, path, (struct sv){text, n}, &err);
		if (text && !ok)
			fputs(buf_str(&err), stderr);
		free(text);
	}
	buf_clear(&err);
	free(path);
	return ok;
}

static bool open_pusher(struct program *p)
{
	static const struct http_out_conf conf = {
	    PUSHER_MAX_FLIGHT, PUSHER_MAX_FLIGHT, PUSHER_MAX_FLIGHT, 65536};
	char *secret;
	size_t n;

	if (!p->o.bridge)
		return true;
	if (strncmp(p->o.bridge, "http://", 7) && strncmp(p->o.bridge, "https://", 8)) {
		fprintf(stderr, "dakiya-backend: --bridge must be an http:// or https:// address\n");
		return false;
	}
	secret = file_read(p->o.secret_file, &n);
	if (!secret)
		return false;
	while (n > 0 && (secret[n - 1] == '\n' || secret[n - 1] == '\r'))
		n--;
	if (n >= SECRET_MIN) {
		p->out = http_out_new(p->base, &conf);
		p->pusher = pusher_new(p->base, p->db, p->out, p->o.bridge, (struct sv){secret, n});
	} else {
		fprintf(stderr, "dakiya-backend: %s: a secret has at least %d octets\n",
		    p->o.secret_file, SECRET_MIN);
	}
	OPENSSL_cleanse(secret, n);
	free(secret);
	return p->pusher != NULL;
}

static void on_events(void *arg)
{
	struct program *p = arg;

	if (p->pusher)
		pusher_kick(p->pusher);
}

static bool open_http(struct program *p)
{
	struct http_in_conf conf = {p->o.listen, 8192, 16384, 4096, 10000};
	char err[256];

	p->in = http_in_new(p->base, &conf, err, sizeof err);
	if (!p->in) {
		fprintf(stderr, "dakiya-backend: %s\n", err);
		return false;
	}
	p->api = (struct api){
	    .q = {p->db, p->rules},
	    .http = p->in,
	    .clock = {p->o.is_test_clock, p->o.fixed_ms, p->o.clock_file},
	    .desk_page = {(const char *)desk_html, desk_html_len},
	    .on_events = on_events,
	    .on_events_arg = p,
	};
	api_routes(&p->api);
	return true;
}

/* Written beside and renamed, so that a reader never sees half a number. */
static bool write_port(const struct program *p)
{
	char *tmp;
	FILE *f;
	bool ok;

	if (!p->o.port_file)
		return true;
	tmp = xasprintf("%s.new", p->o.port_file);
	f = fopen(tmp, "we");
	ok = f && fprintf(f, "%u\n", http_in_port(p->in)) > 0;
	if (f && fclose(f) != 0)
		ok = false;
	ok = ok && rename(tmp, p->o.port_file) == 0;
	if (!ok)
		fprintf(stderr, "dakiya-backend: %s: %s\n", p->o.port_file, strerror(errno));
	free(tmp);
	return ok;
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	struct program *p = arg;
	int64_t now_ms = api_clock_now(&p->api.clock);

	(void)fd;
	(void)what;
	if (!api_tick(&p->api, now_ms))
		LOG(NULL, LOG_WARN, "tick put off", "now=%lld", (long long)now_ms);
	if (++p->seconds % 60 == 0)
		api_purge(&p->api, now_ms);
}

static void on_stop(evutil_socket_t sig, short what, void *arg)
{
	struct program *p = arg;

	(void)what;
	LOG(NULL, LOG_INFO, "stopping", "signal=%d", (int)sig);
	/* Requests are answered within the turn of the loop that reads them: none is open now. */
	http_in_pause(p->in);
	pusher_stop(p->pusher);
	event_base_loopexit(p->base, NULL);
}

static bool open_all(struct program *p)
{
	static const struct timeval one_second = {1, 0};

	if (!open_rules(p) || !open_db(p) || !open_lists(p))
		return false;
	p->base = event_base_new();
	if (!p->base) {
		fprintf(stderr, "dakiya-backend: no event loop\n");
		return false;
	}
	if (!open_http(p) || !open_pusher(p))
		return false;
	p->sig_term = evsignal_new(p->base, SIGTERM, on_stop, p);
	p->sig_int = evsignal_new(p->base, SIGINT, on_stop, p);
	p->second = event_new(p->base, -1, EV_PERSIST, on_second, p);
	evsignal_add(p->sig_term, NULL);
	evsignal_add(p->sig_int, NULL);
	event_add(p->second, &one_second);
	return write_port(p);
}

static void close_all(struct program *p)
{
	pusher_stop(p->pusher);
	if (p->out)
		http_out_free(p->out);
	pusher_free(p->pusher);
	http_in_free(p->in);
	if (p->sig_term)
		event_free(p->sig_term);
	if (p->sig_int)
		event_free(p->sig_int);
	if (p->second)
		event_free(p->second);
	if (p->base)
		event_base_free(p->base);
	db_close(p->db);
	rules_free(p->rules);
}

/* The whole of the command `seed`. */
static bool seed(struct program *p)
{
	struct scheme s;
	struct buf err;
	int64_t now_ms = p->o.fixed_ms > 0 ? p->o.fixed_ms : (int64_t)clock_wall_ms();
	bool ok;

	if (!open_rules(p) || !open_db(p))
		return false;
	if (!scheme_now(p->rules, "pmjay", now_ms, &s)) {
		fprintf(stderr, "dakiya-backend: the rules have no scheme pmjay\n");
		return false;
	}
	buf_init(&err, 4096);
	ok = pmjay_seed(p->db, &s, p->o.seed.beneficiaries, p->o.seed.hospitals,
	    (uint64_t)p->o.seed.seed, now_ms, &err);
	if (ok)
		printf("seeded %lld beneficiaries, %lld hospitals\n",
		    (long long)p->o.seed.beneficiaries, (long long)p->o.seed.hospitals);
	else
		fprintf(stderr, "dakiya-backend: %s: %s\n", p->o.db, buf_str(&err));
	buf_clear(&err);
	return ok;
}

static void print_ready(const struct program *p)
{
	const char *colon = strrchr(p->o.listen, ':');

	printf("ready http://%.*s:%u\n", colon ? (int)(colon - p->o.listen) : 0, p->o.listen,
	    http_in_port(p->in));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct program p = {0};
	bool ok;

	parse_options(&p.o, argc, argv);
	log_init(p.o.level, p.o.format);
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	ok = p.o.seed.is_on ? seed(&p) : open_all(&p);
	if (ok && !p.o.seed.is_on) {
		print_ready(&p);
		event_base_dispatch(p.base);
	}
	close_all(&p);
	libevent_global_shutdown();
	curl_global_cleanup();
	return ok ? 0 : 1;
}
