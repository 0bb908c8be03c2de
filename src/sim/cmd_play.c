/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_play.c - `dakiya-sim play`: reads story files and plays them one after the other. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sim/play.h"
#include "sim/sim.h"
#include "ussd_conf.h"

#define STORY_MAX_OCTETS (1u << 20)

static int usage(FILE *f)
{
	fputs("usage: dakiya-sim play STORY... --control ADDR [--desk URL] [--to CODE] [--pause MS] "
	      "[--check]\n"
	      "       dakiya-sim play STORY... --http-ussd URL --profile NAME [--code CODE] [--control "
	      "ADDR]\n"
	      "Plays stories and prints them as conversations; status 0 only if every expected "
	      "message\n"
	      "came and no other.\n"
	      "  --control ADDR  control socket of dakiya-sim smsc, such as unix:/path\n"
	      "                  (default: what DAKIYA_CONTROL in the environment says)\n"
	      "  --desk URL      backend, for the story's desk lines\n"
	      "  --to CODE       short code, default 56161\n"
	      "  --http-ussd URL USSD goes to this endpoint; SMS are looked for only with --control\n"
	      "  --profile NAME  how it speaks: an installed USSD profile, or a path\n"
	      "  --code CODE     its service code, default *123#\n"
	      "  --pause MS      wait so long before each act, for those who watch\n"
	      "  --check         only read the stories and say what is wrong with them\n",
	    f);
	return f == stderr ? 2 : 0;
}

static bool read_file(const char *path, struct buf *out)
{
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		return false;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, chunk, n);
	fclose(f);
	if (out->full)
		fprintf(stderr, "%s: too long for a story\n", path);
	return !out->full;
}

static bool load(const char *path, struct story *s)
{
	struct buf text, err;
	bool ok = false;

	memset(s, 0, sizeof(*s));
	buf_init(&text, STORY_MAX_OCTETS);
	buf_init(&err, STORY_MAX_OCTETS);
	if (read_file(path, &text)) {
		ok = story_parse(path, (struct sv){buf_str(&text), text.n}, s, &err);
		fputs(buf_str(&err), stderr);
	}
	buf_clear(&text);
	buf_clear(&err);
	return ok;
}

static int play_all(const struct play_conf *cf, int count, char **path, bool check)
{
	int passed = 0;

	for (int i = 0; i < count; i++) {
		struct story s;
		bool ok = load(path[i], &s);

		if (!ok) {
			story_clear(&s);
			return 2;
		}
		ok = check || play_story(cf, &s);
		story_clear(&s);
		if (!check)
			printf("\n%s: %s\n", path[i], ok ? "every expected message came" : "FAILED");
		fflush(stdout);
		passed += ok;
	}
	return passed == count ? 0 : 1;
}

static int play_with(struct play_conf *cf, const char *profile, int count, char **path, bool check)
{
	struct ussd_conf *conf;
	struct buf err;
	int rc = 2;

	if (!profile)
		return play_all(cf, count, path, check);
	buf_init(&err, STORY_MAX_OCTETS);
	conf = ussd_conf_read(DK_DATADIR "/ussd", profile, &err);
	if (conf && !conf->http)
		buf_addf(&err, "%s: is no profile for HTTP\n", profile);
	fputs(buf_str(&err), stderr);
	cf->ussd = conf;
	if (err.n == 0)
		rc = play_all(cf, count, path, check);
	buf_clear(&err);
	ussd_conf_free(conf);
	return rc;
}

int sim_play(int argc, char **argv)
{
	static const struct option opts[] = {{"control", required_argument, NULL, 'c'},
	    {"desk", required_argument, NULL, 'd'}, {"to", required_argument, NULL, 't'},
	    {"pause", required_argument, NULL, 'p'}, {"check", no_argument, NULL, 'k'},
	    {"http-ussd", required_argument, NULL, 'u'}, {"profile", required_argument, NULL, 'f'},
	    {"code", required_argument, NULL, 'C'}, {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	struct play_conf cf = {.control = getenv("DAKIYA_CONTROL"), .to = "56161", .code = "*123#"};
	const char *profile = NULL;
	bool check = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", opts, NULL)) != -1) {
		switch (opt) {
		case 'c':
			cf.control = optarg;
			break;
		case 'd':
			cf.desk = optarg;
			break;
		case 't':
			cf.to = optarg;
			break;
		case 'p':
			cf.pause_ms = strtoull(optarg, NULL, 10);
			break;
		case 'u':
			cf.ussd_url = optarg;
			break;
		case 'f':
			profile = optarg;
			break;
		case 'C':
			cf.code = optarg;
			break;
		case 'k':
			check = true;
			break;
		case 'h':
			return usage(stdout);
		default:
			return usage(stderr);
		}
	}
	if (optind >= argc || (!cf.control && !cf.ussd_url && !check) || !cf.ussd_url != !profile)
		return usage(stderr);
	return play_with(&cf, profile, argc - optind, argv + optind, check);
}
