/* SPDX-License-Identifier: BSD-2-Clause */
/* receipts.c - what centres say of messages after they took them. Every receipt is acknowledged at once;
 * what it says finds its message by one of the forms of its id, or waits in the store for the message
 * to be known as sent. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/clock.h"
#include "codec/msisdn.h"
#include "codec/receipt_forms.h"
#include "engine/status_words.h"

#define PARK_MS (15u * 60 * 1000) /* a receipt that comes before its message is known as sent */
#define KEEP_MS (60u * 60 * 1000) /* repeats of a last state are recognised */

_Static_assert(RECEIPT_FORMS <= STORE_RECEIPT_IDS, "the store takes every form of an id");

/* A receipt on its way through the store. Freed by the completion, which always comes. */
struct taken {
	struct app_link *al;
	char msisdn[MSISDN_CAP];
	struct receipt_ids ids;
	enum receipt_state state;
	char err[16]; /* the centre's own code; may be empty */
	bool was_early;
};

static void count(struct app_link *al, const char *outcome)
{
	metrics_add(al->a->metrics, M_RECEIPT_MATCH, 1, al->opt->name, outcome, NULL);
}

/* The first time that the state of the whole message is a last one: when all parts were delivered, or
 * the first of them failed. */
static bool is_first_last(struct sv states, char now)
{
	enum receipt_state worst = receipt_worst(states);
	size_t failed = 0;

	for (size_t i = 0; i < states.n; i++)
		failed += receipt_rank(states.p[i]) == 3 && states.p[i] != '0' + RECEIPT_DELIVERED;
	if (!receipt_is_final(worst))
		return false;
	return now == '0' + RECEIPT_DELIVERED ? failed == 0 : failed == 1;
}

static void found(struct taken *t, const struct store_done *d)
{
	struct app *a = t->al->a;
	struct log_ctx ctx = {.link = t->al->opt->name};
	enum receipt_state worst = receipt_worst(d->states);
	struct out_record r;
	bool is_last;

	if (!out_record_decode(d->record, &r))
		return;
	ctx.trace = r.trace;
	is_last = is_first_last(d->states, (char)('0' + t->state));
	if (is_last)
		metrics_add(a->metrics, M_MT_STATE, 1, msg_class_name(r.class),
		    receipt_state_name(worst), NULL);
	LOG(&ctx, is_last ? LOG_INFO : LOG_DEBUG, "receipt",
	    "class=%s state=%s part_state=%s parts=%zu err=%s why=%s after_ms=%llu",
	    msg_class_name(r.class), receipt_state_name(worst), receipt_state_name(t->state),
	    d->states.n, LOGQ(t->err), LOGQ(status_words_of_err(sv_from(t->err))),
	    (unsigned long long)(clock_wall_ms() - r.at_ms));
	if (!t->was_early && receipt_habit_learn(&t->al->first->habit, &t->ids, d->form))
		LOG(&(struct log_ctx){.link = t->al->opt->name}, LOG_INFO, "receipts learnt",
		    "message ids are %s", receipt_form_words(t->al->first->habit.form));
}

static void on_receipt(const struct store_done *d, void *arg)
{
	struct taken *t = arg;

	switch (d->rc) {
	case STORE_OK:
		count(t->al, t->was_early ? "matched_early" : "matched");
		found(t, d);
		break;
	case STORE_DUPLICATE:
		count(t->al, d->late ? "late" : "duplicate");
		break;
	case STORE_NONE:
		count(t->al, "parked");
		break;
	case STORE_AWAY:
	case STORE_CLASH:
	case STORE_FULL:
		count(t->al, "store_away");
		break;
	}
	free(t);
}

static void give(struct taken *t)
{
	struct sv ids[RECEIPT_FORMS];
	struct store *s = t->al->a->store;

	for (size_t i = 0; i < t->ids.count; i++)
		ids[i] = sv_from(t->ids.id[i]);
	s->ops->receipt(s,
	    &(struct store_receipt){
		.msisdn = t->msisdn,
		.link = t->al->opt->name,
		.ids = ids,
		.id_count = t->ids.count,
		.state = (char)('0' + t->state),
		.park_count = receipt_habit_is_sure(&t->al->first->habit) ? 1 : t->ids.count,
		.park_ms = t->was_early ? 0 : PARK_MS,
		.keep_ms = KEEP_MS,
	    },
	    on_receipt, t);
}

void receipt_take(struct app_link *al, const struct smpp_pdu *pdu, uint64_t token)
{
	struct taken *t;
	struct receipt rc;

	/* Known or not, a receipt is acknowledged: else the centre repeats it and holds up messages. */
	smpp_link_deliver_resp(al->link, token, ESME_ROK);
	if (!receipt_read(pdu, &rc)) {
		metrics_add(al->a->metrics, M_RECEIPT, 1, al->opt->name, "unreadable", NULL);
		count(al, "unreadable");
		return;
	}
	metrics_add(al->a->metrics, M_RECEIPT, 1, al->opt->name, receipt_state_name(rc.state), NULL);
	t = xcalloc(1, sizeof(*t));
	t->al = al;
	t->state = rc.state;
	receipt_ids_of(sv_from(rc.id), &al->first->habit, &t->ids);
	for (size_t i = 0; i < rc.err.n && i + 1 < sizeof(t->err); i++)
		t->err[i] = rc.err.p[i];
	/* Some centres do not turn the addresses round. */
	if (t->ids.count == 0) {
		count(al, "no_id");
		free(t);
	} else if (!msisdn_normalise(pdu->source_addr, pdu->source_addr_ton, t->msisdn) &&
		   !msisdn_normalise(pdu->destination_addr, pdu->dest_addr_ton, t->msisdn)) {
		count(al, "no_number");
		free(t);
	} else {
		give(t);
	}
}

void receipt_report(struct app_link *al, const char *msisdn, const char *id, enum receipt_state state,
    const char *err)
{
	struct taken *t = xcalloc(1, sizeof(*t));

	metrics_add(al->a->metrics, M_RECEIPT, 1, al->opt->name, receipt_state_name(state), NULL);
	t->al = al;
	t->state = state;
	snprintf(t->msisdn, sizeof(t->msisdn), "%s", msisdn);
	snprintf(t->err, sizeof(t->err), "%s", err);
	receipt_ids_of(sv_from(id), &al->first->habit, &t->ids);
	give(t);
}

void receipt_was_early(struct app_link *al, const char *msisdn, const char *id, char state)
{
	struct taken *t = xcalloc(1, sizeof(*t));

	t->al = al;
	t->was_early = true;
	t->state = (enum receipt_state)(state - '0');
	memcpy(t->msisdn, msisdn, sizeof(t->msisdn));
	receipt_ids_of(sv_from(id), &(struct receipt_habit){0}, &t->ids);
	t->ids.count = 1; /* this very id */
	give(t);
}
