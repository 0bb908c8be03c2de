/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_session.c - any octets as a stored session: what is read is written the same again, and the
 * person's next text is answered. */
#include "story.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct packs *shipped(void)
{
	static struct packs *p; /* compiled once; a process of its own */
	const char *root = getenv("DK_SRCDIR");

	if (!p)
		p = load_packs(root ? root : ".", "services");
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct input in = {.kind = INPUT_TEXT,
	    .turn_id = 1,
	    .msisdn = "919812345678",
	    .channel = "sms",
	    .text = SV("REPEAT")};
	struct session *s = session_decode(shipped(), (struct sv){(const char *)p, n}), *again;
	struct step_result r;
	struct buf a, b;

	buf_init(&a, 1 << 16);
	buf_init(&b, 1 << 16);
	session_encode(s, &a);
	again = session_decode(shipped(), buf_sv(&a));
	session_encode(again, &b);
	assert(sv_eq(buf_sv(&a), buf_sv(&b)));
	dialogue_step(shipped(), s, &in, 1795329000000, &r);
	assert(r.reply_count > 0 || r.has_call);
	step_result_clear(&r);
	session_free(s);
	session_free(again);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}
