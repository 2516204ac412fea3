/* What the outer process does while the session runs: shows its terminal, and passes signals on. */
#ifndef XBUILD_RELAY_H
#define XBUILD_RELAY_H

#include <sys/types.h>

/* Until PID 1 has ended, and all that it wrote to its terminal has been shown. MASTER is the master side of the session's
 * terminal, or -1; SIGNALS a descriptor of all signals (man 2 signalfd). Returns the status of PID 1, or 128 and the
 * number of the signal that ended it. */
int relay_run(pid_t pid, int master, int signals);

#endif
