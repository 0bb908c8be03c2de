/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - main() of a fuzz target that is built without libFuzzer: gives it every file that is named,
 * or that stands in a folder that is named. Without arguments it replays the committed corpus of the
 * target, tests/fuzz/corpus/<name> for fuzz_<name>, which is how `make check` runs it. An AFL-style
 * fuzzer can drive it with one file. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/xmalloc.h"

#define FILE_MAX_OCTETS (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay_file(const char *path)
{
	uint8_t *all, *exact;
	size_t n;
	FILE *f = fopen(path, "rbe");

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	all = xmalloc(FILE_MAX_OCTETS);
	n = fread(all, 1, FILE_MAX_OCTETS, f);
	fclose(f);
	exact = xmemdup(all,
	    n); /* nothing behind the last octet, so that a sanitizer sees a read past it */
	free(all);
	printf("%s\n", path); /* the last one printed is the one that stopped us */
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 1;
}

/* Files replayed, or -1. */
static int replay(const char *path)
{
	struct stat st;
	struct dirent *e;
	int count = 0;
	DIR *d;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return replay_file(path);
	d = opendir(path);
	if (!d) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (count >= 0 && (e = readdir(d))) {
		char *inside;

		if (e->d_name[0] == '.')
			continue;
		inside = xasprintf("%s/%s", path, e->d_name);
		count = replay_file(inside) < 0 ? -1 : count + 1;
		free(inside);
	}
	closedir(d);
	return count;
}

static char *committed_corpus(const char *program)
{
	const char *base = strstr(program, "fuzz_"), *slash = strrchr(program, '/'),
		   *top = getenv("DK_SRCDIR");

	if (slash)
		base = strstr(slash, "fuzz_");
	return xasprintf("%s/tests/fuzz/corpus/%s", top ? top : ".",
	    base ? base + strlen("fuzz_") : "none");
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = replay(argv[i]);

		if (count < 0)
			return 1;
		total += count;
	}
	if (argc < 2) {
		char *corpus = committed_corpus(argv[0]);

		total = replay(corpus);
		free(corpus);
	}
	if (total <= 0) {
		fprintf(stderr, "nothing was replayed\n");
		return 1;
	}
	printf("%d inputs\n", total);
	return 0;
}
