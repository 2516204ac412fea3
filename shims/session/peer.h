/* Who is at the other end of a socket that was come to by a path: a guest whose user has shown it the data directory can make
 * one there, and can come to one. */
#ifndef XBUILD_PEER_H
#define XBUILD_PEER_H

/* Whether it is of the same user, and of the same user namespace: what a session's programs are, they are not. */
int peer_is_own(int socket);

#endif
