/* A command of a session that others can join: one of several. */
#ifndef XBUILD_COMMAND_H
#define XBUILD_COMMAND_H

#include <sys/types.h>

#include "guest.h"

/* What a command leaves behind when it ends. */
enum left_behind { LEFT_ENDS, LEFT_STAYS };

/* Added to the number of a signal for the command, in what PID 1 sends the command's keeper. */
#define COMMAND_SIGNALS 33

/* Before there is a guest. */
void command_begin(void);
/* Makes the command's keeper, a child of PID 1 that adopts what the command's processes leave, and so knows which are the
 * command's. GUEST's descriptors are closed in this process by the caller. */
pid_t command_fork(const struct guest *guest, enum left_behind left);
/* The same, in a child of PID 1 already: runs it, and ends with its status. */
void command_keep(const struct guest *guest, enum left_behind left) __attribute__((noreturn));

#endif
