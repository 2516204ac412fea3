/* xbuild-session: makes the namespaces and mounts of a plan, and runs one command in them.
 *
 * Called by xbuild-env alone, with the plan on descriptor 3, a place to report to on descriptor 4, and one for the
 * records of a trace on descriptor 5. Two processes:
 * this one stays outside, relays the terminal and passes signals on; its child is PID 1 of the session. Each asks the
 * kernel to be killed when its parent ends, so that nothing is left when xbuild-env is killed with -9: when PID 1
 * ends, the kernel ends all other processes of the session, and with the last of them its mounts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit.h"
#include "binfmt.h"
#include "guest.h"
#include "idmap.h"
#include "mounts.h"
#include "plan.h"
#include "relay.h"
#include "report.h"
#include "sync.h"
#include "terminal.h"
#include "trace.h"

#define PLAN_FD 3

/* Of the caller's descriptors, the guest gets the first three: any other may be a way out of the session. */
static void keep_own_descriptors(void) {
    if (close_range(TRACE_OUTPUT_FD + 1, ~0U, 0) < 0) die("close_range", NULL);
    if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) die("fcntl", "FD_CLOEXEC");
    /* Where nothing is traced there is none, or another of the caller's, which trace_begin closes. */
    if (fcntl(TRACE_OUTPUT_FD, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF) die("fcntl", "FD_CLOEXEC");
}

/* The first part of a plan: what has to be known before there is a session. */
struct outline {
    struct idmap map;
    int own_network;
    int terminal;
    int locked;
};

static struct outline read_outline(struct plan *plan) {
    struct idmap map = idmap_read(plan);
    int own_network = strcmp(plan_string(plan), "own-network") == 0;
    int terminal = strcmp(plan_string(plan), "terminal") == 0;
    return (struct outline){map, own_network, terminal, strcmp(plan_string(plan), "locked") == 0};
}

static void die_with_parent(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) die("prctl", "PR_SET_PDEATHSIG");
}

static void bring_up_loopback(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) die("loopback", NULL);
    close(fd);
}

/* A change of ids makes the process undumpable and forgets the parent-death signal (man 2 prctl). Undumpable, it would
 * keep activators out of /proc/1/fd. */
static void become_root(void) {
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
static void lock_mounts(const struct idmap *map, int own_network) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("lock the mounts", "socketpair");
    pid_t mapper = fork();
    if (mapper < 0) die("lock the mounts", "fork");
    char byte = 0;
    if (mapper == 0) {
        if (read(pair[1], &byte, 1) != 1) _exit(EXIT_OURS);
        idmap_apply(map, 1);
        _exit(0);
    }
    /* /sys shows the network namespace in which it was mounted, while there is one: this stays open. */
    if (own_network && open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) < 0) die("lock the mounts", "/proc/self/ns/net");
    int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (own_network ? CLONE_NEWNET : 0);
    if (unshare(flags) < 0) die("lock the mounts", "unshare");
    int status;
    if (write(pair[0], &byte, 1) != 1 || waitpid(mapper, &status, 0) != mapper) die("lock the mounts", "map ids");
    if (status != 0) _exit(EXIT_OURS); /* the child has reported why */
    close(pair[0]);
    close(pair[1]);
    become_root();
    if (own_network) bring_up_loopback();
}

static struct guest read_guest(struct plan *plan) {
    struct guest guest = {.directory = plan_string(plan), .uid = (uid_t)plan_number(plan), .terminal = -1};
    guest.gid = (gid_t)plan_number(plan);
    char **groups = plan_list(plan, &guest.group_count);
    guest.groups = calloc(guest.group_count + 1, sizeof *guest.groups);
    if (guest.groups == NULL) die("memory", NULL);
    for (size_t i = 0; i < guest.group_count; i++) guest.groups[i] = (gid_t)strtoul(groups[i], NULL, 10);
    guest.envp = plan_list(plan, NULL);
    size_t count;
    guest.argv = plan_list(plan, &count);
    if (count == 0) {
        errno = EINVAL;
        die("read plan", "no command");
    }
    return guest;
}

/* PID 1. */
static int run_session(struct plan *plan, const struct outline *outline, int socket) {
    /* Out of the caller's process group: what is sent to all of it comes once, through xbuild-env. */
    if (setsid() < 0) die("setsid", NULL);
    become_root();
    if (outline->own_network) bring_up_loopback();
    mounts_begin();
    const char *operation;
    while (strcmp(operation = plan_string(plan), "run") != 0) {
        if (strcmp(operation, "binfmt") == 0) {
            binfmt_note(plan);
        } else if (strcmp(operation, "follow") == 0) {
            binfmt_follow();
        } else if (strcmp(operation, "trace") == 0) {
            trace_want();
        } else if (strcmp(operation, "drop-syncs") == 0) {
            sync_drop();
        } else if (strcmp(operation, "hostname") == 0) {
            const char *name = plan_string(plan);
            if (sethostname(name, strlen(name)) < 0) die("sethostname", name);
        } else {
            mounts_do(operation, plan);
        }
    }
    struct guest guest = read_guest(plan);
    if (outline->locked) lock_mounts(&outline->map, outline->own_network);
    binfmt_register();
    if (outline->terminal) guest.terminal = terminal_make(socket);
    close(socket);
    audit_hide();
    report_ready();
    return guest_run(&guest);
}

static pid_t start_session(struct plan *plan, const struct outline *outline, int *socket) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("socketpair", NULL);
    long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
    if (outline->own_network) flags |= CLONE_NEWNET;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    if (pid < 0) die("make namespaces", NULL);
    if (pid == 0) {
        die_with_parent();
        close(pair[0]);
        char go;
        if (read(pair[1], &go, 1) != 1) _exit(EXIT_OURS); /* the parent has reported why */
        _exit(run_session(plan, outline, pair[1]));
    }
    close(pair[1]);
    idmap_apply(&outline->map, pid);
    report_started(pid);
    if (write(pair[0], "", 1) != 1) die("start the session", NULL);
    *socket = pair[0];
    return pid;
}

int main(void) {
    pid_t parent = getppid();
    die_with_parent();
    if (getppid() != parent) return EXIT_OURS; /* it ended before it could be asked for */
    keep_own_descriptors();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    if (signals < 0) die("signalfd", NULL);
    struct plan plan = plan_read(PLAN_FD);
    struct outline outline = read_outline(&plan);
    int socket;
    pid_t pid = start_session(&plan, &outline, &socket);
    int master = outline.terminal ? terminal_receive(socket) : -1;
    close(socket);
    if (master >= 0) terminal_raw();
    int status = relay_run(pid, master, signals);
    terminal_restore();
    return status;
}
