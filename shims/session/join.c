#define _GNU_SOURCE
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "handed.h"
#include "meeting.h"
#include "message.h"
#include "peer.h"
#include "relay.h"
#include "report.h"
#include "terminal.h"

static int line = -1, signals = -1;
static int has_ended, status = 128 + SIGKILL;

static void end_gone(void) __attribute__((noreturn));
static void end_gone(void) {
    report_gone();
    _exit(EXIT_OURS);
}

static void come_to(const char *path) {
    struct meeting place = meeting_find(path);
    if (place.directory < 0) end_gone();
    struct sockaddr_un address = meeting_address(&place, "");
    line = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (line < 0) die("join", "socket");
    if (connect(line, (struct sockaddr *)&address, sizeof address) < 0) end_gone();
    meeting_leave(&place);
    errno = EPERM;
    if (!peer_is_own(line)) die("meet", path); /* it would get the caller's descriptors */
}

/* One that xbuild-env has passed on, and that asks for the end; or 0. */
static int take_end(void) {
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal) return 0;
    int number = (int)signal.ssi_signo - RELAY_SIGNALS;
    return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTERM ? number : 0;
}

/* The session's root can stop PID 1, and whoever waits for it may want to end. Returns 0 when something came from the other
 * side, or the number of a signal. */
static int await_line(void) {
    for (;;) {
        struct pollfd waiting[] = {{.fd = line, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(waiting, 2, -1) < 0 && errno != EINTR) die("join", "poll");
        int number = waiting[1].revents ? take_end() : 0;
        if (number != 0 || waiting[0].revents) return number;
    }
}

static void await_line_or_end(void) {
    int number = await_line();
    if (number == 0) return;
    /* What was sent to the session holds the caller's pipes open until it is taken. */
    report_interrupted(128 + number);
    _exit(128 + number);
}

/* What is left of the plan, as a file: it may be longer than a message. */
static int make_request(const struct plan *plan) {
    int fd = memfd_create("xbuild-request", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const char *at = plan->at;
    while (fd >= 0 && at < plan->end) {
        ssize_t put = write(fd, at, (size_t)(plan->end - at));
        if (put < 0 && errno != EINTR) die("join", "write the request");
        if (put > 0) at += put;
    }
    if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0) die("join", "make the request");
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE) < 0)
        die("join", "seal the request");
    return fd;
}

static void ask(int request, int value) {
    int fds[START_FDS] = {request, REPORT_FD, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    struct message message = {WORD_START, 0, value};
    if (message_send(line, &message, fds, value & START_TERMINAL ? START_WITH_TERMINAL : START_FDS) == 0) return;
    /* Where the other side has gone, what is read next says why. */
    if (errno != EPIPE && errno != ECONNRESET) die("join", "send what to run");
}

static void write_own(const char *file, const char *text) {
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    ssize_t size = (ssize_t)strlen(text);
    if (fd < 0 || write(fd, text, (size_t)size) != size) die("protect the caller's descriptors", file);
    close(fd);
}

/* In namespaces of its own, the only ones in which a user may make a mount. They are gone with the process, and the mounts stay
 * with what was opened through them. */
static void ask_protected(int request, int value) {
    char users[64], groups[64];
    snprintf(users, sizeof users, "%ld %ld 1", (long)geteuid(), (long)geteuid());
    snprintf(groups, sizeof groups, "%ld %ld 1", (long)getegid(), (long)getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) die("protect the caller's descriptors", "unshare");
    write_own("/proc/self/setgroups", "deny");
    write_own("/proc/self/gid_map", groups);
    write_own("/proc/self/uid_map", users);
    handed_protect();
    handed_protect_devices();
    ask(request, value);
    _exit(0);
}

static int hands_down_device(void) {
    struct stat given;
    for (int fd = 0; fd <= 2; fd++) {
        if (fstat(fd, &given) == 0 && S_ISCHR(given.st_mode)) return 1;
    }
    return 0;
}

static void request(const struct plan *plan, int options) {
    int terminal = options & START_TERMINAL;
    mode_t mask = umask(0);
    umask(mask);
    int file = make_request(plan), value = (int)(mask & START_UMASK) | options;
    if (!terminal && hands_down_device()) {
        pid_t pid = fork();
        int ended;
        if (pid < 0) die("join", "fork");
        if (pid == 0) ask_protected(file, value);
        if (waitpid(pid, &ended, 0) != pid || ended != 0) _exit(EXIT_OURS); /* it has reported why */
    } else {
        ask(file, value);
    }
    close(file);
}

static void end_lost(void) {
    if (has_ended) return;
    report_lost();
    has_ended = 1;
}

/* Returns what was told, or 0. */
static uint32_t hear(int *fds, size_t *count) {
    struct message message;
    enum message_state state = message_receive(line, &message, fds, count);
    if (state == MESSAGE_NOTHING) return 0;
    if (state == MESSAGE_END) {
        end_lost();
        return 0;
    }
    if (message.word == WORD_OLDEST) report_oldest();
    if (message.word == WORD_ENDED) {
        status = message.value & 0xff;
        has_ended = 1;
        /* Then the session is over when the other end is closed, and with that its locks are free. */
        char byte;
        if (!message.command && await_line() == 0 && recv(line, &byte, 1, 0) <= 0) report_last();
    }
    if (message.word == WORD_REFUSED) {
        status = EXIT_OURS;
        has_ended = 1;
        report_refused(message.value);
    }
    return message.word;
}

static void await_accepted(void) {
    int fds[MESSAGE_FDS];
    size_t count;
    struct message message;
    await_line_or_end();
    if (message_receive(line, &message, fds, &count) != MESSAGE_CAME) end_gone();
    if (message.word == WORD_REFUSED) {
        report_refused(message.value);
        _exit(EXIT_OURS);
    }
    if (message.word != WORD_ACCEPTED) end_gone();
    message_close(fds, count);
}

/* The master side of the command's terminal, or -1 where there is none any more. */
static int await_terminal(void) {
    int fds[MESSAGE_FDS];
    size_t count;
    while (!has_ended) {
        await_line_or_end();
        uint32_t word = hear(fds, &count);
        if (word == WORD_TERMINAL && count == 1) {
            terminal_take(fds[0]);
            return fds[0];
        }
        message_close(fds, count);
    }
    return -1;
}

static void tell(int number) {
    struct message message = {WORD_SIGNAL, 0, number};
    if (message_send(line, &message, NULL, 0) < 0) return; /* its end is read next */
}

static size_t watch(struct pollfd *waiting) {
    waiting[0] = (struct pollfd){.fd = has_ended ? -1 : line, .events = POLLIN};
    return 1;
}

static int wait_forever(void) {
    return -1;
}

static int look(const struct pollfd *waiting, size_t count, int *result) {
    int fds[MESSAGE_FDS];
    size_t came = 0;
    if (count > 0 && waiting[0].revents) hear(fds, &came);
    message_close(fds, came);
    *result = status;
    return has_ended;
}

static const struct side command = {tell, watch, wait_forever, look, STOP_ITSELF};

int join_run(struct plan *plan, int all_signals) {
    signals = all_signals;
    int terminal = strcmp(plan_string(plan), "terminal") == 0;
    int own_network = strcmp(plan_string(plan), "own-network") == 0;
    come_to(plan_string(plan));
    if (terminal) terminal_save();
    request(plan, (terminal ? START_TERMINAL : 0) | (own_network ? START_OWN_NETWORK : 0));
    await_accepted();
    if (!terminal) return relay_run(&command, -1, signals);
    int master = await_terminal();
    if (master < 0) return status;
    guard_start(0, 1);
    terminal_raw();
    int result = relay_run(&command, master, signals);
    terminal_restore();
    guard_dismiss();
    return result;
}

int join_stop(const char *path, int all_signals) {
    signals = all_signals;
    come_to(path);
    struct message message = {WORD_STOP, 0, 0};
    char byte;
    if (message_send(line, &message, NULL, 0) < 0) end_gone();
    do {
        await_line_or_end();
    } while (recv(line, &byte, 1, 0) > 0);
    return 0;
}
