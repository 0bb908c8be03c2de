/* SPDX-License-Identifier: BSD-2-Clause */
/* listeners.h - the addresses at which providers' requests arrive; entries with the same address share one. */
#ifndef DK_LISTENERS_H
#define DK_LISTENERS_H

#include "app/app_int.h"

/* who: for the sentence in err when it is NULL. deadline_ms: of the first that asks for this address. */
struct http_in *listener_get(struct app *a, const char *listen, uint64_t deadline_ms, const char *who,
    struct buf *err) MUSTUSE;
void listeners_pause(struct app *a);
void listeners_free(struct app *a);

#endif
