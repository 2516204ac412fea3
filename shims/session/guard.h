/* A process that does what is left to do where the outer one is killed with -9: sets the caller's terminal back, and sees to
 * it that PID 1 ends, which does so by itself unless it is stuck. It is outside of the session, out of the guest's reach. */
#ifndef XBUILD_GUARD_H
#define XBUILD_GUARD_H

#include <sys/types.h>

/* Starts it. PID is PID 1 of the session, which waits still, or 0 where there is none to see to. Whether the terminal on
 * standard input is to be set back: terminal_save comes before. */
void guard_start(pid_t pid, int terminal);
/* The terminal and all else of the caller's is left to it. */
void guard_leave_caller(void);
/* All is done already: ends it. */
void guard_dismiss(void);

#endif
