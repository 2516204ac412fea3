/* A command that is a connection: what it is given goes to a server of the session's own, and what that says comes back. */
#ifndef XBUILD_BRIDGE_H
#define XBUILD_BRIDGE_H

/* Joins standard input and output with a port of the session's loopback interface, until the server has said all. */
void bridge_run(const char *port) __attribute__((noreturn));

#endif
