#define _GNU_SOURCE
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "handed.h"
#include "locks.h"
#include "report.h"
#include "shared.h"

static enum company company_of(const char *word) {
    if (strcmp(word, "joins") == 0) return COMPANY_JOINS;
    if (strcmp(word, "kept") == 0) return COMPANY_KEPT;
    return strcmp(word, "held") == 0 ? COMPANY_HELD : COMPANY_NONE;
}

struct outline outline_read(struct plan *plan) {
    struct outline outline = {.map = idmap_read(plan)};
    outline.own_network = strcmp(plan_string(plan), "own-network") == 0;
    outline.terminal = strcmp(plan_string(plan), "terminal") == 0;
    outline.locked = strcmp(plan_string(plan), "locked") == 0;
    outline.own_root = strcmp(plan_string(plan), "own-root") == 0;
    outline.company = company_of(plan_string(plan));
    outline.socket = plan_string(plan);
    outline.shared = plan_list(plan, NULL);
    return outline;
}

void die_with_parent(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) die("prctl", "PR_SET_PDEATHSIG");
}

void bring_up_loopback(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) die("loopback", NULL);
    close(fd);
}

/* A change of ids makes the process undumpable and forgets the parent-death signal (man 2 prctl). Undumpable, it would
 * keep activators out of /proc/1/fd. */
void become_root(void) {
    if (setgroups(0, NULL) < 0) die("setgroups", NULL);
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) die("setresuid", NULL);
    if (prctl(PR_SET_DUMPABLE, 1) < 0) die("prctl", "PR_SET_DUMPABLE");
    die_with_parent();
}

/* Where the session's root is the host's, the kernel lets it change what it may reach, and only mounts are in the way
 * (/proc/sys read-only, devices read-only). In one more user and mount namespace those are locked: man 7
 * mount_namespaces, "Restrictions on mount namespaces". Its ids are mapped from outside of it, by a child that stays.
 * What else is the session's own is made anew with it: its root has rights over what its user namespace owns alone
 * (man 7 user_namespaces: ports below 1024, raw sockets, the host name). */
void lock_mounts(const struct outline *outline) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("lock the mounts", "socketpair");
    pid_t mapper = fork();
    if (mapper < 0) die("lock the mounts", "fork");
    char byte = 0;
    if (mapper == 0) {
        if (read(pair[1], &byte, 1) != 1) _exit(EXIT_OURS);
        idmap_apply_below(&outline->map, 1);
        _exit(0);
    }
    /* /sys shows the network namespace in which it was mounted, while there is one: this stays open. */
    if (outline->own_network && open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) < 0)
        die("lock the mounts", "/proc/self/ns/net");
    int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (outline->own_network ? CLONE_NEWNET : 0);
    if (unshare(flags) < 0) die("lock the mounts", "unshare");
    int status;
    if (write(pair[0], &byte, 1) != 1 || waitpid(mapper, &status, 0) != mapper) die("lock the mounts", "map ids");
    if (status != 0) _exit(EXIT_OURS); /* the child has reported why */
    close(pair[0]);
    close(pair[1]);
    become_root();
    if (outline->own_network) bring_up_loopback();
}

static long session_flags(const struct outline *outline) {
    long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    return outline->own_network ? flags | CLONE_NEWNET : flags;
}

static pid_t clone_process(long flags) {
    pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0) die("make namespaces", NULL);
    if (pid == 0) die_with_parent();
    return pid;
}

/* Until the ids of this process are mapped. Where they cannot be, somebody else has reported why. */
static void await_ids(int socket) {
    char go;
    if (read(socket, &go, 1) != 1) _exit(EXIT_OURS);
}

static void let_go_on(int socket) {
    if (write(socket, "", 1) != 1) die("start the session", NULL);
}

#define MAX_CGROUP_NAMESPACES "/proc/sys/user/max_cgroup_namespaces"

/* In one of its own, the session's root could mount the control groups that this process is in, and change them: what is
 * mounted below /sys is read-only, this would not be. In the host's it may not. The limit holds for all user namespaces below.
 */
static void forbid_cgroup_namespaces(void) {
    int fd = open(MAX_CGROUP_NAMESPACES, O_WRONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return; /* this kernel has none */
    if (fd < 0 || write(fd, "0", 1) != 1) die("forbid namespaces of control groups", MAX_CGROUP_NAMESPACES);
    close(fd);
}

/* The first namespaces: they own what the session may only read. PID 1 becomes a child of the process outside as well, which
 * is told its number; this process has nothing else to do. */
static void keep_shared(const struct outline *outline, struct line line, session_function *run, struct plan *plan)
    __attribute__((noreturn));
static void keep_shared(const struct outline *outline, struct line line, session_function *run, struct plan *plan) {
    become_root();
    forbid_cgroup_namespaces();
    if (!outline->terminal) handed_protect(); /* else the session has its own, and none of the caller's */
    shared_make(outline->shared);
    pid_t pid = clone_process(session_flags(outline) | CLONE_PARENT);
    if (pid == 0) {
        await_ids(line.socket);
        _exit(run(plan, outline, line));
    }
    idmap_apply_below(&outline->map, pid);
    if (write(line.socket, &pid, sizeof pid) != sizeof pid) die("start the session", NULL);
    _exit(0);
}

/* It has ended or told the number; only then is there anything to be read, since PID 1 has the other end as well. */
static pid_t await_number(pid_t keeper, int socket) {
    int status;
    pid_t pid;
    while (waitpid(keeper, &status, 0) < 0) {
        if (errno != EINTR) die("start the session", "waitpid");
    }
    if (status != 0) _exit(EXIT_OURS); /* it has reported why */
    if (read(socket, &pid, sizeof pid) != sizeof pid) die("start the session", "its number");
    return pid;
}

static void make_line(const struct outline *outline, struct line *ours, struct line *theirs) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("socketpair", NULL);
    *ours = (struct line){pair[0], -1};
    *theirs = (struct line){pair[1], -1};
    if (outline->company == COMPANY_NONE) return;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) die("socketpair", NULL);
    ours->orders = pair[0];
    theirs->orders = pair[1];
}

static void close_line(struct line line) {
    close(line.socket);
    if (line.orders >= 0) close(line.orders);
}

pid_t start_session(struct plan *plan, const struct outline *outline, session_function *run, struct line *line) {
    struct line theirs;
    make_line(outline, line, &theirs);
    pid_t pid = clone_process(outline->own_root ? CLONE_NEWUSER | CLONE_NEWNS : session_flags(outline));
    if (pid == 0) {
        close_line(*line);
        locks_leave();
        await_ids(theirs.socket);
        if (outline->own_root) keep_shared(outline, theirs, run, plan);
        _exit(run(plan, outline, theirs));
    }
    close_line(theirs);
    idmap_apply(&outline->map, pid);
    if (outline->own_root) {
        let_go_on(line->socket);
        pid = await_number(pid, line->socket);
    }
    report_started(pid);
    /* Before PID 1 does anything: whatever it comes to run, somebody sees to its end, and holds the locks until then. */
    guard_start(pid, outline->terminal);
    let_go_on(line->socket);
    return pid;
}
