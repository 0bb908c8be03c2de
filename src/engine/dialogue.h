/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue.h - a person's conversation with the service packs, as a pure step:
 *
 *     (packs, session, input, now) -> session + replies, perhaps a backend call
 *
 * A turn is one INPUT_TEXT, INPUT_EVENT or INPUT_RETRY, then, as long as the result has a call,
 * one INPUT_ANSWER with that call's outcome. After the step without a call the turn is complete:
 * the session is encoded and committed together with the replies. If anything goes wrong before
 * that, the same turn is run again from the stored session, with the same turn id, and makes the
 * same calls with the same keys.
 * No I/O, no clock, no chance, no log, no globals. */
#ifndef DK_DIALOGUE_H
#define DK_DIALOGUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "base/xmalloc.h"

enum msg_class { CLASS_OTP, CLASS_ALERT, CLASS_REPLY, CLASS_INFO }; /* DESIGN 4; also the lane */
#define MSG_CLASSES 4u
const char *msg_class_name(enum msg_class c); /* "otp", ... */

#define DIALOGUE_REPLIES_MAX 7u /* of one turn; a pack that could say more does not compile */
#define DIALOGUE_CALLS_MAX 6u /* of one turn */

/* One-time codes. A call to this backend is for the bridge itself: POST /v1/otp {msisdn, purpose, lang}
 * gives 202 {seal, expires_ms} or 429, POST /v1/otp/verify {..., code} gives 200 {verified_at}, 422 or
 * 410 (docs/internals/otp.md). A reply with a seal has OTP_PLACE where the sender puts the code. */
#define DIALOGUE_BRIDGE "@bridge"
#define OTP_DIGITS 6u
#define OTP_PLACE "******"

/* ---- packs ---- */
struct packs; /* compiled, immutable, shared by all sessions */
struct pack_source { /* one file, read by the caller */
	const char *name; /* for messages: "services/esanjeevani/service.yaml" */
	const char *pack; /* folder name: "esanjeevani" */
	const char *file; /* "service.yaml", "hi.yaml", "en.yaml" */
	struct sv text;
};
/* Compile all packs together. On mistakes returns NULL and every mistake stands in err as
 * "name:line:column: sentence\n". Warnings go to warn (may be NULL) in the same form. */
struct packs *packs_compile(const struct pack_source *src, size_t n, struct buf *err,
    struct buf *warn) MUSTUSE;
void packs_free(struct packs *p);
/* Names of backends that the packs call, for the configuration check: i-th, or NULL. */
const char *packs_backend(const struct packs *p, size_t i);
/* Whether the backend may tell people of the service: it is one that the service's pack calls. A pack
 * that calls none may be told of by any, and so may a service that is not known. */
bool packs_speaks_for(const struct packs *p, struct sv service, const char *backend);

/* What a pack makes of an event before it is told, for whoever keeps it until its time. */
struct event_plan {
	bool is_told; /* a message comes of it */
	enum msg_class class;
	uint64_t life_ms;
	bool is_loud; /* "quiet: no": also in the quiet hours, and beside the day's cap */
	const char *coalesce; /* NULL: none; this and the next are borrowed from the packs */
	const char *group; /* NULL, or the text for several that are due together */
};
struct event_plan packs_event_plan(const struct packs *p, struct sv service, struct sv type,
    const json_t *data);

/* ---- session ---- */
struct session; /* one person: language, consent, stopped, the running dialogue, a kept question */
struct session *session_new(void) MUSTUSE;
void session_free(struct session *s);
/* Blob as stored: compact, versioned. An empty blob is a new session. A blob that cannot be read
 * (other packs, damage) keeps the profile where it can and starts the dialogue over, with a word
 * of explanation in the next replies. Never fails. */
struct session *session_decode(const struct packs *p, struct sv blob) MUSTUSE;
void session_encode(const struct session *s, struct buf *out);
/* How long the record is worth keeping from now. */
uint64_t session_life_ms(const struct session *s, uint64_t now_wall_ms);
const char *session_lang(const struct session *s); /* "hi", "en" */

/* ---- step ---- */
enum input_kind {
	INPUT_TEXT, /* a whole message from the person */
	INPUT_UNREADABLE, /* binary, or nothing that is text; text: one of the words below, or empty */
	INPUT_EVENT, /* a backend's event */
	INPUT_ANSWER, /* outcome of the call that the last step asked for */
	INPUT_RETRY, /* the time of a kept question has come */
	INPUT_USSD_BEGIN, /* dialled; text: what followed the service code, inputs joined by '*', or "" */
	INPUT_USSD_GONE, /* the USSD session is over without our end; nothing can be shown. text: why, one of the
	 * words below, or empty: the person did it, or it is not known */
	/* The text that came last, again, and it is not known whether the network repeats it or the person:
	 * what was said last is said again. Taken as an answer it might answer the wrong question. */
	INPUT_REPEATED,
	INPUT_CODE, /* a one-time code for a portal; event_type: purpose, data: seal, expires_ms, lang */
};
#define INPUT_TIMED_OUT "timed_out"
#define INPUT_NETWORK_ENDED "network_ended"
#define INPUT_INCOMPLETE "incomplete" /* parts are missing */
#define INPUT_GIVEN_UP "given up" /* it was text, but its turn failed again and again */
/* What one USSD string may hold, net of what a vendor takes of it. */
struct screen_limits {
	unsigned gsm7_septets, ucs2_units; /* 0: the network's own most */
};
/* The network's most, and the least that packs are compiled for: a profile gives no less. */
#define SCREEN_GSM7_MAX 182u
#define SCREEN_UCS2_MAX 80u
#define SCREEN_GSM7_MIN 140u
#define SCREEN_UCS2_MIN 60u
struct dialogue_watch { /* told of each step that is run: what a conversation went through */
	void (*step)(void *arg, const char *pack, const char *step);
	void *arg;
};
struct input {
	enum input_kind kind;
	uint64_t turn_id; /* the same for all steps of a turn and for its re-runs */
	const char *msisdn; /* E.164 digits */
	/* "sms", or "ussd": what is said is one screen. A turn that began on ussd whose screen had to be
	 * closed before the backend answered (it was late) goes on with channel "sms": its answer is a
	 * message. */
	const char *channel;
	struct screen_limits screen; /* ussd */
	struct sv text; /* TEXT: UTF-8, as typed */
	struct sv event_type; /* EVENT: "token.called" */
	struct sv event_service; /* EVENT: pack name */
	unsigned merged; /* EVENT: how many were due together; told by the rule's text for several */
	const json_t *data; /* EVENT: its data; ANSWER: body, NULL when it was no JSON */
	bool away; /* ANSWER: no usable answer in time, or circuit open, or 5xx/garbage after retries */
	int status; /* ANSWER, not away: HTTP status */
	const struct dialogue_watch *watch; /* NULL: nobody */
};
struct reply {
	enum msg_class class;
	char *text; /* owned by the result; UTF-8 */
	const char *text_id; /* "esanjeevani/ask_name"; borrowed from the packs */
	const char *dlt_template_id; /* may be NULL; borrowed from the packs */
	const char *lang;
	uint64_t life_ms; /* never delivered after turn time + life */
	char *coalesce; /* owned; NULL: none. A newer message of this key replaces an unsent one */
	char *seal; /* owned; NULL: none. What OTP_PLACE in the text is made of */
	char *screen; /* owned; NULL, or an alert's words for a screen that pops up */
	const char *press; /* NULL, or the word that answers it; borrowed from the packs */
	bool keeps; /* worth an SMS also where it was shown on a screen */
};
struct call {
	const char *backend; /* configured name; borrowed from the packs */
	const char *method;
	char *path; /* owned; "/v1/tokens/current?service=…" */
	char *body; /* owned; JSON, or NULL */
	char key[40]; /* idempotency key: turn id and call number; kept over deferral */
	uint64_t timeout_ms; /* for all attempts together */
};
struct step_result {
	struct reply reply[DIALOGUE_REPLIES_MAX]; /* those of this step only */
	size_t reply_count;
	bool has_call;
	struct call call;
	uint64_t defer_at_ms; /* last step of a turn: wall time of the next INPUT_RETRY; 0: none */
	char *screen; /* ussd, last step of a turn: text to show, within the limits; owned */
	bool screen_ends; /* the USSD session ends with it */
	const char *outcome; /* for metrics: "ok", "unknown_keyword", "bad_answer", "away", … */
	const char *service; /* pack name or "common"; borrowed */
};
/* out is zeroed by the call; free with step_result_clear. */
void dialogue_step(const struct packs *p, struct session *s, const struct input *in,
    uint64_t now_wall_ms, struct step_result *out);
void step_result_clear(struct step_result *r);

/* What is shown, and ends the USSD session, when there is no time or no way to ask the dialogue. */
enum last_screen {
	SCREEN_LATE, /* the backend is late: the answer comes by SMS */
	SCREEN_AWAY, /* the store is away: dial later */
	SCREEN_FULL, /* overload: dial later */
	SCREEN_UNKNOWN, /* a reply to a USSD session that is not known: dial again */
};
#define LAST_SCREENS 4u
/* lang: of session_lang, or NULL. Fits the smallest screen; borrowed from the packs. */
const char *dialogue_last_screen(const struct packs *p, const char *lang, enum last_screen s);

#endif
