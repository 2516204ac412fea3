/* One side of the socket of a session that others join, as shims/session/message.h has it, at moments that no client chooses:
 *   peer come PATH    comes in, says "in", and asks for a command (its request is on descriptor 3) when a line is read
 *   peer await PATH   stands in a session's place, and says how many descriptors whoever came has sent */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../shims/session/message.h"

static struct sockaddr_un address = {.sun_family = AF_UNIX};

static int come(int line) {
    int fds[START_FDS] = {3, 2, 0, 1, 2};
    struct message message = {WORD_START, 0, 022};
    size_t count;
    if (connect(line, (struct sockaddr *)&address, sizeof address) < 0) return 1;
    puts("in");
    if (getchar() == EOF || message_send(line, &message, fds, START_FDS) < 0) return 1;
    enum message_state state;
    while ((state = message_receive(line, &message, fds, &count)) == MESSAGE_CAME) printf("word %u\n", message.word);
    puts(state == MESSAGE_END ? "end" : "nothing");
    return 0;
}

static int await(int line) {
    int fds[START_FDS];
    struct message message;
    size_t count;
    if (bind(line, (struct sockaddr *)&address, sizeof address) < 0 || listen(line, 1) < 0) return 1;
    puts("there");
    int client = accept(line, NULL, NULL);
    message_receive(client, &message, fds, &count);
    printf("%zu descriptors\n", count);
    return 0;
}

int main(int argc, char **argv) {
    int line = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (argc != 3 || line < 0) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    strncpy(address.sun_path, argv[2], sizeof address.sun_path - 1);
    return strcmp(argv[1], "come") == 0 ? come(line) : await(line);
}
