/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_files.c - service packs from folders; see pack_files.h. */
#include "pack_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACK_FILE_MAX (1u << 20)

struct pack_files {
	struct pack_source *v;
	size_t n;
};

static bool read_file(const char *path, struct buf *out, struct buf *err)
{
	FILE *f = fopen(path, "re");
	char tmp[4096];
	size_t n;

	buf_init(out, PACK_FILE_MAX);
	if (!f) {
		buf_addf(err, "%s:1:1: cannot be read: %s.\n", path, strerror(errno));
		return false;
	}
	while ((n = fread(tmp, 1, sizeof(tmp), f)) > 0)
		buf_add(out, tmp, n);
	fclose(f);
	if (out->full)
		buf_addf(err, "%s:1:1: is longer than %u octets.\n", path, PACK_FILE_MAX);
	return !out->full;
}

static void add_file(struct pack_files *pf, const char *dir, const char *pack, const char *file,
    struct buf *err)
{
	struct pack_source *s;
	struct buf text;
	char *path = xasprintf("%s/%s/%s", dir, pack, file);

	if (!read_file(path, &text, err)) {
		buf_clear(&text);
		free(path);
		return;
	}
	pf->v = xrealloc(pf->v, (pf->n + 1) * sizeof(*pf->v));
	s = &pf->v[pf->n++];
	*s = (struct pack_source){.name = path, .pack = xstrdup(pack), .file = xstrdup(file)};
	s->text.n = text.n;
	s->text.p = buf_take(&text);
}

static int is_yaml(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 5 && strcmp(d->d_name + n - 5, ".yaml") == 0;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void add_pack(struct pack_files *pf, const char *dir, const char *pack, struct buf *err)
{
	char *path = xasprintf("%s/%s", dir, pack);
	struct dirent **files = NULL;
	struct stat st;
	int n;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		n = scandir(path, &files, is_yaml, alphasort);
		for (int i = 0; i < n; i++) {
			add_file(pf, dir, pack, files[i]->d_name, err);
			free(files[i]);
		}
		free(files);
	}
	free(path);
}

/* A folder of packs, or a pack itself. */
static void add_folder(struct pack_files *pf, const char *path, struct buf *err)
{
	char *dir = xstrdup(path), *slash, *service = xasprintf("%s/service.yaml", path);
	size_t len = strlen(dir);
	struct dirent **packs = NULL;
	int n;

	while (len > 1 && dir[len - 1] == '/')
		dir[--len] = '\0';
	slash = strrchr(dir, '/');
	if (access(service, F_OK) == 0 && slash != dir) {
		if (slash)
			*slash = '\0';
		add_pack(pf, slash ? dir : ".", slash ? slash + 1 : dir, err);
	} else {
		n = scandir(dir, &packs, is_visible, alphasort);
		if (n < 0)
			buf_addf(err, "%s:1:1: services: cannot be read: %s.\n", dir, strerror(errno));
		for (int k = 0; k < n; k++) {
			add_pack(pf, dir, packs[k]->d_name, err);
			free(packs[k]);
		}
		free(packs);
	}
	free(service);
	free(dir);
}

struct packs *pack_files_read(const char *const *folder, size_t count, struct buf *err,
    struct buf *warn)
{
	struct pack_files pf = {0};
	struct packs *p = NULL;

	for (size_t i = 0; i < count; i++)
		add_folder(&pf, folder[i], err);
	if (err->n == 0)
		p = packs_compile(pf.v, pf.n, err, warn);
	for (size_t i = 0; i < pf.n; i++) {
		free((char *)pf.v[i].name);
		free((char *)pf.v[i].pack);
		free((char *)pf.v[i].file);
		free((char *)pf.v[i].text.p);
	}
	free(pf.v);
	return p;
}
