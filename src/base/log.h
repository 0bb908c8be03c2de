/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - structured log lines: time, level, identity, "verb object", key=value pairs.
 *
 *   2026-03-01T12:00:00.123Z INFO link=smsc1 bound as=transceiver
 *
 * Format is logfmt or JSON lines, to stderr, and to one sink (the ops ring).
 * Control octets are escaped, so a peer cannot forge a line.
 * Levels: ERR an operator must act; WARN a peer misbehaves (rate-limit it);
 * INFO one line a message and a link state change; DEBUG transitions; WIRE PDUs.
 * Never at INFO or above: message text, codes, a full number (use log_mask).
 * engine and codec do not log. */
#ifndef DK_LOG_H
#define DK_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmalloc.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_WIRE };
enum log_format { LOG_LOGFMT, LOG_JSON };

/* Who a line is about: printed as name=value before the pairs. Any member may be NULL/0. */
struct log_ctx {
	const char *link; /* link name */
	uint64_t trace; /* trace id, printed as 16 hex digits */
};

/* line: the finished line without newline, borrowed for the call. */
typedef void log_sink_fn(enum log_level lvl, uint64_t wall_ms, uint64_t trace, const char *line,
    size_t n, void *arg);

void log_init(enum log_level lvl, enum log_format fmt); /* before it: INFO, logfmt */
void log_set_sink(log_sink_fn *fn, void *arg);
bool log_on(enum log_level lvl);
const char *log_level_name(enum log_level lvl); /* "ERR", "WARN", ... */
bool log_level_parse(const char *name, enum log_level *out); /* error|warn|info|debug|wire */

/* verb: a short constant sentence part. fmt: `key=%s other=%d`; a value that may hold spaces
 * goes through LOGQ, others are bare words. ctx may be NULL. */
void log_line(const struct log_ctx *ctx, enum log_level lvl, const char *verb, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
#define LOG(ctx, lvl, verb, ...) \
	do { \
		if (log_on(lvl)) \
			log_line((ctx), (lvl), (verb), __VA_ARGS__); \
	} while (0)

/* text as "..." with '"' and '\\' escaped, cut to what fits in cap; returns out.
 *	LOG(ctx, LOG_WARN, "bind refused", "reason=%s", LOGQ(reason)); */
const char *log_quote(const char *text, char *out, size_t cap);
#define LOGQ(text) log_quote((text), (char[256]){0}, 256)

/* "919812345678" -> "9198******78" into out (at least 24 octets); returns out. */
const char *log_mask(const char *msisdn, char *out, size_t cap);

#endif
