#include "clients.h"

struct client clients[CLIENTS_MAX];

struct client *clients_free_place(void) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_NONE) return &clients[i];
    }
    return NULL;
}

struct client *clients_oldest(void) {
    struct client *oldest = NULL;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_RUNS && (oldest == NULL || clients[i].number < oldest->number)) oldest = &clients[i];
    }
    return oldest;
}

struct client *clients_find(uint32_t number) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_RUNS && clients[i].number == number) return &clients[i];
    }
    return NULL;
}

size_t clients_running(void) {
    size_t count = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++) count += clients[i].state == CLIENT_RUNS;
    return count;
}

int clients_are_waiting(void) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].state == CLIENT_RUNS && clients[i].socket >= 0) return 1;
    }
    return 0;
}

long long clients_first_killed(void) {
    long long first = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        long long killed = clients[i].state == CLIENT_RUNS ? clients[i].killed : 0;
        if (killed > 0 && (first == 0 || killed < first)) first = killed;
    }
    return first;
}
