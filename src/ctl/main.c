/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiyactl: finds the command and runs it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "ctl/ctl.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	void (*usage)(void);
	const char *help;
} commands[] = {
    {"text", cmd_text, cmd_text_usage,
	"what a text costs: alphabet, units, segments, cuts; works offline"},
    {"person", cmd_person, cmd_person_usage,
	"what became of one person's messages: under way, sent, to come, given up"},
    {"dead", cmd_dead, cmd_dead_usage, "messages that were given up, with the reason"},
    {"try", cmd_try, cmd_try_usage, "a phone in the terminal, straight against service packs"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	fprintf(to, "usage: dakiyactl COMMAND [ARGUMENT ...]\n"
		    "       dakiyactl help COMMAND\n" ARGS_HELP_LINES "commands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-9s%s\n", commands[i].name, commands[i].help);
}

const char *ctl_value(int argc, char **argv, int *i)
{
	if (*i + 1 < argc)
		return argv[++*i];
	exit(ctl_misused("%s needs a value", argv[*i]));
}

int ctl_misused(const char *fmt, ...)
{
	va_list ap;

	fputs("dakiyactl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(" (dakiyactl -h)\n", stderr);
	return 2;
}

bool ctl_read(const char *path, size_t max_octets, struct buf *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	char tmp[4096];
	size_t n;

	buf_init(out, max_octets);
	if (!f) {
		fprintf(stderr, "dakiyactl: %s: %s\n", path, strerror(errno));
		return false;
	}
	while ((n = fread(tmp, 1, sizeof(tmp), f)) > 0)
		buf_add(out, tmp, n);
	if (!is_stdin)
		fclose(f);
	if (out->full)
		fprintf(stderr, "dakiyactl: %s: longer than %zu octets\n", path, max_octets);
	return !out->full;
}

int main(int argc, char **argv)
{
	bool help = argc > 2 && strcmp(argv[1], "help") == 0;
	const char *name = help ? argv[2] : argc > 1 ? argv[1] : "";

	if (argc == 2 && (args_asks(name) == ARGS_HELP || strcmp(name, "help") == 0)) {
		usage(stdout);
		return 0;
	}
	if (argc == 2 && args_asks(name) == ARGS_VERSION)
		return args_version("dakiyactl");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		if (!help && !(argc > 2 && args_asks(argv[2]) == ARGS_HELP))
			return commands[i].run(argc - 1, argv + 1);
		commands[i].usage();
		return 0;
	}
	if (name[0] != '\0')
		return ctl_misused("there is no command \"%s\"", name);
	usage(stderr);
	return 2;
}
