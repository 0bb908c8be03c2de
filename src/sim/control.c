/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c - lines in, lines out; see control.h. */
#include "sim/control.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "codec/text.h"

#define LINE_MAX_OCTETS (TEXT_MAX_UTF8 * 4)
#define SHORT_CODE "56161"

struct control {
	struct conns *cs;
	struct smsc *s;
};

struct client {
	struct control *ctl;
	struct conn *conn;
	struct phone *phone; /* held; NULL before `phone` */
	struct smsc_holder holder;
	char to[21];
};

static void say(struct client *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct client *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line) - 1)
		n = (int)sizeof(line) - 2;
	line[n] = '\n';
	conn_write(c->conn, line, (size_t)n + 1);
}

static void on_sms(const char *from, struct sv text, void *arg)
{
	struct client *c = arg;
	struct buf line;

	buf_init(&line, 256u << 10);
	buf_addf(&line, "sms %s ", from);
	line_escape(text, &line);
	buf_addc(&line, '\n');
	conn_write(c->conn, line.p, line.n);
	buf_clear(&line);
}

static void on_ussd(enum smsc_ussd state, struct sv text, void *arg)
{
	static const char *const word[] = {
	    [SMSC_USSD_MENU] = "screen ", [SMSC_USSD_LAST] = "end ", [SMSC_USSD_FAILED] = "lost "};
	struct client *c = arg;
	struct buf line;

	if (state == SMSC_USSD_NONE || state == SMSC_USSD_WAITING)
		return;
	buf_init(&line, LINE_MAX_OCTETS);
	buf_adds(&line, word[state]);
	line_escape(text, &line);
	buf_addc(&line, '\n');
	conn_write(c->conn, line.p, line.n);
	buf_clear(&line);
}

static void on_fate(uint64_t id, const char *fate, const char *detail, void *arg)
{
	say(arg, "%s %" PRIu64 "%s%s", fate, id, *detail ? " " : "", detail);
}

/* ---- commands: rest is the line after the command and one space ---- */

static void cmd_phone(struct client *c, struct sv rest)
{
	struct phone *p = smsc_phone(c->ctl->s, rest);

	if (!p) {
		say(c, "error not a phone number: " SV_FMT, SV_ARG(rest));
		return;
	}
	if (c->phone)
		phone_release(c->phone, &c->holder);
	c->phone = p;
	say(c, "ok phone %s", phone_number(p));
	phone_hold(p, &c->holder);
}

static void cmd_to(struct client *c, struct sv rest)
{
	if (rest.n == 0 || rest.n >= sizeof(c->to)) {
		say(c, "error a short code has 1 to %zu characters", sizeof(c->to) - 1);
		return;
	}
	memcpy(c->to, rest.p, rest.n);
	c->to[rest.n] = '\0';
	say(c, "ok to %s", c->to);
}

static bool has_phone(struct client *c)
{
	if (!c->phone)
		say(c, "error no phone yet: phone <number> first");
	return c->phone != NULL;
}

static void cmd_send(struct client *c, struct sv rest)
{
	struct buf text;
	uint64_t id;

	if (!has_phone(c))
		return;
	buf_init(&text, LINE_MAX_OCTETS);
	line_unescape(rest, &text);
	id = smsc_send(c->ctl->s, c->phone, c->to, buf_sv(&text));
	if (id)
		say(c, "ok sent %" PRIu64, id);
	else
		say(c, "error not sent: the text is too long, or too many are waiting");
	buf_clear(&text);
}

static void cmd_dial(struct client *c, struct sv rest)
{
	char err[128];

	if (!has_phone(c))
		return;
	if (smsc_dial(c->ctl->s, c->phone, rest, false, err, sizeof(err)))
		say(c, "ok dial " SV_FMT, SV_ARG(rest));
	else
		say(c, "error %s", err);
}

static void cmd_press(struct client *c, struct sv rest)
{
	struct buf text;
	char err[128];

	if (!has_phone(c))
		return;
	buf_init(&text, LINE_MAX_OCTETS);
	line_unescape(rest, &text);
	if (smsc_press(c->ctl->s, c->phone, buf_sv(&text), err, sizeof(err)))
		say(c, "ok press");
	else
		say(c, "error %s", err);
	buf_clear(&text);
}

static void cmd_hangup(struct client *c, struct sv rest)
{
	(void)rest;
	if (!has_phone(c))
		return;
	smsc_hang_up(c->phone);
	say(c, "ok hangup");
}

static void cmd_fault(struct client *c, struct sv rest)
{
	char *line = xstrndup(rest.p, rest.n), *value = strchr(line, ' ');
	char err[128];

	if (value)
		*value++ = '\0';
	if (smsc_fault(c->ctl->s, line, value, err, sizeof(err)))
		say(c, "ok fault " SV_FMT, SV_ARG(rest));
	else
		say(c, "error %s", err);
	free(line);
}

static void cmd_stats(struct client *c, struct sv rest)
{
	struct buf out;

	(void)rest;
	buf_init(&out, 4096);
	smsc_stats(c->ctl->s, &out);
	say(c, "stats %s", buf_str(&out));
	buf_clear(&out);
}

static void cmd_help(struct client *c, struct sv rest)
{
	(void)rest;
	say(c, "# phone <number>, to <short code>, send <text>, dial <code>, press <text>, hangup");
	say(c, "# stats, fault <name> [<value>], help");
	for (const struct fault_row *r = fault_rows; r->name; r++)
		say(c, "# fault %s: %s", r->name, r->help);
	say(c, "ok help");
}

static const struct command {
	const char *name;
	void (*run)(struct client *c, struct sv rest);
} commands[] = {
    {"phone", cmd_phone},
    {"to", cmd_to},
    {"send", cmd_send},
    {"dial", cmd_dial},
    {"press", cmd_press},
    {"hangup", cmd_hangup},
    {"fault", cmd_fault},
    {"stats", cmd_stats},
    {"help", cmd_help},
};

static void run_line(struct client *c, struct sv line)
{
	const char *space;
	struct sv word = line, rest = {line.p + line.n, 0};

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		word.n = --line.n;
	if (line.n == 0)
		return;
	space = memchr(line.p, ' ', line.n);
	if (space) {
		word.n = (size_t)(space - line.p);
		rest = (struct sv){space + 1, line.n - word.n - 1};
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (sv_is(word, commands[i].name)) {
			commands[i].run(c, rest);
			return;
		}
	}
	say(c, "error unknown command \"" SV_FMT "\"; try help", SV_ARG(word));
}

static size_t on_data(struct conn *conn, const uint8_t *p, size_t n, void *arg)
{
	struct client *c = arg;
	const char *s = (const char *)p, *nl;
	size_t off = 0;

	while (conn_is_open(conn) && (nl = memchr(s + off, '\n', n - off))) {
		run_line(c, (struct sv){s + off, (size_t)(nl - s) - off});
		off = (size_t)(nl - s) + 1;
	}
	if (n - off > LINE_MAX_OCTETS) {
		say(c, "error line too long");
		conn_close(conn, "line too long");
	}
	return off;
}

static void on_closed(struct conn *conn, const char *reason, void *arg)
{
	struct client *c = arg;

	(void)conn;
	(void)reason;
	if (c->phone)
		phone_release(c->phone, &c->holder);
	free(c);
}

static void on_peer(int fd, void *arg)
{
	static const struct conn_ops ops = {.on_data = on_data, .on_closed = on_closed};
	struct client *c = xcalloc(1, sizeof(*c));

	c->ctl = arg;
	c->holder =
	    (struct smsc_holder){.on_sms = on_sms, .on_fate = on_fate, .on_ussd = on_ussd, .arg = c};
	memcpy(c->to, SHORT_CODE, sizeof(SHORT_CODE));
	c->conn = conn_new(c->ctl->cs, fd, &ops, c);
}

struct control *control_new(struct conns *cs, struct smsc *s, const char *addr, char *err,
    size_t err_cap)
{
	struct control *c = xcalloc(1, sizeof(*c));

	c->cs = cs;
	c->s = s;
	if (conns_listen(cs, addr, on_peer, c, err, err_cap) < 0) {
		free(c);
		return NULL;
	}
	return c;
}

void control_free(struct control *c)
{
	free(c);
}
