#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "locks.h"
#include "report.h"
#include "terminal.h"

/* ms that PID 1 has for ending the session, which takes it a few, before it is killed. */
#define GRACE 5000

/* What it is told. */
enum { DISMISSED = 'd', CALLER_LEFT = 'l' };

static pid_t guardian;
/* The end of a pipe that only the outer process holds: it ends without a byte where that was killed. */
static int life = -1;

/* Nothing else of the outer process's stays open in it but the locks, above all not what tells PID 1 that that one has ended.
 */
static void keep_only(int pipe, int pidfd) {
    if (dup2(pipe, STDOUT_FILENO) < 0 || dup2(pidfd, STDERR_FILENO) < 0) _exit(EXIT_OURS);
    locks_keep_only(STDERR_FILENO);
}

static void guard(int pipe, int pidfd, int terminal) __attribute__((noreturn));
static void guard(int pipe, int pidfd, int terminal) {
    /* What kills the caller's whole process group is what it has to outlive. */
    if (setsid() < 0) _exit(EXIT_OURS);
    keep_only(pipe, pidfd);
    char word;
    ssize_t got;
    while ((got = read(STDOUT_FILENO, &word, 1)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 || word == DISMISSED) _exit(0);
        close(STDIN_FILENO);
        terminal = 0;
    }
    if (terminal) terminal_reset();
    struct pollfd ended = {.fd = STDERR_FILENO, .events = POLLIN};
    if (poll(&ended, 1, GRACE) == 0) syscall(SYS_pidfd_send_signal, STDERR_FILENO, SIGKILL, NULL, 0);
    /* With this process the locks go: PID 1 is the last to end of its session. */
    while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

void guard_start(pid_t pid, int terminal) {
    int ends[2];
    /* Where there is none to see to, one that ends with this process does. */
    int pidfd = (int)syscall(SYS_pidfd_open, pid == 0 ? getpid() : pid, 0);
    if (pidfd < 0) die("guard", "pidfd_open");
    if (pipe2(ends, O_CLOEXEC) < 0) die("guard", "pipe");
    guardian = fork();
    if (guardian < 0) die("guard", "fork");
    if (guardian == 0) guard(ends[0], pidfd, terminal);
    close(ends[0]);
    close(pidfd);
    life = ends[1];
}

static void tell(char word) {
    if (write(life, &word, 1) != 1) die("guard", "write");
}

void guard_leave_caller(void) {
    tell(CALLER_LEFT);
}

void guard_dismiss(void) {
    tell(DISMISSED);
    if (waitpid(guardian, NULL, 0) < 0) die("guard", "wait");
}
