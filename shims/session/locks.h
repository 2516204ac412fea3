/* Locks of xbuild-env's (flock), each on a descriptor that this program inherits: the kernel drops one when the last that has
 * its descriptor ends. The outer process and the guard have them, so that they last as long as the session where xbuild-env is
 * killed. PID 1 has not: the session's root may open what PID 1 has open. */
#pragma once

/* As lib/host/session.ts hands them down, from here on. */
#define LOCKS_FD 6
#define LOCKS 2

/* Closes whatever else of the caller's is behind them. Where one is missing, something else takes its place, so that no other
 * descriptor comes to have its number. */
void locks_keep(void);
/* In a process that is not to hold them. */
void locks_leave(void);
/* Closes all else behind a descriptor. */
void locks_keep_only(int last);
