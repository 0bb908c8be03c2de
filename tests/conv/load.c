/* SPDX-License-Identifier: BSD-2-Clause */
/* load.c - packs from a folder, for tests. */
#include "story.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILES_MAX = 256 };

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

static void add_files(const char *dir, const char *pack, struct pack_source *src, size_t *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 6 || strcmp(e->d_name + len - 5, ".yaml") != 0 || *n == FILES_MAX)
			continue;
		src[*n].name = xasprintf("%s/%s", dir, e->d_name);
		src[*n].pack = xstrdup(pack);
		src[*n].file = strrchr(src[*n].name, '/') + 1;
		src[*n].text = sv_from(read_file(src[*n].name));
		++*n;
	}
	if (d)
		closedir(d);
}

static bool is_pack(const char *dir)
{
	char *path = xasprintf("%s/service.yaml", dir);
	FILE *f = fopen(path, "r");

	free(path);
	if (f)
		fclose(f);
	return f != NULL;
}

static void add_folder(const char *dir, struct pack_source *src, size_t *n)
{
	struct dirent *e;
	DIR *d;

	if (is_pack(dir)) {
		add_files(dir, strrchr(dir, '/') + 1, src, n);
		return;
	}
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		char *path = xasprintf("%s/%s", dir, e->d_name);

		if (e->d_name[0] != '.')
			add_files(path, e->d_name, src, n);
		free(path);
	}
	if (d)
		closedir(d);
}

struct packs *load_packs(const char *root, const char *dirs)
{
	struct pack_source src[FILES_MAX];
	struct sv rest = sv_from(dirs), word;
	struct buf err, warn;
	struct packs *p;
	size_t n = 0;

	while (sv_next_word(&rest, &word)) {
		char *dir = xasprintf("%s/%.*s", root, (int)word.n, word.p);

		add_folder(dir, src, &n);
		free(dir);
	}
	buf_init(&err, 1 << 20);
	buf_init(&warn, 1 << 20);
	p = packs_compile(src, n, &err, &warn);
	fputs(buf_str(&err), stderr);
	fputs(buf_str(&warn), stderr);
	for (size_t i = 0; i < n; i++) {
		free((char *)(uintptr_t)src[i].name);
		free((char *)(uintptr_t)src[i].pack);
		free((char *)(uintptr_t)src[i].text.p);
	}
	buf_clear(&err);
	buf_clear(&warn);
	if (!p)
		exit(1);
	return p;
}
