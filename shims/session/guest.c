#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binfmt.h"
#include "door.h"
#include "life.h"
#include "report.h"
#include "trace.h"

/* man 1 env: exit status of a command that is not found, and of one that cannot be executed. */
#define EXIT_NOT_FOUND 127
#define EXIT_CANNOT_EXECUTE 126

/* Tries each directory of PATH as a shell does: a file that may not be executed is remembered, and the search goes on. */
static void execute(char **argv, char **envp, const char *path) {
    if (strchr(argv[0], '/') != NULL) {
        execve(argv[0], argv, envp);
        return;
    }
    int error = ENOENT;
    while (path != NULL && *path != '\0') {
        size_t size = strcspn(path, ":");
        char *file = malloc(size + strlen(argv[0]) + 2);
        if (file == NULL) return;
        memcpy(file, path, size);
        file[size] = '/';
        strcpy(file + size + 1, argv[0]);
        execve(file, argv, envp);
        free(file); /* errno stays: man 3 free */
        if (errno == EACCES) error = EACCES;
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return;
        path += size + (path[size] == ':');
    }
    errno = error;
}

static const char *path_of(char **envp) {
    for (; *envp != NULL; envp++) {
        if (strncmp(*envp, "PATH=", 5) == 0) return *envp + 5;
    }
    return NULL;
}

static void use_terminal(int terminal) {
    if (ioctl(terminal, TIOCSCTTY, 0) < 0) die("take the terminal", NULL);
    for (int fd = 0; fd <= 2; fd++) {
        if (dup2(terminal, fd) < 0) die("take the terminal", NULL);
    }
}

static void become(const struct guest *guest) {
    if (setgroups(guest->group_count, guest->groups) < 0) die("setgroups", NULL);
    if (setresgid(guest->gid, guest->gid, guest->gid) < 0) die("setresgid", NULL);
    if (setresuid(guest->uid, guest->uid, guest->uid) < 0) die("setresuid", NULL);
}

static void guest_start(const struct guest *guest) __attribute__((noreturn));
static void guest_start(const struct guest *guest) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (setsid() < 0) die("setsid", NULL);
    if (guest->terminal >= 0) use_terminal(guest->terminal);
    become(guest);
    if (chdir(guest->directory) < 0) die("chdir", guest->directory);
    execute(guest->argv, guest->envp, path_of(guest->envp));
    int error = errno;
    report_exec_failure(error);
    _exit(error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/* What PID 1 has open, the session's root can open too. */
static void leave_caller_terminal(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++) {
        if (null < 0 || dup2(null, fd) < 0) die("leave the caller's terminal", "/dev/null");
    }
    close(null);
}

/* A device that the caller has handed down is the host's, and its mode the session's root's to change where that is the host's.
 * The session's own is the same one, read-only (lib/session/plan.ts, DEVICES). */
static void use_own_devices(void) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    for (int fd = 0; fd <= 2; fd++) {
        struct stat given, own;
        if (fstat(fd, &given) < 0 || !S_ISCHR(given.st_mode)) continue;
        for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
            if (stat(devices[i], &own) < 0 || !S_ISCHR(own.st_mode) || own.st_rdev != given.st_rdev) continue;
            int device = open(devices[i], (fcntl(fd, F_GETFL) & O_ACCMODE) | O_CLOEXEC);
            if (device < 0 || dup2(device, fd) < 0) die("use the session's device", devices[i]);
            close(device);
            break;
        }
    }
}

static pid_t guest_fork(const struct guest *guest) {
    pid_t pid = fork();
    if (pid < 0) die("fork", NULL);
    if (pid == 0) guest_start(guest);
    return pid;
}

/* Takes the status of all that have ended; sets STATUS and returns 1 when the guest is among them. */
static int reap(pid_t guest, int *status) {
    int ended = 0, one;
    pid_t pid;
    while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
        if (pid != guest) continue;
        *status = WIFSIGNALED(one) ? 128 + WTERMSIG(one) : WEXITSTATUS(one);
        ended = 1;
    }
    return ended;
}

/* Whether PID 1 is to end: it has no guest that a signal would be meant for. */
static int is_end(int number) {
    return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

static void pass_on(pid_t guest, int number) {
    /* It has no process group of its own yet; and where it has ended, there is nobody to tell. */
    if (kill(-guest, number) < 0 && errno == ESRCH) kill(guest, number);
}

/* Of two times in ms, of which -1 is never. */
static int sooner(int one, int other) {
    if (one < 0 || other < 0) return one < 0 ? other : one;
    return one < other ? one : other;
}

/* GUEST is 0 where there is none. */
static int serve(pid_t guest, int parent, int signals) {
    for (;;) {
        struct pollfd waiting[5] = {
            {.fd = signals, .events = POLLIN},       {.fd = door_watch(), .events = POLLIN},
            {.fd = trace_watch(), .events = POLLIN}, {.fd = binfmt_watch(), .events = POLLIN},
            {.fd = parent, .events = POLLIN},
        };
        if (poll(waiting, 5, sooner(trace_timeout(), door_timeout())) < 0) continue;
        if (waiting[4].revents) life_end(); /* it ended before life_begin could ask for the signal */
        trace_take();
        if (waiting[3].revents & POLLIN) binfmt_update();
        if (waiting[1].revents & POLLIN || door_timeout() >= 0) door_answer();
        struct signalfd_siginfo signal;
        if (!(waiting[0].revents & POLLIN) || read(signals, &signal, sizeof signal) != sizeof signal) continue;
        int status;
        int number = (int)signal.ssi_signo;
        if (number == SIGCHLD) {
            if (reap(guest, &status)) return status;
        } else if (signal.ssi_pid != 0) {
            /* From inside the session: a guest's own kill(1, ...) stays without effect, as with any init. */
        } else if (guest != 0) {
            /* SIGTSTP has no effect on a process group whose leader is a session's. */
            pass_on(guest, number == SIGTSTP ? SIGSTOP : number);
        } else if (is_end(number)) {
            return 0;
        }
    }
}

int guest_run(const struct guest *guest) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    if (signals < 0) die("signalfd", NULL);
    door_open();
    trace_begin();
    life_begin();
    if (guest->terminal >= 0) leave_caller_terminal();
    use_own_devices();
    pid_t pid = guest->argv[0] == NULL ? 0 : guest_fork(guest);
    if (guest->terminal >= 0) close(guest->terminal);
    int status = serve(pid, guest->parent, signals);
    /* What the guest left behind ends before PID 1's descriptors close: an exec would miss its routes, and say so. */
    if (kill(-1, SIGKILL) < 0) { /* ESRCH: it left nothing */
    }
    trace_finish();
    report_usage();
    return status;
}
