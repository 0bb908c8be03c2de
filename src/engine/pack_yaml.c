/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_yaml.c - values out of a pack's YAML, each mistake told with its place. What every part of
 * the compiler shares; what the values mean is for pack_steps.c and its neighbours. */
#include "engine/pack_compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void cc_error(struct cc *c, const struct ynode *at, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ydoc_error(c->err, c->file, at, "%s", line);
	c->failed = true;
}

void cc_warn(struct cc *c, const struct ynode *at, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!c->warn)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ydoc_error(c->warn, c->file, at, "%s", line);
}

static bool is_listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

void cc_fields(struct cc *c, const struct ynode *map, const char *what, const char *allowed)
{
	if (!map || map->kind != YNODE_MAP)
		return;
	for (size_t i = 0; i < map->count; i++)
		if (map->keys[i]->scalar_octets == 0 || strchr(map->keys[i]->scalar, ' ') ||
		    !is_listed(allowed, map->keys[i]->scalar))
			cc_error(c, map->keys[i], "%s has no field \"%s\"; it may have: %s", what,
			    map->keys[i]->scalar, allowed);
}

const struct ynode *cc_opt(struct cc *c, const struct ynode *map, const char *key, enum ynode_kind kind)
{
	static const char *const name[] = {
	    [YNODE_SCALAR] = "one value", [YNODE_LIST] = "a list", [YNODE_MAP] = "a map"};
	const struct ynode *n = ynode_get(map, key);

	if (!n)
		return NULL;
	if (n->kind == kind)
		return n;
	cc_error(c, n, "\"%s\" must be %s", key, name[kind]);
	return NULL;
}

const struct ynode *cc_need(struct cc *c, const struct ynode *map, const char *key,
    enum ynode_kind kind)
{
	if (!ynode_get(map, key)) {
		cc_error(c, map, "\"%s\" is missing here", key);
		return NULL;
	}
	return cc_opt(c, map, key, kind);
}

const char *cc_str(struct cc *c, const struct ynode *map, const char *key)
{
	return ynode_str(cc_opt(c, map, key, YNODE_SCALAR));
}

static bool parse_ms(const char *s, uint64_t *out)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} unit[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	char *end;
	unsigned long long v;

	if (s[0] < '0' || s[0] > '9')
		return false;
	v = strtoull(s, &end, 10);
	if (v > 100000000)
		return false;
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (strcmp(end, unit[i].suffix) == 0) {
			*out = v * unit[i].ms;
			return v > 0;
		}
	return false;
}

uint64_t cc_ms(struct cc *c, const struct ynode *map, const char *key, uint64_t def)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);
	uint64_t ms;

	if (!n)
		return def;
	if (parse_ms(n->scalar, &ms))
		return ms;
	cc_error(c, n, "\"%s\" must be a time such as 500ms, 8s, 10m, 6h or 1d, not \"%s\"", key,
	    n->scalar);
	return def;
}

long cc_long(struct cc *c, const struct ynode *map, const char *key, long def, long min, long max)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);
	long long v;

	if (!n)
		return def;
	if (ynode_int(n, &v) && v >= min && v <= max)
		return (long)v;
	cc_error(c, n, "\"%s\" must be a number from %ld to %ld, not \"%s\"", key, min, max, n->scalar);
	return def;
}

bool cc_flag(struct cc *c, const struct ynode *map, const char *key, bool def)
{
	const struct ynode *n = cc_opt(c, map, key, YNODE_SCALAR);
	bool v;

	if (!n)
		return def;
	if (ynode_bool(n, &v))
		return v;
	cc_error(c, n, "\"%s\" must be true or false, not \"%s\"", key, n->scalar);
	return def;
}

bool cc_name(struct cc *c, const struct ynode *at, const char *s)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strlen(s);

	if (n > 0 && n <= NAME_MAX_OCTETS && strspn(s, set) == n)
		return true;
	cc_error(c, at, "\"%s\" is no name: use a-z, 0-9, _ and -, at most %d of them", s,
	    NAME_MAX_OCTETS);
	return false;
}

void cc_words(struct cc *c, const struct ynode *list, char ***word, size_t *n)
{
	if (!list)
		return;
	*word = xrealloc(*word, (*n + list->count + 1) * sizeof(**word));
	for (size_t i = 0; i < list->count; i++) {
		const char *s = ynode_str(list->vals[i]);
		char *folded = s ? text_folded(sv_from(s)) : NULL;

		if (!folded || !*folded) {
			cc_error(c, list->vals[i], "a word must have letters or digits");
			free(folded);
			continue;
		}
		(*word)[(*n)++] = folded;
	}
}

int cc_var(struct cc *c, const struct ynode *at, const char *name)
{
	int i = pack_var(c->k, sv_from(name));

	if (i < 0)
		cc_error(c, at, "variable \"%s\" is not declared under vars", name);
	return i;
}

/* A name without its $ or braces. */
static bool ref_named(const struct cc *c, struct sv name, struct ref *out)
{
	int i = pack_var(c->k, name);

	if (i >= 0) {
		*out = (struct ref){REF_VAR, NULL, i};
		return true;
	}
	for (i = 0; i < BUILTINS; i++)
		if (sv_is(name, builtin_name[i])) {
			*out = (struct ref){REF_BUILTIN, NULL, i};
			return true;
		}
	return false;
}

struct ref cc_ref(struct cc *c, const struct ynode *at, const char *text)
{
	struct ref r;

	if (text[0] != '$')
		return (struct ref){REF_LITERAL, xstrdup(text), 0};
	if (ref_named(c, sv_from(text + 1), &r))
		return r;
	cc_error(c, at, "variable \"%s\" is not declared under vars", text + 1);
	return (struct ref){REF_LITERAL, xstrdup(""), 0};
}

static void tmpl_add(struct tmpl *t, struct ref r)
{
	t->part = xrealloc(t->part, (t->count + 1) * sizeof(*t->part));
	t->part[t->count++] = r;
}

void cc_tmpl(struct cc *c, const struct ynode *at, const char *text, struct tmpl *out)
{
	const char *p = text;

	while (*p) {
		size_t lit = strcspn(p, "{}");
		const char *close;
		struct ref r;

		if (lit > 0)
			tmpl_add(out, (struct ref){REF_LITERAL, xstrndup(p, lit), 0});
		p += lit;
		if (!*p)
			break;
		close = strchr(p, '}');
		if (*p == '}' || !close) {
			cc_error(c, at, "a variable is written {name}; here a brace is alone");
			return;
		}
		if (ref_named(c, (struct sv){p + 1, (size_t)(close - p - 1)}, &r))
			tmpl_add(out, r);
		else
			cc_error(c, at, "variable \"%.*s\" is not declared under vars",
			    (int)(close - p - 1), p + 1);
		p = close + 1;
	}
}
