/* SPDX-License-Identifier: BSD-2-Clause */
/* load.c - packs from a folder, for tests. */
#include "pack_files.h"
#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FOLDERS_MAX = 16 };

char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	char part[4096];

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	buf_init(&b, 1 << 20);
	for (size_t n; (n = fread(part, 1, sizeof(part), f)) > 0;)
		buf_add(&b, part, n);
	fclose(f);
	buf_adds(&b, "");
	return buf_take(&b);
}

struct packs *load_packs(const char *root, const char *dirs)
{
	char *folder[FOLDERS_MAX];
	struct sv rest = sv_from(dirs), word;
	struct buf err, warn;
	struct packs *p;
	size_t n = 0;

	while (n < FOLDERS_MAX && sv_next_word(&rest, &word))
		folder[n++] = xasprintf("%s/%.*s", root, (int)word.n, word.p);
	buf_init(&err, 1 << 20);
	buf_init(&warn, 1 << 20);
	p = pack_files_read((const char *const *)folder, n, &err, &warn);
	fputs(buf_str(&err), stderr);
	fputs(buf_str(&warn), stderr);
	while (n > 0)
		free(folder[--n]);
	buf_clear(&err);
	buf_clear(&warn);
	if (!p)
		exit(1);
	return p;
}
