/* What others see of the process in /proc, where it becomes the emulator without an exec: the program, as on a CPU that runs it
 * itself. The kernel has named the process by the program already (`comm`). */
#ifndef XBUILD_SHOWN_H
#define XBUILD_SHOWN_H

#include <linux/prctl.h>

#include "call.h"

/* How many bytes show_command needs: none, unless variables were taken out of those that the process was started with. */
size_t room_for_variables(const struct call *call, char **envp);
/* /proc/PID/cmdline becomes the command that was executed, and /proc/PID/environ has the variables of ENVP, in ROOM where it
 * takes any. 0 where the kernel cannot do that; SHOWN is filled in either way. */
int show_command(const struct call *call, char **envp, char *room, struct prctl_mm_map *shown);
/* Starts what has been mapped, with its STACK. /proc/PID/exe becomes the program first, where the process may have it so: that
 * takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in its user namespace, which the session's root has. */
void show_program_and_start(const struct call *call, struct prctl_mm_map *shown, long *stack, unsigned long entry)
    __attribute__((noreturn));

#endif
