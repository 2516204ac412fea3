/* libFuzzer's view of the C that reads the records which activators, or anybody in a session, write: whatever they are, what is
 * handed on is a trace of whole records. */
#include "kernel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

static int open_process(pid_t pid);
static int choose_ended(struct epoll_event *events, int room);
static ssize_t check_records(const char *bytes, size_t size);

#define syscall(number, pid, flags) open_process(pid)
#define epoll_ctl(...) answer(0)
#define epoll_wait(fd, events, room, timeout) choose_ended(events, room)
#define write(fd, bytes, size) check_records(bytes, size)

#include "session/trace.c"

#define OPENED_MAX 65536

/* Of this input. */
static pid_t opened[OPENED_MAX];
static size_t opened_count;

static int open_process(pid_t pid) {
    if (pid <= 0 || pid >= PIDS) abort();
    if (opened_count == OPENED_MAX) longjmp(end, 1);
    opened[opened_count++] = pid;
    return answer(throw_dice() % 64 == 0 ? (int)pidfd_limit : FD);
}

static int choose_ended(struct epoll_event *events, int room) {
    int count = (int)(throw_dice() % 3);
    if (count > room || opened_count == 0) return 0;
    for (int i = 0; i < count; i++) events[i].data.u64 = throw_dice() % 8 ? (uint64_t)opened[throw_dice() % opened_count] : 0;
    return count;
}

static ssize_t check_records(const char *bytes, size_t size) {
    struct trace_record record;
    for (size_t at = 0; at < size; at += record.size) {
        if (size - at < sizeof record) abort();
        memcpy(&record, bytes + at, sizeof record);
        if (record.size != trace_record_size(&record) || record.size > size - at) abort();
        if (record.kind < TRACE_START || record.kind > TRACE_FINISH) abort();
        if ((record.kind == TRACE_EXEC || record.kind == TRACE_END) && record.pid == 0) abort();
    }
    return (ssize_t)size;
}

void ancestor_begin(void) {}

pid_t ancestor_find(pid_t pid, int (*is_wanted)(pid_t pid)) {
    return is_wanted(pid) ? pid : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!begin_input(data, size)) return 0;
    if (processes == NULL) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        processes = mmap(NULL, PIDS * sizeof *processes, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (processes == MAP_FAILED) abort();
    }
    wanted = 1;
    pidfd_limit = 2 * FD;
    taken = used = opened_count = 0;
    gone = 0;
    if (setjmp(end) == 0) {
        while (input_size > 0) {
            size_t before = input_size;
            trace_take();
            if (input_size == before && taken == sizeof intake) abort(); /* full of what it cannot take */
        }
        trace_finish();
    }
    while (opened_count > 0) processes[opened[--opened_count]] = (struct process){0};
    end_input();
    return 0;
}
