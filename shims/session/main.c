/* xbuild-session: makes the namespaces and mounts of a plan, and runs one command in them.
 *
 * As "xbuild-session join" it runs a command in a session that runs (join.c), as "xbuild-session stop" it ends one.
 *
 * Called by xbuild-env alone, with the plan on descriptor 3, a place to report to on descriptor 4, one for the records of a
 * trace on descriptor 5, and locks behind these. Two processes: this one stays outside, relays the terminal and passes signals
 * on; its child is PID 1 of the session. Each asks the kernel for a signal when its parent ends, so that nothing is left when
 * xbuild-env is killed with -9: PID 1 ends all other processes of the session, and with the last of them its mounts are gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit.h"
#include "binfmt.h"
#include "copy.h"
#include "guard.h"
#include "guest.h"
#include "init.h"
#include "join.h"
#include "keeper.h"
#include "limits.h"
#include "locks.h"
#include "mounts.h"
#include "orders.h"
#include "plan.h"
#include "refused.h"
#include "relay.h"
#include "report.h"
#include "start.h"
#include "sync.h"
#include "terminal.h"
#include "trace.h"

#define PLAN_FD 3

/* Of the caller's descriptors, the guest gets the first three: any other may be a way out of the session. */
static void keep_own_descriptors(void) {
    locks_keep();
    if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) die("fcntl", "FD_CLOEXEC");
    /* Where nothing is traced there is none, or another of the caller's, which trace_begin closes. */
    if (fcntl(TRACE_OUTPUT_FD, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF) die("fcntl", "FD_CLOEXEC");
}

/* PID 1. */
static int run_session(struct plan *plan, const struct outline *outline, struct line line) {
    /* Out of the caller's process group: what is sent to all of it comes once, through xbuild-env. */
    if (setsid() < 0) die("setsid", NULL);
    become_root();
    if (outline->own_network) bring_up_loopback();
    if (outline->own_root) mounts_begin(outline->shared);
    else mounts_begin_on_host();
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
        } else if (strcmp(operation, "keep-limits") == 0) {
            limits_keep();
        } else if (strcmp(operation, "hostname") == 0) {
            const char *name = plan_string(plan);
            if (sethostname(name, strlen(name)) < 0) die("sethostname", name);
        } else {
            mounts_do(operation, plan);
        }
    }
    struct guest guest = guest_read(plan);
    if (outline->locked) lock_mounts(outline);
    binfmt_register();
    if (outline->terminal) guest.terminal = terminal_make(line.socket);
    audit_hide();
    limits_ignore();
    calls_refuse();
    orders_begin(line.orders, outline->company == COMPANY_JOINS ? LEFT_ENDS : LEFT_STAYS);
    report_ready();
    return init_run(&guest, line.socket);
}

/* A session that nobody joins: its command is PID 1's. */
static pid_t init;

static void tell_init(int number) {
    kill(init, number);
}

static size_t watch_nothing(struct pollfd *waiting) {
    (void)waiting;
    return 0;
}

static int wait_forever(void) {
    return -1;
}

static int look_after_init(const struct pollfd *waiting, size_t count, int *status) {
    (void)waiting, (void)count;
    int ended;
    if (init == 0 || waitpid(init, &ended, WNOHANG) != init) return 0;
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    init = 0;
    return 1;
}

static const struct side init_side = {tell_init, watch_nothing, wait_forever, look_after_init, STOP_ITSELF};

static int supervise(const struct outline *outline, pid_t pid, struct line line, pid_t caller, int signals) {
    init = pid;
    if (outline->company != COMPANY_NONE) keeper_begin(outline, pid, line.orders, caller);
    /* The socket stays open: its end tells PID 1 that this process has ended. */
    int master = outline->terminal ? terminal_receive(line.socket) : -1;
    if (master >= 0) terminal_raw();
    int status = 0;
    if (outline->company == COMPANY_NONE || outline->company == COMPANY_JOINS)
        status = relay_run(outline->company == COMPANY_NONE ? &init_side : &keeper_side, master, signals);
    if (master >= 0) terminal_restore();
    return outline->company == COMPANY_NONE ? status : keeper_end(status, signals);
}

int main(int argc, char **argv, char **envp) {
    pid_t caller = getppid();
    die_with_parent();
    if (getppid() != caller) return EXIT_OURS; /* it ended before it could be asked for */
    int joins = argc > 1 && strcmp(argv[1], "join") == 0, stops = argc > 1 && strcmp(argv[1], "stop") == 0;
    /* Whoever joins stays outside. */
    if (!joins && !stops) copy_begin(argv, envp);
    keep_own_descriptors();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    if (signals < 0) die("signalfd", NULL);
    struct plan plan = plan_read(PLAN_FD);
    if (joins) return join_run(&plan, signals);
    if (stops) return join_stop(plan_string(&plan), signals);
    struct outline outline = outline_read(&plan);
    if (outline.terminal) terminal_save();
    struct line line;
    pid_t pid = start_session(&plan, &outline, run_session, &line);
    int status = supervise(&outline, pid, line, caller, signals);
    guard_dismiss();
    locks_leave(); /* before those who joined learn that the session has ended */
    return status;
}
