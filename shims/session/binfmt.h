/* The session's own binfmt_misc: https://docs.kernel.org/admin-guide/binfmt-misc.html */
#ifndef XBUILD_BINFMT_H
#define XBUILD_BINFMT_H

#include "plan.h"

/* Notes one entry of the plan, and opens its interpreter, which the session's own tree does not have. */
void binfmt_note(struct plan *plan);
/* Registers what was noted, in the user namespace that the guest will have: a guest that mounts binfmt_misc finds the
 * same instance. The file system is mounted nowhere, and lives as long as this process. */
void binfmt_register(void);

#endif
