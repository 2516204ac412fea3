/* Makes each system call that a session refuses, without arguments, and prints the numbers of those that the kernel knows. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
static sigjmp_buf before;

static void on_fault(int number) {
    (void)number;
    siglongjmp(before, 1);
}

/* The i386 ABI. A kernel that was started with ia32_emulation=0 has none, and ends with a signal what asks for it. */
static void call_i386(void) {
    const int others[] = {288, 425}; /* keyctl, whose number is another there; io_uring_setup */
    if (signal(SIGSEGV, on_fault) == SIG_ERR || sigsetjmp(before, 1) != 0) return;
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        int result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(others[i]), "b"(-1) : "memory");
        if (result != -ENOSYS) printf("i386 %d: %d\n", others[i], result);
    }
}
#endif

int main(void) {
    const long calls[] = {SYS_add_key,
                          SYS_request_key,
                          SYS_keyctl,
                          SYS_bpf,
                          SYS_perf_event_open,
                          SYS_userfaultfd,
                          SYS_io_uring_setup,
                          SYS_io_uring_enter,
                          SYS_io_uring_register,
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
    call_i386();
#endif
    printf("done\n");
    return 0;
}
