/* SPDX-License-Identifier: BSD-2-Clause */
/* options_link.c - checks of links that need more than one option or a list of words. */
#include "options_link.h"

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

void options_link_check(const char *file, const struct ynode *root, struct options *o, struct buf *err)
{
	struct place p = {.file = file, .links = ynode_get(root, "links"), .err = err};

	for (p.i = 0; p.i < o->links.n; p.i++) {
		struct opt_link *l = o->links.v[p.i];

		if (l->reconnect_min_ms > l->reconnect_max_ms)
			ydoc_error(err, file, at(&p, "reconnect_min"),
			    "reconnect_min of link %s is longer than its reconnect_max", l->name);
		read_receipts(&p, l);
	}
}
