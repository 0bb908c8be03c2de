/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_smpp_link.c - any octets from a message centre, over a real socket, to a link that is bound and
 * has three submits outstanding. The first octet says in how large pieces they come. Every submit
 * completes once, what we send are whole PDUs that can be decoded, the link is told of each state. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "fuzz.h"
#include "net/smpp_link.h"

#define SUBMITS 3u
#define TURNS 4000u /* a loopback connection needs a few */

struct world {
	struct smpp_link *link;
	unsigned done[SUBMITS], states[SMPP_LINK_DOWN + 1];
	struct buf sent; /* by the link */
	int fd; /* the centre's side */
};

static struct event_base *base;
static int listener;
static unsigned port;

static void on_state(struct smpp_link *l, enum smpp_link_state s, const char *reason, void *arg)
{
	struct world *w = arg;

	(void)l;
	(void)reason;
	w->states[s]++;
}

static void on_deliver(struct smpp_link *l, const struct smpp_pdu *pdu, uint64_t token, void *arg)
{
	struct buf b;

	(void)arg;
	buf_init(&b, 1u << 20);
	smpp_pdu_print(pdu, &b);
	buf_clear(&b);
	if (pdu->h.seq & 1)
		smpp_link_deliver_resp(l, token, ESME_ROK);
}

static void on_submitted(struct smpp_link *l, uint64_t id, uint32_t status, struct sv message_id,
    void *arg)
{
	struct world *w = arg;

	(void)l;
	(void)status;
	MUST(id < SUBMITS && message_id.n <= SMPP_PDU_MAX);
	w->done[id]++;
}

static void on_room(struct smpp_link *l, void *arg)
{
	(void)arg;
	MUST(smpp_link_room(l) > 0);
}

static void open_world(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	if (base)
		return;
	signal(SIGPIPE, SIG_IGN);
	log_init(LOG_ERR, LOG_LOGFMT);
	base = event_base_new();
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(bind(listener, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(listener, 8) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&a, &n) == 0);
	port = ntohs(a.sin_port);
	MUST(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
}

/* A turn of the loop; then the centre takes what the link sent. false: the link has closed. */
static bool turn(struct world *w)
{
	char got[4096];
	ssize_t n;

	event_base_loop(base, EVLOOP_NONBLOCK);
	if (w->fd < 0) {
		w->fd = accept(listener, NULL, NULL);
		if (w->fd >= 0)
			MUST(fcntl(w->fd, F_SETFL, O_NONBLOCK) == 0);
		return true;
	}
	while ((n = recv(w->fd, got, sizeof(got), 0)) > 0)
		buf_add(&w->sent, got, (size_t)n);
	return n < 0 && errno == EAGAIN;
}

static void say(struct world *w, const void *p, size_t n)
{
	if (send(w->fd, p, n, MSG_NOSIGNAL) < 0)
		return; /* the link may have gone */
}

static void check_sent(const struct buf *b)
{
	size_t at = 0;

	while (at < b->n) {
		struct smpp_hdr h;
		struct smpp_pdu pdu;

		MUST(smpp_frame_peek((const uint8_t *)b->p + at, b->n - at, &h) == SMPP_FRAME_OK);
		MUST(smpp_pdu_decode(b->p + at, h.len, &pdu) == SMPP_PDU_OK);
		at += h.len;
	}
}

static void bind_link(struct world *w)
{
	static const uint8_t bound[] = {0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0};
	unsigned i;

	for (i = 0; i < TURNS && w->sent.n == 0; i++)
		(void)turn(w);
	say(w, bound, sizeof(bound));
	for (; i < TURNS && w->states[SMPP_LINK_BOUND] == 0; i++)
		(void)turn(w);
	MUST(w->states[SMPP_LINK_BOUND] == 1);
	for (i = 0; i < SUBMITS; i++) {
		struct smpp_pdu pdu;

		memset(&pdu, 0, sizeof(pdu));
		pdu.short_message = SV("x");
		MUST(smpp_link_submit(w->link, &pdu, i) == SMPP_SUBMIT_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct smpp_link_ops ops = {.on_state = on_state,
	    .on_deliver = on_deliver,
	    .on_submitted = on_submitted,
	    .on_room = on_room};
	struct smpp_link_conf cf = {.name = "fuzz",
	    .host = "127.0.0.1",
	    .bind = SMPP_BIND_TRANSCEIVER,
	    .window = SUBMITS + 1,
	    .response_ms = 60000,
	    .connect_ms = 60000,
	    .reconnect_min_ms = 600000,
	    .reconnect_max_ms = 600000,
	    .deliver_max = 4};
	const struct linger at_once = {1, 0}; /* no TIME_WAIT */
	struct world w = {.fd = -1};
	size_t at, piece, i;
	bool is_open = true;

	if (n < 2 || n > 60000)
		return 0;
	open_world();
	cf.port = port;
	buf_init(&w.sent, 1u << 20);
	w.link = smpp_link_new(base, &cf, &ops, &w);
	bind_link(&w);
	piece = data[0] == 0 ? n : data[0];
	for (at = 1; at < n && is_open; at += piece) {
		say(&w, data + at, n - at < piece ? n - at : piece);
		for (i = 0; i < 2 && is_open; i++)
			is_open = turn(&w);
	}
	for (i = 0; i < 3 && is_open; i++)
		is_open = turn(&w);
	if (w.states[SMPP_LINK_WAIT] == 0)
		MUST(smpp_link_state(w.link) == SMPP_LINK_BOUND);
	if (!w.sent.full)
		check_sent(&w.sent);
	setsockopt(w.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(w.fd);
	smpp_link_free(w.link);
	event_base_loop(base, EVLOOP_NONBLOCK);
	for (i = 0; i < SUBMITS; i++)
		MUST(w.done[i] == 1);
	buf_clear(&w.sent);
	return 0;
}
