/* SPDX-License-Identifier: BSD-2-Clause */
/* profile.c - see profile.h. */
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536u

static bool read_file(const char *path, const char *what, struct buf *out, struct buf *err)
{
	FILE *f = fopen(path, "re");
	char tmp[4096];
	size_t n;

	if (!f) {
		buf_addf(err, "%s:1:1: the %s profile cannot be read: %s.\n", path, what,
		    strerror(errno));
		return false;
	}
	while ((n = fread(tmp, 1, sizeof(tmp), f)) > 0)
		buf_add(out, tmp, n);
	fclose(f);
	if (out->full)
		buf_addf(err, "%s:1:1: is longer than %u octets.\n", path, FILE_MAX);
	return !out->full;
}

bool profile_read(const char *dir, const char *which, const char *what, const struct conf_row *rows,
    void *out, profile_check_fn *check, void *arg, char **name, struct buf *err)
{
	const char *slash = strrchr(which, '/');
	char *path = slash ? xstrdup(which) : xasprintf("%s/%s.yaml", dir, which);
	size_t before = err->n;
	struct buf text;

	*name = xstrdup(slash ? slash + 1 : which);
	(*name)[strcspn(*name, ".")] = '\0';
	buf_init(&text, FILE_MAX);
	if (read_file(path, what, &text, err) && conf_read(rows, path, buf_sv(&text), out, err))
		check(arg, path, err);
	buf_clear(&text);
	free(path);
	return err->n == before;
}
