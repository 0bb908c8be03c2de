/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_compile.c - packs from their files: the order of compilation, and freeing. */
#include "engine/pack_compile.h"

#include <stdlib.h>

static void match_clear(struct match *m)
{
	for (size_t i = 0; i < m->cond_count; i++) {
		free(m->cond[i].pointer);
		free(m->cond[i].equals);
	}
	for (size_t i = 0; i < m->get_count; i++)
		free(m->get[i].pointer);
	free(m->cond);
	free(m->get);
}

static void tmpl_clear(struct tmpl *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->part[i].literal);
	free(t->part);
}

static void words_clear(char **word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(word[i]);
	free(word);
}

static void call_free(struct call_spec *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->outcome_count; i++) {
		match_clear(&s->outcome[i].m);
		free(s->outcome[i].code);
	}
	free(s->outcome);
	tmpl_clear(&s->path);
	json_decref(s->body);
	free(s->method);
	free(s->backend);
	free(s);
}

static void step_clear(struct step *t)
{
	for (size_t i = 0; i < t->option_count; i++) {
		words_clear(t->option[i].word, t->option[i].word_count);
		free(t->option[i].value);
	}
	for (size_t i = 0; i < t->branch_count; i++)
		free(t->branch[i].value);
	for (size_t i = 0; i < t->assign_count; i++)
		free(t->assign[i].value.literal);
	free(t->option);
	if (t->none) {
		words_clear(t->none->word, t->none->word_count);
		free(t->none->value);
		free(t->none);
	}
	free(t->branch);
	free(t->assign);
	free(t->on.literal);
	free(t->name);
	free(t->purpose);
	call_free(t->call);
}

static void text_free(struct text *t)
{
	for (size_t i = 0; i < PACK_LANGS_MAX; i++) {
		tmpl_clear(&t->lang[i].t);
		tmpl_clear(&t->lang[i].ussd);
		free(t->lang[i].dlt);
		free(t->lang[i].folded);
	}
	free(t->id);
	free(t->full_id);
	free(t);
}

static void pack_free(struct pack *k)
{
	for (size_t i = 0; i < k->var_count; i++)
		free(k->var[i].name);
	for (size_t i = 0; i < k->text_count; i++)
		text_free(k->text[i]);
	for (size_t i = 0; i < k->step_count; i++)
		step_clear(&k->step[i]);
	for (size_t i = 0; i < k->trigger_count; i++)
		for (size_t l = 0; l < PACK_LANGS_MAX; l++)
			free(k->trigger[i].shown[l]);
	for (size_t i = 0; i < k->event_count; i++) {
		match_clear(&k->event[i].m);
		words_clear(k->event[i].expect_word, k->event[i].expect_word_count);
		free(k->event[i].type);
		free(k->event[i].coalesce);
	}
	free(k->text);
	free(k->step);
	free(k->trigger);
	free(k->event);
	free(k->name);
	free(k->backend);
	free(k);
}

void packs_free(struct packs *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->keyword_count; i++) {
		free(p->keyword[i].folded);
		free(p->keyword[i].shown);
	}
	for (size_t i = 0; i < p->count; i++)
		pack_free(p->pack[i]);
	for (size_t i = 0; i < WORD_LISTS; i++)
		words_clear(p->word[i], p->word_count[i]);
	for (size_t i = 0; i < p->lang_count; i++)
		free(p->lang[i]);
	free(p->keyword);
	free(p);
}

/* The nodes of the documents are gone after compilation. */
static void forget_nodes(struct packs *p)
{
	for (size_t i = 0; i < p->keyword_count; i++) {
		p->keyword[i].at = NULL;
		p->keyword[i].file = NULL;
	}
	for (size_t i = 0; i < p->count; i++) {
		struct pack *k = p->pack[i];

		k->include = NULL;
		for (size_t j = 0; j < k->step_count; j++) {
			k->step[j].at = NULL;
			k->step[j].file = NULL;
		}
		for (size_t j = 0; j < k->trigger_count; j++)
			k->trigger[j].at = NULL;
		for (size_t j = 0; j < k->event_count; j++) {
			k->event[j].at = NULL;
			k->event[j].file = NULL;
		}
		for (size_t j = 0; j < k->text_count; j++) {
			struct text *t = k->text[j];

			t->used_at = NULL;
			t->used_file = NULL;
			for (size_t l = 0; l < PACK_LANGS_MAX; l++) {
				t->lang[l].at = NULL;
				t->lang[l].file = NULL;
			}
		}
	}
}

static bool add_pack(struct cc *c, const struct pack_source *s)
{
	struct pack *k;

	if (c->p->count == PACKS_MAX) {
		c->file = s->name;
		cc_error(c, NULL, "there are at most %d packs", PACKS_MAX);
		return false;
	}
	k = xcalloc(1, sizeof(*k));
	k->name = xstrdup(s->pack);
	c->pack_file[c->p->count] = s->name;
	c->p->pack[c->p->count++] = k;
	c->k = k;
	c->file = s->name;
	if (pack_find(c->p, sv_from(s->pack)) != k)
		cc_error(c, NULL, "there are two packs \"%s\"", s->pack);
	return cc_name(c, NULL, s->pack);
}

/* "hi.yaml" -> index of "hi". */
static int catalogue_lang(const struct packs *p, const char *file)
{
	const char *dot = strrchr(file, '.');

	if (!dot || strcmp(dot, ".yaml") != 0)
		return -1;
	return packs_lang(p, (struct sv){file, (size_t)(dot - file)});
}

static void read_services(struct cc *c, bool common)
{
	for (size_t i = 0; i < c->src_count; i++) {
		const struct pack_source *s = &c->src[i];

		if (strcmp(s->file, "service.yaml") != 0 || (strcmp(s->pack, "common") == 0) != common)
			continue;
		if (!c->doc[i] || !add_pack(c, s))
			continue;
		cc_service(c, ydoc_root(c->doc[i]));
		if (common)
			c->p->common = c->k;
	}
}

/* "other.hi.yaml" of the pack common is the catalogue of other.yaml, for each pack that includes it. The
 * language, or -1: it is no fragment's. */
static int fragment_lang(const struct packs *p, const struct pack_source *s, struct sv *name)
{
	const char *dot = strchr(s->file, '.');

	*name = (struct sv){s->file, dot ? (size_t)(dot - s->file) : 0};
	if (!dot || strcmp(s->pack, "common") != 0)
		return -1;
	return catalogue_lang(p, dot + 1);
}

static void read_fragment(struct cc *c, struct sv name, const struct ynode *root, int lang)
{
	for (size_t i = 0; i < c->p->count; i++) {
		const struct ynode *list = c->p->pack[i]->include;

		c->k = c->p->pack[i];
		for (size_t j = 0; list && j < list->count; j++)
			if (sv_is(name, ynode_str(list->vals[j])))
				cc_catalogue(c, root, lang);
	}
}

/* "other.yaml" of the pack common, which packs include. */
static bool is_fragment(const struct packs *p, const struct pack_source *s)
{
	return strcmp(s->pack, "common") == 0 && catalogue_lang(p, s->file) < 0 &&
	       strchr(s->file, '.') == strrchr(s->file, '.');
}

static void read_catalogue(struct cc *c, const struct pack_source *s, const struct ynode *root)
{
	int lang = catalogue_lang(c->p, s->file);
	struct sv fragment;

	c->file = s->name;
	c->k = pack_find(c->p, sv_from(s->pack));
	if (!c->k) {
		cc_error(c, NULL, "pack \"%s\" has no service.yaml that can be read", s->pack);
	} else if (lang >= 0) {
		cc_catalogue(c, root, lang);
	} else if ((lang = fragment_lang(c->p, s, &fragment)) >= 0) {
		read_fragment(c, fragment, root, lang);
	} else if (!is_fragment(c->p, s) || ynode_get(root, "language")) {
		cc_error(c, NULL,
		    "a pack holds service.yaml and one file for each language of the common pack");
	}
}

static void read_catalogues(struct cc *c)
{
	for (size_t i = 0; i < c->src_count; i++)
		if (c->doc[i] && strcmp(c->src[i].file, "service.yaml") != 0)
			read_catalogue(c, &c->src[i], ydoc_root(c->doc[i]));
}

static void compile(struct cc *c)
{
	read_services(c, true);
	if (!c->p->common || c->p->lang_count == 0) {
		c->file = "packs";
		cc_error(c, NULL,
		    "there is no pack \"common\" with languages; every installation has one");
		return;
	}
	read_services(c, false);
	read_catalogues(c);
	c->file = "common";
	check_said(c);
	check_keywords(c);
	if (c->failed)
		return; /* what follows walks what was read */
	check_texts(c);
	check_screens(c);
	for (size_t i = 0; i < c->p->count; i++)
		check_graph(c, i);
}

struct packs *packs_compile(const struct pack_source *src, size_t n, struct buf *err, struct buf *warn)
{
	struct ydoc **doc = xcalloc(n + 1, sizeof(struct ydoc *));
	struct cc c = {.p = xcalloc(1, sizeof(*c.p)),
	    .err = err,
	    .warn = warn,
	    .file = "packs",
	    .src = src,
	    .doc = doc,
	    .src_count = n};

	for (size_t i = 0; i < n; i++) {
		doc[i] = ydoc_parse(src[i].name, src[i].text, err);
		c.failed = c.failed || !doc[i];
	}
	compile(&c);
	for (size_t i = 0; i < n; i++)
		ydoc_free(doc[i]);
	free(doc);
	if (c.failed) {
		packs_free(c.p);
		return NULL;
	}
	forget_nodes(c.p);
	return c.p;
}
