#define _GNU_SOURCE
#include "sync.h"

#include <sys/syscall.h>

#include "filter.h"

void sync_drop(void) {
    /* clang-format off */
    struct sock_filter program[] = {
        LOAD(arch), UNLESS(OWN_ARCHITECTURE, 7),
        LOAD(nr), IF(SYS_fsync, 6), IF(SYS_fdatasync, 5), IF(SYS_msync, 4), IF(SYS_sync, 3), IF(SYS_syncfs, 2),
        IF(SYS_sync_file_range, 1),
        ALLOW,
        FAIL(0),
    };
    /* clang-format on */
    FILTER_INSTALL(program, "sync");
}
