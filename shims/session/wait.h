#ifndef XBUILD_WAIT_H
#define XBUILD_WAIT_H

#include <poll.h>
#include <stddef.h>

/* More than any of the session's programs waits for. */
#define WAITS_MAX 384

/* As poll(2), but entries without a descriptor do not count: it takes no more than a process may have descriptors, and fails
 * with EINVAL where `ulimit -n` allows fewer. Returns -1 where a signal came first; dies of anything else. */
int wait_for(struct pollfd *waiting, size_t count, int timeout);

#endif
