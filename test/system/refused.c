/* Makes each system call that a session refuses, without arguments, and prints the numbers of those that the kernel knows. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    const long calls[] = {SYS_add_key,
                          SYS_request_key,
                          SYS_keyctl,
                          SYS_bpf,
                          SYS_perf_event_open,
                          SYS_userfaultfd,
                          SYS_open_by_handle_at,
                          SYS_init_module,
                          SYS_finit_module,
                          SYS_delete_module,
                          SYS_kexec_load,
                          SYS_kexec_file_load,
                          438,
                          0x40000000 + SYS_getppid};
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        errno = 0;
        if (syscall(calls[i], -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS) printf("%ld\n", calls[i]);
    }
#ifdef __x86_64__
    int result; /* keyctl of the i386 ABI, whose numbers are others */
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(288), "b"(-1) : "memory");
    if (result != -ENOSYS) printf("i386 keyctl: %d\n", result);
#endif
    printf("done\n");
    return 0;
}
