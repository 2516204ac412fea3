#define _GNU_SOURCE
#include "relay.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "terminal.h"

/* Added to the number of a signal that is meant for the guest: from SIGRTMIN on, up to 64. */
#define PASSED_ON 33

/* What the keyboard or a kill of the whole process group sends reaches xbuild-env too, which passes it on once: as a
 * real-time signal, lib/host/session.ts says why. */
static void pass_on(pid_t pid, const struct signalfd_siginfo *signal) {
    if (signal->ssi_signo == SIGTSTP) {
        kill(pid, SIGTSTP);
        raise(SIGSTOP);
        kill(pid, SIGCONT);
    } else if (signal->ssi_signo > PASSED_ON) {
        kill(pid, (int)signal->ssi_signo - PASSED_ON);
    }
}

static int ended(pid_t pid, int *status) {
    if (waitpid(pid, status, WNOHANG) != pid) return 0;
    *status = WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
    return 1;
}

int relay_run(pid_t pid, int master, int signals) {
    int status = EXIT_OURS, input = STDIN_FILENO;
    if (master >= 0) terminal_resize(master);
    for (;;) {
        struct pollfd waiting[3] = {
            {.fd = signals, .events = POLLIN},
            {.fd = master, .events = POLLIN},
            {.fd = master < 0 ? -1 : input, .events = POLLIN},
        };
        if (poll(waiting, 3, -1) < 0) continue;
        if (waiting[1].revents && !terminal_move(master, STDOUT_FILENO)) master = -1;
        if (waiting[2].revents && !terminal_move(input, master)) input = -1;
        struct signalfd_siginfo signal;
        if (!(waiting[0].revents & POLLIN) || read(signals, &signal, sizeof signal) != sizeof signal) continue;
        if (signal.ssi_signo == SIGWINCH && master >= 0) terminal_resize(master);
        if (signal.ssi_signo == SIGCHLD && ended(pid, &status)) break;
        pass_on(pid, &signal);
    }
    while (master >= 0 && terminal_move(master, STDOUT_FILENO)) {
    }
    return status;
}
