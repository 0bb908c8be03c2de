/* SPDX-License-Identifier: BSD-2-Clause */
/* link_tls.c - see link_tls.h. */
#include "net/link_tls.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_WORDS 16

struct link_tls {
	struct link_tls_ops ops; /* first, so that link.c finds it without this file */
	SSL_CTX *ctx;
	char *name; /* "": the host */
};

static const char *last_error(void)
{
	unsigned long e = ERR_peek_last_error();
	const char *s = e != 0 ? ERR_reason_error_string(e) : NULL;

	return s ? s : "unknown error";
}

static bool is_number(const char *host)
{
	ASN1_OCTET_STRING *a = a2i_IPADDRESS(host);

	ASN1_OCTET_STRING_free(a);
	return a != NULL;
}

static struct bufferevent *wrap(const struct link_tls *t, struct event_base *base, const char *host)
{
	const char *name = t->name[0] ? t->name : host;
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev;
	bool ok = ssl != NULL;

	if (ok && is_number(name)) {
		ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	} else if (ok) {
		SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		ok = SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
	}
	if (!ok) {
		SSL_free(ssl);
		return NULL;
	}
	bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!bev)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev,
		    1); /* SMPP says unbind, not close_notify */
	return bev;
}

static bool why(struct bufferevent *bev, char *out, size_t cap)
{
	unsigned long e = bufferevent_get_openssl_error(bev);
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	long v = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	const char *s;

	out[0] = '\0';
	if (v != X509_V_OK && ssl && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
		snprintf(out, cap, "TLS: the certificate is not accepted: %s",
		    X509_verify_cert_error_string(v));
		return true;
	}
	s = e != 0 ? ERR_reason_error_string(e) : NULL;
	if (s)
		snprintf(out, cap, "TLS: %s", s);
	return false;
}

static void last_words(struct bufferevent *bev)
{
	struct evbuffer_iovec v[LAST_WORDS];
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	int n = evbuffer_peek(bufferevent_get_output(bev), -1, NULL, v, LAST_WORDS);

	for (int i = 0; ssl && i < n && i < LAST_WORDS; i++)
		if (v[i].iov_len > 0 && SSL_write(ssl, v[i].iov_base, (int)v[i].iov_len) <= 0)
			break; /* nobody is left to be told */
	ERR_clear_error();
}

static bool is_set(const char *s)
{
	return s && s[0];
}

static bool read_files(SSL_CTX *ctx, const struct link_tls_conf *cf, char *err, size_t cap)
{
	const char *key = is_set(cf->key_file) ? cf->key_file : cf->cert_file;

	if (is_set(cf->ca_file) && SSL_CTX_load_verify_locations(ctx, cf->ca_file, NULL) != 1) {
		snprintf(err, cap, "ca_file %s cannot be used: %s", cf->ca_file, last_error());
		return false;
	}
	if (!is_set(cf->ca_file) && SSL_CTX_set_default_verify_paths(ctx) != 1) {
		snprintf(err, cap, "the system's certificates cannot be used: %s", last_error());
		return false;
	}
	if (!is_set(cf->cert_file))
		return true;
	if (SSL_CTX_use_certificate_chain_file(ctx, cf->cert_file) != 1) {
		snprintf(err, cap, "cert_file %s cannot be used: %s", cf->cert_file, last_error());
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1) {
		snprintf(err, cap, "key_file %s cannot be used: %s", key, last_error());
		return false;
	}
	return true;
}

struct link_tls *link_tls_new(const struct link_tls_conf *cf, char *err, size_t err_cap)
{
	struct link_tls *t = xcalloc(1, sizeof(*t));

	t->ops = (struct link_tls_ops){wrap, why, last_words};
	t->name = xstrdup(cf->name ? cf->name : "");
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx) {
		snprintf(err, err_cap, "TLS cannot be used: %s", last_error());
	} else if (SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) == 1 &&
		   read_files(t->ctx, cf, err, err_cap)) {
		SSL_CTX_set_verify(t->ctx, cf->is_unverified ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					     SSL_MODE_RELEASE_BUFFERS);
		return t;
	}
	ERR_clear_error();
	link_tls_free(t);
	return NULL;
}

bool link_tls_renew(struct link_tls *t, const struct link_tls_conf *cf, char *err, size_t err_cap)
{
	struct link_tls *fresh = link_tls_new(cf, err, err_cap);
	SSL_CTX *old = t->ctx;

	if (!fresh)
		return false;
	t->ctx = fresh->ctx; /* connections that live have a reference to theirs */
	fresh->ctx = old;
	link_tls_free(fresh);
	return true;
}

void link_tls_free(struct link_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t->name);
	free(t);
}
