/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_phone.c - `dakiya-sim phone`: a phone in the terminal, or in a pipe. Type a line, it goes
 * out as a message; what comes is shown with the time. In a pipe it stays until nothing has come
 * for --wait after the end of the input. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sim/ctl.h"
#include "sim/screen.h"
#include "sim/sim.h"

struct phone_args {
	const char *number, *control, *to;
	uint64_t wait_ms;
};

struct terminal {
	struct ctl *ctl;
	const struct phone_args *args;
	struct buf typed;
	bool is_tty, input_ended, gone;
	bool in_ussd; /* a screen waits for what is typed */
	int rc;
};

static void show(struct terminal *t, const struct ctl_line *l)
{
	char from[32];

	switch (l->kind) {
	case CTL_SMS:
		snprintf(from, sizeof(from), SV_FMT, SV_ARG(l->from));
		screen_service(stdout, from, l->text);
		break;
	case CTL_SCREEN:
	case CTL_END:
		t->in_ussd = l->kind == CTL_SCREEN;
		screen_service(stdout, "USSD", l->text);
		break;
	case CTL_LOST:
		t->in_ussd = false;
		screen_note(stdout, "USSD: " SV_FMT, SV_ARG(l->text));
		break;
	case CTL_REFUSED:
		screen_note(stdout, "not sent: the network refused it (" SV_FMT ")", SV_ARG(l->text));
		break;
	case CTL_ERROR:
		fprintf(stderr, "dakiya-sim: " SV_FMT "\n", SV_ARG(l->text));
		t->rc = 1;
		break;
	case CTL_TAKEN:
	case CTL_OK:
	case CTL_OTHER:
		break;
	}
}

static void send_typed(struct terminal *t, struct sv line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0)
		return;
	if (!t->is_tty)
		screen_phone(stdout, t->args->number, line);
	t->gone = !ctl_say(t->ctl,
	    line.p[0] == '*' && line.p[line.n - 1] == '#' ? "dial"
	    : t->in_ussd                                  ? "press"
							  : "send",
	    line);
}

static void on_input(struct terminal *t)
{
	char chunk[4096], *nl;
	ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		t->input_ended = true;
		send_typed(t, buf_sv(&t->typed));
		buf_reset(&t->typed);
		return;
	}
	buf_add(&t->typed, chunk, (size_t)n);
	while (t->typed.n && (nl = memchr(t->typed.p, '\n', t->typed.n)) && !t->gone) {
		send_typed(t, (struct sv){t->typed.p, (size_t)(nl - t->typed.p)});
		buf_drop(&t->typed, (size_t)(nl - t->typed.p) + 1);
	}
	if (t->typed.full)
		buf_reset(&t->typed);
}

static void take_lines(struct terminal *t)
{
	struct ctl_line l;
	int rc;

	while ((rc = ctl_next(t->ctl, 0, &l)) > 0)
		show(t, &l);
	if (rc < 0)
		t->gone = true;
}

static int run(struct terminal *t)
{
	struct pollfd pfd[2] = {
	    {.fd = ctl_fd(t->ctl), .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	int rc;

	while (!t->gone && !(t->input_ended && t->is_tty)) {
		rc = poll(pfd, t->input_ended ? 1 : 2, t->input_ended ? (int)t->args->wait_ms : -1);
		if (rc < 0 && errno != EINTR)
			return 1;
		if (rc == 0)
			return t->rc; /* quiet after the end of the input */
		if (rc > 0 && !t->input_ended && pfd[1].revents)
			on_input(t);
		if (rc > 0 && pfd[0].revents)
			take_lines(t);
	}
	if (t->gone) {
		fputs("dakiya-sim: the message centre went away\n", stderr);
		return 1;
	}
	return t->rc;
}

static int usage(FILE *f)
{
	fputs("usage: dakiya-sim phone NUMBER --control ADDR [--to SHORT_CODE] [--wait MS]\n"
	      "A phone in the terminal: type a line to send it, Ctrl-D ends.\n"
	      "  --control ADDR  control socket of dakiya-sim smsc, such as unix:/path\n"
	      "                  (default: what DAKIYA_CONTROL in the environment says)\n"
	      "  --to CODE       short code to write to, default 56161\n"
	      "  --wait MS       in a pipe: quiet time after the end before leaving, default 5000\n",
	    f);
	return f == stderr ? 2 : 0;
}

static int parse(int argc, char **argv, struct phone_args *a)
{
	static const struct option opts[] = {{"control", required_argument, NULL, 'c'},
	    {"to", required_argument, NULL, 't'}, {"wait", required_argument, NULL, 'w'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int opt;
	char *end;

	while ((opt = getopt_long(argc, argv, "h", opts, NULL)) != -1) {
		switch (opt) {
		case 'c':
			a->control = optarg;
			break;
		case 't':
			a->to = optarg;
			break;
		case 'w':
			a->wait_ms = strtoull(optarg, &end, 10);
			if (*end || end == optarg || a->wait_ms > 86400000)
				return usage(stderr);
			break;
		case 'h':
			exit(usage(stdout));
		default:
			return usage(stderr);
		}
	}
	if (optind + 1 != argc || !a->control)
		return usage(stderr);
	a->number = argv[optind];
	return 0;
}

int sim_phone(int argc, char **argv)
{
	struct phone_args a = {.control = getenv("DAKIYA_CONTROL"), .to = "56161", .wait_ms = 5000};
	struct terminal t = {.args = &a, .is_tty = isatty(STDIN_FILENO)};
	struct ctl_line l;
	char err[512];
	int rc = parse(argc, argv, &a);

	if (rc != 0)
		return rc;
	t.ctl = ctl_open(a.control, err, sizeof(err));
	if (!t.ctl) {
		fprintf(stderr, "dakiya-sim: %s\n", err);
		return 1;
	}
	buf_init(&t.typed, 64u << 10);
	if (!ctl_say(t.ctl, "to", sv_from(a.to)) || ctl_next(t.ctl, clock_mono_ms() + 5000, &l) <= 0 ||
	    l.kind != CTL_OK || !ctl_say(t.ctl, "phone", sv_from(a.number)) ||
	    ctl_next(t.ctl, clock_mono_ms() + 5000, &l) <= 0 || l.kind != CTL_OK) {
		fprintf(stderr, "dakiya-sim: %s: the message centre did not accept this phone\n",
		    a.number);
		rc = 1;
	} else {
		if (t.is_tty)
			screen_note(stdout, "phone %s, writing to %s; Ctrl-D ends", a.number, a.to);
		take_lines(&t);
		rc = run(&t);
	}
	ctl_close(t.ctl);
	buf_clear(&t.typed);
	return rc;
}
