/* Tells PID 1 of an exec, in a session that is traced. */
#ifndef XBUILD_ACTIVATOR_TRACE_H
#define XBUILD_ACTIVATOR_TRACE_H

#include <stdint.h>

#include "session.h"

struct trace_exec {
    uint8_t outcome; /* TRACE_ROUTED and the like, ../trace.h */
    const char *program;
    const char *twin;   /* or NULL */
    const char *detail; /* or NULL */
    char **arguments;   /* from argv[0] on */
};

/* Opens the session's FIFO; 0 where it is not traced. */
int trace_open(struct session *session);
/* Waits while PID 1 has more to read than the FIFO holds, so that nothing is lost. What cannot be sent is left out: an
 * exec never fails for its trace. */
void trace_send(const struct session *session, const struct trace_exec *exec);

#endif
