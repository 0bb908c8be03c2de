/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiya-backend: the reference backend. Everything is opened in order, and a mistake before "ready" is one sentence on stderr and exit 1. */
#include "config.h"

#include <errno.h>
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
#include "backend/options.h"
#include "backend/pmjay.h"
#include "backend/pusher.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/http_out.h"

#define FILE_MAX (1u << 20)
#define SECRET_MIN 8

struct program {
	struct backend_options o;
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
	ok = pmjay_seed(p->db, &s, (int64_t)p->o.beneficiaries, (int64_t)p->o.hospitals, p->o.seed,
	    now_ms, &err);
	if (ok)
		printf("seeded %lld beneficiaries, %lld hospitals\n", (long long)p->o.beneficiaries,
		    (long long)p->o.hospitals);
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
	int rc = backend_options_read(&p.o, argc, argv);
	bool ok;

	if (rc >= 0)
		return rc;
	log_init(p.o.level, p.o.format);
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	ok = p.o.is_seed ? seed(&p) : open_all(&p);
	if (ok && !p.o.is_seed) {
		print_ready(&p);
		event_base_dispatch(p.base);
	}
	close_all(&p);
	libevent_global_shutdown();
	curl_global_cleanup();
	return ok ? 0 : 1;
}
