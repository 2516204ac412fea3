/* The operations of a plan that make what the session sees. */
#ifndef XBUILD_MOUNTS_H
#define XBUILD_MOUNTS_H

#include "plan.h"

/* Parts the mounts of this namespace from those of the one that it was copied from. */
void mounts_make_private(void);
/* Begins a session in the host's own tree. */
void mounts_begin_on_host(void);
/* Begins one that gets a root of its own, in the root that shared_make has left; SOURCES as there. */
void mounts_begin(char **sources);
/* Executes an operation with its arguments from the plan; ends the program where it fails or is unknown. */
void mounts_do(const char *operation, struct plan *plan);

#endif
