/* Limits that the emulator cannot live within. */
#ifndef XBUILD_LIMITS_H
#define XBUILD_LIMITS_H

/* From now on, limits on memory (`ulimit -v`, `-d`) are accepted and not set: the emulator does the same for the programs that
 * it runs, since it needs an address space of its own, and a limit that a host-native shell had set would end it. A limit that
 * is asked for in the same call is still told. */
void limits_ignore(void);

/* Called before, it lets that do nothing: where nothing is emulated. */
void limits_keep(void);

#endif
