/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc.h - an SMPP message centre with phones: the operator's network in one process.
 *
 *   phone ─send─▶ lane of the phone ─deliver_sm─▶ bind       kept until deliver_sm_resp OK
 *   phone ◀─text─ join of segments ◀─submit_sm── bind        receipts go back by a lane of their own
 *   phone ─dial, press─▶ deliver_sm ─▶ bind ─submit_sm─▶ screen    USSD, as the profile `generic` has it
 *
 * Nothing is written to disk: what is queued lives as long as the process. */
#ifndef DK_SIM_SMSC_H
#define DK_SIM_SMSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "sim/conn.h"
#include "sim/faults.h"

#define SMSC_QUEUE_MAX 1000u /* messages waiting of one phone */
#define SMSC_INBOX_MAX 200u /* texts kept for a phone that nobody holds; the oldest makes room */

struct smpp_pdu;

enum smsc_receipts { SMSC_RECEIPTS_ASKED, SMSC_RECEIPTS_ALWAYS, SMSC_RECEIPTS_NEVER };

struct smsc_conf {
	const char *listen;
	const char *system_id, *password; /* of those who bind; NULL: anyone */
	uint64_t window; /* unanswered deliver_sm of one bind */
	uint64_t enquire_ms, resp_ms;
	uint64_t retry_ms; /* pause after a temporary error or a time-out */
	uint64_t retry_max; /* tries of one message; lost links do not count */
	uint64_t receipt_ms; /* from submit_sm to its receipt */
	uint64_t ussd_ms; /* the network waits so long for a screen */
	enum smsc_receipts receipts;
	struct faults faults;
};

enum smsc_ussd {
	SMSC_USSD_NONE,
	SMSC_USSD_WAITING, /* dialled or replied; the screen is not there yet */
	SMSC_USSD_MENU, /* a screen that wants a reply */
	SMSC_USSD_LAST, /* a screen that ended the session */
	SMSC_USSD_FAILED, /* ended without a screen; the text says why */
};

/* Who holds a phone. The callbacks may call back into smsc, but not detach themselves. */
struct smsc_holder {
	void (*on_sms)(const char *from, struct sv text, void *arg);
	/* Fate of a message sent by this phone: "taken", or "refused" with the status's name. */
	void (*on_fate)(uint64_t id, const char *fate, const char *detail, void *arg);
	/* May be NULL: the phone's USSD session has come to this. */
	void (*on_ussd)(enum smsc_ussd state, struct sv text, void *arg);
	void *arg;
	struct smsc_holder *next; /* of the same phone; for smsc only */
};

struct smsc;
struct phone;
/* NULL with a sentence in err. cf's strings are borrowed for the life of the smsc. */
struct smsc *smsc_new(struct conns *cs, const struct smsc_conf *cf, char *err, size_t err_cap) MUSTUSE;
void smsc_free(struct smsc *s); /* after conns_close_all, before conns_free */
unsigned smsc_port(const struct smsc *s);

/* The phone of a number as people write it; made when it is new. NULL: not a number. */
struct phone *smsc_phone(struct smsc *s, struct sv number) MUSTUSE;
const char *phone_number(const struct phone *p);
/* h is borrowed until phone_release. What waits in the inbox comes before this returns. */
void phone_hold(struct phone *p, struct smsc_holder *h);
void phone_release(struct phone *p, struct smsc_holder *h);
/* Queue a text for the short code. Returns an id for on_fate; 0: too long, or the queue is full. */
uint64_t smsc_send(struct smsc *s, struct phone *p, const char *to, struct sv text);

/* "*123#", "*123*1#". by_http: not over SMPP. false: err says why nothing was dialled. What becomes of it comes
 * by on_ussd, also before this returns. A session that was open is ended first. */
bool smsc_dial(struct smsc *s, struct phone *p, struct sv dialled, bool by_http, char *err,
    size_t err_cap) MUSTUSE;
/* A reply to the screen. false: no screen wants one, or it does not fit one USSD string. */
bool smsc_press(struct smsc *s, struct phone *p, struct sv text, char *err, size_t err_cap) MUSTUSE;
/* The person hangs up: the other side is told. */
void smsc_hang_up(struct phone *p);
/* The radio is gone: this side only. false: there was no session. */
bool smsc_lose_ussd(struct phone *p);

/* USSD by the requests of an aggregator: what a person did in a session, to be told to the bridge. */
enum smsc_did { SMSC_DIALLED, SMSC_REPLIED, SMSC_HUNG_UP };
struct smsc_step { /* borrowed for the call */
	enum smsc_did did;
	const char *number, *code;
	uint16_t session;
	unsigned step; /* 1, 2, ... */
	struct sv text; /* what was dialled, or the reply */
	struct sv inputs; /* all of the session so far, joined by a star */
};
typedef void smsc_step_fn(const struct smsc_step *st, void *arg);
void smsc_on_step(struct smsc *s, smsc_step_fn *fn, void *arg); /* NULL: no HTTP */
bool smsc_has_http(const struct smsc *s);
/* The answer to a step; ignored when that session is over. */
void smsc_answered(struct smsc *s, const char *number, uint16_t session, enum smsc_ussd state,
    struct sv text);

/* Somebody who looks on; borrowed until smsc_free. */
struct smsc_watcher {
	void (*on_wire)(uint64_t session, bool sent, struct sv octets, const struct smpp_pdu *p,
	    void *arg);
	void (*on_change)(void *arg); /* a bind came or went, a fault was ordered */
	/* USSD over HTTP: a request, or its answer; what: "POST", "200", ...; raw as on the wire. */
	void (*on_http)(const char *number, bool sent, const char *what, struct sv raw, struct sv text,
	    void *arg);
	void *arg;
};
void smsc_watch(struct smsc *s, const struct smsc_watcher *w);
const struct smsc_watcher *smsc_watcher(const struct smsc *s); /* may be NULL */
size_t smsc_bound(const struct smsc *s); /* binds */
const struct faults *smsc_faults(const struct smsc *s);

/* See faults_set. false: err says why. */
bool smsc_fault(struct smsc *s, const char *name, const char *value, char *err, size_t err_cap) MUSTUSE;
void smsc_stats(const struct smsc *s, struct buf *out); /* "binds=1 mo_queued=3 ..." on one line */

#endif
