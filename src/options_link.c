/* SPDX-License-Identifier: BSD-2-Clause */
/* options_link.c - checks of links that need more than one option or a list of words. */
#include "options_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dialogue.h"

struct place {
	const char *file;
	const struct ynode *links;
	size_t i; /* of the link */
	struct buf *err;
};

static const struct ynode *at(const struct place *p, const char *key)
{
	const struct ynode *l = p->links, *n = NULL;

	if (l && l->kind == YNODE_LIST && p->i < l->count)
		n = ynode_get(l->vals[p->i], key);
	return n ? n : l;
}

/* true and false are what this option was before there were classes. */
static void read_receipts(const struct place *p, struct opt_link *l)
{
	const unsigned all = (1u << MSG_CLASSES) - 1;

	l->receipt_classes = 0;
	for (size_t i = 0; i < l->receipts.n; i++) {
		const char *word = l->receipts.v[i];
		unsigned c = 0;

		while (c < MSG_CLASSES && strcmp(word, msg_class_name((enum msg_class)c)) != 0)
			c++;
		if (c < MSG_CLASSES)
			l->receipt_classes |= 1u << c;
		else if (l->receipts.n == 1 && (strcmp(word, "all") == 0 || strcmp(word, "true") == 0))
			l->receipt_classes = all;
		else if (l->receipts.n > 1 || (strcmp(word, "none") != 0 && strcmp(word, "false") != 0))
			ydoc_error(p->err, p->file, at(p, "receipts"),
			    "receipts of link %s: \"%s\" is none of otp, alert, reply, info; alone it "
			    "may be all or none",
			    l->name, word);
	}
}

static bool read_status(const char *s, char **end, uint32_t *out)
{
	unsigned long v;

	errno = 0;
	v = strtoul(s, end, 0);
	*out = (uint32_t)v;
	return *end != s && errno == 0 && v > 0 && v < RETRY_NO_ANSWER && *s >= '0' && *s <= '9';
}

static bool read_range(const char *s, struct retry_rule *r)
{
	char *end;

	if (!read_status(s, &end, &r->from))
		return false;
	r->to = r->from;
	if (*end == '-' && !read_status(end + 1, &end, &r->to))
		return false;
	return *end == '\0' && r->to >= r->from;
}

static void read_errors(const struct place *p, struct opt_link *l)
{
	static const struct {
		const char *word;
		enum retry_kind kind;
	} words[] = {{"again", RETRY_KIND_AGAIN}, {"later", RETRY_KIND_LATER},
	    {"slower", RETRY_KIND_SLOWER}, {"never", RETRY_KIND_NEVER}};

	l->rules.v = xcalloc(l->errors.n / 2 + 1, sizeof(*l->rules.v));
	for (size_t i = 0; i + 1 < l->errors.n; i += 2) {
		const char *range = l->errors.v[i], *word = l->errors.v[i + 1];
		struct retry_rule r = {0};
		size_t k = 0;

		while (k < sizeof(words) / sizeof(words[0]) && strcmp(word, words[k].word) != 0)
			k++;
		if (!read_range(range, &r)) {
			ydoc_error(p->err, p->file, at(p, "errors"),
			    "errors of link %s: \"%s\" is no status such as 0x45 and no range such as "
			    "0x400-0x4ff",
			    l->name, range);
		} else if (k == sizeof(words) / sizeof(words[0])) {
			ydoc_error(p->err, p->file, at(p, "errors"),
			    "errors of link %s: \"%s\" is none of again, later, slower, never", l->name,
			    word);
		} else {
			r.kind = words[k].kind;
			l->rules.v[l->rules.n++] = r;
		}
	}
}

void options_link_clear(struct options *o)
{
	for (size_t i = 0; i < o->links.n; i++)
		free(((struct opt_link *)o->links.v[i])->rules.v);
}

static void check_tls(const struct place *p, const struct opt_link *l)
{
	const char *const files[][2] = {{"ca_file", l->ca_file}, {"cert_file", l->cert_file},
	    {"key_file", l->key_file}, {"tls_name", l->tls_name}};

	for (size_t i = 0; !l->tls && i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i][1] && files[i][1][0])
			ydoc_error(p->err, p->file, at(p, files[i][0]),
			    "%s of link %s does nothing without tls: true", files[i][0], l->name);
	if (l->key_file && l->key_file[0] && !(l->cert_file && l->cert_file[0]))
		ydoc_error(p->err, p->file, at(p, "key_file"), "key_file of link %s needs cert_file",
		    l->name);
}

static bool is_link(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->links.n; i++)
		if (strcmp(((const struct opt_link *)o->links.v[i])->name, name) == 0)
			return true;
	return false;
}

static bool is_class(const char *word)
{
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		if (strcmp(word, msg_class_name((enum msg_class)c)) == 0)
			return true;
	return false;
}

static void check_route(const struct place *p, const struct options *o, const struct opt_route *r)
{
	const struct conf_list *const both[] = {&r->links, &r->backup};
	static const char *const keys[] = {"links", "backup"};

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->n; i++)
			if (!is_link(o, both[k]->v[i]))
				ydoc_error(p->err, p->file, at(p, keys[k]), "no link is called %s",
				    (const char *)both[k]->v[i]);
	for (size_t i = 0; i < r->class.n; i++)
		if (!is_class(r->class.v[i]))
			ydoc_error(p->err, p->file, at(p, "class"),
			    "\"%s\" is none of otp, alert, reply, info", (const char *)r->class.v[i]);
	for (size_t i = 0; i < r->prefix.n; i++) {
		const char *s = r->prefix.v[i];

		if (s[strspn(s, "0123456789")] != '\0')
			ydoc_error(p->err, p->file, at(p, "prefix"),
			    "prefix \"%s\" has more than digits; begin with the country code", s);
	}
}

static bool is_url(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

static void check_http(const struct place *p, const struct opt_link *l)
{
	if (l->url[0] && !is_url(l->url))
		ydoc_error(p->err, p->file, at(p, "url"),
		    "the url of link %s must begin with http:// or https://", l->name);
	if (l->public_url[0] && !is_url(l->public_url))
		ydoc_error(p->err, p->file, at(p, "public_url"),
		    "the public_url of link %s must begin with http:// or https://", l->name);
	if (l->ussd || l->host || l->tls)
		ydoc_error(p->err, p->file, at(p, "http"),
		    "link %s is an HTTP provider: ussd, host and tls are for SMPP", l->name);
}

static void check_smpp(const struct place *p, const struct opt_link *l)
{
	if (!l->host)
		ydoc_error(p->err, p->file, at(p, "name"), "host is missing (link %s)", l->name);
	if (!l->system_id)
		ydoc_error(p->err, p->file, at(p, "name"), "system_id is missing (link %s)", l->name);
	if (strlen(l->password) > 8)
		ydoc_error(p->err, p->file, at(p, "password"),
		    "the password of link %s is longer than the 8 characters of SMPP", l->name);
	if (l->url[0] || l->listen[0])
		ydoc_error(p->err, p->file, at(p, "url"), "link %s is SMPP: url and listen need http",
		    l->name);
}

/* "34" is neither: it is 0x34 without its 0x to some, and decimal to others. */
static void read_version(const struct place *p, struct opt_link *l)
{
	static const struct {
		const char *word, *hex;
		uint8_t octet;
	} versions[] = {{"3.3", "0x33", 0x33}, {"3.4", "0x34", 0x34}, {"5.0", "0x50", 0x50}};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strcmp(l->interface_version, versions[i].word) == 0 ||
		    strcmp(l->interface_version, versions[i].hex) == 0)
			l->interface_octet = versions[i].octet;
	if (l->interface_octet == 0)
		ydoc_error(p->err, p->file, at(p, "interface_version"),
		    "interface_version of link %s is 3.3, 3.4 or 5.0, not %s", l->name,
		    l->interface_version);
	if (l->interface_octet == 0x33)
		l->tlvs = false;
}

/* What an older centre does not know must not be asked of it. */
static void check_version(const struct place *p, const struct opt_link *l)
{
	if (l->interface_octet == 0x33 && l->bind == 0)
		ydoc_error(p->err, p->file, at(p, "bind"),
		    "SMPP 3.3 has no transceiver: write bind: pair for link %s", l->name);
	if (l->tlvs)
		return;
	if (l->long_messages > 1)
		ydoc_error(p->err, p->file, at(p, "long_messages"),
		    "long_messages of link %s needs TLVs, which its centre does not take", l->name);
	if (l->ussd)
		ydoc_error(p->err, p->file, at(p, "ussd"),
		    "USSD of link %s needs TLVs, which its centre does not take", l->name);
	if (l->dlt && l->dlt->entity_id[0] && l->dlt->mode != DLT_MODE_OFF)
		ydoc_error(p->err, p->file, at(p, "dlt"),
		    "dlt of link %s needs TLVs, which its centre does not take", l->name);
}

void options_link_check(const char *file, const struct ynode *root, struct options *o, struct buf *err)
{
	struct place p = {.file = file, .links = ynode_get(root, "links"), .err = err};

	for (p.i = 0; p.i < o->links.n; p.i++) {
		struct opt_link *l = o->links.v[p.i];

		if (l->reconnect_min_ms > l->reconnect_max_ms)
			ydoc_error(err, file, at(&p, "reconnect_min"),
			    "reconnect_min of link %s is longer than its reconnect_max", l->name);
		read_receipts(&p, l);
		read_errors(&p, l);
		check_tls(&p, l);
		if (l->http)
			check_http(&p, l);
		else
			check_smpp(&p, l);
		read_version(&p, l);
		check_version(&p, l);
		if (l->bind != 0 && l->ussd && l->ussd[0])
			ydoc_error(err, file, at(&p, "ussd"),
			    "link %s brings USSD, which needs bind: transceiver", l->name);
	}
	if (o->links.n > 64)
		ydoc_error(err, file, p.links, "there are more than 64 links");
	p.links = ynode_get(root, "routes");
	for (p.i = 0; p.i < o->routes.n; p.i++)
		check_route(&p, o, o->routes.v[p.i]);
}
