/* System calls without a C library: the activator is started for every foreign exec, and libc's own
 * start-up would cost more than all that it does (0.05 ms against 0.45 ms an exec). */
#ifndef XBUILD_SYS_H
#define XBUILD_SYS_H

#include <asm/stat.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

/* include/uapi/asm-generic/errno-base.h, errno.h */
#define E_NOENT 2
#define E_2BIG 7
#define E_NOEXEC 8
#define E_NOMEM 12
#define E_ACCES 13
#define E_BUSY 16
#define E_LOOP 40

#if defined(__x86_64__)

static inline long sys6(long n, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* The kernel enters with the stack pointer at argc; the x86-64 ABI wants it 16-byte aligned at a call. */
#define ENTRY                                                                                                                  \
    __asm__(".globl _start\n_start:\n"                                                                                         \
            "  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call activate\n  hlt\n")

/* Leaves for another program: no handler of its end (the ABI's first argument), no frame below. */
static inline void start(long *stack, unsigned long entry) __attribute__((noreturn));
static inline void start(long *stack, unsigned long entry) {
    __asm__ volatile("mov %0, %%rsp\n  xor %%edx, %%edx\n  xor %%ebp, %%ebp\n  jmp *%1"
                     :
                     : "r"(stack), "r"(entry)
                     : "rdx", "memory");
    __builtin_unreachable();
}

/* The function `departure`, from there to `departure_end`, which may lie anywhere: munmap(own, size), prctl(PR_SET_MM,
 * PR_SET_MM_MAP, shown, sizeof *shown, 0), then as start(). */
#define DEPARTURE                                                                                                              \
    __asm__(".pushsection .text\n"                                                                                             \
            "departure:\n"                                                                                                     \
            "  mov %rdx, %rbx\n  mov %rcx, %rbp\n  mov %r8, %r12\n"                                                            \
            "  mov $11, %eax\n  syscall\n"                                                                                     \
            "  mov $35, %edi\n  mov $14, %esi\n  mov %rbx, %rdx\n  mov $104, %r10d\n  xor %r8d, %r8d\n"                        \
            "  mov $157, %eax\n  syscall\n"                                                                                    \
            "  mov %rbp, %rsp\n  xor %edx, %edx\n  xor %ebp, %ebp\n  jmp *%r12\n"                                              \
            "departure_end:\n"                                                                                                 \
            ".popsection\n")

#elif defined(__aarch64__)

static inline long sys6(long n, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

#define ENTRY                                                                                                                  \
    __asm__(".globl _start\n_start:\n"                                                                                         \
            "  mov x29, #0\n  mov x0, sp\n  bl activate\n  brk #0\n")

static inline void start(long *stack, unsigned long entry) __attribute__((noreturn));
static inline void start(long *stack, unsigned long entry) {
    __asm__ volatile("mov sp, %0\n  mov x0, #0\n  mov x29, #0\n  mov x30, #0\n  br %1"
                     :
                     : "r"(stack), "r"(entry)
                     : "x0", "x29", "x30", "memory");
    __builtin_unreachable();
}

#define DEPARTURE                                                                                                              \
    __asm__(".pushsection .text\n"                                                                                             \
            "departure:\n"                                                                                                     \
            "  mov x19, x2\n  mov x20, x3\n  mov x21, x4\n"                                                                    \
            "  mov x8, #215\n  svc 0\n"                                                                                        \
            "  mov x0, #35\n  mov x1, #14\n  mov x2, x19\n  mov x3, #104\n  mov x4, #0\n"                                      \
            "  mov x8, #167\n  svc 0\n"                                                                                        \
            "  mov sp, x20\n  mov x0, #0\n  mov x29, #0\n  mov x30, #0\n  br x21\n"                                            \
            "departure_end:\n"                                                                                                 \
            ".popsection\n")

#else
#error "no system call convention for this host architecture"
#endif

struct prctl_mm_map;
typedef void departure_function(void *own, size_t size, const struct prctl_mm_map *shown, long *stack, unsigned long entry);
extern const char departure[] __attribute__((visibility("hidden"))), departure_end[] __attribute__((visibility("hidden")));

#define sys(n, a, b, c, d) sys6((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* The compiler may turn loops into calls of these even in freestanding code (GCC manual, -ffreestanding). */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

/* struct iovec, man 2 writev. */
struct io_vector {
    void *base;
    size_t size;
};

static inline size_t length(const char *text) {
    size_t n = 0;
    while (text[n] != '\0') n++;
    return n;
}

static inline int same_bytes(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < size; i++) {
        if (x[i] != y[i]) return 0;
    }
    return 1;
}

static inline int same(const char *a, const char *b) {
    while (*a != '\0' && *a == *b) a++, b++;
    return *a == *b;
}

static inline int starts(const char *text, const char *prefix) {
    while (*prefix != '\0') {
        if (*text++ != *prefix++) return 0;
    }
    return 1;
}

#endif
