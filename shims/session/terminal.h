/* A terminal of the session's own, relayed to the caller's: the guest never holds the caller's terminal, and cannot
 * type into it (TIOCSTI, man 2 ioctl_tty). */
#ifndef XBUILD_TERMINAL_H
#define XBUILD_TERMINAL_H

/* Makes a terminal in the session's /dev/pts; returns the session's side. */
int terminal_open(int *master);
/* Makes a terminal in the session's /dev/pts, and sends its master side through the socket. Returns the other side. */
int terminal_make(int socket);
/* Receives the master side, which is this process's alone, and non-blocking; -1 where the session ended before. */
int terminal_receive(int socket);
/* Makes a master side that was received otherwise non-blocking. */
void terminal_take(int master);

/* Gives the caller's terminal to the session, byte by byte, until terminal_restore; terminal_reset is for whoever finds it
 * left so. All need terminal_save before. */
void terminal_save(void);
void terminal_raw(void);
void terminal_restore(void);
void terminal_reset(void);
/* The session's terminal gets the size of the caller's. */
void terminal_resize(int master);

#endif
