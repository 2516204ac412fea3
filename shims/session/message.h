/* What the processes of a session that others can join tell each other, over sockets that keep messages apart (SOCK_SEQPACKET):
 * the outer process (keeper.c) tells PID 1 (orders.c), and a command's client (join.c) the outer process. */
#ifndef XBUILD_MESSAGE_H
#define XBUILD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum word {
    /* From a client, to the outer process and on to PID 1. */
    WORD_START = 1, /* runs a command; descriptors as enum start_fd has them, VALUE as START_TERMINAL */
    WORD_SIGNAL,    /* VALUE is its number, for the command's process group; SIGKILL ends all that the command has started */
    WORD_STOP,      /* ends the session */
    /* From the outer process to PID 1. */
    WORD_FINISH, /* nobody holds the session any more: it ends */
    /* From PID 1 to the outer process. */
    WORD_READY, /* the session is complete */
    /* From PID 1, to the outer process and on to the client. */
    WORD_TERMINAL, /* a descriptor: the master side of the command's terminal */
    WORD_ENDED,    /* VALUE is the command's status; to a client, COMMAND says whether the session goes on */
    WORD_REFUSED,  /* it was not begun, VALUE says why (errno); also from the outer process itself, for want of a place */
    /* From the outer process to a client. */
    WORD_ACCEPTED, /* the command is PID 1's from now on */
    WORD_OLDEST,   /* of those that are left, none began before this one */
};

struct message {
    uint32_t word;
    uint32_t command; /* its number, between the outer process and PID 1; the session's first has 0 */
    int32_t value;
};

/* Of WORD_START. The last three are missing where the command has a terminal of its own. */
enum start_fd { START_REQUEST, START_REPORT, START_INPUT, START_OUTPUT, START_ERROR, START_FDS };
#define START_WITH_TERMINAL START_INPUT
/* In the value of WORD_START, beside the client's umask. */
#define START_TERMINAL 0x1000
#define START_OWN_NETWORK 0x2000 /* with nothing but loopback, whatever the session's */
#define START_UMASK 0777

#define MESSAGE_FDS START_FDS

/* 0, or -1 where it cannot be had at once. */
int message_send(int socket, const struct message *message, const int *fds, size_t count);
enum message_state {
    MESSAGE_CAME,
    MESSAGE_NOTHING,
    MESSAGE_END
} message_receive(int socket, struct message *message, int *fds, size_t *count);
void message_close(const int *fds, size_t count);

#endif
