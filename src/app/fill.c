/* SPDX-License-Identifier: BSD-2-Clause */
/* fill.c - see fill.h. A template is short and is read each time; fill_check has read it before. */
#include "app/fill.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "codec/escape.h"

#define NAME_CAP 32u
#define FILTERS_MAX 5u
#define VALUE_MAX (128u * 1024) /* octets of one value, filtered */

struct word {
	char name[NAME_CAP], key[NAME_CAP];
};
struct tag {
	char kind; /* '?', '!', '/', or 0: a value */
	char name[NAME_CAP];
	struct word filter[FILTERS_MAX];
	size_t filters;
};

struct walk {
	fill_value_fn *fn;
	void *arg;
	struct buf *out, *why; /* either may be NULL */
	bool is_wrong;
};

/* ---- filters ---- */

static void f_trim(struct sv s, struct buf *out)
{
	while (s.n > 0 && strchr(" \t\r\n", s.p[0]) && s.p[0])
		s = (struct sv){s.p + 1, s.n - 1};
	while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) && s.p[s.n - 1])
		s.n--;
	buf_addsv(out, s);
}

static void f_upper(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]));
}

static void f_lower(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]));
}

/* A number without India's country code, as some Indian providers want it. */
static void f_national(struct sv s, struct buf *out)
{
	bool is_indian = s.n == 12 && memcmp(s.p, "91", 2) == 0;

	buf_addsv(out, is_indian ? (struct sv){s.p + 2, 10} : s);
}

static const struct {
	const char *name;
	void (*run)(struct sv s, struct buf *out);
} plain[] = {{"trim", f_trim}, {"upper", f_upper}, {"lower", f_lower}, {"national", f_national},
    {"url", escape_url}, {"json", escape_json}, {"xml", escape_xml}, {"hex", escape_hex},
    {"base64", escape_base64}, {"ucs2hex", escape_ucs2_hex}, {"entities", escape_entities}};

/* Looked up each time: a function cannot stand in a table before the library is there. */
static const EVP_MD *digest_of(const char *name)
{
	if (strcmp(name, "md5") == 0)
		return EVP_md5();
	if (strcmp(name, "sha1") == 0)
		return EVP_sha1();
	if (strcmp(name, "sha256") == 0)
		return EVP_sha256();
	return strcmp(name, "sha512") == 0 ? EVP_sha512() : NULL;
}

static bool wrong(struct walk *w, const char *what, const char *name)
{
	w->is_wrong = true;
	if (w->why)
		buf_addf(w->why, "%s \"%s\"", what, name);
	return false;
}

static bool run_digest(struct walk *w, const struct word *f, struct sv in, struct buf *out)
{
	bool is_hmac = strncmp(f->name, "hmac-", 5) == 0;
	const EVP_MD *md = digest_of(f->name + (is_hmac ? 5 : 0));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct buf key;
	bool ok = true;

	if (!md)
		return wrong(w, "there is no filter", f->name);
	if (!is_hmac) {
		if (EVP_Digest(in.p ? in.p : "", in.n, mac, &n, md, NULL) == 1)
			buf_add(out, mac, n);
		return true;
	}
	buf_init(&key, VALUE_MAX);
	if (!w->fn(f->key, &key, w->arg))
		ok = wrong(w, "there is no value", f->key);
	else if (HMAC(md, buf_str(&key), (int)key.n, (const unsigned char *)(in.p ? in.p : ""), in.n,
		     mac, &n))
		buf_add(out, mac, n);
	buf_clear(&key);
	return ok;
}

/* A number, but no more than the filter's own. */
static void f_max(const char *most, struct sv s, struct buf *out)
{
	size_t n = strlen(most);

	if (s.n < n || (s.n == n && memcmp(s.p, most, n) < 0))
		buf_addsv(out, s);
	else
		buf_adds(out, most);
}

static bool run_filter(struct walk *w, const struct word *f, struct buf *v)
{
	struct buf out;
	bool ok = true;
	size_t i = 0;

	while (i < sizeof(plain) / sizeof(plain[0]) && strcmp(plain[i].name, f->name) != 0)
		i++;
	buf_init(&out, VALUE_MAX);
	if (i < sizeof(plain) / sizeof(plain[0]))
		plain[i].run(buf_sv(v), &out);
	else if (strncmp(f->name, "max-", 4) == 0 && f->name[4] >= '0' && f->name[4] <= '9')
		f_max(f->name + 4, buf_sv(v), &out);
	else
		ok = run_digest(w, f, buf_sv(v), &out);
	buf_clear(v);
	*v = out;
	return ok;
}

static void add_escaped(struct sv s, enum fill_place place, struct buf *out)
{
	switch (place) {
	case FILL_RAW:
		buf_addsv(out, s);
		break;
	case FILL_URL:
		escape_url(s, out);
		break;
	case FILL_JSON:
		escape_json(s, out);
		break;
	case FILL_XML:
		escape_xml(s, out);
		break;
	case FILL_HEADER:
		escape_header(s, out);
		break;
	}
}

/* ---- tags ---- */

static const char *read_word(const char *p, const char *more, char out[NAME_CAP])
{
	size_t n = 0;

	while ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9' && n > 0) ||
	       (*p && n > 0 && strchr(more, *p))) {
		if (n + 1 >= NAME_CAP)
			return NULL;
		out[n++] = *p++;
	}
	out[n] = '\0';
	return n > 0 ? p : NULL;
}

/* p stands behind '{'. Gives what is behind '}', or NULL: it is no tag. */
static const char *read_tag(const char *p, struct tag *t)
{
	*t = (struct tag){0};
	if (strncmp(p, "/}", 2) == 0) {
		t->kind = '/';
		return p + 2;
	}
	if (*p == '?' || *p == '!')
		t->kind = *p++;
	p = read_word(p, "_", t->name);
	while (p && *p == '|' && !t->kind && t->filters < FILTERS_MAX) {
		struct word *f = &t->filter[t->filters++];

		p = read_word(p + 1, "-", f->name);
		if (p && *p == ':')
			p = read_word(p + 1, "_", f->key);
	}
	return p && *p == '}' ? p + 1 : NULL;
}

/* The value of a tag into v; false: something is wrong with it. */
static bool value_of(struct walk *w, const struct tag *t, struct buf *v, bool *is_raw)
{
	bool ok = true;

	if (!w->fn(t->name, v, w->arg))
		return wrong(w, "there is no value", t->name);
	for (size_t i = 0; ok && i < t->filters; i++) {
		*is_raw = strcmp(t->filter[i].name, "raw") == 0;
		ok = *is_raw || run_filter(w, &t->filter[i], v);
	}
	return ok;
}

static void walk_text(struct walk *w, const char *text, enum fill_place place)
{
	const char *p = text, *open, *next;
	bool skips = false, is_inside = false;
	struct tag t;

	while (!w->is_wrong && (open = strchr(p, '{')) != NULL) {
		struct buf v;
		bool is_raw = false;

		next = read_tag(open + 1, &t);
		if (!next)
			next = open + 1;
		if (w->out && !skips)
			buf_add(w->out, p, (size_t)((next == open + 1 ? next : open) - p));
		p = next;
		if (next == open + 1)
			continue;
		if (t.kind == '/' ? !is_inside : t.kind && is_inside) {
			wrong(w, t.kind == '/' ? "nothing to end at" : "one inside another at", open);
			continue;
		}
		is_inside = t.kind ? t.kind != '/' : is_inside;
		buf_init(&v, VALUE_MAX);
		if (t.kind == '/')
			skips = false;
		else if (value_of(w, &t, &v, &is_raw) && t.kind)
			skips = (v.n == 0) == (t.kind == '?');
		else if (!t.kind && w->out && !skips && !w->is_wrong)
			add_escaped(buf_sv(&v), is_raw ? FILL_RAW : place, w->out);
		buf_clear(&v);
	}
	if (w->out && !skips && !w->is_wrong)
		buf_adds(w->out, p);
	if (is_inside && !w->is_wrong)
		wrong(w, "{/} is missing in", text);
}

void fill_text(const char *text, enum fill_place place, fill_value_fn *fn, void *arg, struct buf *out)
{
	walk_text(&(struct walk){.fn = fn, .arg = arg, .out = out}, text, place);
}

bool fill_check(const char *text, fill_value_fn *fn, void *arg, struct buf *why)
{
	struct walk w = {.fn = fn, .arg = arg, .why = why};

	walk_text(&w, text, FILL_RAW);
	return !w.is_wrong;
}
