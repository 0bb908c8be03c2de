/* SPDX-License-Identifier: BSD-2-Clause */
/* http_fields.c - see http_fields.h. */
#include "app/http_fields.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/form.h"
#include "codec/json_at.h"

void http_fields_init(struct http_fields *f, const char *query, struct sv body, enum http_body kind,
    bool is_closed, size_t value_max)
{
	*f = (struct http_fields){.query = is_closed && body.n > 0 ? SV("") : sv_from(query)};
	buf_init(&f->v, value_max);
	if (kind == HTTP_BODY_FORM)
		f->form = body;
	else
		f->doc = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
	f->at = f->doc;
}

void http_fields_clear(struct http_fields *f)
{
	json_decref(f->doc);
	buf_clear(&f->v);
}

const char *http_field(struct http_fields *f, const char *name)
{
	const json_t *j;

	buf_reset(&f->v);
	if (name[0] == '\0')
		return "";
	if (form_get(f->query, name, &f->v) || form_get(f->form, name, &f->v))
		return buf_str(&f->v);
	j = name[0] == '/' ? json_at(f->at, name) : json_object_get(f->at, name);
	if (json_is_string(j))
		buf_adds(&f->v, json_string_value(j));
	else if (json_is_integer(j))
		buf_addf(&f->v, "%lld", (long long)json_integer_value(j));
	else if (json_is_boolean(j))
		buf_adds(&f->v, json_is_true(j) ? "true" : "false");
	return buf_str(&f->v);
}

/* ---- who may ask ---- */

struct network {
	unsigned char octets[16];
	int family;
	unsigned bits;
};

static bool read_network(const char *s, struct network *n)
{
	char host[64], *end;
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	unsigned long bits;

	if (len >= sizeof(host))
		return false;
	memcpy(host, s, len);
	host[len] = '\0';
	n->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(n->family, host, n->octets) != 1)
		return false;
	n->bits = n->family == AF_INET ? 32 : 128;
	if (!slash)
		return true;
	bits = strtoul(slash + 1, &end, 10);
	if (end == slash + 1 || *end || bits > n->bits)
		return false;
	n->bits = (unsigned)bits;
	return true;
}

bool http_network_is(const char *network)
{
	struct network n;

	return read_network(network, &n);
}

bool http_peer_in(const struct conf_list *l, const char *peer)
{
	struct network n, who;

	if (strncmp(peer, "::ffff:", 7) == 0 && strchr(peer, '.')) /* IPv4 on a socket for both */
		peer += 7;
	if (!read_network(peer, &who))
		return false;
	for (size_t i = 0; i < l->n; i++) {
		if (!read_network(l->v[i], &n) || n.family != who.family)
			continue;
		if (memcmp(n.octets, who.octets, n.bits / 8) == 0 &&
		    (n.bits % 8 == 0 ||
			((n.octets[n.bits / 8] ^ who.octets[n.bits / 8]) >> (8 - n.bits % 8)) == 0))
			return true;
	}
	return false;
}

bool http_same(const char *want, const char *given)
{
	return strlen(want) == strlen(given) && CRYPTO_memcmp(want, given, strlen(want)) == 0;
}
