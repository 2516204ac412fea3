/* What a program is run as. */
#ifndef XBUILD_BECOME_H
#define XBUILD_BECOME_H

#include "call.h"
#include "session.h"

/* Becomes the twin. Returns where it cannot, so that the program is emulated. */
void run_twin(const struct call *call, const struct session *session, const struct table_route *route);
/* Becomes the emulator; RULE is that of the program's route, or NULL. */
void run_emulated(const struct call *call, const struct session *session, const struct table_rule *rule)
    __attribute__((noreturn));

#endif
