#include "trace.h"

#include "../places.h"
#include "sys.h"

#define MONOTONIC 1 /* CLOCK_MONOTONIC, linux/time.h */

struct moment {
    int64_t seconds, nanoseconds;
};

/* Strings stay where they are: a copy could need another page of the stack, which costs more than the write. */
struct letter {
    struct trace_record record;
    struct io_vector parts[5]; /* the record and its strings, in their order */
    char arguments[TRACE_ARGUMENTS_MAX];
};

/* For reading too: so it neither waits for a reader nor is ended by SIGPIPE where there is none any more (man 7 fifo). */
int trace_open(struct session *session) {
    const char *place = session->twins < 0 ? PLACE_INIT_TRACE : PLACE_TRACE;
    if (session->trace < 0) session->trace = sys(__NR_openat, AT_FDCWD, place, O_RDWR | O_CLOEXEC, 0);
    return session->trace >= 0;
}

/* By the session's /proc, which has the session's numbers also in a pid namespace below it; or as PID 1 said. */
static struct trace_asker find_self(const struct session *session) {
    if (session->twins >= 0) return session->self;
    char digits[16];
    long size = sys(__NR_readlinkat, AT_FDCWD, "/proc/self", digits, sizeof digits);
    struct trace_asker self = {0, (uint32_t)sys(__NR_getuid, 0, 0, 0, 0)};
    for (long i = 0; i < size; i++) self.pid = self.pid * 10 + (uint32_t)(digits[i] - '0');
    return self;
}

/* Returns how much of the text is sent. */
static uint16_t put(struct io_vector *part, const char *text, size_t most) {
    size_t size = text == NULL ? 0 : length(text);
    if (size > most) size = most;
    *part = (struct io_vector){(void *)text, size};
    return (uint16_t)size;
}

static uint16_t put_arguments(struct letter *letter, char **arguments) {
    size_t size = 0;
    for (; *arguments != NULL && size < TRACE_ARGUMENTS_MAX; arguments++) {
        if (size > 0) letter->arguments[size++] = '\0';
        for (const char *text = *arguments; *text != '\0' && size < TRACE_ARGUMENTS_MAX; text++)
            letter->arguments[size++] = *text;
    }
    letter->parts[4] = (struct io_vector){letter->arguments, size};
    return (uint16_t)size;
}

static uint64_t now(void) {
    struct moment moment = {0, 0};
    sys(__NR_clock_gettime, MONOTONIC, &moment, 0, 0);
    return (uint64_t)moment.seconds * 1000000000u + (uint64_t)moment.nanoseconds;
}

/* In a pid namespace of its own, a process does not know its parent's number in the session's. */
static uint32_t parent_of(uint32_t pid) {
    return pid == (uint32_t)sys(__NR_getpid, 0, 0, 0, 0) ? (uint32_t)sys(__NR_getppid, 0, 0, 0, 0) : 0;
}

void trace_send(const struct session *session, const struct trace_exec *exec) {
    struct trace_asker self = find_self(session);
    struct letter letter; /* not cleared: only what is filled in is sent */
    letter.record = (struct trace_record){
        .kind = TRACE_EXEC,
        .outcome = exec->outcome,
        .pid = self.pid,
        .parent = parent_of(self.pid),
        .user = self.user,
    };
    letter.parts[0] = (struct io_vector){&letter.record, sizeof letter.record};
    letter.record.program_size = put(&letter.parts[1], exec->program, TRACE_PROGRAM_MAX);
    letter.record.twin_size = put(&letter.parts[2], exec->twin, TRACE_TWIN_MAX);
    letter.record.detail_size = put(&letter.parts[3], exec->detail, TRACE_DETAIL_MAX);
    letter.record.arguments_size = put_arguments(&letter, exec->arguments);
    letter.record.size = (uint16_t)trace_record_size(&letter.record);
    letter.record.time = now();
    /* No more than PIPE_BUF, so it arrives in one piece: man 7 pipe. Not closed here: the exec that follows does it. */
    sys(__NR_writev, session->trace, letter.parts, 5, 0);
}
