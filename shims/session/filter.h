/* Filters of system calls (man 2 seccomp), which a process hands down to all that it starts. */
#ifndef XBUILD_FILTER_H
#define XBUILD_FILTER_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "no audit architecture for this host"
#endif

/* The low half of a 64-bit argument; both hosts are little-endian. */
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, (skip))
#define IF(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), (skip), 0)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* The call is not made, and fails; with 0, it succeeds. */
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* Before Linux 5.16 a filter also switches speculation off, which slows everything down (SECCOMP_FILTER_FLAG_SPEC_ALLOW): that
 * protects a program from its own parts, and a session's programs are kept apart by processes. */
#define FILTER_INSTALL(program, name)                                                                                          \
    do {                                                                                                                       \
        struct sock_fprog filter = {.len = sizeof(program) / sizeof(program)[0], .filter = program};                           \
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) < 0) die("seccomp", name);  \
    } while (0)

#endif
