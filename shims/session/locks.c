#define _GNU_SOURCE
#include "locks.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "report.h"

void locks_keep(void) {
    if (close_range(LOCKS_FD + LOCKS, ~0U, 0) < 0) die("close_range", NULL);
    for (int fd = LOCKS_FD; fd < LOCKS_FD + LOCKS; fd++) {
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) continue;
        if (errno != EBADF) die("fcntl", "FD_CLOEXEC");
        int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (other < 0) die("keep the locks", "/dev/null");
        if (other == fd) continue;
        if (dup3(other, fd, O_CLOEXEC) < 0 || close(other) < 0) die("keep the locks", "dup");
    }
}

void locks_leave(void) {
    if (close_range(LOCKS_FD, LOCKS_FD + LOCKS - 1, 0) < 0) die("close_range", NULL);
}

void locks_keep_only(int last) {
    if (close_range(last + 1, LOCKS_FD - 1, 0) < 0) _exit(EXIT_OURS);
    if (close_range(LOCKS_FD + LOCKS, ~0U, 0) < 0) _exit(EXIT_OURS);
}
