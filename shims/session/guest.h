/* A command of a session: what is run, and as whom. */
#ifndef XBUILD_GUEST_H
#define XBUILD_GUEST_H

#include <stddef.h>
#include <sys/types.h>

#include "plan.h"

struct guest {
    char **argv;      /* empty: nothing is run, and the session is held until PID 1 is told to end it */
    const char *port; /* instead of a program: one of the session's own, see bridge.h; or NULL */
    char **envp;
    const char *directory;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    int terminal; /* the session's side of a new terminal, or -1: the descriptors 0 to 2 as they are */
};

/* As encodeCommand in lib/core/session/plan.ts writes it. */
struct guest guest_read(struct plan *plan);
/* Starts it, in a session (setsid) and with a terminal of its own. */
pid_t guest_fork(const struct guest *guest);
/* A device that the caller has handed down is the host's, and its mode the session's root's to change where that is the host's.
 * The session's own is the same one, read-only (lib/session/plan.ts, DEVICES). */
void guest_use_own_devices(void);
/* What PID 1 has open, the session's root can open too: what is the guest's alone is let go of. */
void guest_leave_descriptors(void);

#endif
