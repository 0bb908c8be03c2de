/* SPDX-License-Identifier: BSD-2-Clause */
/* app_int.h - what the files of app share; nobody else includes it. */
#ifndef DK_APP_INT_H
#define DK_APP_INT_H

#include <event2/event.h>
#include <stdio.h>
#include <sys/queue.h>
#include <uthash.h>

#include "app/app.h"
#include "app/families.h"
#include "base/log.h"
#include "codec/receipt_forms.h"
#include "codec/text.h"
#include "engine/breaker.h"
#include "engine/lanes.h"
#include "engine/retry.h"
#include "engine/turn.h"
#include "net/http_in.h"
#include "net/http_out.h"
#include "net/link_tls.h"
#include "net/smpp_link.h"
#include "ops/log_ring.h"
#include "ops/metrics.h"
#include "store/store.h"

/* Carried through an asynchronous call: an id, never a pointer to what may be gone. Freed by the
 * completion, which comes exactly once; a timer that never fires is freed with the app. */
struct await {
	struct app *a;
	uint64_t id;
	unsigned n; /* what else the completion needs: a partition, a class */
	uint64_t began_us; /* mono */
	struct event *timer; /* owned; NULL: none. The loop outlives the app */
	LIST_ENTRY(await) all;
};
struct await *await_new(struct app *a, uint64_t id, unsigned n);
/* The completion is fn, after so long. */
void await_timer(struct await *w, uint64_t ms, void (*fn)(evutil_socket_t, short, void *));
void await_free(struct await *w);

/* One bind. A link of the options has one or more. */
struct app_link {
	struct app *a;
	const struct opt_link *opt;
	size_t opt_index;
	struct app_link *first; /* of the link's binds; has what they share: habit, concat_ref, tls */
	char *name; /* owned; of the bind, in logs */
	struct smpp_link *link;
	struct link_tls *tls; /* owned; NULL: none */
	struct out_msg *partial; /* began, waits for room */
	uint16_t concat_ref;
	struct text_opts text;
	char dlt_chain[65]; /* hash of the chain, or "" */
	struct receipt_habit habit;
	uint64_t bind_no; /* counts BOUND; tells whether an acknowledgement went to a bind that lives */
	struct ussd_link *ussd; /* owned; NULL: none on this link */
	struct sms_link *sms; /* owned; NULL: SMPP. Else link is NULL: bind.h has what both can do */
};

struct app_backend {
	const struct opt_backend *opt;
	struct http_out *http; /* its own: a slow one takes no connection from the others */
	struct breaker breaker;
};

/* Whom to tell that an input is stored. */
enum upstream_kind { UPSTREAM_NONE, UPSTREAM_SMPP, UPSTREAM_HTTP, UPSTREAM_CODE, UPSTREAM_SMS };
struct upstream {
	enum upstream_kind kind;
	struct app_link *link;
	uint64_t token, bind_no, key; /* SMPP; key: of acks.c */
	uint64_t request; /* HTTP, CODE, SMS */
	uint64_t expires_ms; /* CODE: wall */
};

/* A turn that runs, with what app needs beside it. */
struct live_turn {
	struct app *a;
	uint64_t id;
	struct turn *t;
	struct packs_in_use *packs; /* those of t */
	struct upstream up;
	char *dedup_key, *parts_key; /* owned; NULL: none */
	char dedup_value[17];
	uint64_t dedup_ms;
	bool dedup_is_sure; /* what is met again by it is surely the same input */
	bool fresh; /* session, version: as accept gave them, nothing ran since */
	uint64_t version;
	struct buf session;
	struct person *person; /* when in a line */
	struct ussd_live *ussd; /* owned; NULL: no step of a USSD session */
	unsigned attempts; /* of the call */
	uint64_t call_deadline_ms, call_began_us; /* mono */
	struct event *timer;
	bool dead;
	TAILQ_ENTRY(live_turn) line;
	SLIST_ENTRY(live_turn) grave;
	UT_hash_handle hh;
};

/* Turns of one person, in order; the first runs. */
struct person {
	char msisdn[16];
	TAILQ_HEAD(, live_turn) line;
	UT_hash_handle hh;
};

/* A message of the outbox that the lanes know. */
struct out_msg {
	uint64_t id;
	struct buf rec; /* an out_record */
	struct out_record r; /* views into rec */
	char msisdn[16];
	unsigned route;
	struct text_parts *parts; /* while on its way, as via takes them */
	struct app_link *via;
	unsigned next; /* segment to submit */
	unsigned outstanding; /* submits without an answer */
	uint8_t acked; /* bit a segment */
	uint32_t status; /* worst answer of this try; 0: none */
	bool is_refused; /* the link did not take it */
	char *said; /* owned; what an HTTP provider said of the last try; NULL: status says it */
	const char *said_words; /* ours for it, borrowed from the link's profile */
	unsigned attempts;
	bool was_pushed; /* once is enough */
	uint64_t push; /* net of the screen that it waits for; 0: none */
	uint64_t began_us; /* mono at arrival of the input; 0: recovered */
	char ids[TEXT_MAX_SEGMENTS][66]; /* message ids, normal form */
	struct app_link *by[TEXT_MAX_SEGMENTS]; /* who gave them: not via, when that one took over */
	UT_hash_handle hh;
};

/* Ids that are finished here but may still be seen in a page of the store read before. */
struct done_id {
	uint64_t id;
	bool unmarked; /* sent, but the store does not know yet: kept until it does */
	UT_hash_handle hh;
};

struct app {
	struct event_base *base;
	const struct options *opt;
	const struct packs *packs; /* of new turns */
	struct packs_in_use *packs_in_use; /* the same, owned */
	struct store *store;
	struct redis_embed *embed;
	bool store_up; /* Redis answers and knows us, and its inboxes have been read */
	bool is_reading, read_failed; /* the inboxes, before store_up */
	bool missed; /* something of the store could not be read or begun: the next beat looks again */
	char owner[80]; /* our name among the peers; "": not yet */
	struct heir *heirs;
	char **live; /* owners that live, ours too */
	size_t live_count;
	uint64_t tick_ms, beat_ok_ms, beat_asked_ms; /* mono */
	uint64_t stood_ms; /* mono: the loop went on after it had stood still; 0 never */
	bool is_doubtful, beating;
	struct otp *otp;
	struct reminders *reminders;
	struct http_in *events, *ops;
	struct ussd_http *ussd_http; /* USSD over HTTP */
	struct push *pushes; /* by net */
	struct listener *listeners; /* for requests of providers */
	struct metrics *metrics;
	struct log_ring *ring;
	struct app_link *links;
	size_t link_count;
	struct app_backend *backends;
	size_t backend_count;
	struct app_route *routes;
	size_t route_count;
	struct out_msg *outs;
	struct live_turn *turns;
	size_t turn_count;
	struct person *persons;
	SLIST_HEAD(, live_turn) graves;
	struct done_id *done_ids;
	struct found *found; /* inputs that recovery is about to run */
	unsigned loads; /* pages of the store being read */
	unsigned next_load; /* partition and kind that recovery reads next, counted from load_from */
	unsigned load_from, load_kinds; /* of this pass: first partition, a bit a kind */
	uint64_t looked_ms; /* mono: when the last look at all kinds began */
	unsigned resume_at; /* partition at which a lane became full */
	unsigned next_stale; /* partition that is asked next for messages with missing parts */
	unsigned next_due; /* partition that is asked next for kept questions */
	LIST_HEAD(, await) awaits;
	LIST_HEAD(, join) joins;
	struct ack *acks; /* by key */
	TAILQ_HEAD(, ack) acks_by_age;
	struct ack_person *ack_persons; /* whose they are */
	LIST_HEAD(, mark) marks; /* sent messages that the store has yet to hear of */
	size_t mark_count;
	uint64_t last_id;
	struct event *tick;
	bool stopping, pumping, is_over; /* is_over: the links are gone, the rest is about to be */
	uint64_t stop_by_ms;
	void (*stopped)(void *);
	void *stopped_arg;
};

/* app.c */
void app_joined(struct app *a, bool look); /* our owner name is good; look: recover what is ours */
void app_drop_all(struct app *a); /* turns and messages in memory: others have taken them over */
/* To all who wait for one: it will not come. What they asked is stored, unless their turns are dropped. */
void app_last_screens(struct app *a, bool are_dropped);
/* Whose input it is that wants to become a turn. */
enum app_source { SOURCE_SMS, SOURCE_USSD, SOURCE_SYSTEM };
bool app_has_room(const struct app *a,
    enum app_source s); /* false: refuse it, with a temporary error */
/* The same for a phone's message, which will have a reply: false also when its lane is full of them. */
bool app_takes_text(const struct app *a, struct sv msisdn, struct sv address);
uint64_t app_new_id(struct app *a); /* rising, multiples of TURN_ID_STEP */
/* packs.c */
struct packs_in_use *packs_enter(struct app *a); /* a turn begins with what is in use */
void packs_leave(struct app *a, struct packs_in_use *u); /* and is over */
struct packs *packs_take(struct app *a); /* no turn runs any more; the caller's from now on */
/* acks.c */
/* deliver_sm_resp OK was written on this bind, or could not be any more, for the input of this key. */
void acks_note(struct app_link *al, uint64_t bind_no, uint64_t key, const char *msisdn);
/* This person has sent something new: what is in doubt from before was no echo if it comes again. */
void acks_new_input(struct app *a, const char *msisdn);
/* A message left for this person: they may answer it. */
void acks_told(struct app *a, const char *msisdn);
/* What an input is to one of the same key that was taken before. */
enum acks_same {
	ACKS_UNKNOWN, /* not here: the store may have its mark */
	ACKS_NEW, /* the centre knows that one, or can still get to know */
	ACKS_ECHO, /* the centre offers that one once more because it may not know */
	ACKS_UNSURE, /* it does, or the person has written the same again */
};
enum acks_same acks_same(const struct app *a, uint64_t key);
void acks_bind_lost(struct app_link *al); /* before its next bind */
void acks_done(struct app *a, uint64_t key); /* the turn of it is over */
void acks_again(struct app *a, uint64_t key); /* it is ACKS_NEW: its mark must not stand in the way */
void acks_tick(struct app *a);
#define ACKS_MARK "m" /* dedup key of the person's last message */
#define ACKS_VALUE_CAP 17u
void acks_value(uint64_t key, char out[ACKS_VALUE_CAP]); /* what stands there for this one */
#define ACKS_READ_MS 3000u /* nobody gets an SMS, reads it and writes one in less */
void acks_free(struct app *a);
/* ev_in.c */
extern const struct smpp_link_ops app_link_ops;
/* By what a repeated input is known, and the parts that accept may forget. */
struct dedup {
	const char *key, *value; /* value: at most 16 characters; NULL: of this input alone */
	uint64_t ms;
	const char *parts_key; /* NULL: came in one piece */
	bool is_sure; /* what is known by it is the same input, not perhaps the person's next */
};
#define EVENT_KEY_CAP 144u /* key of an event: its service, at most 64 octets, and its id, likewise */
/* Begin a turn on a new input; everything is copied. */
void app_begin(struct app *a, const struct in_record *in, const struct upstream *up,
    const struct dedup *d);
/* A message from a phone as it stands on the wire; a long one has several pieces, in order. */
struct mo_piece {
	uint8_t data_coding, lock_lang, shift_lang;
	uint8_t udh_octets; /* of its header, which is not in octets */
	struct sv octets;
};
struct mo {
	struct upstream up; /* SMPP or SMS; key: not yet */
	const char *msisdn;
	struct sv address;
	const struct mo_piece *piece;
	size_t pieces;
	const char *parts_key;
};
void mo_begin(const struct mo *mo);
/* Where a part stands in its long message. */
struct mo_place {
	const char *ref; /* names the message among those of one person to one address */
	unsigned total, seq; /* 1 <= seq <= total <= 255 */
	const char *mark; /* by what this very part is known when it comes again; NULL: nothing */
	uint64_t mark_ms; /* so long */
};
/* dlt_gate.c */
#define DLT_ID_CAP 32u
bool dlt_gate_is_on(const struct app_link *al);
void dlt_gate_start(struct app_link *al);
/* template_id: room for it until the PDU is encoded. */
void dlt_gate_tlvs(const struct app_link *al, const struct out_msg *m, struct smpp_pdu *p,
    char template_id[DLT_ID_CAP]);
/* 0, or the code for which the message must not be sent on this link. */
unsigned dlt_gate_check(struct app *a, const struct app_link *al, const struct out_msg *m);
/* link_text.c */
void link_text_start(struct app_link *al);
/* The text of all pieces, appended. false: it cannot be read as text, or is too long for out. */
bool link_text_read(const struct app_link *al, const struct mo_piece *piece, size_t n,
    struct buf *out) MUSTUSE;
/* A turn in the table, not yet begun. */
struct live_turn *app_turn_add(struct app *a, uint64_t id, const struct in_record *in);
/* Begin a turn on what the inbox holds, or on a kept question. */
void app_begin_stored(struct app *a, uint64_t id, const struct in_record *in);
/* fx_run.c */
void app_feed(struct app *a, struct live_turn *lt, const struct turn_ev *ev);
struct live_turn *app_turn(struct app *a, uint64_t id); /* NULL: gone */
/* Tell an SMPP link, or who asked for SMS by HTTP, that its message is stored; no reply will come: all that
 * happens to it has happened. */
void upstream_answer(const struct upstream *up, bool stored, bool no_reply, const char *outcome);
struct burial {
	uint64_t id;
	const char *msisdn, *why;
	struct sv rec; /* an in_record */
};
/* An input is given up: to the dead letters; a person who wrote is told, and what to do now. */
void app_bury(struct app *a, const struct burial *x, void (*then)(void *), void *arg);
/* links.c */
bool links_start(struct app *a, struct buf *err) MUSTUSE;
void links_free(struct app *a); /* ends them; what is outstanding completes later */
void links_clear(struct app *a);
/* receipts.c */
void receipt_take(struct app_link *al, const struct smpp_pdu *pdu, uint64_t token);
/* `sent` found that this state had come before it. msisdn: of MSISDN_CAP octets. */
void receipt_was_early(struct app_link *al, const char *msisdn, const char *id, char state);
/* A state of a message by an HTTP provider; err may be "". */
void receipt_report(struct app_link *al, const char *msisdn, const char *id, enum receipt_state state,
    const char *err);
/* join.c */
void join_part(const struct mo *mo, const struct mo_place *at);
void join_tick(struct app *a);
void join_hang_up(struct app *a); /* before the links go: nobody can be told any more */
void join_free_all(struct app *a);
/* backend_call.c */
void backend_call_start(struct app *a, struct live_turn *lt);
/* events_in.c */
void events_in_route(struct app *a);
/* NULL: signed by a backend we know, in time; else what is wrong. */
const char *events_in_signature(struct app *a, const struct http_in_req *r);
/* otp.c */
struct otp_result {
	int status; /* 202 sent, 200 right, 422 wrong, 410 none, 429 not now, 503 try again */
	const char *code; /* of a problem; NULL: none */
	char seal[40];
	uint64_t expires_ms, verified_ms; /* wall */
	uint64_t wait_ms; /* 429 */
	bool is_live; /* 429: the code sent before is still good */
	unsigned attempts_left; /* 422 */
};
typedef void otp_done_fn(const struct otp_result *r, void *arg); /* exactly once, later */
bool otp_start(struct app *a, struct buf *err) MUSTUSE;
void otp_free(struct app *a);
/* id: a repeat with it is the same request. */
void otp_send(struct app *a, const char *msisdn, struct sv purpose, struct sv id, otp_done_fn *fn,
    void *arg);
void otp_try(struct app *a, const char *msisdn, struct sv purpose, struct sv id, struct sv code,
    otp_done_fn *fn, void *arg);
void otp_call(struct app *a, struct live_turn *lt); /* a pack's call to the bridge itself */
/* The text of a message with its code; false: it has no place for one. */
bool otp_reveal(const struct app *a, const char *msisdn, struct sv seal, struct sv text,
    struct buf *out) MUSTUSE;
json_t *otp_time_json(uint64_t wall_ms);
/* otp_in.c */
void otp_in_route(struct app *a);
void otp_in_accepted(struct app *a, const struct upstream *up, bool stored);
/* sms_in.c */
void sms_in_accepted(const struct upstream *up, bool stored, bool no_reply);
/* The turn's messages in the answer to its request. false: they are to be sent. */
bool sms_in_reply(struct app *a, const struct live_turn *lt);
void sms_in_over(const struct upstream *up); /* the turn is: no reply will come */
void sms_in_ports(const struct app *a, FILE *f);
/* sender.c */
/* A message that was just committed. */
void sender_commit(struct app *a, uint64_t id, enum msg_class c, struct sv out_record,
    uint64_t began_us);
/* A message that the store holds. */
void sender_add(struct app *a, uint64_t id, struct sv out_record, uint64_t began_us);
void sender_drop(struct app *a, uint64_t id); /* replaced by a newer one */
void sender_pump(struct app *a);
void sender_link_room(struct app_link *al);
void sender_submitted(struct app_link *al, uint64_t submit_id, uint32_t status, struct sv message_id);
struct sms_verdict;
void sender_answered(struct app_link *al, uint64_t submit_id, const struct sms_verdict *v); /* HTTP */
/* The text as it goes over this link. false: it has no place for its code. */
bool sender_text(const struct app_link *al, const struct out_msg *m, struct buf *out) MUSTUSE;
/* A message that waited for its screen: shown, and that is enough; or it goes as an SMS. */
void sender_pushed(struct app *a, struct app_link *al, uint64_t id, bool is_done);
/* A message that went with the answer to a request, and never into the lanes. */
void sender_replied(struct app_link *al, uint64_t id, const struct out_record *r);
void sender_tick(struct app *a);
void sender_forget_all(struct app *a); /* those that are sent but not marked stay */
void sender_free(struct app *a);
size_t sender_in_flight(const struct app *a);
/* marks.c */
void mark_sent(const struct out_msg *m); /* every part has its answer */
void mark_bare(struct app_link *al, uint64_t id, enum msg_class c,
    const char *msisdn); /* no receipt comes */
void marks_free(struct app *a);
/* recover.c */
void recover_start(struct app *a); /* the store is there (again) */
void recover_tick(struct app *a);
void recover_done_id(struct app *a, uint64_t id, bool unmarked);
void recover_marked(struct app *a, uint64_t id);
bool recover_is_done(const struct app *a, uint64_t id);
void recover_free(struct app *a);
/* remind.c */
struct remind_event {
	uint64_t request; /* HTTP, to be answered */
	const struct in_record *in;
	const json_t *data;
	const char *key; /* NULL: none */
	uint64_t not_before_ms; /* wall; 0: now */
	bool is_cancel; /* only drop what the key names */
	const struct dedup *dedup;
};
bool remind_start(struct app *a, struct buf *err) MUSTUSE;
void remind_free(struct app *a);
void remind_tick(struct app *a);
/* false: nothing for the schedule, it is to be begun at once; else it is answered from there. */
bool remind_take(struct app *a, const struct remind_event *ev) MUSTUSE;
uint64_t remind_persons(const struct app *a); /* for whom something is kept */
/* peers.c */
void peers_connected(struct app *a); /* Redis answers (again) */
void peers_tick(struct app *a);
bool peers_is_mine(const struct app *a, struct sv owner);
bool peers_in_doubt(const struct app *a); /* perhaps taken for dead: send nothing */
bool peers_stood(const struct app *a); /* a moment ago: what is read now may have stood with us */
void peers_free(struct app *a);
/* watch.c */
void watch_start(struct app *a); /* metrics, ring, /healthz … on a->ops */
void watch_turn(struct app *a, const struct live_turn *lt);
void watch_store(struct app *a, const char *step, uint64_t began_us);

#endif
