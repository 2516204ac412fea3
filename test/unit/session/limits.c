/* Sets limits, after it has had them ignored where it is told to, or kept after all, and prints which are in force then; a
 * limit is also asked for and set in one call. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../shims/session/limits.h"

#define LIMIT (1l << 40)

static void print(const char *name, int resource) {
    struct rlimit old = {0, 0}, limit = {LIMIT, LIMIT};
    int set = setrlimit(resource, &limit);
    getrlimit(resource, &old);
    printf("%s %d %s, ", name, set, old.rlim_cur == LIMIT ? "set" : "ignored");
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[2], "keep") == 0) limits_keep();
    if (argc > 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) limits_ignore(); /* as any user: man 2 seccomp */
    print("as", RLIMIT_AS);
    print("data", RLIMIT_DATA);
    print("fsize", RLIMIT_FSIZE);
    struct rlimit old = {0, 0}, limit = {LIMIT / 2, LIMIT / 2};
    int set = prlimit(0, RLIMIT_AS, &limit, &old);
    printf("both %d %s\n", set, old.rlim_cur != 0 ? "told" : "lost");
    return 0;
}
