#define _GNU_SOURCE
#include "peer.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Since Linux 6.5. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int peer_is_own(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) return 0;
    int pidfd = -1;
    size = sizeof pidfd;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0) pidfd = -1;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/ns/user", (long)peer.pid);
    struct stat its, own;
    int is_same =
        stat(path, &its) == 0 && stat("/proc/self/ns/user", &own) == 0 && its.st_ino == own.st_ino && its.st_dev == own.st_dev;
    if (pidfd < 0) return is_same;
    /* Where it has ended, its number may be another's by now. */
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    is_same = is_same && poll(&ended, 1, 0) == 0;
    close(pidfd);
    return is_same;
}
