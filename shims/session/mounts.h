/* The operations of a plan that make what the session sees. */
#ifndef XBUILD_MOUNTS_H
#define XBUILD_MOUNTS_H

#include "plan.h"

/* Parts the mounts of this namespace from the host's. */
void mounts_begin(void);
/* Executes an operation with its arguments from the plan; ends the program where it fails or is unknown. */
void mounts_do(const char *operation, struct plan *plan);

/* Opens a path of the host, wherever its tree lies at the moment. */
int mounts_open_source(const char *path);

#endif
