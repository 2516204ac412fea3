/* Who has come into a session by its entrance: at first to ask for a command, and then for as long as that runs. */
#ifndef XBUILD_CLIENTS_H
#define XBUILD_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#define RUNNING_MAX 256
/* The others ask: who finds no place for a command is told so when it has. */
#define CLIENTS_MAX (RUNNING_MAX + 8)

enum client_state { CLIENT_NONE, CLIENT_ASKS, CLIENT_RUNS };

struct client {
    enum client_state state;
    int socket;      /* or -1: it has gone, and its command is about to end */
    uint32_t number; /* of its command; who came later has a higher one */
    int is_oldest;
    long long killed; /* when PID 1 was told to end its command, ms of the monotonic clock; 0 where it was not */
};

/* All places; those that are CLIENT_NONE are free. */
extern struct client clients[CLIENTS_MAX];

/* Each of these is NULL where there is none. */
struct client *clients_free_place(void);
struct client *clients_oldest(void);
struct client *clients_find(uint32_t number);

size_t clients_running(void);
/* Whether somebody is still there for a command that runs. */
int clients_are_waiting(void);
/* When the first of their commands was to be ended that runs still; 0 where none was. */
long long clients_first_killed(void);

#endif
