/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.c - client of the control socket; see ctl.h. */
#include "sim/ctl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sim/control.h"
#include "sim/sock.h"

struct ctl {
	int fd;
	struct buf in, text;
	size_t used; /* octets of `in` that the last line took */
};

struct ctl *ctl_open(const char *addr, char *err, size_t err_cap)
{
	int fd = sock_connect(addr, err, err_cap);
	struct ctl *c;

	if (fd < 0)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	buf_init(&c->in, 1u << 20);
	buf_init(&c->text, 1u << 20);
	return c;
}

void ctl_close(struct ctl *c)
{
	if (!c)
		return;
	close(c->fd);
	buf_clear(&c->in);
	buf_clear(&c->text);
	free(c);
}

int ctl_fd(const struct ctl *c)
{
	return c->fd;
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

bool ctl_say(struct ctl *c, const char *cmd, struct sv text)
{
	struct buf line;
	bool ok;

	buf_init(&line, 1u << 20);
	buf_adds(&line, cmd);
	buf_addc(&line, ' ');
	line_escape(text, &line);
	buf_addc(&line, '\n');
	ok = !line.full && send_all(c->fd, line.p, line.n);
	buf_clear(&line);
	return ok;
}

static struct sv word(struct sv *rest)
{
	const char *space = memchr(rest->p, ' ', rest->n);
	struct sv w = {rest->p, space ? (size_t)(space - rest->p) : rest->n};

	rest->p += w.n + (space ? 1 : 0);
	rest->n -= w.n + (space ? 1 : 0);
	return w;
}

static void read_line(struct ctl *c, struct sv line, struct ctl_line *out)
{
	static const struct {
		const char *word;
		enum ctl_kind kind;
	} kinds[] = {{"sms", CTL_SMS}, {"screen", CTL_SCREEN}, {"end", CTL_END}, {"lost", CTL_LOST},
	    {"taken", CTL_TAKEN}, {"refused", CTL_REFUSED}, {"ok", CTL_OK}, {"error", CTL_ERROR}};
	struct sv rest = line, first = word(&rest);

	*out = (struct ctl_line){.kind = CTL_OTHER, .text = line};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!sv_is(first, kinds[i].word))
			continue;
		out->kind = kinds[i].kind;
		if (out->kind == CTL_SMS)
			out->from = word(&rest);
		buf_reset(&c->text);
		line_unescape(rest, &c->text);
		out->text = buf_sv(&c->text);
	}
}

/* 1 more is there, 0 deadline, -1 gone */
static int fill(struct ctl *c, uint64_t deadline_ms)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
	uint64_t now = clock_mono_ms();
	char chunk[4096];
	ssize_t n;
	int rc;

	rc = poll(&pfd, 1, deadline_ms > now ? (int)(deadline_ms - now) : 0);
	if (rc <= 0)
		return rc < 0 && errno != EINTR ? -1 : 0;
	n = recv(c->fd, chunk, sizeof(chunk), 0);
	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return -1;
	buf_add(&c->in, chunk, (size_t)n);
	return c->in.full ? -1 : 1;
}

int ctl_next(struct ctl *c, uint64_t deadline_ms, struct ctl_line *out)
{
	const char *nl;
	int rc;

	buf_drop(&c->in, c->used);
	c->used = 0;
	while (!(nl = c->in.n ? memchr(c->in.p, '\n', c->in.n) : NULL)) {
		rc = fill(c, deadline_ms);
		if (rc <= 0)
			return rc;
	}
	c->used = (size_t)(nl - c->in.p) + 1;
	read_line(c, (struct sv){c->in.p, c->used - 1}, out);
	return 1;
}
