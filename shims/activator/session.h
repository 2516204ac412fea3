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
    /* Closed by an exec; -1 where it is not open. */
    long trace;
};

/* NULL, or what to say where none can be had. */
const char *session_open(struct session *session);
/* Closes all descriptors, as an exec does; the table stays mapped. */
void session_close(const struct session *session);
/* A program of the twin set as a descriptor, or less than 0. */
long session_open_program(const struct session *session, const char *program);
/* The size of one, bytes, or less than 0. */
long session_program_size(const struct session *session, const char *program);
/* Executes a program of the twin set; returns only on failure, with -errno. */
long session_execute(const struct session *session, const char *program, char **argv, char **envp);

#endif
