/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_replay.c - runs a fuzz target without libFuzzer: over its corpus, and over some thousands
 * of changes to it, made from a fixed seed so that a failure comes again. Files given as arguments
 * are run alone. */
#include "story.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { CHANGES = 400, INPUT_MAX = 16384 };

static uint64_t chance(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* One change: an octet, a copy of a part to elsewhere, or a part left out. */
static size_t change(uint8_t *p, size_t n, uint64_t *seed)
{
	size_t at = n ? chance(seed) % n : 0, from = n ? chance(seed) % n : 0;
	size_t part = n - (at > from ? at : from);

	part = part ? 1 + chance(seed) % (part < 32 ? part : 32) : 0;
	switch (chance(seed) % 3) {
	case 0:
		if (n)
			p[at] = (uint8_t)chance(seed);
		return n;
	case 1:
		memmove(p + at, p + from, part);
		return n;
	default:
		memmove(p + at, p + at + part, n - at - part);
		return n - part;
	}
}

static void run_file(const char *path, unsigned changes)
{
	FILE *f = fopen(path, "rb");
	static uint8_t whole[INPUT_MAX];
	uint64_t seed = 0x9e3779b97f4a7c15u;
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	n = fread(whole, 1, sizeof(whole), f);
	fclose(f);
	for (unsigned i = 0; i <= changes; i++) {
		/* An exact-size block: the sanitizer sees the first octet read past it. */
		uint8_t *p = xmemdup(whole, n + 1);
		size_t m = n;

		for (unsigned k = 0; k < i % 6; k++)
			m = change(p, m, &seed);
		p = xrealloc(p, m + 1);
		(void)LLVMFuzzerTestOneInput(p, m);
		free(p);
	}
}

int main(int argc, char **argv)
{
	const char *root = getenv("DK_SRCDIR");
	char *dir = xasprintf("%s/tests/fuzz/corpus/%s", root ? root : ".", FUZZ_NAME);
	struct dirent *e;
	unsigned files = 0;
	DIR *d;

	for (int i = 1; i < argc; i++)
		run_file(argv[i], 0);
	d = argc > 1 ? NULL : opendir(dir);
	while (d && (e = readdir(d))) {
		char *path = xasprintf("%s/%s", dir, e->d_name);

		if (e->d_name[0] != '.') {
			run_file(path, CHANGES);
			files++;
		}
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
	printf("%u files of the corpus, each changed %d times\n", files, CHANGES);
	return argc > 1 || files > 0 ? 0 : 1;
}
