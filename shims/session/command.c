#define _GNU_SOURCE
#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ancestor.h"
#include "report.h"

/* Nanoseconds until the command's processes are looked for again: one that was being made may have been missed. */
#define PAUSE 20000000L

/* In the keeper. */
static pid_t keeper, command;
static int status;

void command_begin(void) {
    ancestor_begin();
}

static int is_keeper(pid_t pid) {
    return pid == keeper;
}

/* All that came of the command, however often it forked: what lost its parent is the keeper's child by now. */
static void kill_all(void) {
    DIR *processes = ancestor_list();
    if (processes == NULL) return;
    const struct dirent *entry;
    while ((entry = readdir(processes)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 1 && pid != keeper && ancestor_find(pid, is_keeper)) kill(pid, SIGKILL);
    }
    closedir(processes);
}

/* Takes the status of all that have ended; 0 where none is left. */
static int reap(void) {
    int one;
    pid_t pid;
    while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
        if (pid != command) continue;
        status = WIFSIGNALED(one) ? 128 + WTERMSIG(one) : WEXITSTATUS(one);
        command = 0;
    }
    return pid == 0 || errno != ECHILD;
}

static void end_all(const sigset_t *signals) {
    struct timespec pause = {.tv_nsec = PAUSE};
    while (reap()) {
        kill_all();
        sigtimedwait(signals, NULL, &pause);
    }
}

static void pass_on(int number) {
    /* SIGTSTP has no effect on a process group whose leader is a session's. */
    if (number == SIGTSTP) number = SIGSTOP;
    /* It has no process group of its own yet; and where it has ended, there is nobody to tell. */
    if (kill(-command, number) < 0 && errno == ESRCH) kill(command, number);
}

static void wait_for_command(const sigset_t *all) {
    while (command != 0) {
        siginfo_t signal;
        int number = sigwaitinfo(all, &signal);
        if (number == SIGCHLD) {
            reap();
        } else if (number > COMMAND_SIGNALS && signal.si_pid == 1) {
            number -= COMMAND_SIGNALS;
            if (number == SIGKILL) end_all(all);
            else pass_on(number);
        }
    }
}

void command_keep(const struct guest *guest, enum left_behind left) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    keeper = getpid();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) die("prctl", "PR_SET_CHILD_SUBREAPER");
    command = guest_fork(guest);
    /* Who reads what the command writes learns of its end by this. */
    guest_leave_descriptors();
    if (guest->terminal >= 0) close(guest->terminal);
    close(REPORT_FD);
    wait_for_command(&all);
    if (left == LEFT_ENDS) end_all(&all);
    _exit(status);
}

pid_t command_fork(const struct guest *guest, enum left_behind left) {
    pid_t pid = fork();
    if (pid < 0) die("fork", NULL);
    if (pid == 0) command_keep(guest, left);
    return pid;
}
