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

/* The socket that execs are told to where the session is traced, and PID 1's descriptor of its file. */
#define PLACE_TRACE_FD 103
#define PLACE_INIT_TRACE "/proc/1/fd/103"
#define PLACE_TRACE "/dev/xbuild/trace"

/* A copy of the activator, by which it is called for entries of the system, and their table. */
#define PLACE_SYSTEM_ACTIVATOR "/var/lib/xbuild-env/activator"
#define PLACE_SYSTEM_TABLE "/var/lib/xbuild-env/table"

#endif
