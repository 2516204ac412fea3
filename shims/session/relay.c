#define _GNU_SOURCE
#include "relay.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "report.h"
#include "stream.h"
#include "terminal.h"
#include "wait.h"

/* The caller's terminal is shared with the caller, who would find it non-blocking too (man 2 open, "open file
 * description"). So as much is written to it at once as never blocks when poll says that there is room: a
 * pseudo-terminal's buffers grow by multiples of this size (drivers/tty/tty_buffer.c, TTYB_ALIGN_MASK), and n_tty_poll
 * asks other terminals for more. */
#define PIECE 256

/* A descriptor is -1 where there is none, or none any more. */
struct relay {
    const struct side *side;
    int has_ended; /* the command */
    int status;
    int signals;
    int input, output; /* the caller's terminal */
    int master;        /* the session's */
    struct stream typed, shown;
};

/* What the keyboard or a kill of the whole process group sends reaches xbuild-env too, which passes it on once: as a
 * real-time signal, lib/host/session.ts says why. */
static void pass_on(const struct side *side, int number) {
    if (number == SIGTSTP) {
        side->tell(SIGTSTP);
        if (side->stop == STOP_COMMAND) return; /* until SIGCONT comes */
        raise(SIGSTOP);
        side->tell(SIGCONT);
    } else if (number == SIGCONT && side->stop == STOP_COMMAND) {
        side->tell(SIGCONT);
    } else if (number > RELAY_SIGNALS) {
        side->tell(number - RELAY_SIGNALS);
    }
}

static void take_signal(struct relay *relay) {
    struct signalfd_siginfo signal;
    if (read(relay->signals, &signal, sizeof signal) != sizeof signal) return;
    int number = (int)signal.ssi_signo;
    if (number == SIGWINCH && relay->master >= 0) terminal_resize(relay->master);
    if (!relay->has_ended) {
        pass_on(relay->side, number);
    } else if (number > RELAY_SIGNALS) {
        relay->output = -1; /* who wants the end does not wait for what is still to be shown */
    }
}

/* Whoever reads the terminal may have gone, or stopped for a while: the guest goes on in the first case only. */
static void show(struct relay *relay) {
    if (stream_drain(&relay->shown, relay->output, PIECE) == STREAM_ENDED) relay->output = -1;
}

static void take_output(struct relay *relay) {
    enum stream_state state = stream_fill(&relay->shown, relay->master);
    if (state == STREAM_ENDED || (state == STREAM_NOTHING && relay->has_ended)) relay->master = -1;
}

static void drop_what_nobody_takes(struct relay *relay) {
    if (relay->output < 0) relay->shown.at = relay->shown.end;
    if (relay->master < 0) relay->typed.at = relay->typed.end;
}

static int if_wanted(int fd, short events) {
    return events == 0 ? -1 : fd;
}

#define OWN_WATCHES 4

static void move(struct relay *relay) {
    short output = stream_is_empty(&relay->shown) ? 0 : POLLOUT;
    short input = relay->master >= 0 && stream_has_room(&relay->typed) ? POLLIN : 0;
    short master = stream_has_room(&relay->shown) ? POLLIN : 0;
    if (!stream_is_empty(&relay->typed)) master |= POLLOUT;
    struct pollfd waiting[OWN_WATCHES + RELAY_WATCHES] = {
        {.fd = relay->signals, .events = POLLIN},
        {.fd = if_wanted(relay->output, output), .events = output},
        {.fd = if_wanted(relay->input, input), .events = input},
        {.fd = if_wanted(relay->master, master), .events = master},
    };
    size_t count = OWN_WATCHES + relay->side->watch(waiting + OWN_WATCHES);
    /* When the command has ended, all that it and others wrote is there already. */
    if (wait_for(waiting, count, relay->has_ended && master & POLLIN ? 0 : relay->side->patience()) < 0) return;
    if (waiting[0].revents) take_signal(relay);
    if (relay->side->look(waiting + OWN_WATCHES, count - OWN_WATCHES, &relay->status)) relay->has_ended = 1;
    if (waiting[1].revents) show(relay);
    if (waiting[2].revents && stream_fill(&relay->typed, relay->input) == STREAM_ENDED) relay->input = -1;
    if (waiting[3].revents & POLLHUP) relay->typed.at = relay->typed.end; /* nobody has the other side any more */
    if (waiting[3].revents & POLLOUT) stream_drain(&relay->typed, relay->master, sizeof relay->typed.bytes);
    if (master & POLLIN && (relay->has_ended || waiting[3].revents & ~POLLOUT)) take_output(relay);
    drop_what_nobody_takes(relay);
}

int relay_run(const struct side *side, int master, int signals) {
    struct relay relay = {.side = side, .status = EXIT_OURS, .signals = signals, .input = -1, .output = -1, .master = master};
    if (master >= 0) {
        relay.input = STDIN_FILENO;
        relay.output = STDOUT_FILENO;
        terminal_resize(master);
    }
    while (!relay.has_ended || relay.master >= 0 || !stream_is_empty(&relay.shown)) move(&relay);
    return relay.status;
}
