#define _GNU_SOURCE
#include "meeting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"

struct meeting meeting_find(const char *path) {
    char *copy = strdup(path);
    char *slash = copy == NULL ? NULL : strrchr(copy, '/');
    if (slash == NULL) die("meet", path);
    *slash = '\0';
    struct meeting meeting = {.directory = open(copy, O_PATH | O_DIRECTORY | O_CLOEXEC), .name = strdup(slash + 1)};
    free(copy);
    if (meeting.name == NULL) die("memory", NULL);
    return meeting;
}

struct sockaddr_un meeting_address(const struct meeting *meeting, const char *prefix) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size =
        snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s%s", meeting->directory, prefix, meeting->name);
    if (size < 0 || (size_t)size >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die("meet", meeting->name);
    }
    return address;
}

void meeting_leave(struct meeting *meeting) {
    close(meeting->directory);
    free(meeting->name);
    *meeting = (struct meeting){.directory = -1};
}
