/* SPDX-License-Identifier: BSD-2-Clause */
/* retry.c - the table of submit_sm answers; see retry.h. */
#include "engine/retry.h"

#include <stddef.h>

#include "codec/smpp_pdu.h"

enum kind { SLOW, TEMPORARY, AMBIGUOUS, PERMANENT, AT_ONCE };

static const struct {
	uint32_t from, to;
	enum kind kind;
} table[] = {
    {ESME_RTHROTTLED, ESME_RTHROTTLED, SLOW}, /* asked for more than agreed */
    {ESME_RMSGQFUL, ESME_RMSGQFUL, SLOW}, /* their queue is full */
    {ESME_RSYSERR, ESME_RSYSERR, TEMPORARY},
    {ESME_RX_T_APPN, ESME_RX_T_APPN, TEMPORARY},
    {0x61, 0x61, TEMPORARY}, /* ESME_RINVSCHED: some centres say it while they restart */
    {ESME_RSUBMITFAIL, ESME_RSUBMITFAIL, AMBIGUOUS},
    {0xFE, 0xFF, AMBIGUOUS}, /* ESME_RDELIVERYFAILURE, ESME_RUNKNOWNERR */
    {0x400, 0x4FF, AMBIGUOUS}, /* vendors' own */
    {ESME_RINVBNDSTS, ESME_RINVBNDSTS, TEMPORARY}, /* the bind went: another will come */
    {RETRY_NO_ANSWER, RETRY_NO_ANSWER, AT_ONCE}, /* may have been taken: twice beats never */
    {RETRY_LOST, RETRY_LOST, AT_ONCE},
};

#define AMBIGUOUS_TRIES 2u
#define TEMPORARY_TRIES 100u /* the life ends it before, but for very long lives */
#define SLOW_HOLD_MS 1000u
#define BACKOFF_MS 1000u
#define BACKOFF_MAX_MS 60000u

static enum kind kind_of(uint32_t status)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (status >= table[i].from && status <= table[i].to)
			return table[i].kind;
	return PERMANENT;
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

struct retry retry_decide(uint32_t status, unsigned attempts, uint64_t now_ms, uint64_t expires_ms,
    uint32_t jitter)
{
	struct retry r = {.action = RETRY_AGAIN, .reason = "temporary"};

	switch (kind_of(status)) {
	case SLOW:
		r = (struct retry){RETRY_SLOWER, SLOW_HOLD_MS, SLOW_HOLD_MS, "throttled"};
		break;
	case TEMPORARY:
		r.delay_ms = backoff_ms(attempts, jitter);
		if (attempts >= TEMPORARY_TRIES)
			r.action = RETRY_NEVER;
		break;
	case AMBIGUOUS:
		r.delay_ms = backoff_ms(attempts, jitter);
		r.reason = "ambiguous";
		if (attempts >= AMBIGUOUS_TRIES)
			r.action = RETRY_NEVER;
		break;
	case AT_ONCE:
		/* The second time not so fast: it may be this message that brings the link down. */
		r.delay_ms = attempts > 1 ? backoff_ms(attempts - 1, jitter) : 0;
		r.reason = status == RETRY_LOST ? "link_lost" : "no_answer";
		break;
	case PERMANENT:
		return (struct retry){.action = RETRY_NEVER, .reason = "permanent"};
	}
	if (now_ms + r.delay_ms >= expires_ms)
		return (struct retry){.action = RETRY_NEVER, .reason = "expired"};
	return r;
}
