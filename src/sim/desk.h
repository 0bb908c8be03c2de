/* SPDX-License-Identifier: BSD-2-Clause */
/* desk.h - the clinic's queue desk and other patients, played over the backend's HTTP API
 * (docs/backend-api.yaml). One request after the other; blocking, as it is for stories only. */
#ifndef DK_SIM_DESK_H
#define DK_SIM_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

#define DESK_ERR_CAP 512

struct desk;
struct desk_token {
	int64_t token_id, token;
	int64_t ahead; /* -1: not waiting any more */
};
/* url: of the backend, without a slash at the end. NULL: no HTTP client to be had. */
struct desk *desk_new(const char *url) MUSTUSE;
void desk_free(struct desk *d);
void desk_service(struct desk *d, const char *service); /* default esanjeevani */

/* All: false with a sentence in err (DESK_ERR_CAP octets). */
bool desk_register_others(struct desk *d, uint64_t count, char *err) MUSTUSE;
bool desk_call_next(struct desk *d, struct desk_token *called, char *err) MUSTUSE;
/* Somebody whose turn has come and who is not the phone: a patient that register_others made
 * calls and is seen; others miss their turn. */
bool desk_see(struct desk *d, const struct desk_token *t, char *err) MUSTUSE;
bool desk_used(struct desk *d, const char *token_id, bool prescription, char *err) MUSTUSE;
bool desk_missed(struct desk *d, const char *token_id, char *err) MUSTUSE;
bool desk_current(struct desk *d, const char *msisdn, struct desk_token *out, char *err) MUSTUSE;

#endif
