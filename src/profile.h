/* SPDX-License-Identifier: BSD-2-Clause */
/* profile.h - a file that says how a provider speaks, found by its name or a path. */
#ifndef DK_PROFILE_H
#define DK_PROFILE_H

#include "base/conf.h"

/* Looks for what the rows cannot say, in whatever arg is; path is for its sentences in err. */
typedef void profile_check_fn(void *arg, const char *path, struct buf *err);
/* Fill *out (zeroed) by rows from dir/WHICH.yaml, or from WHICH when it has a slash, and check it. *name (the file's,
 * without its ending) is owned by the caller either way. false: every mistake stands in err. */
bool profile_read(const char *dir, const char *which, const char *what, const struct conf_row *rows,
    void *out, profile_check_fn *check, void *arg, char **name, struct buf *err) MUSTUSE;

#endif
