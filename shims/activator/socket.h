/* Local sockets without a C library: man 7 unix. */
#ifndef XBUILD_SOCKET_H
#define XBUILD_SOCKET_H

#include <stdint.h>

#define SOCKET_UNIX 1   /* AF_UNIX, linux/socket.h */
#define SOCKET_STREAM 1 /* SOCK_STREAM, likewise */
#define SOCKET_PATH_MAX 108

struct socket_address {
    uint16_t family;
    char path[SOCKET_PATH_MAX];
};

#endif
