/* How a session comes to be: PID 1 in namespaces of its own. */
#ifndef XBUILD_START_H
#define XBUILD_START_H

#include "idmap.h"
#include "plan.h"

/* The first part of a plan: what has to be known before there is a session. */
struct outline {
    struct idmap map;
    int own_network;
    int terminal;
    int locked;
    int own_root;  /* or else it begins in the host's own tree */
    char **shared; /* paths of the host that it reads and must not change */
};

struct outline outline_read(struct plan *plan);

/* PID 1: executes the rest of a plan, and returns the status of its command. SOCKET leads to the process outside. */
typedef int session_function(struct plan *plan, const struct outline *outline, int socket);

/* Starts PID 1 in its namespaces, as a child of this process, and reports its number. Sets the end of a socket to it. */
pid_t start_session(struct plan *plan, const struct outline *outline, session_function *run, int *socket);

void die_with_parent(void);
void become_root(void);
void bring_up_loopback(void);
/* In one more user and mount namespace, see start.c. */
void lock_mounts(const struct outline *outline);

#endif
