/* SPDX-License-Identifier: BSD-2-Clause */
/* retry.c - the table of submit_sm answers; see retry.h. */
#include "engine/retry.h"

#include <stdbool.h>
#include <stddef.h>

#include "codec/smpp_pdu.h"

static const struct retry_rule table[] = {
    {ESME_RTHROTTLED, ESME_RTHROTTLED, RETRY_KIND_SLOWER}, /* asked for more than agreed */
    {ESME_RMSGQFUL, ESME_RMSGQFUL, RETRY_KIND_SLOWER}, /* their queue is full */
    {ESME_RSYSERR, ESME_RSYSERR, RETRY_KIND_LATER},
    {ESME_RX_T_APPN, ESME_RX_T_APPN, RETRY_KIND_LATER},
    {0x61, 0x61, RETRY_KIND_LATER}, /* ESME_RINVSCHED: some centres say it while they restart */
    {ESME_RSUBMITFAIL, ESME_RSUBMITFAIL, RETRY_KIND_ONCE},
    {0xFE, 0xFF, RETRY_KIND_ONCE}, /* ESME_RDELIVERYFAILURE, ESME_RUNKNOWNERR */
    {0x400, 0x4FF, RETRY_KIND_ONCE}, /* vendors' own */
    {636, 636, RETRY_KIND_ONCE}, /* India's DLT: the template was not found just now */
    {670, 670, RETRY_KIND_LATER}, /* DLT: scrubbing failed */
    {ESME_RINVBNDSTS, ESME_RINVBNDSTS, RETRY_KIND_LATER}, /* the bind went: another will come */
    {RETRY_NO_ANSWER, RETRY_NO_ANSWER, RETRY_KIND_AGAIN}, /* may have been taken: twice beats never */
    {RETRY_LOST, RETRY_LOST, RETRY_KIND_AGAIN},
};

#define AMBIGUOUS_TRIES 2u
#define TEMPORARY_TRIES 100u /* the life ends it before, but for very long lives */
#define SLOW_HOLD_MS 1000u
#define BACKOFF_MS 1000u
#define BACKOFF_MAX_MS 60000u

static const struct retry_rule *find(const struct retry_rule *v, size_t n, uint32_t status)
{
	for (size_t i = 0; i < n; i++)
		if (status >= v[i].from && status <= v[i].to)
			return &v[i];
	return NULL;
}

enum retry_kind retry_kind_of(const struct retry_rules *rules, uint32_t status)
{
	const struct retry_rule *r = rules ? find(rules->v, rules->n, status) : NULL;

	if (status >= RETRY_SAID && status < RETRY_SAID + RETRY_KINDS)
		return (enum retry_kind)(status - RETRY_SAID);
	if (!r)
		r = find(table, sizeof(table) / sizeof(table[0]), status);
	return r ? r->kind : RETRY_KIND_NEVER;
}

static const char *again_words(uint32_t status)
{
	if (status == RETRY_LOST)
		return "link_lost";
	return status == RETRY_NO_ANSWER ? "no_answer" : "again";
}

/* 1 s, 2 s, 4 s … 60 s, each shortened by up to a quarter. */
static uint64_t backoff_ms(unsigned attempts, uint32_t jitter)
{
	unsigned shift = attempts > 7 ? 6 : attempts - (attempts > 0);
	uint64_t ms = (uint64_t)BACKOFF_MS << shift;

	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	return ms - (ms / 4) * (jitter & 0xFF) / 256;
}

struct retry retry_decide(const struct retry_rules *rules, enum msg_class class, uint32_t status,
    unsigned attempts, uint64_t now_ms, uint64_t expires_ms, uint32_t jitter)
{
	struct retry r = {.action = RETRY_AGAIN, .reason = "temporary"};
	bool must_come = class == CLASS_OTP || class == CLASS_ALERT;

	switch (retry_kind_of(rules, status)) {
	case RETRY_KIND_SLOWER:
		r = (struct retry){RETRY_SLOWER, SLOW_HOLD_MS, SLOW_HOLD_MS, "throttled"};
		break;
	case RETRY_KIND_LATER:
		r.delay_ms = backoff_ms(attempts, jitter);
		if (attempts >= TEMPORARY_TRIES)
			r.action = RETRY_NEVER;
		break;
	case RETRY_KIND_ONCE:
		r.delay_ms = backoff_ms(attempts, jitter);
		r.reason = "ambiguous";
		/* A second copy of a code or of "your turn" harms nobody, a missing one does. */
		if (attempts >= (must_come ? TEMPORARY_TRIES : AMBIGUOUS_TRIES))
			r.action = RETRY_NEVER;
		break;
	case RETRY_KIND_AGAIN:
		/* The second time not so fast: it may be this message that brings the link down. */
		r.delay_ms = attempts > 1 ? backoff_ms(attempts - 1, jitter) : 0;
		r.reason = again_words(status);
		break;
	case RETRY_KIND_NEVER:
	case RETRY_KINDS:
		return (struct retry){.action = RETRY_NEVER, .reason = "permanent"};
	}
	if (now_ms + r.delay_ms >= expires_ms)
		return (struct retry){.action = RETRY_NEVER, .reason = "expired"};
	return r;
}
