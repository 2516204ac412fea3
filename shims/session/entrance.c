#define _GNU_SOURCE
#include "entrance.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "meeting.h"
#include "message.h"
#include "peer.h"
#include "report.h"

/* ms until it is tried again to let somebody in: poll would say at once that somebody waits still. */
#define PAUSE 100

static int listener = -1;
static struct meeting place;
static int is_shut;

void entrance_open(const char *path, int waiting) {
    place = meeting_find(path);
    struct sockaddr_un fresh = meeting_address(&place, "."), address = meeting_address(&place, "");
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    if (place.directory < 0 || listener < 0 || bind(listener, (struct sockaddr *)&fresh, sizeof fresh) < 0) die("meet", path);
    umask(before);
    if (listen(listener, waiting) < 0 || rename(fresh.sun_path, address.sun_path) < 0) die("meet", path);
}

void entrance_close(void) {
    if (listener < 0) return;
    if (unlinkat(place.directory, place.name, 0) < 0) { /* somebody has removed it: nobody can come */
    }
    close(listener);
    listener = -1;
    is_shut = 0;
}

int entrance_watch(void) {
    return is_shut ? -1 : listener;
}

int entrance_timeout(void) {
    return is_shut ? PAUSE : -1;
}

/* For who comes, and for what one of those that came sends at a time: the kernel would leave out what there is no number for.
 */
static int has_descriptors(void) {
    int fds[1 + MESSAGE_FDS], count = 0;
    while (count < 1 + MESSAGE_FDS && (fds[count] = fcntl(listener, F_DUPFD_CLOEXEC, 0)) >= 0) count++;
    message_close(fds, (size_t)count);
    return count == 1 + MESSAGE_FDS;
}

int entrance_let_in(int is_room) {
    if (listener < 0) return -1;
    is_shut = !is_room || !has_descriptors();
    int socket = is_shut ? -1 : accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0 || peer_is_own(socket)) return socket;
    close(socket);
    return -1;
}
