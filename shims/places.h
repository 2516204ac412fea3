/* Where a session keeps what the activator needs. lib/core/places.ts has the same names; a test compares them. */
#ifndef XBUILD_PLACES_H
#define XBUILD_PLACES_H

/* Descriptors of PID 1: directories on detached mounts, so that no path of the session leads to them and none leads
 * out of them. */
#define PLACE_ROUTES_FD 100
#define PLACE_TWINS_FD 101
/* The activator itself: what a session registers while it runs. */
#define PLACE_ACTIVATOR_FD 102
#define PLACE_INIT_ROUTES "/proc/1/fd/100"
#define PLACE_INIT_TWINS "/proc/1/fd/101"
#define PLACE_OWN_FDS "/proc/self/fd/"

/* The table of routes, in the directory of routes. */
#define PLACE_TABLE "table"

/* In the session's /dev: PID 1's socket, beside the twins' dynamic loader and libraries. */
#define PLACE_SOCKET "/dev/xbuild/socket"

/* The FIFO that execs are told to where the session is traced, and PID 1's descriptor of it. */
#define PLACE_TRACE_FD 103
#define PLACE_INIT_TRACE "/proc/1/fd/103"
#define PLACE_TRACE "/dev/xbuild/trace"

/* What a host-native python begins with. */
#define PLACE_PYTHON_PRELUDE "/dev/xbuild/preludes/python.py"

/* How the room begins in which the activator of the system has its table, until that is written there, and its size in
 * bytes: that of 64 entries with all that each may have. */
#define PLACE_OWN_TABLE "xbuild-env's table of entries: none"
#define PLACE_OWN_TABLE_SIZE 131072

#endif
