/* SPDX-License-Identifier: BSD-2-Clause */
/* sms.h - SMS through a provider's HTTP interface, as a profile says. A link of that kind is a bind like
 * any other to routes and the sender; see bind.h.
 *
 *   request ─▶ sms_in.c ─▶ app_begin ─▶ accept … sms_in_accepted ─▶ 2xx      (messages, receipts)
 *   sender ──▶ sms_out.c ─▶ http_link ─▶ provider … sms_verdict ─▶ sender_answered
 *
 * sms_profile.c reads the files of etc/sms, sms_values.c has what their templates can name. */
#ifndef DK_SMS_H
#define DK_SMS_H

#include <regex.h>

#include "app/app_int.h"
#include "app/fill.h"
#include "net/http_link.h"

/* ---- profiles ---- */

struct sms_send_conf {
	char *method, *url, *type, *body;
	struct conf_list headers;
	struct conf_list values; /* name, template */
	char *accepted_at, *accepted_match, *id_at, *id_match, *code_at, *code_match, *words_at,
	    *words_match;
	struct conf_list accepted; /* what stands at accepted_at */
	struct conf_list errors; /* code, "action words" */
};
/* Messages or receipts in: rows of one kind are not set in the other. */
struct sms_in_conf {
	char *methods, *each;
	int body; /* enum http_body */
	char *from, *to, *text, *id, *time; /* receipts: to, id */
	char *part_ref, *part_total, *part; /* fields of a part of a long message */
	char *hex_when; /* field; text is hexadecimal UCS-2 when it has one of these: */
	struct conf_list hex_words;
	char *state, *error;
	struct conf_list states; /* word, state */
	char *token; /* field that brings the link's token, for who cannot send a header */
	int64_t reply_status, reply_within_ms, repeat_ms;
	char *reply_type, *reply;
	bool in_response;
};
struct sms_sign_conf {
	char *header, *field, *stamp_header, *stamp_field, *over, *signature;
};
struct sms_conf { /* a file */
	struct sms_send_conf *send; /* each may be NULL */
	struct sms_in_conf *receive, *report;
	struct sms_sign_conf *sign;
};

struct sms_error {
	const char *code; /* borrowed from the profile */
	enum retry_kind kind;
	const char *words; /* ours; may be "" */
};
enum sms_find { SMS_FIND_ACCEPTED, SMS_FIND_ID, SMS_FIND_CODE, SMS_FIND_WORDS, SMS_FINDS };
struct sms_profile {
	char *name; /* owned */
	struct sms_conf c;
	struct sms_error *error; /* of c.send->errors; owned */
	size_t errors;
	regex_t re[SMS_FINDS];
	bool has_re[SMS_FINDS];
	enum fill_place place; /* of values in the body */
};
/* NULL: every mistake stands in err. */
struct sms_profile *sms_profile_read(const char *dir, const char *which, struct buf *err) MUSTUSE;
void sms_profile_free(struct sms_profile *p);
/* Every profile that the options name can be read, and fits its link. */
void sms_check(const struct options *o, struct buf *err);
bool sms_state_of(const struct sms_in_conf *c, const char *word, enum receipt_state *out);

/* ---- an answer ---- */

#define SMS_CODE_CAP 33u
struct sms_verdict {
	uint32_t status; /* ESME_ROK, RETRY_SAID + a kind, RETRY_NO_ANSWER, RETRY_LOST */
	const char *words; /* ours, for this code; "" when there are none */
	char code
	    [SMS_CODE_CAP]; /* the provider's, or "http-500"; what could be a number or a text is cut */
	char label[SMS_CODE_CAP]; /* for metrics: of a set that is not the provider's choice */
	char id[RECEIPT_ID_CAP];
	char said[200]; /* the provider's words: for dead letters, never for logs */
};
void sms_verdict(const struct sms_profile *p, const struct http_out_answer *a, struct sms_verdict *v);
/* The part of an answer: by pointer when it is JSON, or by expression. false: not there. */
bool sms_find(const struct sms_profile *p, enum sms_find what, const json_t *doc, const char *body,
    struct buf *out) MUSTUSE;

/* ---- a link ---- */

struct sms_link { /* beside an app_link */
	struct app_link *al;
	struct sms_profile *p; /* owned */
	struct http_link *out; /* NULL: the profile has no send */
	struct http_in *in; /* shared; NULL: it takes nothing */
	struct sms_wait *waits; /* requests that wait for their reply; owned */
	bool is_stopped;
};
bool sms_link_start(struct app_link *al, struct buf *err) MUSTUSE;
void sms_link_free(struct sms_link *sl);

/* sms_values.c */
struct sms_message { /* what values are made of; each may be NULL or "" */
	const struct sms_link *link;
	const struct out_msg *m;
	struct sv text;
	struct text_size size;
	char id[17];
	bool wants_receipt;
	unsigned depth; /* of values made of values */
};
fill_value_fn sms_value; /* arg: struct sms_message */
bool sms_value_is(const struct sms_profile *p, const struct opt_link *o, const char *name);

/* sms_out.c */
enum smpp_submit_rc sms_submit(struct app_link *al, struct out_msg *m, uint64_t submit_id) MUSTUSE;

/* sms_in.c */
bool sms_in_start(struct sms_link *sl, struct buf *err) MUSTUSE;
void sms_in_free(struct sms_link *sl);

#endif
