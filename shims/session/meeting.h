/* The place at which those who join a session come to it: a socket with a path of the host's, of whatever length. */
#ifndef XBUILD_MEETING_H
#define XBUILD_MEETING_H

#include <sys/un.h>

struct meeting {
    int directory; /* -1 where there is none */
    char *name;    /* in it */
};

struct meeting meeting_find(const char *path);
/* The address of a name in it: what the kernel takes is short (man 7 unix). */
struct sockaddr_un meeting_address(const struct meeting *meeting, const char *prefix);
void meeting_leave(struct meeting *meeting);

#endif
