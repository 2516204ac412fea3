#define _GNU_SOURCE
#include "audit.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "filter.h"

void audit_hide(void) {
    /* clang-format off */
    struct sock_filter program[] = {
        LOAD(arch),    UNLESS(OWN_ARCHITECTURE, 7),
        LOAD(nr),      UNLESS(SYS_socket, 5),
        LOAD(args[0]), UNLESS(AF_NETLINK, 3),
        LOAD(args[2]), UNLESS(NETLINK_AUDIT, 1),
        FAIL(EAFNOSUPPORT),
        ALLOW,
    };
    /* clang-format on */
    FILTER_INSTALL(program, "audit");
}
