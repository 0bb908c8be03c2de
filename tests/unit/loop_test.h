/* SPDX-License-Identifier: BSD-2-Clause */
/* loop_test.h - for tests with real sockets: one event_base a test, conditions waited for with a
 * deadline, and raw TCP peers that live in the test. */
#ifndef DK_LOOP_TEST_H
#define DK_LOOP_TEST_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define LOOP_TEST_DEADLINE_MS 20000u /* valgrind on a busy machine */

/* Turn the loop until cond holds; fails the test when it does not in time. */
#define WAIT_UNTIL(base, cond) \
	do { \
		uint64_t wait_end_ = clock_mono_ms() + LOOP_TEST_DEADLINE_MS; \
		struct timeval wait_tv_ = {0, 20000}; \
		while (!(cond)) { \
			if (clock_mono_ms() > wait_end_) \
				fail_msg("waited in vain for: %s", #cond); \
			event_base_loopexit((base), &wait_tv_); \
			event_base_loop((base), EVLOOP_ONCE); \
		} \
	} while (0)

/* Turn the loop for so long: to show that something does not happen. */
static inline void loop_for_ms(struct event_base *base, uint64_t ms)
{
	uint64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end) {
		struct timeval tv = {0, 2000};

		event_base_loopexit(base, &tv);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

static inline struct sockaddr_in loopback(unsigned port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static inline struct evconnlistener *listen_any(struct event_base *base, evconnlistener_cb cb,
    void *arg, unsigned *port)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	struct evconnlistener *l = evconnlistener_new_bind(base, cb, arg,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64, (struct sockaddr *)&a, sizeof(a));

	if (l && getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&a, &n) == 0)
		*port = ntohs(a.sin_port);
	return l;
}

/* A port at which nobody listens. */
static inline unsigned refused_port(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		a.sin_port = 0;
	close(fd);
	return ntohs(a.sin_port);
}

#endif
