/* What PID 1 of a session that others can join is told by the outer process: commands to run, beside the session's first. The
 * outer process answers to those who join, outside of the session; PID 1 learns of them by this alone. */
#ifndef XBUILD_ORDERS_H
#define XBUILD_ORDERS_H

#include <sys/types.h>

#include "command.h"

/* SOCKET leads to the outer process. Before there is a guest. */
void orders_begin(int socket, enum left_behind left);
/* Whether the session can be joined. */
int orders_are_given(void);
/* The session's first command. */
void orders_start_first(const struct guest *guest);
/* All is there for commands. */
void orders_ready(void);
/* What to poll for reading, or -1. */
int orders_watch(void);
/* Does what was told; returns 1 where the session is to end. */
int orders_take(void);
/* A signal for the first command. */
void orders_signal_first(int number);
/* A child of PID 1 has ended. */
void orders_ended(pid_t pid, int status);

#endif
