#define _GNU_SOURCE
#include "limits.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#include "filter.h"

/* The high half of a 64-bit argument. */
#define LOAD_HIGH(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field) + 4)

static int are_kept;

void limits_keep(void) {
    are_kept = 1;
}

/* man 2 getrlimit: prlimit(pid, resource, new, old), setrlimit(resource, new). */
void limits_ignore(void) {
    if (are_kept) return;
    /* clang-format off */
    struct sock_filter program[] = {
        LOAD(arch),
        UNLESS(OWN_ARCHITECTURE, 12),
        LOAD(nr),
        IF(SYS_setrlimit, 7),
        UNLESS(SYS_prlimit64, 9),
        LOAD(args[3]),
        UNLESS(0, 7),
        LOAD_HIGH(args[3]),
        UNLESS(0, 5),
        LOAD(args[1]),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        LOAD(args[0]),
        IF(RLIMIT_AS, 2),
        IF(RLIMIT_DATA, 1),
        ALLOW,
        FAIL(0),
    };
    /* clang-format on */
    FILTER_INSTALL(program, "limits");
}
