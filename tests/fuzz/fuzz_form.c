/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_form.c - a name, a NUL, and a form. Of any form a value is found or not, no longer than the form,
 * without a NUL, and what follows it changes nothing; any value written as a form comes back. */
#include "codec/form.h"
#include "fuzz.h"

static void put(struct buf *b, struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addf(b, "%%%02X", (unsigned)(uint8_t)s.p[i]);
}

static size_t without_nul(struct sv s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0')
			out[n++] = s.p[i];
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n > 0 ? memchr(data, '\0', n) : NULL;
	size_t name_n = nul ? (size_t)(nul - data) : 0, form_n = n - name_n - 1;
	char *name, *form, *want;
	struct buf got, again, written;
	bool has;

	if (!nul || n > 4096)
		return 0;
	name = xstrndup((const char *)data, name_n);
	form = form_n > 0 ? xmemdup(nul + 1, form_n) : xmalloc(1);
	want = xmalloc(form_n + 1);
	buf_init(&got, n);
	buf_init(&again, n);
	buf_init(&written, 6 * n + 100);
	has = form_get((struct sv){form, form_n}, name, &got);
	MUST(!got.full && (has || got.n == 0) && !memchr(buf_str(&got), '\0', got.n));
	buf_add(&written, form, form_n);
	buf_adds(&written, "&");
	MUST(form_get(buf_sv(&written), name, &again) == has && sv_eq(buf_sv(&again), buf_sv(&got)));
	if (name_n > 0) {
		buf_reset(&written);
		buf_reset(&again);
		buf_adds(&written, "&=&x&");
		put(&written, sv_from(name));
		buf_addc(&written, '=');
		put(&written, (struct sv){form, form_n});
		buf_adds(&written, "&");
		put(&written, sv_from(name));
		buf_adds(&written, "=2");
		if (strcmp(name, "x") != 0) {
			MUST(form_get(buf_sv(&written), name, &again));
			MUST(sv_eq(buf_sv(&again),
			    (struct sv){want, without_nul((struct sv){form, form_n}, want)}));
		}
	}
	buf_clear(&got);
	buf_clear(&again);
	buf_clear(&written);
	free(name);
	free(form);
	free(want);
	return 0;
}
