#define _GNU_SOURCE
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../places.h"
#include "../trace.h"
#include "ancestor.h"
#include "report.h"

/* man 5 proc, pid_max: no pid is as high. */
#define PIDS (1 << 22)
#define BUFFER_SIZE (1 << 16)
#define SECOND 1000000000u
/* man 5 proc, pipe-max-size: the most that everybody may have. */
#define FIFO_SIZE (1 << 20)
/* How many ends are taken at once. */
#define ENDS 64
/* How many of the descriptors that PID 1 may have watch no process: they are for who asks for the routes. */
#define SPARE 1024
/* ms in which PID 1 does not look again. Being woken for each exec, and again for its end, would cost the builds more than
 * all else in a trace; an end is known to half of this. */
#define REST 5

/* A process that made an exec. GONE: it has ended, and its end is kept behind the records at hand. */
#define GONE (-1)
struct process {
    int pidfd;     /* or GONE, or 0: not watched */
    pid_t next;    /* of those that are gone; 0: the last */
    uint64_t exec; /* when it, or a child of it, made the last one */
};

static int wanted;
static rlim_t pidfd_limit;
static int fifo = -1;  /* which the activators write to */
static int watch = -1; /* the epoll instance of the FIFO and of all processes that are watched */
static int resting;
static uint64_t looked; /* nothing has ended before that PID 1 has not seen */
/* By pid. Zero pages of the kernel's until they are written. */
static struct process *processes;
static pid_t gone; /* the first of them, or 0 */
static char intake[BUFFER_SIZE];
static size_t taken;
static char buffer[BUFFER_SIZE];
static size_t used;
static uint64_t flushed;

static uint64_t now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (uint64_t)moment.tv_sec * SECOND + (uint64_t)moment.tv_nsec;
}

/* Where nobody takes it any more, xbuild-env is about to end, or has told why it could not write. */
static void flush(void) {
    size_t sent = 0;
    while (sent < used) {
        ssize_t size = write(TRACE_OUTPUT_FD, buffer + sent, used - sent);
        if (size > 0) {
            sent += (size_t)size;
        } else if (errno == EAGAIN) {
            struct pollfd room = {.fd = TRACE_OUTPUT_FD, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    used = 0;
    flushed = now();
}

static void keep(const void *record, size_t size) {
    if (size > sizeof buffer - used) flush();
    memcpy(buffer + used, record, size);
    used += size;
}

static void keep_event(uint8_t kind, pid_t pid, uint64_t time) {
    struct trace_record record = {.size = sizeof record, .kind = kind, .pid = (uint32_t)pid, .time = time};
    keep(&record, sizeof record);
}

/* It ended since then, and since its exec and those of its children: most likely in the middle between that and now. */
static void keep_end(pid_t pid) {
    uint64_t from = processes[pid].exec > looked ? processes[pid].exec : looked, to = now();
    keep_event(TRACE_END, pid, from < to ? from + (to - from) / 2 : to);
}

static int is_watched(pid_t pid) {
    return pid > 0 && pid < PIDS && processes[pid].pidfd != 0;
}

static void forget(pid_t pid) {
    if (processes[pid].pidfd > 0) close(processes[pid].pidfd); /* which also takes it out of the epoll instance */
    processes[pid].pidfd = 0;
}

static void is_gone(pid_t pid) {
    processes[pid].pidfd = GONE;
    processes[pid].next = gone;
    gone = pid;
}

/* A process that makes several execs is watched once. */
static void watch_process(pid_t pid, uint64_t exec) {
    processes[pid].exec = exec;
    if (processes[pid].pidfd == GONE) return;
    forget(pid); /* the same process, or one of its number that ended unnoticed */
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd >= 0 && (rlim_t)pidfd >= pidfd_limit) {
        close(pidfd);
        return;
    }
    if (pidfd < 0) { /* or there are more than the limit allows, which Node raises as far as it goes */
        if (errno == ESRCH) is_gone(pid);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)pid};
    processes[pid].pidfd = pidfd;
    if (epoll_ctl(watch, EPOLL_CTL_ADD, pidfd, &event) < 0) forget(pid);
}

/* Whether it is what an activator writes: any process of the session can write anything, and mislead the reader of its
 * trace, no more. */
static int is_sound(const struct trace_record *record) {
    return record->kind == TRACE_EXEC && record->pid > 0 && record->pid < PIDS && record->size <= TRACE_RECORD_MAX &&
           record->size == trace_record_size(record);
}

static void take_record(struct trace_record *record, const char *strings) {
    record->parent = (uint32_t)ancestor_find((pid_t)record->parent, is_watched);
    keep(record, sizeof *record);
    keep(strings, record->size - sizeof *record);
    struct process *parent = &processes[record->parent];
    if (parent->exec < record->time) parent->exec = record->time;
    watch_process((pid_t)record->pid, record->time);
}

/* What is no record is left out, byte by byte until one comes. */
static void take_intake(void) {
    size_t at = 0;
    struct trace_record record;
    while (taken - at >= sizeof record) {
        memcpy(&record, intake + at, sizeof record);
        if (!is_sound(&record)) {
            at++;
            continue;
        }
        if (record.size > taken - at) break; /* the rest comes with the next */
        take_record(&record, intake + at + sizeof record);
        at += record.size;
    }
    taken -= at;
    memmove(intake, intake + at, taken);
}

/* Until the FIFO is empty, but no more than it can hold: a session may write without end. Returns how many bytes there were. */
static size_t take_records(void) {
    size_t sum = 0;
    while (sum < FIFO_SIZE) {
        ssize_t size = read(fifo, intake + taken, sizeof intake - taken);
        if (size <= 0) break;
        sum += (size_t)size;
        taken += (size_t)size;
        take_intake();
    }
    return sum;
}

/* Who of those that are watched has ended. */
static void find_ends(void) {
    struct epoll_event events[ENDS];
    int count;
    do {
        count = epoll_wait(watch, events, ENDS, 0);
        for (int i = 0; i < count; i++) {
            pid_t pid = (pid_t)events[i].data.u64;
            if (!is_watched(pid)) continue; /* the FIFO, whose number is 0 */
            forget(pid);
            is_gone(pid);
        }
    } while (count == ENDS);
}

/* Returns how many there were. */
static size_t keep_ends(void) {
    size_t ends = 0;
    for (; gone != 0; ends++) {
        pid_t pid = gone;
        gone = processes[pid].next;
        keep_end(pid);
        forget(pid);
    }
    return ends;
}

void trace_want(void) {
    wanted = 1;
}

/* For writing too, so that it has no end. */
static void make_fifo(void) {
    if (mkfifo(PLACE_TRACE, 0666) < 0 || chmod(PLACE_TRACE, 0666) < 0) die("trace", PLACE_TRACE);
    int file = open(PLACE_TRACE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    fifo = PLACE_TRACE_FD;
    if (file < 0 || dup3(file, fifo, O_CLOEXEC) < 0) die("trace", PLACE_TRACE);
    close(file);
    if (fcntl(fifo, F_SETPIPE_SZ, FIFO_SIZE) < 0) { /* its user has many pipes: senders wait a little more often */
    }
}

void trace_begin(void) {
    if (!wanted) {
        close(TRACE_OUTPUT_FD);
        return;
    }
    processes =
        mmap(NULL, PIDS * sizeof *processes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (processes == MAP_FAILED) die("trace", "memory");
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("trace", "getrlimit");
    pidfd_limit = limit.rlim_cur > 2 * SPARE ? limit.rlim_cur - SPARE : limit.rlim_cur / 2;
    ancestor_begin();
    make_fifo();
    watch = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};
    if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, fifo, &event) < 0) die("trace", "epoll");
    keep_event(TRACE_START, 0, now());
}

int trace_watch(void) {
    return resting ? -1 : watch;
}

int trace_timeout(void) {
    return resting ? REST : used > 0 ? 1000 : -1;
}

/* A record is written before its process, and its parent, can end. So the records that are taken after an end was seen are all
 * that belong before it, and it is kept behind them: a program's parent is still known then. */
static size_t look(void) {
    find_ends();
    size_t size = take_records();
    size += keep_ends();
    looked = now();
    return size;
}

void trace_take(void) {
    if (!wanted) return;
    if (!resting) looked = now(); /* the first to come wakes PID 1 at once */
    resting = look() > 0;
    if (used > 0 && now() - flushed >= SECOND) flush();
}

/* What else ran is being ended, and goes on telling of execs until then. */
void trace_finish(void) {
    if (!wanted) return;
    uint64_t end = now();
    while (look() > 0 && now() - end < SECOND) {
    }
    keep_event(TRACE_FINISH, 0, now());
    flush();
}
