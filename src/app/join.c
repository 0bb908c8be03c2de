/* SPDX-License-Identifier: BSD-2-Clause */
/* join.c - long messages from phones: parts are kept in the store until all are there, in any order,
 * over any bind or process. A part is acknowledged when it is stored; the one that completes the
 * message is acknowledged when the whole message is in the inbox. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/rd.h"

#define PART_MS (10u * 60 * 1000) /* how long the rest is waited for */
#define PART_META 4u /* octets before the text: data_coding, shift tables, length of the UDH */

/* One part between its arrival and its storing. */
struct join {
	struct app_link *al;
	uint64_t token, bind_no;
	char msisdn[16];
	struct sv address; /* owned text */
	char key[80];
	LIST_ENTRY(join) all;
};

static void join_free(struct join *j)
{
	LIST_REMOVE(j, all);
	free((char *)j->address.p);
	free(j);
}

void join_free_all(struct app *a)
{
	while (!LIST_EMPTY(&a->joins))
		join_free(LIST_FIRST(&a->joins));
}

static void whole(struct join *j, const struct sv *part, size_t n)
{
	struct mo_piece *piece = xcalloc(n + 1, sizeof(*piece));
	struct mo mo = {.al = j->al,
	    .token = j->token,
	    .bind_no = j->bind_no,
	    .msisdn = j->msisdn,
	    .address = j->address,
	    .piece = piece,
	    .parts_key = j->key};

	for (size_t i = 0; i < n; i++) {
		struct rd r = rd_make(part[i].p, part[i].n);
		struct mo_piece *p = &piece[mo.pieces];

		p->data_coding = rd_u8(&r);
		p->lock_lang = rd_u8(&r);
		p->shift_lang = rd_u8(&r);
		p->udh_octets = rd_u8(&r);
		p->octets = rd_octets(&r, rd_left(&r));
		if (!r.err)
			mo.pieces++;
	}
	mo_begin(&mo);
	free(piece);
}

static void on_part(enum store_rc rc, const struct sv *part, size_t n, void *arg)
{
	struct join *j = arg;
	struct app *a = j->al->a;
	uint32_t status = ESME_ROK;
	const char *outcome = "part";

	if (rc == STORE_OK && !a->stopping) {
		whole(j, part, n);
		join_free(j);
		return;
	}
	if (rc == STORE_DUPLICATE)
		outcome = "duplicate";
	if (rc == STORE_AWAY || rc == STORE_FULL || (rc == STORE_OK && a->stopping)) {
		status = ESME_RX_T_APPN;
		outcome = rc == STORE_FULL ? "full" : "store_away";
	}
	smpp_link_deliver_resp(j->al->link, j->token, status);
	metrics_add(a->metrics, M_MO, 1, j->al->opt->name, outcome, NULL);
	join_free(j);
}

void join_part(const struct mo *mo, unsigned ref, unsigned total, unsigned seq)
{
	struct app *a = mo->al->a;
	const struct mo_piece *piece = &mo->piece[0];
	struct join *j = xcalloc(1, sizeof(*j));
	struct buf rec;
	struct store_part p = {.msisdn = j->msisdn, .seq = seq, .total = total, .part_ms = PART_MS};

	LIST_INSERT_HEAD(&a->joins, j, all);
	j->al = mo->al;
	j->token = mo->token;
	j->bind_no = mo->bind_no;
	snprintf(j->msisdn, sizeof(j->msisdn), "%s", mo->msisdn);
	j->address = (struct sv){xstrndup(mo->address.p, mo->address.n), mo->address.n};
	snprintf(j->key, sizeof(j->key), "%s:" SV_FMT ":%u:%u", mo->msisdn, SV_ARG(mo->address), ref,
	    total);
	buf_init(&rec, STORE_RECORD_MAX);
	buf_add(&rec,
	    (const uint8_t[PART_META]){
		piece->data_coding, piece->lock_lang, piece->shift_lang, piece->udh_octets},
	    PART_META);
	buf_addsv(&rec, piece->octets);
	p.key = sv_from(j->key);
	p.record = buf_sv(&rec);
	a->store->ops->part(a->store, &p, on_part, j);
	buf_clear(&rec);
}
