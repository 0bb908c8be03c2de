/* SPDX-License-Identifier: BSD-2-Clause */
/* scheme_api.c - see scheme_api.h; and GET /v1/schemes/{scheme}. */
#include "backend/scheme_api.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/places.h"

bool sapi_scheme(struct api_call *c, const char *name, struct scheme *out)
{
	if (scheme_now(c->a->q.rules, name, c->now_ms, out))
		return true;
	api_problem(c, "unknown-service", "No scheme of this name is run here.");
	return false;
}

bool sapi_text(struct api_call *c, const char *key, const char **out)
{
	const json_t *v = json_object_get(c->in, key);

	*out = NULL;
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v)) {
		api_bad_field(c, key, "It must be text.");
		return false;
	}
	*out = json_string_value(v);
	return true;
}

bool sapi_bool(struct api_call *c, const json_t *obj, const char *key, bool def, bool *out)
{
	const json_t *v = json_object_get(obj, key);
	const char *s = json_string_value(v);

	*out = def;
	if (!v || json_is_null(v))
		return true;
	if (json_is_boolean(v))
		*out = json_is_true(v);
	else if (s && (!strcmp(s, "yes") || !strcmp(s, "true")))
		*out = true;
	else if (s && (!strcmp(s, "no") || !strcmp(s, "false")))
		*out = false;
	else {
		api_bad_field(c, key, "It must be true or false.");
		return false;
	}
	return true;
}

bool sapi_int(struct api_call *c, const json_t *obj, const char *key, int64_t def, int64_t min,
    int64_t max, int64_t *out)
{
	const json_t *v = json_object_get(obj, key);
	const char *s = json_string_value(v);

	*out = def;
	if (!v || json_is_null(v))
		return true;
	if (json_is_integer(v))
		*out = json_integer_value(v);
	else if (s && *s && strlen(s) < 16 && strspn(s, "0123456789") == strlen(s))
		*out = strtoll(s, NULL, 10);
	else
		*out = min - 1;
	if (*out >= min && *out <= max)
		return true;
	api_bad_field(c, key, "It must be a whole number within its limits.");
	return false;
}

bool sapi_day(struct api_call *c, const json_t *obj, const char *key, int64_t def, int64_t *out)
{
	const json_t *v = json_object_get(obj, key);
	const char *s = json_string_value(v);

	*out = def;
	if (!v || json_is_null(v))
		return true;
	if (s && ist_parse_date(s, out))
		return true;
	api_bad_field(c, key, "It must be a date such as 2026-01-31.");
	return false;
}

bool sapi_msisdn(struct api_call *c, char out[FIELD_MSISDN_CAP])
{
	const char *s;

	if (!sapi_text(c, "msisdn", &s))
		return false;
	if (!s || !field_is_msisdn(sv_from(s))) {
		api_bad_field(c, "msisdn",
		    "A phone number is 10 to 15 digits with the country code, without +.");
		return false;
	}
	memcpy(out, s, strlen(s) + 1);
	return true;
}

static void one_word(const char *s, size_t n, sapi_word_fn *fn, void *arg)
{
	char word[32];

	while (n > 0 && *s == ' ')
		s++, n--;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (n == 0 || (n == 1 && *s == '-'))
		return;
	/* A word that is too long is no code: cut, it will not be found in any list. */
	if (n >= sizeof word)
		n = sizeof word - 1;
	memcpy(word, s, n);
	word[n] = '\0';
	fn(word, arg);
}

static void words_of(const char *s, sapi_word_fn *fn, void *arg)
{
	while (*s) {
		size_t n = strcspn(s, ",");

		one_word(s, n, fn, arg);
		s += n + (s[n] == ',');
	}
}

bool sapi_words(struct api_call *c, const char *key, sapi_word_fn *fn, void *arg)
{
	const json_t *v = json_object_get(c->in, key), *item;
	size_t i;

	if (!v || json_is_null(v))
		return true;
	if (json_is_string(v)) {
		words_of(json_string_value(v), fn, arg);
		return true;
	}
	json_array_foreach(v, i, item)
	{
		if (!json_is_string(item))
			break;
		words_of(json_string_value(item), fn, arg);
	}
	if (json_is_array(v) && i == json_array_size(v))
		return true;
	api_bad_field(c, key, "It must be a list of words.");
	return false;
}

bool sapi_query(struct api_call *c, const char *key, char *out, size_t cap)
{
	if (http_in_query(c->req, key, out, cap) && out[0])
		return true;
	out[0] = '\0';
	return false;
}

json_t *sapi_day_json(int64_t day)
{
	char text[IST_TEXT_CAP];

	ist_text(ist_day_start_ms(day), text, sizeof text);
	text[10] = '\0';
	return json_string(text);
}

void sapi_set_rule(json_t *o, const char *key, const struct scheme *s, const char *rule)
{
	json_object_set_new(o, key, scheme_value_json(scheme_value(s, rule)));
}

void api_scheme_get(struct api_call *c)
{
	const struct rules *r = c->a->q.rules;
	struct scheme s;

	if (!sapi_scheme(c, c->param, &s))
		return;
	api_answer(c, 200,
	    json_pack("{s:s, s:{s:s, s:s}, s:s, s:o}", "scheme", s.name, "name", "hi",
		scheme_title(r, s.name, "hi"), "en", scheme_title(r, s.name, "en"), "from", s.from,
		"rules", scheme_json(&s)));
}

bool sapi_state(struct api_call *c, const char *text, const char **out)
{
	*out = text && *text ? places_state(text) : NULL;
	if (!text || !*text || *out)
		return true;
	api_bad_field(c, "state", "It must be a state of India, by name or by its two letters.");
	return false;
}
