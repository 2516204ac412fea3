/* The session's own binfmt_misc. It is mounted nowhere: the instance of a user namespace exists as long as it does. */
#ifndef XBUILD_BINFMT_H
#define XBUILD_BINFMT_H

#include "plan.h"

/* Opens an entry's interpreter, while its path is the host's. */
void binfmt_note(struct plan *plan);
/* From now on the entries are those of the table of routes, as it is at any time; those noted count where it has none. */
void binfmt_follow(void);
/* Registers the entries; must be called in the user namespace that they are for. */
void binfmt_register(void);
/* A descriptor that is readable when the table was replaced, or -1. */
int binfmt_watch(void);
/* Registers what came, and takes out what went. */
void binfmt_update(void);

#endif
