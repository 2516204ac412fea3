#define _GNU_SOURCE
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../places.h"
#include "../trace.h"
#include "report.h"

/* How many answers a user may leave unread, and all users together. The kernel counts the descriptors in all of them, and
 * refuses more than RLIMIT_NOFILE (man 7 unix, ETOOMANYREFS): one user's would end the others' execs. */
#define UNREAD_MAX 64
#define WAITING_MAX 512
/* How many are answered before PID 1 looks after the rest. */
#define AT_ONCE 64
/* ms until the next try where PID 1 has no descriptor left. */
#define PAUSE 20

static int door = -1;
static int is_out_of_descriptors;
/* Answers that were not read when PID 1 last looked. */
static struct waiting {
    int socket;
    uid_t uid;
} waiting[WAITING_MAX];
static size_t waiting_count;

void door_open(void) {
    if (fcntl(PLACE_ROUTES_FD, F_GETFD) < 0) return;
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = PLACE_SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) die("socket", PLACE_SOCKET);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0) {
        close(fd); /* a session on the host's own tree has no place for it, and only root in it */
        return;
    }
    if (chmod(PLACE_SOCKET, 0666) < 0 || listen(fd, 128) < 0) die("listen", PLACE_SOCKET);
    door = fd;
}

int door_watch(void) {
    return is_out_of_descriptors ? -1 : door;
}

int door_timeout(void) {
    return is_out_of_descriptors ? PAUSE : -1;
}

static int is_unread(int socket) {
    int size;
    return ioctl(socket, SIOCOUTQ, &size) == 0 && size > 0;
}

static void forget_what_was_read(void) {
    size_t kept = 0;
    for (size_t i = 0; i < waiting_count; i++) {
        if (is_unread(waiting[i].socket)) {
            waiting[kept++] = waiting[i];
        } else {
            close(waiting[i].socket);
        }
    }
    waiting_count = kept;
}

static int may_have_one(uid_t uid) {
    size_t unread = 0;
    for (size_t i = 0; i < waiting_count; i++) unread += waiting[i].uid == uid;
    return unread < UNREAD_MAX && waiting_count < WAITING_MAX;
}

static int send_descriptors(int socket, const struct ucred *peer) {
    /* In an environment of the host's own architecture there are no twins, and nothing asks for one. */
    int fds[2] = {PLACE_ROUTES_FD, fcntl(PLACE_TWINS_FD, F_GETFD) < 0 ? PLACE_ROUTES_FD : PLACE_TWINS_FD};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fds)];
    } control = {.bytes = {0}};
    struct trace_asker asker = {(uint32_t)peer->pid, peer->uid};
    struct iovec part = {&asker, sizeof asker};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header.cmsg_len = CMSG_LEN(sizeof fds);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
    return sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

/* Whoever gets no answer is gone, or has too many: its exec fails by itself. */
static void answer(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) peer = (struct ucred){0, 0, 0};
    if (may_have_one(peer.uid) && send_descriptors(socket, &peer)) {
        waiting[waiting_count++] = (struct waiting){socket, peer.uid};
    } else {
        close(socket);
    }
}

void door_answer(void) {
    is_out_of_descriptors = 0;
    forget_what_was_read();
    for (int i = 0; i < AT_ONCE; i++) {
        int socket = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0) {
            /* poll would say at once that somebody waits still */
            is_out_of_descriptors = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            return;
        }
        answer(socket);
    }
}
