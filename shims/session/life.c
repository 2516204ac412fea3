#define _GNU_SOURCE
#include "life.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

/* Nothing else sends it: of the real-time signals that mean the guest, relay.c passes on what lies 33 below. */
#define PARENT_ENDED SIGRTMAX

void life_end(void) {
    if (kill(-1, SIGKILL) < 0) { /* ESRCH: there is no other */
    }
    while (wait(NULL) > 0 || errno == EINTR) {
    }
    _exit(EXIT_OURS);
}

/* The parent is outside of the session, and so has no number in it. The session's own root may send PID 1 signals too, but
 * cannot say that (man 2 rt_sigqueueinfo, si_code). */
static void on_end(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    if (info->si_code == SI_USER && info->si_pid == 0) life_end();
}

void life_begin(void) {
    struct sigaction action = {.sa_sigaction = on_end, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    if (sigaction(PARENT_ENDED, &action, NULL) < 0) die("sigaction", NULL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, PARENT_ENDED);
    if (sigprocmask(SIG_UNBLOCK, &own, NULL) < 0) die("sigprocmask", NULL);
    if (prctl(PR_SET_PDEATHSIG, PARENT_ENDED) < 0) die("prctl", "PR_SET_PDEATHSIG");
}
