/* SPDX-License-Identifier: BSD-2-Clause */
/* events.c - the outbox table; see events.h. */
#include "backend/events.h"

#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/person.h"

void events_add(struct db *d, const char *type, const char *service, const char *msisdn, int64_t now_ms,
    json_t *data)
{
	events_add_keyed(d, type, service, msisdn, NULL, now_ms, data);
}

void events_cancel(struct db *d, const char *service, const char *msisdn, const char *key,
    int64_t now_ms)
{
	events_add_keyed(d, "event.cancelled", service, msisdn, key, now_ms, json_object());
}

void events_add_keyed(struct db *d, const char *type, const char *service, const char *msisdn,
    const char *key, int64_t now_ms, json_t *data)
{
	char at[IST_TEXT_CAP];
	json_t *o;
	char *body;
	sqlite3_stmt *st;

	if (person_is_withdrawn(d, msisdn)) {
		json_decref(data);
		return;
	}
	o = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o}", "type", type, "service", service, "msisdn",
	    msisdn, "at", ist_text(now_ms, at, sizeof at), "key", key, "data", data);
	body = o ? json_dumps(o, JSON_COMPACT) : NULL;
	st = db_use(d, SQL_EVENT_NEW);
	json_decref(o);
	if (!body) {
		db_fail(d, "an event could not be written as JSON");
		return;
	}
	db_bind_text(st, 1, type);
	db_bind_text(st, 2, msisdn);
	db_bind_text(st, 3, body);
	db_bind_int(st, 4, now_ms);
	db_run(d, st);
	free(body);
}

size_t events_due(struct db *d, int64_t wall_ms, struct event_out *out, size_t max)
{
	sqlite3_stmt *st = db_use(d, SQL_EVENT_DUE);
	size_t n = 0;

	db_bind_int(st, 1, wall_ms);
	db_bind_int(st, 2, (int64_t)max);
	while (n < max && db_row(d, st)) {
		struct event_out *e = &out[n++];
		const char *body = (const char *)sqlite3_column_text(st, 4);

		e->seq = sqlite3_column_int64(st, 0);
		db_col_text(st, 1, e->id, sizeof e->id);
		db_col_text(st, 2, e->type, sizeof e->type);
		db_col_text(st, 3, e->msisdn, sizeof e->msisdn);
		e->attempts = sqlite3_column_int64(st, 5);
		/* The id is known only once the row has a number: it goes in front here. */
		e->body = xasprintf("{\"id\":\"%s\",%s", e->id, body && *body ? body + 1 : "}");
	}
	db_done(st);
	return n;
}

int64_t events_next_due_ms(struct db *d)
{
	return db_int(d, db_use(d, SQL_EVENT_NEXT_DUE), -1);
}

void events_settle(struct db *d, int64_t seq, bool is_stored, int status, int64_t now_ms)
{
	char msisdn[FIELD_MSISDN_CAP] = "";
	sqlite3_stmt *st = db_use(d, SQL_EVENT_DONE);

	db_bind_int(st, 1, seq);
	db_bind_text(st, 2, is_stored ? "STORED" : "REFUSED");
	db_bind_int(st, 3, status);
	db_bind_int(st, 4, now_ms);
	if (db_row(d, st)) {
		db_col_text(st, 0, msisdn, sizeof msisdn);
		db_run(d, st);
		st = db_use(d, SQL_EVENT_NEXT_HEAD);
		db_bind_text(st, 1, msisdn);
		db_run(d, st);
	}
}

void events_failed(struct db *d, int64_t seq, int status, int64_t next_try_ms)
{
	sqlite3_stmt *st = db_use(d, SQL_EVENT_FAILED);

	db_bind_int(st, 1, seq);
	db_bind_int(st, 2, next_try_ms);
	db_bind_int(st, 3, status);
	db_run(d, st);
}

void events_retry_all(struct db *d)
{
	db_run(d, db_use(d, SQL_EVENT_RETRY_ALL));
}

void events_count(struct db *d, int64_t *pending, int64_t *refused)
{
	sqlite3_stmt *st = db_use(d, SQL_EVENT_COUNTS);

	*pending = *refused = 0;
	if (db_row(d, st)) {
		*pending = sqlite3_column_int64(st, 0);
		*refused = sqlite3_column_int64(st, 1);
	}
	db_done(st);
}

int events_purge(struct db *d, int64_t before_ms, int max)
{
	sqlite3_stmt *st = db_use(d, SQL_EVENT_PURGE);

	db_bind_int(st, 1, before_ms);
	db_bind_int(st, 2, max);
	db_run(d, st);
	return db_failed(d) ? 0 : db_changes(d);
}
