/* SPDX-License-Identifier: BSD-2-Clause */
/* faults.c - the table of faults; see faults.h. */
#include "sim/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(name, kind, member, help) \
	{ \
		name, kind, offsetof(struct faults, member), help \
	}

const struct fault_row fault_rows[] = {
    ROW("throttle", FAULT_COUNT, throttle, "answer the next N submit_sm with ESME_RTHROTTLED"),
    ROW("full", FAULT_COUNT, full, "answer the next N submit_sm with ESME_RMSGQFUL"),
    ROW("reject", FAULT_COUNT, reject, "answer the next N submit_sm with ESME_RSUBMITFAIL"),
    ROW("lose", FAULT_COUNT, lose, "take the next N submit_sm but never answer them"),
    ROW("delay", FAULT_MS, delay_ms, "hold every submit_sm_resp back for this many milliseconds"),
    ROW("silent", FAULT_SWITCH, silent, "take everything, answer nothing"),
    ROW("refuse-bind", FAULT_COUNT, refuse_bind, "answer the next N binds with ESME_RBINDFAIL"),
    ROW("undelivered", FAULT_COUNT, undelivered, "the next N receipts say UNDELIV"),
    ROW("unnoticed", FAULT_COUNT, unnoticed, "never confirm the next N USSD notices"),
    ROW("duplicate-receipt", FAULT_SWITCH, duplicate_receipt, "send every receipt twice"),
    ROW("duplicate-mo", FAULT_SWITCH, duplicate_mo, "send every message of a phone twice"),
    {"drop", FAULT_ACTION, 0, "close every link now, without unbind"},
    {"unbind", FAULT_ACTION, 0, "unbind every link now"},
    {NULL, FAULT_ACTION, 0, NULL},
};

static bool number(const char *s, uint64_t *out)
{
	char *end;

	if (!s || *s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool onoff(const char *s, bool *out)
{
	if (s && (strcmp(s, "on") == 0 || strcmp(s, "off") == 0)) {
		*out = s[1] == 'n';
		return true;
	}
	return false;
}

static bool set_row(struct faults *f, const struct fault_row *r, const char *value)
{
	char *at = (char *)f + r->offset;
	uint64_t n;
	bool on;

	switch (r->kind) {
	case FAULT_COUNT:
	case FAULT_MS:
		if (!number(value, &n))
			return false;
		memcpy(at, &n, sizeof(n));
		return true;
	case FAULT_SWITCH:
		if (!onoff(value, &on))
			return false;
		memcpy(at, &on, sizeof(on));
		return true;
	case FAULT_ACTION:
		return !value || !*value;
	}
	return false;
}

const struct fault_row *faults_set(struct faults *f, const char *name, const char *value, char *err,
    size_t err_cap)
{
	static const char *const wants[] = {"a number", "milliseconds", "on or off", "no value"};

	for (const struct fault_row *r = fault_rows; r->name; r++) {
		if (strcmp(r->name, name) != 0)
			continue;
		if (set_row(f, r, value))
			return r;
		snprintf(err, err_cap, "fault %s wants %s", name, wants[r->kind]);
		return NULL;
	}
	snprintf(err, err_cap, "there is no fault \"%s\"", name);
	return NULL;
}

bool fault_take(uint64_t *count)
{
	if (*count == 0)
		return false;
	(*count)--;
	return true;
}
