/* What the outer process does for those who join the session: it lets them in, tells PID 1 of them, and sees to it that what
 * nobody holds any more ends. It is outside of the session, where nothing of a guest's is in reach of it. */
#ifndef XBUILD_KEEPER_H
#define XBUILD_KEEPER_H

#include <sys/types.h>

#include "relay.h"
#include "start.h"

/* Opens the place to come to. PID is PID 1, a child of this process, ORDERS a socket to it. PARENT is the process that has the
 * first command. */
void keeper_begin(const struct outline *outline, pid_t pid, int orders, pid_t parent);
/* The first command, for relay_run. */
extern const struct side keeper_side;
/* The first command has ended, or there is none: if others are there, serves these to their ends. The caller is told, and let
 * go of. Then ends the session, and returns the status of the first command. */
int keeper_end(int status, int signals);

#endif
