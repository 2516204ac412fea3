/* Which users of the host the session's users are: man 7 user_namespaces. */
#ifndef XBUILD_IDMAP_H
#define XBUILD_IDMAP_H

#include <sys/types.h>

#include "plan.h"

struct idmap {
    const char *way; /* "newuidmap": through the setuid helpers; "direct": written by root itself */
    char **uids;     /* triples: first inside, first outside, count */
    char **gids;
};

struct idmap idmap_read(struct plan *plan);
/* Called outside of the namespace that PID was made in. */
void idmap_apply(const struct idmap *map, pid_t pid);
/* Called in a namespace of that map, for one that was made in it: its ids are the same. */
void idmap_apply_below(const struct idmap *map, pid_t pid);

#endif
