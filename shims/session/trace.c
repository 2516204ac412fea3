#define _GNU_SOURCE
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../places.h"
#include "../trace.h"
#include "ancestor.h"
#include "report.h"

/* include/uapi/asm-generic/socket.h and linux/socket.h, since Linux 6.5; newer than the headers that this may be built
 * with. */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* man 5 proc, pid_max: no pid is as high. */
#define PIDS (1 << 22)
#define BUFFER_SIZE (1 << 16)
#define SECOND 1000000000u
/* How many ends are taken at once; and how many records, more than the inbox ever holds, before PID 1 looks at its
 * signals again. */
#define ENDS 64
#define RECORDS 256

static int wanted;
static int inbox = -1; /* the activators' socket */
static int watch = -1; /* the epoll instance of the inbox and of all processes that are watched */
/* By pid: its pidfd, or 0. Zero pages of the kernel's until they are written. */
static int *watched;
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

static void keep_event(uint8_t kind, pid_t pid) {
    struct trace_record record = {.size = sizeof record, .kind = kind, .pid = (uint32_t)pid, .time = now()};
    keep(&record, sizeof record);
}

static int is_watched(pid_t pid) {
    return pid > 0 && pid < PIDS && watched[pid] != 0;
}

static void forget(pid_t pid) {
    close(watched[pid]); /* which also takes it out of the epoll instance */
    watched[pid] = 0;
}

/* A process that makes several execs is watched once. */
static void watch_process(pid_t pid, int pidfd) {
    if (pid <= 0 || pid >= PIDS) return;
    if (watched[pid] != 0) forget(pid); /* the same process, or one of its number that ended unnoticed */
    if (pidfd < 0) pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) { /* it has ended already; or there are more than the limit allows, which Node raises as far as it goes */
        if (errno == ESRCH) keep_event(TRACE_END, pid);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)pid};
    watched[pid] = pidfd;
    if (epoll_ctl(watch, EPOLL_CTL_ADD, pidfd, &event) < 0) forget(pid);
}

struct sender {
    pid_t pid;
    uid_t uid;
    int pidfd; /* or -1 */
};

/* The kernel's word, not the sender's. Descriptors that a guest sends along are closed. */
static struct sender sender_of(struct msghdr *message) {
    struct sender sender = {0, 0, -1};
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
            sender.pid = credentials.pid;
            sender.uid = credentials.uid;
        } else if (part->cmsg_type == SCM_PIDFD) {
            memcpy(&sender.pidfd, CMSG_DATA(part), sizeof sender.pidfd);
        } else if (part->cmsg_type == SCM_RIGHTS) {
            for (size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
                int fd;
                memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
                close(fd);
            }
        }
    }
    return sender;
}

/* Whether it is what an activator sends: any process of the session can send anything. */
static int is_sound(const struct trace_record *record, ssize_t size) {
    return size >= (ssize_t)sizeof *record && size == record->size && record->kind == TRACE_EXEC &&
           (size_t)size == sizeof *record + record->program_size + record->twin_size + record->detail_size + record->arguments_size;
}

/* In a pid namespace of its own, a sender does not know its parent's number here. */
static uint32_t parent_of(const struct trace_record *record, const struct sender *sender) {
    if (record->pid != (uint32_t)sender->pid) return 0;
    return (uint32_t)ancestor_find((pid_t)record->parent, is_watched);
}

/* Returns the time of what was taken, or 0 where there is nothing more. */
static uint64_t take_record(void) {
    union {
        struct trace_record record;
        char bytes[TRACE_RECORD_MAX];
    } letter;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {&letter, sizeof letter};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t size = recvmsg(inbox, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) return 0;
    struct sender sender = sender_of(&message);
    if (!is_sound(&letter.record, size) || sender.pid <= 0) {
        if (sender.pidfd >= 0) close(sender.pidfd);
        return now();
    }
    letter.record.parent = parent_of(&letter.record, &sender);
    letter.record.pid = (uint32_t)sender.pid;
    letter.record.user = sender.uid;
    keep(&letter, (size_t)size);
    watch_process(sender.pid, sender.pidfd);
    return letter.record.time;
}

static void take_ends(void) {
    struct epoll_event events[ENDS];
    int count = epoll_wait(watch, events, ENDS, 0);
    for (int i = 0; i < count; i++) {
        pid_t pid = (pid_t)events[i].data.u64;
        if (!is_watched(pid)) continue; /* the inbox, whose number is 0 */
        keep_event(TRACE_END, pid);
        forget(pid);
    }
}

void trace_want(void) {
    wanted = 1;
}

static void make_inbox(void) {
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = PLACE_TRACE};
    int on = 1;
    inbox = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (inbox < 0 || setsockopt(inbox, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) die("trace", "socket");
    if (setsockopt(inbox, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on) < 0 && errno != ENOPROTOOPT) die("trace", "SO_PASSPIDFD");
    if (bind(inbox, (struct sockaddr *)&name, sizeof name) < 0 || chmod(PLACE_TRACE, 0666) < 0) die("trace", PLACE_TRACE);
    int file = open(PLACE_TRACE, O_PATH | O_CLOEXEC);
    if (file < 0 || dup3(file, PLACE_TRACE_FD, O_CLOEXEC) < 0) die("trace", PLACE_TRACE);
    close(file);
}

void trace_begin(void) {
    if (!wanted) {
        close(TRACE_OUTPUT_FD);
        return;
    }
    watched = mmap(NULL, PIDS * sizeof *watched, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (watched == MAP_FAILED) die("trace", "memory");
    ancestor_begin();
    make_inbox();
    watch = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};
    if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, inbox, &event) < 0) die("trace", "epoll");
    keep_event(TRACE_START, 0);
}

int trace_watch(void) {
    return watch;
}

int trace_timeout(void) {
    return used > 0 ? 1000 : -1;
}

/* Records before ends: of a process that made an exec and ended, the exec may still lie in the inbox. */
void trace_take(void) {
    if (!wanted) return;
    for (int i = 0; i < RECORDS && take_record() != 0; i++) {
    }
    take_ends();
    if (used > 0 && now() - flushed >= SECOND) flush();
}

/* What else runs is about to be ended, and goes on telling of execs until then. */
void trace_finish(void) {
    if (!wanted) return;
    uint64_t end = now(), time;
    while ((time = take_record()) != 0 && time <= end && now() - end < SECOND) {
    }
    take_ends();
    keep_event(TRACE_FINISH, 0);
    flush();
}
