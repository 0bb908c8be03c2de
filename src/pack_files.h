/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_files.h - service packs from folders, for every program that compiles them. */
#ifndef DK_PACK_FILES_H
#define DK_PACK_FILES_H

#include "engine/dialogue.h"

/* Each folder is a pack (it has a service.yaml) or holds packs. NULL: every mistake stands in err, as
 * packs_compile says them; also when err was not empty before. */
struct packs *pack_files_read(const char *const *folder, size_t count, struct buf *err,
    struct buf *warn) MUSTUSE;

#endif
