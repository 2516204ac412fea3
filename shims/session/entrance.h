/* Where those who join a session come in, on the outer process's side: the socket at the meeting place. */
#ifndef XBUILD_ENTRANCE_H
#define XBUILD_ENTRANCE_H

/* Makes it; it appears when it can be come to. At most so many WAIT there. */
void entrance_open(const char *path, int waiting);
void entrance_close(void);
/* What to poll for reading, or -1. */
int entrance_watch(void);
/* Whether somebody could not be let in, and it is to be tried again: after how many ms, or -1. */
int entrance_timeout(void);
/* Who comes, of this user alone; or -1. Where there is no room, or no descriptor, who comes waits. */
int entrance_let_in(int is_room);

#endif
