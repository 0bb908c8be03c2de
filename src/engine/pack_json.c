/* SPDX-License-Identifier: BSD-2-Clause */
/* pack_json.c - the JSON side of packs: pointers, conditions, captures, request bodies. Documents
 * come from backends and may hold anything. */
#include "engine/pack_int.h"

#include "codec/text.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

/* A scalar as text; NULL: it is none, or holds a NUL. */
static const char *scalar_text(const json_t *v, char number[24])
{
	long long n;
	char *p = number + 23;

	if (json_is_string(v))
		return strlen(json_string_value(v)) == json_string_length(v) ? json_string_value(v)
									     : NULL;
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	if (!json_is_integer(v))
		return NULL;
	n = json_integer_value(v);
	*p = '\0';
	do {
		*--p = (char)('0' + (n < 0 ? -(n % 10) : n % 10));
	} while ((n /= 10) != 0);
	if (json_integer_value(v) < 0)
		*--p = '-';
	return p;
}

bool match_holds(const struct match *m, const json_t *doc)
{
	for (size_t i = 0; i < m->cond_count; i++) {
		const struct cond *c = &m->cond[i];
		const json_t *v = json_at(doc, c->pointer);
		char number[24];
		const char *text;

		if (c->is_at_most) {
			if (!json_is_integer(v) || json_integer_value(v) > c->max)
				return false;
			continue;
		}
		text = scalar_text(v, number);
		if (!text || strcmp(text, c->equals) != 0)
			return false;
	}
	return true;
}

bool value_fits(const struct var *v, struct sv value)
{
	if (value.n == 0 || value.n > VALUE_OCTETS_MAX || u8_check((const uint8_t *)value.p, value.n))
		return false;
	if (v->is_number)
		for (size_t i = 0; i < value.n; i++)
			if (value.p[i] < '0' || value.p[i] > '9')
				return false;
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return false;
	return text_utf8_chars(value) <= v->max;
}

bool get_value(const struct get *g, const struct var *v, const json_t *doc,
    char out[VALUE_OCTETS_MAX + 1])
{
	char number[24];
	const char *text = scalar_text(json_at(doc, g->pointer), number);

	if (!text || !value_fits(v, sv_from(text)))
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static json_t *filled(const json_t *t, const struct pack *k, ref_value_fn *value, const void *arg)
{
	json_t *out;
	const char *key, *s, *v;
	const json_t *item;
	size_t i;
	struct ref r = {REF_BUILTIN, NULL, 0};

	if (json_is_object(t)) {
		out = json_object();
		for (void *it = json_object_iter((json_t *)t); it;
		     it = json_object_iter_next((json_t *)t, it)) {
			key = json_object_iter_key(it);
			json_object_set_new(out, key,
			    filled(json_object_iter_value(it), k, value, arg));
		}
		return out;
	}
	if (json_is_array(t)) {
		out = json_array();
		json_array_foreach(t, i, item) json_array_append_new(out, filled(item, k, value, arg));
		return out;
	}
	s = json_string_value(t);
	if (!s || s[0] != '$')
		return json_deep_copy(t);
	r.index = pack_var(k, sv_from(s + 1));
	if (r.index >= 0)
		r.kind = REF_VAR;
	else
		for (r.index = 0; r.index + 1 < BUILTINS && strcmp(builtin_name[r.index], s + 1) != 0;
		     r.index++)
			;
	v = value(arg, &r);
	if (r.kind == REF_VAR && k->var[r.index].is_number && v && *v)
		return json_integer(strtoll(v, NULL, 10));
	return json_string(v ? v : "");
}

char *body_render(const json_t *body, const struct pack *k, ref_value_fn *value, const void *arg)
{
	json_t *doc = filled(body, k, value, arg);
	char *dump = json_dumps(doc, JSON_COMPACT | JSON_PRESERVE_ORDER);
	char *out = xstrdup(dump ? dump : "{}");

	free(dump);
	json_decref(doc);
	return out;
}
