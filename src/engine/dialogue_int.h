/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue_int.h - private to dialogue_*.c.
 *
 *	dialogue.c         what came in: text, event, answer of a call, retry
 *	dialogue_text.c    what a text means: command, trigger, answer, or nothing known
 *	dialogue_answer.c  whether a text answers a question, and with what value
 *	dialogue_pick.c    the same for a list of which several may be chosen
 *	dialogue_run.c     steps, until a question, a call or the end
 *	dialogue_aside.c   a dialogue that another one interrupts, and its return
 *	dialogue_say.c     replies
 *	dialogue_ussd.c    what is dialled and pressed on USSD
 *	dialogue_screen.c  the screen at a turn's end */
#ifndef DK_DIALOGUE_INT_H
#define DK_DIALOGUE_INT_H

#include "engine/screen.h"
#include "engine/session_int.h"

enum { WRONG_MAX = 3 }; /* hints to one question; the next wrong answer ends the dialogue */

struct dl { /* one step */
	const struct packs *p;
	struct session *s;
	const struct input *in;
	uint64_t now;
	struct step_result *out;
};

/* ---- dialogue_say.c ---- */
struct scope { /* where the variables of a text get their values */
	const struct dl *d;
	const struct pack *pack;
	char *const *value; /* PACK_VARS_MAX of them */
	bool is_kept_call; /* $lang and $channel as they were when the call was first made */
	const char *count; /* of events told in one message; NULL: there are none */
};
const char *scope_value(const void *scope, const struct ref *r); /* a ref_value_fn */
size_t lang_index(const struct dl *d);
/* One of the engine's own texts. f: whose trigger word fills in {keyword}; may be NULL. */
void say(struct dl *d, enum common_text t, const struct frame *f);
void say_word(struct dl *d, enum common_text t, const char *keyword);
/* A text of a pack; what is_answer is remembered for REPEAT. */
void say_text(struct dl *d, const struct pack *k, const struct text *t, char *const *value,
    bool is_answer);
void say_event(struct dl *d, const struct pack *k, const struct event_rule *e, const struct text *t,
    char *const *value);
void say_question(struct dl *d, const struct frame *f, bool with_hint);
void say_again(struct dl *d); /* the last answer */
/* The message with a one-time code. */
void say_code(struct dl *d, const struct pack *k, const struct text *t, char *const *value,
    const char *purpose, const char *seal, uint64_t until_ms);
void outcome(struct dl *d, const char *name, const struct pack *k); /* k NULL: common */

/* ---- dialogue_run.c ---- */
uint64_t question_life(const struct dl *d, const struct frame *f);
void start_trigger(struct dl *d, const struct trigger *t);
bool is_trigger_of(const struct frame *f, const struct trigger *t);
void run_frame(struct dl *d, struct frame *f);
void trouble(struct dl *d, struct frame *f);
void call_key(const struct dl *d, const struct frame *f, char key[40]);
void on_answer(struct dl *d); /* of a call */
void retry_kept(struct dl *d);

/* ---- dialogue_text.c ---- */
void on_text(struct dl *d);
void on_unreadable(struct dl *d);
void on_repeated(struct dl *d);
/* What a text means; folded is not empty. */
void route_text(struct dl *d, struct sv raw, struct sv folded);
void wrong_answer(struct dl *d, struct frame *f);
void too_many(struct dl *d, struct frame *f); /* wrong answers: a polite end */
void start_over(struct dl *d, const struct keyword *w);
void set_lang(struct session *s, const struct dl *d, int lang, enum lang_how how);

/* ---- dialogue_aside.c ---- */
/* t is about to begin: what runs is put aside. true: t itself was aside, and goes on. */
bool aside_make_room(struct dl *d, const struct trigger *t) MUSTUSE;
/* f has come to a question: where what is aside has been there already, that goes on in its place. */
void aside_join(struct dl *d, struct frame *f);
/* What was put aside runs again, if nothing else does. true: it does; nothing is said yet. */
bool aside_return(struct dl *d);
/* The same, said: it is asked once more. */
void aside_resume(struct dl *d);
/* The keyword that an answer is which fits no question of this kind, or NULL. */
const struct keyword *aside_keyword(const struct dl *d, const struct step *t, struct sv folded);

/* ---- dialogue_otp.c ---- */
void otp_begin(struct dl *d, struct frame *f);
void otp_take(struct dl *d, struct frame *f, struct sv folded);
void otp_answered(struct dl *d, struct frame *f);
void on_code(struct dl *d);

/* ---- dialogue_ussd.c ---- */
bool is_on_screen(const struct dl *d); /* this step's words make a screen */
void on_dialled(struct dl *d);
void on_pressed(struct dl *d);
void on_gone(struct dl *d);
void screen_wrong_key(struct dl *d);

/* ---- dialogue_screen.c ---- */
void screen_compose(struct dl *d);
struct screen_nav screen_nav_now(const struct dl *d);
void screen_page_back(struct dl *d);

/* ---- dialogue_answer.c ---- */
struct answer {
	char value[VALUE_OCTETS_MAX + 1]; /* "": none to be kept */
	int next;
};
/* raw: as typed; folded: the same, folded. */
bool answer_take(const struct dl *d, const struct step *t, struct sv raw, struct sv folded,
    struct answer *a) MUSTUSE;
/* The text is exactly one of a menu's options. */
bool answer_is_option(const struct dl *d, const struct step *t, struct sv folded);
enum yesno { SAID_NEITHER, SAID_YES, SAID_NO };
enum yesno answer_yesno(const struct packs *p, struct sv folded);
/* Words of folded text without the punctuation between them; false: no more. */
bool answer_next_word(struct sv *rest, struct sv *word);
/* s is the option's label or one of its words. */
bool answer_fits_option(const struct dl *d, const struct option *o, struct sv s);

/* ---- dialogue_pick.c ---- */
bool answer_pick(const struct dl *d, const struct step *t, struct sv folded, struct answer *a) MUSTUSE;

#endif
