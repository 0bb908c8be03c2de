/* SPDX-License-Identifier: BSD-2-Clause */
/* idem.h - idempotency keys: the answer to a POST is kept in the transaction of its effect,
 * and a repeat with the same key gets that answer without a second effect. */
#ifndef DK_BACKEND_IDEM_H
#define DK_BACKEND_IDEM_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/db.h"
#include "base/sv.h"

#define IDEM_KEY_MAX 200 /* octets, printable ASCII */
#define IDEM_HASH_LEN 32
#define IDEM_LIFE_MS (48 * 3600 * 1000LL) /* longer than the bridge goes on trying */

enum idem_rc { IDEM_NEW, IDEM_REPEAT, IDEM_MISMATCH };

struct idem_answer {
	int status;
	char *body; /* owned, free() */
};

bool idem_key_ok(const char *key);
/* SHA-256 over method, path and body. False: the library failed. */
bool idem_hash(const char *method, const char *path, struct sv body,
    uint8_t out[IDEM_HASH_LEN]) MUSTUSE;
/* REPEAT: *out is the answer given before. MISMATCH: the key was used for another request. */
enum idem_rc idem_look(struct db *d, const char *key, const uint8_t hash[IDEM_HASH_LEN], int64_t now_ms,
    struct idem_answer *out);
void idem_keep(struct db *d, const char *key, const uint8_t hash[IDEM_HASH_LEN], int status,
    const char *body, int64_t now_ms);
int idem_purge(struct db *d, int64_t now_ms, int max); /* returns how many went */

#endif
