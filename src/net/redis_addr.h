/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_addr.h - the address of a Redis server as people write it. Private to redis_conn.c. */
#ifndef DK_REDIS_ADDR_H
#define DK_REDIS_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/xmalloc.h"

struct redis_addr {
	char *path; /* unix: path, else NULL */
	char *host; /* without the brackets of IPv6 */
	int port;
	char *user, *password; /* NULL: none */
	int db;
};

/* unix:/path, unix:path or redis://[[user]:password@]host[:port][/db]; user and password may
 * hold %XX. False with a sentence in err, that never holds the password. Clear it either way. */
bool redis_addr_parse(struct redis_addr *a, const char *text, char *err, size_t err_cap) MUSTUSE;
void redis_addr_clear(struct redis_addr *a);

#endif
