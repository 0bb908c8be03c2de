/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_json.c - a pointer, a NUL, and a JSON document. Whatever the pointer is, it finds nothing or a
 * part of the document; and every part is found by its own pointer (RFC 6901). */
#include <stdlib.h>

#include "engine/pack_int.h"
#include "fuzz.h"

enum { DEPTH = 12, PARTS = 400 };

static bool is_part(const json_t *doc, const json_t *part, unsigned depth)
{
	const char *key;
	json_t *v;
	size_t i;

	if (doc == part)
		return true;
	if (depth == 0)
		return false;
	json_object_foreach((json_t *)doc, key, v) if (is_part(v, part, depth - 1)) return true;
	json_array_foreach(doc, i, v) if (is_part(v, part, depth - 1)) return true;
	return false;
}

/* path: the pointer of v. left: parts that are still looked at. */
static void all_found(const json_t *doc, const json_t *v, struct buf *path, unsigned depth,
    unsigned *left)
{
	const char *key;
	size_t n = path->n, i;
	json_t *w;

	MUST(json_at(doc, buf_str(path)) == v);
	if (depth == 0 || *left == 0)
		return;
	--*left;
	json_object_foreach((json_t *)v, key, w)
	{
		if (strlen(key) > 60) /* longer names no pack can write */
			continue;
		buf_addc(path, '/');
		for (const char *c = key; *c; c++)
			if (*c == '~' || *c == '/')
				buf_adds(path, *c == '~' ? "~0" : "~1");
			else
				buf_addc(path, *c);
		all_found(doc, w, path, depth - 1, left);
		path->n = n;
	}
	json_array_foreach(v, i, w)
	{
		buf_addf(path, "/%zu", i);
		all_found(doc, w, path, depth - 1, left);
		path->n = n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n > 0 ? memchr(data, '\0', n) : NULL;
	size_t at = nul ? (size_t)(nul - data) + 1 : 0;
	unsigned left = PARTS;
	const json_t *part;
	char *pointer;
	struct buf path;
	json_t *doc;

	if (!nul || n > 8192)
		return 0;
	doc = json_loadb((const char *)data + at, n - at, 0, NULL);
	if (!doc)
		return 0;
	pointer = xstrndup((const char *)data, at);
	part = json_at(doc, pointer);
	MUST(!part || is_part(doc, part, 2048));
	buf_init(&path, 4096);
	all_found(doc, doc, &path, DEPTH, &left);
	buf_clear(&path);
	free(pointer);
	json_decref(doc);
	return 0;
}
