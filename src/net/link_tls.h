/* SPDX-License-Identifier: BSD-2-Clause */
/* link_tls.h - TLS for links: what is needed of certificates, and the way in for link.c. TLS 1.2 and
 * up; the peer's certificate and the name in it are verified unless that is switched off. */
#ifndef DK_LINK_TLS_H
#define DK_LINK_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/xmalloc.h"

struct link_tls_conf {
	const char *ca_file; /* NULL or "": the system's */
	const char *cert_file, *key_file; /* ours; NULL or "": none. key_file none: in cert_file */
	const char *name; /* must be in the peer's certificate; NULL or "": the host connected to */
	bool is_unverified;
};
struct link_tls;
/* Reads the files. NULL: err says in one sentence why. */
struct link_tls *link_tls_new(const struct link_tls_conf *cf, char *err, size_t err_cap) MUSTUSE;
/* Reads them again, for connections to come. false: err says why, and nothing has changed. */
bool link_tls_renew(struct link_tls *t, const struct link_tls_conf *cf, char *err,
    size_t err_cap) MUSTUSE;
void link_tls_free(struct link_tls *t); /* after the links that use it */

/* For link.c, which so needs no TLS library where none is used. */
struct bufferevent;
struct event_base;
struct link_tls_ops {
	/* A bufferevent that will speak TLS once it is connected; NULL: out of memory. */
	struct bufferevent *(*wrap)(const struct link_tls *t, struct event_base *base,
	    const char *host);
	/* Why the handshake or the connection failed; "" when TLS has nothing to say. true: the peer is
	 * not who it should be. */
	bool (*why)(struct bufferevent *bev, char *out, size_t cap);
	/* Show what waits to the kernel, once. */
	void (*last_words)(struct bufferevent *bev);
};
const struct link_tls_ops *link_tls_ops(const struct link_tls *t);

#endif
