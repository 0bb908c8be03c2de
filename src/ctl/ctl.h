/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.h - the commands of dakiyactl: one file each, one row in main.c. */
#ifndef DK_CTL_H
#define DK_CTL_H

#include "base/buf.h"

/* argv[0] is the command's name. The result is the exit status: 0; 1 the thing asked about is not so, or
 * could not be done; 2 wrong use. */
int cmd_text(int argc, char **argv);
void cmd_text_usage(void);
int cmd_try(int argc, char **argv); /* 3: steps were never reached */
void cmd_try_usage(void);
int cmd_person(int argc, char **argv);
void cmd_person_usage(void);
int cmd_dead(int argc, char **argv);
void cmd_dead_usage(void);

/* The value that follows an option, or the end of the program with a sentence. */
const char *ctl_value(int argc, char **argv, int *i);
/* A sentence on stderr; gives 2. */
int ctl_misused(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The whole of a file, or of stdin for "-"; bounded. false: said why. */
bool ctl_read(const char *path, size_t max_octets, struct buf *out) MUSTUSE;

#endif
