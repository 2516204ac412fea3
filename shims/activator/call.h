/* What the kernel hands over, and what is said where nothing can be done with it. */
#ifndef XBUILD_CALL_H
#define XBUILD_CALL_H

#include <linux/auxvec.h>
#include <stddef.h>

#define PATH_SIZE 4096

/* man 3 getauxval; the last one's type is AT_NULL. */
struct auxiliary {
    unsigned long type, value;
};

struct call {
    char **argv; /* activator, path, argv0, argument... */
    long argc;
    char **envp;
    struct auxiliary *auxiliary;
    long program; /* AT_EXECFD, or -1 */
    int secure;   /* AT_SECURE: the program has other rights than its caller */
};

/* STACK is what the kernel starts a program with: argc, argv, envp and the auxiliary vector. */
struct call read_call(long *stack);
/* Gives the program another descriptor where it has got 0, since the caller had closed that: the emulator takes 0 for none
 * (QEMU, linux-user/main.c, AT_EXECFD), opens the program by its path, and leaves 0 to it as its standard input. */
void move_program(struct call *call);
/* A value of the auxiliary vector, or OTHERWISE where it has none. */
unsigned long auxiliary_value(const struct call *call, unsigned long type, unsigned long otherwise);
/* How many strings there are before NULL. */
size_t count(char **list);
/* 0 where TO, which has room for SIZE bytes, is too small for TEXT behind what it holds. */
int append(char *to, size_t size, const char *text);
/* Says so on standard error, and ends with status 126. */
void fail(const struct call *call, const char *why) __attribute__((noreturn));

#endif
