/* What the kernel hands over, and what is said where nothing can be done with it. */
#ifndef XBUILD_CALL_H
#define XBUILD_CALL_H

#include <stddef.h>

#define PATH_SIZE 4096

struct call {
    char **argv; /* activator, path, argv0, argument... */
    long argc;
    char **envp;
    long program; /* AT_EXECFD, or -1 */
    long secure;  /* AT_SECURE */
};

/* Says so on standard error, and ends with status 126. */
void fail(const struct call *call, const char *why) __attribute__((noreturn));
/* 0 where TO, which has room for SIZE bytes, is too small for TEXT behind what it holds. */
int append(char *to, size_t size, const char *text);

#endif
