/* SPDX-License-Identifier: BSD-2-Clause */
/* events.h - the backend's own outbox: what the bridge is to be told, kept until the bridge
 * has stored it. Written in the transaction that made it true. Sending is pusher.h.
 *
 * Per phone number the events leave in the order they were written: only the oldest unsettled
 * one, the `head`, is ever due. */
#ifndef DK_BACKEND_EVENTS_H
#define DK_BACKEND_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "backend/db.h"
#include "backend/field.h"

#define EVENTS_ID_CAP 48
#define EVENTS_TYPE_CAP 32

struct event_out {
	int64_t seq;
	char id[EVENTS_ID_CAP]; /* unique over all databases */
	char type[EVENTS_TYPE_CAP];
	char msisdn[FIELD_MSISDN_CAP];
	char *body; /* JSON with the id; owned, free() */
	int64_t attempts;
};

/* data is taken. Inside a transaction. */
void events_add(struct db *d, const char *type, const char *service, const char *msisdn, int64_t now_ms,
    json_t *data);
/* The same under a key: it replaces what the bridge keeps of that key and under it for its time. */
void events_add_keyed(struct db *d, const char *type, const char *service, const char *msisdn,
    const char *key, int64_t now_ms, json_t *data);
/* What the bridge keeps under the key need not be told any more. */
void events_cancel(struct db *d, const char *service, const char *msisdn, const char *key,
    int64_t now_ms);
/* Heads whose time to be tried has come, oldest first, at most max; returns how many. */
size_t events_due(struct db *d, int64_t wall_ms, struct event_out *out, size_t max);
int64_t events_next_due_ms(struct db *d); /* -1: none waits */
/* The bridge has it (STORED) or will never take it (REFUSED): the next one of the number is head. */
void events_settle(struct db *d, int64_t seq, bool is_stored, int status, int64_t now_ms);
void events_failed(struct db *d, int64_t seq, int status, int64_t next_try_ms);
void events_retry_all(struct db *d); /* forget every back-off: at start */
void events_count(struct db *d, int64_t *pending, int64_t *refused);
/* Forget events settled before; at most max. Returns how many went. */
int events_purge(struct db *d, int64_t before_ms, int max);

#endif
