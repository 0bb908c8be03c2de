/* SPDX-License-Identifier: BSD-2-Clause */
/* profile.h - a file that says how a provider speaks, found by its name or a path. */
#ifndef DK_PROFILE_H
#define DK_PROFILE_H

#include "base/conf.h"

/* Fill *out (zeroed) by rows from dir/WHICH.yaml, or from WHICH when it has a slash. *path and *name (the
 * file's, without its ending) are owned by the caller either way. false: every mistake stands in err. */
bool profile_read(const char *dir, const char *which, const char *what, const struct conf_row *rows,
    void *out, char **path, char **name, struct buf *err) MUSTUSE;

#endif
