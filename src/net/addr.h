/* SPDX-License-Identifier: BSD-2-Clause */
/* addr.h - "127.0.0.1:8080" and "[::1]:0" to a socket address. No names are looked up. */
#ifndef DK_ADDR_H
#define DK_ADDR_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/xmalloc.h"

bool addr_parse(const char *text, struct sockaddr_storage *out, socklen_t *out_octets) MUSTUSE;
/* A host without a port: true when it is a number, not a name. */
bool addr_of_host(const char *host, unsigned port, struct sockaddr_storage *out,
    socklen_t *out_octets) MUSTUSE;
unsigned addr_port(const struct sockaddr_storage *a);

#endif
