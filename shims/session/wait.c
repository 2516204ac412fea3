#include "wait.h"

#include <errno.h>

#include "report.h"

int wait_for(struct pollfd *waiting, size_t count, int timeout) {
    struct pollfd used[WAITS_MAX];
    size_t places[WAITS_MAX], uses = 0;
    for (size_t i = 0; i < count && uses < WAITS_MAX; i++) {
        waiting[i].revents = 0;
        if (waiting[i].fd < 0) continue;
        places[uses] = i;
        used[uses++] = waiting[i];
    }
    int ready = poll(used, uses, timeout);
    if (ready < 0 && errno != EINTR) die("poll", NULL);
    for (size_t i = 0; i < uses && ready > 0; i++) waiting[places[i]].revents = used[i].revents;
    return ready;
}
