/* SPDX-License-Identifier: BSD-2-Clause */
/* sock.c - sockets from written addresses; see sock.h. */
#include "sim/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool fail(char *err, size_t cap, const char *what, const char *addr)
{
	snprintf(err, cap, "cannot %s %s: %s", what, addr, strerror(errno));
	return false;
}

void sock_nonblock(int fd)
{
	int fl = fcntl(fd, F_GETFL);

	if (fl >= 0)
		(void)fcntl(fd, F_SETFL, fl | O_NONBLOCK);
}

void sock_nodelay(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static bool unix_addr(const char *addr, struct sockaddr_un *un, char *err, size_t cap)
{
	const char *path = addr + strlen("unix:");

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	if (strlen(path) == 0 || strlen(path) >= sizeof(un->sun_path)) {
		snprintf(err, cap, "%s: a socket path has 1 to %zu octets", addr,
		    sizeof(un->sun_path) - 1);
		return false;
	}
	memcpy(un->sun_path, path, strlen(path));
	return true;
}

/* "host:port" or "[v6]:port" to one address; numeric hosts and names alike. */
static struct addrinfo *inet_addr_of(const char *addr, bool passive, char *err, size_t cap)
{
	char host[256];
	const char *colon = strrchr(addr, ':'), *begin = addr;
	struct addrinfo hint = {.ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0};
	struct addrinfo *ai = NULL;
	size_t n = colon ? (size_t)(colon - addr) : 0;
	int rc;

	if (!colon || n >= sizeof(host)) {
		snprintf(err, cap, "%s: an address is host:port or unix:/path", addr);
		return NULL;
	}
	if (n >= 2 && addr[0] == '[' && addr[n - 1] == ']') {
		begin++;
		n -= 2;
	}
	memcpy(host, begin, n);
	host[n] = '\0';
	rc = getaddrinfo(n ? host : NULL, colon + 1, &hint, &ai);
	if (rc != 0) {
		snprintf(err, cap, "%s: %s", addr, gai_strerror(rc));
		return NULL;
	}
	return ai;
}

static int open_unix(const char *addr, bool listening, char *err, size_t cap)
{
	struct sockaddr_un un;
	int fd;
	bool ok;

	if (!unix_addr(addr, &un, err, cap))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		(void)fail(err, cap, "open", addr);
		return -1;
	}
	if (listening) {
		(void)unlink(un.sun_path);
		ok = bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0 && listen(fd, 128) == 0;
	} else {
		ok = connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0;
	}
	if (!ok) {
		(void)fail(err, cap, listening ? "listen on" : "connect to", addr);
		close(fd);
		return -1;
	}
	return fd;
}

static int open_inet(const char *addr, bool listening, char *err, size_t cap)
{
	struct addrinfo *ai = inet_addr_of(addr, listening, err, cap);
	int fd, on = 1;
	bool ok;

	if (!ai)
		return -1;
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		(void)fail(err, cap, "open", addr);
		freeaddrinfo(ai);
		return -1;
	}
	if (listening) {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		ok = bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 512) == 0;
	} else {
		ok = connect(fd, ai->ai_addr, ai->ai_addrlen) == 0;
		sock_nodelay(fd);
	}
	if (!ok) {
		(void)fail(err, cap, listening ? "listen on" : "connect to", addr);
		close(fd);
		fd = -1;
	}
	freeaddrinfo(ai);
	return fd;
}

static bool is_unix(const char *addr)
{
	return strncmp(addr, "unix:", 5) == 0;
}

int sock_listen(const char *addr, char *err, size_t err_cap)
{
	int fd =
	    is_unix(addr) ? open_unix(addr, true, err, err_cap) : open_inet(addr, true, err, err_cap);

	if (fd >= 0)
		sock_nonblock(fd);
	return fd;
}

int sock_connect(const char *addr, char *err, size_t err_cap)
{
	return is_unix(addr) ? open_unix(addr, false, err, err_cap)
			     : open_inet(addr, false, err, err_cap);
}

unsigned sock_port(int fd)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage ss;
	} a;
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.sa, &n) != 0)
		return 0;
	if (a.sa.sa_family == AF_INET)
		return ntohs(a.in.sin_port);
	return a.sa.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port) : 0;
}

bool sock_port_file(const char *path, unsigned port, char *err, size_t err_cap)
{
	char *tmp = xasprintf("%s.new", path);
	FILE *f = fopen(tmp, "we");
	bool ok = f != NULL;

	if (f) {
		ok = fprintf(f, "%u\n", port) > 0;
		ok = fclose(f) == 0 && ok;
	}
	ok = ok && rename(tmp, path) == 0;
	free(tmp);
	return ok || fail(err, err_cap, "write", path);
}
