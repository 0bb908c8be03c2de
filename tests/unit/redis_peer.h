/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_peer.h - a Redis server that misbehaves on order, for the tests of the connection. It listens in the
 * very loop of the test and answers each command with the next line of a list. */
#ifndef DK_REDIS_PEER_H
#define DK_REDIS_PEER_H

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

static struct {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *read;
	int fd; /* -1: nobody */
	char dir[64], address[128];
	const char *answers[64]; /* of the next commands; NULL: no answer; "": close */
	size_t answer_count, answer_at;
	const char *otherwise; /* when the list is at its end */
	char seen[8192]; /* of the present connection */
	size_t seen_n, octets, connections, commands;
	uint64_t connected_ms[64];
} server;

static void hang_up(void)
{
	if (server.fd < 0)
		return;
	event_free(server.read);
	close(server.fd);
	server.fd = -1;
}

static void answer_one(void)
{
	const char *a = server.otherwise;

	server.commands++;
	if (server.answer_at < server.answer_count)
		a = server.answers[server.answer_at++];
	/* "" is to hang up; and the other side may have given up on us already. */
	if (a != NULL && (*a == '\0' || send(server.fd, a, strlen(a), MSG_NOSIGNAL) < 0))
		hang_up();
}

/* Our commands hold no '*' but the one each begins with. */
static void on_server_read(evutil_socket_t fd, short what, void *arg)
{
	char in[65536];
	ssize_t n = recv(fd, in, sizeof in, 0);

	(void)what, (void)arg;
	if (n <= 0) {
		hang_up();
		return;
	}
	server.octets += (size_t)n;
	for (ssize_t i = 0; i < n && server.fd >= 0; i++) {
		if (server.seen_n + 1 < sizeof server.seen)
			server.seen[server.seen_n++] = in[i];
		if (in[i] == '*')
			answer_one();
	}
	server.seen[server.seen_n] = '\0';
}

static void on_server_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
    void *arg)
{
	(void)l, (void)sa, (void)n, (void)arg;
	hang_up();
	if (server.connections < 64)
		server.connected_ms[server.connections] = clock_mono_ms();
	server.connections++;
	server.fd = fd;
	server.seen_n = 0;
	server.seen[0] = '\0';
	server.read = event_new(server.base, fd, EV_READ | EV_PERSIST, on_server_read, NULL);
	event_add(server.read, NULL);
}

static void listen_unix(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	snprintf(un.sun_path, sizeof un.sun_path, "%s/s", server.dir);
	unlink(un.sun_path);
	snprintf(server.address, sizeof server.address, "unix:%s", un.sun_path);
	server.listener = evconnlistener_new_bind(server.base, on_server_accept, NULL,
	    LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&un, sizeof un);
	assert_non_null(server.listener);
}

static int listen_tcp(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof in;

	server.listener = evconnlistener_new_bind(server.base, on_server_accept, NULL,
	    LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&in, sizeof in);
	assert_non_null(server.listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(server.listener), (struct sockaddr *)&in,
			     &n),
	    0);
	return ntohs(in.sin_port);
}

#endif
