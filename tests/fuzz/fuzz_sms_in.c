/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sms_in.c - a provider's request: up to the first 0xFF its query, up to the next its body, then a field's name,
 * then a template. What is read of the field, written as a form and as JSON, is read as the same; octets written in
 * hexadecimal come back; a template that is found good fills in without asking for what is not there. */
#include "app/fill.h"
#include "app/http_fields.h"
#include "codec/escape.h"
#include "codec/form.h"
#include "codec/text.h"
#include "fuzz.h"

#define VALUE_MAX 4096u

static char *cut(struct sv *rest)
{
	const char *at = rest->n ? memchr(rest->p, 0xFF, rest->n) : NULL;
	size_t n = at ? (size_t)(at - rest->p) : rest->n;
	char *head = xstrndup(rest->p ? rest->p : "", n);

	rest->p += n + (at ? 1 : 0);
	rest->n -= n + (at ? 1 : 0);
	return head;
}

static void check_same(const char *body, enum http_body kind, const char *want)
{
	struct http_fields f;

	http_fields_init(&f, "", sv_from(body), kind, true, VALUE_MAX);
	MUST(strcmp(http_field(&f, "k"), want) == 0);
	http_fields_clear(&f);
}

static bool is_utf8(const char *s)
{
	struct buf b;
	bool same;

	buf_init(&b, 8 * VALUE_MAX);
	for (size_t at = 0; s[at];) { /* text_next gives U+FFFD for what is broken, and no other way */
		size_t was = at;

		if (text_next(sv_from(s), &at) == 0xFFFD && strncmp(s + was, "\xef\xbf\xbd", 3) != 0)
			break;
		buf_add(&b, s + was, at - was);
	}
	same = strcmp(buf_str(&b), s) == 0;
	buf_clear(&b);
	return same;
}

static void check_value(const char *v)
{
	struct buf b;

	buf_init(&b, 16 * VALUE_MAX);
	buf_adds(&b, "j=1&k=");
	escape_url(sv_from(v), &b);
	check_same(buf_str(&b), HTTP_BODY_FORM, v);
	buf_reset(&b);
	buf_adds(&b, "{\"k\":\"");
	escape_json(sv_from(v), &b);
	buf_adds(&b, "\"}");
	if (is_utf8(v))
		check_same(buf_str(&b), HTTP_BODY_JSON, v);
	buf_clear(&b);
}

static void check_hex(struct sv octets)
{
	struct buf hex, back, text;

	buf_init(&hex, 2 * VALUE_MAX);
	buf_init(&back, VALUE_MAX);
	buf_init(&text, 4 * VALUE_MAX);
	escape_hex(octets, &hex);
	if (!hex.full) {
		MUST(unhex(buf_sv(&hex), &back) && sv_eq(buf_sv(&back), octets));
		(void)!text_decode(TEXT_UCS2, buf_sv(&back), &text);
	}
	buf_clear(&hex);
	buf_clear(&back);
	buf_clear(&text);
}

static bool value(const char *name, struct buf *out, void *arg)
{
	bool *was_asked_wrongly = arg;

	buf_adds(out, name);
	if (strlen(name) % 4 == 0)
		*was_asked_wrongly = true;
	return strlen(name) % 4 != 0;
}

static void check_template(const char *text)
{
	bool was_wrong = false;
	struct buf b;

	buf_init(&b, 1u << 20);
	if (fill_check(text, value, &was_wrong, &b)) {
		MUST(b.n == 0 && !was_wrong);
		fill_text(text, FILL_URL, value, &was_wrong, &b);
		MUST(!was_wrong);
	} else {
		MUST(b.n > 0 || b.full);
	}
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	void *copy = xmemdup(data, n);
	struct sv rest = {copy, n}, form;
	char *query = cut(&rest), *body = cut(&rest), *name = cut(&rest), *text = cut(&rest);
	struct buf k, v;

	for (unsigned kind = HTTP_BODY_FORM; kind <= HTTP_BODY_JSON; kind++) {
		struct http_fields f;

		http_fields_init(&f, query, sv_from(body), (enum http_body)kind, false, VALUE_MAX);
		(void)http_field(&f, name);
		MUST(f.v.n <= VALUE_MAX && strlen(buf_str(&f.v)) == f.v.n);
		if (!f.v.full)
			check_value(buf_str(&f.v));
		http_fields_clear(&f);
	}
	form = sv_from(query);
	buf_init(&k, VALUE_MAX);
	buf_init(&v, VALUE_MAX);
	for (size_t before = form.n + 1; form.n > 0 && form_next(&form, &k, &v); before = form.n)
		MUST(form.n < before);
	buf_clear(&k);
	buf_clear(&v);
	check_hex(sv_from(body));
	check_template(text);
	free(query);
	free(body);
	free(name);
	free(text);
	free(copy);
	return 0;
}
