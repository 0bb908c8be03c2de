/* SPDX-License-Identifier: BSD-2-Clause */
/* sock.h - listening and connecting by an address as people write it:
 * "127.0.0.1:2775", "[::1]:0" (port 0: the kernel chooses) or "unix:/path". */
#ifndef DK_SIM_SOCK_H
#define DK_SIM_SOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/xmalloc.h"

/* Both return a descriptor, or -1 with a sentence in err. A stale Unix socket is replaced.
 * sock_listen's descriptor does not block; sock_connect's does. */
int sock_listen(const char *addr, char *err, size_t err_cap) MUSTUSE;
int sock_connect(const char *addr, char *err, size_t err_cap) MUSTUSE;
unsigned sock_port(int fd); /* 0 for a Unix socket */
void sock_nonblock(int fd);
void sock_nodelay(int fd); /* no effect on a Unix socket */
/* Write "<port>\n" so that a reader never sees half of it. false: err says why. */
bool sock_port_file(const char *path, unsigned port, char *err, size_t err_cap) MUSTUSE;

#endif
