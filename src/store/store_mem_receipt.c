/* SPDX-License-Identifier: BSD-2-Clause */
/* store_mem_receipt.c - the twin of lua/receipt.lua and of what `sent` remembers: the same values, under
 * one key for a message of one part and for parts: nothing is won by two here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/receipt_forms.h"
#include "store/store_mem_int.h"

static void early(struct mem_receipts *out, unsigned part, char state)
{
	if (receipt_rank(state) > 0 && out->early_count < STORE_RECEIPTS_MAX)
		out->early[out->early_count++] = (struct store_early){part, state};
}

static bool same(const struct mem_text *t, size_t head, struct sv record)
{
	return t->n == head + record.n && memcmp(t->p + head, record.p, record.n) == 0;
}

static void swap(struct mem_texts *texts, struct sv key, struct buf *value, uint64_t now, uint64_t life)
{
	mem_text_set(texts, key, buf_sv(value), now + life);
	buf_clear(value);
}

static void keep_message(struct mem_texts *texts, struct sv key, const struct store_sent *t,
    uint64_t now, struct mem_receipts *out)
{
	const struct mem_text *old = mem_text_get(texts, key, now);
	size_t n = t->message_id_count;
	struct buf b;

	if (old != NULL && same(old, n + 1, t->record))
		for (unsigned i = 0; i < n; i++)
			early(out, i, old->p[i]);
	buf_init(&b, STORE_RECORD_MAX + STORE_RECEIPTS_MAX + 1);
	for (size_t i = 0; i < n; i++)
		buf_addc(&b, '0');
	buf_addc(&b, ':');
	buf_addsv(&b, t->record);
	swap(texts, key, &b, now, t->receipt_ms);
}

void mem_receipt_keep(struct mem_texts *texts, struct store_keys *k, const struct store_sent *t,
    uint64_t now, struct mem_receipts *out)
{
	size_t n = t->message_id_count < STORE_RECEIPTS_MAX ? t->message_id_count : STORE_RECEIPTS_MAX;
	struct sv message = SV("");

	out->early_count = 0;
	if (n > 1) {
		message = store_key_message(k, t->out_id);
		keep_message(texts, message, t, now, out);
	}
	for (unsigned i = 0; i < n; i++) {
		struct sv key =
		    store_key_receipt(k, t->links ? t->links[i] : t->link, t->message_ids[i]);
		const struct mem_text *old = mem_text_get(texts, key, now);
		struct buf b;

		if (old != NULL && (old->p[0] == '?' ||
				       (old->p[0] == '=' && (old->n == 2 || same(old, 3, t->record)))))
			early(out, i, old->p[1]);
		buf_init(&b, STORE_RECORD_MAX + 3 + STORE_KEY_MAX);
		if (n > 1)
			buf_addf(&b, "*%02x", i + 1);
		else
			buf_adds(&b, "=0:");
		buf_addsv(&b, n > 1 ? message : t->record);
		swap(texts, key, &b, now, t->receipt_ms);
	}
}

/* The text with one octet changed; its life stays. */
static void set_octet(struct mem_texts *texts, struct sv key, const struct mem_text *t, size_t at,
    char c)
{
	char *copy = xmemdup(t->p, t->n);
	size_t n = t->n;

	copy[at] = c;
	mem_text_set(texts, key, (struct sv){copy, n}, t->dies_ms);
	free(copy);
}

static void note(struct mem_texts *texts, struct sv key, const struct mem_text *t,
    const struct store_receipt *r, uint64_t now, struct store_done *d, struct buf *out)
{
	bool is_part = t->p[0] == '*';
	size_t at = 1, from = 1;
	struct sv m = key;
	struct buf kept;
	const char *colon;

	buf_init(&kept, STORE_KEY_MAX);
	if (is_part) {
		at = (size_t)strtoul((char[3]){t->p[1], t->p[2], '\0'}, NULL, 16) - 1;
		from = 0;
		buf_add(&kept, t->p + 3, t->n - 3); /* a view into t would die with it */
		m = buf_sv(&kept);
		t = mem_text_get(texts, m, now);
	}
	d->rc = STORE_DUPLICATE;
	d->late = t != NULL && t->p[at] != r->state;
	if (t != NULL && receipt_rank(r->state) > receipt_rank(t->p[at])) {
		d->rc = STORE_OK;
		d->late = false;
		buf_add(out, t->p + from, t->n - from);
		out->p[at - from] = r->state;
		colon = memchr(out->p, ':', out->n);
		d->states = (struct sv){out->p, (size_t)(colon - out->p)};
		d->record = (struct sv){colon + 1, out->n - d->states.n - 1};
		set_octet(texts, m, t, at, r->state);
		for (size_t i = 0; is_part && i <= d->states.n; i++)
			if (i == d->states.n)
				mem_text_remove(texts, m);
			else if (receipt_rank(d->states.p[i]) < 3)
				break;
		if (receipt_rank(r->state) == 3)
			mem_text_set(texts, key, (struct sv){(char[2]){'=', r->state}, 2},
			    now + store_life(r->keep_ms));
	}
	buf_clear(&kept);
}

void mem_receipt_take(struct mem_texts *texts, struct store_keys *k, const struct store_receipt *r,
    uint64_t now, struct store_done *d, struct buf *out)
{
	struct sv key[STORE_RECEIPT_IDS];
	size_t n = 0;

	d->rc = STORE_NONE;
	for (; n < r->id_count && n < STORE_RECEIPT_IDS; n++) {
		const struct mem_text *t;

		key[n] = store_key_receipt(k, r->link, r->ids[n]);
		t = mem_text_get(texts, key[n], now);
		if (t != NULL && t->p[0] != '?') {
			d->form = n;
			note(texts, key[n], t, r, now, d, out);
			return;
		}
	}
	for (size_t i = 0; i < n && i < r->park_count && r->park_ms > 0; i++) {
		const struct mem_text *t = mem_text_get(texts, key[i], now);

		if (t == NULL || receipt_rank(r->state) > receipt_rank(t->p[1]))
			mem_text_set(texts, key[i], (struct sv){(char[2]){'?', r->state}, 2},
			    now + r->park_ms);
	}
}
