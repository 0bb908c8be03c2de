/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_addr.c - see redis_addr.h. No I/O: names are looked up by hiredis when it connects. */
#include "net/redis_addr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/sv.h"

static bool fail(char *err, size_t cap, const char *sentence)
{
	if (cap > 0)
		snprintf(err, cap, "%s", sentence);
	return false;
}

/* Whole s as a decimal number of 0 to max. */
static bool number(struct sv s, int max, int *out)
{
	long v = 0;

	if (s.n == 0 || s.n > 6)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = (int)v;
	return v <= max;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX undone; NULL when that is malformed or gives a NUL. */
static char *unescape(struct sv s)
{
	char *out = xmalloc(s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			int hi = i + 2 < s.n ? hex(s.p[i + 1]) : -1;
			int lo = i + 2 < s.n ? hex(s.p[i + 2]) : -1;

			c = hi >= 0 && lo >= 0 ? hi << 4 | lo : 0;
			i += 2;
		}
		if (c == 0) {
			free(out);
			return NULL;
		}
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return out;
}

static bool parse_unix(struct redis_addr *a, const char *path, char *err, size_t cap)
{
	struct sockaddr_un un;

	if (*path == '\0')
		return fail(err, cap, "the Redis address \"unix:\" needs a path");
	if (strlen(path) >= sizeof un.sun_path) {
		snprintf(err, cap,
		    "the path of the Redis socket has %zu octets, the system allows %zu: %s",
		    strlen(path), sizeof un.sun_path - 1, path);
		return false;
	}
	a->path = xstrdup(path);
	return true;
}

static bool parse_userinfo(struct redis_addr *a, struct sv s)
{
	const char *colon = memchr(s.p, ':', s.n);
	struct sv user = s;

	if (colon == NULL)
		return false;
	user.n = (size_t)(colon - s.p);
	if (user.n > 0 && (a->user = unescape(user)) == NULL)
		return false;
	a->password = unescape((struct sv){colon + 1, s.n - user.n - 1});
	return a->password != NULL && a->password[0] != '\0';
}

static bool parse_tcp(struct redis_addr *a, const char *text, char *err, size_t cap)
{
	const char *at = strrchr(text, '@'), *slash, *colon;
	struct sv host;

	if (at != NULL) {
		if (!parse_userinfo(a, (struct sv){text, (size_t)(at - text)}))
			return fail(err, cap,
			    "in the Redis address, what stands before @ must be "
			    ":password or user:password, with %XX for odd letters");
		text = at + 1;
	}
	slash = strchr(text, '/');
	host = (struct sv){text, slash != NULL ? (size_t)(slash - text) : strlen(text)};
	if (slash != NULL && slash[1] != '\0' && !number(sv_from(slash + 1), 65535, &a->db))
		return fail(err, cap,
		    "in the Redis address, what follows the last / must be the "
		    "number of a database");
	a->port = 6379;
	colon = host.p;
	if (host.n > 0 && host.p[0] == '[' && (colon = memchr(host.p, ']', host.n)) == NULL)
		return fail(err, cap, "in the Redis address, the ] of an IPv6 address is missing");
	colon = memchr(colon, ':', (size_t)(host.p + host.n - colon));
	if (colon != NULL) {
		struct sv port = {colon + 1, (size_t)(host.p + host.n - (colon + 1))};

		if (!number(port, 65535, &a->port) || a->port == 0)
			return fail(err, cap,
			    "in the Redis address, the port must be a number of 1 to 65535");
		host.n = (size_t)(colon - host.p);
	}
	if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct sv){host.p + 1, host.n - 2};
	if (host.n == 0 || host.n > 253 || memchr(host.p, '[', host.n) != NULL)
		return fail(err, cap, "the Redis address needs a host: redis://host:port/db");
	a->host = xstrndup(host.p, host.n);
	return true;
}

bool redis_addr_parse(struct redis_addr *a, const char *text, char *err, size_t err_cap)
{
	*a = (struct redis_addr){0};
	if (text != NULL && strncmp(text, "unix:", 5) == 0)
		return parse_unix(a, text + 5, err, err_cap);
	if (text != NULL && strncmp(text, "redis://", 8) == 0)
		return parse_tcp(a, text + 8, err, err_cap);
	return fail(err, err_cap,
	    "the Redis address must be unix:/path or "
	    "redis://[:password@]host:port[/db]");
}

void redis_addr_clear(struct redis_addr *a)
{
	free(a->path);
	free(a->host);
	free(a->user);
	if (a->password != NULL)
		explicit_bzero(a->password, strlen(a->password));
	free(a->password);
	*a = (struct redis_addr){0};
}
