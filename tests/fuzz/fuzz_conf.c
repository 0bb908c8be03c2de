/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_conf.c - any octets as a YAML text and as a configuration. A text is either a tree within its
 * limits or one mistake with its place; a configuration that reads without mistakes prints as one that
 * does, too, and that prints the same. */
#include "base/conf.h"
#include "fuzz.h"

struct item {
	char *name;
	int64_t count, wait_ms;
	int mode;
	bool is_on;
	struct conf_list words;
};

struct top {
	char *text;
	struct conf_list words, items;
	struct item *single, *dflt;
};

/* No SECRET: a fuzzer must not choose files to open. */
static const struct conf_row item_rows[] = {
    {.name = "name",
	.type = CONF_STR,
	.offset = offsetof(struct item, name),
	.flags = CONF_REQUIRED,
	.max = 20},
    {.name = "count", .type = CONF_INT, .offset = offsetof(struct item, count), .def = "1"},
    {.name = "wait", .type = CONF_MS, .offset = offsetof(struct item, wait_ms), .def = "10s"},
    {.name = "mode",
	.type = CONF_ENUM,
	.offset = offsetof(struct item, mode),
	.choices = "a|bb|ccc",
	.def = "bb"},
    {.name = "on", .type = CONF_BOOL, .offset = offsetof(struct item, is_on), .help = "On or off."},
    {.name = "words", .type = CONF_LIST, .offset = offsetof(struct item, words)},
    {0},
};

static const struct conf_row dflt_rows[] = {
    {.name = "wait",
	.type = CONF_MS,
	.offset = offsetof(struct item, wait_ms),
	.def = "1m",
	.min = 5,
	.max = 100000},
    {0},
};

static const struct conf_row rows[] = {
    {.name = "text", .type = CONF_STR, .offset = offsetof(struct top, text), .help = "Some text."},
    {.name = "words", .type = CONF_LIST, .offset = offsetof(struct top, words), .def = "[x, y]"},
    {.name = "items",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, items),
	.sub = item_rows,
	.sub_size = sizeof(struct item)},
    {.name = "single",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, single),
	.flags = CONF_SINGLE,
	.sub = item_rows,
	.sub_size = sizeof(struct item)},
    {.name = "dflt",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, dflt),
	.flags = CONF_SINGLE,
	.def = "{}",
	.sub = dflt_rows,
	.sub_size = sizeof(struct item)},
    {0},
};

static void check_node(const struct ynode *n, unsigned depth)
{
	MUST(n && n->line >= 1 && n->col >= 1 && depth <= YDOC_MAX_DEPTH + 1);
	if (n->kind == YNODE_SCALAR) {
		MUST(ynode_str(n) && strlen(ynode_str(n)) == n->scalar_octets && n->count == 0);
		return;
	}
	for (size_t i = 0; i < n->count; i++) {
		check_node(n->vals[i], depth + 1);
		if (n->kind == YNODE_MAP) {
			check_node(n->keys[i], depth + 1);
			if (n->count < 100) /* keys are unique, so the first found is this one */
				MUST(ynode_get(n, ynode_str(n->keys[i])) == n->vals[i]);
		}
	}
}

static bool check_tree(struct sv text)
{
	struct buf err;
	struct ydoc *d;
	bool ok;

	buf_init(&err, 100000);
	d = ydoc_parse("f", text, &err);
	ok = d != NULL;
	MUST(ok == (err.n == 0));
	if (ok)
		check_node(ydoc_root(d), 0);
	else
		MUST(strncmp(buf_str(&err), "f:", 2) == 0 && err.p[err.n - 1] == '\n');
	ydoc_free(d);
	buf_clear(&err);
	return ok;
}

static bool read_and_print(struct sv text, struct buf *out, struct buf *err)
{
	struct top c = {0};
	bool ok = conf_read(rows, "f", text, &c, err);

	MUST(ok == (err->n == 0));
	conf_print(rows, &c, out);
	conf_clear(rows, &c);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	void *copy = xmemdup(data, n);
	struct sv text = {copy, n};
	struct buf once, twice, err;

	buf_init(&once, 1u << 22);
	buf_init(&twice, 1u << 22);
	buf_init(&err, 1u << 22);
	if (check_tree(text) && read_and_print(text, &once, &err)) {
		if (!read_and_print(buf_sv(&once), &twice, &err)) {
			fprintf(stderr, "%s%s", buf_str(&once), buf_str(&err));
			abort();
		}
		MUST(sv_eq(buf_sv(&once), buf_sv(&twice)));
	}
	buf_clear(&once);
	buf_clear(&twice);
	buf_clear(&err);
	free(copy);
	return 0;
}
