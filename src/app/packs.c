/* SPDX-License-Identifier: BSD-2-Clause */
/* packs.c - the service packs: read from their folders, and changed while people talk. Each turn goes
 * on with the packs it began with; the next one of the same person takes the new ones. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_int.h"
#include "app/ussd.h"

#define PACK_FILE_MAX (1u << 20)

struct packs_in_use {
	struct packs *packs; /* owned */
	size_t turns; /* that began with them */
};

struct packs_in_use *packs_enter(struct app *a)
{
	a->packs_in_use->turns++;
	return a->packs_in_use;
}

static void free_unused(const struct app *a, struct packs_in_use *u)
{
	if (u == a->packs_in_use || u->turns > 0)
		return;
	packs_free(u->packs);
	free(u);
}

void packs_leave(struct app *a, struct packs_in_use *u)
{
	u->turns--;
	free_unused(a, u);
}

void app_set_packs(struct app *a, struct packs *packs)
{
	struct packs_in_use *old = a->packs_in_use;

	a->packs = packs;
	a->packs_in_use = NULL;
	if (packs) {
		a->packs_in_use = xcalloc(1, sizeof(*a->packs_in_use));
		a->packs_in_use->packs = packs;
	}
	if (old)
		free_unused(a, old);
}

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
	if (slash && slash != dir && access(service, F_OK) == 0) {
		*slash = '\0';
		add_pack(pf, dir, slash + 1, err);
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

struct packs *app_read_packs(const struct options *o, struct buf *err, struct buf *warn)
{
	struct pack_files pf = {0};
	struct packs *p = NULL;

	for (size_t i = 0; i < o->services.n; i++)
		add_folder(&pf, o->services.v[i], err);
	ussd_check(o, err);
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
