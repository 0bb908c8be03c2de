/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc_int.h - what the smsc*.c share. */
#ifndef DK_SIM_SMSC_INT_H
#define DK_SIM_SMSC_INT_H

#include <event2/event.h>
#include <sys/queue.h>
#include <uthash.h>

#include "codec/msisdn.h"
#include "codec/receipt.h"
#include "codec/smpp_pdu.h"
#include "sim/esme.h"
#include "sim/join.h"
#include "sim/smsc.h"

#define TLV_ITS_SESSION_INFO 0x1383 /* SMPP 3.4 s.5.3.2.43 */
#define ADDR_CAP 21u /* SMPP 3.4 s.4.4.1: address with its NUL */

/* One deliver_sm to come: a segment of a text, or a receipt. */
struct mo {
	uint64_t id; /* of the whole message, for on_fate; 0: a receipt */
	bool is_last, is_receipt, is_ussd;
	uint8_t ussd_op;
	uint16_t ussd_session;
	char from[ADDR_CAP], to[ADDR_CAP];
	uint8_t esm_class, data_coding, state;
	char receipted[24]; /* receipt: message id */
	char *octets; /* owned */
	size_t n;
	uint64_t tries;
	STAILQ_ENTRY(mo) link;
};
STAILQ_HEAD(mo_list, mo);

/* Messages of one phone that go out one after the other. */
struct lane {
	struct smsc *s;
	struct phone *phone;
	struct mo_list queue;
	size_t count;
	struct esme *via; /* in flight on this session: valid until on_delivered; else NULL */
	uint32_t seq;
	struct event *timer; /* in flight: time-out; else: the end of a pause */
	bool is_paused, is_ready;
	TAILQ_ENTRY(lane) ready;
};

struct inbox_text {
	char from[ADDR_CAP];
	char *text; /* owned */
	size_t n;
	STAILQ_ENTRY(inbox_text) link;
};

struct phone {
	char number[MSISDN_CAP];
	struct lane mo, receipts, ussd;
	struct ussd_call {
		enum smsc_ussd state; /* WAITING and MENU: the session is open */
		uint16_t session; /* its_session_info; the lowest bit is no part of the name */
		char code[ADDR_CAP];
		bool by_http;
		unsigned step;
		struct buf inputs; /* joined by a star */
		struct event *timer; /* the network's patience with the service, or with the person */
	} call;
	struct join *join;
	struct smsc_holder *holders;
	STAILQ_HEAD(, inbox_text) inbox;
	size_t inbox_count;
	uint8_t ref; /* of long messages it sends */
	UT_hash_handle hh;
};

struct session {
	struct esme *esme;
	TAILQ_ENTRY(session) link;
};

/* Something that happens after a pause: a held-back submit_sm_resp, or a receipt. */
struct later {
	struct smsc *s;
	struct event *ev;
	uint64_t esme_id; /* response */
	uint32_t cmd, seq, status;
	struct phone *phone; /* receipt */
	struct mo *receipt; /* owned; NULL: this is a response */
	char message_id[24];
	TAILQ_ENTRY(later) link;
};

struct smsc_count {
	uint64_t binds, binds_refused, mo_sent, mo_taken, mo_refused, mo_retried, mo_timeout, mo_lost;
	uint64_t mt, mt_texts, mt_bad, mt_faulted, receipts_sent, receipts_taken;
};

struct smsc {
	struct conns *cs;
	struct smsc_conf cf;
	struct faults faults;
	unsigned port;
	struct phone *phones; /* uthash by number */
	TAILQ_HEAD(, session) sessions; /* the one used last stands last */
	TAILQ_HEAD(, lane) ready;
	TAILQ_HEAD(, later) laters;
	uint64_t last_mo, last_mt;
	size_t mo_queued;
	struct smsc_count n;
	const struct smsc_watcher *watcher; /* may be NULL */
	smsc_step_fn *on_step; /* NULL: USSD is by SMPP only */
	void *step_arg;
};

struct timeval smsc_tv(uint64_t ms);

/* smsc_mo.c */
void lane_init(struct lane *l, struct smsc *s, struct phone *p);
void lane_clear(struct lane *l);
void lane_put(struct lane *l, struct mo *m); /* m is taken */
void mo_free(struct mo *m);
void lanes_pump(struct smsc *s); /* send what can go */
struct session *smsc_receiver(struct smsc *s); /* who can be sent a deliver_sm now; or NULL */
void lanes_wake(struct smsc *s); /* a new bind: end every pause, then pump */
void on_lane_delivered(struct esme *e, uint64_t id, uint32_t status, void *arg);

/* smsc_mt.c */
void on_submitted(struct esme *e, const struct smpp_pdu *p, void *arg);
void later_free(struct later *l);
void smsc_respond(struct smsc *s, struct esme *e, const struct smpp_pdu *p, uint32_t status,
    const char *message_id);

/* smsc_ussd.c */
void ussd_init(struct smsc *s, struct phone *p);
void ussd_clear(struct phone *p);
bool ussd_is(const struct smpp_pdu *p);
/* A screen for the phone: the status that answers it. */
uint32_t ussd_screen(struct phone *ph, const struct smpp_pdu *p);
void ussd_undelivered(struct phone *p, uint8_t op); /* a deliver_sm did not arrive */

#endif
