/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_int.h - compiled service packs, shared by the compiler (pack_*.c), the session codec and
 * the dialogue (dialogue_*.c). Built once, then never changed; docs/internals/packs.md has the
 * language they come from. */
#ifndef DK_PACK_INT_H
#define DK_PACK_INT_H

#include "base/ydoc.h"
#include "codec/json_at.h"
#include "engine/dialogue.h"

enum {
	PACKS_MAX = 32,
	PACK_LANGS_MAX = 4,
	PACK_VARS_MAX = 32, /* of one pack; their sets are bits of a uint32_t */
	PACK_STEPS_MAX = 400,
	PACK_INCLUDES_MAX = 4,
	PACK_OPTIONS_MAX = 9, /* a menu is answered with one digit */
	VALUE_CHARS_MAX = 60, /* code points of a variable's value */
	VALUE_OCTETS_MAX = 240,
	SHOW_CHARS_MAX = 30, /* code points of one variable in a text: the DLT limit */
	NAME_MAX_OCTETS = 31, /* of packs, steps, variables, texts */
	TURN_RESERVE = 3, /* replies that the engine itself may add to a turn */
	NEXT_END = -1, /* a dialogue's end, as a step index */
	NEXT_NONE = -2, /* not given */
	MENU_KEYS = 7, /* of services and of a service's triggers on a screen: 1 to 7 */
	LANGUAGE_KEY = 8, /* of the main menu */
};

/* Values that every pack may use without declaring them. */
enum builtin {
	BUILTIN_MSISDN,
	BUILTIN_SERVICE,
	BUILTIN_LANG,
	BUILTIN_CHANNEL,
	BUILTIN_STOPPED,
	BUILTIN_OTP, /* the place of a code in its message */
	BUILTIN_COUNT, /* in the text for several events: how many */
	BUILTINS
};
extern const char *const builtin_name[BUILTINS];

/* A variable, a builtin, or literal text. */
enum ref_kind { REF_LITERAL, REF_VAR, REF_BUILTIN };
struct ref {
	enum ref_kind kind;
	char *literal; /* owned; LITERAL */
	int index; /* VAR: in the pack's vars; BUILTIN: enum builtin */
};

struct tmpl { /* text with {variables}, cut into parts */
	struct ref *part;
	size_t count;
};

struct var {
	char *name;
	bool is_number; /* digits only; a JSON integer in a call's body */
	unsigned max; /* code points of the longest value */
};

struct text {
	char *id; /* "ask_name" */
	char *full_id; /* "esanjeevani/ask_name" */
	bool is_label; /* of a menu option: never sent alone, so no template id */
	bool is_used;
	bool keeps; /* said on a screen, it is also sent as an SMS */
	const struct ynode *used_at; /* first use, while compiling */
	const char *used_file;
	struct text_lang {
		bool has;
		struct tmpl t;
		struct tmpl ussd; /* the shorter words for a screen; no parts: t */
		bool keeps;
		char *dlt;
		/* enum dlt_kind that the catalogue tags a variable with, 0: none */
		unsigned char dlt_var[PACK_VARS_MAX], dlt_builtin[BUILTINS];
		char *folded; /* labels: what a person may type instead of the digit */
		const struct ynode *at; /* while compiling */
		const char *file;
	} lang[PACK_LANGS_MAX];
};

struct cond { /* a value in a JSON document, compared */
	char *pointer;
	char *equals; /* its text; or, with is_at_most, the number in max */
	bool is_at_most;
	long long max;
};
struct get { /* a value of a JSON document into a variable */
	int var;
	char *pointer;
};
struct match { /* which answers or events this is about, and what to take from them */
	struct cond *cond;
	size_t cond_count;
	struct get *get;
	size_t get_count;
};

struct outcome {
	int status[4];
	size_t status_count;
	char *code; /* of the problem document, or NULL */
	struct match m;
	int next;
	bool is_again; /* next asks for another answer, because the backend did not take this one */
	int give_up; /* and where to go when it has not taken three; NEXT_NONE: the dialogue ends */
};

struct call_spec {
	char *method, *backend;
	struct tmpl path; /* values are percent-encoded */
	json_t *body; /* strings "$name" are variables; NULL: none */
	uint64_t timeout_ms;
	struct outcome *outcome;
	size_t outcome_count;
	uint64_t keep_ms; /* how long an unanswered question is kept */
	int away_next; /* or the step to go to instead; NEXT_NONE: keep */
};

enum step_kind { STEP_OTP, STEP_MENU, STEP_ASK, STEP_CALL, STEP_SAY, STEP_SET, STEP_BRANCH, STEP_END };
enum ask_kind { ASK_NAME, ASK_AGE, ASK_YESNO, ASK_TEXT, ASK_PLACE, ASK_DIGITS, ASK_DATE };

struct option {
	struct text *label;
	char *value; /* or NULL */
	char **word; /* folded */
	size_t word_count;
	int next;
	bool is_alone; /* of a pick: cannot be chosen together with others */
};
struct branch_case {
	char *value;
	int next;
};
struct assign {
	int var;
	struct ref value;
};

struct step {
	char *name;
	enum step_kind kind;
	enum ask_kind ask;
	struct text *text, *hint; /* hint: the question again, saying what is expected */
	int var; /* where the answer goes, -1: nowhere */
	int next;
	long min, max; /* ASK: age, characters, digits */
	char *purpose; /* OTP; text: the message with the code, no: when there were too many */
	bool is_past; /* ASK_DATE: not after today */
	struct option *option;
	size_t option_count;
	bool is_forgetting; /* END: what is known of the person goes too */
	bool is_pick; /* MENU: several options may be chosen at once */
	struct option *none; /* of a pick: what 0 means */
	int yes, no; /* ASK_YESNO */
	struct call_spec *call;
	struct assign *assign;
	size_t assign_count;
	struct ref on; /* BRANCH */
	struct branch_case *branch;
	size_t branch_count;
	uint32_t given; /* variables that have a value whenever a dialogue is here */
	bool is_reached, is_ending;
	const struct ynode *at; /* while compiling */
	const char *file; /* while compiling */
};

enum command {
	CMD_NONE, /* a pack's trigger */
	CMD_HELP,
	CMD_CANCEL,
	CMD_STOP,
	CMD_START,
	CMD_REPEAT,
	CMD_WHO,
	CMD_LANGUAGE,
};

struct trigger {
	struct pack *pack;
	int step; /* where it begins; the step's name is the trigger's */
	bool is_quick; /* asks nothing: answers at once, also in the middle of another dialogue */
	bool is_exact; /* not looked for inside sentences */
	bool
	    is_shared; /* its words may be another pack's too: they mean the service the person used last */
	bool is_place; /* its words are places: where one is asked for, they are the answer */
	char *shown[PACK_LANGS_MAX]; /* the word to tell people */
	unsigned ussd_key; /* on the pack's menu; 0: not there */
	struct text *ussd_label;
	const struct ynode *at;
};

struct event_rule {
	char *type;
	struct match m;
	struct text *text; /* NULL: nothing is said */
	struct text *merge; /* NULL, or said once for several that are due together */
	enum msg_class class;
	bool is_loud; /* INFO: told in the quiet hours too */
	uint64_t life_ms;
	char *coalesce; /* or NULL */
	struct trigger *expect; /* for expect_ms a bare yes or one of the words means this trigger */
	char *expect_name; /* while compiling */
	char **expect_word; /* folded */
	size_t expect_word_count;
	uint64_t expect_ms;
	bool clears_expect;
	bool keeps; /* an SMS too where it popped up on the phone */
	bool is_asked; /* the person asked for it: told after STOP too */
	const struct ynode *at; /* while compiling */
	const char *file; /* while compiling */
};

struct pack {
	char *name;
	char *backend;
	uint64_t dialogue_ms; /* how long a question waits for its answer */
	uint64_t reply_ms; /* life of a reply */
	uint64_t resume_ms; /* how long a question waits on USSD */
	unsigned ussd_key; /* on the main menu; 0: not there */
	struct text *ussd_label;
	unsigned budget; /* segments a text may have */
	struct var var[PACK_VARS_MAX];
	size_t var_count;
	struct text **text;
	size_t text_count;
	struct step *step;
	size_t step_count;
	struct trigger *trigger;
	size_t trigger_count;
	struct event_rule *event;
	size_t event_count;
	const struct ynode *include; /* names of fragments, while compiling; or NULL */
	bool is_home; /* has words that another pack has too: they mean the one that spoke last */
};

struct keyword {
	char *folded;
	unsigned words; /* how many, at least 1 */
	int lang; /* index; -1: of no language in particular */
	enum command cmd;
	struct trigger *trigger; /* CMD_NONE */
	bool is_exact;
	unsigned order; /* smaller wins when a sentence holds several */
	char *shown;
	const struct ynode *at;
	const char *file;
};

/* Texts that the engine itself says; the common pack must have each. */
enum common_text {
	CT_HELP,
	CT_HELP_DIALOGUE,
	CT_UNKNOWN,
	CT_UNKNOWN_NEAR,
	CT_NOTHING_ASKED,
	CT_UNREADABLE,
	CT_INCOMPLETE,
	CT_GIVEN_UP,
	CT_LANGUAGE_SET,
	CT_STOPPED,
	CT_STARTED,
	CT_CANCELLED,
	CT_NOTHING_TO_CANCEL,
	CT_NOTHING_TO_REPEAT,
	CT_WHO,
	CT_BUSY,
	CT_RESUMED,
	CT_TOO_MANY,
	CT_LATE,
	CT_STARTED_OVER,
	CT_TROUBLE,
	CT_KEPT,
	CT_KEPT_WAIT,
	CT_KEPT_BUSY,
	CT_KEPT_DROPPED,
	CT_KEPT_EXPIRED,
	CT_KEPT_LOST,
	CT_OTP_CODE,
	CT_OTP_WRONG,
	CT_OTP_OVER,
	CT_OTP_SOON,
	CT_COUNT
};

/* What the engine itself writes on screens, in labels of the common pack. */
enum screen_word {
	SW_TITLE, /* of the main menu */
	SW_LANGUAGE, /* the next language's name */
	SW_MORE,
	SW_BACK,
	SW_MENU,
	SW_WRONG, /* above a screen that is shown again */
	SW_RESUME, /* something is unfinished */
	SW_RESUME_TIMED_OUT, /* the same, and the time was over */
	SW_RESUME_CUT, /* the same, and the network ended it */
	SW_CONTINUE,
	SW_AFRESH,
	SCREEN_WORDS
};

enum word_list {
	WORDS_YES,
	WORDS_NO,
	WORDS_POLITE,
	WORDS_AGE,
	WORDS_NAME,
	WORDS_RESEND,
	WORDS_GIVEN, /* keywords that people are called, too */
	WORDS_NUMBER, /* one entry a number, from 0 up: all words for it, with spaces between */
	WORD_LISTS
};

struct packs {
	struct pack *pack[PACKS_MAX];
	size_t count;
	struct pack *common;
	char *lang[PACK_LANGS_MAX]; /* the first is the default */
	size_t lang_count;
	struct keyword *keyword; /* in order */
	size_t keyword_count;
	struct text *said[CT_COUNT];
	struct text *last_screen[LAST_SCREENS];
	struct text *screen_word[SCREEN_WORDS];
	int said_var; /* {keyword} in the common pack */
	char **word[WORD_LISTS]; /* folded */
	size_t word_count[WORD_LISTS];
	struct trigger *on_cancel; /* what CANCEL means when nothing else is to be cancelled; or NULL */
	const char *backend[PACKS_MAX * 2];
	size_t backend_count;
};

/* ---- look-ups (pack_find.c) ---- */
struct pack *pack_find(const struct packs *p, struct sv name);
int pack_step(const struct pack *k, struct sv name); /* -1 */
int pack_var(const struct pack *k, struct sv name); /* -1 */
struct text *pack_text(const struct pack *k, struct sv id); /* NULL */
struct trigger *pack_trigger(const struct pack *k, struct sv name); /* NULL */
int packs_lang(const struct packs *p, struct sv name); /* -1 */
bool step_waits(const struct step *t); /* for the person */
bool packs_word(const struct packs *p, enum word_list l, struct sv folded);
/* The number that a word means, or -1. */
long packs_number(const struct packs *p, struct sv folded);
const struct keyword *packs_keyword(const struct packs *p, struct sv folded);
/* The keyword that a text is but for one slip, if that is certain enough to act on it; or NULL. */
const struct keyword *packs_keyword_slip(const struct packs *p, struct sv folded);
/* A keyword as whole words inside a sentence: most words first, then the packs' own order. */
const struct keyword *packs_keyword_in(const struct packs *p, struct sv folded);
/* The keyword that a misspelt text most likely meant, or NULL. */
const struct keyword *packs_keyword_near(const struct packs *p, struct sv folded);
bool sv_next_word(struct sv *rest, struct sv *word); /* words of folded text */
char *text_folded(struct sv utf8) MUSTUSE; /* owned */

/* ---- templates (pack_tmpl.c) ---- */
/* Values of a pack's variables, by index; NULL: none. */
typedef const char *ref_value_fn(const void *arg, const struct ref *r);
/* Appends the text; each value cut to show code points, at a grapheme's edge; 0: whole. */
void tmpl_render(const struct tmpl *t, ref_value_fn *value, const void *arg, size_t show,
    struct buf *out);
void tmpl_path(const struct tmpl *t, ref_value_fn *value, const void *arg, struct buf *out);
/* A question (its text or its hint) with a menu's options below, each "1 label". */
void question_render(const struct step *t, const struct text *text, size_t lang, ref_value_fn *value,
    const void *arg, struct buf *out);
/* A text's words on a screen or in a message. */
const struct tmpl *text_words(const struct text *t, size_t lang, bool on_screen);
/* The first n code points of s, not cutting a grapheme. */
struct sv utf8_cut(struct sv s, size_t n);

/* ---- JSON (pack_json.c) ---- */
bool match_holds(const struct match *m, const json_t *doc);
/* A captured value as text, checked against its variable; false: absent or does not fit. */
bool get_value(const struct get *g, const struct var *v, const json_t *doc,
    char out[VALUE_OCTETS_MAX + 1]);
/* A call's body with its variables filled in, as owned text. */
char *body_render(const json_t *body, const struct pack *k, ref_value_fn *value,
    const void *arg) MUSTUSE;
bool value_fits(const struct var *v, struct sv value);

#endif
