/* Becoming a program without an exec. */
#ifndef XBUILD_PLACE_H
#define XBUILD_PLACE_H

#include "call.h"

/* Becomes a static program that is open as FD, in the process as the kernel has made it: with its rights (file capabilities,
 * set-user-id), with the file that it executes still open as AT_EXECFD, and with its name. An exec would take all of these.
 * Returns where it cannot, before anything has been changed. */
void become(const struct call *call, long fd, char **argv, char **envp);

#endif
