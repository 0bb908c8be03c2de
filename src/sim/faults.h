/* SPDX-License-Identifier: BSD-2-Clause */
/* faults.h - what the message centre is told to do wrong, from one table: the command line,
 * the control socket and the documentation show the same names. */
#ifndef DK_SIM_FAULTS_H
#define DK_SIM_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

struct faults {
	/* how many of the next ones */
	uint64_t throttle, full, reject, lose, refuse_bind, undelivered, unnoticed;
	uint64_t delay_ms;
	bool silent, duplicate_receipt, duplicate_mo;
};

enum fault_kind { FAULT_COUNT, FAULT_MS, FAULT_SWITCH, FAULT_ACTION };
struct fault_row {
	const char *name;
	enum fault_kind kind;
	size_t offset; /* in struct faults; ACTION: unused */
	const char *help;
};
extern const struct fault_row fault_rows[]; /* ends with a NULL name */

/* "throttle" "5", "delay" "300", "silent" "on". An ACTION changes nothing here.
 * NULL with a sentence in err: no such fault, or no such value. */
const struct fault_row *faults_set(struct faults *f, const char *name, const char *value, char *err,
    size_t err_cap) MUSTUSE;
/* Is one of a counted fault left? Takes it. */
bool fault_take(uint64_t *count);

#endif
