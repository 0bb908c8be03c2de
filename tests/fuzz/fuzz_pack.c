/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_pack.c - the pack compiler over any service file and catalogues: it gives packs or it gives
 * a sentence, never both, never neither. A file is cut at lines "---FILE". */
#include "story.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct sv cut(struct sv *rest)
{
	static const char mark[] = "---FILE\n";
	const size_t m = sizeof(mark) - 1;
	struct sv part = *rest;

	for (size_t i = 0; i + m <= rest->n; i++)
		if (memcmp(rest->p + i, mark, m) == 0) {
			part.n = i;
			rest->p += i + m;
			rest->n -= i + m;
			return part;
		}
	rest->p += rest->n;
	rest->n = 0;
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const file[] = {"service.yaml", "hi.yaml", "en.yaml"};
	const char *root = getenv("DK_SRCDIR");
	struct sv rest = {(const char *)p, n};
	struct pack_source src[6];
	char *owned[6] = {NULL};
	struct packs *packs;
	struct buf err;

	buf_init(&err, 1 << 22);
	for (size_t i = 0; i < 6; i++) {
		const char *name = file[i % 3];

		if (i >= 3) {
			char *path = xasprintf("%s/services/common/%s", root ? root : ".", name);

			owned[i] = read_file(path);
			free(path);
		}
		src[i] = (struct pack_source){
		    name, i < 3 ? "mini" : "common", name, i < 3 ? cut(&rest) : sv_from(owned[i])};
	}
	packs = packs_compile(src, 6, &err, NULL);
	assert((packs == NULL) == (err.n > 0));
	packs_free(packs);
	buf_clear(&err);
	for (size_t i = 0; i < 6; i++)
		free(owned[i]);
	return 0;
}
