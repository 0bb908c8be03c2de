/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem_otp.c - the twin's one-time codes: what lua/otp_*.lua do, step by step. */
#include <string.h>

#include "store/store_mem_int.h"

#define TIMES_MAX 64u

struct code { /* kept as its octets */
	char id[64], mac[65], seal[65], ok[64], last[64];
	uint64_t exp, ok_at, tries;
};
struct times { /* newest first */
	uint64_t at[TIMES_MAX];
	size_t n;
};

static void put(char *to, size_t cap, struct sv s)
{
	size_t n = s.n < cap ? s.n : cap - 1;

	memset(to, 0, cap);
	if (n > 0)
		memcpy(to, s.p, n);
}

static bool read_octets(struct mem_texts *t, struct sv key, uint64_t now, void *to, size_t n)
{
	const struct mem_text *m = mem_text_get(t, key, now);

	memset(to, 0, n);
	if (m == NULL || m->n != n)
		return false;
	memcpy(to, m->p, n);
	return true;
}

static uint64_t wait_of(const struct times *t, uint64_t nth, uint64_t ms, uint64_t now)
{
	return nth >= 1 && nth <= t->n && t->at[nth - 1] + ms > now ? t->at[nth - 1] + ms - now : 0;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void issue(struct mem_texts *t, struct store_keys *k, const struct store_otp *o,
    uint64_t clock_ms, struct mem_said *out)
{
	const struct store_otp_limits *l = o->limits;
	struct sv key = store_key_otp(k, o->purpose), times_key = store_key_otp_times(k);
	struct code c;
	struct times w;
	bool is_live = read_octets(t, key, clock_ms, &c, sizeof c) && c.exp > o->now_ms;

	if (is_live && sv_is(o->id, c.id)) {
		*out = (struct mem_said){.rc = STORE_OK, .number = c.exp};
		put(out->text, sizeof out->text, sv_from(c.seal));
		return;
	}
	*out = (struct mem_said){.rc = STORE_DUPLICATE};
	if (is_live && c.ok[0] == '\0')
		out->text[0] = '1';
	(void)read_octets(t, times_key, clock_ms, &w, sizeof w);
	out->number = wait_of(&w, 1, l->resend_ms, o->now_ms);
	if (out->number > 0)
		return;
	out->rc = STORE_FULL;
	out->number = most(wait_of(&w, l->burst, l->burst_ms, o->now_ms),
	    wait_of(&w, l->day, l->day_ms, o->now_ms));
	if (out->number > 0)
		return;
	memmove(w.at + 1, w.at, (TIMES_MAX - 1) * sizeof w.at[0]);
	w.at[0] = o->now_ms;
	w.n = w.n < TIMES_MAX ? w.n + 1 : TIMES_MAX;
	mem_text_set(t, times_key, (struct sv){(char *)&w, sizeof w},
	    clock_ms + most(most(l->burst_ms, l->day_ms), l->resend_ms));
	memset(&c, 0, sizeof c);
	c.exp = o->now_ms + l->life_ms;
	put(c.id, sizeof c.id, o->id);
	put(c.mac, sizeof c.mac, o->mac);
	put(c.seal, sizeof c.seal, o->seal);
	mem_text_set(t, key, (struct sv){(char *)&c, sizeof c}, clock_ms + store_life(l->life_ms));
	*out = (struct mem_said){.rc = STORE_OK, .number = c.exp};
	put(out->text, sizeof out->text, o->seal);
}

static bool is_same(const char *mac, struct sv given)
{
	unsigned diff = strlen(mac) != given.n;

	for (size_t i = 0; i < given.n; i++)
		diff |= (unsigned char)given.p[i] ^ (unsigned char)(i < 65 ? mac[i] : 0);
	return diff == 0;
}

static void try_code(struct mem_texts *t, struct store_keys *k, const struct store_otp *o,
    uint64_t clock_ms, struct mem_said *out)
{
	struct sv key = store_key_otp(k, o->purpose);
	const struct mem_text *m = mem_text_get(t, key, clock_ms);
	uint64_t dies = m ? m->dies_ms : 0, attempts = o->limits->attempts;
	struct code c;

	*out = (struct mem_said){.rc = STORE_NONE};
	if (!read_octets(t, key, clock_ms, &c, sizeof c) || c.exp <= o->now_ms)
		return;
	if (c.ok[0] != '\0') {
		if (sv_is(o->id, c.ok))
			*out = (struct mem_said){.rc = STORE_OK, .number = c.ok_at};
		return;
	}
	if (sv_is(o->id, c.last)) {
		*out = (struct mem_said){.rc = STORE_CLASH, .number = attempts - c.tries};
		return;
	}
	if (c.tries >= attempts)
		return;
	if (is_same(c.mac, o->mac)) {
		put(c.ok, sizeof c.ok, o->id);
		c.ok_at = o->now_ms;
		*out = (struct mem_said){.rc = STORE_OK, .number = o->now_ms};
	} else {
		put(c.last, sizeof c.last, o->id);
		c.tries++;
		*out = (struct mem_said){.rc = STORE_CLASH, .number = attempts - c.tries};
	}
	mem_text_set(t, key, (struct sv){(char *)&c, sizeof c}, dies);
}

static void count(struct mem_texts *t, struct store_keys *k, const struct store_otp *o,
    uint64_t clock_ms, struct mem_said *out)
{
	struct sv key = store_key_otp_prefix(k);
	const struct mem_text *m = mem_text_get(t, key, clock_ms);
	uint64_t n = 0, dies = m ? m->dies_ms : clock_ms + store_life(o->limits->prefix_ms);

	(void)read_octets(t, key, clock_ms, &n, sizeof n);
	if (n >= o->limits->prefix) {
		*out = (struct mem_said){.rc = STORE_FULL, .number = dies - clock_ms};
		return;
	}
	n++;
	mem_text_set(t, key, (struct sv){(char *)&n, sizeof n}, dies);
	*out = (struct mem_said){.rc = STORE_OK, .number = n};
}

void mem_otp(struct mem_texts *t, struct store_keys *k, const struct store_otp *o, uint64_t clock_ms,
    struct mem_said *out)
{
	switch (o->kind) {
	case STORE_OTP_ISSUE:
		issue(t, k, o, clock_ms, out);
		break;
	case STORE_OTP_TRY:
		try_code(t, k, o, clock_ms, out);
		break;
	case STORE_OTP_COUNT:
		count(t, k, o, clock_ms, out);
		break;
	}
}
