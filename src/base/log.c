/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - one finished line for each call of log_line: made in memory, written to stderr by one
 * write, and given to the sink. The pairs are formatted once; JSON is made by reading them back,
 * so that callers write the same thing for both formats. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"

#define LINE_MAX_OCTETS 65536u
#define PAIRS_USUAL 512u /* octets of pairs that need no memory of their own */

static struct {
	enum log_level level;
	enum log_format format;
	log_sink_fn *sink;
	void *sink_arg;
} state = {.level = LOG_INFO, .format = LOG_LOGFMT};

static const struct {
	const char *shown, *config;
} level_names[] = {
    [LOG_ERR] = {"ERR", "error"},
    [LOG_WARN] = {"WARN", "warn"},
    [LOG_INFO] = {"INFO", "info"},
    [LOG_DEBUG] = {"DEBUG", "debug"},
    [LOG_WIRE] = {"WIRE", "wire"},
};
#define LEVELS (sizeof level_names / sizeof level_names[0])

void log_init(enum log_level lvl, enum log_format fmt)
{
	state.level = lvl;
	state.format = fmt;
}

void log_set_sink(log_sink_fn *fn, void *arg)
{
	state.sink = fn;
	state.sink_arg = arg;
}

bool log_on(enum log_level lvl)
{
	return lvl <= state.level;
}

const char *log_level_name(enum log_level lvl)
{
	return (size_t)lvl < LEVELS ? level_names[lvl].shown : "?";
}

bool log_level_parse(const char *name, enum log_level *out)
{
	for (size_t i = 0; i < LEVELS; i++) {
		if (strcasecmp(name, level_names[i].config) == 0 ||
		    strcasecmp(name, level_names[i].shown) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* Octets of the well-formed UTF-8 character at s, or 0: a sink or a JSON reader may choke on others. */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	size_t len = s[0] < 0x80                   ? 1
		     : s[0] >= 0xC2 && s[0] < 0xE0 ? 2
		     : (s[0] & 0xF0) == 0xE0       ? 3
		     : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
						   : 0;

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
	    (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
		return 0;
	return len;
}

/* U+0080 to U+009F steer terminals just as the octets below 0x20 do. */
static bool is_control(const unsigned char *s, size_t len)
{
	return s[0] < 0x20 || s[0] == 0x7F || (len == 2 && s[0] == 0xC2 && s[1] < 0xA0);
}

/* One octet that must not appear as it is. JSON knows no \x, so U+00xx stands for the octet. */
static void add_escape(struct buf *b, unsigned char c)
{
	static const char short_from[] = "\n\r\t", short_to[] = "nrt";
	const char *at = c ? strchr(short_from, c) : NULL;

	if (at)
		buf_addf(b, "\\%c", short_to[at - short_from]);
	else if (state.format == LOG_JSON)
		buf_addf(b, "\\u%04x", c);
	else
		buf_addf(b, "\\x%02x", c);
}

/* Nearly every octet of nearly every line: stands for itself. */
static bool is_plain(unsigned char c, bool is_quoted)
{
	return c >= 0x20 && c < 0x7F && !(is_quoted && (c == '"' || c == '\\'));
}

/* Append text with control and broken octets escaped, and with those of quote ('"' and '\\') when is_quoted. */
static void add_safe(struct buf *b, const char *text, size_t n, bool is_quoted)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < n;) {
		size_t len = 0;

		while (i + len < n && is_plain(s[i + len], is_quoted))
			len++;
		if (len > 0) {
			buf_add(b, s + i, len);
			i += len;
			continue;
		}
		len = utf8_len(s + i, n - i);
		if (len == 0 || is_control(s + i, len)) {
			size_t bad = len ? len : 1;

			for (size_t k = 0; k < bad; k++)
				add_escape(b, s[i + k]);
			i += bad;
			continue;
		}
		if (is_quoted && (s[i] == '"' || s[i] == '\\'))
			buf_addc(b, '\\');
		buf_add(b, s + i, len);
		i += len;
	}
}

const char *log_quote(const char *text, char *out, size_t cap)
{
	size_t at = 0;

	if (cap < 3)
		return "";
	out[at++] = '"';
	for (const char *s = text ? text : ""; *s; s++) {
		bool is_special = *s == '"' || *s == '\\';

		if (at + (is_special ? 2 : 1) + 2 > cap)
			break;
		if (is_special)
			out[at++] = '\\';
		out[at++] = *s;
	}
	out[at++] = '"';
	out[at] = '\0';
	return out;
}

/* The pairs in p as JSON members. A value is a bare word or "..." with \" and \\ inside; a word without
 * '=' is not lost, it becomes a member of that name with the value true. */
static void add_json_pairs(struct buf *b, const char *p)
{
	while (*p) {
		const char *key = p, *val, *end;
		size_t key_n = strcspn(p, "= ");

		if (key_n == 0) {
			p++;
			continue;
		}
		buf_adds(b, ",\"");
		add_safe(b, key, key_n, true);
		p += key_n;
		if (*p != '=') {
			buf_adds(b, "\":true");
			continue;
		}
		val = ++p;
		buf_adds(b, "\":\"");
		if (*val != '"') {
			p += strcspn(p, " ");
			add_safe(b, val, (size_t)(p - val), true);
		} else {
			for (p = ++val; *p && *p != '"'; p = end) {
				end = p + (*p == '\\' && p[1] ? 1 : 0);
				val = end++;
				while ((*end & 0xC0) == 0x80) /* a character is not cut */
					end++;
				add_safe(b, val, (size_t)(end - val), true);
			}
			p += *p == '"';
		}
		buf_addc(b, '"');
	}
}

static void add_json(struct buf *b, const struct log_ctx *ctx, enum log_level lvl, const char *when,
    const char *verb, const char *pairs)
{
	buf_addf(b, "{\"time\":\"%s\",\"level\":\"%s\"", when, log_level_name(lvl));
	if (ctx && ctx->link) {
		buf_adds(b, ",\"link\":\"");
		add_safe(b, ctx->link, strlen(ctx->link), true);
		buf_addc(b, '"');
	}
	if (ctx && ctx->trace)
		buf_addf(b, ",\"trace\":\"%016" PRIx64 "\"", ctx->trace);
	buf_adds(b, ",\"msg\":\"");
	add_safe(b, verb, strlen(verb), true);
	buf_addc(b, '"');
	add_json_pairs(b, pairs);
	buf_addc(b, '}');
}

static void add_logfmt(struct buf *b, const struct log_ctx *ctx, enum log_level lvl, const char *when,
    const char *verb, const char *pairs)
{
	buf_adds(b, when);
	buf_addc(b, ' ');
	buf_adds(b, log_level_name(lvl));
	if (ctx && ctx->link) {
		buf_adds(b, " link=");
		add_safe(b, ctx->link, strlen(ctx->link), false);
	}
	/* printf would take three quarters of the time of a line without pairs. */
	if (ctx && ctx->trace) {
		char hex[16];

		hex_u64(ctx->trace, hex);
		buf_adds(b, " trace=");
		buf_add(b, hex, sizeof hex);
	}
	if (*verb) {
		buf_addc(b, ' ');
		add_safe(b, verb, strlen(verb), false);
	}
	if (*pairs) {
		buf_addc(b, ' ');
		add_safe(b, pairs, strlen(pairs), false);
	}
}

/* stderr may be a pipe that is read slowly or not at all: a line that cannot be written is dropped. */
static void write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDERR_FILENO, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

/* clock_iso, made anew only when the second is another one. */
static const char *stamp(uint64_t wall_ms)
{
	static char text[32];
	static uint64_t second;
	unsigned ms = (unsigned)(wall_ms % 1000);

	if (wall_ms / 1000 != second || text[0] == '\0') {
		second = wall_ms / 1000;
		clock_iso(wall_ms, text, sizeof text);
	}
	if (strlen(text) > 23) { /* 2026-03-01T12:00:00.123Z */
		text[20] = (char)('0' + ms / 100);
		text[21] = (char)('0' + ms / 10 % 10);
		text[22] = (char)('0' + ms % 10);
	}
	return text;
}

static void write_line(const struct log_ctx *ctx, enum log_level lvl, const char *verb,
    const char *pairs)
{
	uint64_t now = clock_wall_ms();
	struct buf line;

	/* Escaping can make a line longer, at most six octets for one, so this buffer is never full. */
	buf_init(&line, 8u * LINE_MAX_OCTETS);
	if (state.format == LOG_JSON)
		add_json(&line, ctx, lvl, stamp(now), verb, pairs);
	else
		add_logfmt(&line, ctx, lvl, stamp(now), verb, pairs);
	if (state.sink)
		state.sink(lvl, now, ctx ? ctx->trace : 0, buf_str(&line), line.n, state.sink_arg);
	buf_addc(&line, '\n');
	write_all(line.p, line.n);
	buf_clear(&line);
}

void log_line(const struct log_ctx *ctx, enum log_level lvl, const char *verb, const char *fmt, ...)
{
	char usual[PAIRS_USUAL];
	struct buf pairs;
	va_list ap;
	int n;

	if (!log_on(lvl))
		return;
	va_start(ap, fmt);
	n = vsnprintf(usual, sizeof usual, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof usual) {
		write_line(ctx, lvl, verb, usual);
		return;
	}
	buf_init(&pairs, LINE_MAX_OCTETS);
	va_start(ap, fmt);
	buf_vaddf(&pairs, fmt, ap);
	va_end(ap);
	write_line(ctx, lvl, verb, pairs.full ? "cut=line-too-long" : buf_str(&pairs));
	buf_clear(&pairs);
}

const char *log_mask(const char *msisdn, char *out, size_t cap)
{
	enum { HEAD = 4, TAIL = 2 };
	size_t n = msisdn ? strlen(msisdn) : 0;

	if (cap == 0)
		return "";
	if (n >= cap)
		n = cap - 1;
	for (size_t i = 0; i < n; i++) /* too short to hide anything in the middle: hide all */
		out[i] = n > HEAD + TAIL && (i < HEAD || i >= n - TAIL) ? msisdn[i] : '*';
	out[n] = '\0';
	return out;
}
