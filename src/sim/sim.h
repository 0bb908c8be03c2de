/* SPDX-License-Identifier: BSD-2-Clause */
/* sim.h - the subcommands of dakiya-sim. Each gets its own argv and returns the exit status:
 * 0 done, 1 what was asked for did not happen, 2 wrong usage. */
#ifndef DK_SIM_SIM_H
#define DK_SIM_SIM_H

int sim_smsc(int argc, char **argv);
int sim_phone(int argc, char **argv);
int sim_play(int argc, char **argv);
int sim_tell(int argc, char **argv);
int sim_freeport(int argc, char **argv);

#endif
