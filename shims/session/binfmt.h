/* The session's own binfmt_misc: https://docs.kernel.org/admin-guide/binfmt-misc.html */
#ifndef XBUILD_BINFMT_H
#define XBUILD_BINFMT_H

#include "plan.h"

/* Registers one entry of the plan. The file system is mounted nowhere, it lives as long as this process. A session
 * that changes it changes its own. */
void binfmt_register(struct plan *plan);

#endif
