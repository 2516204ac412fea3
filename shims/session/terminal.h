/* A terminal of the session's own, relayed to the caller's: the guest never holds the caller's terminal, and cannot
 * type into it (TIOCSTI, man 2 ioctl_tty). */
#ifndef XBUILD_TERMINAL_H
#define XBUILD_TERMINAL_H

/* Makes a terminal in the session's /dev/pts, and sends its master side through the socket. Returns the other side. */
int terminal_make(int socket);
/* Receives the master side; -1 where the session ended before. */
int terminal_receive(int socket);

/* Gives the caller's terminal to the session, byte by byte, until terminal_restore; terminal_reset is for whoever finds it
 * left so. All need terminal_save before. */
void terminal_save(void);
void terminal_raw(void);
void terminal_restore(void);
void terminal_reset(void);
/* The session's terminal gets the size of the caller's. */
void terminal_resize(int master);
/* Moves what can be read from one descriptor to the other; 0 at the end of the input. */
int terminal_move(int from, int to);

#endif
