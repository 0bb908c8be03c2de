/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_compile.h - private to the pack compiler (pack_*.c).
 * Order: read every service file, then the catalogues, then check the whole. */
#ifndef DK_PACK_COMPILE_H
#define DK_PACK_COMPILE_H

#include "engine/pack_int.h"

struct cc { /* the compilation */
	struct packs *p;
	struct buf *err, *warn; /* warn may be NULL */
	const char *file; /* being read, for messages */
	struct pack *k; /* being read */
	const char *pack_file[PACKS_MAX]; /* each pack's service file */
	uint32_t menu_keys; /* of the main menu, taken by packs */
	const struct pack_source *src; /* every file, and its document */
	struct ydoc *const *doc;
	size_t src_count;
	bool failed;
};

void cc_error(struct cc *c, const struct ynode *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void cc_warn(struct cc *c, const struct ynode *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- reading values (pack_yaml.c); each says what is wrong and returns a harmless value ---- */
/* allowed: names between spaces, "ask text hint". */
void cc_fields(struct cc *c, const struct ynode *map, const char *what, const char *allowed);
const struct ynode *cc_need(struct cc *c, const struct ynode *map, const char *key,
    enum ynode_kind kind);
/* NULL when absent; a mistake when of another kind. */
const struct ynode *cc_opt(struct cc *c, const struct ynode *map, const char *key,
    enum ynode_kind kind);
const char *cc_str(struct cc *c, const struct ynode *map, const char *key); /* NULL when absent */
uint64_t cc_ms(struct cc *c, const struct ynode *map, const char *key,
    uint64_t def); /* 10s, 5m, 2h, 1d */
long cc_long(struct cc *c, const struct ynode *map, const char *key, long def, long min, long max);
bool cc_flag(struct cc *c, const struct ynode *map, const char *key, bool def);
bool cc_name(struct cc *c, const struct ynode *at, const char *s); /* a-z 0-9 _ - */
void cc_words(struct cc *c, const struct ynode *list, char ***word, size_t *n); /* folds */
int cc_var(struct cc *c, const struct ynode *at, const char *name);
struct ref cc_ref(struct cc *c, const struct ynode *at, const char *text); /* "$name" or literal */
/* Cuts "a {b} c"; says nothing of variables it does not know when c is NULL. */
void cc_tmpl(struct cc *c, const struct ynode *at, const char *text, struct tmpl *out);

/* ---- parts ---- */
void cc_match(struct cc *c, const struct ynode *map, struct match *m); /* when, get */
json_t *cc_body(struct cc *c, const struct ynode *n); /* owned */
struct part { /* the pack's own file, or a fragment that it includes */
	const struct ynode *root;
	const char *file;
};
void cc_service(struct cc *c, const struct ynode *root); /* vars, steps, triggers, events */
void cc_steps(struct cc *c, const struct part *part, size_t n);
void cc_events(struct cc *c, const struct ynode *list); /* added to those that are there */
/* Where a step or event stands, and its file from now on the one that is complained of. */
const struct ynode *cc_step_at(struct cc *c, const struct step *t);
const struct ynode *cc_event_at(struct cc *c, const struct event_rule *e);
void cc_triggers(struct cc *c, const struct ynode *map);
void cc_common(struct cc *c, const struct ynode *root); /* commands, word lists */
/* list: map of language or "both" to words. shown (may be NULL) gets the first of each language. */
void cc_keywords(struct cc *c, const struct ynode *map, struct keyword proto, char **shown);
struct text *cc_text(struct cc *c, const struct ynode *at, const char *id, bool is_label);
void cc_catalogue(struct cc *c, const struct ynode *root, int lang);

/* ---- checks over the whole ---- */
struct longest { /* for longest_value, a ref_value_fn */
	const struct pack *k;
	bool is_latin; /* letters of GSM-7 instead of Devanagari ones */
	char value[4 * VALUE_CHARS_MAX + 1];
};
const char *longest_value(const void *arg, const struct ref *r);
void check_texts(struct cc *c);
void check_said(struct cc *c);
void check_screen_words(struct cc *c);
void check_screens(struct cc *c);
void check_graph(struct cc *c, size_t pack);
void check_keywords(struct cc *c);

#endif
