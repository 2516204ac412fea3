#include "trace.h"

#include "../trace.h"
#include "socket.h"
#include "sys.h"

#define MONOTONIC 1      /* CLOCK_MONOTONIC, linux/time.h */
#define NO_SIGNAL 0x4000 /* MSG_NOSIGNAL */

struct moment {
    int64_t seconds, nanoseconds;
};

struct letter {
    struct trace_record record;
    char strings[TRACE_RECORD_MAX - sizeof(struct trace_record)];
    size_t used; /* of `strings`; not sent */
};

int trace_is_on(const char *place) {
    return sys(__NR_faccessat, AT_FDCWD, place, 0 /* F_OK */, 0) == 0;
}

/* Returns how much of the text there was room for. */
static uint16_t put(struct letter *letter, const char *text, size_t most) {
    size_t size = text == NULL ? 0 : length(text);
    if (size > most) size = most;
    memcpy(letter->strings + letter->used, text, size);
    letter->used += size;
    return (uint16_t)size;
}

static uint16_t put_arguments(struct letter *letter, char **arguments) {
    size_t size = 0;
    for (; *arguments != NULL && size < TRACE_ARGUMENTS_MAX; arguments++) {
        if (size > 0) letter->strings[letter->used++] = '\0', size++;
        size += put(letter, *arguments, TRACE_ARGUMENTS_MAX - size);
    }
    return (uint16_t)size;
}

static uint64_t now(void) {
    struct moment moment = {0, 0};
    sys(__NR_clock_gettime, MONOTONIC, &moment, 0, 0);
    return (uint64_t)moment.seconds * 1000000000u + (uint64_t)moment.nanoseconds;
}

void trace_send(const char *place, const struct trace_exec *exec) {
    struct letter letter; /* not cleared: only what is filled in is sent */
    letter.used = 0;
    letter.record = (struct trace_record){
        .kind = TRACE_EXEC,
        .outcome = exec->outcome,
        .pid = (uint32_t)sys(__NR_getpid, 0, 0, 0, 0),
        .parent = (uint32_t)sys(__NR_getppid, 0, 0, 0, 0),
    };
    letter.record.program_size = put(&letter, exec->program, TRACE_PROGRAM_MAX);
    letter.record.twin_size = put(&letter, exec->twin, TRACE_TWIN_MAX);
    letter.record.detail_size = put(&letter, exec->detail, TRACE_DETAIL_MAX);
    letter.record.arguments_size = put_arguments(&letter, exec->arguments);
    letter.record.size = (uint16_t)(sizeof letter.record + letter.used);
    struct socket_address address = {.family = SOCKET_UNIX};
    if (length(place) >= sizeof address.path) return;
    memcpy(address.path, place, length(place) + 1);
    long fd = sys(__NR_socket, SOCKET_UNIX, SOCKET_DATAGRAM | O_CLOEXEC, 0, 0);
    if (fd < 0) return;
    letter.record.time = now();
    sys6(__NR_sendto, fd, (long)&letter, letter.record.size, NO_SIGNAL, (long)&address, sizeof address);
    /* Not closed here: the exec that follows does it. */
}
