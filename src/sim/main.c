/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - dakiya-sim: an operator's network to develop against. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "sim/sim.h"
#include "sim/sock.h"

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} subcommands[] = {
    {"smsc", sim_smsc, "SMPP 3.4 message centre with phones, receipts and faults"},
    {"phone", sim_phone, "a phone in the terminal"},
    {"play", sim_play, "play a story: a conversation with what must come back"},
    {"tell", sim_tell, "say one line to the message centre: a fault, stats"},
    {"freeport", sim_freeport, "print loopback TCP ports that are free now"},
};
#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static int usage(FILE *f)
{
	fputs("usage: dakiya-sim COMMAND [options]\n" ARGS_HELP_LINES "\n", f);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(f, "  %-9s %s\n", subcommands[i].name, subcommands[i].help);
	fputs("\ndakiya-sim COMMAND --help tells more.\n", f);
	return f == stderr ? 2 : 0;
}

/* For programs that must be told a port before they can be started. All are open at once, so
 * they differ; another process may still take one, which then says so when it listens. */
int sim_freeport(int argc, char **argv)
{
	int fd[16], count = argc > 1 ? argv[1][0] - '0' : 1;
	char err[256];

	if (argc > 2 || count < 1 || count > 9 || (argc > 1 && argv[1][1])) {
		bool is_asked = argc == 2 && args_asks(argv[1]) == ARGS_HELP;

		fputs("usage: dakiya-sim freeport [COUNT up to 9]\n", is_asked ? stdout : stderr);
		return is_asked ? 0 : 2;
	}
	for (int i = 0; i < count; i++) {
		fd[i] = sock_listen("127.0.0.1:0", err, sizeof(err));
		if (fd[i] < 0) {
			fprintf(stderr, "dakiya-sim: %s\n", err);
			return 1;
		}
		printf("%u\n", sock_port(fd[i]));
	}
	for (int i = 0; i < count; i++)
		close(fd[i]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr);
	if (args_asks(argv[1]) == ARGS_HELP || strcmp(argv[1], "help") == 0)
		return usage(stdout);
	if (args_asks(argv[1]) == ARGS_VERSION)
		return args_version("dakiya-sim");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "dakiya-sim: there is no command %s\n", argv[1]);
	return usage(stderr);
}
