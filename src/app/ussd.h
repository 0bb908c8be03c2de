/* SPDX-License-Identifier: BSD-2-Clause */
/* ussd.h - USSD sessions of networks, as turns. ussd.c is what links and listeners have in common;
 * ussd_smpp.c and ussd_http.c bring requests and take screens back, as a profile says (ussd_conf.h).
 *
 *   deliver_sm ─▶ ussd_smpp_deliver ┐                                   ┌▶ submit_sm | data_sm
 *   request ────▶ on_request ───────┴▶ ussd_begin ─▶ turn … FX_SCREEN ─▶ ussd_screen ─▶ HTTP reply
 *
 * Nothing of a session stays here between two steps: it is in the person's record (ussd_note.h). */
#ifndef DK_APP_USSD_H
#define DK_APP_USSD_H

#include "app/app_int.h"
#include "codec/ussd_pdu.h"
#include "ussd_conf.h"

#define USSD_ADDRESS_CAP 22u
#define USSD_TWINS_MAX 4u /* repeated requests that wait for the same screen */

/* ---- what is common ---- */
struct ussd_source { /* a link or a listener that brings USSD */
	const char *name;
	const struct ussd_conf *conf;
	const char *code; /* "*123#", or "" */
	const char *sms_link, *sms_from; /* where an SMS to somebody new goes and comes from */
};

struct ussd_ask { /* one request; everything is copied */
	const struct ussd_source *src;
	const char *msisdn;
	struct ussd_step step; /* limits, ttl are set by ussd_begin */
	struct sv text;
	bool is_unreadable;
	const char *why; /* for the count: "begin", "next", "abort", ... */
	/* who waits for the screen */
	struct app_link *link; /* NULL: HTTP */
	struct ussd_back back;
	struct http_in *http;
	uint64_t request;
};

struct ussd_live { /* beside a live_turn */
	struct ussd_ask ask; /* without its views */
	char number[USSD_ADDRESS_CAP], code[USSD_ADDRESS_CAP];
	uint64_t began_us;
	uint64_t twin[USSD_TWINS_MAX];
	size_t twins;
	bool is_last; /* the timer that runs is the last one */
	struct event *timer;
};

void ussd_begin(struct app *a, const struct ussd_ask *ask);
void ussd_screen(struct app *a, struct live_turn *lt); /* TURN_FX_SCREEN */
void ussd_live_free(struct ussd_live *u);
void ussd_count(struct app *a, const struct ussd_source *src, const char *what);

/* ussd_smpp.c */
struct ussd_link; /* beside an app_link */
bool ussd_link_start(struct app_link *al, struct buf *err) MUSTUSE;
void ussd_link_free(struct ussd_link *ul);
/* false: it is no USSD. */
bool ussd_smpp_deliver(struct app_link *al, const struct smpp_pdu *pdu, uint64_t token);
/* The bind of al's link that takes screens: with a pair they come and go by different ones. NULL: none. */
struct app_link *ussd_smpp_sender(struct app_link *al) MUSTUSE;
/* A screen that nobody asked for; what goes wrong comes by ussd_push_lost, also before this returns. */
void ussd_smpp_push(struct app_link *al, const struct ussd_ask *ask, const char *text,
    enum ussd_out what);
const struct ussd_source *ussd_smpp_source(const struct app_link *al);
uint64_t ussd_smpp_net(const struct ussd_source *src, const char *msisdn, const uint8_t *id,
    size_t id_octets);
void ussd_smpp_answer(struct app *a, const struct ussd_ask *ask, const char *text, bool ends);
void ussd_smpp_room(struct app_link *al); /* before the lanes */
bool ussd_smpp_submitted(struct app_link *al, uint64_t id, uint32_t status); /* false: not a screen */
/* ussd_push.c: an alert on the screen of somebody who did not dial.
 *
 *   begin ─▶ ussd_push_try ─▶ [store: in a session?] ─▶ submit ─▶ confirm, reply ─▶ sender_pushed(done)
 *                                   └────────────────────┴─ refused, no word in time ─▶ sender_pushed(SMS)
 *
 * Its outbox entry stays until either is said, so a process that dies leaves an SMS to send. */
struct out_msg;
bool ussd_push_try(struct app *a, struct app_link *al, struct out_msg *m); /* false: as an SMS, now */
void ussd_push_forget(struct app *a, uint64_t net); /* a newer message replaces it */
void ussd_push_lost(struct app *a, uint64_t net, const char *why);
/* What the network says of a session that began here. false: of no such; true: taken, or *ask is now what
 * the person who answers a menu means, to be begun (*is_reply). */
bool ussd_push_heard(struct app *a, struct ussd_ask *ask, enum ussd_op op, bool *is_reply);
void ussd_push_free(struct app *a);
/* ussd_http.c */
bool ussd_http_start(struct app *a, struct buf *err) MUSTUSE;
void ussd_http_free(struct app *a);
void ussd_http_ports(const struct app *a, FILE *f);
void ussd_http_answer(const struct ussd_ask *ask, uint64_t request, const char *text, bool ends);

#endif
