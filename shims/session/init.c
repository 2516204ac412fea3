#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binfmt.h"
#include "door.h"
#include "life.h"
#include "orders.h"
#include "report.h"
#include "trace.h"
#include "wait.h"

/* What is there when the session begins, or 0. */
static pid_t first;

/* Takes the status of all that have ended; sets STATUS and returns 1 when the first command is among them. */
static int reap(int *status) {
    int ended = 0, one;
    pid_t pid;
    while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
        int code = WIFSIGNALED(one) ? 128 + WTERMSIG(one) : WEXITSTATUS(one);
        if (orders_are_given()) orders_ended(pid, code);
        if (pid != first) continue;
        *status = code;
        ended = 1;
    }
    return ended;
}

/* Whether PID 1 is to end: it has no guest that a signal would be meant for. */
static int is_end(int number) {
    return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

static void pass_on(int number) {
    /* SIGTSTP has no effect on a process group whose leader is a session's. */
    if (number == SIGTSTP) number = SIGSTOP;
    /* It has no process group of its own yet; and where it has ended, there is nobody to tell. */
    if (kill(-first, number) < 0 && errno == ESRCH) kill(first, number);
}

/* Returns 1, with STATUS set, where the session is to end. */
static int take_signal(int signals, int *status) {
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal) return 0;
    int number = (int)signal.ssi_signo;
    if (number == SIGCHLD) return reap(status);
    /* From inside the session: a guest's own kill(1, ...) stays without effect, as with any init. */
    if (signal.ssi_pid != 0) return 0;
    if (first != 0) pass_on(number);
    else if (orders_are_given()) orders_signal_first(number);
    else return is_end(number);
    return 0;
}

/* Of two times in ms, of which -1 is never. */
static int sooner(int one, int other) {
    if (one < 0 || other < 0) return one < 0 ? other : one;
    return one < other ? one : other;
}

static int serve(int parent, int signals) {
    for (;;) {
        struct pollfd waiting[6] = {
            {.fd = signals, .events = POLLIN},       {.fd = door_watch(), .events = POLLIN},
            {.fd = trace_watch(), .events = POLLIN}, {.fd = binfmt_watch(), .events = POLLIN},
            {.fd = parent, .events = POLLIN},        {.fd = orders_watch(), .events = POLLIN},
        };
        if (wait_for(waiting, 6, sooner(trace_timeout(), door_timeout())) < 0) continue;
        if (waiting[4].revents) life_end(); /* it ended before life_begin could ask for the signal */
        trace_take();
        if (waiting[3].revents & POLLIN) binfmt_update();
        if (waiting[1].revents & POLLIN || door_timeout() >= 0) door_answer();
        if (waiting[5].revents & POLLIN && orders_take()) return 0;
        int status = 0;
        if (waiting[0].revents & POLLIN && take_signal(signals, &status)) return status;
    }
}

/* Where others can join, its end is not the session's. */
static void start(const struct guest *guest) {
    if (guest->argv[0] == NULL) guest_leave_descriptors();
    else if (orders_are_given()) orders_start_first(guest);
    else first = guest_fork(guest);
}

int init_run(const struct guest *guest, int parent) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    if (signals < 0) die("signalfd", NULL);
    door_open();
    trace_begin();
    life_begin();
    if (guest->terminal >= 0) guest_leave_descriptors();
    guest_use_own_devices();
    start(guest);
    if (guest->terminal >= 0) close(guest->terminal);
    orders_ready();
    int status = serve(parent, signals);
    /* What the guest left behind ends before PID 1's descriptors close: an exec would miss its routes, and say so. */
    if (kill(-1, SIGKILL) < 0) { /* ESRCH: it left nothing */
    }
    trace_finish();
    report_usage();
    return status;
}
