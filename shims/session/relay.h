/* What a process of the host does while a command runs in a session: shows the command's terminal, and passes signals on. */
#ifndef XBUILD_RELAY_H
#define XBUILD_RELAY_H

#include <poll.h>
#include <stddef.h>

/* Added to the number of a signal that is meant for the command: from SIGRTMIN on, up to 64. */
#define RELAY_SIGNALS 33

/* Where the command is: behind PID 1, a child of this process, or behind a socket. */
struct side {
    /* A signal for the command. */
    void (*tell)(int number);
    /* What else to poll: at most RELAY_WATCHES. */
    size_t (*watch)(struct pollfd *waiting);
    /* How long to wait at most until `look` is called, in ms, or -1. */
    int (*patience)(void);
    /* Looks at what came; called whenever anything did, SIGCHLD as well, and on when the command has ended. Returns 1, with
     * STATUS set, when that has. */
    int (*look)(const struct pollfd *waiting, size_t count, int *status);
    /* What a stop by the keyboard stops: whoever has others to serve goes on. */
    enum { STOP_ITSELF, STOP_COMMAND } stop;
};

#define RELAY_WATCHES 320

/* Until the command has ended, and all that it wrote to its terminal has been shown. MASTER is the master side of that, or -1;
 * SIGNALS a descriptor of all signals (man 2 signalfd). Returns the command's status. */
int relay_run(const struct side *side, int master, int signals);

#endif
