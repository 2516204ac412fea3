#define _GNU_SOURCE
#include "refused.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "filter.h"

/* Allowed calls cost nothing, however many there are: the kernel asks a filter once for each number, where its answer depends
 * on nothing else (kernel/seccomp.c, seccomp_cache_prepare; Linux 5.11). */
#define REFUSE(number) UNLESS(number, 1), FAIL(ENOSYS)

/* Numbers of the x32 ABI, an architecture within x86-64, begin here (arch/x86/include/uapi/asm/unistd.h). */
#define X32 0x40000000

#if defined(__x86_64__)
/* The same calls by int 0x80, and from programs of gcc -m32 (arch/x86/entry/syscalls/syscall_32.tbl). */
static void refuse_compatible(void) {
    /* clang-format off */
    struct sock_filter program[] = {
        LOAD(arch),
        IF(AUDIT_ARCH_I386, 1),
        ALLOW,
        LOAD(nr),
        REFUSE(128), /* init_module */
        REFUSE(129), /* delete_module */
        REFUSE(283), /* kexec_load */
        REFUSE(286), /* add_key */
        REFUSE(287), /* request_key */
        REFUSE(288), /* keyctl */
        REFUSE(336), /* perf_event_open */
        REFUSE(342), /* open_by_handle_at */
        REFUSE(350), /* finit_module */
        REFUSE(357), /* bpf */
        REFUSE(374), /* userfaultfd */
        REFUSE(425), /* io_uring_setup */
        REFUSE(426), /* io_uring_enter */
        REFUSE(427), /* io_uring_register */
        REFUSE(438), /* pidfd_getfd */
        ALLOW,
    };
    /* clang-format on */
    FILTER_INSTALL(program, "refused calls");
    struct sock_filter leases[] = {
        /* clang-format off */
        LOAD(arch), UNLESS(AUDIT_ARCH_I386, 6),
        LOAD(nr), IF(55, 1), UNLESS(221, 3), /* fcntl, fcntl64 */
        LOAD(args[1]), UNLESS(F_SETLEASE, 1),
        FAIL(EINVAL),
        ALLOW,
        /* clang-format on */
    };
    FILTER_INSTALL(leases, "leases");
}
#else
static void refuse_compatible(void) {}
#endif

/* Who has a lease of a file makes all wait who open it (man 2 fcntl, F_SETLEASE), and its owner may have one however it is
 * mounted: of the programs that all sessions execute, too. There are file systems without leases, which say this. */
static void refuse_leases(void) {
    struct sock_filter program[] = {
        /* clang-format off */
        LOAD(arch), UNLESS(OWN_ARCHITECTURE, 5),
        LOAD(nr), UNLESS(SYS_fcntl, 3),
        LOAD(args[1]), UNLESS(F_SETLEASE, 1),
        FAIL(EINVAL),
        ALLOW,
        /* clang-format on */
    };
    FILTER_INSTALL(program, "leases");
}

void calls_refuse(void) {
    /* clang-format off */
    struct sock_filter program[] = {
        LOAD(arch),
        IF(OWN_ARCHITECTURE, 1),
        ALLOW,
        LOAD(nr),
        REFUSE(SYS_add_key),
        REFUSE(SYS_request_key),
        REFUSE(SYS_keyctl),
        REFUSE(SYS_bpf),
        REFUSE(SYS_perf_event_open),
        REFUSE(SYS_userfaultfd),
        REFUSE(SYS_io_uring_setup),
        REFUSE(SYS_io_uring_enter),
        REFUSE(SYS_io_uring_register),
        REFUSE(SYS_pidfd_getfd),
        REFUSE(SYS_open_by_handle_at),
        REFUSE(SYS_init_module),
        REFUSE(SYS_finit_module),
        REFUSE(SYS_delete_module),
        REFUSE(SYS_kexec_load),
        REFUSE(SYS_kexec_file_load),
#if defined(__x86_64__)
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
        FAIL(ENOSYS),
#endif
        ALLOW,
    };
    /* clang-format on */
    FILTER_INSTALL(program, "refused calls");
    refuse_leases();
    refuse_compatible();
}
