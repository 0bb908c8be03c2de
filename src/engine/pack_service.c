/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_service.c - a service file but for its steps: variables, triggers, events; and what only
 * the common pack has: commands and word lists. */
#include "engine/pack_compile.h"

#include <stdlib.h>

static void read_pointer(struct cc *c, const struct ynode *at, const char *s)
{
	if (s[0] != '/')
		cc_error(c, at, "\"%s\" is no JSON pointer: it begins with /", s);
}

static void read_when(struct cc *c, const struct ynode *map, struct match *m)
{
	const struct ynode *when = cc_opt(c, map, "when", YNODE_MAP);

	if (!when)
		return;
	m->cond = xcalloc(when->count + 1, sizeof(*m->cond));
	for (size_t i = 0; i < when->count; i++) {
		const char *s = ynode_str(when->vals[i]);
		struct cond *d = &m->cond[m->cond_count++];

		read_pointer(c, when->keys[i], when->keys[i]->scalar);
		d->pointer = xstrdup(when->keys[i]->scalar);
		if (!s)
			cc_error(c, when->vals[i], "a condition is one value, or <= and a number");
		d->equals = xstrdup(s ? s : "");
		if (s && s[0] == '<' && s[1] == '=') {
			char *end;

			d->is_at_most = true;
			d->max = strtoll(s + 2, &end, 10);
			if (end == s + 2 || *end)
				cc_error(c, when->vals[i], "after <= stands a number, not \"%s\"",
				    s + 2);
		}
	}
}

void cc_match(struct cc *c, const struct ynode *map, struct match *m)
{
	const struct ynode *get = cc_opt(c, map, "get", YNODE_MAP);

	read_when(c, map, m);
	if (!get)
		return;
	m->get = xcalloc(get->count + 1, sizeof(*m->get));
	for (size_t i = 0; i < get->count; i++) {
		const char *s = ynode_str(get->vals[i]);
		int var = cc_var(c, get->keys[i], get->keys[i]->scalar);

		if (!s) {
			cc_error(c, get->vals[i], "a variable is taken from one JSON pointer");
			continue;
		}
		read_pointer(c, get->vals[i], s);
		if (var >= 0)
			m->get[m->get_count++] = (struct get){var, xstrdup(s)};
	}
}

json_t *cc_body(struct cc *c, const struct ynode *n)
{
	json_t *out;
	long long i;
	bool b;

	if (!n)
		return NULL;
	if (n->kind == YNODE_MAP) {
		out = json_object();
		for (size_t k = 0; k < n->count; k++)
			json_object_set_new(out, n->keys[k]->scalar, cc_body(c, n->vals[k]));
		return out;
	}
	if (n->kind == YNODE_LIST) {
		out = json_array();
		for (size_t k = 0; k < n->count; k++)
			json_array_append_new(out, cc_body(c, n->vals[k]));
		return out;
	}
	if (n->scalar[0] == '$') {
		struct ref r = cc_ref(c, n, n->scalar);

		free(r.literal);
		return json_string(n->scalar);
	}
	if (n->is_plain && ynode_int(n, &i))
		return json_integer(i);
	if (n->is_plain && (strcmp(n->scalar, "true") == 0 || strcmp(n->scalar, "false") == 0) &&
	    ynode_bool(n, &b))
		return json_boolean(b);
	return json_string(n->scalar);
}

static void read_vars(struct cc *c, const struct ynode *map)
{
	struct pack *k = c->k;

	for (size_t i = 0; map && i < map->count; i++) {
		const struct ynode *n = map->vals[i];
		const char *s = ynode_str(n), *name = map->keys[i]->scalar;
		bool is_number = s && strncmp(s, "number ", 7) == 0;
		unsigned long max = 0, limit = is_number ? 18 : VALUE_CHARS_MAX;
		char *end;

		if (k->var_count == PACK_VARS_MAX) {
			cc_error(c, map->keys[i], "a pack has at most %d variables", PACK_VARS_MAX);
			return;
		}
		(void)cc_name(c, map->keys[i], name);
		if (pack_var(k, sv_from(name)) >= 0)
			cc_error(c, map->keys[i], "there are two variables \"%s\"", name);
		for (int b = 0; b < BUILTINS; b++)
			if (strcmp(name, builtin_name[b]) == 0)
				cc_error(c, map->keys[i], "\"%s\" is a variable that every pack has",
				    name);
		if (is_number || (s && strncmp(s, "text ", 5) == 0)) {
			max = strtoul(strchr(s, ' ') + 1, &end, 10);
			if (*end)
				max = 0;
		}
		if (max < 1 || max > limit)
			cc_error(c, n,
			    "a variable is \"text N\" (N characters, to %d) or \"number N\" (N digits, "
			    "to 18)",
			    VALUE_CHARS_MAX);
		k->var[k->var_count++] = (struct var){xstrdup(name), is_number, (unsigned)max};
	}
}

static unsigned count_words(const char *folded)
{
	struct sv rest = sv_from(folded), word;
	unsigned n = 0;

	while (sv_next_word(&rest, &word))
		n++;
	return n;
}

static void add_keyword(struct cc *c, const struct ynode *at, struct keyword proto)
{
	struct packs *p = c->p;
	const char *s = ynode_str(at);

	proto.folded = s ? text_folded(sv_from(s)) : xstrdup("");
	if (!*proto.folded) {
		cc_error(c, at, "a keyword must have letters or digits");
		free(proto.folded);
		return;
	}
	proto.words = count_words(proto.folded);
	proto.shown = xstrdup(s);
	proto.order = (unsigned)p->keyword_count;
	proto.at = at;
	proto.file = c->file;
	p->keyword = xrealloc(p->keyword, (p->keyword_count + 1) * sizeof(*p->keyword));
	p->keyword[p->keyword_count++] = proto;
}

void cc_keywords(struct cc *c, const struct ynode *map, struct keyword proto, char **shown)
{
	const struct ynode *both = ynode_get(map, "both");
	bool has_both = both && both->kind == YNODE_LIST && both->count > 0 && ynode_str(both->vals[0]);

	for (size_t i = 0; map && i < map->count; i++) {
		const char *lang = map->keys[i]->scalar;
		const struct ynode *list = map->vals[i];

		proto.lang = packs_lang(c->p, sv_from(lang));
		if (proto.lang < 0 && strcmp(lang, "both") != 0) {
			cc_error(c, map->keys[i],
			    "\"%s\" is no language of the common pack, and not \"both\"", lang);
			continue;
		}
		if (list->kind != YNODE_LIST) {
			cc_error(c, list, "keywords are a list");
			continue;
		}
		for (size_t j = 0; j < list->count; j++)
			add_keyword(c, list->vals[j], proto);
		/* A word of both languages is told first: any keypad can write it. */
		if (shown && proto.lang >= 0 && !has_both && list->count > 0 &&
		    ynode_str(list->vals[0]))
			shown[proto.lang] = xstrdup(list->vals[0]->scalar);
	}
	for (size_t l = 0; shown && l < c->p->lang_count; l++) {
		if (has_both)
			shown[l] = xstrdup(both->vals[0]->scalar);
		if (!shown[l])
			cc_error(c, map, "there is no keyword to tell people in language \"%s\"",
			    c->p->lang[l]);
	}
}

/* {key, label}: a line of a menu on a screen; taken: keys of the lines before it, as bits. */
static void read_line(struct cc *c, const struct ynode *map, unsigned *key, struct text **label,
    uint32_t *taken)
{
	const struct ynode *m = cc_opt(c, map, "ussd", YNODE_MAP), *id;

	if (!m)
		return;
	cc_fields(c, m, "ussd", "key label");
	(void)cc_need(c, m, "key", YNODE_SCALAR);
	*key = (unsigned)cc_long(c, m, "key", 1, 1, MENU_KEYS);
	if (*taken >> *key & 1)
		cc_error(c, m, "key %u of this menu is already taken", *key);
	*taken |= 1u << *key;
	id = cc_need(c, m, "label", YNODE_SCALAR);
	*label = id ? cc_text(c, id, id->scalar, true) : NULL;
}

void cc_triggers(struct cc *c, const struct ynode *map)
{
	struct pack *k = c->k;

	uint32_t taken = 0;

	if (!map)
		return;
	k->trigger = xcalloc(map->count + 1, sizeof(*k->trigger));
	for (size_t i = 0; i < map->count; i++) {
		const struct ynode *m = map->vals[i], *words = cc_need(c, m, "keywords", YNODE_MAP);
		bool takes_cancel;
		struct trigger *t = &k->trigger[k->trigger_count];
		struct keyword proto = {.cmd = CMD_NONE, .trigger = t};

		cc_fields(c, m, "a trigger", "keywords exact on_cancel ussd shared is_place");
		t->pack = k;
		t->at = map->keys[i];
		t->step = pack_step(k, sv_from(map->keys[i]->scalar));
		if (t->step < 0) {
			cc_error(c, map->keys[i],
			    "a trigger has the name of the step it begins with; there is no step "
			    "\"%s\"",
			    map->keys[i]->scalar);
			continue;
		}
		k->trigger_count++;
		t->is_exact = proto.is_exact = cc_flag(c, m, "exact", false);
		t->is_shared = cc_flag(c, m, "shared", false);
		t->is_place = cc_flag(c, m, "is_place", false);
		takes_cancel = cc_flag(c, m, "on_cancel", false);
		if (takes_cancel && c->p->on_cancel)
			cc_error(c, m, "on_cancel is already taken by pack \"%s\"",
			    c->p->on_cancel->pack->name);
		else if (takes_cancel)
			c->p->on_cancel = t;
		read_line(c, m, &t->ussd_key, &t->ussd_label, &taken);
		if (words)
			cc_keywords(c, words, proto, t->shown);
	}
	if ((taken != 0) != (k->ussd_key != 0))
		cc_error(c, map,
		    "a pack on the main menu of screens has \"ussd\" at the top of its file and at "
		    "one trigger or more, or nowhere");
}

static enum msg_class read_class(struct cc *c, const struct ynode *m)
{
	const char *s = cc_str(c, m, "class");

	if (!s || strcmp(s, "alert") == 0)
		return CLASS_ALERT;
	if (strcmp(s, "info") != 0)
		cc_error(c, ynode_get(m, "class"), "an event's class is alert or info");
	return CLASS_INFO;
}

static void read_expect(struct cc *c, const struct ynode *m, struct event_rule *e)
{
	const struct ynode *n = ynode_get(m, "expect");
	const char *name;

	if (!n)
		return;
	if (n->kind == YNODE_SCALAR && strcmp(n->scalar, "none") == 0) {
		e->clears_expect = true;
		return;
	}
	if (n->kind != YNODE_MAP) {
		cc_error(c, n, "\"expect\" is none or a map of trigger, words and life");
		return;
	}
	cc_fields(c, n, "expect", "trigger words life");
	name = ynode_str(cc_need(c, n, "trigger", YNODE_SCALAR));
	e->expect_ms = cc_ms(c, n, "life", e->life_ms);
	cc_words(c, cc_opt(c, n, "words", YNODE_LIST), &e->expect_word, &e->expect_word_count);
	e->expect = name ? pack_trigger(c->k, sv_from(name)) : NULL;
	if (name && !e->expect)
		cc_error(c, n, "there is no trigger \"%s\" in this pack", name);
}

/* What is for events that may be kept until their time. */
static void read_holding(struct cc *c, const struct ynode *m, struct event_rule *e)
{
	const struct ynode *merge = cc_opt(c, m, "merge", YNODE_SCALAR);

	e->is_loud = !cc_flag(c, m, "quiet", true);
	e->merge = merge ? cc_text(c, merge, merge->scalar, false) : NULL;
	if (e->class != CLASS_INFO && (merge || ynode_get(m, "quiet")))
		cc_error(c, m, "\"quiet\" and \"merge\" are of events of class info");
	if (merge && !e->text)
		cc_error(c, m, "\"merge\" needs a \"text\" for one alone");
}

void cc_events(struct cc *c, const struct ynode *list)
{
	struct pack *k = c->k;

	if (!list)
		return;
	k->event = xrealloc(k->event, (k->event_count + list->count + 1) * sizeof(*k->event));
	for (size_t i = 0; i < list->count; i++) {
		const struct ynode *m = list->vals[i], *text;
		struct event_rule *e = &k->event[k->event_count++];
		const char *s;

		*e = (struct event_rule){.at = m, .file = c->file};

		cc_fields(c, m, "an event",
		    "on when get class text life coalesce expect asked keep quiet merge");
		s = ynode_str(cc_need(c, m, "on", YNODE_SCALAR));
		e->type = xstrdup(s ? s : "");
		cc_match(c, m, &e->m);
		e->class = read_class(c, m);
		e->life_ms = cc_ms(c, m, "life", 3600000);
		text = cc_opt(c, m, "text", YNODE_SCALAR);
		e->text = text ? cc_text(c, text, text->scalar, false) : NULL;
		read_holding(c, m, e);
		s = cc_str(c, m, "coalesce");
		e->coalesce = s && cc_name(c, ynode_get(m, "coalesce"), s) ? xstrdup(s) : NULL;
		e->is_asked = cc_flag(c, m, "asked", false);
		e->keeps = cc_flag(c, m, "keep", false);
		read_expect(c, m, e);
	}
}

const struct ynode *cc_event_at(struct cc *c, const struct event_rule *e)
{
	c->file = e->file;
	return e->at;
}

static void read_languages(struct cc *c, const struct ynode *root)
{
	const struct ynode *list = cc_need(c, root, "languages", YNODE_LIST);

	for (size_t i = 0; list && i < list->count; i++) {
		const char *s = ynode_str(list->vals[i]);

		if (!s || !cc_name(c, list->vals[i], s) || strlen(s) > 7) {
			cc_error(c, list->vals[i],
			    "a language is a code of at most 7 letters, such as hi");
			continue;
		}
		if (c->p->lang_count == PACK_LANGS_MAX) {
			cc_error(c, list->vals[i], "there are at most %d languages", PACK_LANGS_MAX);
			return;
		}
		c->p->lang[c->p->lang_count++] = xstrdup(s);
	}
}

static void read_commands(struct cc *c, const struct ynode *map)
{
	static const struct {
		const char *name;
		enum command cmd;
	} row[] = {{"help", CMD_HELP}, {"cancel", CMD_CANCEL}, {"stop", CMD_STOP}, {"start", CMD_START},
	    {"repeat", CMD_REPEAT}, {"who", CMD_WHO}, {"language", CMD_LANGUAGE},
	    {"hello", CMD_HELP}}; /* the last: its words never count in a sentence */

	if (!map)
		return;
	cc_fields(c, map, "commands", "help cancel stop start repeat who language hello");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct ynode *m = i + 1 < sizeof(row) / sizeof(row[0])
					    ? cc_need(c, map, row[i].name, YNODE_MAP)
					    : cc_opt(c, map, row[i].name, YNODE_MAP);
		struct keyword proto = {.cmd = row[i].cmd};

		if (!m)
			continue;
		cc_fields(c, m, "a command", "keywords in_sentence");
		proto.is_exact = !cc_flag(c, m, "in_sentence", false);
		cc_keywords(c, cc_need(c, m, "keywords", YNODE_MAP), proto, NULL);
	}
}

void cc_common(struct cc *c, const struct ynode *root)
{
	static const char *const list[WORD_LISTS] = {
	    "yes", "no", "polite", "age", "name", "resend", "given", "numbers"};
	const struct ynode *words = cc_need(c, root, "words", YNODE_MAP);

	read_commands(c, cc_need(c, root, "commands", YNODE_MAP));
	if (!words)
		return;
	cc_fields(c, words, "words", "yes no polite age name resend given numbers");
	for (size_t i = 0; i < WORD_LISTS; i++) {
		const struct ynode *words_of = i == WORDS_NUMBER
						   ? cc_opt(c, words, list[i], YNODE_LIST)
						   : cc_need(c, words, list[i], YNODE_LIST);

		cc_words(c, words_of, &c->p->word[i], &c->p->word_count[i]);
	}
}

/* "other": other.yaml of the pack common. */
static bool find_fragment(struct cc *c, const struct ynode *at, struct part *out)
{
	const char *name = ynode_str(at);
	char *file = xasprintf("%s.yaml", name ? name : "");

	*out = (struct part){0};
	for (size_t i = 0; i < c->src_count; i++)
		if (c->doc[i] && strcmp(c->src[i].pack, "common") == 0 &&
		    strcmp(c->src[i].file, file) == 0)
			*out = (struct part){ydoc_root(c->doc[i]), c->src[i].name};
	free(file);
	if (!out->root || !name || strchr(name, '.') || strcmp(name, "service") == 0) {
		cc_error(c, at, "the pack common has no fragment \"%s\"", name ? name : "");
		return false;
	}
	return true;
}

/* The pack itself, then what it includes. */
static size_t read_parts(struct cc *c, const struct ynode *root, struct part *part)
{
	const struct ynode *list = cc_opt(c, root, "include", YNODE_LIST);
	const char *file = c->file;
	size_t n = 1;

	part[0] = (struct part){root, file};
	if (list && list->count > PACK_INCLUDES_MAX) {
		cc_error(c, list, "a pack includes at most %d fragments", PACK_INCLUDES_MAX);
		return n;
	}
	c->k->include = list;
	for (size_t i = 0; list && i < list->count; i++) {
		if (!find_fragment(c, list->vals[i], &part[n]))
			continue;
		c->file = part[n].file;
		cc_fields(c, part[n].root, "a fragment", "vars steps events");
		c->file = file;
		n++;
	}
	return n;
}

void cc_service(struct cc *c, const struct ynode *root)
{
	struct pack *k = c->k;
	bool is_common = strcmp(k->name, "common") == 0;
	struct part part[1 + PACK_INCLUDES_MAX];
	const char *name, *backend;
	size_t n;

	if (root->kind != YNODE_MAP) {
		cc_error(c, root, "a service file is a map");
		return;
	}
	cc_fields(c, root, "a service file",
	    is_common ? "service languages vars commands words budget reply_life"
		      : "service backend dialogue_life ussd_resume reply_life budget ussd include vars "
			"triggers steps events");
	name = ynode_str(cc_need(c, root, "service", YNODE_SCALAR));
	if (name && strcmp(name, k->name) != 0)
		cc_error(c, ynode_get(root, "service"),
		    "the service is called \"%s\" and its folder \"%s\"", name, k->name);
	k->dialogue_ms = cc_ms(c, root, "dialogue_life", 24ull * 3600 * 1000);
	k->reply_ms = cc_ms(c, root, "reply_life", 12ull * 3600 * 1000);
	k->resume_ms = cc_ms(c, root, "ussd_resume", 10ull * 60 * 1000);
	k->budget = (unsigned)cc_long(c, root, "budget", 2, 1, 8);
	backend = cc_str(c, root, "backend");
	k->backend = backend ? xstrdup(backend) : NULL;
	if (is_common) {
		read_languages(c, root);
		read_vars(c, cc_opt(c, root, "vars", YNODE_MAP));
		cc_common(c, root);
		return;
	}
	n = read_parts(c, root, part);
	for (size_t i = 0; i < n; i++) {
		c->file = part[i].file;
		read_vars(c, cc_opt(c, part[i].root, "vars", YNODE_MAP));
	}
	cc_steps(c, part, n);
	c->file = part[0].file;
	read_line(c, root, &k->ussd_key, &k->ussd_label, &c->menu_keys);
	cc_triggers(c, cc_need(c, root, "triggers", YNODE_MAP));
	for (size_t i = 0; i < n; i++) {
		c->file = part[i].file;
		cc_events(c, cc_opt(c, part[i].root, "events", YNODE_LIST));
	}
	c->file = part[0].file;
}
