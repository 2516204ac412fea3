/* How a session comes to be: PID 1 in namespaces of its own. */
#ifndef XBUILD_START_H
#define XBUILD_START_H

#include "idmap.h"
#include "plan.h"

/* The first part of a plan: what has to be known before there is a session. */
/* Who may come to a session beside its first command. */
enum company {
    COMPANY_NONE,
    COMPANY_JOINS, /* others may join it; it ends with the last command */
    COMPANY_HELD,  /* it has no first command, and ends when it is told to */
    COMPANY_KEPT,  /* the same, or with the process that began it */
};

struct outline {
    struct idmap map;
    int own_network;
    int terminal;
    int locked;
    int own_root; /* or else it begins in the host's own tree */
    enum company company;
    const char *socket; /* where those who join come to */
    char **shared;      /* paths of the host that it reads and must not change */
};

struct outline outline_read(struct plan *plan);

/* Ends of two sockets between PID 1 and the process outside. */
struct line {
    int socket; /* ends when the other does, and takes the first command's terminal out */
    int orders; /* of messages (message.h), or -1: nobody can join the session */
};

/* PID 1: executes the rest of a plan, and returns the status of its command. */
typedef int session_function(struct plan *plan, const struct outline *outline, struct line line);

/* Starts PID 1 in its namespaces, as a child of this process, and reports its number. Sets LINE to it. */
pid_t start_session(struct plan *plan, const struct outline *outline, session_function *run, struct line *line);

void die_with_parent(void);
void become_root(void);
void bring_up_loopback(void);
/* In one more user and mount namespace, see start.c. */
void lock_mounts(const struct outline *outline);

#endif
