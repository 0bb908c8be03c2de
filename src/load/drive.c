/* SPDX-License-Identifier: BSD-2-Clause */
/* drive.c - see drive.h. The message centre's side: dakiyad binds to us. */
#include "load/drive.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "codec/receipt.h"
#include "codec/text.h"
#include "sim/esme.h"

#define TICK_MS 10u
#define NUMBER_PREFIX "9198" /* then the phone's index in eight digits */
#define INDEX_DIGITS 8u
#define TEXT_CAP 161u
#define BINDS_MAX 64u
#define SETTLE_MS 300u /* after the last answer: time for duplicates to show */
#define RECEIPT_ID UINT64_MAX /* instead of a phone's index */
#define SEARCH_MAX 512u /* octets of an answer in which its number is looked for */

enum phase { PHASE_WAIT_BIND, PHASE_WARM, PHASE_MEASURE, PHASE_DRAIN, PHASE_DONE };

struct user {
	uint32_t number; /* of its conversation, the last or the one now */
	bool is_busy, is_measured, was_asked; /* asked: the backend was called for this conversation */
	uint64_t began_us;
	TAILQ_ENTRY(user) link; /* busy: in order of began_us; else: idle */
};
TAILQ_HEAD(user_list, user);

struct drive {
	struct conns *cs;
	struct drive_conf cf;
	drive_mark_fn *mark;
	void *arg;
	unsigned port;
	struct esme *bind[BINDS_MAX];
	size_t binds, next_bind;
	struct user *user; /* owned: cf.users of them */
	struct user_list idle, busy;
	size_t busy_count;
	uint32_t last_number;
	uint64_t next_us, step_us; /* fixed rate: instant of the next begin */
	struct event *tick, *pace;
	enum phase phase;
	uint64_t phase_us; /* when it began */
	uint64_t message_id;
	char before[TEXT_CAP], after[TEXT_CAP]; /* the text around its number */
	struct drive_result result;
};

static void step(struct drive *d, uint64_t now_us);

/* ---- beginning a conversation ---- */

static struct esme *a_receiver(struct drive *d)
{
	for (size_t i = 0; i < d->binds; i++) {
		struct esme *e = d->bind[d->next_bind++ % d->binds];

		if (esme_can_deliver(e))
			return e;
	}
	return NULL;
}

static void go_idle(struct drive *d, struct user *u)
{
	u->is_busy = false;
	TAILQ_REMOVE(&d->busy, u, link);
	TAILQ_INSERT_TAIL(&d->idle, u, link);
	d->busy_count--;
}

/* false: no phone or no room on a link now. */
static bool begin(struct drive *d, uint64_t began_us)
{
	struct user *u = TAILQ_FIRST(&d->idle);
	struct esme *e = u ? a_receiver(d) : NULL;
	char number[24], text[TEXT_CAP * 2];
	struct smpp_pdu p = {.source_addr_ton = 1, .source_addr_npi = 1, .dest_addr_npi = 1};

	if (!e)
		return false;
	u->number = ++d->last_number % 100000000;
	snprintf(number, sizeof(number), NUMBER_PREFIX "%08u", (unsigned)(u - d->user));
	p.short_message.n =
	    (size_t)snprintf(text, sizeof(text), "%s%08u%s", d->before, u->number, d->after);
	p.short_message.p = text;
	p.source_addr = sv_from(number);
	p.destination_addr = sv_from(d->cf.to);
	if (esme_deliver(e, &p, (uint64_t)(u - d->user)) == 0)
		return false;
	TAILQ_REMOVE(&d->idle, u, link);
	TAILQ_INSERT_TAIL(&d->busy, u, link);
	d->busy_count++;
	u->is_busy = true;
	u->is_measured = d->phase == PHASE_MEASURE;
	u->was_asked = false;
	u->began_us = began_us;
	d->result.n.begun += u->is_measured;
	return true;
}

static void fill_window(struct drive *d)
{
	uint64_t now = clock_mono_us();

	if (d->phase != PHASE_WARM && d->phase != PHASE_MEASURE)
		return;
	while (d->busy_count < d->cf.window && begin(d, now))
		;
}

static void on_pace(evutil_socket_t fd, short what, void *arg)
{
	struct drive *d = arg;
	uint64_t now = clock_mono_us();
	struct timeval tv = {0, 0};

	(void)fd;
	(void)what;
	if (d->phase != PHASE_WARM && d->phase != PHASE_MEASURE)
		return;
	while (d->next_us <= now) {
		if (!begin(d, d->next_us)) {
			d->result.n.no_phone++;
			break;
		}
		d->next_us += d->step_us;
	}
	tv.tv_usec = d->next_us > now ? (suseconds_t)(d->next_us - now) : 1000;
	event_add(d->pace, &tv);
}

/* ---- what comes back ---- */

static void on_delivered(struct esme *e, uint64_t id, uint32_t status, void *arg)
{
	struct drive *d = arg;
	struct user *u;

	(void)e;
	if (id == RECEIPT_ID) {
		d->result.n.receipts_taken += status == ESME_ROK;
		return;
	}
	u = &d->user[id];
	if (status == ESME_ROK || !u->is_busy)
		return;
	/* A real network would offer it again; here the conversation ends, and is counted. */
	d->result.n.refused += u->is_measured;
	go_idle(d, u);
}

static bool digits(const char *p, size_t n, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (uint32_t)(p[i] - '0');
	}
	return true;
}

/* The first eight digits in a row. ASCII digits are the same in GSM-7; UCS-2 is decoded. */
static bool find_number(const struct smpp_pdu *p, uint32_t *out)
{
	struct sv t = smpp_pdu_message(p);
	struct buf text;
	bool found = false;

	buf_init(&text, 4096);
	if (p->data_coding == 8 && text_decode(TEXT_UCS2, t, &text))
		t = buf_sv(&text);
	for (size_t i = 0; i + INDEX_DIGITS <= t.n && i < SEARCH_MAX && !found; i++)
		found = digits(t.p + i, INDEX_DIGITS, out);
	buf_clear(&text);
	return found;
}

static struct user *user_of(struct drive *d, struct sv msisdn)
{
	size_t prefix = strlen(NUMBER_PREFIX);
	uint32_t i;

	if (msisdn.n != prefix + INDEX_DIGITS || memcmp(msisdn.p, NUMBER_PREFIX, prefix) != 0 ||
	    !digits(msisdn.p + prefix, INDEX_DIGITS, &i) || i >= d->cf.users)
		return NULL;
	return &d->user[i];
}

static void send_receipt(struct drive *d, struct esme *e, const struct smpp_pdu *mt, const char *id)
{
	static const uint8_t delivered = RECEIPT_DELIVERED;
	char text[160];
	struct smpp_pdu p = {.source_addr_ton = 1, .source_addr_npi = 1, .dest_addr_npi = 1};
	int n = snprintf(text, sizeof(text),
	    "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 "
	    "text:",
	    id);

	if (!esme_can_deliver(e))
		return; /* no room: it shows as a receipt that was never sent */
	p.esm_class = SMPP_ESM_RECEIPT;
	p.source_addr = mt->destination_addr;
	p.destination_addr = mt->source_addr;
	p.short_message = (struct sv){text, (size_t)n};
	(void)smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID, (struct sv){id, strlen(id) + 1});
	(void)smpp_tlv_add(&p, SMPP_TLV_MESSAGE_STATE, (struct sv){(const char *)&delivered, 1});
	d->result.n.receipts += esme_deliver(e, &p, RECEIPT_ID) != 0;
}

static void on_submit(struct esme *e, const struct smpp_pdu *p, void *arg)
{
	struct drive *d = arg;
	struct user *u = user_of(d, p->destination_addr);
	uint64_t now = clock_mono_us();
	uint32_t number;
	char id[24];

	snprintf(id, sizeof(id), "%" PRIx64, ++d->message_id);
	esme_submit_resp(e, p->h.id, p->h.seq, ESME_ROK, id);
	if (d->cf.receipts && (p->registered_delivery & 1))
		send_receipt(d, e, p, id);
	if (!u || !find_number(p, &number)) {
		if (d->result.n.unexpected++ == 0)
			LOG(NULL, LOG_WARN, "answer without a number", "octets=%zu",
			    p->short_message.n);
		return;
	}
	if (!u->is_busy || u->number != number) {
		d->result.n.duplicates++;
		return;
	}
	if (u->is_measured)
		hist_add(&d->result.latency, now - u->began_us);
	if (d->phase == PHASE_MEASURE)
		d->result.n.answered++;
	go_idle(d, u);
	if (d->cf.window)
		fill_window(d);
}

int drive_backend(struct drive *d, struct sv msisdn, struct buf *body)
{
	struct user *u = user_of(d, msisdn);

	if (!u) {
		buf_adds(body, "{\"code\":\"not-found\"}");
		return 404;
	}
	d->result.n.backend_calls++;
	d->result.n.backend_repeats += u->was_asked;
	u->was_asked = true;
	if (d->cf.plain)
		buf_addf(body, "Answer %08u: you are next.", u->number);
	else
		buf_addf(body, "{\"ref\":\"%08u\",\"position\":%u,\"state\":\"WAITING\"}", u->number,
		    u->number % 100);
	return 200;
}

/* ---- links ---- */

static uint32_t on_bind(struct esme *e, const struct smpp_pdu *p, void *arg)
{
	(void)e;
	(void)p;
	return ((struct drive *)arg)->binds < BINDS_MAX ? ESME_ROK : ESME_RBINDFAIL;
}

static void on_bound(struct esme *e, void *arg)
{
	struct drive *d = arg;

	d->bind[d->binds++] = e;
	step(d, clock_mono_us());
}

static void on_down(struct esme *e, const char *reason, void *arg)
{
	struct drive *d = arg;

	for (size_t i = 0; i < d->binds; i++) {
		if (d->bind[i] != e)
			continue;
		d->bind[i] = d->bind[--d->binds];
		if (d->phase != PHASE_DONE)
			LOG(NULL, LOG_WARN, "link ended", "reason=\"%s\"", reason);
		break;
	}
}

static void on_peer(int fd, void *arg)
{
	static const struct esme_ops ops = {.on_bind = on_bind,
	    .on_bound = on_bound,
	    .on_submit = on_submit,
	    .on_delivered = on_delivered,
	    .on_down = on_down};
	struct drive *d = arg;
	struct esme_conf cf = {.system_id = "dakiya-load",
	    .window = d->cf.users * (d->cf.receipts ? 2 : 1),
	    .enquire_ms = 30000};
	struct esme *e = esme_new(d->cs, fd, &cf, &ops, d);

	(void)e; /* its callbacks bring it back */
}

/* ---- phases ---- */

static void go(struct drive *d, enum phase phase, uint64_t now_us)
{
	struct timeval soon = {0, 1};

	if (d->phase == PHASE_MEASURE) {
		d->result.seconds = (double)(now_us - d->phase_us) / 1e6;
		d->mark(false, d->arg);
	}
	d->phase = phase;
	d->phase_us = now_us;
	if (phase == PHASE_WARM) {
		d->next_us = now_us;
		if (d->cf.window)
			fill_window(d);
		else
			event_add(d->pace, &soon);
	} else if (phase == PHASE_MEASURE) {
		memset(&d->result.n, 0, sizeof(d->result.n));
		hist_reset(&d->result.latency);
		d->mark(true, d->arg);
	} else if (phase == PHASE_DONE) {
		d->result.is_done = d->result.seconds > 0;
		conns_stop(d->cs);
	}
}

static void give_up_old(struct drive *d, uint64_t now_us)
{
	struct user *u;

	while ((u = TAILQ_FIRST(&d->busy)) && u->began_us + d->cf.timeout_ms * 1000 < now_us) {
		d->result.n.lost += u->is_measured;
		go_idle(d, u);
	}
}

static void step(struct drive *d, uint64_t now_us)
{
	uint64_t in_ms = (now_us - d->phase_us) / 1000;

	give_up_old(d, now_us);
	switch (d->phase) {
	case PHASE_WAIT_BIND:
		if (d->binds >= d->cf.binds) {
			go(d, PHASE_WARM, now_us);
		} else if (in_ms > d->cf.bind_ms) {
			fprintf(stderr, "dakiya-load: nobody bound within %" PRIu64 " ms\n",
			    d->cf.bind_ms);
			go(d, PHASE_DONE, now_us);
		}
		break;
	case PHASE_WARM:
		if (in_ms >= d->cf.warm_ms)
			go(d, PHASE_MEASURE, now_us);
		break;
	case PHASE_MEASURE:
		if (in_ms >= d->cf.measure_ms)
			go(d, PHASE_DRAIN, now_us);
		break;
	case PHASE_DRAIN:
		if (d->busy_count == 0 && in_ms >= SETTLE_MS)
			go(d, PHASE_DONE, now_us);
		break;
	case PHASE_DONE:
		break;
	}
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct drive *d = arg;

	(void)fd;
	(void)what;
	step(d, clock_mono_us());
	if (d->cf.window)
		fill_window(d); /* after refusals, and when links come back */
}

static bool split_text(struct drive *d, char *err, size_t err_cap)
{
	const char *at = strstr(d->cf.text, "%N");

	if (!at || strlen(d->cf.text) + INDEX_DIGITS - 2 >= TEXT_CAP) {
		snprintf(err, err_cap, "the text needs %%N in it, and at most 160 characters");
		return false;
	}
	memcpy(d->before, d->cf.text, (size_t)(at - d->cf.text));
	memcpy(d->after, at + 2, strlen(at + 2));
	return true;
}

struct drive *drive_new(struct conns *cs, const struct drive_conf *cf, drive_mark_fn *mark, void *arg,
    char *err, size_t err_cap)
{
	struct drive *d = xcalloc(1, sizeof(*d));
	struct timeval tick = {0, TICK_MS * 1000};
	int port = -1;

	d->cs = cs;
	d->cf = *cf;
	d->mark = mark;
	d->arg = arg;
	if (split_text(d, err, err_cap))
		port = conns_listen(cs, cf->listen, on_peer, d, err, err_cap);
	if (port < 0) {
		free(d);
		return NULL;
	}
	d->port = (unsigned)port;
	TAILQ_INIT(&d->idle);
	TAILQ_INIT(&d->busy);
	d->user = xcalloc(cf->users, sizeof(*d->user));
	for (size_t i = 0; i < cf->users; i++)
		TAILQ_INSERT_TAIL(&d->idle, &d->user[i], link);
	d->step_us = cf->rate ? 1000000 / cf->rate : 0;
	d->phase_us = clock_mono_us();
	d->tick = event_new(conns_base(cs), -1, EV_PERSIST, on_tick, d);
	d->pace = event_new(conns_base(cs), -1, 0, on_pace, d);
	if (!d->tick || !d->pace)
		abort();
	event_add(d->tick, &tick);
	return d;
}

unsigned drive_port(const struct drive *d)
{
	return d->port;
}

const struct drive_result *drive_result(const struct drive *d)
{
	return &d->result;
}

void drive_free(struct drive *d)
{
	if (!d)
		return;
	event_free(d->tick);
	event_free(d->pace);
	free(d->user);
	free(d);
}
