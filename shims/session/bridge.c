#define _GNU_SOURCE
#include "bridge.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"
#include "stream.h"
#include "wait.h"

static struct stream asked, said;

static int connect_to(const char *port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect to the session's port", port);
    return server;
}

void bridge_run(const char *port) {
    /* What PID 1 had open is none of its business. */
    if (close_range(STDERR_FILENO + 1, REPORT_FD - 1, 0) < 0 || close_range(REPORT_FD + 1, ~0U, 0) < 0)
        die("close_range", NULL);
    int server = connect_to(port), input = STDIN_FILENO, is_told = 0, has_ended = 0;
    close(REPORT_FD);
    while (!has_ended || !stream_is_empty(&said)) {
        struct pollfd waiting[] = {
            {.fd = stream_has_room(&asked) ? input : -1, .events = POLLIN},
            {.fd = stream_is_empty(&asked) ? -1 : server, .events = POLLOUT},
            {.fd = !has_ended && stream_has_room(&said) ? server : -1, .events = POLLIN},
            {.fd = stream_is_empty(&said) ? -1 : STDOUT_FILENO, .events = POLLOUT},
        };
        wait_for(waiting, sizeof waiting / sizeof *waiting, -1);
        if (waiting[0].revents && stream_fill(&asked, STDIN_FILENO) == STREAM_ENDED) input = -1;
        if (waiting[1].revents && stream_drain(&asked, server, sizeof asked.bytes) == STREAM_ENDED) input = -1;
        if (input < 0 && stream_is_empty(&asked) && !is_told) {
            shutdown(server, SHUT_WR); /* nothing more comes; it may have something to say still */
            is_told = 1;
        }
        if (waiting[2].revents) has_ended = stream_fill(&said, server) == STREAM_ENDED;
        if (waiting[3].revents && stream_drain(&said, STDOUT_FILENO, sizeof said.bytes) == STREAM_ENDED)
            break; /* nobody listens */
    }
    _exit(0);
}
