/* SPDX-License-Identifier: BSD-2-Clause */
/* ydoc.c - a tree from libyaml's events. The limits of ydoc.h hold while the tree is built, so a
 * hostile text costs at most what the limits allow. */
#include "base/ydoc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct ydoc {
	char *name;
	struct ynode *root;
};

struct build {
	yaml_parser_t parser;
	const char *name;
	struct sv text;
	struct buf *err;
	size_t nodes;
};

/* Children of a list or map while it grows; count is doubled to the next power of two when reached. */
static void push(struct ynode ***v, size_t count, struct ynode *child)
{
	if ((count & (count - 1)) == 0) /* 0, 1, 2, 4, ...: the array is exactly full */
		*v = xrealloc(*v, (count ? count * 2 : 1) * sizeof **v);
	(*v)[count] = child;
}

static void node_free(struct ynode *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++) {
		if (n->keys)
			node_free(n->keys[i]);
		node_free(n->vals[i]);
	}
	free(n->keys);
	free(n->vals);
	free(n->scalar);
	free(n);
}

static void verror_at(struct buf *err, const char *name, int line, int col, const char *fmt, va_list ap)
{
	if (line > 0)
		buf_addf(err, "%s:%d:%d: ", name, line, col);
	else
		buf_addf(err, "%s: ", name);
	buf_vaddf(err, fmt, ap);
	buf_addc(err, '\n');
}

static void error_at(struct build *b, const yaml_mark_t *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void error_at(struct build *b, const yaml_mark_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror_at(b->err, b->name, (int)at->line + 1, (int)at->column + 1, fmt, ap);
	va_end(ap);
}

void ydoc_error(struct buf *err, const char *name, const struct ynode *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror_at(err, name, at ? at->line : 0, at ? at->col : 0, fmt, ap);
	va_end(ap);
}

/* libyaml gives broken characters by their octet offset only. */
static yaml_mark_t mark_of_offset(struct sv text, size_t offset)
{
	yaml_mark_t m = {0};

	for (size_t i = 0; i < offset && i < text.n; i++) {
		m.column++;
		if (text.p[i] == '\n') {
			m.line++;
			m.column = 0;
		}
	}
	return m;
}

static bool next(struct build *b, yaml_event_t *ev)
{
	yaml_mark_t at;

	if (yaml_parser_parse(&b->parser, ev))
		return true;
	at = b->parser.error == YAML_READER_ERROR ? mark_of_offset(b->text, b->parser.problem_offset)
						  : b->parser.problem_mark;
	if (b->parser.context)
		error_at(b, &at, "%s (%s that began in line %d)",
		    b->parser.problem ? b->parser.problem : "not YAML", b->parser.context,
		    (int)b->parser.context_mark.line + 1);
	else
		error_at(b, &at, "%s", b->parser.problem ? b->parser.problem : "not YAML");
	return false;
}

static struct ynode *node_new(struct build *b, enum ynode_kind kind, const yaml_mark_t *at)
{
	struct ynode *n;

	if (b->nodes >= YDOC_MAX_NODES) {
		error_at(b, at, "more than %u values in one file", YDOC_MAX_NODES);
		return NULL;
	}
	b->nodes++;
	n = xcalloc(1, sizeof *n);
	n->kind = kind;
	n->line = (int)at->line + 1;
	n->col = (int)at->column + 1;
	return n;
}

static bool is_plain_node(struct build *b, const yaml_event_t *ev, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	if (anchor)
		error_at(b, &ev->start_mark, "anchors (&%s) are not allowed here",
		    (const char *)anchor);
	else if (tag)
		error_at(b, &ev->start_mark, "tags (%s) are not allowed here", (const char *)tag);
	return !anchor && !tag;
}

static struct ynode *build_scalar(struct build *b, const yaml_event_t *ev)
{
	const char *text = (const char *)ev->data.scalar.value;
	size_t n = ev->data.scalar.length;
	struct ynode *node;

	if (!is_plain_node(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag))
		return NULL;
	if (memchr(text, '\0', n)) {
		error_at(b, &ev->start_mark, "a NUL character is not allowed in a text");
		return NULL;
	}
	node = node_new(b, YNODE_SCALAR, &ev->start_mark);
	if (!node)
		return NULL;
	node->scalar = xstrndup(text, n);
	node->scalar_octets = n;
	node->is_plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return node;
}

static int by_text(const void *a, const void *b)
{
	const struct ynode *x = *(struct ynode *const *)a, *y = *(struct ynode *const *)b;
	int c = strcmp(x->scalar, y->scalar);

	if (c != 0)
		return c;
	return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
				  : (x->col > y->col) - (x->col < y->col);
}

/* Sorting a copy keeps a map of a hundred thousand keys from taking ten thousand million comparisons. */
static bool has_unique_keys(struct build *b, const struct ynode *map)
{
	struct ynode **sorted;
	bool ok = true;

	if (map->count < 2)
		return true;
	sorted = xmemdup(map->keys, map->count * sizeof *sorted);
	qsort(sorted, map->count, sizeof *sorted, by_text);
	for (size_t i = 1; i < map->count && ok; i++) {
		const struct ynode *first = sorted[i - 1], *again = sorted[i];

		ok = strcmp(first->scalar, again->scalar) != 0;
		if (!ok)
			ydoc_error(b->err, b->name, again,
			    "the key \"%s\" stands here a second time; the first is in line %d",
			    again->scalar, first->line);
	}
	free(sorted);
	return ok;
}

static struct ynode *build_node(struct build *b, const yaml_event_t *ev, unsigned depth);

static struct ynode *build_next(struct build *b, yaml_event_type_t end, bool *is_end, unsigned depth)
{
	yaml_event_t ev;
	struct ynode *child = NULL;

	*is_end = false;
	if (!next(b, &ev))
		return NULL;
	if (ev.type == end)
		*is_end = true;
	else
		child = build_node(b, &ev, depth);
	yaml_event_delete(&ev);
	return child;
}

/* Reads the children up to the end event into n; false on a mistake, n is then still whole. */
static bool build_children(struct build *b, struct ynode *n, unsigned depth)
{
	bool is_map = n->kind == YNODE_MAP, is_end, unused;

	for (;;) {
		struct ynode *key = NULL, *val;
		struct ynode *child = build_next(b,
		    is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, &is_end, depth);

		if (is_end)
			return !is_map || has_unique_keys(b, n);
		if (!child)
			return false;
		val = child;
		if (is_map) {
			key = child;
			if (key->kind != YNODE_SCALAR) {
				ydoc_error(b->err, b->name, key,
				    "a key must be a word, not a list or a map");
				node_free(key);
				return false;
			}
			val = build_next(b, YAML_NO_EVENT, &unused, depth);
			if (!val) {
				node_free(key);
				return false;
			}
			push(&n->keys, n->count, key);
		}
		push(&n->vals, n->count, val);
		n->count++;
	}
}

static struct ynode *build_node(struct build *b, const yaml_event_t *ev, unsigned depth)
{
	struct ynode *n = NULL;
	bool is_map = ev->type == YAML_MAPPING_START_EVENT;

	if (ev->type == YAML_SCALAR_EVENT)
		return build_scalar(b, ev);
	if (!is_map && ev->type != YAML_SEQUENCE_START_EVENT) {
		/* What is left where a value can stand is an alias. */
		error_at(b, &ev->start_mark, "aliases (*name) are not allowed here");
		return NULL;
	}
	if (depth >= YDOC_MAX_DEPTH) {
		error_at(b, &ev->start_mark, "nested more than %u deep", YDOC_MAX_DEPTH);
		return NULL;
	}
	if (is_map ? is_plain_node(b, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag)
		   : is_plain_node(b, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag))
		n = node_new(b, is_map ? YNODE_MAP : YNODE_LIST, &ev->start_mark);
	if (n && !build_children(b, n, depth + 1)) {
		node_free(n);
		n = NULL;
	}
	return n;
}

static bool build_top(struct build *b, const yaml_event_t *ev, struct ynode **root)
{
	if (ev->type == YAML_DOCUMENT_START_EVENT && *root) {
		error_at(b, &ev->start_mark, "a second document begins here; only one is allowed");
		return false;
	}
	if (ev->type == YAML_STREAM_START_EVENT || ev->type == YAML_STREAM_END_EVENT ||
	    ev->type == YAML_DOCUMENT_START_EVENT || ev->type == YAML_DOCUMENT_END_EVENT)
		return true;
	*root = build_node(b, ev, 0);
	return *root != NULL;
}

static struct ynode *build_root(struct build *b)
{
	static const yaml_mark_t top = {0};
	struct ynode *root = NULL;
	bool ok, is_end = false;

	do {
		yaml_event_t ev;

		ok = next(b, &ev);
		if (!ok)
			break;
		is_end = ev.type == YAML_STREAM_END_EVENT;
		ok = build_top(b, &ev, &root);
		yaml_event_delete(&ev);
	} while (ok && !is_end);
	if (!ok) {
		node_free(root);
		return NULL;
	}
	if (!root) { /* an empty file is an empty value */
		root = node_new(b, YNODE_SCALAR, &top);
		root->scalar = xstrdup("");
		root->is_plain = true;
	}
	return root;
}

struct ydoc *ydoc_parse(const char *name, struct sv text, struct buf *err)
{
	struct build b = {.name = name, .text = text, .err = err};
	struct ynode *root;
	struct ydoc *d;

	if (text.n > YDOC_MAX_OCTETS) {
		buf_addf(err, "%s:1:1: longer than %u octets\n", name, YDOC_MAX_OCTETS);
		return NULL;
	}
	if (!yaml_parser_initialize(&b.parser))
		abort(); /* fails only without memory */
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	root = build_root(&b);
	yaml_parser_delete(&b.parser);
	if (!root)
		return NULL;
	d = xmalloc(sizeof *d);
	d->name = xstrdup(name);
	d->root = root;
	return d;
}

void ydoc_free(struct ydoc *d)
{
	if (!d)
		return;
	node_free(d->root);
	free(d->name);
	free(d);
}

const struct ynode *ydoc_root(const struct ydoc *d)
{
	return d->root;
}

const char *ydoc_name(const struct ydoc *d)
{
	return d->name;
}

const struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	if (!map || map->kind != YNODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->keys[i]->scalar, key) == 0)
			return map->vals[i];
	return NULL;
}

const char *ynode_str(const struct ynode *n)
{
	return n && n->kind == YNODE_SCALAR ? n->scalar : NULL;
}

bool ynode_int(const struct ynode *n, long long *out)
{
	const char *s = ynode_str(n);
	bool is_negative = s && *s == '-';
	long long v = 0;

	if (!s || !*(s += is_negative))
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, *s - '0', &v)) /* downwards, for the most negative */
			return false;
	}
	if (!is_negative && __builtin_sub_overflow(0, v, &v))
		return false;
	*out = v;
	return true;
}

bool ynode_bool(const struct ynode *n, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"true", true}, {"yes", true}, {"on", true}, {"false", false}, {"no", false},
	    {"off", false}};
	const char *s = ynode_str(n);

	for (size_t i = 0; s && i < sizeof words / sizeof words[0]; i++) {
		if (strcasecmp(s, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}
