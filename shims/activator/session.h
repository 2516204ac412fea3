/* The session that the activator runs in: how it finds what PID 1 keeps for it. */
#ifndef XBUILD_ACTIVATOR_SESSION_H
#define XBUILD_ACTIVATOR_SESSION_H

#include "../trace.h"
#include "table.h"

/* Where the session keeps routes and twins; `twins` is -1 where the path prefix does. `self` is what PID 1 said with
 * them, only there. */
struct session {
    struct table table;
    long twins;
    struct trace_asker self;
};

/* 0 where no session is in reach. */
int session_open(struct session *session);
/* Executes a program of the twin set; returns only on failure, with -errno. */
long session_execute(const struct session *session, const char *program, char **argv, char **envp);

#endif
