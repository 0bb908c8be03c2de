/* SPDX-License-Identifier: BSD-2-Clause */
/* smpp_window.c - a fixed number of slots, hashed by sequence number, and a token bucket. */
#include "net/smpp_window.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define BURST_S 0.1 /* the bucket holds the tokens of so long a time, and at least one */
#define WAKE_S 0.01 /* and it is looked at again no more often than this, if the burst allows */

struct smpp_pending {
	uint32_t seq;
	uint64_t id, sent_us;
	struct smpp_pending *next; /* free ones */
	UT_hash_handle hh;
};

static double tokens_now(const struct smpp_window *w, uint64_t now_us)
{
	double t = w->tokens;

	if (now_us > w->tokens_at_us)
		t += (double)(now_us - w->tokens_at_us) * w->rate / 1e6;
	return t < w->burst ? t : w->burst;
}

void smpp_window_set_rate(struct smpp_window *w, double rate, uint64_t now_us)
{
	w->tokens = w->rate > 0 ? tokens_now(w, now_us) : 1;
	w->tokens_at_us = now_us;
	w->rate = rate > 0 ? rate : 0;
	w->burst = w->rate * BURST_S > 1 ? w->rate * BURST_S : 1;
}

void smpp_window_init(struct smpp_window *w, size_t max, double rate, uint64_t now_us)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	w->max = max > 0 ? max : 1;
	w->slots = xcalloc(w->max, sizeof(*w->slots));
	for (i = w->max; i > 0; i--) {
		w->slots[i - 1].next = w->free;
		w->free = &w->slots[i - 1];
	}
	smpp_window_set_rate(w, rate, now_us);
	w->tokens = w->burst;
}

void smpp_window_clear(struct smpp_window *w)
{
	HASH_CLEAR(hh, w->by_seq);
	free(w->slots);
	memset(w, 0, sizeof(*w));
}

size_t smpp_window_room(const struct smpp_window *w, uint64_t now_us)
{
	size_t room = w->max - w->used;

	if (w->rate > 0 && room > 0) {
		/* The tiny addition: the time of rate_at is rounded and must give the whole token. */
		size_t allowed = (size_t)(tokens_now(w, now_us) + 1e-6);

		room = room < allowed ? room : allowed;
	}
	return room;
}

uint64_t smpp_window_rate_at(const struct smpp_window *w, uint64_t now_us)
{
	double worth = w->rate * WAKE_S, have;

	if (w->rate <= 0)
		return now_us;
	if (worth > w->burst)
		worth = w->burst;
	if (worth < 1)
		worth = 1;
	have = tokens_now(w, now_us);
	return have >= worth ? now_us : now_us + (uint64_t)((worth - have) / w->rate * 1e6) + 1;
}

bool smpp_window_has(const struct smpp_window *w, uint32_t seq)
{
	struct smpp_pending *p;

	HASH_FIND(hh, w->by_seq, &seq, sizeof(seq), p);
	return p != NULL;
}

void smpp_window_add(struct smpp_window *w, uint32_t seq, uint64_t id, uint64_t now_us)
{
	struct smpp_pending *p = w->free;

	w->free = p->next;
	p->seq = seq;
	p->id = id;
	p->sent_us = now_us;
	HASH_ADD(hh, w->by_seq, seq, sizeof(p->seq), p);
	w->used++;
	if (w->rate > 0) {
		w->tokens = tokens_now(w, now_us) - 1;
		w->tokens_at_us = now_us;
	}
}

bool smpp_window_take(struct smpp_window *w, uint32_t seq, uint64_t *id)
{
	struct smpp_pending *p;

	HASH_FIND(hh, w->by_seq, &seq, sizeof(seq), p);
	if (!p)
		return false;
	HASH_DEL(w->by_seq, p);
	*id = p->id;
	p->next = w->free;
	w->free = p;
	w->used--;
	return true;
}

bool smpp_window_oldest(const struct smpp_window *w, uint32_t *seq, uint64_t *sent_us)
{
	if (!w->by_seq)
		return false;
	*seq = w->by_seq->seq;
	*sent_us = w->by_seq->sent_us;
	return true;
}
