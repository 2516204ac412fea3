#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"
#include "entrance.h"
#include "guard.h"
#include "guest.h"
#include "message.h"
#include "report.h"
#include "wait.h"

/* ms that PID 1 has for ending what nobody holds, which takes it a few, before it is killed: as in guard.c. */
#define GRACE 5000
/* The same for a command that was killed, where PID 1's end is also that of others. */
#define LONG_GRACE 30000
/* The parent has ended, while others are there: like SIGKILL for the first command. Nothing else sends it. */
#define PARENT_ENDED SIGRTMAX

static pid_t init;
static pid_t parent;
static int orders = -1;
static uint32_t last_number;
static int is_held, is_kept, is_ready, is_stopped;
static int is_over; /* the last that was there has been told so */
static int first_status, first_has_ended;
static long long first_killed;
static int init_status, init_has_ended;
/* When nobody was found to hold the session, as now() counts; 0 while somebody does. */
static long long abandoned;

void keeper_begin(const struct outline *outline, pid_t pid, int socket, pid_t caller) {
    init = pid;
    orders = socket;
    parent = caller;
    is_kept = outline->company == COMPANY_KEPT;
    is_held = is_kept || outline->company == COMPANY_HELD;
    first_has_ended = is_held;
    entrance_open(outline->socket, CLIENTS_MAX);
}

static int tell_init(uint32_t word, uint32_t command, int value, const int *fds, size_t count) {
    struct message message = {word, command, value};
    return message_send(orders, &message, fds, count);
}

static void tell(int socket, uint32_t word, uint32_t command, int value, const int *fds, size_t count) {
    struct message message = {word, command, value};
    /* One that has gone is found to have by what it does not send. */
    if (socket >= 0 && message_send(socket, &message, fds, count) < 0) return;
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Where PID 1 does not take it, or does not do it, that is seen by the time. */
static void signal_command(uint32_t number, int signal, long long *killed) {
    if (signal == SIGKILL && *killed == 0) *killed = now();
    if (tell_init(WORD_SIGNAL, number, signal, NULL, 0) < 0) return;
}

/* Nobody waits for the command any more. Until it has ended, it is there still. */
static void forget(struct client *client) {
    if (client->socket >= 0) close(client->socket);
    client->socket = -1;
    if (client->state == CLIENT_ASKS) client->state = CLIENT_NONE;
    if (client->state == CLIENT_RUNS) signal_command(client->number, SIGKILL, &client->killed);
}

static void let_in(void) {
    struct client *place = clients_free_place();
    int socket = entrance_let_in(place != NULL);
    if (socket >= 0) *place = (struct client){.state = CLIENT_ASKS, .socket = socket};
}

/* While others are there, its end is not the session's. Without them, the kernel ends this process with it, whatever that does.
 */
static void watch_parent(void) {
    if (first_has_ended) return;
    if (prctl(PR_SET_PDEATHSIG, clients_running() > 0 ? PARENT_ENDED : SIGKILL) < 0) die("prctl", "PR_SET_PDEATHSIG");
    if (getppid() != parent) raise(clients_running() > 0 ? PARENT_ENDED : SIGKILL);
}

/* Of two that run, the one with the lower number began before. Told once: whoever is, looks after what the session needs. */
static void tell_oldest(void) {
    struct client *oldest = clients_oldest();
    if (oldest == NULL || !first_has_ended || oldest->is_oldest) return;
    oldest->is_oldest = 1;
    tell(oldest->socket, WORD_OLDEST, 0, 0, NULL, 0);
}

static void start(struct client *client, const struct message *message, const int *fds, size_t count) {
    if (clients_running() >= RUNNING_MAX) {
        tell(client->socket, WORD_REFUSED, 0, EUSERS, NULL, 0);
        forget(client);
        return;
    }
    client->number = ++last_number;
    /* Where the last has been told that the session ends with it, whoever comes begins anew. */
    if (is_over || is_stopped) {
        forget(client);
        return;
    }
    if (tell_init(WORD_START, client->number, message->value, fds, count) < 0) {
        /* ETOOMANYREFS: this user has more descriptors on the way than `ulimit -n` of this process; EAGAIN: PID 1 does not take
         * it. */
        if (errno != EPIPE) tell(client->socket, WORD_REFUSED, 0, errno == EAGAIN ? EBUSY : errno, NULL, 0);
        forget(client);
        return;
    }
    client->state = CLIENT_RUNS;
    watch_parent();
    tell(client->socket, WORD_ACCEPTED, 0, 0, NULL, 0);
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
        signal_command(client->number, message.value, &client->killed);
    message_close(fds, count);
}

/* Whoever waits for a command, holds the session. */
static int is_held_by_any(void) {
    if (is_stopped) return 0;
    if (is_held || (!first_has_ended && getppid() == parent)) return 1;
    return clients_are_waiting();
}

static long long earlier(long long one, long long other) {
    return one < other ? one : other;
}

/* When PID 1 is to be killed, for what was to end has not; the largest number where nothing was. */
static long long last_moment(void) {
    long long moment = LLONG_MAX;
    if (abandoned > 0) moment = abandoned + GRACE;
    if (first_killed > 0 && !first_has_ended)
        moment = earlier(moment, first_killed + (clients_running() > 0 ? LONG_GRACE : GRACE));
    if (clients_first_killed() > 0) moment = earlier(moment, clients_first_killed() + LONG_GRACE);
    return moment;
}

/* The session's root can stop PID 1. How long to wait at most, in ms, or -1. */
static int patience(void) {
    if (is_held_by_any()) abandoned = 0;
    else if (abandoned == 0) abandoned = now();
    long long moment = last_moment(), left = moment - now();
    if (left <= 0 && kill(init, SIGKILL) < 0) { /* ESRCH: it has ended */
    }
    if (entrance_timeout() >= 0) return entrance_timeout();
    return left <= 0 || moment == LLONG_MAX ? -1 : (int)left;
}

static int goes_on(void) {
    return !is_stopped && !init_has_ended && (is_held || !first_has_ended || clients_running() > 0);
}

/* The last learns by the end of its socket that the session has ended. */
static void leave(struct client *client, uint32_t word, int value) {
    client->state = CLIENT_NONE;
    tell(client->socket, word, (uint32_t)goes_on(), value, NULL, 0);
    if (!goes_on()) is_over = 1;
    else if (client->socket >= 0) close(client->socket);
    watch_parent();
}

static void take_end(uint32_t number, uint32_t word, int value) {
    if (number == 0) {
        first_status = value & 0xff;
        first_has_ended = 1;
        return;
    }
    struct client *client = clients_find(number);
    if (client != NULL) leave(client, word, value);
}

/* It has ended, or the session's root has closed its end: nobody else is told anything by it. */
static void lose_init(void) {
    close(orders);
    orders = -1;
    if (kill(init, SIGKILL) < 0) { /* ESRCH: it has ended */
    }
}

/* What PID 1 says is the guest's word, who may change it: it is about commands, and leads to nothing of the host's. */
static void hear_init(void) {
    struct message message;
    int fds[MESSAGE_FDS];
    size_t count;
    enum message_state state = message_receive(orders, &message, fds, &count);
    if (state == MESSAGE_END) lose_init();
    if (state != MESSAGE_CAME) return;
    if (message.word == WORD_READY) is_ready = 1;
    struct client *client = clients_find(message.command);
    if (message.word == WORD_TERMINAL && count == 1 && client != NULL) tell(client->socket, WORD_TERMINAL, 0, 0, fds, count);
    if (message.word == WORD_ENDED || message.word == WORD_REFUSED) {
        take_end(message.command, message.word, message.value);
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
    waiting[1] = (struct pollfd){.fd = entrance_watch(), .events = POLLIN};
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
    if (waiting[1].revents || entrance_timeout() >= 0) let_in();
    reap_init();
}

static int look(const struct pollfd *waiting, size_t count, int *status) {
    (void)count;
    serve(waiting);
    *status = first_has_ended ? first_status : init_has_ended ? init_status : 128 + SIGKILL;
    return first_has_ended || init_has_ended || is_stopped;
}

static void tell_first(int number) {
    signal_command(0, number + RELAY_SIGNALS == PARENT_ENDED ? SIGKILL : number, &first_killed);
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
    entrance_close();
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
