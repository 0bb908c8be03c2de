/* SPDX-License-Identifier: BSD-2-Clause */
/* nodelay.c - for bench/vs-kannel: preloaded into a program that leaves Nagle's algorithm on, it
 * sets TCP_NODELAY on each TCP socket that the program makes or accepts. Nothing else is changed. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol);
int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict n);

static int without_delay(int fd)
{
	int one = 1;

	if (fd >= 0) /* a socket of another kind says no, which is right */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int);

	*(void **)&real = dlsym(RTLD_NEXT, "socket");
	return without_delay(real(domain, type, protocol));
}

int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict n)
{
	int (*real)(int, struct sockaddr *restrict, socklen_t *restrict);

	*(void **)&real = dlsym(RTLD_NEXT, "accept");
	return without_delay(real(fd, from, n));
}
