/* PID 1, when the session's root is complete. */
#ifndef XBUILD_INIT_H
#define XBUILD_INIT_H

#include "guest.h"

/* Runs the guest until it ends, or waits for SIGTERM, SIGINT, SIGHUP or SIGQUIT from outside where there is none; a session
 * that others can join ends when the outer process says so. Reaps whatever else ends, passes signals on, and hands the
 * descriptors of the session to activators that ask for them. PARENT is a socket that ends when the outer process does. Returns
 * the guest's exit status, or 128 and the number of its signal, or 0. */
int init_run(const struct guest *guest, int parent);

#endif
