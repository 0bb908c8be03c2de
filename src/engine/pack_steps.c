/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_steps.c - the steps of a pack. Names of steps are known before their contents are read, so
 * that a step may point forward. */
#include "engine/pack_compile.h"

#include "codec/text.h"

#include <stdlib.h>

/* Where "next: name" leads. */
static int step_ref(struct cc *c, const struct ynode *at, const char *name)
{
	int i;

	if (strcmp(name, "end") == 0)
		return NEXT_END;
	i = pack_step(c->k, sv_from(name));
	if (i < 0)
		cc_error(c, at, "there is no step \"%s\"", name);
	return i < 0 ? NEXT_END : i;
}

static int opt_next(struct cc *c, const struct ynode *map, const char *key)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);

	return n ? step_ref(c, n, n->scalar) : NEXT_NONE;
}

static int need_next(struct cc *c, const struct ynode *map, const char *key)
{
	int next = opt_next(c, map, key);

	if (next != NEXT_NONE)
		return next;
	cc_error(c, map, "this path does not end: give \"%s\" a step or end", key);
	return NEXT_END;
}

static struct text *opt_text(struct cc *c, const struct ynode *map, const char *key, bool is_label)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);

	return n ? cc_text(c, n, n->scalar, is_label) : NULL;
}

static struct text *need_text(struct cc *c, const struct ynode *map, const char *key, bool is_label)
{
	const struct ynode *n = cc_need(c, map, key, YNODE_SCALAR);

	return n ? cc_text(c, n, n->scalar, is_label) : NULL;
}

static int opt_var(struct cc *c, const struct ynode *map, const char *key)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);

	return n ? cc_var(c, n, n->scalar) : -1;
}

/* A literal given to a variable must be a value it can have. */
static void literal_fits(struct cc *c, const struct ynode *at, int var, const char *s)
{
	if (var >= 0 && !value_fits(&c->k->var[var], sv_from(s)))
		cc_error(c, at, "\"%s\" does not fit variable \"%s\"", s, c->k->var[var].name);
}

static void read_options(struct cc *c, const struct ynode *map, struct step *t)
{
	const struct ynode *list = cc_need(c, map, "options", YNODE_LIST);

	if (!list)
		return;
	if (list->count < 2 || list->count > PACK_OPTIONS_MAX)
		cc_error(c, list, "a menu has 2 to %d options", PACK_OPTIONS_MAX);
	t->option = xcalloc(list->count + 1, sizeof(*t->option));
	for (size_t i = 0; i < list->count && i < PACK_OPTIONS_MAX; i++) {
		const struct ynode *m = list->vals[i];
		struct option *o = &t->option[t->option_count++];
		const char *value = cc_str(c, m, "value");

		cc_fields(c, m, "an option",
		    t->is_pick ? "label value words next alone" : "label value words next");
		o->is_alone = t->is_pick && cc_flag(c, m, "alone", false);
		if (t->is_pick && !o->is_alone && ynode_get(m, "next"))
			cc_error(c, m,
			    "several options may be chosen: only one with \"alone\" has a "
			    "\"next\" of its own");
		o->label = need_text(c, m, "label", true);
		cc_words(c, cc_opt(c, m, "words", YNODE_LIST), &o->word, &o->word_count);
		o->next = opt_next(c, m, "next");
		if (o->next == NEXT_NONE)
			o->next = t->next;
		if (o->next == NEXT_NONE)
			cc_error(c, m,
			    "this path does not end: the option and its menu have no \"next\"");
		if (value) {
			o->value = xstrdup(value);
			literal_fits(c, m, t->var, value);
		} else if (t->var >= 0) {
			cc_error(c, m, "the menu has a variable, so each option needs a \"value\"");
		}
	}
}

/* The longest answer to a pick: every option, with a comma after each but the last. */
static void pick_fits(struct cc *c, const struct ynode *map, const struct step *t)
{
	unsigned longest = 0;

	for (size_t i = 0; i < t->option_count; i++) {
		const char *v = t->option[i].value;

		if (v && strchr(v, ','))
			cc_error(c, map, "a value of a pick has no comma: commas stand between them");
		if (v && !t->option[i].is_alone)
			longest += (unsigned)text_utf8_chars(sv_from(v)) + (longest > 0 ? 1 : 0);
	}
	if (t->var >= 0 && c->k->var[t->var].is_number)
		cc_error(c, map, "variable \"%s\" is a number; this answer is not",
		    c->k->var[t->var].name);
	else if (t->var >= 0 && longest > c->k->var[t->var].max)
		cc_error(c, map, "the answer may be %u long, variable \"%s\" only %u", longest,
		    c->k->var[t->var].name, c->k->var[t->var].max);
}

/* A pick is a menu of which any number of options may be chosen, or none with 0. */
static void read_pick(struct cc *c, const struct ynode *map, struct step *t)
{
	const struct ynode *none = cc_need(c, map, "none", YNODE_MAP);
	const char *value;

	cc_fields(c, map, "a pick", "pick hint var next none options");
	t->is_pick = true;
	t->text = need_text(c, map, "pick", false);
	t->hint = need_text(c, map, "hint", false);
	t->var = opt_var(c, map, "var");
	if (t->var < 0)
		cc_error(c, map, "\"var\" is missing here: the answer goes nowhere");
	t->next = need_next(c, map, "next");
	read_options(c, map, t);
	pick_fits(c, map, t);
	if (!none)
		return;
	cc_fields(c, none, "\"none\"", "label value words next");
	t->none = xcalloc(1, sizeof(*t->none));
	t->none->label = need_text(c, none, "label", true);
	cc_words(c, cc_opt(c, none, "words", YNODE_LIST), &t->none->word, &t->none->word_count);
	t->none->next = opt_next(c, none, "next");
	if (t->none->next == NEXT_NONE)
		t->none->next = t->next;
	value = cc_str(c, none, "value");
	if (!value) {
		cc_error(c, none, "the pick has a variable, so \"none\" needs a \"value\"");
	} else {
		t->none->value = xstrdup(value);
		literal_fits(c, none, t->var, value);
	}
}

static void read_menu(struct cc *c, const struct ynode *map, struct step *t)
{
	cc_fields(c, map, "a menu", "menu hint var next options");
	t->text = need_text(c, map, "menu", false);
	t->hint = need_text(c, map, "hint", false);
	t->var = opt_var(c, map, "var");
	t->next = opt_next(c, map, "next");
	read_options(c, map, t);
}

static const struct {
	const char *name;
	long min, max; /* defaults */
	long low, high; /* what a pack may say */
} ask_type[] = {
    [ASK_NAME] = {"name", 2, VALUE_CHARS_MAX, 1, VALUE_CHARS_MAX},
    [ASK_AGE] = {"age", 0, 120, 0, 150},
    [ASK_YESNO] = {"yesno", 0, 0, 0, 0},
    [ASK_TEXT] = {"text", 1, VALUE_CHARS_MAX, 1, VALUE_CHARS_MAX},
    [ASK_PLACE] = {"place", 2, VALUE_CHARS_MAX, 1, VALUE_CHARS_MAX},
    [ASK_DIGITS] = {"digits", 1, 18, 1, 18},
    [ASK_DATE] = {"date", 0, 0, 0, 0},
};

/* The longest value that an answer of this type can be must fit its variable. */
static void answer_fits(struct cc *c, const struct ynode *map, const struct step *t)
{
	const struct var *v;
	unsigned longest = (unsigned)t->max;
	bool is_number = t->ask == ASK_AGE || t->ask == ASK_DIGITS;

	if (t->var < 0)
		return;
	v = &c->k->var[t->var];
	if (t->ask == ASK_AGE)
		longest = t->max > 99 ? 3 : t->max > 9 ? 2 : 1;
	else if (t->ask == ASK_DATE)
		longest = 10;
	else if (t->ask == ASK_YESNO)
		longest = 3;
	if (v->is_number && !is_number)
		cc_error(c, map, "variable \"%s\" is a number; this answer is not", v->name);
	if (longest > v->max)
		cc_error(c, map, "the answer may be %u long, variable \"%s\" only %u", longest, v->name,
		    v->max);
}

static void read_ask(struct cc *c, const struct ynode *map, struct step *t)
{
	const char *type = cc_str(c, map, "ask");
	size_t i = 0, n = sizeof(ask_type) / sizeof(ask_type[0]);

	cc_fields(c, map, "a question", "ask text hint var next min max past yes no");
	while (type && i < n && strcmp(type, ask_type[i].name) != 0)
		i++;
	if (!type || i == n) {
		cc_error(c, ynode_get(map, "ask"), "there is no question of type \"%s\"%s",
		    type ? type : "",
		    type && strcmp(type, "otp") == 0 ? "; the step is called otp" : "");
		i = ASK_TEXT;
	}
	t->ask = (enum ask_kind)i;
	t->text = need_text(c, map, "text", false);
	t->hint = need_text(c, map, "hint", false);
	t->var = opt_var(c, map, "var");
	t->min = cc_long(c, map, "min", ask_type[i].min, ask_type[i].low, ask_type[i].high);
	t->max = cc_long(c, map, "max", ask_type[i].max, ask_type[i].low, ask_type[i].high);
	t->is_past = cc_flag(c, map, "past", false);
	if (t->min > t->max)
		cc_error(c, map, "\"min\" is above \"max\"");
	answer_fits(c, map, t);
	t->next = opt_next(c, map, "next");
	if (t->ask != ASK_YESNO) {
		if (t->var < 0)
			cc_error(c, map, "\"var\" is missing here: the answer goes nowhere");
		if (t->next == NEXT_NONE)
			t->next = need_next(c, map, "next");
		return;
	}
	t->yes = opt_next(c, map, "yes");
	t->no = opt_next(c, map, "no");
	if (t->yes == NEXT_NONE)
		t->yes = t->next != NEXT_NONE ? t->next : need_next(c, map, "yes");
	if (t->no == NEXT_NONE)
		t->no = t->next != NEXT_NONE ? t->next : need_next(c, map, "no");
}

static void read_status(struct cc *c, const struct ynode *n, struct outcome *o)
{
	const size_t room = sizeof(o->status) / sizeof(o->status[0]);
	const struct ynode *one[1] = {n};
	const struct ynode *const *v = one;
	size_t count = 1;
	long long s;

	if (n && n->kind == YNODE_LIST) {
		v = (const struct ynode *const *)n->vals;
		count = n->count;
	}
	for (size_t i = 0; n && i < count; i++) {
		if (o->status_count == room || !ynode_int(v[i], &s) || s < 100 || s > 599)
			cc_error(c, v[i], "\"status\" is one to four HTTP statuses, 100 to 599");
		else
			o->status[o->status_count++] = (int)s;
	}
	if (n && o->status_count == 0 && !c->failed)
		cc_error(c, n, "\"status\" is empty");
}

static void read_outcomes(struct cc *c, const struct ynode *map, struct call_spec *spec)
{
	const struct ynode *list = cc_need(c, map, "outcomes", YNODE_LIST);

	if (!list)
		return;
	if (list->count == 0)
		cc_error(c, list, "a call needs at least one outcome");
	spec->outcome = xcalloc(list->count + 1, sizeof(*spec->outcome));
	for (size_t i = 0; i < list->count; i++) {
		const struct ynode *m = list->vals[i];
		struct outcome *o = &spec->outcome[spec->outcome_count++];
		const char *code = cc_str(c, m, "code");

		cc_fields(c, m, "an outcome", "status code when get next again give_up");
		if (!ynode_get(m, "status"))
			cc_error(c, m, "\"status\" is missing here");
		read_status(c, ynode_get(m, "status"), o);
		o->code = code ? xstrdup(code) : NULL;
		cc_match(c, m, &o->m);
		o->is_again = ynode_get(m, "again");
		o->next = need_next(c, m, o->is_again ? "again" : "next");
		o->give_up = NEXT_NONE;
		if (o->is_again && ynode_get(m, "next"))
			cc_error(c, m, "an outcome has \"next\" or \"again\"");
		if (ynode_get(m, "give_up"))
			o->give_up = need_next(c, m, "give_up");
		if (ynode_get(m, "give_up") && !o->is_again)
			cc_error(c, m, "\"give_up\" stands beside \"again\"");
	}
}

static void read_call_line(struct cc *c, const struct ynode *at, struct call_spec *spec)
{
	const char *line = ynode_str(at);
	const char *space = line ? strchr(line, ' ') : NULL;

	if (!space || space[1] != '/' ||
	    (strncmp(line, "GET ", 4) != 0 && strncmp(line, "POST ", 5) != 0)) {
		cc_error(c, at, "a call is written \"GET /path\" or \"POST /path\"");
		spec->method = xstrdup("GET");
		return;
	}
	spec->method = xstrndup(line, (size_t)(space - line));
	cc_tmpl(c, at, space + 1, &spec->path);
}

static void add_backend(struct packs *p, const char *name)
{
	for (size_t i = 0; i < p->backend_count; i++)
		if (strcmp(p->backend[i], name) == 0)
			return;
	if (p->backend_count < sizeof(p->backend) / sizeof(p->backend[0]))
		p->backend[p->backend_count++] = name;
}

static void read_call(struct cc *c, const struct ynode *map, struct step *t)
{
	const char *backend = cc_str(c, map, "backend");
	const struct ynode *away = cc_opt(c, map, "away", YNODE_MAP);
	struct call_spec *spec = xcalloc(1, sizeof(*spec));

	t->call = spec;
	cc_fields(c, map, "a call", "call backend body timeout outcomes away");
	read_call_line(c, ynode_get(map, "call"), spec);
	if (!backend)
		backend = c->k->backend;
	if (!backend)
		cc_error(c, map, "\"backend\" is missing here and at the top of the file");
	spec->backend = xstrdup(backend ? backend : "");
	add_backend(c->p, spec->backend);
	spec->timeout_ms = cc_ms(c, map, "timeout", 8000);
	spec->body = cc_body(c, ynode_get(map, "body"));
	if (spec->body && strcmp(spec->method, "GET") == 0)
		cc_error(c, map, "a GET has no body");
	spec->keep_ms = 6ull * 3600 * 1000;
	spec->away_next = NEXT_NONE;
	if (away) {
		cc_fields(c, away, "away", "keep next");
		spec->keep_ms = cc_ms(c, away, "keep", spec->keep_ms);
		spec->away_next = opt_next(c, away, "next");
		if (spec->away_next != NEXT_NONE && ynode_get(away, "keep"))
			cc_error(c, away,
			    "a question is kept or goes on elsewhere: give \"keep\" or \"next\"");
	}
	read_outcomes(c, map, spec);
}

static void read_set(struct cc *c, const struct ynode *map, struct step *t)
{
	const struct ynode *set = cc_need(c, map, "set", YNODE_MAP);

	cc_fields(c, map, "set", "set next");
	t->next = need_next(c, map, "next");
	if (!set)
		return;
	t->assign = xcalloc(set->count + 1, sizeof(*t->assign));
	for (size_t i = 0; i < set->count; i++) {
		const char *value = ynode_str(set->vals[i]);
		struct assign *a = &t->assign[t->assign_count];

		a->var = cc_var(c, set->keys[i], set->keys[i]->scalar);
		if (a->var < 0 || !value) {
			if (!value)
				cc_error(c, set->vals[i], "a variable is set to one value");
			continue;
		}
		a->value = cc_ref(c, set->vals[i], value);
		if (a->value.kind == REF_LITERAL)
			literal_fits(c, set->vals[i], a->var, a->value.literal);
		else if (a->value.kind == REF_BUILTIN ||
			 c->k->var[a->value.index].max > c->k->var[a->var].max ||
			 (c->k->var[a->var].is_number && !c->k->var[a->value.index].is_number))
			cc_error(c, set->vals[i], "\"%s\" may not fit variable \"%s\"", value,
			    c->k->var[a->var].name);
		t->assign_count++;
	}
}

static void read_branch(struct cc *c, const struct ynode *map, struct step *t)
{
	const struct ynode *cases = cc_need(c, map, "cases", YNODE_MAP);
	const char *on = cc_str(c, map, "branch");

	cc_fields(c, map, "a branch", "branch cases else");
	t->next = need_next(c, map, "else");
	if (on && on[0] != '$')
		cc_error(c, ynode_get(map, "branch"), "a branch looks at a variable: write $%s", on);
	t->on = cc_ref(c, map, on ? on : "");
	if (!cases)
		return;
	t->branch = xcalloc(cases->count + 1, sizeof(*t->branch));
	for (size_t i = 0; i < cases->count; i++) {
		const char *next = ynode_str(cases->vals[i]);

		if (!next) {
			cc_error(c, cases->vals[i], "a case leads to one step");
			continue;
		}
		t->branch[t->branch_count++] = (struct branch_case){
		    xstrdup(cases->keys[i]->scalar), step_ref(c, cases->vals[i], next)};
	}
}

static void read_otp(struct cc *c, const struct ynode *map, struct step *t)
{
	const char *purpose = cc_str(c, map, "purpose");

	cc_fields(c, map, "otp", "otp hint purpose var next refused");
	t->text = need_text(c, map, "otp", false);
	t->hint = need_text(c, map, "hint", false);
	t->var = opt_var(c, map, "var");
	t->next = need_next(c, map, "next");
	t->no = need_next(c, map, "refused");
	if (!purpose)
		purpose = c->k->name;
	else
		(void)cc_name(c, ynode_get(map, "purpose"), purpose);
	t->purpose = xstrdup(purpose);
	if (t->var >= 0 && (c->k->var[t->var].is_number || c->k->var[t->var].max < 25))
		cc_error(c, map, "\"var\" gets a time: it must be a text of 25 or more");
}

static void read_step(struct cc *c, const struct ynode *map, struct step *t)
{
	const char *end;

	t->var = -1;
	t->next = t->yes = t->no = NEXT_NONE;
	if (map->kind != YNODE_MAP) {
		cc_error(c, map, "a step must be a map");
		t->kind = STEP_END;
	} else if (ynode_get(map, "menu")) {
		t->kind = STEP_MENU;
		read_menu(c, map, t);
	} else if (ynode_get(map, "pick")) {
		t->kind = STEP_MENU;
		read_pick(c, map, t);
	} else if (ynode_get(map, "ask")) {
		t->kind = STEP_ASK;
		read_ask(c, map, t);
	} else if (ynode_get(map, "otp")) {
		t->kind = STEP_OTP;
		read_otp(c, map, t);
	} else if (ynode_get(map, "call")) {
		t->kind = STEP_CALL;
		read_call(c, map, t);
	} else if (ynode_get(map, "say")) {
		t->kind = STEP_SAY;
		cc_fields(c, map, "say", "say next");
		t->text = need_text(c, map, "say", false);
		t->next = need_next(c, map, "next");
	} else if (ynode_get(map, "set")) {
		t->kind = STEP_SET;
		read_set(c, map, t);
	} else if (ynode_get(map, "branch")) {
		t->kind = STEP_BRANCH;
		read_branch(c, map, t);
	} else if (ynode_get(map, "end")) {
		t->kind = STEP_END;
		t->next = NEXT_END;
		cc_fields(c, map, "an end", "end forget");
		t->is_forgetting = cc_flag(c, map, "forget", false);
		end = ynode_str(ynode_get(map, "end"));
		if (!end || strcmp(end, "true") != 0)
			t->text = opt_text(c, map, "end", false);
	} else {
		t->kind = STEP_END;
		cc_error(c, map, "a step is one of menu, pick, ask, otp, call, say, set, branch, end");
	}
}

/* Every name first: a step may go on with one that stands further down, or in another part. */
static void name_steps(struct cc *c, const struct ynode *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const char *name = map->keys[i]->scalar;
		struct step *t = &c->k->step[c->k->step_count];

		(void)cc_name(c, map->keys[i], name);
		if (strcmp(name, "end") == 0)
			cc_error(c, map->keys[i], "\"end\" is every dialogue's end, not a step's name");
		if (pack_step(c->k, sv_from(name)) >= 0)
			cc_error(c, map->keys[i], "there are two steps \"%s\"", name);
		t->name = xstrdup(name);
		t->at = map->keys[i];
		t->file = c->file;
		c->k->step_count++;
	}
}

const struct ynode *cc_step_at(struct cc *c, const struct step *t)
{
	c->file = t->file;
	return t->at;
}

void cc_steps(struct cc *c, const struct part *part, size_t n)
{
	const struct ynode *map[1 + PACK_INCLUDES_MAX];
	size_t count = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		c->file = part[i].file;
		map[i] = cc_need(c, part[i].root, "steps", YNODE_MAP);
		count += map[i] ? map[i]->count : 0;
	}
	if (count > PACK_STEPS_MAX) {
		cc_error(c, map[0], "a pack has at most %d steps", PACK_STEPS_MAX);
		return;
	}
	c->k->step = xcalloc(count + 1, sizeof(*c->k->step));
	for (size_t i = 0; i < n; i++) {
		c->file = part[i].file;
		if (map[i])
			name_steps(c, map[i]);
	}
	for (size_t i = 0; i < n; i++) {
		c->file = part[i].file;
		for (size_t j = 0; map[i] && j < map[i]->count; j++)
			read_step(c, map[i]->vals[j], &c->k->step[at++]);
	}
}
