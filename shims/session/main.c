/* xbuild-session: makes the namespaces and mounts of a plan, and runs one command in them.
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
#include <unistd.h>

#include "audit.h"
#include "binfmt.h"
#include "copy.h"
#include "guard.h"
#include "guest.h"
#include "limits.h"
#include "locks.h"
#include "mounts.h"
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

static struct guest read_guest(struct plan *plan) {
    struct guest guest = {.directory = plan_string(plan), .uid = (uid_t)plan_number(plan), .terminal = -1};
    guest.gid = (gid_t)plan_number(plan);
    char **groups = plan_list(plan, &guest.group_count);
    guest.groups = calloc(guest.group_count + 1, sizeof *guest.groups);
    if (guest.groups == NULL) die("memory", NULL);
    for (size_t i = 0; i < guest.group_count; i++) guest.groups[i] = (gid_t)strtoul(groups[i], NULL, 10);
    guest.envp = plan_list(plan, NULL);
    guest.argv = plan_list(plan, NULL);
    return guest;
}

/* PID 1. */
static int run_session(struct plan *plan, const struct outline *outline, int socket) {
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
    struct guest guest = read_guest(plan);
    if (outline->locked) lock_mounts(outline);
    binfmt_register();
    if (outline->terminal) guest.terminal = terminal_make(socket);
    guest.parent = socket;
    audit_hide();
    limits_ignore();
    calls_refuse();
    report_ready();
    return guest_run(&guest);
}

int main(int argc, char **argv, char **envp) {
    (void)argc;
    pid_t parent = getppid();
    die_with_parent();
    if (getppid() != parent) return EXIT_OURS; /* it ended before it could be asked for */
    copy_begin(argv, envp);
    keep_own_descriptors();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    if (signals < 0) die("signalfd", NULL);
    struct plan plan = plan_read(PLAN_FD);
    struct outline outline = outline_read(&plan);
    if (outline.terminal) terminal_save();
    int socket;
    pid_t pid = start_session(&plan, &outline, run_session, &socket);
    /* The socket stays open: its end tells PID 1 that this process has ended. */
    int master = outline.terminal ? terminal_receive(socket) : -1;
    if (master >= 0) terminal_raw();
    int status = relay_run(pid, master, signals);
    if (master >= 0) terminal_restore();
    guard_dismiss();
    return status;
}
