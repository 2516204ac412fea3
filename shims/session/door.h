/* The socket at which activators ask PID 1 for the descriptors of the session: those of users who may not look into
 * /proc/1/fd, all but the session's root. */
#ifndef XBUILD_DOOR_H
#define XBUILD_DOOR_H

/* Makes it; where the plan has no routes, or no place for it, there is none. */
void door_open(void);
/* What to poll for reading, or -1. */
int door_watch(void);
/* How long at most until door_answer is called, in ms, or -1. */
int door_timeout(void);
/* Hands the descriptors to all who ask. */
void door_answer(void);

#endif
