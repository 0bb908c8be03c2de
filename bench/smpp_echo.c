/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_echo.c - the floor of every figure: an ESME that binds and sends each text back to who
 * sent it, with no session, no backend, nothing durable. One socket, one read, one write a turn.
 * usage: smpp-echo HOST:PORT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "codec/smpp_pdu.h"
#include "sim/sock.h"

#define IN_CAP (256u << 10)
#define OUT_CAP (1u << 20)

static uint8_t in[IN_CAP], out[OUT_CAP];
static uint32_t seq = 1;

static void put(struct wr *w, struct smpp_pdu *p, uint32_t id, uint32_t number)
{
	struct wr one = wr_make(w->p + w->n, w->cap - w->n);

	p->h = (struct smpp_hdr){.id = id, .seq = number};
	smpp_pdu_encode(p, &one);
	w->err = w->err || one.err;
	w->n += one.n;
}

static void on_pdu(const struct smpp_pdu *p, struct wr *w)
{
	struct smpp_pdu r = {0};

	if (p->h.id == SMPP_ENQUIRE_LINK)
		put(w, &r, SMPP_ENQUIRE_LINK | SMPP_RESP, p->h.seq);
	if (p->h.id != SMPP_DELIVER_SM)
		return;
	put(w, &r, SMPP_DELIVER_SM | SMPP_RESP, p->h.seq);
	r.source_addr = p->destination_addr;
	r.destination_addr = p->source_addr;
	r.dest_addr_ton = 1;
	r.dest_addr_npi = 1;
	r.data_coding = p->data_coding;
	r.short_message = p->short_message;
	put(w, &r, SMPP_SUBMIT_SM, ++seq);
}

static bool send_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static int echo(int fd)
{
	size_t have = 0, off;
	struct smpp_hdr h;
	struct smpp_pdu p;
	ssize_t n;

	while ((n = read(fd, in + have, IN_CAP - have)) > 0) {
		struct wr w = wr_make(out, OUT_CAP);

		have += (size_t)n;
		for (off = 0; smpp_frame_peek(in + off, have - off, &h) == SMPP_FRAME_OK; off += h.len)
			if (smpp_pdu_decode(in + off, h.len, &p) == SMPP_PDU_OK)
				on_pdu(&p, &w);
		memmove(in, in + off, have - off);
		have -= off;
		if (w.err || !send_all(fd, out, w.n))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct smpp_pdu bind = {.system_id = SV("echo"), .interface_version = 0x34};
	struct wr w = wr_make(out, OUT_CAP);
	char err[256];
	int fd, rc;

	if (argc != 2) {
		fputs("usage: smpp-echo HOST:PORT\n", stderr);
		return 2;
	}
	fd = sock_connect(argv[1], err, sizeof(err));
	if (fd < 0) {
		fprintf(stderr, "smpp-echo: %s\n", err);
		return 1;
	}
	put(&w, &bind, SMPP_BIND_TRANSCEIVER, 1);
	rc = send_all(fd, out, w.n) ? echo(fd) : 1;
	close(fd);
	return rc;
}
