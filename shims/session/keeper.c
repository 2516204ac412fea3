#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"
#include "guest.h"
#include "meeting.h"
#include "message.h"
#include "report.h"
#include "wait.h"

/* Since Linux 6.5. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define CLIENTS_MAX 64
/* ms that PID 1 has for ending what nobody holds, which takes it a few, before it is killed: as in guard.c. */
#define GRACE 5000
/* The parent has ended, while others are there: like SIGKILL for the first command. Nothing else sends it. */
#define PARENT_ENDED SIGRTMAX

enum state { CLIENT_NONE, CLIENT_ASKS, CLIENT_RUNS };

static struct client {
    enum state state;
    int socket;      /* or -1: it has gone, and its command is about to end */
    uint32_t number; /* of its command */
    int is_oldest;
} clients[CLIENTS_MAX];

static pid_t init;
static pid_t parent;
static int listener = -1, orders = -1;
static struct meeting place;
static uint32_t last_number;
static int is_held, is_kept, is_ready, is_stopped;
static int first_status, first_has_ended;
static int init_status, init_has_ended;
/* When nobody was found to hold the session, as now() counts; 0 while somebody does. */
static long long abandoned;

/* The place appears when it can be come to. */
static void open_place(const char *path) {
    place = meeting_find(path);
    struct sockaddr_un fresh = meeting_address(&place, "."), address = meeting_address(&place, "");
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    if (place.directory < 0 || listener < 0 || bind(listener, (struct sockaddr *)&fresh, sizeof fresh) < 0) die("meet", path);
    umask(before);
    if (listen(listener, CLIENTS_MAX) < 0 || rename(fresh.sun_path, address.sun_path) < 0) die("meet", path);
}

static void close_place(void) {
    if (listener < 0) return;
    if (unlinkat(place.directory, place.name, 0) < 0) { /* somebody has removed it: nobody can come */
    }
    close(listener);
    listener = -1;
}

void keeper_begin(const struct outline *outline, pid_t pid, int socket, pid_t caller) {
    init = pid;
    orders = socket;
    parent = caller;
    is_kept = outline->company == COMPANY_KEPT;
    is_held = is_kept || outline->company == COMPANY_HELD;
    first_has_ended = is_held;
    open_place(outline->socket);
}

/* Of the same user, and of the same user namespace: what a session's programs are, they are not. */
static int is_same_user(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) return 0;
    int pidfd = -1;
    size = sizeof pidfd;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0) pidfd = -1;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/ns/user", (long)peer.pid);
    struct stat its, own;
    int is_same =
        stat(path, &its) == 0 && stat("/proc/self/ns/user", &own) == 0 && its.st_ino == own.st_ino && its.st_dev == own.st_dev;
    if (pidfd < 0) return is_same;
    /* Where it has ended, its number may be another's by now. */
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    is_same = is_same && poll(&ended, 1, 0) == 0;
    close(pidfd);
    return is_same;
}

static void let_in(void) {
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    for (size_t i = 0; i < CLIENTS_MAX && is_same_user(socket); i++) {
        if (clients[i].state != CLIENT_NONE) continue;
        clients[i] = (struct client){.state = CLIENT_ASKS, .socket = socket};
        return;
    }
    close(socket);
}

static int tell_init(uint32_t word, uint32_t command, int value, const int *fds, size_t count) {
    struct message message = {word, command, value};
    return message_send(orders, &message, fds, count);
}

static void tell_client(const struct client *client, uint32_t word, uint32_t command, int value, const int *fds, size_t count) {
    struct message message = {word, command, value};
    /* One that has gone is found to have by what it does not send. */
    if (client->socket >= 0 && message_send(client->socket, &message, fds, count) < 0) return;
}

/* Nobody waits for the command any more. Until it has ended, it is there still. */
static void forget(struct client *client) {
    if (client->socket >= 0) close(client->socket);
    client->socket = -1;
    if (client->state == CLIENT_ASKS) client->state = CLIENT_NONE;
    if (client->state == CLIENT_RUNS) tell_init(WORD_SIGNAL, client->number, SIGKILL, NULL, 0);
}

static size_t others(void) {
    size_t count = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++) count += clients[i].state == CLIENT_RUNS;
    return count;
}

/* While others are there, its end is not the session's. Without them, the kernel ends this process with it, whatever that does.
 */
static void watch_parent(void) {
    if (first_has_ended) return;
    if (prctl(PR_SET_PDEATHSIG, others() > 0 ? PARENT_ENDED : SIGKILL) < 0) die("prctl", "PR_SET_PDEATHSIG");
    if (getppid() != parent) raise(others() > 0 ? PARENT_ENDED : SIGKILL);
}

/* Of two that run, the one with the lower number began before. Told once: whoever is, looks after what the session needs. */
static void tell_oldest(void) {
    struct client *oldest = NULL;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_RUNS && (oldest == NULL || clients[i].number < oldest->number)) oldest = &clients[i];
    }
    if (oldest == NULL || !first_has_ended || oldest->is_oldest) return;
    oldest->is_oldest = 1;
    tell_client(oldest, WORD_OLDEST, 0, 0, NULL, 0);
}

static void start(struct client *client, const struct message *message, const int *fds, size_t count) {
    client->number = ++last_number;
    if (tell_init(WORD_START, client->number, message->value, fds, count) < 0) {
        forget(client); /* PID 1 does not answer */
        return;
    }
    client->state = CLIENT_RUNS;
    watch_parent();
    tell_client(client, WORD_ACCEPTED, 0, 0, NULL, 0);
    tell_oldest();
}

static void hear(struct client *client) {
    struct message message;
    int fds[MESSAGE_FDS];
    size_t count;
    enum message_state state = message_receive(client->socket, &message, fds, &count);
    if (state == MESSAGE_NOTHING) return;
    if (state == MESSAGE_END) {
        forget(client);
        return;
    }
    if (message.word == WORD_STOP) is_stopped = 1;
    if (message.word == WORD_START && client->state == CLIENT_ASKS) start(client, &message, fds, count);
    if (message.word == WORD_SIGNAL && client->state == CLIENT_RUNS)
        tell_init(WORD_SIGNAL, client->number, message.value, NULL, 0);
    message_close(fds, count);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Whoever waits for a command, holds the session. */
static int is_held_by_any(void) {
    if (is_stopped) return 0;
    if (is_held || (!first_has_ended && getppid() == parent)) return 1;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_RUNS && clients[i].socket >= 0) return 1;
    }
    return 0;
}

/* The session's root can stop PID 1. How long to wait at most, in ms, or -1. */
static int patience(void) {
    if (is_held_by_any()) {
        abandoned = 0;
        return -1;
    }
    if (abandoned == 0) abandoned = now();
    long long left = abandoned + GRACE - now();
    if (left > 0) return (int)left;
    if (kill(init, SIGKILL) < 0) { /* ESRCH: it has ended */
    }
    return -1;
}

static int goes_on(void) {
    return !is_stopped && !init_has_ended && (is_held || !first_has_ended || others() > 0);
}

static void take_end(uint32_t number, int status) {
    if (number == 0) {
        first_status = status;
        first_has_ended = 1;
        return;
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &clients[i];
        if (client->state != CLIENT_RUNS || client->number != number) continue;
        client->state = CLIENT_NONE;
        tell_client(client, WORD_ENDED, (uint32_t)goes_on(), status, NULL, 0);
        /* The last learns by the end of its socket that the session has ended. */
        if (goes_on() && client->socket >= 0) close(client->socket);
        watch_parent();
        return;
    }
}

/* What PID 1 says is the guest's word, who may change it: it is about commands, and leads to nothing of the host's. */
static void hear_init(void) {
    struct message message;
    int fds[MESSAGE_FDS];
    size_t count;
    if (message_receive(orders, &message, fds, &count) != MESSAGE_CAME) return;
    if (message.word == WORD_READY) is_ready = 1;
    for (size_t i = 0; i < CLIENTS_MAX && message.word == WORD_TERMINAL && count == 1; i++) {
        if (clients[i].state == CLIENT_RUNS && clients[i].number == message.command)
            tell_client(&clients[i], WORD_TERMINAL, 0, 0, fds, count);
    }
    if (message.word == WORD_ENDED) {
        take_end(message.command, message.value & 0xff);
        tell_oldest();
    }
    message_close(fds, count);
}

static void reap_init(void) {
    int status;
    if (init_has_ended || waitpid(init, &status, WNOHANG) != init) return;
    init_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    init_has_ended = 1;
}

static size_t watch(struct pollfd *waiting) {
    waiting[0] = (struct pollfd){.fd = orders, .events = POLLIN};
    waiting[1] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        int socket = clients[i].state == CLIENT_NONE ? -1 : clients[i].socket;
        waiting[2 + i] = (struct pollfd){.fd = socket, .events = POLLIN};
    }
    return 2 + CLIENTS_MAX;
}

static void serve(const struct pollfd *waiting) {
    if (waiting[0].revents) hear_init();
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (waiting[2 + i].revents && clients[i].socket == waiting[2 + i].fd) hear(&clients[i]);
    }
    if (waiting[1].revents) let_in();
    reap_init();
}

static int look(const struct pollfd *waiting, size_t count, int *status) {
    (void)count;
    serve(waiting);
    *status = first_has_ended ? first_status : init_has_ended ? init_status : 128 + SIGKILL;
    return first_has_ended || init_has_ended || is_stopped;
}

static void tell_first(int number) {
    tell_init(WORD_SIGNAL, 0, number + RELAY_SIGNALS == PARENT_ENDED ? SIGKILL : number, NULL, 0);
}

const struct side keeper_side = {tell_first, watch, patience, look, STOP_COMMAND};

/* Nothing of the caller's is used any more, nor what tells it of the session. */
static void leave_caller(void) {
    if (prctl(PR_SET_PDEATHSIG, 0) < 0) die("prctl", "PR_SET_PDEATHSIG");
    /* Its process group is the caller's, which gets the keyboard's signals; whoever leads one already has its own. */
    if (setsid() < 0 && errno != EPERM) die("setsid", NULL);
    if (chdir("/") < 0) die("chdir", "/");
    guest_leave_descriptors();
    guard_leave_caller();
}

static void serve_others(int signals) {
    struct pollfd waiting[RELAY_WATCHES + 1];
    while (goes_on()) {
        size_t count = watch(waiting);
        waiting[count] = (struct pollfd){.fd = signals, .events = POLLIN};
        if (wait_for(waiting, count + 1, patience()) < 0) continue;
        struct signalfd_siginfo signal; /* SIGCHLD, or what is meant for a command that has ended */
        if (waiting[count].revents && read(signals, &signal, sizeof signal) < 0) continue;
        serve(waiting);
    }
}

static void await_ready(void) {
    struct pollfd waiting[RELAY_WATCHES];
    while (!is_ready && !init_has_ended) {
        size_t count = watch(waiting);
        if (wait_for(waiting, count, -1) >= 0) serve(waiting);
    }
}

int keeper_end(int status, int signals) {
    if (is_held) await_ready();
    tell_oldest();
    if (goes_on()) {
        if (!is_kept) leave_caller();
        if (!is_held) report_ended(status);
        else if (!is_kept) report_held();
        if (!is_kept && (close(REPORT_FD) < 0 || close(OUTER_REPORT_FD) < 0)) die("close", "the report");
        serve_others(signals);
    }
    close_place();
    is_stopped = 1;
    tell_init(WORD_FINISH, 0, 0, NULL, 0);
    while (!init_has_ended) {
        struct pollfd waiting = {.fd = signals, .events = POLLIN};
        struct signalfd_siginfo signal;
        if (poll(&waiting, 1, patience()) > 0 && read(signals, &signal, sizeof signal) < 0) continue;
        reap_init();
    }
    return status;
}
