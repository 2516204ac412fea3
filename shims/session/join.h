/* A command in a session that runs: what its client does. It stays outside, and holds the command: with it, that ends. */
#ifndef XBUILD_JOIN_H
#define XBUILD_JOIN_H

#include "plan.h"

/* The plan names the place to come to, and what to run. Returns the command's status. */
int join_run(struct plan *plan, int signals);
/* Ends a session, and returns when it has ended. */
int join_stop(const char *path, int signals);

#endif
