/* Finds a process's ancestor. */
#ifndef XBUILD_ANCESTOR_H
#define XBUILD_ANCESTOR_H

#include <dirent.h>
#include <sys/types.h>

/* Opens /proc, before there is a guest that could put something else there. */
void ancestor_begin(void);
/* The first of PID, its parent, that one's parent and so on that is wanted; 0 where none is, or one has ended. A shell
 * forks for ( ) and | without an exec. */
pid_t ancestor_find(pid_t pid, int (*is_wanted)(pid_t pid));
/* The processes that there are, by their directories in /proc; to be closed. */
DIR *ancestor_list(void);

#endif
