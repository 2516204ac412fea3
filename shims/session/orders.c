#define _GNU_SOURCE
#include "orders.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "plan.h"
#include "report.h"
#include "start.h"
#include "terminal.h"

/* More than the outer process lets in at once, see keeper.c. */
#define COMMANDS_MAX 512

static int orders = -1;
static enum left_behind left_behind;
static struct {
    uint32_t number;
    pid_t keeper; /* 0: this place is free */
} commands[COMMANDS_MAX];

void orders_begin(int socket, enum left_behind left) {
    orders = socket;
    left_behind = left;
    if (orders >= 0) command_begin();
}

int orders_are_given(void) {
    return orders >= 0;
}

int orders_watch(void) {
    return orders;
}

static void tell(uint32_t word, uint32_t command, int value) {
    struct message message = {word, command, value};
    /* Where the outer process does not take it, it has ended, and PID 1 is about to. */
    if (message_send(orders, &message, NULL, 0) < 0) return;
}

void orders_ready(void) {
    if (orders >= 0) tell(WORD_READY, 0, 0);
}

static void note(uint32_t number, pid_t keeper) {
    for (size_t i = 0; i < COMMANDS_MAX; i++) {
        if (commands[i].keeper != 0) continue;
        commands[i].number = number;
        commands[i].keeper = keeper;
        return;
    }
    kill(keeper, SIGKILL);
}

void orders_start_first(const struct guest *guest) {
    note(0, command_fork(guest, left_behind));
}

/* In the command's keeper. What the client has sent is read here: whatever it is, PID 1 does not wait for it. */
static void run(const struct message *message, int *fds) __attribute__((noreturn));
static void run(const struct message *message, int *fds) {
    if (dup3(fds[START_REPORT], REPORT_FD, O_CLOEXEC) < 0) _exit(EXIT_OURS);
    close(fds[START_REPORT]);
    struct plan plan = plan_read(fds[START_REQUEST]);
    struct guest guest = guest_read(&plan);
    umask((mode_t)(message->value & START_UMASK));
    if (message->value & START_OWN_NETWORK) {
        if (unshare(CLONE_NEWNET) < 0) die("make namespaces", "network");
        bring_up_loopback();
    }
    if (message->value & START_TERMINAL) {
        int master;
        guest.terminal = terminal_open(&master);
        struct message answer = {WORD_TERMINAL, message->command, 0};
        if (message_send(orders, &answer, &master, 1) < 0) die("terminal", "sendmsg");
        close(master);
    } else {
        for (int i = 0; i <= 2; i++) {
            if (dup2(fds[START_INPUT + i], i) < 0) die("use the caller's descriptors", NULL);
            close(fds[START_INPUT + i]);
        }
        guest_use_own_devices();
    }
    close(orders);
    command_keep(&guest, left_behind);
}

static void start(const struct message *message, int *fds, size_t count) {
    size_t wanted = message->value & START_TERMINAL ? START_WITH_TERMINAL : START_FDS;
    errno = EMFILE; /* the kernel leaves out what there is no number for: man 7 unix, SCM_RIGHTS */
    pid_t keeper = count == wanted ? fork() : -1;
    if (keeper == 0) run(message, fds);
    if (keeper > 0) note(message->command, keeper);
    else tell(WORD_REFUSED, message->command, errno);
}

static void pass_on(uint32_t number, int signal) {
    if (signal <= 0 || signal > SIGRTMAX - COMMAND_SIGNALS) return;
    for (size_t i = 0; i < COMMANDS_MAX; i++) {
        if (commands[i].keeper != 0 && commands[i].number == number) kill(commands[i].keeper, COMMAND_SIGNALS + signal);
    }
}

void orders_signal_first(int number) {
    pass_on(0, number);
}

int orders_take(void) {
    struct message message;
    int fds[MESSAGE_FDS];
    size_t count;
    if (message_receive(orders, &message, fds, &count) != MESSAGE_CAME) return 0;
    if (message.word == WORD_START) start(&message, fds, count);
    if (message.word == WORD_SIGNAL) pass_on(message.command, message.value);
    message_close(fds, count);
    return message.word == WORD_FINISH;
}

void orders_ended(pid_t pid, int status) {
    for (size_t i = 0; i < COMMANDS_MAX; i++) {
        if (commands[i].keeper != pid) continue;
        commands[i].keeper = 0;
        /* What the caller has handed down is the first command's, and a reader waits for its end. */
        if (commands[i].number == 0) guest_leave_descriptors();
        tell(WORD_ENDED, commands[i].number, status);
        return;
    }
}
