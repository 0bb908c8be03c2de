/* SPDX-License-Identifier: BSD-2-Clause */
/* drive.h - conversations: a message from a phone, its answer back at the phone.
 *
 *   WAIT_BIND ──bound──▶ WARM ──warm_ms──▶ MEASURE ──measure_ms──▶ DRAIN ──▶ DONE
 *
 * Closed loop: `window` phones at once, each begins again when its answer is there. Fixed rate:
 * conversations begin at equal intervals whatever happens to earlier ones, and latency counts from
 * the instant at which one should have begun. No phone has two conversations at a time.
 *
 * Every text carries the number of its conversation in eight digits, and so must its answer: that
 * is how an answer is told from a duplicate. */
#ifndef DK_LOAD_DRIVE_H
#define DK_LOAD_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"
#include "load/hist.h"
#include "sim/conn.h"

struct drive_conf {
	const char *listen, *to;
	const char *text; /* %N stands for the conversation's number in eight digits */
	uint64_t window; /* closed loop; 0: fixed rate */
	uint64_t rate; /* a second */
	uint64_t users; /* phones; at least the window */
	uint64_t binds; /* to wait for */
	bool receipts; /* send one for each message that asks */
	bool plain; /* the backend answers with the text for the phone, not with JSON */
	uint64_t bind_ms, warm_ms, measure_ms, timeout_ms;
};

struct drive_count {
	uint64_t begun, answered, duplicates, lost, refused, late_answers, unexpected;
	uint64_t receipts, receipts_taken, backend_calls, backend_repeats,
	    no_phone; /* no_phone: begins put off, all were busy */
};

struct drive_result {
	bool is_done; /* false: no bind, or stopped from outside */
	double seconds; /* of the measurement */
	struct drive_count n; /* of the measurement; lost, duplicates: also while draining */
	struct hist latency;
};

/* Called when the measurement begins and when it ends, to read what processes cost. */
typedef void drive_mark_fn(bool begin, void *arg);

struct drive;
/* NULL with a sentence in err. cf's strings are borrowed. The loop is stopped when it is done. */
struct drive *drive_new(struct conns *cs, const struct drive_conf *cf, drive_mark_fn *mark, void *arg,
    char *err, size_t err_cap) MUSTUSE;
unsigned drive_port(const struct drive *d);
/* The backend was asked about this phone (digits): appends the answer's body. Returns the status. */
int drive_backend(struct drive *d, struct sv msisdn, struct buf *body);
const struct drive_result *drive_result(const struct drive *d);
void drive_free(struct drive *d); /* after conns_close_all, before conns_free */

#endif
