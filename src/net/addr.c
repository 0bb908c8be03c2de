/* SPDX-License-Identifier: BSD-2-Clause */
/* addr.c - numeric addresses; libevent's own parser refuses port 0, which means "any" here. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 64u

bool addr_of_host(const char *host, unsigned port, struct sockaddr_storage *out, socklen_t *out_octets)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*out_octets = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		*out_octets = sizeof(*v6);
		return true;
	}
	return false;
}

bool addr_parse(const char *text, struct sockaddr_storage *out, socklen_t *out_octets)
{
	const char *colon = strrchr(text, ':');
	char host[HOST_MAX], *end;
	unsigned long port;
	size_t n;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	n = (size_t)(colon - text);
	if (*end || port > 65535 || n >= sizeof(host))
		return false;
	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	} else if (memchr(text, ':', n)) {
		return false; /* IPv6 wants its brackets, or the port cannot be told from the rest */
	}
	memcpy(host, text, n);
	host[n] = '\0';
	return addr_of_host(host, (unsigned)port, out, out_octets);
}

unsigned addr_port(const struct sockaddr_storage *a)
{
	return ntohs(a->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)a)->sin6_port
					      : ((const struct sockaddr_in *)a)->sin_port);
}
