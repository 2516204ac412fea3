/* What PID 1 runs, and as whom. */
#ifndef XBUILD_GUEST_H
#define XBUILD_GUEST_H

#include <stddef.h>
#include <sys/types.h>

struct guest {
    char **argv; /* empty: nothing is run, and the session is held until PID 1 is told to end it */
    char **envp;
    const char *directory;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    int parent;   /* a socket that ends when the outer process does */
    int terminal; /* the session's side of a new terminal, or -1: the descriptors 0 to 2 as they are */
};

/* Runs the guest until it ends, or waits for SIGTERM, SIGINT, SIGHUP or SIGQUIT from outside where there is none; reaps
 * whatever else ends, passes signals on, and hands the descriptors of the session to activators that ask for them. Returns the
 * guest's exit status, or 128 and the number of its signal, or 0. */
int guest_run(const struct guest *guest);

#endif
